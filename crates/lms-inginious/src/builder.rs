//! Making an [`Inginious`].

use std::sync::Arc;

use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::{Allow, Client, Cookies, Limits, Observer, Redirects, RetryPolicy};
use url::Url;

use crate::dialect::InginiousDialect;
use crate::provider::Inginious;

/// Options by name, for configuration files and the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InginiousOption {
    /// `url`: the site.
    BaseUrl,
    /// `username`: the user name; an e-mail address does not work.
    Username,
    /// `password`: its password.
    Password,
    /// `submit`: `web` (default) or `api`, see [`SubmitBy`].
    Submit,
}

impl InginiousOption {
    /// All options.
    pub const ALL: [Self; 4] = [Self::BaseUrl, Self::Username, Self::Password, Self::Submit];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::BaseUrl => "url",
            Self::Username => "username",
            Self::Password => "password",
            Self::Submit => "submit",
        }
    }
}

/// How answers are sent (reference inginious.md 5.5, 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SubmitBy {
    /// The form of the task page: stored as a browser does it, and errors say why.
    #[default]
    Web,
    /// The API: works where a task is hidden from a previewer's pages; a teacher's later replay of such
    /// an answer fails, and its files cannot be read back.
    Api,
}

/// Collects what an [`Inginious`] needs. `Debug` shows no secret. Without name and password the
/// provider can do little more than register accounts.
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is made before `build`"]
pub struct InginiousBuilder {
    base_url: String,
    username: Option<String>,
    password: Option<Secret>,
    submit: SubmitBy,
    observer: Option<Arc<dyn Observer>>,
    retry: RetryPolicy,
    limits: Limits,
    plain_http: Allow,
    faults: Vec<String>,
}

impl InginiousBuilder {
    /// For the site at `url`, the address of its first page.
    pub fn new(url: impl Into<String>) -> Self {
        Self { base_url: url.into(), ..Self::default() }
    }

    /// With options by name; see [`InginiousOption`].
    ///
    /// # Errors
    /// `Config`, naming every option that is not known or cannot be used.
    pub fn from_options(options: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let builder = options
            .into_iter()
            .fold(Self::default(), |builder, (key, value)| builder.with_option(&key, value));
        if builder.faults.is_empty() { Ok(builder) } else { Err(config(&builder.faults)) }
    }

    /// Sets an option by name. A name that is not known is a fault that `build` names.
    pub fn with_option(mut self, key: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        let Some(option) = InginiousOption::ALL.into_iter().find(|option| option.name() == key) else {
            let known: Vec<&str> = InginiousOption::ALL.iter().map(|option| option.name()).collect();
            self.faults.push(format!("there is no option `{key}`; known are {}", known.join(", ")));
            return self;
        };
        match (option, value.as_str()) {
            (InginiousOption::BaseUrl, _) => self.base_url = value,
            (InginiousOption::Username, _) => self.username = Some(value),
            (InginiousOption::Password, _) => self.password = Some(value.into()),
            (InginiousOption::Submit, "web") => self.submit = SubmitBy::Web,
            (InginiousOption::Submit, "api") => self.submit = SubmitBy::Api,
            (InginiousOption::Submit, _) => self.faults.push("`submit` is `web` or `api`".to_owned()),
        }
        self
    }

    /// Who signs in.
    pub fn with_password(mut self, username: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.username = Some(username.into());
        self.password = Some(password.into());
        self
    }

    /// How answers are sent. Default: by the web form.
    pub fn with_submit(mut self, by: SubmitBy) -> Self {
        self.submit = by;
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

    /// Whether the password may travel over plain http to another machine. Default: no.
    pub fn with_plain_http(mut self, allow: Allow) -> Self {
        self.plain_http = allow;
        self
    }

    /// Checks everything and makes the provider. Sends nothing.
    ///
    /// # Errors
    /// `Config`, naming every fault at once.
    pub fn build(self) -> Result<Inginious> {
        let Self { base_url, username, password, submit, observer, retry, limits, plain_http, mut faults } =
            self;
        let url = Url::parse(base_url.trim().trim_end_matches('/'))
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if url.is_none() {
            faults.push("`url` is no http or https address".to_owned());
        }
        if let Some(url) = &url
            && password.is_some()
            && plain_http == Allow::No
            && url.scheme() == "http"
            && !is_loopback(url)
        {
            faults.push("`url` is plain http: the password would travel in clear".to_owned());
        }
        let login = match (username.filter(|u| !u.is_empty()), password.filter(|p| !p.is_empty())) {
            (Some(username), Some(password)) => Some((username, password)),
            (None, None) => None,
            _ => {
                faults.push("`username` and `password` go together".to_owned());
                None
            }
        };
        let (Some(url), true) = (url, faults.is_empty()) else { return Err(config(&faults)) };
        let mut client = Client::builder(Platform::Inginious, url.clone())
            .dialect(Arc::new(InginiousDialect))
            .retry(retry)
            .limits(limits)
            .allow_plain_http(plain_http)
            .keep_cookies(Cookies::Keep)
            // A redirect is how the forms say that they did it (reference 6.3).
            .redirects(Redirects::Return);
        if let Some(observer) = observer {
            client = client.observer(observer);
        }
        // Accounts are opened by guests, in a session of their own (reference 6.2).
        let guest = client.clone().build()?;
        Ok(Inginious::new(client.build()?, guest, url, login, submit))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn config(faults: &[String]) -> Error {
    Error::new(ErrorKind::Config, faults.join("; ")).at(Platform::Inginious, "build")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_named_at_once_and_no_secret_is_shown() {
        let builder = InginiousBuilder::new("ftp://x")
            .with_option("password", "hunter2")
            .with_option("colour", "red")
            .with_option("submit", "x");
        assert!(!format!("{builder:?}").contains("hunter2"));
        let message = builder.build().expect_err("faults").to_string();
        for fault in ["url", "go together", "`colour`", "`submit`"] {
            assert!(message.contains(fault), "{message}");
        }
        let plain = InginiousBuilder::new("http://lms.example.org").with_password("a", "p");
        assert!(plain.clone().build().is_err());
        assert!(plain.with_plain_http(Allow::Yes).build().is_ok());
    }
}
