//! How a run ends. Scripts rely on the codes.

use std::error::Error as StdError;
use std::io::{IsTerminal, Write};

use lms_core::{Error, ErrorKind};

/// Done.
pub(crate) const DONE: u8 = 0;
/// It failed.
pub(crate) const FAILED: u8 = 1;
/// Wrong usage or configuration.
pub(crate) const USAGE: u8 = 2;
/// Done, but something was approximated or dropped and `--strict` was given.
pub(crate) const LOSSES: u8 = 3;
/// Verification disagreed.
pub(crate) const DISAGREED: u8 = 4;

/// Why a run ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line or the configuration is wrong.
    Usage(String),
    /// Something that was tried failed.
    Failed(Error),
    /// Whoever read our output has gone; no error.
    PipeClosed,
}

impl Failure {
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => USAGE,
            Self::Failed(error) if matches!(error.kind(), ErrorKind::Config) => USAGE,
            Self::Failed(_) => FAILED,
            Self::PipeClosed => DONE,
        }
    }

    /// Says what happened, where, and what to do next, on stderr.
    pub(crate) fn print(&self) {
        let mut err = std::io::stderr().lock();
        match self {
            Self::PipeClosed => {}
            Self::Usage(message) => {
                let _ = writeln!(err, "{} {message}", label());
            }
            Self::Failed(error) => {
                let _ = writeln!(err, "{} {error}", label());
                let mut source = error.source();
                while let Some(cause) = source {
                    let _ = writeln!(err, "  because: {cause}");
                    source = cause.source();
                }
                if let Some(advice) = advice(error.kind()) {
                    let _ = writeln!(err, "  {advice}");
                }
            }
        }
    }
}

fn label() -> &'static str {
    if std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()) {
        "\u{1b}[31mlms:\u{1b}[0m"
    } else {
        "lms:"
    }
}

fn advice(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::Unauthenticated => "Check the remote's credentials in lms.toml or LMS_<REMOTE>_<KEY>.",
        ErrorKind::PermissionDenied => {
            "The account is signed in but lacks the right; ask the course's staff."
        }
        ErrorKind::RateLimited => {
            "The platform limits requests; wait a while and run the same command again."
        }
        ErrorKind::OutcomeUnknown => {
            "It may have been written: look at the target before you run this again."
        }
        ErrorKind::AlreadyExists => "Choose another target, or say --replace to write over it.",
        ErrorKind::Unavailable | ErrorKind::Timeout => "Is the address right, and is the server up?",
        _ => return None,
    })
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Self::PipeClosed
        } else {
            Self::Failed(Error::io("standard output", error))
        }
    }
}
