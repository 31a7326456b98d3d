//! reqwest's client, made when the first request is sent.
//!
//! To make one reads the system's certificates, which takes tens of milliseconds, and a provider has several clients of
//! which most runs of a program use one or two.

use std::sync::OnceLock;
use std::time::Duration;

use crate::CookieJar;

/// How long an idle connection is kept. Short, because a write sent into a connection that the
/// server is just closing is lost, and what became of it unknown.
const IDLE: Duration = Duration::from_secs(15);

/// What it is made of.
pub(crate) struct Wire {
    pub(crate) user_agent: String,
    pub(crate) connect: Duration,
    pub(crate) cookies: Option<CookieJar>,
    /// Whether the server is on this machine: no proxy leads there.
    pub(crate) is_loopback: bool,
    pub(crate) made: OnceLock<reqwest::Client>,
}

impl Wire {
    /// The client. If two ask for the first one at once, one of the two that are made is kept.
    ///
    /// # Errors
    /// Where the user agent cannot stand in a header, or the system's certificates cannot be used.
    pub(crate) fn client(&self) -> reqwest::Result<&reqwest::Client> {
        if let Some(made) = self.made.get() {
            return Ok(made);
        }
        let mut http = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .connect_timeout(self.connect)
            .pool_idle_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false);
        if let Some(jar) = &self.cookies {
            http = http.cookie_provider(jar.provider());
        }
        if self.is_loopback {
            http = http.no_proxy();
        }
        let made = http.build()?;
        Ok(self.made.get_or_init(|| made))
    }
}
