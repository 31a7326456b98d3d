//! `lms config show`.

use serde::Serialize;

use crate::config::{Config, Given, Remote, Setting, keys};
use crate::exit::{DONE, Failure};
use crate::terminal::{self, Paint};
use crate::{output, stores};

/// The command's own arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// Only this remote.
    remote: Option<String>,
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    remote: String,
    setting: String,
    /// `null` for a secret.
    value: Option<String>,
    from: String,
}

pub(crate) fn run(args: &Show) -> Result<u8, Failure> {
    let config = Config::load()?;
    let names = args.remote.clone().map_or_else(|| config.names(), |name| vec![name]);
    let mut rows = Vec::new();
    for name in names {
        rows.extend(of(&config.remote(&name)?)?);
    }
    if args.json {
        output::json(&rows)?;
        return Ok(DONE);
    }
    let file = config.path.as_deref().map_or("none".to_owned(), |path| path.display().to_string());
    let mut text = format!("configuration: {file}\n");
    if rows.is_empty() {
        text.push_str("No remote is configured. `lms config add NAME` makes one.\n");
    }
    // The whole name of the file is said above.
    let beside = |from: &str| match config.path.as_deref().and_then(|path| Some((path, path.file_name()?))) {
        Some((path, name)) => from.replace(&*path.to_string_lossy(), &name.to_string_lossy()),
        None => from.to_owned(),
    };
    let line = |row: &Row| {
        let value = row.value.clone().unwrap_or_else(|| "(hidden)".to_owned());
        vec![format!("  {}", row.setting), value, beside(&row.from)]
    };
    for rows in rows.chunk_by(|one, next| one.remote == next.remote) {
        let name = rows.first().map_or("", |row| row.remote.as_str());
        text.push_str(&format!("{}\n", terminal::stdout().paint(Paint::Strong, name)));
        text.push_str(&output::table(&rows.iter().map(line).collect::<Vec<_>>()));
    }
    output::prose(&text)?;
    Ok(DONE)
}

/// All settings of a remote; those that nobody said with what they are then.
fn of(remote: &Remote) -> Result<Vec<Row>, Failure> {
    let row = |setting: &str, value: Option<&str>, from: String| Row {
        remote: remote.name.clone(),
        setting: setting.to_owned(),
        value: value.map(str::to_owned),
        from,
    };
    let mut rows = vec![row(
        keys::PLATFORM,
        Some(remote.platform.name()),
        remote.platform_from.as_ref().map_or("the remote's name".to_owned(), ToString::to_string),
    )];
    if !remote.settings.contains_key(keys::SIGN_IN) {
        rows.push(row(keys::SIGN_IN, Some(remote.way()?.name()), "what is configured".into()));
    }
    if !remote.settings.contains_key("url") && remote.platform == lms_core::Platform::Stepik {
        rows.push(row("url", Some("https://stepik.org"), "default".into()));
    }
    rows.extend(remote.settings.iter().map(|(key, setting)| {
        let shown = match &setting.given {
            Given::Text(text) if !keys::is_secret(key) => Some(keys::shown(text)),
            _ => None,
        };
        row(key, shown.as_deref(), source(setting))
    }));
    Ok(rows)
}

/// Where a value comes from.
pub(crate) fn source(setting: &Setting) -> String {
    match &setting.given {
        Given::Text(_) => setting.origin.to_string(),
        // The command may hold a secret itself: only that there is one is said.
        Given::Command(_) => format!("a command ({})", setting.origin),
        Given::File(path) => format!("the file {} ({})", path.display(), setting.origin),
        Given::Variable(variable) => format!("the variable {variable} ({})", setting.origin),
        Given::Kept(place) => format!("{} ({})", stores::describe(*place), setting.origin),
    }
}
