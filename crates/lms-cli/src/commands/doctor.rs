//! `lms doctor`: what works, what will not, and why.

use std::time::{Duration, Instant, SystemTime};

use futures::StreamExt;
use lms::http::{Client, HttpOptions};
use lms_core::{CourseQuery, Error, ErrorKind, LmsProvider, LmsProviderExt, Platform, Support};
use serde::Serialize;
use url::Url;

use crate::commands::{login, remotes};
use crate::config::{Config, Given, Origin, Remote, Way, keys};
use crate::exit::{DONE, FAILED, Failure};
use crate::terminal::{self, Paint};
use crate::{connect, output};

/// A clock that is further off than this makes tokens end early or begin late.
const SKEW: Duration = Duration::from_secs(60);

/// Answers that show that the site is there, whatever it thinks of a guest.
const ANY: [u16; 13] = [200, 204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 410];

/// The command's own arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Doctor {
    /// The remote.
    remote: String,
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warning,
    Failed,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    what: &'static str,
    state: State,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

#[derive(Debug, Serialize)]
struct Examination {
    remote: String,
    platform: &'static str,
    version: &'static str,
    checks: Vec<Check>,
    /// What will not work, and why.
    limits: Vec<Limit>,
}

#[derive(Debug, Serialize)]
struct Limit {
    ability: String,
    why: String,
}

impl Examination {
    fn add(&mut self, what: &'static str, state: State, says: impl Into<String>) -> &mut Check {
        self.checks.push(Check { what, state, says: says.into(), advice: None });
        let last = self.checks.len() - 1;
        &mut self.checks[last]
    }

    fn fail(&mut self, what: &'static str, error: &Error, advice: &str) {
        let mut says = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            says.push_str(&format!(": {cause}"));
            source = cause.source();
        }
        self.add(what, State::Failed, says).advice = Some(advice.to_owned());
    }
}

pub(crate) async fn run(args: Doctor) -> Result<u8, Failure> {
    let remote = Config::load()?.remote(&args.remote)?;
    let mut found = Examination {
        remote: remote.name.clone(),
        platform: remote.platform.name(),
        version: env!("CARGO_PKG_VERSION"),
        checks: Vec::new(),
        limits: Vec::new(),
    };
    configuration(&remote, &mut found);
    for (what, url) in addresses(&remote) {
        site(remote.platform, what, &url, &mut found).await;
    }
    match connect::provider(&remote) {
        Ok(provider) => {
            let signed_in = account(&remote, provider.as_ref(), &mut found).await?;
            if signed_in {
                rights(&remote, provider.as_ref(), &mut found).await;
            }
            limits(&remote, provider.as_ref(), &mut found);
        }
        Err(error) => {
            found.fail("settings", &error, "Put the configuration right; `lms config show` says what is set.")
        }
    }
    let failed = found.checks.iter().any(|check| check.state == State::Failed);
    if args.json {
        output::json(&found)?;
    } else {
        output::prose(&text(&found))?;
    }
    Ok(if failed { FAILED } else { DONE })
}

/// Whether the sites of a remote answer, for others to ask before they store it.
pub(crate) async fn reach(remote: &Remote) -> Result<(), Failure> {
    for (_, url) in addresses(remote) {
        ask(remote.platform, &url).await.map_err(|e| e.on(&url))?;
    }
    Ok(())
}

fn addresses(remote: &Remote) -> Vec<(&'static str, String)> {
    let known = [("url", "site"), ("lms_url", "LMS"), ("studio_url", "Studio")];
    let mut all: Vec<_> =
        known.into_iter().filter_map(|(key, what)| Some((what, remote.plain(key)?.to_owned()))).collect();
    if all.is_empty() && remote.platform == Platform::Stepik {
        all.push(("site", remotes::url(remote)));
    }
    all
}

/// `GET` of the site's front page, as a guest: what its `Date` says of its clock.
async fn ask(platform: Platform, url: &str) -> Result<Option<SystemTime>, Error> {
    let base: Url =
        url.parse().map_err(|e| Error::new(ErrorKind::Config, format!("this is no address: {e}")).on(url))?;
    let limits = lms::http::Limits { overall: Duration::from_secs(20), ..Default::default() };
    let options = HttpOptions { limits, retry: lms::http::RetryPolicy::never(), ..HttpOptions::default() };
    let client = Client::builder(platform, base).options(&options).build()?;
    let answer = client.get("/").operation("doctor.reach").expect(&ANY).send().await?;
    Ok(answer.header("date").and_then(|date| httpdate::parse_http_date(date).ok()))
}

fn configuration(remote: &Remote, found: &mut Examination) {
    let wrong: Vec<Error> = remote
        .settings
        .iter()
        .filter(|(key, _)| keys::of(remote.platform).contains(&key.as_str()))
        .filter_map(|(key, setting)| remote.value(key, setting).err())
        .collect();
    for error in &wrong {
        found.fail("settings", error, "Put it right in the configuration.");
    }
    if wrong.is_empty() {
        let secrets = remote.settings.keys().filter(|key| keys::is_secret(key)).count();
        found.add("settings", State::Ok, format!("{} read, {secrets} of them secret", remote.settings.len()));
    }
    let clear = remote.settings.iter().find_map(|(key, setting)| match (&setting.given, &setting.origin) {
        (Given::Text(_), Origin::File(path, _)) if keys::is_secret(key) && is_open(path) => Some((key, path)),
        _ => None,
    });
    if let Some((key, path)) = clear {
        let says = format!("{key} stands in clear in {}, which others may read", path.display());
        found.add("secrets", State::Warning, says).advice = Some(format!("chmod 600 {}", path.display()));
    }
}

#[cfg(unix)]
fn is_open(path: &std::path::Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &std::path::Path) -> bool {
    false
}

async fn site(platform: Platform, what: &'static str, url: &str, found: &mut Examination) {
    let began = Instant::now();
    match ask(platform, url).await {
        Ok(date) => {
            found.add(what, State::Ok, format!("{url} answers in {} ms", began.elapsed().as_millis()));
            clock(what, date, found);
        }
        Err(error) => {
            found.fail(what, &error, "See that the address is right, and that this machine reaches it.");
        }
    }
}

fn clock(what: &'static str, theirs: Option<SystemTime>, found: &mut Examination) {
    let Some(theirs) = theirs else { return };
    let now = SystemTime::now();
    let (off, word) = match now.duration_since(theirs) {
        Ok(ahead) => (ahead, "behind this machine's"),
        Err(e) => (e.duration(), "ahead of this machine's"),
    };
    if off > SKEW {
        let says = format!("the clock of {what} is {} s {word}", off.as_secs());
        found.add("clock", State::Warning, says).advice = Some(
            "Tokens may seem to have ended, or not to have begun: set the clock that is wrong.".to_owned(),
        );
    } else if !found.checks.iter().any(|check| check.what == "clock") {
        found.add("clock", State::Ok, "the clocks agree within a minute");
    }
}

async fn account(
    remote: &Remote,
    provider: &dyn LmsProvider,
    found: &mut Examination,
) -> Result<bool, Failure> {
    let way = remote.way()?;
    if way == Way::Guest {
        let advice = format!("`lms login {} --with WAY` signs in.", remote.name);
        found.add("account", State::Warning, "a guest: sees what everybody sees").advice = Some(advice);
        return Ok(false);
    }
    let Ok(accounts) = provider.require_accounts() else { return Ok(false) };
    match accounts.me().await {
        Ok(account) => {
            let says = format!("signed in as {}, by {way}", login::name(&account));
            found.add("account", State::Ok, says);
            Ok(true)
        }
        Err(error) => {
            let advice = format!("`lms login {}` signs in anew and asks for what is missing.", remote.name);
            found.fail("account", &error, &advice);
            Ok(false)
        }
    }
}

/// What the account may do, as far as a question that changes nothing tells.
async fn rights(remote: &Remote, provider: &dyn LmsProvider, found: &mut Examination) {
    let Ok(courses) = provider.require_courses() else { return };
    let first = match courses.list(CourseQuery::new().with_teaching()) {
        Ok(listing) => listing.items().next().await,
        Err(error) if error.kind() == ErrorKind::Unsupported => return,
        Err(error) => Some(Err(error)),
    };
    match first {
        Some(Ok(course)) => {
            found.add(
                "rights",
                State::Ok,
                format!("may edit courses, such as {} ({})", course.title, course.id),
            );
        }
        Some(Err(error)) => found.fail("rights", &error, "See what the account may do on the site itself."),
        None => {
            let says =
                "edits no course yet: courses can be read, and new ones made where the site lets the account";
            let advice =
                format!("To edit a course, have its staff add the account; `lms whoami {}`.", remote.name);
            found.add("rights", State::Warning, says).advice = Some(advice);
        }
    }
}

/// What will not work: what the platform has not, and what the configuration leaves out.
fn limits(remote: &Remote, provider: &dyn LmsProvider, found: &mut Examination) {
    let missing = |key: &str| !remote.settings.contains_key(key);
    let is_person = !missing("username") && remote.way().is_ok_and(|way| way == Way::Password);
    for (ability, support) in provider.abilities() {
        let why = match support {
            Support::No
                if remote.platform == Platform::OpenEdx && missing("studio_url") && is_studios(ability) =>
            {
                "`studio_url` is not set"
            }
            Support::No if remote.platform == Platform::OpenEdx && !is_person && is_studios(ability) => {
                "Studio wants a person: set `username` and `password`, and sign_in = \"password\""
            }
            Support::No => "the platform has no such thing, or not for this kind of account",
            _ => continue,
        };
        found.limits.push(Limit { ability: ability.to_owned(), why: why.to_owned() });
    }
}

fn is_studios(ability: &str) -> bool {
    ability.starts_with("authoring.")
        || matches!(ability, "courses.content" | "courses.keys" | "courses.assets")
}

fn text(found: &Examination) -> String {
    let screen = terminal::stdout();
    let mut text = format!("{} ({}), lms {}\n", found.remote, found.platform, found.version);
    for check in &found.checks {
        let (word, paint) = match check.state {
            State::Ok => ("ok", Paint::Good),
            State::Warning => ("look", Paint::Warn),
            State::Failed => ("FAILED", Paint::Bad),
        };
        let word = screen.paint(paint, &format!("{word:6}"));
        text.push_str(&format!("  {word}  {:9} {}\n", check.what, check.says));
        if let Some(advice) = &check.advice {
            text.push_str(&format!("                    {}\n", screen.paint(Paint::Dim, advice)));
        }
    }
    if !found.limits.is_empty() {
        text.push_str("will not work:\n");
        let rows: Vec<_> = found
            .limits
            .iter()
            .map(|limit| vec![format!("  {}", limit.ability), limit.why.clone()])
            .collect();
        text.push_str(&output::table(&rows));
    }
    text
}
