//! From a configured remote to a provider.

use std::sync::{Arc, Mutex, PoisonError};

use lms::http::{HttpOptions, TokenPlace};
use lms::stepik::StepikBuilder;
use lms_core::{Error, ErrorKind, LmsProvider, Platform, Result};

use crate::config::{Config, Remote, Tokens, Way};
use crate::stores;

/// Remotes that this run has connected to: name and where it is.
static CONNECTED: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

/// The remote of this run and where it is, for errors to name; `None` where there are several or none.
pub(crate) fn the_one() -> Option<(String, String)> {
    match CONNECTED.lock().ok()?.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    }
}

/// Providers by the name of their remote: whoever asks again gets the same, so that pace and sign-in are shared.
static PROVIDERS: Mutex<Vec<(String, Arc<dyn LmsProvider>)>> = Mutex::new(Vec::new());

/// Connects to a remote by name. Sends nothing.
///
/// # Errors
/// `Config`, saying what of the configuration is wrong.
pub(crate) fn by_name(name: &str) -> Result<Arc<dyn LmsProvider>> {
    let mut providers = PROVIDERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, provider)) = providers.iter().find(|(known, _)| known == name) {
        return Ok(provider.clone());
    }
    let provider = provider(&Config::load()?.remote(name)?)?;
    providers.push((name.to_owned(), provider.clone()));
    Ok(provider)
}

/// Connects to a remote. Sends nothing.
///
/// # Errors
/// As [`by_name`].
pub(crate) fn provider(remote: &Remote) -> Result<Arc<dyn LmsProvider>> {
    let way = remote.way()?;
    let options = options(remote, way)?;
    let http = http(remote)?;
    let connected = match (remote.platform, way) {
        (Platform::Stepik, Way::Browser) => {
            let builder = StepikBuilder::from_options(options)?.with_http(http);
            builder.with_stored_sign_in().build().map(|stepik| Arc::new(stepik) as Arc<dyn LmsProvider>)
        }
        (Platform::Stepik, Way::Session) => session(options, http),
        (Platform::OpenEdx, Way::Browser) => {
            let builder = lms::openedx::OpenEdxBuilder::from_options(options)?.with_http(http);
            builder.with_stored_sign_in().build().map(|openedx| Arc::new(openedx) as Arc<dyn LmsProvider>)
        }
        (platform, _) => lms::connect_with(platform, options, http),
    };
    let provider = connected.map_err(|e| incomplete(remote, way, e))?;
    tracing::info!(remote = remote.name, location = provider.info().location, sign_in = %way, "connected");
    if let Ok(mut connected) = CONNECTED.lock() {
        let one = (remote.name.clone(), provider.info().location.clone());
        if !connected.contains(&one) {
            connected.push(one);
        }
    }
    Ok(provider)
}

/// The settings that count for this way to sign in.
pub(crate) fn options(remote: &Remote, way: Way) -> Result<Vec<(String, String)>> {
    let mut remote = remote.clone();
    remote.settings.retain(|key, _| !way.ignores().contains(&key.as_str()));
    Ok(remote.options()?.into_iter().collect())
}

/// How requests are sent, and where tokens are kept.
pub(crate) fn http(remote: &Remote) -> Result<HttpOptions> {
    let tokens = match remote.tokens()? {
        Tokens::Nowhere => None,
        Tokens::At(place) => {
            let store = stores::wait(stores::open(place))?;
            Some(TokenPlace { store, name: remote.name.clone() })
        }
    };
    Ok(HttpOptions { tokens, ..HttpOptions::default() })
}

fn session(options: Vec<(String, String)>, http: HttpOptions) -> Result<Arc<dyn LmsProvider>> {
    let (mut username, mut password) = (None, None);
    let mut rest = Vec::new();
    for (key, value) in options {
        match key.as_str() {
            "username" => username = Some(value),
            "password" => password = Some(value),
            _ => rest.push((key, value)),
        }
    }
    let (Some(username), Some(password)) = (username, password) else {
        return Err(Error::new(ErrorKind::Config, "a session needs `username` and `password`"));
    };
    let builder = StepikBuilder::from_options(rest)?.with_http(http).with_session(username, password);
    Ok(Arc::new(builder.build()?))
}

/// A platform says which of its settings are missing; this says where to put them.
fn incomplete(remote: &Remote, way: Way, error: Error) -> Error {
    if error.kind() != ErrorKind::Config {
        return error;
    }
    let missing: Vec<&str> = way
        .needs(remote.platform)
        .iter()
        .copied()
        .filter(|key| !remote.settings.contains_key(*key))
        .collect();
    let hint = match missing.as_slice() {
        [] => format!("`lms config show {}` says what is set and where", remote.name),
        missing => format!(
            "signing in by `{way}` needs {}; `lms login {}` asks for what is missing",
            missing.join(", "),
            remote.name
        ),
    };
    Error::new(ErrorKind::Config, format!("{}; {hint}", error.message()))
        .on(format!("remote {}", remote.name))
        .with_source(error)
}
