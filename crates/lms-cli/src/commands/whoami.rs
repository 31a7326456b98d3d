//! `lms whoami`.

use std::time::SystemTime;

use lms_core::{Account, Error, Timestamp};
use serde::Serialize;

use crate::commands::config::show;
use crate::commands::login;
use crate::config::{Config, Remote, Tokens, Way};
use crate::exit::{DONE, Failure};
use crate::{connect, output, stores};

/// The command's own arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Whoami {
    /// The remote.
    remote: String,
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Answer {
    remote: String,
    platform: &'static str,
    location: String,
    account: Option<Account>,
    sign_in: &'static str,
    credentials: Vec<Credential>,
    token: Option<Token>,
}

/// A setting that signs in, and where it comes from.
#[derive(Debug, Serialize)]
struct Credential {
    name: String,
    from: String,
}

#[derive(Debug, Serialize)]
struct Token {
    kept_in: String,
    issued_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    /// Whether it can be renewed without anybody.
    renewable: bool,
}

pub(crate) async fn run(args: Whoami) -> Result<u8, Failure> {
    let remote = Config::load()?.remote(&args.remote)?;
    let way = remote.way()?;
    let provider = connect::provider(&remote)?;
    let account = match way {
        Way::Guest => None,
        _ => Some(login::who(provider.as_ref(), &remote.name).await?),
    };
    let answer = Answer {
        platform: remote.platform.name(),
        location: provider.info().location.clone(),
        account,
        sign_in: way.name(),
        credentials: credentials(&remote, way),
        token: token(&remote).await?,
        remote: remote.name,
    };
    if args.json {
        output::json(&answer)?;
    } else {
        output::prose(&text(&answer))?;
    }
    Ok(DONE)
}

fn credentials(remote: &Remote, way: Way) -> Vec<Credential> {
    let names = ["client_id", "client_secret", "username", "password", "token", "refresh_token"];
    let used = names.into_iter().filter(|key| !way.ignores().contains(key));
    used.filter_map(|key| {
        let setting = remote.settings.get(key)?;
        Some(Credential { name: key.to_owned(), from: show::source(setting) })
    })
    .collect()
}

async fn token(remote: &Remote) -> Result<Option<Token>, Error> {
    let Tokens::At(place) = remote.tokens()? else { return Ok(None) };
    let Some(kept) = stores::open(place).await?.load(&remote.name).await? else { return Ok(None) };
    Ok(Some(Token {
        kept_in: stores::describe(place),
        issued_at: instant(kept.issued_at),
        expires_at: kept.tokens.expires_at.and_then(instant),
        renewable: kept.tokens.refresh.is_some() || remote.way()? != Way::Browser,
    }))
}

/// To the second.
fn instant(time: SystemTime) -> Option<Timestamp> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Timestamp::from_unix_seconds(i64::try_from(since.as_secs()).ok()?)
}

fn text(answer: &Answer) -> String {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let account = answer.account.as_ref().map_or("nobody: a guest".to_owned(), login::name);
    let mut rows = vec![
        row("account", account),
        row("on", format!("{} ({})", answer.location, answer.platform)),
        row("signs in by", answer.sign_in.to_owned()),
    ];
    for Credential { name, from } in &answer.credentials {
        rows.push(row(name, format!("from {from}")));
    }
    if let Some(token) = &answer.token {
        let ends = match token.expires_at {
            Some(end) => format!("until {end}"),
            None => "with no known end".to_owned(),
        };
        let renewed = if token.renewable { "; renewed by itself" } else { "" };
        rows.push(row("kept token", format!("in {}, {ends}{renewed}", token.kept_in)));
    }
    output::table(&rows)
}
