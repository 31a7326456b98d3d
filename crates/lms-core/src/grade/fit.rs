//! Whether an answer fits the interaction at all, and whether there is anything in it.

use std::collections::BTreeSet;

use super::{Ungradable, expression::Expression, number, text};
use crate::{Cardinality, Interaction, Response};

/// What is known of an answer without the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    /// Something that could be right.
    Valid,
    /// Nothing, or nothing that can be read.
    Blank,
}

impl Answered {
    pub(super) fn valid(self) -> bool {
        self == Self::Valid
    }

    fn when(valid: bool) -> Self {
        if valid { Self::Valid } else { Self::Blank }
    }
}

/// Checks kind and positions.
pub(super) fn check(interaction: &Interaction, response: &Response) -> Result<Answered, Ungradable> {
    match (interaction, response) {
        (Interaction::Choice(choice), Response::Choice { selected }) => {
            picked(choice.cardinality, choice.options.len(), selected, "option")?;
            Ok(Answered::when(choice.cardinality == Cardinality::Multiple || !selected.is_empty()))
        }
        (Interaction::InlineChoice(inline), Response::Choice { selected }) => {
            picked(Cardinality::Single, inline.options.len(), selected, "entry")?;
            Ok(Answered::when(!selected.is_empty()))
        }
        (Interaction::TextEntry(_), Response::Text { text: answer })
        | (Interaction::ExtendedText(_), Response::ExtendedText { text: answer }) => {
            Ok(Answered::when(!text::trim(answer).is_empty()))
        }
        (Interaction::Numeric(_), Response::Number { number: answer }) => {
            Ok(Answered::when(number::read_answer(answer).is_some()))
        }
        (Interaction::Formula(_), Response::Formula { formula }) => {
            Ok(Answered::when(Expression::parse(formula).is_ok()))
        }
        (Interaction::Match(pairs), Response::Match { targets }) => {
            count("source", pairs.sources.len(), targets.len())?;
            for target in targets.iter().flatten() {
                position("target", pairs.targets.len(), *target)?;
            }
            Ok(Answered::when(targets.iter().any(Option::is_some)))
        }
        (Interaction::Order(items), Response::Order { order }) => {
            if !is_permutation(order, items.items.len()) {
                return misfit(format!("it does not name each of the {} items once", items.items.len()));
            }
            Ok(Answered::when(!order.is_empty()))
        }
        (Interaction::Gap(gap), Response::Gaps { texts }) => {
            count("gap", gap.gaps().count(), texts.len())?;
            for (at, (entries, answer)) in gap.gaps().zip(texts).enumerate() {
                let answer = text::trim(answer);
                let known =
                    entries.is_none_or(|entries| entries.iter().any(|entry| text::trim(entry) == answer));
                if !known && !answer.is_empty() {
                    return misfit(format!("gap {at} has no entry {answer:?}"));
                }
            }
            Ok(Answered::when(texts.iter().any(|answer| !text::trim(answer).is_empty())))
        }
        (Interaction::Table(table), Response::Table { rows }) => {
            count("row", table.rows.len(), rows.len())?;
            for row in rows {
                picked(table.cardinality, table.columns.len(), row, "column")?;
            }
            let ticked = rows.iter().any(|row| !row.is_empty());
            Ok(Answered::when(table.cardinality == Cardinality::Multiple || ticked))
        }
        (Interaction::Code(code), Response::Code { source, .. }) => {
            Ok(Answered::when(code.optional || !source.trim().is_empty()))
        }
        (Interaction::FileUpload(upload), Response::Files(files)) => {
            for file in files {
                if !upload.extensions.is_empty()
                    && !upload.extensions.iter().any(|end| file.name.ends_with(end))
                {
                    return misfit(format!(
                        "{:?} has none of the endings {}",
                        file.name,
                        upload.extensions.join(", ")
                    ));
                }
                if upload.max_bytes.is_some_and(|most| file.content.len() as u64 > most) {
                    return misfit(format!("{:?} is larger than allowed", file.name));
                }
            }
            Ok(Answered::when(!files.is_empty()))
        }
        _ => misfit(format!("it is of another kind than {}", interaction.name())),
    }
}

/// Whether each of `0..of` occurs once.
pub(super) fn is_permutation(order: &[usize], of: usize) -> bool {
    order.len() == of && order.iter().copied().collect::<BTreeSet<_>>() == (0..of).collect()
}

fn picked(
    cardinality: Cardinality,
    of: usize,
    selected: &BTreeSet<usize>,
    what: &str,
) -> Result<(), Ungradable> {
    if let Some(last) = selected.last() {
        position(what, of, *last)?;
    }
    if cardinality == Cardinality::Single && selected.len() > 1 {
        return misfit(format!("it picks {} where one {what} may be picked", selected.len()));
    }
    Ok(())
}

fn position(what: &str, of: usize, at: usize) -> Result<(), Ungradable> {
    if at < of { Ok(()) } else { misfit(format!("there is no {what} {at} (counted from 0), only {of}")) }
}

fn count(what: &str, expected: usize, found: usize) -> Result<(), Ungradable> {
    if expected == found {
        Ok(())
    } else {
        misfit(format!("there are {expected} {what}s and it answers {found}"))
    }
}

fn misfit<T>(why: String) -> Result<T, Ungradable> {
    Err(Ungradable::Misfit(why))
}
