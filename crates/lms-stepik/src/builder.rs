//! Making a [`Stepik`].

use std::sync::Arc;
use std::time::Duration;

use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::{
    Allow, Authorization, Authorize, Client, Cookies, Grant, Limits, OAuth, Observer, Pkce, RetryPolicy,
    TokenStore,
};
use url::Url;

use crate::auth::{self, SignIn};
use crate::dialect::StepikDialect;
use crate::files::LONGEST_ATTACHMENT;
use crate::placement::SharedLessons;
use crate::provider::{Settings, Stepik};

const SITE: &str = "https://stepik.org";

/// Options by name, for configuration files and the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepikKey {
    /// `url`: the site, `https://stepik.org` if not given.
    BaseUrl,
    /// `client_id`: the application's id, from `/oauth2/applications/`.
    ClientId,
    /// `client_secret`: the application's secret.
    ClientSecret,
    /// `username`: a person's e-mail address, for the password grant.
    Username,
    /// `password`: that person's password.
    Password,
    /// `token`: an access token that somebody else obtained.
    Token,
    /// `refresh_token`: of an earlier sign-in in the browser.
    RefreshToken,
    /// `ready_timeout`: seconds that steps may take to become ready; 120 if not given.
    ReadyTimeout,
    /// `longest_attachment`: bytes that a file may have; 25,000,000 if not given.
    LongestAttachment,
    /// `shared_lessons`: `refuse` (if not given) or `change`; see [`SharedLessons`].
    SharedLessons,
}

impl StepikKey {
    /// All options.
    pub const ALL: [Self; 10] = [
        Self::BaseUrl,
        Self::ClientId,
        Self::ClientSecret,
        Self::Username,
        Self::Password,
        Self::Token,
        Self::RefreshToken,
        Self::ReadyTimeout,
        Self::LongestAttachment,
        Self::SharedLessons,
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::BaseUrl => "url",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::Username => "username",
            Self::Password => "password",
            Self::Token => "token",
            Self::RefreshToken => "refresh_token",
            Self::ReadyTimeout => "ready_timeout",
            Self::LongestAttachment => "longest_attachment",
            Self::SharedLessons => "shared_lessons",
        }
    }
}

/// Collects what a [`Stepik`] needs. `Debug` shows no secret.
///
/// Without credentials, the provider sees what guests see. A client id and secret alone sign in as the
/// owner of the application; with name and password as that person.
#[derive(Debug, Clone)]
#[must_use = "nothing is made before `build`"]
pub struct StepikBuilder {
    base_url: String,
    client_id: Option<String>,
    client_secret: Option<Secret>,
    username: Option<String>,
    password: Option<Secret>,
    token: Option<Secret>,
    refresh_token: Option<Secret>,
    code: Option<(Secret, String)>,
    settings: Settings,
    store: Option<(Arc<dyn TokenStore>, String)>,
    observer: Option<Arc<dyn Observer>>,
    retry: RetryPolicy,
    limits: Limits,
    plain_http: Allow,
    faults: Vec<String>,
}

impl Default for StepikBuilder {
    fn default() -> Self {
        Self {
            base_url: SITE.to_owned(),
            client_id: None,
            client_secret: None,
            username: None,
            password: None,
            token: None,
            refresh_token: None,
            code: None,
            settings: Settings {
                ready_timeout: Duration::from_secs(120),
                longest_attachment: LONGEST_ATTACHMENT,
                shared_lessons: SharedLessons::default(),
            },
            store: None,
            observer: None,
            retry: RetryPolicy::default(),
            limits: Limits::default(),
            plain_http: Allow::No,
            faults: Vec::new(),
        }
    }
}

impl StepikBuilder {
    /// For stepik.org, as a guest.
    pub fn new() -> Self {
        Self::default()
    }

    /// With options by name; see [`StepikKey`].
    ///
    /// # Errors
    /// `Config`, naming every option that is not known or cannot be used.
    pub fn from_options(options: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let builder =
            options.into_iter().fold(Self::new(), |builder, (key, value)| builder.with_option(&key, value));
        if builder.faults.is_empty() { Ok(builder) } else { Err(config(&builder.faults)) }
    }

    /// Sets an option by name. A name that is not known is a fault that `build` names.
    pub fn with_option(mut self, key: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        let Some(option) = StepikKey::ALL.into_iter().find(|option| option.name() == key) else {
            let known: Vec<&str> = StepikKey::ALL.iter().map(|option| option.name()).collect();
            self.faults.push(format!("there is no option `{key}`; known are {}", known.join(", ")));
            return self;
        };
        match option {
            StepikKey::BaseUrl => self.base_url = value,
            StepikKey::ClientId => self.client_id = Some(value),
            StepikKey::ClientSecret => self.client_secret = Some(value.into()),
            StepikKey::Username => self.username = Some(value),
            StepikKey::Password => self.password = Some(value.into()),
            StepikKey::Token => self.token = Some(value.into()),
            StepikKey::RefreshToken => self.refresh_token = Some(value.into()),
            StepikKey::ReadyTimeout => match value.parse() {
                Ok(seconds) => self.settings.ready_timeout = Duration::from_secs(seconds),
                Err(_) => self.faults.push("`ready_timeout` is a whole number of seconds".to_owned()),
            },
            StepikKey::LongestAttachment => match value.parse() {
                Ok(bytes) => self.settings.longest_attachment = bytes,
                Err(_) => self.faults.push("`longest_attachment` is a whole number of bytes".to_owned()),
            },
            StepikKey::SharedLessons => match value.as_str() {
                "refuse" => self.settings.shared_lessons = SharedLessons::Refuse,
                "change" => self.settings.shared_lessons = SharedLessons::Change,
                _ => self.faults.push("`shared_lessons` is `refuse` or `change`".to_owned()),
            },
        }
        self
    }

    /// The site. Default: `https://stepik.org`.
    pub fn with_base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The application, from `/oauth2/applications/`.
    pub fn with_client(mut self, id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        self.client_id = Some(id.into());
        self.client_secret = Some(secret.into());
        self
    }

    /// A person; the name is their e-mail address. Needs a client id (reference stepik.md 1.3).
    pub fn with_password(mut self, username: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.username = Some(username.into());
        self.password = Some(password.into());
        self
    }

    /// A token that somebody else obtained.
    pub fn with_token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The refresh token of an earlier sign-in.
    pub fn with_refresh_token(mut self, token: impl Into<Secret>) -> Self {
        self.refresh_token = Some(token.into());
        self
    }

    /// A code that the browser brought back from [`Self::authorize`], with the same address.
    pub fn with_code(mut self, code: impl Into<Secret>, redirect_uri: impl Into<String>) -> Self {
        self.code = Some((code.into(), redirect_uri.into()));
        self
    }

    /// How long steps may take to become ready in [`lms_core::Authoring::finish`]. Default: 2 minutes.
    pub fn with_ready_timeout(mut self, patience: Duration) -> Self {
        self.settings.ready_timeout = patience;
        self
    }

    /// How long a file may be that is attached, in bytes; a longer one is refused before it is sent.
    /// Default: 25,000,000, which is said to be about the platform's own limit (reference stepik.md 3.15).
    pub fn with_longest_attachment(mut self, bytes: u64) -> Self {
        self.settings.longest_attachment = bytes;
        self
    }

    /// What to do when something is to be written to a lesson that also stands in another course.
    pub fn with_shared_lessons(mut self, what: SharedLessons) -> Self {
        self.settings.shared_lessons = what;
        self
    }

    /// Where tokens are kept between runs, and under which name.
    pub fn with_token_store(mut self, store: Arc<dyn TokenStore>, name: impl Into<String>) -> Self {
        self.store = Some((store, name.into()));
        self
    }

    /// Who is told of every request.
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// How often requests are repeated.
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Bounds on time and size.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Whether credentials may travel over plain http to another machine. Default: no.
    pub fn with_plain_http(mut self, allow: Allow) -> Self {
        self.plain_http = allow;
        self
    }

    /// The address at which a person allows the application to act for them, and what to keep until the
    /// browser comes back. Sends nothing. Without PKCE: nothing is known of it (reference stepik.md 1.2).
    ///
    /// # Errors
    /// `Config` where the client id is missing or an address cannot be used.
    pub fn authorize(&self, redirect_uri: impl Into<String>) -> Result<Authorization> {
        OAuth::authorize_url(&Authorize {
            url: auth::authorize_url(&self.url()?)?,
            client_id: self.client_id.clone().unwrap_or_default(),
            redirect_uri: redirect_uri.into(),
            scopes: Vec::new(),
            pkce: Pkce::Omit,
        })
    }

    /// Checks everything and makes the provider. Sends nothing.
    ///
    /// # Errors
    /// `Config`, naming every fault at once.
    pub fn build(self) -> Result<Stepik> {
        let mut faults = self.faults.clone();
        let base = self.url().map_err(|e| faults.push(e.message().to_owned())).ok();
        let sign_in = self.sign_in(&mut faults);
        let (Some(base), true) = (base, faults.is_empty()) else { return Err(config(&faults)) };
        let Self { store, observer, retry, limits, plain_http, settings, .. } = self;
        let mut client = Client::builder(Platform::Stepik, base.clone())
            .dialect(Arc::new(StepikDialect))
            .retry(retry.clone())
            .limits(limits.clone())
            .allow_plain_http(plain_http);
        if let Some(observer) = observer {
            client = client.observer(observer);
        }
        // Registration is done without credential, in a session of its own (reference stepik.md 1.5).
        let guest = client.clone().keep_cookies(Cookies::Keep).build()?;
        if let Some(credential) = auth::credential(&base, sign_in, store, plain_http, &retry, &limits)? {
            client = client.credential(credential);
        }
        Ok(Stepik::new(client.build()?, guest, base, settings))
    }

    fn url(&self) -> Result<Url> {
        let url = Url::parse(self.base_url.trim().trim_end_matches('/'));
        url.ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()).ok_or_else(|| {
            Error::new(ErrorKind::Config, "`url` is no http or https address").at(Platform::Stepik, "build")
        })
    }

    fn sign_in(&self, faults: &mut Vec<String>) -> SignIn {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (client_id, username) = (given(&self.client_id), given(&self.username));
        if let Some(token) = &self.token {
            if token.is_empty() {
                faults.push("`token` is empty".to_owned());
            }
            return SignIn::Token(token.clone());
        }
        if self.username.is_some() != self.password.is_some() {
            faults.push("`username` and `password` go together".to_owned());
        }
        let wants = [
            ("client_secret", self.client_secret.is_some()),
            ("username", username.is_some()),
            ("refresh_token", self.refresh_token.is_some()),
            ("code", self.code.is_some()),
        ];
        let Some(client_id) = client_id else {
            for (name, _) in wants.into_iter().filter(|(_, given)| *given) {
                faults.push(format!("`{name}` needs `client_id`"));
            }
            return SignIn::Guest;
        };
        let grant = match (&self.code, &self.refresh_token, username, &self.password) {
            (Some((code, redirect_uri)), ..) => Grant::AuthorizationCode {
                code: code.clone(),
                redirect_uri: redirect_uri.clone(),
                pkce_verifier: None,
            },
            (None, Some(token), ..) => Grant::RefreshToken { token: token.clone() },
            (None, None, Some(username), Some(password)) => {
                Grant::Password { username, password: password.clone() }
            }
            _ => {
                if self.client_secret.as_ref().is_none_or(Secret::is_empty) {
                    faults.push("`client_id` needs `client_secret`, or `username` and `password`".to_owned());
                }
                Grant::ClientCredentials
            }
        };
        SignIn::OAuth { client_id, client_secret: self.client_secret.clone(), grant }
    }
}

fn config(faults: &[String]) -> Error {
    Error::new(ErrorKind::Config, faults.join("; ")).at(Platform::Stepik, "build")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_named_at_once_and_no_secret_is_shown() {
        let options = [("url", "ftp://x"), ("password", "hunter2"), ("colour", "red")];
        let builder = options.iter().fold(StepikBuilder::new(), |b, (k, v)| b.with_option(k, *v));
        assert!(!format!("{builder:?}").contains("hunter2"));
        let message = builder.build().expect_err("faults").to_string();
        for fault in ["`url`", "go together", "`colour`"] {
            assert!(message.contains(fault), "{message}");
        }
        assert!(!message.contains("hunter2"));
        let given = options.map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(StepikBuilder::from_options(given).expect_err("colour").kind(), ErrorKind::Config);
    }

    #[test]
    fn each_way_to_sign_in_builds_and_sends_nothing() {
        let client = StepikBuilder::new().with_client("id", "secret");
        for builder in [
            StepikBuilder::new(),
            client.clone(),
            client.clone().with_password("a@b.test", "p"),
            client.clone().with_refresh_token("r"),
            client.with_code("c", "http://127.0.0.1:1/"),
            StepikBuilder::new().with_token("t"),
            StepikBuilder::new().with_option("client_id", "public").with_password("a@b.test", "p"),
        ] {
            let stepik = builder.build().expect("a provider");
            assert_eq!(lms_core::LmsProvider::requests(&stepik), lms_core::RequestCount::default());
        }
    }
}
