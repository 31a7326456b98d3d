//! The cells of the mapping matrix that are to be exact: of which an exercise must be marked the same.

use std::collections::HashSet;

use lms::{
    Cardinality, Course, Credit, Exercise, Grader, Interaction, Key, NumberAccept, Platform, TaskId,
    TextRule, Tolerance,
};

/// The name of the exact cell that an exercise falls into; `None` where the matrix says that something is lost.
pub(crate) fn cell(from: Platform, to: Platform, exercise: &Exercise, alone: bool) -> Option<&'static str> {
    if exercise.grader != Grader::Key {
        return None;
    }
    if from == to {
        return Some("any kind, same platform");
    }
    let whole = exercise.scoring.credit == Credit::AllOrNothing;
    match (&exercise.interaction, exercise.key.as_ref()?) {
        (Interaction::Choice(choice), Key::Choice { .. }) => {
            let subset = choice.shown.is_some();
            match choice.cardinality {
                Cardinality::Single if to == Platform::OpenEdx || whole => Some("choice, one right"),
                Cardinality::Multiple if whole && !(subset && to == Platform::OpenEdx) => {
                    Some("choice, several right")
                }
                _ => None,
            }
        }
        (Interaction::InlineChoice(_), Key::Choice { .. }) if alone => Some("drop-down"),
        (Interaction::TextEntry(_), Key::Text { accept }) => {
            let exact = accept.iter().all(|a| a.rule == TextRule::Exact);
            let cased = accept.iter().all(|a| a.case_sensitive);
            match to {
                Platform::Inginious => (exact && cased && accept.len() == 1).then_some("text, exact"),
                Platform::OpenEdx => exact.then_some("text, exact"),
                // One Stepik question has one rule, and takes one text or one pattern.
                _ => (exact && accept.len() == 1).then_some("text, exact"),
            }
        }
        (Interaction::Numeric(_), Key::Number { accept }) if to != Platform::Inginious => {
            match accept.as_slice() {
                [NumberAccept::Value { tolerance: Tolerance::Absolute { .. }, .. }] => Some("number ± error"),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Tasks that hold several exercises: they are marked together.
pub(crate) fn joint(course: &Course) -> HashSet<TaskId> {
    let (mut seen, mut joint) = (HashSet::new(), HashSet::new());
    for place in course.blocks() {
        if let Some(exercise) = place.block.1.exercise()
            && !seen.insert(&exercise.task)
        {
            joint.insert(exercise.task.clone());
        }
    }
    joint
}
