//! `lms config set`, `unset`, `remove`, `edit`.

use lms_core::{Error, ErrorKind};

use crate::commands::logout;
use crate::commands::people::counted;
use crate::config::edit::Editor;
use crate::config::file::unknown;
use crate::config::{self, Config, check, keys};
use crate::exit::{DONE, Failure};
use crate::output;

/// Arguments of `set`.
#[derive(Debug, clap::Args)]
pub(super) struct Set {
    /// The remote.
    remote: String,
    /// The settings.
    #[arg(required = true, value_name = "KEY=VALUE", value_parser = super::assignment)]
    settings: Vec<(String, String)>,
}

pub(super) fn set(args: &Set) -> Result<u8, Failure> {
    let config = Config::load()?;
    let (name, platform) = (&args.remote, config.platform_of(&args.remote)?);
    let mut editor = Editor::open(&config)?;
    if !config.is_written(name) {
        editor.set(name, keys::PLATFORM, platform.name())?;
    }
    for (key, value) in &args.settings {
        known(platform, key)?;
        check::written(platform, key, value)?;
        editor.set(name, key, value)?;
    }
    save(&editor)
}

/// Arguments of `unset`.
#[derive(Debug, clap::Args)]
pub(super) struct Unset {
    /// The remote.
    remote: String,
    /// The settings.
    #[arg(required = true, value_name = "KEY")]
    settings: Vec<String>,
}

pub(super) fn unset(args: &Unset) -> Result<u8, Failure> {
    let config = Config::load()?;
    let (name, platform) = (&args.remote, config.platform_of(&args.remote)?);
    let mut editor = Editor::open(&config)?;
    for key in &args.settings {
        known(platform, key)?;
        if !editor.unset(name, keys::split(key).0)? {
            let error = Error::new(ErrorKind::Config, format!("`{key}` of `{name}` is not in the file"));
            let advice = format!("`lms config show {name}` says where each value comes from.");
            return Err(Failure::Advised(error.on(editor.path().display()), advice));
        }
    }
    save(&editor)
}

fn known(platform: lms_core::Platform, key: &str) -> Result<(), Failure> {
    if keys::is_known(platform, key) { Ok(()) } else { Err(Failure::Usage(unknown(platform, key))) }
}

fn save(editor: &Editor) -> Result<u8, Failure> {
    editor.save()?;
    output::prose(&format!("{} is changed.\n", editor.path().display()))?;
    Ok(DONE)
}

/// Arguments of `remove`.
#[derive(Debug, clap::Args)]
pub(super) struct Remove {
    /// The remote.
    remote: String,
}

pub(super) async fn remove(args: Remove) -> Result<u8, Failure> {
    let config = Config::load()?;
    let remote = config.remote(&args.remote)?;
    if !config.is_written(&remote.name) {
        let message = format!("`{}` is not in the configuration; it comes from the environment", remote.name);
        return Err(Failure::Usage(message));
    }
    let gone = logout::forget(&remote).await?;
    let mut editor = Editor::open(&config)?;
    editor.remove(&remote.name);
    editor.save()?;
    let kept = if gone.is_empty() { String::new() } else { format!(", and {}", gone.join(", ")) };
    output::prose(&format!("[remotes.{}] is gone from {}{kept}.\n", remote.name, editor.path().display()))?;
    Ok(DONE)
}

/// `lms config edit`: what is wrong afterwards is told, and stays for the next time.
pub(super) fn edit() -> Result<u8, Failure> {
    let path = super::file()?;
    let Some(editor) =
        ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok().filter(|e| !e.is_empty()))
    else {
        return Err(Failure::Usage(format!(
            "no editor is named in $VISUAL or $EDITOR; the file is {}",
            path.display()
        )));
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| Error::io(folder.display(), e))?;
    }
    // An editor may come with arguments: `code --wait`.
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let ended = std::process::Command::new(program).args(words).arg(&path).status();
    match ended {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(Failure::Usage(format!("the editor `{editor}` failed: {status}"))),
        Err(e) => return Err(Failure::Usage(format!("the editor `{editor}` cannot be started: {e}"))),
    }
    let config = config::Config::load()?;
    let names = config.names();
    for name in &names {
        config.remote(name)?;
    }
    output::prose(&format!(
        "{}: {}, all well.\n",
        path.display(),
        counted(names.len() as u64, "remote", "remotes")
    ))?;
    Ok(DONE)
}
