//! Exercises with several parts → several inputs of one problem: Open edX has no native gap text,
//! matching, ordering or table.

use std::collections::BTreeSet;

use lms_core::{
    Cardinality, ChoiceInteraction, ChoiceOption, Credit, Exercise, GapAccept, GapSegment,
    InlineChoiceInteraction, Interaction, Key, Markup, TextEntryInteraction,
};

/// An exercise taken apart.
pub(super) struct Parts {
    /// The parts, prompts included.
    pub(super) parts: Vec<Exercise>,
    /// Text behind the last part.
    pub(super) rest: Markup,
    /// What Open edX calls what stands there now.
    pub(super) form: &'static str,
}

/// Takes an exercise apart; `None` where it has one part only. An `Err` says why it cannot be done.
pub(super) fn split(exercise: &Exercise) -> Result<Option<Parts>, &'static str> {
    let parts = match (&exercise.interaction, &exercise.key) {
        (Interaction::Gap(gap), Some(key)) => {
            let mut accepts = match key {
                Key::Gaps { gaps } if gaps.len() == gap.gaps().count() => {
                    gaps.iter().map(Some).collect::<Vec<_>>()
                }
                Key::Any => gap.gaps().map(|_| None).collect(),
                _ => return Err("its key does not fit it"),
            }
            .into_iter();
            let (mut parts, mut text) = (Vec::new(), exercise.prompt.clone());
            let mut inline = false;
            for segment in &gap.segments {
                let (interaction, key) = match segment {
                    GapSegment::Text { markup } => {
                        // Segments of one sentence stay on one line.
                        text = if inline { joined(&text, markup) } else { text.then(markup) };
                        inline = true;
                        continue;
                    }
                    GapSegment::Entry => {
                        let key = match accepts.next().flatten() {
                            Some(GapAccept::Text { accept }) => Key::Text { accept: accept.clone() },
                            Some(GapAccept::Choice { .. }) => return Err("its key does not fit it"),
                            None => Key::Any,
                        };
                        (Interaction::TextEntry(TextEntryInteraction::default()), key)
                    }
                    GapSegment::Choice { options } => {
                        let key = match accepts.next().flatten() {
                            Some(GapAccept::Choice { correct }) => Key::Choice { correct: correct.clone() },
                            Some(GapAccept::Text { .. }) => return Err("its key does not fit it"),
                            None => Key::Any,
                        };
                        let options =
                            options.iter().map(|o| ChoiceOption::new(Markup::from_text(o))).collect();
                        (Interaction::InlineChoice(InlineChoiceInteraction { options }), key)
                    }
                };
                parts.push((std::mem::take(&mut text), interaction, key));
                inline = true;
            }
            made(exercise, parts, text, "a text field or a drop-down list for each gap")
        }
        (Interaction::Match(pairs), Some(key)) => {
            let right: Vec<Option<BTreeSet<usize>>> = match key {
                Key::Match { targets } if targets.len() == pairs.sources.len() => {
                    targets.iter().cloned().map(Some).collect()
                }
                Key::Any => vec![None; pairs.sources.len()],
                _ => return Err("its key does not fit it"),
            };
            let alone = right.iter().flatten().any(BTreeSet::is_empty);
            let parts = pairs.sources.iter().zip(right).map(|(source, right)| {
                (source.clone(), list(&pairs.targets, alone), key_of(right, &pairs.targets, alone))
            });
            let parts = with_prompt(&exercise.prompt, parts);
            made(exercise, parts, Markup::default(), "a drop-down list for each row")
        }
        (Interaction::Order(order), Some(key)) => {
            let right: Vec<Option<BTreeSet<usize>>> = match key {
                Key::Order { order: right } if right.len() == order.items.len() => {
                    right.iter().map(|item| Some(BTreeSet::from([*item]))).collect()
                }
                Key::Any => vec![None; order.items.len()],
                _ => return Err("its key does not fit it"),
            };
            let parts = right.into_iter().enumerate().map(|(place, right)| {
                let prompt = Markup::from_html(format!("<p>{}.</p>", place + 1));
                (prompt, list(&order.items, false), key_of(right, &order.items, false))
            });
            let parts = with_prompt(&exercise.prompt, parts);
            made(exercise, parts, Markup::default(), "a drop-down list for each place")
        }
        (Interaction::Table(table), Some(key)) => {
            let right: Vec<Option<&BTreeSet<usize>>> = match key {
                Key::Table { rows } if rows.len() == table.rows.len() => rows.iter().map(Some).collect(),
                Key::Any => vec![None; table.rows.len()],
                _ => return Err("its key does not fit it"),
            };
            let parts = table.rows.iter().zip(right).map(|(row, right)| {
                let interaction = Interaction::Choice(ChoiceInteraction {
                    cardinality: table.cardinality,
                    options: table.columns.iter().cloned().map(ChoiceOption::new).collect(),
                    shuffle: false,
                    shown: None,
                });
                let key = right.map_or(Key::Any, |right| Key::Choice { correct: right.clone() });
                (row.clone(), interaction, key)
            });
            let parts = with_prompt(&exercise.prompt.then(&table.description), parts);
            let form = match table.cardinality {
                Cardinality::Single => "radio buttons for each row",
                Cardinality::Multiple => "checkboxes for each row",
            };
            made(exercise, parts, Markup::default(), form)
        }
        _ => return Ok(None),
    };
    if parts.parts.is_empty() { Err("it has nothing to answer") } else { Ok(Some(parts)) }
}

/// What answers to an exercise earn otherwise once it is taken apart, whatever its parts are worth: what, why, and
/// which marks.
pub(super) fn changed_marks(exercise: &Exercise) -> Vec<(&'static str, &'static str, &'static str)> {
    let left_open = "Open edX marks a part that is left open wrong";
    let mut changed = Vec::new();
    match (&exercise.interaction, &exercise.key) {
        (Interaction::Match(pairs), Some(Key::Match { targets })) => {
            if targets.iter().any(BTreeSet::is_empty) {
                let marks = "one more entry, \"–\", is right; such a row left open is wrong";
                changed.push(("match: a row without a partner", left_open, marks));
            }
            if sorted(&pairs.targets, false).len() < pairs.targets.len() {
                let why = "nobody can tell them apart, so the list has them once";
                changed.push(("match: targets that say the same", why, "where one is right, all are"));
            }
        }
        (Interaction::Table(table), Some(Key::Table { rows }))
            if table.cardinality == Cardinality::Single && rows.iter().any(BTreeSet::is_empty) =>
        {
            changed.push(("table: a row without a right cell", left_open, "such a row earns nothing"));
        }
        _ => {}
    }
    changed
}

type Part = (Markup, Interaction, Key);

fn joined(text: &Markup, more: &Markup) -> Markup {
    Markup::from_html(format!("{}{}", text.html(), more.html()))
}

fn with_prompt(prompt: &Markup, parts: impl Iterator<Item = Part>) -> Vec<Part> {
    parts
        .enumerate()
        .map(|(n, (own, interaction, key))| (if n == 0 { prompt.then(&own) } else { own }, interaction, key))
        .collect()
}

/// A list of all things, in an order that says nothing of the right one; texts that repeat stand once.
/// `alone` adds an entry for what has no partner.
fn list(items: &[Markup], alone: bool) -> Interaction {
    let options = sorted(items, alone).into_iter().map(ChoiceOption::new).collect();
    Interaction::InlineChoice(InlineChoiceInteraction { options })
}

fn sorted(items: &[Markup], alone: bool) -> Vec<Markup> {
    let mut sorted = items.to_vec();
    sorted.sort_by(|a, b| a.html().cmp(b.html()));
    sorted.dedup();
    if alone {
        sorted.push(Markup::from_text("–"));
    }
    sorted
}

fn key_of(right: Option<BTreeSet<usize>>, items: &[Markup], alone: bool) -> Key {
    let Some(right) = right else { return Key::Any };
    let list = sorted(items, alone);
    if right.is_empty() {
        return Key::Choice { correct: BTreeSet::from([list.len().saturating_sub(1)]) };
    }
    let texts: Vec<&Markup> = right.iter().filter_map(|n| items.get(*n)).collect();
    Key::Choice {
        correct: list.iter().enumerate().filter(|(_, t)| texts.contains(t)).map(|(n, _)| n).collect(),
    }
}

fn made(exercise: &Exercise, parts: Vec<Part>, rest: Markup, form: &'static str) -> Parts {
    let count = parts.len();
    let parts = parts
        .into_iter()
        .enumerate()
        .map(|(n, (prompt, interaction, key))| {
            let mut part = Exercise::new(exercise.task.clone(), prompt, interaction).with_key(key);
            part.scoring = exercise.scoring;
            part.scoring.points = exercise.scoring.points / count as f64;
            part.scoring.credit = Credit::AllOrNothing;
            if n == 0 {
                part.hints.clone_from(&exercise.hints);
            }
            if n + 1 == count {
                part.feedback.clone_from(&exercise.feedback);
            }
            part
        })
        .collect();
    Parts { parts, rest, form }
}
