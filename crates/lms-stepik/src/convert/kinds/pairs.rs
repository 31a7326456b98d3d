//! `matching` and `sorting` (reference stepik.md 4.8, 4.9).

use std::collections::{BTreeSet, HashSet};

use lms_core::{Exercise, Interaction, Key, Markup, MatchInteraction, OrderInteraction};
use serde_json::{Value, json};

use super::{ANY, MISFIT, Quiz, Written, all_or_nothing, is_html, keep, kept, key, restore, table};
use crate::convert::{Losses, Site, markup};
use crate::wire::{Object, get, object};

fn defaults() -> [(&'static str, Value); 1] {
    [("is_html_enabled", json!(true))]
}

fn read_text(site: &Site, html: bool, text: &str) -> Markup {
    if html { site.read(text) } else { site.read_plain(text) }
}

fn write_text(html: bool, text: &Markup) -> String {
    if html { markup::write(text) } else { markup::write_plain(text) }
}

/// A pair with an empty second is a source to be left alone: all empty seconds are alike.
pub(in crate::convert) fn read_matching(site: &Site, source: &Object) -> Option<Quiz> {
    let html = is_html(source.get("is_html_enabled"));
    let pairs = get::list(source, "pairs");
    let (mut sources, mut targets, mut right) = (Vec::new(), Vec::new(), Vec::new());
    for pair in pairs {
        let pair = pair.as_object()?;
        sources.push(read_text(site, html, get::text(pair, "first")));
        let second = get::text(pair, "second");
        if second.trim().is_empty() {
            right.push(BTreeSet::new());
        } else {
            right.push(BTreeSet::from([targets.len()]));
            targets.push(read_text(site, html, second));
        }
    }
    if sources.is_empty() {
        return None;
    }
    let shuffle_sources = !get::flag(source, "preserve_firsts_order");
    let interaction = Interaction::Match(MatchInteraction { sources, targets, shuffle_sources });
    let mut quiz = Quiz::new(interaction, Some(Key::Match { targets: right }));
    keep(&mut quiz.kept, source, &["preserve_firsts_order", "pairs"], &defaults());
    Some(quiz)
}

pub(in crate::convert) fn write_matching(
    pairs: &MatchInteraction,
    exercise: &Exercise,
    extras: &Object,
    losses: &mut Losses,
) -> Written {
    let right = match key(exercise)? {
        Key::Match { targets } => targets,
        Key::Any => return Err(ANY),
        _ => return Err(MISFIT),
    };
    if pairs.sources.is_empty() || right.len() != pairs.sources.len() {
        return Err(MISFIT);
    }
    if right.iter().flatten().any(|at| *at >= pairs.targets.len()) {
        return Err("the key names a target that is not there");
    }
    let html = is_html(kept(extras, "is_html_enabled"));
    let firsts: Vec<String> = pairs.sources.iter().map(|text| write_text(html, text)).collect();
    let seconds: Vec<String> = pairs.targets.iter().map(|text| write_text(html, text)).collect();
    let used: Vec<usize> = right.iter().flatten().copied().collect();
    let one_to_one = right.iter().all(|targets| targets.len() <= 1)
        && used.len() == pairs.targets.len()
        && distinct(&used)
        && distinct(&firsts)
        && distinct(&seconds)
        && seconds.iter().all(|second| !second.trim().is_empty());
    if !one_to_one {
        return table::write_pairs(pairs, right, exercise, losses);
    }
    all_or_nothing(exercise.scoring.credit, losses);
    let rows: Vec<Value> = firsts
        .iter()
        .zip(right)
        .map(|(first, targets)| {
            let second = targets.first().and_then(|at| seconds.get(*at)).map_or("", String::as_str);
            json!({"first": first, "second": second})
        })
        .collect();
    let source = object(json!({"preserve_firsts_order": !pairs.shuffle_sources, "pairs": rows}));
    Ok(("matching", restore(source, extras, &defaults())))
}

fn distinct<T: std::hash::Hash + Eq>(items: &[T]) -> bool {
    items.iter().collect::<HashSet<_>>().len() == items.len()
}

/// The source lists the items in the right order, as text or as objects with `text`
/// (reference stepik.md 4.9).
pub(in crate::convert) fn read_sorting(site: &Site, source: &Object) -> Option<Quiz> {
    let html = is_html(source.get("is_html_enabled"));
    let items: Option<Vec<Markup>> = get::list(source, "options")
        .iter()
        .map(|option| {
            let text = option.as_str().or_else(|| option.get("text")?.as_str())?;
            Some(read_text(site, html, text))
        })
        .collect();
    let items = items.filter(|items| !items.is_empty())?;
    let order = (0..items.len()).collect();
    let mut quiz = Quiz::new(Interaction::Order(OrderInteraction { items }), Some(Key::Order { order }));
    keep(&mut quiz.kept, source, &["options"], &defaults());
    Some(quiz)
}

pub(in crate::convert) fn write_sorting(
    order: &OrderInteraction,
    exercise: &Exercise,
    extras: &Object,
    losses: &mut Losses,
) -> Written {
    let right = match key(exercise)? {
        Key::Order { order } => order,
        Key::Any => return Err(ANY),
        _ => return Err(MISFIT),
    };
    all_or_nothing(exercise.scoring.credit, losses);
    let html = is_html(kept(extras, "is_html_enabled"));
    let texts: Option<Vec<String>> =
        right.iter().map(|at| order.items.get(*at).map(|item| write_text(html, item))).collect();
    let texts = texts.filter(|texts| !texts.is_empty()).ok_or("the key names an item that is not there")?;
    if !distinct(right) || !distinct(&texts) {
        return Err("two items to be sorted say the same");
    }
    if texts.len() < order.items.len() {
        losses.approximated(
            "items that belong nowhere",
            "on Stepik all items are sorted",
            "only the items of the right order are shown, which makes it easier",
        );
    }
    let options: Vec<Value> = texts.iter().map(|text| json!({"text": text})).collect();
    Ok(("sorting", restore(object(json!({"options": options})), extras, &defaults())))
}
