//! The reference grader: what an answer is worth by the key alone.

use crate::{Exercise, Response};

/// What the reference grader says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// The share of the points, 0 to 1.
    pub score: f64,
    /// Whether it is all right.
    pub correct: bool,
}

/// Why an answer cannot be marked here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Ungradable {
    /// The exercise has no key: the platform does not tell, or another grader decides.
    #[error("the exercise has no key")]
    NoKey,
    /// A program or a person decides.
    #[error("only {0} can mark this")]
    Elsewhere(String),
    /// The answer is of another kind than the interaction, or names what is not there.
    #[error("the answer does not fit the exercise: {0}")]
    Misfit(String),
    /// The key itself is broken: an unreadable number or pattern.
    #[error("the key cannot be used: {0}")]
    BrokenKey(String),
}

/// Marks an answer by the exercise's key.
///
/// # Errors
/// See [`Ungradable`].
pub fn grade(exercise: &Exercise, response: &Response) -> Result<Mark, Ungradable> {
    let _ = response;
    match exercise.key {
        None => Err(Ungradable::NoKey),
        Some(_) => Err(Ungradable::Elsewhere("the platform".into())),
    }
}

/// An answer to try, and what it is worth by the key.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// What it tries: `right`, `wrong`, `near miss`.
    pub label: &'static str,
    /// The answer.
    pub response: Response,
    /// What it is worth.
    pub expected: Mark,
}

/// Answers to try on an exercise.
pub fn probes(exercise: &Exercise) -> Vec<Probe> {
    let _ = exercise;
    Vec::new()
}
