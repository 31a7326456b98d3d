//! `lms config add`: the wizard.

use std::io::Write;

use lms_core::{ErrorKind, Platform, Secret};

use super::assignment;
use crate::commands::doctor;
use crate::commands::login;
use crate::config::edit::Editor;
use crate::config::file::unknown;
use crate::config::{self, Config, Given, Origin, Place, Remote, Setting, Way, check, keys};
use crate::exit::{DONE, Failure};
use crate::{ask, connect, output, stores};

/// Arguments of `add`.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Add {
    /// What the remote is to be called. Asked for if it is not said.
    name: Option<String>,
    /// The platform: stepik, openedx or inginious. Asked for if it is not said and is not the name.
    #[arg(long)]
    platform: Option<String>,
    /// How to sign in. Asked for if it is not said.
    #[arg(long = "with", value_name = "WAY", value_enum)]
    way: Option<Way>,
    /// A setting that need not be asked for; several times.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = assignment)]
    settings: Vec<(String, String)>,
    /// Where secrets are kept that were asked for. Default: the keyring, or a file where there is none.
    #[arg(long, value_name = "PLACE", value_enum)]
    keep: Option<Place>,
    /// Write secrets into the configuration, in clear.
    #[arg(long, conflicts_with = "keep")]
    plain: bool,
    /// Store it without trying it on the server.
    #[arg(long)]
    no_check: bool,
}

/// `lms config` alone: the wizard, with what there is already.
pub(super) async fn ask_all() -> Result<u8, Failure> {
    if !ask::is_person() {
        let message = "nobody is here to be asked; `lms config add NAME --platform PLATFORM --set KEY=VALUE` makes a \
                       remote, and `lms help config` lists what else there is";
        return Err(Failure::Usage(message.to_owned()));
    }
    let names = Config::load()?.names();
    if !names.is_empty() {
        let names = names.join(", ");
        output::note(&format!(
            "There are {names}; `lms config set NAME KEY=VALUE` changes one, `lms help config` lists what else there is."
        ));
    }
    output::note("A new remote, a platform with an account, by a name of your choice; Ctrl-C leaves.");
    run(Add::default()).await
}

/// The name, said or asked for.
async fn name(args: &Add, config: &Config) -> Result<String, Failure> {
    loop {
        let name = match &args.name {
            Some(name) => name.clone(),
            None => ask::line("name", None, "say it: `lms config add NAME`").await?,
        };
        let fault = if !config::is_name(&name) {
            format!("`{name}` is no name of a remote: {}", config::NAMES)
        } else if config.is_written(&name) {
            format!("`{name}` is there already; `lms config set {name} KEY=VALUE` changes it")
        } else {
            return Ok(name);
        };
        if args.name.is_some() || !ask::is_person() {
            return Err(Failure::Usage(fault));
        }
        output::note(&fault);
    }
}

pub(super) async fn run(args: Add) -> Result<u8, Failure> {
    let config = Config::load()?;
    let name = name(&args, &config).await?;
    let mut draft = Draft::new(&name, &args).await?;
    draft.ask_addresses().await?;
    let way = draft.ask_way(args.way).await?;
    draft.ask_account(way).await?;
    if !args.no_check {
        check(&draft.remote, way).await?;
    }
    let place = draft.keep(&args).await?;
    let mut editor = Editor::open(&config)?;
    editor.set(&name, keys::PLATFORM, draft.remote.platform.name())?;
    for (key, text) in &draft.written {
        editor.set(&name, key, text)?;
    }
    editor.save()?;
    let mut text = format!("[remotes.{name}] is in {}.\n", editor.path().display());
    match place {
        Kept::Nothing => {}
        Kept::At(place) => text.push_str(&format!("Secrets are kept in {}.\n", stores::describe(place))),
        Kept::Plain => text.push_str("Secrets stand in it in clear: keep the file to yourself.\n"),
    }
    text.push_str(&match way {
        Way::Browser => format!("Next: `lms login {name}`.\n"),
        _ => format!("Next: `lms courses {name}`.\n"),
    });
    output::prose(&text)?;
    Ok(DONE)
}

/// Where secrets went.
enum Kept {
    Nothing,
    At(Place),
    Plain,
}

/// A remote under way.
struct Draft {
    remote: Remote,
    /// Settings as they are to be written; secrets that were asked for are not among them.
    written: Vec<(String, String)>,
    secrets: Vec<(String, Secret)>,
}

impl Draft {
    async fn new(name: &str, args: &Add) -> Result<Self, Failure> {
        let platform = match (&args.platform, config::platform(name)) {
            (Some(text), _) => {
                config::platform(text).ok_or_else(|| Failure::Usage(config::no_platform(text)))?
            }
            (None, Some(platform)) => platform,
            (None, None) => {
                let among = [
                    ("stepik", "stepik.org, or a site of that kind"),
                    ("openedx", "Open edX: an LMS and its Studio"),
                    ("inginious", "INGInious"),
                ];
                let answer =
                    ask::choice("platform", &among, "say --platform stepik, openedx or inginious").await?;
                config::platform(&answer).ok_or_else(|| Failure::Usage(config::no_platform(&answer)))?
            }
        };
        let platform_from = Some(Origin::Asked);
        let remote = Remote { name: name.to_owned(), platform, platform_from, settings: Default::default() };
        let mut draft = Self { remote, written: Vec::new(), secrets: Vec::new() };
        for (key, text) in &args.settings {
            if !keys::is_known(platform, key) || key == keys::PLATFORM {
                return Err(Failure::Usage(unknown(platform, key)));
            }
            check::written(platform, key, text)?;
            let (base, given) = config::given(key, text.clone())?;
            draft.remote.settings.insert(base, Setting { given, origin: Origin::Asked });
            draft.written.push((key.clone(), text.clone()));
        }
        Ok(draft)
    }

    fn has(&self, key: &str) -> bool {
        self.remote.settings.contains_key(key)
    }

    fn set(&mut self, key: &str, text: &str) {
        let setting = Setting { given: Given::Text(text.to_owned()), origin: Origin::Asked };
        self.remote.settings.insert(key.to_owned(), setting);
        self.written.push((key.to_owned(), text.to_owned()));
    }

    /// Asks for a setting that was not said, a person until the answer can be used. An optional one may stay empty.
    async fn ask(&mut self, key: &str, question: &str, default: Option<&str>) -> Result<(), Failure> {
        if self.has(key) {
            return Ok(());
        }
        loop {
            let answer = ask::line(question, default, &format!("say it with --set {key}=…")).await?;
            if answer.is_empty() {
                return Ok(());
            }
            match check::written(self.remote.platform, key, &answer) {
                Ok(()) => {
                    self.set(key, &answer);
                    return Ok(());
                }
                Err(error) if ask::is_person() => output::note(error.message()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn ask_addresses(&mut self) -> Result<(), Failure> {
        match self.remote.platform {
            // Everybody means this one.
            Platform::Stepik if !ask::is_person() => Ok(()),
            Platform::Stepik => self.ask("url", "address of the site", Some("https://stepik.org")).await,
            Platform::OpenEdx => {
                self.ask("lms_url", "address of the LMS", None).await?;
                self.ask("studio_url", "address of Studio (empty: courses are not written)", Some("")).await
            }
            _ => self.ask("url", "address of the site", None).await,
        }
    }

    async fn ask_way(&mut self, said: Option<Way>) -> Result<Way, Failure> {
        let ways = Way::of(self.remote.platform);
        if self.has(keys::SIGN_IN) {
            return Ok(self.remote.way()?);
        }
        let way = match said {
            Some(way) => way,
            None if let [only] = self.told_ways(ways).as_slice() => *only,
            None => {
                let among: Vec<_> = ways.iter().map(|way| (way.name(), what(*way))).collect();
                let answer = ask::choice("sign in by", &among, "say --with WAY").await?;
                ways.iter().copied().find(|way| way.name() == answer).unwrap_or(Way::Guest)
            }
        };
        if !ways.contains(&way) {
            let known: Vec<&str> = ways.iter().map(|way| way.name()).collect();
            let message =
                format!("{} has no sign-in by `{way}`; it has {}", self.remote.platform, known.join(", "));
            return Err(Failure::Usage(message));
        }
        self.set(keys::SIGN_IN, way.name());
        Ok(way)
    }

    /// Ways that what was said is enough for, but for a secret, and that want all of it.
    fn told_ways(&self, ways: &[Way]) -> Vec<Way> {
        let said = ["client_id", "client_secret", "username", "password", "token"];
        let said: Vec<&str> = said.into_iter().filter(|key| self.has(key)).collect();
        let fits = |way: &Way| {
            let needs = way.needs(self.remote.platform);
            said.iter().all(|key| needs.contains(key))
                && needs.iter().all(|key| keys::is_secret(key) || self.has(key))
        };
        if said.is_empty() { Vec::new() } else { ways.iter().copied().filter(fits).collect() }
    }

    async fn ask_account(&mut self, way: Way) -> Result<(), Failure> {
        for key in way.needs(self.remote.platform) {
            if self.has(key) {
                continue;
            }
            if !keys::is_secret(key) {
                let question = match (*key, self.remote.platform) {
                    ("client_id", Platform::Stepik) => {
                        let site =
                            self.remote.plain("url").unwrap_or("https://stepik.org").trim_end_matches('/');
                        format!("client_id (of an application, from {site}/oauth2/applications/)")
                    }
                    ("client_id", _) => {
                        "client_id (of an application, from the site's administrators)".to_owned()
                    }
                    (key, _) => key.to_owned(),
                };
                self.ask(key, &question, None).await?;
                continue;
            }
            let instead = format!("say where it is with --set {key}_command=…, {key}_file=… or {key}_env=…");
            let secret = ask::secret(key, &instead).await?;
            let setting = Setting { given: Given::Text(secret.expose().to_owned()), origin: Origin::Asked };
            self.remote.settings.insert((*key).to_owned(), setting);
            self.secrets.push(((*key).to_owned(), secret));
        }
        Ok(())
    }

    /// Puts the secrets where they are to be, and says so in the settings.
    async fn keep(&mut self, args: &Add) -> Result<Kept, Failure> {
        if self.secrets.is_empty() {
            return Ok(Kept::Nothing);
        }
        if args.plain {
            self.written
                .extend(self.secrets.drain(..).map(|(key, secret)| (key, secret.expose().to_owned())));
            return Ok(Kept::Plain);
        }
        let place = match args.keep {
            Some(place) => place,
            None => stores::usual().await,
        };
        for (key, secret) in self.secrets.drain(..) {
            stores::keep(place, &self.remote.name, &key, secret).await?;
            self.written.push((format!("{key}_store"), place.name().to_owned()));
        }
        Ok(Kept::At(place))
    }
}

fn what(way: Way) -> &'static str {
    match way {
        Way::Browser => "you allow it in the browser; needs an application's client id",
        Way::Application => "client id and secret; acts as the application's owner",
        Way::Password => "name and password, and an application's client id",
        Way::Session => "name and password, as on the site's own page",
        Way::Token => "a token that you have",
        Way::Guest => "not at all: what everybody sees",
    }
}

/// Holds what was told against the server. What does not work is not stored, unless a person insists.
async fn check(remote: &Remote, way: Way) -> Result<(), Failure> {
    let Err(failure) = try_out(remote, way).await else { return Ok(()) };
    let failure = match failure {
        Failure::Failed(error) | Failure::Advised(error, _) if error.kind() != ErrorKind::Config => {
            let advice = if ask::is_person() {
                "Nothing is stored yet."
            } else {
                "Nothing was stored. Put it right, or say --no-check to store it untried."
            };
            Failure::Advised(error, advice.to_owned())
        }
        other => other,
    };
    if !ask::is_person() {
        return Err(failure);
    }
    failure.print();
    if ask::yes("Store it all the same?").await? {
        return Ok(());
    }
    Err(Failure::Usage(format!("`{}` was not stored; run the command again with other answers", remote.name)))
}

async fn try_out(remote: &Remote, way: Way) -> Result<(), Failure> {
    let provider = connect::provider(remote);
    doctor::reach(remote).await?;
    let mut err = std::io::stderr();
    let said = match way {
        // There is no token yet.
        Way::Browser => "the site answers".to_owned(),
        Way::Guest => {
            provider?;
            "the site answers".to_owned()
        }
        _ => format!("signed in as {}", login::name(&login::who(provider?.as_ref(), &remote.name).await?)),
    };
    let _ = writeln!(err, "tried: {said}");
    Ok(())
}
