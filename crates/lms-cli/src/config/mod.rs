//! Remotes: what `lms.toml` and the environment say of them. The environment wins.

pub(crate) mod check;
pub(crate) mod edit;
pub(crate) mod file;
pub(crate) mod keys;
mod secret;
mod way;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use lms_core::{Error, ErrorKind, Platform, Result};

pub(crate) use self::secret::{Place, run as printed_by};
pub(crate) use self::way::{Tokens, Way};
use crate::places;

/// What a remote may be called.
pub(crate) const NAMES: &str = "letters, digits, - and _, and neither olx, folder nor bundle";

/// All that is configured.
pub(crate) struct Config {
    /// The file, where the user has a place for it; it need not be there.
    pub(crate) path: Option<PathBuf>,
    file: file::File,
    /// Variables that begin with `LMS_`.
    environment: BTreeMap<String, String>,
}

/// A platform with an account, as it is configured: no secret has been fetched yet.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    /// Its name.
    pub(crate) name: String,
    /// Which platform.
    pub(crate) platform: Platform,
    /// Who said so; `None` where its name does.
    pub(crate) platform_from: Option<Origin>,
    /// Settings by name, without [`keys::PLATFORM`].
    pub(crate) settings: BTreeMap<String, Setting>,
}

/// A setting, and who said so.
#[derive(Clone)]
pub(crate) struct Setting {
    /// What is said.
    pub(crate) given: Given,
    /// Where it is said.
    pub(crate) origin: Origin,
}

/// What is said of a setting.
#[derive(Clone)]
pub(crate) enum Given {
    /// The value itself.
    Text(String),
    /// `KEY_command`: the first line that it prints.
    Command(String),
    /// `KEY_file`: the file's text, without the end of its last line.
    File(PathBuf),
    /// `KEY_env`: the variable's value.
    Variable(String),
    /// `KEY_store`: what `lms` was told and keeps there.
    Kept(Place),
}

/// Where a setting is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A line of a file.
    File(PathBuf, usize),
    /// A variable of the environment.
    Environment(String),
    /// The command line.
    Asked,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Environment(variable) => f.write_str(variable),
            Self::Asked => f.write_str("command line"),
        }
    }
}

// The value may be a secret.
impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setting").field("origin", &self.origin).finish_non_exhaustive()
    }
}

// Variables may hold secrets.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variables: Vec<&String> = self.environment.keys().collect();
        f.debug_struct("Config")
            .field("path", &self.path)
            .field("file", &self.file)
            .field("environment", &variables)
            .finish()
    }
}

impl Config {
    /// Reads file and environment.
    ///
    /// # Errors
    /// `Config`, with file and line.
    pub(crate) fn load() -> Result<Self> {
        let path = places::config_file();
        let file = path.as_deref().map(file::read).transpose()?.unwrap_or_default();
        tracing::debug!(path = %path.as_deref().unwrap_or(Path::new("none")).display(), remotes = file.remotes.len(), "configuration read");
        Ok(Self::new(
            path,
            file,
            std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))),
        ))
    }

    fn new(
        path: Option<PathBuf>,
        file: file::File,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let environment = environment.into_iter().filter(|(name, _)| name.starts_with("LMS_")).collect();
        Self { path, file, environment }
    }

    /// Whether the file has this remote.
    pub(crate) fn is_written(&self, name: &str) -> bool {
        self.file.remotes.contains_key(name)
    }

    /// Names of remotes: those of the file, and the platforms' own names where the environment says something of them.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.file.remotes.keys().cloned().collect();
        let own = ["stepik", "openedx", "inginious"].into_iter().map(str::to_owned);
        let said = |name: &String| {
            let prefix = prefix(name);
            !self.is_written(name) && self.environment.keys().any(|variable| variable.starts_with(&prefix))
        };
        names.extend(own.filter(said));
        names.sort();
        names
    }

    /// One remote. `stepik`, `openedx` and `inginious` exist without being configured.
    ///
    /// # Errors
    /// `Config` for a remote that nobody configured, or a variable that is not known.
    pub(crate) fn remote(&self, name: &str) -> Result<Remote> {
        let mut said: BTreeMap<String, (String, Origin)> = BTreeMap::new();
        let path = self.path.clone().unwrap_or_default();
        for (key, written) in self.file.remotes.get(name).into_iter().flatten() {
            let origin = Origin::File(path.clone(), written.line);
            said.insert(key.clone(), (written.text.clone(), origin));
        }
        for (key, variable, value) in self.variables(name) {
            let base = keys::split(&key).0.to_owned();
            said.retain(|other, _| keys::split(other).0 != base);
            said.insert(key, (value, Origin::Environment(variable)));
        }
        let (platform, platform_from) = match said.remove(keys::PLATFORM) {
            Some((text, origin)) => match platform(&text) {
                Some(platform) => (platform, Some(origin)),
                None => return Err(Error::new(ErrorKind::Config, no_platform(&text)).on(origin)),
            },
            None => (platform(name).ok_or_else(|| self.unknown(name))?, None),
        };
        let mut settings = BTreeMap::new();
        for (key, (text, origin)) in said {
            if !keys::is_known(platform, &key) {
                return Err(Error::new(ErrorKind::Config, file::unknown(platform, &key)).on(origin));
            }
            let (base, given) = given(&key, text).map_err(|e| e.on(&origin))?;
            settings.insert(base, Setting { given, origin });
        }
        // What is wrong is told before anything is sent.
        for (key, setting) in &settings {
            if let Given::Text(text) = &setting.given {
                check::read(platform, key, text).map_err(|e| e.on(&setting.origin))?;
            }
        }
        let remote = Remote { name: name.to_owned(), platform, platform_from, settings };
        remote.way()?;
        remote.tokens()?;
        Ok(remote)
    }

    /// Of which platform a remote is, whatever else is wrong with it: what is wrong can be put right.
    ///
    /// # Errors
    /// As [`Config::remote`], for a remote that nobody configured and a platform that there is not.
    pub(crate) fn platform_of(&self, name: &str) -> Result<Platform> {
        let variables = self.variables(name);
        let said = variables.iter().find(|(key, ..)| key == keys::PLATFORM).map(|(_, _, text)| text);
        let written = self.file.remotes.get(name).and_then(|settings| settings.get(keys::PLATFORM));
        match said.or(written.map(|written| &written.text)) {
            Some(text) => platform(text).ok_or_else(|| Error::new(ErrorKind::Config, no_platform(text))),
            None => platform(name).ok_or_else(|| self.unknown(name)),
        }
    }

    /// Settings of a remote in the environment: key, variable, value.
    fn variables(&self, name: &str) -> Vec<(String, String, String)> {
        let own = prefix(name);
        // `LMS_WORK_2_URL` is of the remote `work-2`, if there is one, and not of `work`.
        let longer: Vec<String> = self
            .file
            .remotes
            .keys()
            .map(|other| prefix(other))
            .filter(|other| other.len() > own.len() && other.starts_with(&own))
            .collect();
        let variables = self.environment.iter().filter(|(variable, value)| {
            variable.starts_with(&own)
                && !value.is_empty()
                && !longer.iter().any(|other| variable.starts_with(other))
        });
        let key = |variable: &str| variable.get(own.len()..).unwrap_or_default().to_ascii_lowercase();
        variables.map(|(variable, value)| (key(variable), variable.clone(), value.clone())).collect()
    }

    fn unknown(&self, name: &str) -> Error {
        let names = self.names();
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        if !is_name(name) {
            let message = format!("`{name}` is no name of a remote: {NAMES} (configured: {known})");
            return Error::new(ErrorKind::Config, message);
        }
        let own = ["stepik", "openedx", "inginious"];
        let meant = keys::nearest_of(name, names.iter().map(String::as_str).chain(own));
        let meant = meant.map_or(String::new(), |meant| format!("; did you mean `{meant}`?"));
        let message = format!(
            "there is no remote `{name}`{meant} (configured: {known}); `lms config add {name}` makes one, \
             [remotes.{name}] in lms.toml",
        );
        Error::new(ErrorKind::Config, message)
    }
}

fn prefix(name: &str) -> String {
    format!("LMS_{}_", name.to_ascii_uppercase().replace('-', "_"))
}

/// What is said of a setting, by what stands behind its name.
pub(crate) fn given(key: &str, text: String) -> Result<(String, Given)> {
    let (base, elsewhere) = keys::split(key);
    let given = match elsewhere {
        Some("_command") => Given::Command(text),
        Some("_file") => Given::File(places::home(Path::new(&text))),
        Some("_env") => Given::Variable(text),
        Some("_store") => Given::Kept(text.parse()?),
        _ => Given::Text(text),
    };
    Ok((base.to_owned(), given))
}

/// A platform by the name that people write.
pub(crate) fn platform(name: &str) -> Option<Platform> {
    name.parse::<Platform>().ok().filter(|platform| !matches!(platform, Platform::Bundle | Platform::Other))
}

/// What is said of a platform that is not known.
pub(crate) fn no_platform(text: &str) -> String {
    let known = ["stepik", "openedx", "inginious"];
    match keys::nearest_of(text, known) {
        Some(meant) => format!("there is no platform `{text}`; did you mean `{meant}`?"),
        None => format!("there is no platform `{text}`; there are stepik, openedx and inginious"),
    }
}

/// Whether a remote may be called so.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        && !matches!(text, "olx" | "folder" | "bundle")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str, environment: &[(&str, &str)]) -> Config {
        let path = Path::new("lms.toml");
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Config::new(Some(path.into()), file::parse(text, path).expect("a file"), environment)
    }

    #[test]
    fn the_environment_wins_and_commands_give_secrets() {
        let config = config(
            "[remotes.work]\nplatform = \"stepik\"\nclient_id = \"a\"\nclient_secret_command = \"echo from-command\"\n",
            &[("LMS_WORK_CLIENT_ID", "b")],
        );
        let remote = config.remote("work").expect("a remote");
        assert_eq!(remote.platform, Platform::Stepik);
        assert_eq!(remote.settings["client_id"].origin, Origin::Environment("LMS_WORK_CLIENT_ID".into()));
        assert_eq!(remote.settings["client_secret"].origin, Origin::File("lms.toml".into(), 4));
        let options = remote.options().expect("values");
        assert_eq!(options["client_id"], "b");
        assert_eq!(options["client_secret"], "from-command");
        assert_eq!(options.len(), 2, "only settings of the platform: {:?}", options.keys());
    }

    #[test]
    fn a_variable_replaces_what_says_where_the_value_is() {
        let config = config(
            "[remotes.stepik]\nclient_id = \"a\"\nclient_secret_command = \"false\"\n",
            &[("LMS_STEPIK_CLIENT_SECRET", "s")],
        );
        let options = config.remote("stepik").and_then(|r| r.options()).expect("no command is run");
        assert_eq!(options["client_secret"], "s");
    }

    #[test]
    fn remotes_are_told_apart_in_the_environment() {
        let config = config(
            "[remotes.work]\nplatform = \"stepik\"\n[remotes.work-2]\nplatform = \"stepik\"\n",
            &[("LMS_WORK_2_URL", "https://two.test"), ("LMS_WORK_URL", "https://one.test"), ("LMS_LOG", "x")],
        );
        let url = |name: &str| config.remote(name).and_then(|r| r.options()).expect(name)["url"].clone();
        assert_eq!((url("work").as_str(), url("work-2").as_str()), ("https://one.test", "https://two.test"));
    }

    #[test]
    fn what_is_wrong_says_what_was_meant() {
        let config = config("[remotes.work]\nplatform = \"stepik\"\n", &[("LMS_WORK_CLIENT_DI", "x")]);
        let error = config.remote("work").expect_err("a variable that is not known").to_string();
        assert!(error.contains("`client_id`") && error.contains("LMS_WORK_CLIENT_DI"), "{error}");
        let error = config.remote("wrok").expect_err("unknown remote");
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("did you mean `work`?"), "{error}");
        let error = config.remote("home").expect_err("unknown remote").to_string();
        assert!(error.contains("[remotes.home]") && error.contains("lms config add home"), "{error}");
    }

    #[test]
    fn how_to_sign_in_is_told_by_what_is_there_or_said() {
        let way = |settings: &str| {
            let config = config(&format!("[remotes.work]\n{settings}\n"), &[]);
            config.remote("work").and_then(|remote| Ok((remote.way()?, remote.tokens()?)))
        };
        let stepik = "platform = \"stepik\"";
        let id = "client_id = \"a\"";
        let person = "username = \"a\"\npassword = \"b\"";
        for (settings, wanted, tokens) in [
            (stepik.to_owned(), Way::Guest, Tokens::Nowhere),
            (format!("{stepik}\n{id}"), Way::Browser, Tokens::At(Place::File)),
            (format!("{stepik}\n{id}\nclient_secret_env = \"S\""), Way::Application, Tokens::Nowhere),
            (format!("{stepik}\n{id}\n{person}"), Way::Password, Tokens::Nowhere),
            (format!("{stepik}\n{person}\ntokens = \"keyring\""), Way::Session, Tokens::At(Place::Keyring)),
            (format!("{stepik}\n{person}\ntoken = \"t\""), Way::Token, Tokens::Nowhere),
            (
                format!("{stepik}\n{id}\n{person}\nsign_in = \"browser\""),
                Way::Browser,
                Tokens::At(Place::File),
            ),
            (format!("platform = \"inginious\"\n{person}"), Way::Session, Tokens::Nowhere),
        ] {
            assert_eq!(way(&settings).expect("a way"), (wanted, tokens), "{settings}");
        }
        for (settings, says) in
            [("sign_in = \"browsr\"", "did you mean `browser`?"), ("tokens = \"drawer\"", "not in `drawer`")]
        {
            let error = way(&format!("{stepik}\n{settings}")).expect_err(settings).to_string();
            assert!(error.contains(says) && error.contains("lms.toml:3"), "{error}");
        }
    }
}
