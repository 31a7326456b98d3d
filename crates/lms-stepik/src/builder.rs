//! Making a [`Stepik`].

use std::time::Duration;

use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::{Authorization, Authorize, Grant, HttpOptions, OAuth, Pkce};
use url::Url;

use crate::auth::{self, Account};
use crate::files::LONGEST_ATTACHMENT;
use crate::options::StepikKey;
use crate::placement::SharedLessons;
use crate::provider::{Settings, Stepik};

const SITE: &str = "https://stepik.org";

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
    http: HttpOptions,
    session: Option<(String, Secret)>,
    stored: bool,
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
            http: HttpOptions::default(),
            session: None,
            stored: false,
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

    /// The sign-in of an earlier run in the browser, whose tokens are where [`HttpOptions::tokens`] says.
    pub fn with_stored_sign_in(mut self) -> Self {
        self.stored = true;
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

    /// How requests are sent: retries, limits, pace, observer, clock. Default: [`HttpOptions::default`], at
    /// most ten requests at once.
    pub fn with_http(mut self, http: HttpOptions) -> Self {
        self.http = http;
        self
    }

    /// A person, signed in as the site's own pages do it, with cookies instead of a token; the name is
    /// their e-mail address. No application is needed. The way is known from third parties only
    /// (reference stepik.md 1.5): prefer an application where there is one.
    pub fn with_session(mut self, username: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.session = Some((username.into(), password.into()));
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
        let account = self.account(&mut faults);
        let (Some(base), true) = (base, faults.is_empty()) else { return Err(config(&faults)) };
        let Self { http, settings, .. } = self;
        Ok(Stepik::new(auth::connect(&base, account, http)?, base, settings))
    }

    fn url(&self) -> Result<Url> {
        let url = Url::parse(self.base_url.trim().trim_end_matches('/'));
        url.ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()).ok_or_else(|| {
            Error::new(ErrorKind::Config, "`url` is no http or https address").at(Platform::Stepik, "build")
        })
    }

    fn account(&self, faults: &mut Vec<String>) -> Account {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (client_id, username) = (given(&self.client_id), given(&self.username));
        if let Some((username, password)) = &self.session {
            let others = [
                ("token", self.token.is_some()),
                ("client_id", self.client_id.is_some()),
                ("username", self.username.is_some()),
            ];
            for (name, _) in others.into_iter().filter(|(_, given)| *given) {
                faults.push(format!("`{name}` and a session exclude each other"));
            }
            return Account::Session { username: username.clone(), password: password.clone() };
        }
        if let Some(token) = &self.token {
            if token.is_empty() {
                faults.push("`token` is empty".to_owned());
            }
            return Account::Token(token.clone());
        }
        if self.username.is_some() != self.password.is_some() {
            faults.push("`username` and `password` go together".to_owned());
        }
        let wants = [
            ("client_secret", self.client_secret.is_some()),
            ("username", username.is_some()),
            ("refresh_token", self.refresh_token.is_some()),
            ("code", self.code.is_some()),
            ("stored_sign_in", self.stored),
        ];
        let Some(client_id) = client_id else {
            for (name, _) in wants.into_iter().filter(|(_, given)| *given) {
                faults.push(format!("`{name}` needs `client_id`"));
            }
            return Account::Guest;
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
            _ if self.stored => Grant::Stored,
            _ => {
                if self.client_secret.as_ref().is_none_or(Secret::is_empty) {
                    faults.push("`client_id` needs `client_secret`, or `username` and `password`".to_owned());
                }
                Grant::ClientCredentials
            }
        };
        Account::OAuth { client_id, client_secret: self.client_secret.clone(), grant }
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
            StepikBuilder::new().with_session("a@b.test", "p"),
            StepikBuilder::new().with_option("client_id", "public").with_password("a@b.test", "p"),
        ] {
            let stepik = builder.build().expect("a provider");
            assert_eq!(lms_core::LmsProvider::requests(&stepik), lms_core::RequestCount::default());
        }
    }
}
