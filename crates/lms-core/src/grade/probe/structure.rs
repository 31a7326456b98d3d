//! Answers made of parts to try, and answers where every valid one is right.

use std::collections::BTreeSet;

use super::{EACH, Tries, text};
use crate::{
    Cardinality, GapAccept, GapInteraction, Interaction, MatchInteraction, Response, TableInteraction,
};

pub(super) fn pairs(interaction: &MatchInteraction, key: &[BTreeSet<usize>], tries: &mut Tries) {
    let right = assign(key);
    let mut add = |label, targets: Vec<Option<usize>>| tries.add(label, Response::Match { targets });
    add("right", right.clone());
    add("empty", vec![None; right.len()]);
    for (first, second) in (0..right.len()).zip(1..right.len()).take(EACH) {
        let mut swapped = right.clone();
        swapped.swap(first, second);
        add("two exchanged", swapped);
    }
    let mut turned = right.clone();
    turned.rotate_left(1.min(right.len()));
    add("all moved on", turned);
    add("backwards", right.iter().rev().copied().collect());
    for at in 0..right.len().min(EACH) {
        let mut missing = right.clone();
        if let Some(source) = missing.get_mut(at) {
            *source = None;
        }
        add("one left alone", missing);
    }
    for target in 0..interaction.targets.len().min(EACH) {
        add("all the same", vec![Some(target); right.len()]);
    }
}

/// A right target for each source, each target once where that can be done: platforms that want a
/// permutation are sent one.
fn assign(key: &[BTreeSet<usize>]) -> Vec<Option<usize>> {
    let mut owner = std::collections::BTreeMap::new();
    for source in 0..key.len() {
        settle(source, key, &mut owner, &mut BTreeSet::new());
    }
    let mut right: Vec<Option<usize>> = key.iter().map(|targets| targets.first().copied()).collect();
    for (target, source) in owner {
        if let Some(place) = right.get_mut(source) {
            *place = Some(target);
        }
    }
    right
}

fn settle(
    source: usize,
    key: &[BTreeSet<usize>],
    owner: &mut std::collections::BTreeMap<usize, usize>,
    seen: &mut BTreeSet<usize>,
) -> bool {
    for target in key.get(source).into_iter().flatten() {
        if !seen.insert(*target) {
            continue;
        }
        let free = match owner.get(target).copied() {
            None => true,
            // each level of recursion uses up a target; the depth is bounded all the same
            Some(other) => seen.len() < 200 && settle(other, key, owner, seen),
        };
        if free {
            owner.insert(*target, source);
            return true;
        }
    }
    false
}

pub(super) fn orders(right: &[usize], tries: &mut Tries) {
    let mut add = |label, order: Vec<usize>| tries.add(label, Response::Order { order });
    add("right", right.to_vec());
    add("backwards", right.iter().rev().copied().collect());
    for (first, second) in (0..right.len()).zip(1..right.len()).take(EACH) {
        let mut swapped = right.to_vec();
        swapped.swap(first, second);
        add("two exchanged", swapped);
    }
    if !right.is_empty() {
        let mut turned = right.to_vec();
        turned.rotate_left(1);
        add("all moved on", turned.clone());
        turned.rotate_right(2 % right.len());
        add("all moved back", turned);
    }
}

pub(super) fn gaps(interaction: &GapInteraction, key: &[GapAccept], tries: &mut Tries) {
    let lists: Vec<Option<&[String]>> = interaction.gaps().collect();
    let right: Vec<String> = lists.iter().zip(key).map(|(list, accept)| solution(*list, accept)).collect();
    let written = |change: &dyn Fn(&str) -> String| {
        let changed = right.iter().zip(&lists).map(|(text, list)| match list {
            None => change(text),
            Some(_) => text.clone(),
        });
        Response::Gaps { texts: changed.collect() }
    };
    tries.add("right", Response::Gaps { texts: right.clone() });
    tries.add("empty", Response::Gaps { texts: vec![String::new(); right.len()] });
    tries.add("outer white space", written(&|text| format!(" {text}  ")));
    tries.add("other case", written(&text::other_case));
    tries.add("text behind", written(&|text| format!("{text}x")));
    for (at, (list, accept)) in lists.iter().zip(key).take(EACH).enumerate() {
        let mut with = |label, text: String| {
            let mut texts = right.clone();
            if let Some(gap) = texts.get_mut(at) {
                *gap = text;
            }
            tries.add(label, Response::Gaps { texts });
        };
        match list {
            Some(entries) => entries.iter().take(EACH).for_each(|entry| with("another entry", entry.clone())),
            None => with("one gap wrong", text::ELSE.into()),
        }
        with("one gap empty", String::new());
        if let GapAccept::Text { accept } = accept {
            for text in accept.iter().skip(1).take(EACH).filter_map(text::solution) {
                with("another right answer", text);
            }
        }
    }
}

fn solution(list: Option<&[String]>, accept: &GapAccept) -> String {
    let found = match (list, accept) {
        (Some(list), GapAccept::Choice { correct }) => {
            correct.first().and_then(|entry| list.get(*entry)).cloned()
        }
        (None, GapAccept::Text { accept }) => accept.iter().find_map(text::solution),
        _ => None,
    };
    found.unwrap_or_default()
}

pub(super) fn tables(interaction: &TableInteraction, key: &[BTreeSet<usize>], tries: &mut Tries) {
    let single = interaction.cardinality == Cardinality::Single;
    let right: Vec<BTreeSet<usize>> = key
        .iter()
        .map(|row| row.iter().copied().take(if single { 1 } else { row.len() }).collect())
        .collect();
    let columns = interaction.columns.len();
    let mut add = |label, rows: Vec<BTreeSet<usize>>| tries.add(label, Response::Table { rows });
    add("right", right.clone());
    add("empty", vec![BTreeSet::new(); right.len()]);
    add("everything", vec![(0..columns).collect(); right.len()]);
    add("backwards", right.iter().rev().cloned().collect());
    for at in 0..right.len().min(EACH) {
        for column in 0..columns.min(EACH) {
            let mut rows = right.clone();
            if let Some(row) = rows.get_mut(at) {
                if single {
                    *row = BTreeSet::from([column]);
                } else if !row.remove(&column) {
                    row.insert(column);
                }
            }
            add("one row wrong", rows);
        }
    }
    for column in 0..columns.min(EACH) {
        add("one column throughout", vec![BTreeSet::from([column]); right.len()]);
    }
}

/// Some answer, another, and none.
pub(super) fn any(interaction: &Interaction, tries: &mut Tries) {
    match interaction {
        Interaction::Choice(choice) => {
            tries.add("any", Response::choice(0));
            tries.add("any other", Response::choice(choice.options.len().saturating_sub(1)));
            tries.add("empty", Response::choices([]));
        }
        Interaction::InlineChoice(inline) => {
            tries.add("any", Response::choice(0));
            tries.add("any other", Response::choice(inline.options.len().saturating_sub(1)));
            tries.add("empty", Response::choices([]));
        }
        Interaction::TextEntry(_) => {
            for (label, text) in [("any", "an answer"), ("any other", "42"), ("empty", "")] {
                tries.add(label, Response::text(text));
            }
        }
        Interaction::ExtendedText(_) => {
            for (label, text) in [("any", "An answer."), ("any other", "<p>42</p>"), ("empty", "")] {
                tries.add(label, Response::ExtendedText { text: text.into() });
            }
        }
        Interaction::Numeric(_) => {
            for (label, number) in [("any", "42"), ("any other", "-0.5"), ("empty", "")] {
                tries.add(label, Response::number(number));
            }
        }
        Interaction::Formula(_) => {
            for (label, formula) in [("any", "1+1"), ("any other", "pi"), ("empty", "")] {
                tries.add(label, Response::Formula { formula: formula.into() });
            }
        }
        Interaction::Match(pairs) => {
            let (sources, targets) = (pairs.sources.len(), pairs.targets.len().max(1));
            let forward: Vec<_> = (0..sources).map(|source| Some(source % targets)).collect();
            let backward = forward.iter().rev().copied().collect();
            tries.add("any", Response::Match { targets: forward });
            tries.add("any other", Response::Match { targets: backward });
            tries.add("empty", Response::Match { targets: vec![None; sources] });
        }
        Interaction::Order(items) => {
            tries.add("any", Response::Order { order: (0..items.items.len()).collect() });
            tries.add("any other", Response::Order { order: (0..items.items.len()).rev().collect() });
        }
        Interaction::Gap(gap) => {
            let fill = |list: Option<&[String]>| match list {
                Some(entries) => entries.first().cloned().unwrap_or_default(),
                None => "x".to_owned(),
            };
            tries.add("any", Response::Gaps { texts: gap.gaps().map(fill).collect() });
            tries.add("empty", Response::Gaps { texts: gap.gaps().map(|_| String::new()).collect() });
        }
        Interaction::Table(table) => {
            let ticked = |column: usize| vec![BTreeSet::from([column]); table.rows.len()];
            tries.add("any", Response::Table { rows: ticked(0) });
            tries.add("any other", Response::Table { rows: ticked(table.columns.len().saturating_sub(1)) });
            tries.add("empty", Response::Table { rows: vec![BTreeSet::new(); table.rows.len()] });
        }
        Interaction::Code(_) => {
            for (label, source) in [("any", "print(42)"), ("empty", "")] {
                tries.add(label, Response::Code { language: String::new(), source: source.into() });
            }
        }
        Interaction::FileUpload(_) => tries.add("empty", Response::Files(Vec::new())),
    }
}
