//! The one error type, and whether a call may be made again.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::Platform;

/// What happened, in the words of the domain. Callers match on this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The thing does not exist, or may not be seen.
    NotFound,
    /// A thing of that name is there already.
    AlreadyExists,
    /// The thing has changed since it was read.
    Conflict,
    /// The platform, a file or the caller gave something that cannot be used.
    InvalidInput,
    /// No valid credentials.
    Unauthenticated,
    /// Signed in, but without the right.
    PermissionDenied,
    /// The account is not enrolled in the course.
    NotEnrolled,
    /// Too many requests.
    RateLimited,
    /// The platform cannot be reached or fails.
    Unavailable,
    /// No answer in time.
    Timeout,
    /// The platform has no such operation, or not with this option. Nothing was sent.
    Unsupported,
    /// The configuration is wrong. Nothing was sent.
    Config,
    /// The platform answered, but not in its documented shape.
    Protocol,
    /// A write was sent and its fate is unknown: look before writing again.
    OutcomeUnknown,
    /// A file could not be read or written.
    Io,
    /// The caller asked to stop; no write is under way.
    Stopped,
}

impl ErrorKind {
    /// The kind as one lower-case word or two, for messages and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not found",
            Self::AlreadyExists => "already exists",
            Self::Conflict => "conflict",
            Self::InvalidInput => "invalid input",
            Self::Unauthenticated => "not signed in",
            Self::PermissionDenied => "permission denied",
            Self::NotEnrolled => "not enrolled",
            Self::RateLimited => "rate limited",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timed out",
            Self::Unsupported => "unsupported",
            Self::Config => "configuration",
            Self::Protocol => "unexpected answer",
            Self::OutcomeUnknown => "outcome unknown",
            Self::Io => "input/output",
            Self::Stopped => "stopped",
        }
    }
}

/// Whether the same call may be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Retry {
    /// It would fail again, or it is not known to be safe.
    #[default]
    Never,
    /// It may be made again at once.
    Now,
    /// It may be made again after this pause.
    After(Duration),
    /// It was made again already, this many times in all.
    Exhausted {
        /// Attempts made.
        attempts: u32,
    },
}

/// `Result` with this crate's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One word wide; facts are reached through methods.
///
/// `Display` is one line and leaves out the source, which [`std::error::Error::source`] carries.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    platform: Option<Platform>,
    operation: &'static str,
    resource: Option<String>,
    status: Option<u16>,
    request_id: Option<String>,
    retry: Retry,
    fields: Vec<(String, String)>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of `kind`, with a sentence for people.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            platform: None,
            operation: "",
            resource: None,
            status: None,
            request_id: None,
            retry: Retry::Never,
            fields: Vec::new(),
            source: None,
        }))
    }

    /// The platform has no such operation; nothing was sent.
    pub fn unsupported(platform: Platform, operation: &'static str) -> Self {
        Self::new(ErrorKind::Unsupported, "not offered by this platform").at(platform, operation)
    }

    /// Something is wrong with what was read or given: `InvalidInput`.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    /// A file operation failed on `path`.
    pub fn io(path: impl fmt::Display, source: std::io::Error) -> Self {
        let kind = match source.kind() {
            std::io::ErrorKind::NotFound => ErrorKind::NotFound,
            std::io::ErrorKind::PermissionDenied => ErrorKind::PermissionDenied,
            std::io::ErrorKind::AlreadyExists => ErrorKind::AlreadyExists,
            _ => ErrorKind::Io,
        };
        Self::new(kind, "the file cannot be used").on(path).with_source(source)
    }

    /// Says on which platform and in which operation (`"courses.list"`) it happened.
    #[must_use]
    pub fn at(mut self, platform: Platform, operation: &'static str) -> Self {
        (self.0.platform, self.0.operation) = (Some(platform), operation);
        self
    }

    /// Names the thing concerned: an id, a path, `file:line`.
    #[must_use]
    pub fn on(mut self, resource: impl fmt::Display) -> Self {
        self.0.resource = Some(resource.to_string());
        self
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// The id under which the server logged the request.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = Some(id.into());
        self
    }

    /// Whether the call may be made again.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// The platform's complaint about one field of what was sent.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>, complaint: impl Into<String>) -> Self {
        self.0.fields.push((field.into(), complaint.into()));
        self
    }

    /// The error behind this one.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What happened.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The sentence for people, without context.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The platform on which it happened.
    pub fn platform(&self) -> Option<Platform> {
        self.0.platform
    }

    /// The operation, such as `"courses.list"`; empty if unknown.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// The thing concerned.
    pub fn resource(&self) -> Option<&str> {
        self.0.resource.as_deref()
    }

    /// The HTTP status of the answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The id under which the server logged the request.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Whether the call may be made again.
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// Complaints about single fields, in the platform's order.
    pub fn fields(&self) -> &[(String, String)] {
        &self.0.fields
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        if let Some(platform) = inner.platform {
            write!(f, "{platform} {}: ", inner.operation)?;
        }
        f.write_str(&inner.message)?;
        for (field, complaint) in &inner.fields {
            write!(f, "; {field}: {complaint}")?;
        }
        if let Some(resource) = &inner.resource {
            write!(f, " ({resource})")?;
        }
        if let Some(status) = inner.status {
            write!(f, " [HTTP {status}]")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.0.kind.name())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|e| e as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_names_everything_once_and_leaves_the_source_to_the_chain() {
        let error = Error::new(ErrorKind::InvalidInput, "the platform refused the section")
            .at(Platform::Stepik, "authoring.put_section")
            .on("section 7")
            .with_status(400)
            .with_field("title", "This field is required.")
            .with_source(std::io::Error::other("socket closed"));
        assert_eq!(
            error.to_string(),
            "stepik authoring.put_section: the platform refused the section; title: This field is required. (section 7) [HTTP 400]"
        );
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("socket closed"));
    }

    #[test]
    fn is_one_word_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
