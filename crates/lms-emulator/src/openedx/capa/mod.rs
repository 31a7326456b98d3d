//! Capa problems: reading, grading and rendering (reference openedx.md 3.10, 5.9, 5.10).

mod answers;
mod attempt;
mod choice;
mod expression;
mod feedback;
mod grade;
mod math;
mod numbers;
mod problem;
mod render;
mod text;

use std::collections::HashMap;

use super::keys::{BlockId, CourseKey};

pub(crate) use answers::shown;
pub(crate) use attempt::Attempt;
pub(crate) use grade::{Correctness, Failure, grade};
pub(crate) use problem::{Problem, read_form};
pub(crate) use render::{View, render, status_html};

/// Answers listed as right for inputs whose graders cannot run here.
#[derive(Debug, Default)]
pub(crate) struct Accepted(HashMap<(CourseKey, BlockId), HashMap<String, Vec<String>>>);

impl Accepted {
    pub(crate) fn add(&mut self, place: (CourseKey, BlockId), input: &str, answer: &str) {
        self.0.entry(place).or_default().entry(input.to_owned()).or_default().push(answer.to_owned());
    }

    /// The table of one problem, by `{response}_{input}`.
    pub(crate) fn of(&self, key: &CourseKey, id: &BlockId) -> HashMap<String, Vec<String>> {
        self.0.get(&(key.clone(), id.clone())).cloned().unwrap_or_default()
    }
}
