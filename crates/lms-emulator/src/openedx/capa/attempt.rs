//! What one learner has done with one problem.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::grade::{Correctness, Outcome};
use super::problem::{Answer, Problem};

/// Answers, marks and counters. Default is an untouched problem.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempt {
    pub(crate) attempts: u32,
    pub(crate) done: bool,
    pub(crate) answers: BTreeMap<String, Answer>,
    pub(crate) outcomes: BTreeMap<String, Outcome>,
    /// Points before weighting; kept through a reset only in the history.
    pub(crate) raw: (f64, f64),
    /// Points of each input.
    worth: BTreeMap<String, f64>,
    pub(crate) saved: bool,
    pub(crate) last: Option<Timestamp>,
    /// Newest first.
    pub(crate) history: Vec<Snapshot>,
}

/// One entry of the submission history.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) state: Value,
    pub(crate) grade: f64,
    pub(crate) max_grade: f64,
}

impl Attempt {
    /// Takes over graded answers.
    pub(crate) fn submit(
        &mut self,
        problem: &Problem,
        answers: BTreeMap<String, Answer>,
        outcomes: BTreeMap<String, Outcome>,
    ) {
        self.attempts += 1;
        self.done = true;
        self.saved = false;
        self.answers = answers;
        self.outcomes = outcomes;
        self.last = Some(Timestamp::now());
        self.worth = problem.inputs().map(|input| (input.id.clone(), input.points())).collect();
        self.count();
        self.remember();
    }

    /// Clears answers and marks, not the number of attempts.
    pub(crate) fn reset(&mut self) {
        self.done = false;
        self.saved = false;
        self.answers.clear();
        self.outcomes.clear();
        self.raw.0 = 0.0;
        self.remember();
    }

    /// Keeps answers without grading them; earlier marks stay counted but are shown no more (recorded: `save`).
    pub(crate) fn save(&mut self, answers: BTreeMap<String, Answer>) {
        self.answers = answers;
        self.saved = true;
        self.remember();
    }

    /// The answer of an external grader for a queued input.
    pub(crate) fn deliver(&mut self, input: &str, share: f64, message: &str) -> bool {
        let Some(outcome) =
            self.outcomes.get_mut(input).filter(|outcome| outcome.correctness == Correctness::Queued)
        else {
            return false;
        };
        let worth = self.worth.get(input).copied().unwrap_or(1.0);
        *outcome = Outcome { message: message.to_owned(), ..Outcome::share(share.clamp(0.0, 1.0), worth) };
        self.count();
        self.remember();
        true
    }

    /// Attempts begin anew; answers and marks stay (`reset_student_attempts` of edx-platform's `instructor/enrollment.py`).
    pub(crate) fn forget_attempts(&mut self) {
        self.attempts = 0;
        self.remember();
    }

    /// The answer that is there, marked again; returns whether the mark was taken over.
    pub(crate) fn regrade(&mut self, outcomes: BTreeMap<String, Outcome>, only_if_higher: bool) -> bool {
        let before = self.clone();
        self.outcomes = outcomes;
        self.count();
        if only_if_higher && self.raw.0 <= before.raw.0 {
            *self = before;
            return false;
        }
        self.remember();
        true
    }

    /// Points set by hand, before weighting; an untouched problem counts as answered then.
    pub(crate) fn set_points(&mut self, earned: f64, possible: f64) {
        self.raw = (earned, possible);
        self.remember();
    }

    /// The mark of an input as it is shown: none once other answers were saved over it.
    pub(crate) fn mark(&self, input: &str) -> Option<&Outcome> {
        self.outcomes.get(input).filter(|_| self.done && !self.saved)
    }

    pub(crate) fn is_queued(&self) -> bool {
        self.outcomes.values().any(|outcome| outcome.correctness == Correctness::Queued)
    }

    /// Whether every input is right, at least in part: what `success` calls "correct".
    pub(crate) fn all_right(&self, problem: &Problem) -> bool {
        let good = |outcome: &Outcome| {
            matches!(outcome.correctness, Correctness::Correct | Correctness::PartiallyCorrect)
        };
        problem.inputs().all(|input| self.outcomes.get(&input.id).is_some_and(good))
    }

    pub(crate) fn is_full(&self) -> bool {
        self.raw.1 > 0.0 && self.raw.0 >= self.raw.1
    }

    /// Points scaled to the weight of the problem.
    pub(crate) fn score(&self, problem: &Problem, weight: Option<f64>) -> (f64, f64) {
        let possible = problem.possible();
        match weight {
            Some(weight) if possible > 0.0 => (self.raw.0 * weight / possible, weight),
            _ => (self.raw.0, possible),
        }
    }

    /// The stored state, as the submission history shows it.
    pub(crate) fn state(&self) -> Value {
        let mut marks = Map::new();
        for (id, outcome) in &self.outcomes {
            let queue = (outcome.correctness == Correctness::Queued)
                .then(|| json!({"key": "queued", "time": self.last.map(|last| last.to_string())}));
            marks.insert(
                id.clone(),
                json!({
                    "correctness": outcome.correctness.word(), "npoints": outcome.points, "msg": outcome.message,
                    "hint": "", "hintmode": null, "queuestate": queue, "answervariable": null,
                }),
            );
        }
        let answers: Map<String, Value> =
            self.answers.iter().map(|(id, answer)| (id.clone(), answer.to_json())).collect();
        let inputs: Map<String, Value> = self.outcomes.keys().map(|id| (id.clone(), json!({}))).collect();
        json!({
            "seed": 1, "attempts": self.attempts, "done": self.done,
            "last_submission_time": self.last.map(|last| last.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            "has_saved_answers": self.saved, "student_answers": answers, "correct_map": marks, "input_state": inputs,
            "score": {"raw_earned": self.raw.0, "raw_possible": self.raw.1},
        })
    }

    fn count(&mut self) {
        let earned = |(id, worth): (&String, &f64)| {
            self.outcomes.get(id).map_or(0.0, |outcome| points(outcome, *worth))
        };
        self.raw = (self.worth.iter().map(earned).sum(), self.worth.values().sum());
    }

    fn remember(&mut self) {
        let snapshot = Snapshot { state: self.state(), grade: self.raw.0, max_grade: self.raw.1 };
        self.history.insert(0, snapshot);
    }
}

fn points(outcome: &Outcome, all: f64) -> f64 {
    let full = if outcome.correctness == Correctness::Correct { all } else { 0.0 };
    outcome.points.unwrap_or(full)
}
