//! `lms login`.

mod browser;
mod callback;

use std::path::PathBuf;
use std::time::Duration;

use lms_core::{Account, Error, ErrorKind, LmsProvider, LmsProviderExt, Secret};
use serde::Serialize;

use crate::config::edit::Editor;
use crate::config::{Config, Given, Origin, Place, Remote, Setting, Tokens, Way, keys};
use crate::exit::{DONE, Failure};
use crate::{ask, connect, output, stores};

/// The command's own arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Login {
    /// The remote.
    remote: String,
    /// How to sign in; it is remembered. Default: as `sign_in` of the remote says, or what is configured permits.
    #[arg(long = "with", value_name = "WAY", value_enum)]
    way: Option<Way>,
    /// Where tokens and secrets are kept. Default: the keyring, or a file where there is none.
    #[arg(long, value_name = "PLACE", value_enum)]
    keep: Option<Place>,
    /// Only print the address; do not open a browser.
    #[arg(long)]
    no_browser: bool,
    /// The port on which the browser's answer is awaited; 0 for a free one. Default: `redirect_port`, or a free one.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Seconds to wait for the browser.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
}

/// What came of it, for scripts.
#[derive(Debug, Serialize)]
struct SignedIn<'a> {
    remote: &'a str,
    account: &'a Account,
    sign_in: &'static str,
    /// Where the token is kept; absent where the way has none.
    token_kept_in: Option<String>,
    configuration: Option<String>,
    /// Settings that are new in it.
    set: Vec<&'a str>,
}

pub(crate) async fn run(args: Login) -> Result<u8, Failure> {
    let config = Config::load()?;
    let mut remote = config.remote(&args.remote)?;
    let way = match args.way {
        Some(way) if !Way::of(remote.platform).contains(&way) => {
            let ways: Vec<&str> = Way::of(remote.platform).iter().map(|way| way.name()).collect();
            let message =
                format!("{} has no sign-in by `{way}`; it has {}", remote.platform, ways.join(", "));
            return Err(Failure::Usage(message));
        }
        Some(way) => way,
        None => remote.way()?,
    };
    if way == Way::Guest {
        return Err(Failure::Usage(format!(
            "`{0}` is a guest: there is nothing to sign in with. Say how: `lms login {0} --with WAY`",
            remote.name
        )));
    }
    let place = place(&args, &remote).await?;
    let mut changes = Changes::new(&mut remote);
    if args.way.is_some() {
        changes.set(keys::SIGN_IN, way.name());
    }
    let is_oauth = matches!(way, Way::Browser | Way::Application | Way::Password);
    if is_oauth {
        changes.set(keys::TOKENS, place.name());
    }
    let new_secrets = complete(&mut changes, way, place).await?;
    let changes = changes.made;

    let account = if way == Way::Browser {
        let port = args.port.or_else(|| remote.plain(keys::REDIRECT_PORT)?.parse().ok()).unwrap_or(0);
        let wait =
            browser::Wait { open: !args.no_browser, port, patience: Duration::from_secs(args.timeout) };
        browser::sign_in(&remote, &wait).await?
    } else {
        who(connect::provider(&remote)?.as_ref(), &remote.name).await?
    };

    for (key, secret) in new_secrets {
        stores::keep(place, &remote.name, key, secret).await?;
    }
    let configuration = write(&config, &remote, &changes)?.map(|path| path.display().to_string());
    let signed_in = SignedIn {
        remote: &remote.name,
        account: &account,
        sign_in: way.name(),
        token_kept_in: is_oauth.then(|| stores::describe(place)),
        configuration,
        set: changes.iter().map(|(key, _)| key.as_str()).collect(),
    };
    if args.json { output::json(&signed_in) } else { output::prose(&signed_in.said()) }?;
    Ok(DONE)
}

impl SignedIn<'_> {
    fn said(&self) -> String {
        let mut said = format!("Signed in to {} as {}.\n", self.remote, name(self.account));
        if let Some(place) = &self.token_kept_in {
            said.push_str(&format!("The token is kept in {place}.\n"));
        }
        if let Some(path) = &self.configuration {
            said.push_str(&format!("Now set in {path}: {}.\n", self.set.join(", ")));
        }
        said
    }
}

/// Where this sign-in is kept: as was asked, as the remote says, in the keyring if there is one, or in the file.
async fn place(args: &Login, remote: &Remote) -> Result<Place, Failure> {
    if let Some(place) = args.keep {
        stores::open(place).await?;
        return Ok(place);
    }
    if let Tokens::At(place) = remote.tokens()?
        && remote.settings.contains_key(keys::TOKENS)
    {
        return Ok(place);
    }
    Ok(stores::usual().await)
}

/// Settings that are new, in memory and in the file.
struct Changes<'a> {
    remote: &'a mut Remote,
    /// As they are to be written.
    made: Vec<(String, String)>,
}

impl<'a> Changes<'a> {
    fn new(remote: &'a mut Remote) -> Self {
        Self { remote, made: Vec::new() }
    }

    /// Sets a setting, unless it is so already.
    fn set(&mut self, key: &str, text: &str) {
        if self.remote.plain(key) != Some(text) {
            self.made.push((key.to_owned(), text.to_owned()));
            self.remember(key, text);
        }
    }

    fn remember(&mut self, key: &str, text: &str) {
        let setting = Setting { given: Given::Text(text.to_owned()), origin: Origin::Asked };
        self.remote.settings.insert(key.to_owned(), setting);
    }
}

/// Asks for what the way needs and nobody has said. Secrets are given back: they are kept once they are known to work.
async fn complete(
    changes: &mut Changes<'_>,
    way: Way,
    place: Place,
) -> Result<Vec<(&'static str, Secret)>, Failure> {
    let mut secrets = Vec::new();
    let name = changes.remote.name.clone();
    for key in way.needs(changes.remote.platform) {
        let instead = format!("say it in `lms config set {name} {key}=…` or in {}", variable(&name, key));
        if !keys::is_secret(key) {
            if !changes.remote.settings.contains_key(*key) {
                let answer = ask::line(&format!("{key} of {name}"), None, &instead).await?;
                changes.set(key, &answer);
            }
            continue;
        }
        let setting = changes.remote.settings.get(*key);
        let gone = match setting.map(|setting| &setting.given) {
            None => true,
            Some(Given::Kept(kept)) => {
                stores::open(*kept).await?.load(&stores::name(&name, key)).await?.is_none()
            }
            Some(_) => false,
        };
        if gone {
            let instead = format!(
                "say where it is in `lms config set {name} {key}_command=…`, `{key}_file=…`, `{key}_env=…` or in {}",
                variable(&name, key)
            );
            let secret = ask::secret(&format!("{key} of {name}"), &instead).await?;
            changes.remember(key, secret.expose());
            changes.made.push((format!("{key}_store"), place.name().to_owned()));
            secrets.push((*key, secret));
        }
    }
    Ok(secrets)
}

fn variable(remote: &str, key: &str) -> String {
    format!("LMS_{}_{}", remote.to_uppercase().replace('-', "_"), key.to_uppercase())
}

/// Puts what is new into the file, and gives its path; `None` where nothing is.
fn write(config: &Config, remote: &Remote, changes: &[(String, String)]) -> Result<Option<PathBuf>, Failure> {
    if changes.is_empty() {
        return Ok(None);
    }
    let mut editor = Editor::open(config)?;
    if !config.is_written(&remote.name) {
        editor.set(&remote.name, keys::PLATFORM, remote.platform.name())?;
    }
    for (key, text) in changes {
        editor.set(&remote.name, key, text)?;
    }
    editor.save()?;
    Ok(Some(editor.path().to_owned()))
}

/// The account that is signed in.
pub(crate) async fn who(provider: &dyn LmsProvider, remote: &str) -> Result<Account, Failure> {
    let account = provider.require_accounts()?.me().await;
    account.map_err(|error| match error.kind() {
        ErrorKind::Unauthenticated => Failure::Advised(
            error,
            format!(
                "Sign in with `lms login {remote}`. If a setting is mistyped, `lms config show {remote}` says where it \
                 stands."
            ),
        ),
        _ => error.into(),
    })
}

/// What an account is called.
pub(crate) fn name(account: &Account) -> String {
    let mut text = account.username.clone().unwrap_or_else(|| account.id.to_string());
    let more: Vec<&str> = account.name.iter().chain(&account.email).map(String::as_str).collect();
    if account.username.is_some() && account.id.as_str() != text {
        text.push_str(&format!(" [{}]", account.id));
    }
    if !more.is_empty() {
        text.push_str(&format!(" ({})", more.join(", ")));
    }
    text
}

/// What a second sign-in is told while a first one waits.
pub(crate) fn pending(remote: &str) -> Failure {
    let error = Error::new(ErrorKind::Conflict, "another sign-in is waiting for the browser").on(remote);
    Failure::Advised(
        error,
        "Finish that one in the browser, or end it with Ctrl-C, and run this again.".into(),
    )
}
