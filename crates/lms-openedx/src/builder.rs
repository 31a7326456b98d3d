//! How to connect.

use std::sync::Arc;

use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::{Allow, Authorization, Authorize, Client, Grant, HttpOptions, OAuth, Pkce, Redirects};
use url::Url;

use crate::check::CheckOptions;
use crate::dialect::OpenEdxDialect;
use crate::provider::OpenEdx;
use crate::session::Sessions;
use crate::{OpenEdxKey, Throttled, auth};

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
    refresh_token: Option<Secret>,
    code: Option<(Secret, String)>,
    stored: bool,
    org: Option<String>,
    throttled: Option<String>,
    block_types: Option<String>,
    refuse: Option<String>,
    max_upload: Option<String>,
    write_by: Option<String>,
    allow_plain_http: Option<String>,
    http: HttpOptions,
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
            OpenEdxKey::RefreshToken => self.refresh_token = Some(value.into()),
            OpenEdxKey::Org => self.org = Some(value),
            OpenEdxKey::Throttled => self.throttled = Some(value),
            OpenEdxKey::BlockTypes => self.block_types = Some(value),
            OpenEdxKey::Refuse => self.refuse = Some(value),
            OpenEdxKey::MaxUpload => self.max_upload = Some(value),
            OpenEdxKey::WriteBy => self.write_by = Some(value),
            OpenEdxKey::AllowPlainHttp => self.allow_plain_http = Some(value),
        }
        self
    }

    /// A code that the browser brought back from [`Self::authorize`], with the same address.
    pub fn with_code(mut self, code: impl Into<Secret>, redirect_uri: impl Into<String>) -> Self {
        self.code = Some((code.into(), redirect_uri.into()));
        self
    }

    /// The sign-in of an earlier run in the browser, whose tokens are where [`HttpOptions::tokens`] says. It counts
    /// where neither a code, nor a refresh token, nor an account is given.
    pub fn with_stored_sign_in(mut self) -> Self {
        self.stored = true;
        self
    }

    /// How requests are sent: retry, limits, pace, observer. Without a pace the platform's limits hold, as
    /// [`OpenEdxKey::Throttled`] says.
    pub fn with_http(mut self, http: HttpOptions) -> Self {
        self.http = http;
        self
    }

    /// The address at which a person allows the application to act for them, `GET {LMS}/oauth2/authorize`,
    /// and what to keep until the browser comes back. Sends nothing. Without PKCE: nothing is known of it
    /// (reference openedx.md 1.2).
    ///
    /// # Errors
    /// `Config` where the client id is missing or an address cannot be used.
    pub fn authorize(&self, redirect_uri: impl Into<String>) -> Result<Authorization> {
        let mut faults = Vec::new();
        let lms = address("lms_url", self.lms_url.as_deref(), &mut faults);
        let lms = lms.ok_or_else(|| config(&faults))?;
        OAuth::authorize_url(&Authorize {
            url: auth::endpoint(&lms, "authorize"),
            client_id: self.client_id.clone().unwrap_or_default(),
            redirect_uri: redirect_uri.into(),
            scopes: Vec::new(),
            pkce: Pkce::Omit,
        })
    }

    /// Checks everything, names every fault at once, sends nothing.
    ///
    /// # Errors
    /// `Config`.
    pub fn build(mut self) -> Result<OpenEdx> {
        let mut faults = Vec::new();
        let lms_url = address("lms_url", self.lms_url.as_deref(), &mut faults);
        let studio_url =
            self.studio_url.take().and_then(|url| address("studio_url", Some(&url), &mut faults));
        self.shape_http(&mut faults);
        let check = self.check_options(&mut faults);
        let write = self.write_by.as_deref().map(str::parse).transpose().unwrap_or_else(|error: Error| {
            faults.push(format!("write_by: {}", error.message()));
            None
        });
        let write = write.unwrap_or_default();
        let account = self.account(&mut faults);
        let sign_in = self.sign_in(account.clone(), &mut faults);
        let org = self.org.take().unwrap_or_else(|| "lms".into());
        if org.is_empty()
            || !org.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '~'))
        {
            faults.push("org: only ASCII letters, digits and _ - . ~ may stand in a course key".into());
        }
        let (Some(lms_url), Some(sign_in), true) = (lms_url, sign_in, faults.is_empty()) else {
            return Err(config(&faults));
        };
        let Self { http, .. } = self;
        let credential = auth::credential(&lms_url, sign_in, &http)?;
        let plain = |url: &Url| {
            Client::builder(Platform::OpenEdx, url.clone()).options(&http).dialect(Arc::new(OpenEdxDialect))
        };
        let client = |url: &Url| {
            plain(url).credential(Arc::clone(&credential)).redirects(Redirects::default()).build()
        };
        let lms = client(&lms_url)?;
        let studio = studio_url.as_ref().map(client).transpose()?;
        let sessions = account
            .map(|(name, password)| {
                Sessions::new(plain(&lms_url), studio_url.as_ref().map(plain), name, password)
            })
            .transpose()?;
        // Files that a link of the platform leads to, on an object store that must get no credential.
        let elsewhere = HttpOptions { pace: None, ..http };
        Ok(OpenEdx::connect(lms, studio, sessions, org, (check, write), elsewhere))
    }

    fn shape_http(&mut self, faults: &mut Vec<String>) {
        match self.allow_plain_http.as_deref() {
            None => {}
            Some("false") => self.http.plain_http = Allow::No,
            Some("true") => self.http.plain_http = Allow::Yes,
            Some(_) => faults.push("allow_plain_http: neither true nor false".into()),
        }
        let throttled = self.throttled.as_deref().map(str::parse::<Throttled>).transpose();
        match throttled {
            Ok(throttled) => {
                self.http.pace.get_or_insert_with(|| throttled.unwrap_or_default().pace());
            }
            Err(error) => faults.push(format!("throttled: {}", error.message())),
        }
    }

    fn check_options(&self, faults: &mut Vec<String>) -> CheckOptions {
        let mut options = CheckOptions::default();
        if let Some(types) = &self.block_types {
            let names = types.split(',').map(str::trim).filter(|name| !name.is_empty());
            options.block_types.extend(names.map(str::to_owned));
        }
        match self.refuse.as_deref().map(str::parse).transpose() {
            Ok(refuse) => options.refuse = refuse.unwrap_or(options.refuse),
            Err(_) => faults.push("refuse: neither refused nor lost nor doubtful".into()),
        }
        match self.max_upload.as_deref().map(str::parse).transpose() {
            Ok(most) => options.max_archive = most.unwrap_or(options.max_archive),
            Err(_) => faults.push("max_upload: no number of bytes".into()),
        }
        options
    }

    fn account(&mut self, faults: &mut Vec<String>) -> Option<(String, Secret)> {
        match (self.username.take(), self.password.take()) {
            (Some(username), Some(password)) => return Some((username, password)),
            (None, None) => {}
            (None, _) => faults.push("username: missing beside password".into()),
            (_, None) => faults.push("password: missing beside username".into()),
        }
        None
    }

    fn sign_in(
        &mut self,
        account: Option<(String, Secret)>,
        faults: &mut Vec<String>,
    ) -> Option<auth::SignIn> {
        let scheme = self.token_scheme.take().unwrap_or_else(|| "JWT".into());
        if !matches!(scheme.as_str(), "JWT" | "Bearer") {
            faults.push("token_scheme: neither JWT nor Bearer".into());
        }
        if let Some(token) = self.token.take() {
            return Some(auth::SignIn::Token { scheme, token });
        }
        let Some(client_id) = self.client_id.take() else {
            faults.push("client_id: missing (or give token)".into());
            return None;
        };
        let grant = match (self.code.take(), self.refresh_token.take(), account) {
            (Some((code, redirect_uri)), ..) => {
                Grant::AuthorizationCode { code, redirect_uri, pkce_verifier: None }
            }
            (None, Some(token), _) => Grant::RefreshToken { token },
            (None, None, Some((username, password))) => Grant::Password { username, password },
            (None, None, None) if self.stored => Grant::Stored,
            (None, None, None) => Grant::ClientCredentials,
        };
        let client_secret = self.client_secret.take();
        Some(auth::SignIn::OAuth { client_id, client_secret, scheme, grant })
    }
}

fn config(faults: &[String]) -> Error {
    Error::new(ErrorKind::Config, faults.join("; ")).at(Platform::OpenEdx, "connect")
}

fn address(key: &str, text: Option<&str>, faults: &mut Vec<String>) -> Option<Url> {
    let Some(text) = text else {
        faults.push(format!("{key}: missing"));
        return None;
    };
    Url::parse(text).map_err(|e| faults.push(format!("{key}: {e}"))).ok()
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
            .with_option(OpenEdxKey::Throttled, "often")
            .with_option(OpenEdxKey::Refuse, "everything")
            .with_option(OpenEdxKey::MaxUpload, "much")
            .with_option(OpenEdxKey::WriteBy, "hand")
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
            "throttled: ",
            "refuse: ",
            "max_upload: ",
            "write_by: ",
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

    #[test]
    fn a_person_is_sent_to_the_lms() {
        let builder = OpenEdxBuilder::new()
            .with_option(OpenEdxKey::LmsUrl, "https://lms.example.org")
            .with_option(OpenEdxKey::ClientId, "app");
        let begun = builder.authorize("http://127.0.0.1:1/back").expect("an address");
        assert_eq!(begun.url.path(), "/oauth2/authorize");
        assert!(begun.url.query().is_some_and(|q| q.contains("client_id=app")), "{}", begun.url);
    }
}
