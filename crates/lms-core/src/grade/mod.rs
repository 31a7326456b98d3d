//! The reference grader: what an answer is worth by the key alone.
//!
//! It is the neutral rule against which platforms are held, so it is written down here in full.
//! Where a platform marks otherwise, its provider says so in a [`Finding`](crate::Finding).
//!
//! # What is right
//! * **Choice, single; inline choice**: the option picked is one of the right ones. Nothing picked is
//!   wrong; two picked do not fit.
//! * **Choice, multiple**: exactly the right options. Nothing picked is right only where nothing is
//!   to be picked, and earns nothing otherwise, whatever the credit. (Open edX marks an empty answer
//!   wrong even then: reference openedx.md 5.10.) Every option counts as shown.
//! * **Text entry**: one of the accepted texts takes it, see [`TextRule`](crate::TextRule).
//!   Outer white space never counts, in an exact key neither. An empty answer is taken by an
//!   empty exact text alone, never by a pattern.
//! * **Numeric**: a decimal number, `-12.5e3`, within the tolerance, edges included. White space
//!   around it, every Unicode minus or dash as sign, and a comma for the point where there is no
//!   point are read. Inner white space, expressions (`1/2`), `inf` and `nan` are not numbers. What
//!   is not a number is wrong, not refused (Stepik marks so; Open edX refuses it and counts no
//!   attempt). Nothing is rounded on the way.
//! * **Formula**: agrees with the key at every point tried, see [`expression`]. Unknown names and
//!   what cannot be read are wrong, not refused, for the same reason.
//! * **Match**: each source is paired with one of its targets, or left alone where it has none.
//! * **Order**: every place is right; things that look the same may change places.
//! * **Gap**: each gap by its own rule, texts as in text entry.
//! * **Table**: each row by its own rule, as in choice.
//! * **[`Key::Any`]**: every answer that fits and is not empty. A number must be readable, a file must be of an
//!   ending and a size that is taken; several options may also be left alone all.
//!
//! # What it is worth
//! [`Credit::PerPart`](crate::Credit) counts sources, places, gaps and rows; `EveryDecision` and
//! `Halves` count the options of a multiple choice. Where a rule does not apply, it is all or nothing.
//!
//! Programs, essays and files without [`Key::Any`], and whatever a
//! [`Grader`] other than the key decides, are [`Ungradable::Elsewhere`].

mod choice;
pub mod expression;
mod fit;
mod formula;
mod number;
mod pattern;
mod probe;
mod structure;
mod text;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;

use crate::{Exercise, Grader, Interaction, Key, Response};

pub use pattern::malformed;
pub use probe::{Probe, probes};

/// What the reference grader says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// The share of the points, 0 to 1.
    pub score: f64,
    /// Whether it is all right: the score is 1.
    pub correct: bool,
}

impl Mark {
    /// All right.
    pub const RIGHT: Self = Self { score: 1.0, correct: true };
    /// All wrong.
    pub const WRONG: Self = Self { score: 0.0, correct: false };

    fn all_or_nothing(right: bool) -> Self {
        if right { Self::RIGHT } else { Self::WRONG }
    }

    /// So many of so many parts.
    fn share(right: usize, of: usize) -> Self {
        if right >= of { Self::RIGHT } else { Self { score: right as f64 / of as f64, correct: false } }
    }
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
/// See [`Ungradable`]. A key or an answer that makes no sense is an error, never a panic.
pub fn grade(exercise: &Exercise, response: &Response) -> Result<Mark, Ungradable> {
    match &exercise.grader {
        Grader::Key => {}
        Grader::Native(name) => return Err(Ungradable::Elsewhere(name.clone())),
        Grader::Human => return Err(Ungradable::Elsewhere("a person".into())),
    }
    let interaction = &exercise.interaction;
    let Some(key) = &exercise.key else {
        return Err(match by_others(interaction) {
            Some(who) => Ungradable::Elsewhere(who.into()),
            None => Ungradable::NoKey,
        });
    };
    if matches!(key, Key::Any) {
        return fit::check(interaction, response).map(|answered| Mark::all_or_nothing(answered.valid()));
    }
    if let Some(who) = by_others(interaction) {
        return Err(Ungradable::Elsewhere(who.into()));
    }
    fit::check(interaction, response)?;
    let credit = exercise.scoring.credit;
    match (interaction, key, response) {
        (Interaction::Choice(choice), Key::Choice { correct }, Response::Choice { selected }) => {
            choice::grade(choice.cardinality, choice.options.len(), correct, selected, credit)
        }
        (Interaction::InlineChoice(inline), Key::Choice { correct }, Response::Choice { selected }) => {
            choice::grade(crate::Cardinality::Single, inline.options.len(), correct, selected, credit)
        }
        (Interaction::TextEntry(_), Key::Text { accept }, Response::Text { text }) => {
            text::taken(accept, text).map(Mark::all_or_nothing)
        }
        (Interaction::Numeric(_), Key::Number { accept }, Response::Number { number }) => {
            number::taken(accept, number).map(Mark::all_or_nothing)
        }
        (Interaction::Formula(_), key @ Key::Formula { .. }, Response::Formula { formula }) => {
            formula::FormulaKey::new(key)?.agrees(formula).map(Mark::all_or_nothing)
        }
        (Interaction::Match(pairs), Key::Match { targets: key }, Response::Match { targets }) => {
            structure::pairs(pairs, key, targets, credit)
        }
        (Interaction::Order(items), Key::Order { order: key }, Response::Order { order }) => {
            structure::order(items, key, order, credit)
        }
        (Interaction::Gap(gap), Key::Gaps { gaps: key }, Response::Gaps { texts }) => {
            structure::gaps(gap, key, texts, credit)
        }
        (Interaction::Table(table), Key::Table { rows: key }, Response::Table { rows }) => {
            structure::table(table, key, rows, credit)
        }
        _ => Err(Ungradable::BrokenKey(format!("it is of another kind than {}", interaction.name()))),
    }
}

/// Who marks what no key but [`Key::Any`] can mark.
fn by_others(interaction: &Interaction) -> Option<&'static str> {
    match interaction {
        Interaction::Code(_) => Some("a program"),
        Interaction::ExtendedText(_) => Some("a person"),
        Interaction::FileUpload(_) => Some("a person or a program"),
        _ => None,
    }
}
