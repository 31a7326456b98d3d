//! How a run ends. Scripts rely on the codes; `docs/exit-codes.md` is their table.

use std::error::Error as StdError;
use std::io::{IsTerminal, Write};

use lms_core::{Error, ErrorKind, Platform, Retry};

use crate::commands::people::spoken;
use crate::output::tame;
use crate::terminal::{self, Paint};
use crate::{connect, places};

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
/// Ctrl-C, as shells number it.
pub(crate) const INTERRUPTED: u8 = 130;

/// Why a run ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line or the configuration is wrong.
    Usage(String),
    /// Something that was tried failed.
    Failed(Error),
    /// Something that was tried failed, and this is what to do about it.
    Advised(Error, String),
    /// Ctrl-C; what to know of it, such as where the journal is and how to go on.
    Interrupted(Option<String>),
    /// Whoever read our output has gone; no error.
    PipeClosed,
}

impl Failure {
    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => USAGE,
            Self::Failed(error) | Self::Advised(error, _) if error.kind() == ErrorKind::Config => USAGE,
            Self::Failed(_) | Self::Advised(..) => FAILED,
            Self::Interrupted(_) => INTERRUPTED,
            Self::PipeClosed => DONE,
        }
    }

    /// Says what happened, where, and what to do next, on stderr.
    pub(crate) fn print(&self) {
        let label = terminal::stderr().paint(Paint::Bad, "lms:");
        let mut said = Vec::new();
        let _ = match self {
            Self::PipeClosed => Ok(()),
            Self::Usage(message) => writeln!(said, "{label} {}", tame(message)),
            Self::Interrupted(hint) => {
                // The ^C that the terminal wrote stands on the line, behind what was asked.
                let begin = if std::io::stderr().is_terminal() { "\r\u{1b}[2K" } else { "" };
                let hint = hint.as_ref().map_or(String::new(), |hint| format!("\n  {hint}"));
                writeln!(said, "{begin}{label} interrupted{hint}")
            }
            Self::Failed(error) => print(&mut said, &label, error, advice(error).as_deref()),
            Self::Advised(error, advice) => print(&mut said, &label, error, Some(advice)),
        };
        let said = terminal::wrapped(&String::from_utf8_lossy(&said), &console::Term::stderr());
        // A terminal that was closed cannot be told anything.
        let _ = std::io::stderr().lock().write_all(said.as_bytes());
    }
}

fn print(err: &mut dyn Write, label: &str, error: &Error, advice: Option<&str>) -> std::io::Result<()> {
    let mut said = error.to_string();
    writeln!(err, "{label} {}", tame(&in_lines(error)))?;
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        // Sources often repeat the sentence of what they caused.
        if !said.contains(&text) {
            writeln!(err, "  because: {}", tame(&text))?;
        }
        said = text;
        source = cause.source();
    }
    match advice {
        Some(advice) => writeln!(err, "  {advice}"),
        None => Ok(()),
    }
}

/// Complaints that stand in one sentence; more are a list, which ends before it fills the screen.
const IN_A_SENTENCE: usize = 2;
const IN_A_LIST: usize = 8;

fn in_lines(error: &Error) -> String {
    let mut said = error.to_string();
    let fields = error.fields();
    if fields.len() <= IN_A_SENTENCE {
        return said;
    }
    for (field, complaint) in fields {
        said = said.replacen(&format!("; {field}: {complaint}"), "", 1);
    }
    for (field, complaint) in fields.iter().take(IN_A_LIST) {
        said.push_str(&format!("\n  {field}: {complaint}"));
    }
    if fields.len() > IN_A_LIST {
        said.push_str(&format!("\n  and {} more", fields.len() - IN_A_LIST));
    }
    said
}

/// What to do about it, with the name of the remote where there is no doubt which one.
fn advice(error: &Error) -> Option<String> {
    let of_a_server = error.platform().is_some();
    let (remote, place) = connect::the_one(error.platform())
        .map_or_else(|| ("REMOTE".into(), "the address".into()), |one| (one.name, one.place));
    if is_of_state(error) {
        return Some(
            "What lasts between runs (tokens, journals) is kept there: see that the folder is yours and the disk is not \
             full, or say another folder in LMS_STATE."
                .into(),
        );
    }
    Some(match error.kind() {
        ErrorKind::Unauthenticated => format!(
            "Sign in with `lms login {remote}`; `lms doctor {remote}` says what is wrong with the credentials."
        ),
        ErrorKind::PermissionDenied if !of_a_server => {
            "The system does not let you use this file or folder; see who owns it.".into()
        }
        ErrorKind::PermissionDenied => format!(
            "The account is signed in but lacks the right; `lms whoami {remote}` says which account it is. Ask the \
             course's staff."
        ),
        ErrorKind::Conflict if !of_a_server && !error.fields().is_empty() => {
            "--prefer source or --prefer target says it; with --dry-run all of them are listed.".into()
        }
        ErrorKind::NotEnrolled => format!("Enroll first: `lms enroll {remote}:COURSE --me`."),
        ErrorKind::InvalidInput if error.operation() == "ids" && !error.message().contains("user") => {
            format!(
                "`lms courses {remote}` lists the courses with their ids, `lms tree {remote}:COURSE` what is in one."
            )
        }
        ErrorKind::NotFound if is_no_key(error) => {
            format!("Open edX calls courses course-v1:Org+Course+Run; `lms courses {remote}` lists them.")
        }
        ErrorKind::NotFound if of_a_server => {
            format!("`lms courses {remote}` lists the courses that the account sees.")
        }
        ErrorKind::RateLimited => {
            let how_long = pause(error).unwrap_or_else(|| "a while".into());
            format!("The platform limits requests; wait {how_long} and run the same command again.")
        }
        ErrorKind::OutcomeUnknown => {
            "It may have been written: look at the target before you run this again.".into()
        }
        ErrorKind::AlreadyExists if !is_of_the_system(error) => {
            "Choose another target, or say --replace to write over it.".into()
        }
        ErrorKind::Unavailable | ErrorKind::Timeout => {
            format!("Is {place} right, and is the server up? `lms doctor {remote}` looks.")
        }
        ErrorKind::Unsupported => format!("`lms capabilities {remote}` lists what this platform can do."),
        _ => return None,
    })
}

/// Whether a course of Open edX was asked for by what is no key of a course.
fn is_no_key(error: &Error) -> bool {
    error.platform() == Some(Platform::OpenEdx)
        && error.operation().starts_with("courses.")
        && error.resource().is_some_and(|id| !id.contains(['+', '/']))
}

/// Whether the machine said no, and not a platform or a course.
fn is_of_the_system(error: &Error) -> bool {
    error.source().is_some_and(|source| source.is::<std::io::Error>())
}

/// How long the platform said to wait, as people say it.
pub(crate) fn pause(error: &Error) -> Option<String> {
    match error.retry() {
        Retry::After(pause) => Some(spoken(pause)),
        _ => None,
    }
}

/// Whether it is about a file in the folder of what is remembered between runs.
fn is_of_state(error: &Error) -> bool {
    let folder = places::state_folder();
    let is_below = |text: &str| folder.is_some_and(|folder| text.contains(&*folder.to_string_lossy()));
    // All else that is said of a file there is about what it holds.
    matches!(error.kind(), ErrorKind::Io | ErrorKind::PermissionDenied | ErrorKind::NotFound)
        && error.resource().is_some_and(is_below)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::PipeClosed,
            std::io::ErrorKind::StorageFull => {
                let full = Error::new(ErrorKind::Io, "no space is left where the output goes");
                Self::Advised(
                    full.on("standard output").with_source(error),
                    "Make room, or send the output elsewhere, and run the same command again.".into(),
                )
            }
            _ => Self::Failed(
                Error::new(ErrorKind::Io, "the output cannot be written")
                    .on("standard output")
                    .with_source(error),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_complaints_are_a_list_that_fits_a_screen() {
        let error = |n: usize| {
            (0..n).fold(Error::new(ErrorKind::Conflict, "both have changed"), |error, at| {
                error.with_field(format!("step {at}"), "moved")
            })
        };
        assert_eq!(in_lines(&error(2)), "both have changed; step 0: moved; step 1: moved");
        assert_eq!(
            in_lines(&error(3)),
            "both have changed\n  step 0: moved\n  step 1: moved\n  step 2: moved"
        );
        let many = in_lines(&error(30));
        assert!(many.ends_with("\n  step 7: moved\n  and 22 more"), "{many}");
    }
}
