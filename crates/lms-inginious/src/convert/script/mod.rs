//! Run scripts of our own, for exercises that INGInious has no problem type for.

use lms_core::Exercise;
use serde::{Deserialize, Serialize};

/// Says that a `grading.json` is ours, and in which form.
pub(crate) const FORMAT: &str = "lms-grading/1";

/// What a generated run script grades by: `grading.json` beside it, outside `public/`.
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
    #[serde(default)]
    pub(crate) title: String,
    /// The ids of the problems, in the order of its parts.
    pub(crate) problems: Vec<String>,
    pub(crate) exercise: Exercise,
}

impl Grading {
    /// Reads a `grading.json`; `None` where it is not ours.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let grading: Self = serde_json::from_slice(bytes).ok()?;
        (grading.format == FORMAT).then_some(grading)
    }
}

/// The name of a generated run script.
pub(crate) const RUN_FILE: &str = "run.py";
