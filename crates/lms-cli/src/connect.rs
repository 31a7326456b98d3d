//! From a configured remote to a provider.

use std::sync::{Arc, Mutex, PoisonError};

use lms::http::{HttpOptions, TokenPlace};
use lms::stepik::StepikBuilder;
use lms_core::{Error, ErrorKind, LmsProvider, Platform, Result};

use crate::config::{Config, Remote, Tokens, Way, keys};
use crate::stores;

/// A remote that this run has connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connected {
    platform: Platform,
    /// Its name.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) place: String,
}

static CONNECTED: Mutex<Vec<Connected>> = Mutex::new(Vec::new());

/// The remote of this run on this platform, for errors to name; `None` where there are several or none.
pub(crate) fn the_one(platform: Option<Platform>) -> Option<Connected> {
    only(&CONNECTED.lock().ok()?, platform).cloned()
}

fn only(connected: &[Connected], platform: Option<Platform>) -> Option<&Connected> {
    let mut fitting = connected.iter().filter(|one| platform.is_none_or(|platform| one.platform == platform));
    fitting.next().filter(|_| fitting.next().is_none())
}

/// Providers by the name of their remote: whoever asks again gets the same, so that pace and sign-in are shared.
static PROVIDERS: Mutex<Vec<(String, Arc<dyn LmsProvider>)>> = Mutex::new(Vec::new());

/// Lets go of all providers. What they keep in temporary folders, such as an exported course, goes with them; what
/// lives as long as the process does is never dropped.
pub(crate) fn close() {
    PROVIDERS.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

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
        let one = Connected {
            platform: remote.platform,
            name: remote.name.clone(),
            place: provider.info().location.clone(),
        };
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
        [] if error.message().contains("plain http")
            && keys::is_known(remote.platform, "allow_plain_http") =>
        {
            format!("`lms config set {} allow_plain_http=true` does", remote.name)
        }
        [] => format!("`lms config show {}` says what is set and where", remote.name),
        missing => format!(
            "signing in by `{way}` needs {}; `lms login {}` asks for what is missing",
            missing.join(", "),
            remote.name
        ),
    };
    let why = match error.message().strip_suffix(": missing") {
        Some(key) => format!("`{key}` is missing; `lms config set {} {key}=…` sets it", remote.name),
        None => format!("{}; {hint}", error.message()),
    };
    Error::new(ErrorKind::Config, why).on(format!("remote {}", remote.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_remote_of_its_platform() {
        let one = |platform, name: &str| Connected { platform, name: name.into(), place: String::new() };
        let both = [one(Platform::Stepik, "work"), one(Platform::Inginious, "uni")];
        let name = |connected: &[Connected], platform| only(connected, platform).map(|one| one.name.clone());
        assert_eq!(name(&both, Some(Platform::Inginious)).as_deref(), Some("uni"));
        assert_eq!(name(&both, Some(Platform::OpenEdx)), None);
        assert_eq!(name(&both, None), None);
        assert_eq!(name(&both[..1], None).as_deref(), Some("work"));
        let two = [one(Platform::Stepik, "work"), one(Platform::Stepik, "home")];
        assert_eq!(name(&two, Some(Platform::Stepik)), None);
    }
}
