//! Answers to try on two platforms, and what each is worth.

mod choice;
mod example;
mod number;
mod structure;
mod text;

use super::{Mark, Ungradable, grade};
use crate::{Exercise, Interaction, Key, Response};

/// Answers at most for one exercise.
const MOST: usize = 40;
/// Accepted texts or numbers, wrong options, gaps or rows that are tried at most.
const EACH: usize = 8;

/// An answer to try.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// What is tried: `right`, `other case`, `just outside the tolerance`.
    pub label: &'static str,
    /// The answer.
    pub response: Response,
    /// What it is worth by the reference grader.
    pub expected: Mark,
}

/// Answers to try on an exercise: right ones, wrong ones, near misses, edges, and the empty one where
/// the interaction has such a thing (an order has not).
///
/// They are the same at every call, no two are equal, there are 40 at most, and what each is worth
/// is what [`grade`] says.
///
/// There are five at least, except
/// * none where the exercise cannot be graded here or the key is broken,
/// * one for each option and the empty answer where a single choice or a list has fewer than four
///   options, and all selections where a multiple choice has fewer than three,
/// * all orders where there are fewer than three things to order, and fewer where they look alike,
/// * what a match, a gap or a table allows where it has a single small part,
/// * two or three where every valid answer is right, one where files are handed in,
/// * and there is no right one where none can be found: a pattern with look-around or
///   back-references, a key that takes nothing.
///
/// What platforms are known to read differently (a decimal comma, `1/2` for a number) is not
/// tried: the answers are to show whether a migrated exercise is the same, not whether platforms are.
pub fn probes(exercise: &Exercise) -> Vec<Probe> {
    let mut tries = Tries::default();
    match (&exercise.interaction, exercise.key.as_ref()) {
        (_, None) => {}
        (interaction, Some(Key::Any)) => structure::any(interaction, &mut tries),
        (Interaction::Choice(choice), Some(Key::Choice { correct })) => {
            choice::tries(choice.cardinality, choice.options.len(), correct, &mut tries);
        }
        (Interaction::InlineChoice(inline), Some(Key::Choice { correct })) => {
            choice::tries(crate::Cardinality::Single, inline.options.len(), correct, &mut tries);
        }
        (Interaction::TextEntry(_), Some(Key::Text { accept })) => text::tries(accept, &mut tries),
        (Interaction::Numeric(_), Some(Key::Number { accept })) => number::tries(accept, &mut tries),
        (
            Interaction::Formula(_),
            Some(Key::Formula { answer, variables, tolerance, case_sensitive, .. }),
        ) => {
            number::formulas(answer, variables, tolerance, *case_sensitive, &mut tries);
        }
        (Interaction::Match(pairs), Some(Key::Match { targets })) => {
            structure::pairs(pairs, targets, &mut tries)
        }
        (Interaction::Order(_), Some(Key::Order { order })) => structure::orders(order, &mut tries),
        (Interaction::Gap(gap), Some(Key::Gaps { gaps })) => structure::gaps(gap, gaps, &mut tries),
        (Interaction::Table(table), Some(Key::Table { rows })) => structure::tables(table, rows, &mut tries),
        _ => {}
    }
    let mut probes: Vec<Probe> = Vec::new();
    for (label, response) in tries.0 {
        if probes.len() == MOST {
            break;
        }
        if probes.iter().any(|probe| probe.response == response) {
            continue;
        }
        match grade(exercise, &response) {
            Ok(expected) => probes.push(Probe { label, response, expected }),
            Err(Ungradable::Misfit(_)) => {}
            Err(_) => return Vec::new(),
        }
    }
    probes
}

/// Answers to be graded, in order of weight.
#[derive(Debug, Default)]
struct Tries(Vec<(&'static str, Response)>);

impl Tries {
    fn add(&mut self, label: &'static str, response: Response) {
        self.0.push((label, response));
    }
}

#[cfg(test)]
mod tests;
