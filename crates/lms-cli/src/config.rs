//! Remotes: `lms.toml`, and the environment, which wins.

use std::collections::BTreeMap;
use std::path::PathBuf;

use etcetera::BaseStrategy;
use lms_core::{Error, ErrorKind, Platform, Result};
use serde::Deserialize;

/// The file, strictly read.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Remotes by name.
    #[serde(default)]
    remotes: BTreeMap<String, BTreeMap<String, toml::Value>>,
}

/// A platform with an account.
pub(crate) struct Remote {
    /// Which platform.
    pub(crate) platform: Platform,
    /// Options by key, as the provider's builder takes them. They hold secrets: never printed.
    pub(crate) options: BTreeMap<String, String>,
}

/// The options of a remote. `stepik`, `openedx` and `inginious` exist without being configured.
///
/// # Errors
/// `Config` for a file that cannot be read or a remote that nobody configured.
pub(crate) fn remote(name: &str) -> Result<Remote> {
    let path = path();
    let file = read(path.as_deref())?;
    resolve(name, file, std::env::vars().collect())
}

/// `LMS_CONFIG`, else `lms/lms.toml` in the user's configuration folder.
fn path() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("LMS_CONFIG").filter(|p| !p.is_empty()) {
        return Some(path.into());
    }
    let folder = etcetera::choose_base_strategy().ok()?.config_dir().join("lms");
    Some(folder.join("lms.toml"))
}

fn read(path: Option<&std::path::Path>) -> Result<File> {
    let Some(path) = path else { return Ok(File::default()) };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(File::default()),
        Err(e) => {
            return Err(Error::new(ErrorKind::Config, "the configuration cannot be read")
                .on(path.display())
                .with_source(e));
        }
    };
    parse(&text).map_err(|e| e.on(path.display()))
}

fn parse(text: &str) -> Result<File> {
    toml::from_str(text).map_err(|e| {
        // The error quotes the line it is about, which may hold a secret: only where and why is said.
        let line = e.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
        Error::new(ErrorKind::Config, format!("line {line}: {}", e.message()))
    })
}

fn resolve(name: &str, mut file: File, environment: Vec<(String, String)>) -> Result<Remote> {
    let known: Vec<String> = file.remotes.keys().cloned().collect();
    let configured = file.remotes.remove(name);
    let mut platform =
        name.parse::<Platform>().ok().filter(|p| !matches!(p, Platform::Bundle | Platform::Other));
    let mut options = BTreeMap::new();
    for (key, value) in configured.iter().flatten() {
        let value = match value {
            toml::Value::String(text) => text.clone(),
            toml::Value::Integer(n) => n.to_string(),
            toml::Value::Boolean(b) => b.to_string(),
            _ => {
                return Err(Error::new(
                    ErrorKind::Config,
                    "the value must be a text, a number or true/false",
                )
                .on(format!("remotes.{name}.{key}")));
            }
        };
        options.insert(key.clone(), value);
    }
    let prefix = format!("LMS_{}_", name.to_ascii_uppercase().replace('-', "_"));
    for (variable, value) in environment {
        if let Some(key) = variable.strip_prefix(&prefix) {
            options.insert(key.to_ascii_lowercase(), value);
        }
    }
    if let Some(named) = options.remove("platform") {
        platform = Some(named.parse().map_err(|e: Error| e.on(format!("remotes.{name}.platform")))?);
    }
    let Some(platform) = platform else {
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(Error::new(
            ErrorKind::Config,
            format!("no remote has this name; configured are {known}. Add [remotes.{name}] to lms.toml"),
        )
        .on(name));
    };
    run_commands(name, &mut options)?;
    Ok(Remote { platform, options })
}

/// `KEY_command = "…"` gives the value of `KEY`: the first line that the command prints.
fn run_commands(name: &str, options: &mut BTreeMap<String, String>) -> Result<()> {
    let commands: Vec<String> = options.keys().filter(|key| key.ends_with("_command")).cloned().collect();
    for key in commands {
        let Some(command) = options.remove(&key) else { continue };
        let wrong = |message: &str| {
            Error::new(ErrorKind::Config, message.to_owned()).on(format!("remotes.{name}.{key}"))
        };
        let output = shell(&command)
            .stderr(std::process::Stdio::inherit())
            .output()
            .map_err(|e| wrong("the command cannot be run").with_source(e))?;
        if !output.status.success() {
            return Err(wrong("the command failed"));
        }
        let text = String::from_utf8(output.stdout).map_err(|_| wrong("the command printed no text"))?;
        let value = text.lines().next().unwrap_or_default().to_owned();
        options.insert(key.trim_end_matches("_command").to_owned(), value);
    }
    Ok(())
}

#[cfg(unix)]
fn shell(command: &str) -> std::process::Command {
    let mut shell = std::process::Command::new("sh");
    shell.arg("-c").arg(command);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> std::process::Command {
    let mut shell = std::process::Command::new("cmd");
    shell.arg("/C").arg(command);
    shell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_wins_and_commands_give_secrets() {
        let file = parse(
            "[remotes.work]\nplatform = \"stepik\"\nclient_id = \"a\"\nclient_secret_command = \"echo from-command\"\n",
        )
        .expect("a file");
        let remote =
            resolve("work", file, vec![("LMS_WORK_CLIENT_ID".into(), "b".into())]).expect("a remote");
        assert_eq!(remote.platform, Platform::Stepik);
        assert_eq!(remote.options["client_id"], "b");
        assert_eq!(remote.options["client_secret"], "from-command");
        assert!(!remote.options.contains_key("client_secret_command"));
    }

    #[test]
    fn faults_name_the_place_and_show_no_value() {
        let error =
            parse("[remotes.work]\nplatform = \"stepik\"\nclient_secret = hunter2\n").expect_err("no TOML");
        assert!(error.to_string().contains("line 3"), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        let error = parse("[remote.work]\n").expect_err("unknown table");
        assert!(error.to_string().contains("remote"), "{error}");
        let error = resolve("home", File::default(), vec![]).err().expect("unknown remote");
        assert_eq!(error.kind(), ErrorKind::Config);
    }
}
