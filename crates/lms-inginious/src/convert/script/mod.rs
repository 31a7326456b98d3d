//! Run scripts of our own, for exercises that INGInious has no problem type for.
//!
//! One script serves all: it reads `grading.json` beside it, which holds the exercises with their keys
//! in the neutral form, and marks answers as [`lms_core::grade`] does. Neither file lies in `public/`.

mod display;

use lms_core::Exercise;
use serde::{Deserialize, Serialize};

pub(crate) use display::show;

/// Says that a `grading.json` is ours, and in which form.
pub(crate) const FORMAT: &str = "lms-grading/1";
/// The name of a generated run script.
pub(crate) const RUN_FILE: &str = "run.py";
/// The name of what it grades by.
pub(crate) const GRADING_FILE: &str = "grading.json";
/// The script.
pub(crate) const RUN_SCRIPT: &str = include_str!("run.py");

/// What a generated run script grades by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Grading {
    pub(crate) format: String,
    pub(crate) exercises: Vec<Graded>,
}

/// One exercise, and the problems of the task that ask for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Graded {
    /// Its id in the task.
    pub(crate) id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) title: String,
    /// The ids of the problems, in the order of its parts.
    pub(crate) problems: Vec<String>,
    /// For things to be put in order: the item behind each number that the learner sees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) display: Vec<usize>,
    #[serde(default, skip_serializing_if = "Messages::is_empty")]
    pub(crate) messages: Messages,
    pub(crate) exercise: Exercise,
}

/// What the script says, in reStructuredText.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Messages {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) correct: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) incorrect: String,
    /// By option; empty where no option has anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) options: Vec<String>,
}

impl Messages {
    fn is_empty(&self) -> bool {
        self.correct.is_empty() && self.incorrect.is_empty() && self.options.is_empty()
    }
}

impl Grading {
    /// Reads a `grading.json`; `None` where it is not ours.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let grading: Self = serde_json::from_slice(bytes).ok()?;
        (grading.format == FORMAT).then_some(grading)
    }
}

#[cfg(test)]
mod tests;
