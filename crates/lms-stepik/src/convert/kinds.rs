//! The kinds of quiz that have a neutral form, one module each, reading and writing side by side
//! (reference stepik.md 4).

pub(super) mod choice;
pub(super) mod code;
pub(super) mod formula;
pub(super) mod free_answer;
pub(super) mod gap;
pub(super) mod number;
pub(super) mod pairs;
pub(super) mod pattern;
pub(super) mod program;
pub(super) mod string;
mod sympy;
pub(super) mod table;
pub(super) mod templates;

use lms_core::{Credit, Exercise, Grader, Interaction, Key};
use serde_json::Value;

use super::Losses;
use crate::wire::{Object, get};

/// A quiz as it was read.
#[derive(Debug)]
pub(super) struct Quiz {
    pub(super) interaction: Interaction,
    pub(super) key: Option<Key>,
    pub(super) grader: Grader,
    pub(super) credit: Credit,
    /// Settings beyond the model, which go to the block's extras.
    pub(super) kept: Object,
}

impl Quiz {
    pub(super) fn new(interaction: Interaction, key: Option<Key>) -> Self {
        Self { interaction, key, grader: Grader::Key, credit: Credit::AllOrNothing, kept: Object::new() }
    }

    /// One that a program of the platform marks, named for people.
    pub(super) fn marked_by(interaction: Interaction, program: &str) -> Self {
        Self { grader: Grader::Native(program.to_owned()), ..Self::new(interaction, None) }
    }
}

/// A quiz as it is to be written: its native name and `source`; or why Stepik cannot hold it.
pub(super) type Written = Result<(&'static str, Object), &'static str>;

pub(super) const NO_KEY: &str = "the answers are not known";

/// The exercise's key, which a quiz cannot do without.
fn key(exercise: &Exercise) -> Result<&Key, &'static str> {
    exercise.key.as_ref().ok_or(NO_KEY)
}

const MISFIT: &str = "the key does not go with the kind of exercise";
const ANY: &str = "this kind of quiz cannot take every answer as right";

/// The settings of `source` that the model has no place for: all but `expressed`, and of those in
/// `defaults` the ones that differ.
fn keep(kept: &mut Object, source: &Object, expressed: &[&str], defaults: &[(&str, Value)]) {
    let more: Object = source
        .iter()
        .filter(|(key, _)| !expressed.contains(&key.as_str()))
        .filter(|(key, value)| !defaults.iter().any(|(name, default)| name == key && default == *value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if !more.is_empty() {
        kept.insert("source".into(), Value::Object(more));
    }
}

/// A kept setting of `source`.
fn kept<'a>(kept: &'a Object, key: &str) -> Option<&'a Value> {
    get::object(kept, "source")?.get(key)
}

/// `source` with the platform's defaults, then with what was kept.
fn restore(mut source: Object, kept: &Object, defaults: &[(&str, Value)]) -> Object {
    for (key, value) in defaults {
        source.entry(*key).or_insert_with(|| value.clone());
    }
    for (key, value) in get::object(kept, "source").into_iter().flatten() {
        source.insert(key.clone(), value.clone());
    }
    source
}

/// Whether texts of the quiz are HTML; so unless it says otherwise.
pub(super) fn is_html(flag: Option<&Value>) -> bool {
    flag.and_then(Value::as_bool).unwrap_or(true)
}

/// Names that partial marks are lost.
fn all_or_nothing(credit: Credit, losses: &mut Losses) {
    let why = match credit {
        Credit::AllOrNothing => return,
        Credit::PerPart => "Stepik gives no marks for single parts of this kind of quiz",
        Credit::EveryDecision => "Stepik gives no marks for single options",
        Credit::Halves => "Stepik gives no half marks for a nearly right answer",
    };
    losses.changing_marks("partial marks", why, "all marks for an answer that is all right, else none");
}
