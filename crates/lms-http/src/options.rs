//! Choices that belong to a client.

use std::sync::Arc;
use std::time::Duration;

use crate::{Cassette, Clock, CookieJar, Observer, Pace, Pacer, RetryPolicy, SystemClock, TokenPlace};

/// How a provider's requests are sent, whatever the platform: all that its clients have in common. Every
/// provider's builder takes one.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// How often a request is repeated.
    pub retry: RetryPolicy,
    /// Bounds on time and size.
    pub limits: Limits,
    /// How fast the server is asked; `None` for the preset of the platform.
    pub pace: Option<Pace>,
    /// What is known of the pace of each server, shared by all who have this.
    pub pacer: Pacer,
    /// `User-Agent`.
    pub user_agent: String,
    /// Where exchanges are recorded, or replayed from; `None` for neither.
    pub cassette: Option<Cassette>,
    /// Who is told of every attempt.
    pub observer: Option<Arc<dyn Observer>>,
    /// Where tokens are kept between runs; `None` for nowhere. While a cassette is replayed, nothing is
    /// saved there: what it holds are no tokens.
    pub tokens: Option<TokenPlace>,
    /// Whether credentials and cookies may travel over plain http to another machine.
    pub plain_http: Allow,
    /// The clock for pauses and dates.
    pub clock: Arc<dyn Clock>,
}

impl Default for HttpOptions {
    /// The defaults of its parts; `lms/` and the version; no cassette; nobody is told; no tokens are kept; no
    /// plain http; the machine's clock.
    fn default() -> Self {
        Self {
            retry: RetryPolicy::default(),
            limits: Limits::default(),
            pace: None,
            pacer: Pacer::new(),
            user_agent: concat!("lms/", env!("CARGO_PKG_VERSION")).to_owned(),
            cassette: None,
            observer: None,
            tokens: None,
            plain_http: Allow::No,
            clock: Arc::new(SystemClock),
        }
    }
}

/// Bounds on time and size; all of them on by default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until one attempt is answered in full; while streaming, until the next piece.
    pub per_attempt: Duration,
    /// Until the call gives up, retries and pauses included.
    pub overall: Duration,
    /// Longest answer in bytes, counted after decompression. A longer one is an error.
    pub max_body: u64,
}

impl Default for Limits {
    /// 10 s to connect, 60 s per attempt, 5 minutes in all, 64 MiB.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            per_attempt: Duration::from_secs(60),
            overall: Duration::from_secs(300),
            max_body: 64 << 20,
        }
    }
}

/// What becomes of `Set-Cookie`.
#[derive(Debug, Clone, Default)]
pub enum Cookies {
    /// Cookies are neither kept nor sent.
    #[default]
    Ignore,
    /// The client keeps a jar of its own.
    Keep,
    /// The jar is shared with other clients, such as those for two hosts of one site.
    Shared(CookieJar),
}

/// What becomes of 301, 302, 303, 307 and 308.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// Bodiless `Safety::Read` requests follow up to this many, to other origins without credential
    /// or headers of ours, and never from https to http. The answer to a write is returned as it is.
    Follow(u32),
    /// Every redirect is returned as an answer.
    Return,
}

impl Default for Redirects {
    /// Five.
    fn default() -> Self {
        Self::Follow(5)
    }
}

/// Permission for something that is refused by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Allow {
    /// Permitted.
    Yes,
    /// Refused.
    #[default]
    No,
}
