//! `lms logout`.

use lms_core::Error;
use serde::Serialize;

use crate::config::{Config, Given, Place, Remote, Tokens};
use crate::exit::{DONE, Failure};
use crate::{output, stores};

/// The command's own arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Logout {
    /// The remote.
    remote: String,
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
}

/// What came of it, for scripts.
#[derive(Debug, Serialize)]
struct Forgotten<'a> {
    remote: &'a str,
    forgotten: &'a [String],
    /// Secrets that the configuration has elsewhere, and where.
    still_configured: &'a [String],
}

pub(crate) async fn run(args: Logout) -> Result<u8, Failure> {
    let remote = Config::load()?.remote(&args.remote)?;
    let gone = forget(&remote).await?;
    let mut text = match gone.as_slice() {
        [] => format!("Nothing was kept of {}.\n", remote.name),
        gone => format!("Forgotten of {}: {}.\n", remote.name, gone.join(", ")),
    };
    let elsewhere: Vec<String> = remote
        .settings
        .iter()
        .filter(|(key, setting)| {
            crate::config::keys::is_secret(key) && !matches!(setting.given, Given::Kept(_))
        })
        .map(|(key, setting)| format!("{key} ({})", setting.origin))
        .collect();
    if args.json {
        let (forgotten, still_configured) = (&gone, &elsewhere);
        output::json(&Forgotten { remote: &remote.name, forgotten, still_configured })?;
        return Ok(DONE);
    }
    if !elsewhere.is_empty() {
        text.push_str(&format!("Still configured: {}.\n", elsewhere.join(", ")));
    }
    output::prose(&text)?;
    Ok(DONE)
}

/// Removes tokens and secrets that are kept for a remote, and says which.
pub(crate) async fn forget(remote: &Remote) -> Result<Vec<String>, Error> {
    let mut gone = Vec::new();
    if let Tokens::At(place) = remote.tokens()? {
        let store = stores::open(place).await?;
        if store.load(&remote.name).await?.is_some() {
            store.forget(&remote.name).await?;
            gone.push(format!("the token in {}", stores::describe(place)));
        }
    }
    let kept: Vec<(&String, Place)> = remote
        .settings
        .iter()
        .filter_map(|(key, setting)| match setting.given {
            Given::Kept(place) => Some((key, place)),
            _ => None,
        })
        .collect();
    for (key, place) in kept {
        if stores::open(place).await?.load(&stores::name(&remote.name, key)).await?.is_some() {
            stores::forget(place, &remote.name, key).await?;
            gone.push(format!("{key} in {}", stores::describe(place)));
        }
    }
    Ok(gone)
}
