//! `lms remotes`.

use serde::Serialize;

use crate::config::{Config, Remote, keys};
use crate::exit::{DONE, Failure};
use crate::output;

/// The command's own arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Remotes {
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    platform: &'static str,
    url: String,
    sign_in: &'static str,
}

pub(crate) fn run(args: &Remotes) -> Result<u8, Failure> {
    let config = Config::load()?;
    let mut rows = Vec::new();
    for name in config.names() {
        let remote = config.remote(&name)?;
        rows.push(Row {
            platform: remote.platform.name(),
            url: url(&remote),
            sign_in: remote.way()?.name(),
            name,
        });
    }
    if args.json {
        output::json(&rows)?;
    } else if rows.is_empty() {
        output::prose("No remote is configured. `lms config add NAME` makes one.\n")?;
    } else {
        let rows: Vec<_> = rows
            .into_iter()
            .map(|row| vec![row.name, row.platform.to_owned(), row.sign_in.to_owned(), row.url])
            .collect();
        output::prose(&output::headed(&["remote", "platform", "signs in by", "address"], rows))?;
    }
    Ok(DONE)
}

/// The address that a remote is told by.
pub(crate) fn url(remote: &Remote) -> String {
    let said = remote.plain("url").or_else(|| remote.plain("lms_url"));
    let usual = if remote.platform == lms_core::Platform::Stepik { "https://stepik.org" } else { "–" };
    keys::shown(said.unwrap_or(usual))
}
