//! How a platform says that something went wrong.

use std::fmt::{self, Debug};
use std::time::{Duration, SystemTime};

use lms_core::{Error, ErrorKind};
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::redact;

/// Reads a platform's answers. One per provider; the only place that maps them to errors.
pub trait Dialect: Debug + Send + Sync {
    /// The error that an answer stands for; `None` when it is a success.
    ///
    /// Called for every answer that is held in memory, so that a 200 with an error in its body can
    /// be refused. Platform, operation, resource, status and request id are added by the client.
    ///
    /// A 5xx that is read as anything but `Unavailable`, `Timeout`, `Protocol` or `OutcomeUnknown`
    /// is taken as a definite refusal: the dialect vouches that nothing was done. `Unauthenticated`
    /// makes the client ask the credential for another and send the request once more.
    fn read(&self, answer: &Answer<'_>) -> Option<Error>;

    /// Whether the server refused for now without doing anything, and how long it asks us to wait.
    ///
    /// The default knows 429 and its `Retry-After`. A throttled request is repeated whatever its
    /// safety, so a dialect that adds statuses must be sure that they mean just this.
    fn throttled(&self, answer: &Answer<'_>) -> Option<Option<Duration>> {
        (answer.status() == 429).then(|| answer.retry_after())
    }
}

/// An answer as a dialect sees it.
pub struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    pub(crate) operation: &'static str,
    pub(crate) now: SystemTime,
    pub(crate) sensitive: bool,
}

impl<'a> Answer<'a> {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `Content-Type`, parameters included.
    pub fn content_type(&self) -> Option<&'a str> {
        self.header("content-type")
    }

    /// The body, decompressed.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The body as JSON; `None` when it is not.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(self.body).ok()
    }

    /// The operation, such as `"courses.list"`.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// What `Retry-After` asks for, given in seconds or as a date.
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        match value.parse::<u64>() {
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            Err(_) => {
                let at = httpdate::parse_http_date(value).ok()?;
                Some(at.duration_since(self.now).unwrap_or_default())
            }
        }
    }

    /// A short quotation of the body that is fit for an error: bounded, secrets masked, an HTML page
    /// reduced to its title, nothing at all when the request was marked sensitive.
    pub fn snippet(&self) -> String {
        if self.sensitive {
            return String::new();
        }
        redact::snippet(self.body)
    }
}

impl fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("operation", &self.operation)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Reads the status alone. For servers without a dialect of their own, and for others to fall
/// back on.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainDialect;

impl Dialect for PlainDialect {
    fn read(&self, answer: &Answer<'_>) -> Option<Error> {
        let kind = match answer.status() {
            200..=299 => return None,
            // A redirect that nobody asked to see is mostly one to the sign-in page.
            300..=399 => ErrorKind::Protocol,
            401 => ErrorKind::Unauthenticated,
            403 => ErrorKind::PermissionDenied,
            404 | 410 => ErrorKind::NotFound,
            408 => ErrorKind::Timeout,
            409 | 412 => ErrorKind::Conflict,
            405 => ErrorKind::Unsupported,
            429 => ErrorKind::RateLimited,
            400..=499 => ErrorKind::InvalidInput,
            500..=599 => ErrorKind::Unavailable,
            _ => ErrorKind::Protocol,
        };
        let what = match answer.status() {
            300..=399 => "the platform answered with a redirect",
            400..=499 => "the platform refused the request",
            500..=599 => "the platform failed",
            _ => "the platform gave an unknown status",
        };
        let snippet = answer.snippet();
        let message = if snippet.is_empty() { what.to_owned() } else { format!("{what}: {snippet}") };
        Some(Error::new(kind, message))
    }
}
