//! `lms config`.

mod add;
mod change;
pub(crate) mod show;

use lms_core::{Error, ErrorKind};

use crate::exit::{DONE, Failure};
use crate::{output, places};

/// The command's own arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Config {
    /// Without one: make a remote, and be asked for everything.
    #[command(subcommand)]
    command: Option<ConfigCommand>,
}

#[derive(Debug, clap::Subcommand)]
enum ConfigCommand {
    /// Make a remote: asks for what is not said, tries it on the server, and stores it.
    #[command(after_help = "Examples:\n  lms config add\n  lms config add work\n  \
                      lms config add work --platform stepik --with guest\n  \
                      lms config add uni --platform inginious --set url=https://inginious.example.org \\\n    \
                      --set username=ada --set password_command='pass show inginious'")]
    Add(add::Add),
    /// Change settings of a remote.
    #[command(after_help = "Examples:\n  lms config set work url=https://stepik.org sign_in=browser\n  \
                      lms config set work client_secret_env=STEPIK_SECRET")]
    Set(change::Set),
    /// Take settings of a remote out.
    #[command(after_help = "Examples:\n  lms config unset work client_secret")]
    Unset(change::Unset),
    /// Take a remote out, with the tokens and secrets that are kept for it.
    #[command(after_help = "Examples:\n  lms config remove work")]
    Remove(change::Remove),
    /// Show what is in effect and where each value comes from. Secrets are not shown.
    #[command(after_help = "Examples:\n  lms config show\n  lms config show work --json")]
    Show(show::Show),
    /// Print where the configuration is.
    #[command(after_help = "Examples:\n  cat \"$(lms config path)\"")]
    Path,
    /// Open the configuration in $VISUAL or $EDITOR, and check it.
    #[command(after_help = "Examples:\n  EDITOR=nano lms config edit")]
    Edit,
}

pub(crate) async fn run(args: Config) -> Result<u8, Failure> {
    let Some(command) = args.command else { return add::ask_all().await };
    match command {
        ConfigCommand::Add(add) => add::run(add).await,
        ConfigCommand::Set(set) => change::set(&set),
        ConfigCommand::Unset(unset) => change::unset(&unset),
        ConfigCommand::Remove(remove) => change::remove(remove).await,
        ConfigCommand::Show(show) => show::run(&show),
        ConfigCommand::Path => path(),
        ConfigCommand::Edit => change::edit(),
    }
}

fn path() -> Result<u8, Failure> {
    output::text(&format!("{}\n", file()?.display()))?;
    Ok(DONE)
}

fn file() -> Result<std::path::PathBuf, Error> {
    places::config_file().ok_or_else(|| {
        let message = "there is no folder for the configuration; say where it is to be in LMS_CONFIG";
        Error::new(ErrorKind::Config, message)
    })
}

/// `KEY=VALUE` as it stands on a command line, where no secret may stand: everybody on the machine can read it there.
pub(super) fn assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("say KEY=VALUE, such as url=https://stepik.org")?;
    if value.is_empty() {
        return Err(format!("`{key}` has no value; `lms config unset` takes a setting out"));
    }
    if crate::config::keys::is_secret(key) {
        return Err(format!(
            "a {key} on the command line can be seen by others: say where it is in {key}_command=…, {key}_file=… or \
             {key}_env=…, or leave it out and be asked"
        ));
    }
    Ok((key.to_owned(), value.to_owned()))
}
