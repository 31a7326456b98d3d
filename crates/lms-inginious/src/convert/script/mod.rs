//! Run scripts of our own, for exercises that INGInious has no problem type for.
//!
//! One script serves all: it reads `grading.json` beside it, which holds the exercises with their keys
//! in the neutral form, and marks answers as [`lms_core::grade`] does. None of the files lies in `public/`.

mod display;

use lms_core::{Exercise, Interaction};
use serde::{Deserialize, Serialize};

pub(crate) use display::show;

/// Says that a `grading.json` is ours, and in which form.
pub(crate) const FORMAT: &str = "lms-grading/1";
/// The name of a generated run script.
pub(crate) const RUN_FILE: &str = "run.py";
/// The name of what it grades by.
pub(crate) const GRADING_FILE: &str = "grading.json";
/// The name of the script's calculator, which lies beside it where a formula is asked for.
pub(crate) const FORMULAS_FILE: &str = "formulas.py";
/// Files of a task that are ours where `grading.json` is.
pub(crate) const GENERATED: [&str; 3] = [GRADING_FILE, RUN_FILE, FORMULAS_FILE];
/// The script.
const RUN_SCRIPT: &str = include_str!("run.py");
/// Its calculator.
const FORMULAS_SCRIPT: &str = include_str!("formulas.py");

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
    /// The scripts that grade by this.
    pub(crate) fn scripts(&self) -> Vec<(String, String)> {
        let mut scripts = vec![(RUN_FILE.to_owned(), RUN_SCRIPT.to_owned())];
        let is_formula = |graded: &Graded| matches!(graded.exercise.interaction, Interaction::Formula(_));
        let formulas = self.exercises.iter().any(is_formula);
        if formulas {
            scripts.push((FORMULAS_FILE.to_owned(), FORMULAS_SCRIPT.to_owned()));
        }
        scripts
    }

    /// Reads a `grading.json`; `None` where it is not ours.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let grading: Self = serde_json::from_slice(bytes).ok()?;
        (grading.format == FORMAT).then_some(grading)
    }
}

#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;
