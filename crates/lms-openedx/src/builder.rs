//! How to connect.

use std::str::FromStr;
use std::sync::Arc;

use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::{Allow, Client, CookieJar, Cookies, RetryPolicy};
use url::Url;

use crate::auth;
use crate::dialect::OpenEdxDialect;
use crate::provider::OpenEdx;
use crate::session::Session;

/// The options by the names that configuration files and the environment use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OpenEdxKey {
    /// The address of the LMS. Needed.
    LmsUrl,
    /// The address of Studio. Needed for authoring and for reading whole courses.
    StudioUrl,
    /// The OAuth application.
    ClientId,
    /// Its secret.
    ClientSecret,
    /// The account; without it the application's owner signs in.
    Username,
    /// Its password.
    Password,
    /// A token that somebody else obtained.
    Token,
    /// The scheme of `token`: `JWT` (the default) or `Bearer`.
    TokenScheme,
    /// The organisation of courses whose id nobody chooses. `lms` by default.
    Org,
    /// `true` lets secrets travel over plain http to another machine.
    AllowPlainHttp,
}

impl OpenEdxKey {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::LmsUrl,
        Self::StudioUrl,
        Self::ClientId,
        Self::ClientSecret,
        Self::Username,
        Self::Password,
        Self::Token,
        Self::TokenScheme,
        Self::Org,
        Self::AllowPlainHttp,
    ];

    /// The name in configuration files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LmsUrl => "lms_url",
            Self::StudioUrl => "studio_url",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::Username => "username",
            Self::Password => "password",
            Self::Token => "token",
            Self::TokenScheme => "token_scheme",
            Self::Org => "org",
            Self::AllowPlainHttp => "allow_plain_http",
        }
    }
}

impl FromStr for OpenEdxKey {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|key| key.name() == name).ok_or_else(|| {
            let known = Self::ALL.iter().map(|key| key.name()).collect::<Vec<_>>().join(", ");
            Error::new(ErrorKind::Config, format!("unknown option for openedx; known are {known}")).on(name)
        })
    }
}

/// Collects what an [`OpenEdx`] needs.
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is made before `build`"]
pub struct OpenEdxBuilder {
    lms_url: Option<String>,
    studio_url: Option<String>,
    client_id: Option<String>,
    client_secret: Option<Secret>,
    username: Option<String>,
    password: Option<Secret>,
    token: Option<Secret>,
    token_scheme: Option<String>,
    org: Option<String>,
    allow_plain_http: Option<String>,
    retry: RetryPolicy,
}

impl OpenEdxBuilder {
    /// Nothing chosen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes options by name.
    ///
    /// # Errors
    /// `Config` for a name that is not an option.
    pub fn from_options(options: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        options
            .into_iter()
            .try_fold(Self::new(), |builder, (key, value)| Ok(builder.with_option(key.parse()?, value)))
    }

    /// Sets one option; it is checked in [`OpenEdxBuilder::build`].
    pub fn with_option(mut self, key: OpenEdxKey, value: impl Into<String>) -> Self {
        let value = value.into();
        match key {
            OpenEdxKey::LmsUrl => self.lms_url = Some(value),
            OpenEdxKey::StudioUrl => self.studio_url = Some(value),
            OpenEdxKey::ClientId => self.client_id = Some(value),
            OpenEdxKey::ClientSecret => self.client_secret = Some(value.into()),
            OpenEdxKey::Username => self.username = Some(value),
            OpenEdxKey::Password => self.password = Some(value.into()),
            OpenEdxKey::Token => self.token = Some(value.into()),
            OpenEdxKey::TokenScheme => self.token_scheme = Some(value),
            OpenEdxKey::Org => self.org = Some(value),
            OpenEdxKey::AllowPlainHttp => self.allow_plain_http = Some(value),
        }
        self
    }

    /// How often requests are repeated.
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Checks everything, names every fault at once, sends nothing.
    ///
    /// # Errors
    /// `Config`.
    pub fn build(self) -> Result<OpenEdx> {
        let Self {
            lms_url,
            studio_url,
            client_id,
            client_secret,
            username,
            password,
            token,
            token_scheme,
            org,
            allow_plain_http,
            retry,
        } = self;
        let mut faults = Vec::new();
        let lms_url = match lms_url {
            None => {
                faults.push("lms_url: missing".to_owned());
                None
            }
            Some(url) => read_url("lms_url", &url, &mut faults),
        };
        let studio_url = studio_url.and_then(|url| read_url("studio_url", &url, &mut faults));
        let plain_http = match allow_plain_http.as_deref() {
            None | Some("false") => Allow::No,
            Some("true") => Allow::Yes,
            Some(_) => {
                faults.push("allow_plain_http: neither true nor false".into());
                Allow::No
            }
        };
        let account = match (username, password) {
            (Some(username), Some(password)) => Some((username, password)),
            (None, None) => None,
            (None, _) => {
                faults.push("username: missing beside password".into());
                None
            }
            (_, None) => {
                faults.push("password: missing beside username".into());
                None
            }
        };
        let scheme = token_scheme.unwrap_or_else(|| "JWT".into());
        if !matches!(scheme.as_str(), "JWT" | "Bearer") {
            faults.push("token_scheme: neither JWT nor Bearer".into());
        }
        let org = org.unwrap_or_else(|| "lms".into());
        if org.is_empty()
            || !org.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '~'))
        {
            faults.push("org: only ASCII letters, digits and _ - . ~ may stand in a course key".into());
        }
        let sign_in = match (token, client_id) {
            (Some(token), _) => Some(auth::SignIn::Token { scheme, token }),
            (None, Some(client_id)) => {
                Some(auth::SignIn::OAuth { client_id, client_secret, account: account.clone() })
            }
            (None, None) => {
                faults.push("client_id: missing (or give token)".into());
                None
            }
        };
        let (Some(lms_url), Some(sign_in), true) = (lms_url, sign_in, faults.is_empty()) else {
            return Err(Error::new(ErrorKind::Config, faults.join("; ")).at(Platform::OpenEdx, "connect"));
        };
        let credential = auth::credential(&lms_url, sign_in, plain_http)?;
        let client = |url: &Url| {
            Client::builder(Platform::OpenEdx, url.clone())
                .credential(Arc::clone(&credential))
                .dialect(Arc::new(OpenEdxDialect))
                .retry(retry.clone())
                .allow_plain_http(plain_http)
                .build()
        };
        let lms = client(&lms_url)?;
        let studio = studio_url.as_ref().map(client).transpose()?;
        let jar = CookieJar::new();
        let web = |url: &Url| {
            Client::builder(Platform::OpenEdx, url.clone())
                .dialect(Arc::new(OpenEdxDialect))
                .keep_cookies(Cookies::Shared(jar.clone()))
                .redirects(lms_http::Redirects::Follow(10))
                .retry(retry.clone())
                .allow_plain_http(plain_http)
                .build()
        };
        let session = match account {
            Some((username, password)) => Some(Session::new(
                web(&lms_url)?,
                studio_url.as_ref().map(web).transpose()?,
                jar.clone(),
                username,
                password,
            )),
            None => None,
        };
        Ok(OpenEdx::connect(lms, studio, session, org))
    }
}

fn read_url(key: &str, text: &str, faults: &mut Vec<String>) -> Option<Url> {
    match Url::parse(text) {
        Ok(url) => Some(url),
        Err(e) => {
            faults.push(format!("{key}: {e}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_named_at_once_and_no_secret_is() {
        let error = OpenEdxBuilder::new()
            .with_option(OpenEdxKey::StudioUrl, "not a url")
            .with_option(OpenEdxKey::Password, "hunter2")
            .with_option(OpenEdxKey::TokenScheme, "Basic")
            .with_option(OpenEdxKey::Org, "a+b")
            .build()
            .expect_err("faults");
        let text = format!("{error} {error:?}");
        for part in [
            "lms_url: missing",
            "studio_url: ",
            "username: missing",
            "client_id: missing",
            "token_scheme: ",
            "org: ",
        ] {
            assert!(text.contains(part), "{text}");
        }
        let builder = OpenEdxBuilder::new().with_option(OpenEdxKey::ClientSecret, "hunter2");
        assert!(!format!("{builder:?}{text}").contains("hunter2"));
    }

    #[test]
    fn an_unknown_option_is_named() {
        let error = OpenEdxBuilder::from_options([("client_idd".into(), "x".into())]).expect_err("unknown");
        assert!(error.to_string().contains("client_id,"), "{error}");
    }
}
