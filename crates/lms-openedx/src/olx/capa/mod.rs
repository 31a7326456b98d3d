//! Problems ↔ exercises. What a response means follows the platform's own grader
//! (reference openedx.md 5.9, 5.10), down to its oddities: marks must not change.

mod number;
mod options;
mod readable;
mod responses;
#[cfg(test)]
mod tests;
mod text;
mod walk;
mod write;

use lms_core::{Exercise, Markup, TaskId};

use crate::convert::markup::Statics;

pub(crate) use number::{decimal, plain_percent};
pub(crate) use readable::readable;
pub(crate) use text::{pattern, plain};
pub(crate) use walk::{context_at, read, uses_context};
pub(crate) use write::{QUEUE, dropdown_text, write};

/// What stands in a problem, in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// Text behind the last input.
    Text(Markup),
    /// One input, with all text before it as prompt.
    Exercise {
        /// Its name in answers, behind the problem's: `2_1`.
        input: String,
        /// The exercise.
        exercise: Box<Exercise>,
    },
}

/// A problem in the neutral form.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Problem {
    /// What stands in it.
    pub(crate) pieces: Vec<Piece>,
    /// What of it is not in the pieces, for findings.
    pub(crate) lost: Vec<String>,
}

/// What a problem does not say itself.
#[derive(Debug, Clone)]
pub(crate) struct Context<'a> {
    /// The files it may link to.
    pub(crate) statics: &'a Statics,
    /// The task its exercises belong to.
    pub(crate) task: TaskId,
    /// Tries, where it says nothing.
    pub(crate) attempts: Option<u32>,
}

/// Why a problem has no neutral form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoNeutralForm(pub(crate) String);

/// The value of an attribute that Studio writes as JSON text or plain (reference openedx.md 5.3).
pub(crate) fn plain_value(raw: &str) -> &str {
    let trimmed = raw.trim();
    trimmed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(trimmed)
}
