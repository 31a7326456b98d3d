//! matching and sorting (reference stepik.md 4.8, 4.9)

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::schema::{ints, list, text};
use super::{Quiz, Task, Verdict};
use crate::random::Dice;

#[derive(Debug)]
pub(super) struct Matching;

impl Quiz for Matching {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        super::schema::flag(source, "preserve_firsts_order")?;
        let pairs = list(source, "pairs")?;
        if pairs.is_empty() {
            return Err("At least one pair is needed.".to_owned());
        }
        let (mut firsts, mut seconds) = (BTreeSet::new(), BTreeSet::new());
        for pair in pairs {
            let (first, second) = (text(pair, "first")?.trim(), text(pair, "second")?.trim());
            if !firsts.insert(first) {
                return Err(format!("`{first}` stands on the left more than once."));
            }
            // Blank seconds are allowed and interchangeable.
            if !second.is_empty() && !seconds.insert(second) {
                return Err(format!("`{second}` stands on the right more than once."));
            }
        }
        Ok(json!({}))
    }

    fn generate(&self, source: &Value, dice: &mut Dice) -> Task {
        let pairs = list(source, "pairs").unwrap_or_default();
        let mut firsts: Vec<usize> = (0..pairs.len()).collect();
        if !super::schema::later_flag(source, "preserve_firsts_order") {
            dice.shuffle(&mut firsts);
        }
        let mut seconds: Vec<usize> = (0..pairs.len()).collect();
        shuffle_visibly(dice, &mut seconds, |seconds| seconds.iter().eq(firsts.iter()));
        let side =
            |index: usize, key: &str| pairs.get(index).and_then(|p| text(p, key).ok()).unwrap_or_default();
        let rows: Vec<Value> = firsts
            .iter()
            .zip(&seconds)
            .map(|(first, second)| json!({"first": side(*first, "first"), "second": side(*second, "second")}))
            .collect();
        let ordering: Vec<Option<usize>> =
            firsts.iter().map(|first| seconds.iter().position(|second| second == first)).collect();
        let blanks: Vec<usize> = seconds
            .iter()
            .enumerate()
            .filter(|(_, second)| side(**second, "second").trim().is_empty())
            .map(|(row, _)| row)
            .collect();
        let dataset = with_html_flag(source, json!({ "pairs": rows }));
        Task { clue: json!({ "ordering": ordering, "blanks": blanks }), ..Task::showing(dataset) }
    }

    fn clean(&self, _source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        permutation(reply)
    }

    /// Blank seconds count by where they stand, not by which of them it is.
    fn grade(&self, _source: &Value, clue: &Value, reply: &Value) -> Verdict {
        let blanks = ints(clue, "blanks").unwrap_or_default();
        let split = |value: &Value| -> (Vec<i64>, Vec<usize>) {
            let ordering = ints(value, "ordering").unwrap_or_default();
            let places =
                ordering.iter().enumerate().filter(|(_, x)| blanks.contains(x)).map(|(i, _)| i).collect();
            (ordering.into_iter().filter(|x| !blanks.contains(x)).collect(), places)
        };
        Verdict::of(split(clue) == split(reply))
    }

    fn keeps_attempt(&self) -> bool {
        true
    }
}

#[derive(Debug)]
pub(super) struct Sorting;

/// The old form of a source has strings, the new one objects with `text`.
fn options(source: &Value) -> Result<Vec<&str>, String> {
    list(source, "options")?
        .iter()
        .map(|option| option.as_str().or_else(|| option.get("text")?.as_str()))
        .map(|text| text.ok_or_else(|| "`options` must hold texts.".to_owned()))
        .collect()
}

impl Quiz for Sorting {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        let options = options(source)?;
        if options.is_empty() {
            return Err("At least one option is needed.".to_owned());
        }
        if options.iter().collect::<BTreeSet<_>>().len() != options.len() {
            return Err("Options must be unique.".to_owned());
        }
        Ok(json!({}))
    }

    fn generate(&self, source: &Value, dice: &mut Dice) -> Task {
        let options = options(source).unwrap_or_default();
        let mut shown: Vec<usize> = (0..options.len()).collect();
        shuffle_visibly(dice, &mut shown, |shown| shown.is_sorted());
        let ordering: Vec<Option<usize>> =
            (0..options.len()).map(|place| shown.iter().position(|index| *index == place)).collect();
        let texts: Vec<&str> = shown.iter().filter_map(|index| options.get(*index).copied()).collect();
        let dataset = with_html_flag(source, json!({ "options": texts }));
        Task { clue: json!({ "ordering": ordering }), ..Task::showing(dataset) }
    }

    fn clean(&self, _source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        permutation(reply)
    }

    fn grade(&self, _source: &Value, clue: &Value, reply: &Value) -> Verdict {
        Verdict::of(ints(clue, "ordering").ok() == ints(reply, "ordering").ok())
    }

    fn keeps_attempt(&self) -> bool {
        true
    }
}

/// Newer sources say whether their texts are HTML, and so do their datasets. (reference stepik.md 4.8)
fn with_html_flag(source: &Value, mut dataset: Value) -> Value {
    if let (Some(flag), Some(dataset)) = (source.get("is_html_enabled"), dataset.as_object_mut()) {
        dataset.insert("is_html_enabled".to_owned(), flag.clone());
    }
    dataset
}

/// Shuffles once more when the outcome gives the answer away, so that a client that replies in source order is found
/// out. The real platform may show the answer by chance.
fn shuffle_visibly(dice: &mut Dice, items: &mut [usize], gives_away: impl Fn(&[usize]) -> bool) {
    for _ in 0..8 {
        dice.shuffle(items);
        if items.len() < 2 || !gives_away(items) {
            return;
        }
    }
}

fn permutation(reply: &Value) -> Result<Value, String> {
    let ordering = ints(reply, "ordering")?;
    let mut sorted = ordering.clone();
    sorted.sort_unstable();
    if !sorted.iter().copied().eq(0..ordering.len() as i64) {
        return Err("`ordering` must be a permutation of 0..n-1.".to_owned());
    }
    Ok(json!({ "ordering": ordering }))
}
