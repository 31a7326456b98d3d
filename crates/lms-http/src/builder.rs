//! Building a client.

use std::sync::{Arc, OnceLock};

use lms_core::{Error, ErrorKind, Platform, Result};
use reqwest::header::HeaderValue;
use url::Url;

use crate::budget::Budget;
use crate::client::Inner;
use crate::wire::Wire;
use crate::{
    Allow, Client, Clock, CookieJar, Cookies, Credential, Dialect, HttpOptions, Limits, Observer, Pace,
    PlainDialect, Redirects, RetryPolicy, target,
};

/// Collects what a [`Client`] needs.
#[derive(Debug, Clone)]
#[must_use = "nothing is made before `build`"]
pub struct ClientBuilder {
    platform: Platform,
    base_url: Url,
    credential: Option<Arc<dyn Credential>>,
    dialect: Arc<dyn Dialect>,
    cookies: Cookies,
    redirects: Redirects,
    options: HttpOptions,
}

impl ClientBuilder {
    pub(crate) fn new(platform: Platform, base_url: Url) -> Self {
        Self {
            platform,
            base_url,
            credential: None,
            dialect: Arc::new(PlainDialect),
            cookies: Cookies::Ignore,
            redirects: Redirects::default(),
            options: HttpOptions::default(),
        }
    }

    /// Who sends. Default: nobody.
    pub fn credential(mut self, credential: Arc<dyn Credential>) -> Self {
        self.credential = Some(credential);
        self
    }

    /// How errors are read. Default: [`PlainDialect`].
    pub fn dialect(mut self, dialect: Arc<dyn Dialect>) -> Self {
        self.dialect = dialect;
        self
    }

    /// What becomes of cookies. Default: ignored.
    pub fn keep_cookies(mut self, cookies: Cookies) -> Self {
        self.cookies = cookies;
        self
    }

    /// What becomes of redirects. Default: five are followed, for reads only.
    pub fn redirects(mut self, redirects: Redirects) -> Self {
        self.redirects = redirects;
        self
    }

    /// All that a provider's clients have in common. Replaces what the setters below have set.
    pub fn options(mut self, options: &HttpOptions) -> Self {
        self.options = options.clone();
        self
    }

    /// How often a request is repeated.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.options.retry = retry;
        self
    }

    /// Bounds on time and size.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// How fast the server is asked. Default: [`Pace::default`].
    pub fn pace(mut self, pace: Pace) -> Self {
        self.options.pace = Some(pace);
        self
    }

    /// `User-Agent`. Default: `lms/` and the version.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.options.user_agent = user_agent.into();
        self
    }

    /// Who is told of every attempt. Default: nobody.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.options.observer = Some(observer);
        self
    }

    /// Whether credentials and cookies may travel over plain http to another machine. Default: no.
    pub fn allow_plain_http(mut self, allow: Allow) -> Self {
        self.options.plain_http = allow;
        self
    }

    /// The clock for pauses and dates. Default: the machine's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.options.clock = clock;
        self
    }

    /// Checks the settings and makes the client. Sends nothing.
    ///
    /// # Errors
    /// `Config` when the address cannot be used, or would carry secrets over plain http.
    pub fn build(self) -> Result<Client> {
        let Self { platform, base_url, credential, dialect, cookies, redirects, options } = self;
        let HttpOptions {
            retry,
            limits,
            pace,
            pacer,
            user_agent,
            cassette,
            observer,
            tokens: _,
            plain_http,
            clock,
        } = options;
        let cookies = match cookies {
            Cookies::Ignore => None,
            Cookies::Keep => Some(CookieJar::new()),
            Cookies::Shared(jar) => Some(jar),
        };
        let secret = credential.is_some() || cookies.is_some();
        target::check(&base_url, secret && plain_http == Allow::No)
            .and_then(|()| target::check_base(&base_url))
            .map_err(|e| e.at(platform, "connect"))?;
        if HeaderValue::try_from(&user_agent).is_err() {
            let message = "the user agent cannot stand in a header";
            return Err(Error::new(ErrorKind::Config, message).at(platform, "connect"));
        }
        let http = Wire {
            user_agent,
            connect: limits.connect,
            cookies: cookies.clone(),
            is_loopback: target::is_loopback(&base_url),
            made: OnceLock::new(),
        };
        if let Some(cassette) = &cassette {
            cassette.register(&base_url);
        }
        let lane = pacer.lane(&base_url, &pace.unwrap_or_default());
        Ok(Client(Arc::new(Inner {
            platform,
            base_url,
            http,
            credential,
            dialect,
            budget: Budget::new(&retry),
            retry,
            limits,
            observer,
            cassette,
            cookies,
            redirects,
            lane,
            clock,
            counters: Default::default(),
        })))
    }
}
