//! Values that are elsewhere: printed by a command, in a file, in a variable, in the keyring.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr;

use lms_core::{Error, ErrorKind, Result};

use super::{Given, Remote, Setting, keys};
use crate::stores;

/// Where `lms` itself keeps secrets and tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Place {
    /// The system's keyring.
    Keyring,
    /// A file that only the user may read.
    File,
}

impl Place {
    /// Its name in the configuration.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::File => "file",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Place {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "keyring" => Ok(Self::Keyring),
            "file" => Ok(Self::File),
            _ => {
                let message = format!("secrets are kept in `keyring` or in `file`, not in `{text}`");
                Err(Error::new(ErrorKind::Config, message))
            }
        }
    }
}

impl Remote {
    /// The settings of the platform with their values; commands are run and stores are opened for it.
    ///
    /// # Errors
    /// `Config`, naming the setting whose value cannot be had, never showing it.
    pub(crate) fn options(&self) -> Result<BTreeMap<String, String>> {
        let known = keys::of(self.platform);
        let own = self.settings.iter().filter(|(key, _)| known.contains(&key.as_str()));
        own.map(|(key, setting)| Ok((key.clone(), self.value(key, setting)?))).collect()
    }

    /// The value of one setting.
    ///
    /// # Errors
    /// As [`Remote::options`].
    pub(crate) fn value(&self, key: &str, setting: &Setting) -> Result<String> {
        let wrong = |message: String| {
            Error::new(ErrorKind::Config, format!("`{key}` of `{}`: {message}", self.name))
                .on(&setting.origin)
        };
        match &setting.given {
            Given::Text(text) => Ok(text.clone()),
            Given::Command(command) => run(command).map_err(wrong),
            Given::File(path) => read(path).map_err(wrong),
            Given::Variable(variable) => std::env::var(variable)
                .ok()
                .filter(|value| !value.is_empty())
                .ok_or_else(|| wrong(format!("the variable {variable} is not set"))),
            Given::Kept(place) => match stores::secret(*place, &self.name, key) {
                Ok(Some(secret)) => Ok(secret.expose().to_owned()),
                Ok(None) => Err(wrong(format!(
                    "nothing is kept in {}; `lms login {}` asks for it",
                    stores::describe(*place),
                    self.name
                ))),
                Err(e) => Err(wrong(e.message().to_owned()).with_source(e)),
            },
        }
    }
}

/// The first line that a command prints.
pub(crate) fn run(command: &str) -> Result<String, String> {
    let output = shell(command)
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("the command cannot be run: {e}"))?;
    if !output.status.success() {
        return Err(format!("the command failed ({})", output.status));
    }
    let text = String::from_utf8(output.stdout).map_err(|_| "the command printed no text".to_owned())?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err("the command printed nothing".to_owned()),
    }
}

fn read(path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(format!("{} is empty", path.display())),
        text => Ok(text.to_owned()),
    }
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.arg("/C").arg(command);
    shell
}
