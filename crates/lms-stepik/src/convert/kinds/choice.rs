//! `choice`: one option or several (reference stepik.md 4.4).

use std::collections::BTreeSet;

use lms_core::{
    Cardinality, ChoiceInteraction, ChoiceOption, Exercise, InlineChoiceInteraction, Interaction, Key, Markup,
};
use serde_json::{Value, json};

use super::{ANY, MISFIT, Quiz, Written, all_or_nothing, is_html, keep, kept, key, restore};
use crate::convert::{Losses, Site, markup};
use crate::wire::{Object, get, object};

const EXPRESSED: [&str; 5] =
    ["is_multiple_choice", "is_always_correct", "sample_size", "preserve_order", "options"];

fn defaults() -> [(&'static str, Value); 2] {
    [("is_html_enabled", json!(true)), ("is_options_feedback", json!(false))]
}

pub(in crate::convert) fn read(site: &Site, source: &Object) -> Option<Quiz> {
    let html = is_html(source.get("is_html_enabled"));
    let native = get::list(source, "options");
    let always = get::flag(source, "is_always_correct");
    let mut correct = BTreeSet::new();
    let mut options = Vec::with_capacity(native.len());
    for (at, option) in native.iter().enumerate() {
        let option = option.as_object()?;
        let text = get::text(option, "text");
        let text = if html { site.read(text) } else { site.read_plain(text) };
        let feedback = site.read(get::text(option, "feedback"));
        let right = get::flag(option, "is_correct");
        if right {
            correct.insert(at);
        }
        // Said to whoever answered this option wrongly: left a right one, or picked a wrong one.
        options.push(match right && !always {
            true => ChoiceOption { text, feedback: Markup::default(), feedback_unselected: feedback },
            false => ChoiceOption { text, feedback, feedback_unselected: Markup::default() },
        });
    }
    if options.is_empty() {
        return None;
    }
    let count = options.len();
    let sample = get::number(source, "sample_size").map(|n| n as usize);
    let interaction = ChoiceInteraction {
        cardinality: match get::flag(source, "is_multiple_choice") {
            true => Cardinality::Multiple,
            false => Cardinality::Single,
        },
        options,
        shuffle: !get::flag(source, "preserve_order"),
        shown: sample.filter(|n| *n < count).and_then(|n| u32::try_from(n).ok()),
    };
    let key = if always { Key::Any } else { Key::Choice { correct } };
    let mut quiz = Quiz::new(Interaction::Choice(interaction), Some(key));
    keep(&mut quiz.kept, source, &EXPRESSED, &defaults());
    Some(quiz)
}

pub(in crate::convert) fn write(
    choice: &ChoiceInteraction,
    exercise: &Exercise,
    extras: &Object,
    losses: &mut Losses,
) -> Written {
    let count = choice.options.len();
    if count == 0 {
        return Err("it has no options");
    }
    let multiple = choice.cardinality == Cardinality::Multiple;
    if multiple {
        all_or_nothing(exercise.scoring.credit, losses);
    }
    let (always, correct) = match key(exercise)? {
        // One option must be marked right even where every answer is.
        Key::Any => (true, BTreeSet::from([0])),
        Key::Choice { correct } => (false, correct.clone()),
        _ => return Err(MISFIT),
    };
    if correct.iter().any(|at| *at >= count) {
        return Err("the key names an option that is not there");
    }
    if correct.is_empty() && !multiple {
        return Err("none of its options is right");
    }
    let mut shown = choice.shown.map_or(count, |n| n as usize).clamp(1, count);
    // Stepik shows exactly one right option of a single choice.
    let most = count + 1 - correct.len().max(1);
    if !multiple && !always && shown > most {
        shown = most;
        losses.approximated(
            "several right options of which one is picked",
            "Stepik shows one right option at a time",
            "a learner is shown one of the right options, with the wrong ones",
        );
    }
    let html = is_html(kept(extras, "is_html_enabled"));
    let mut lost_feedback = false;
    let mut options = Vec::with_capacity(count);
    for (at, option) in choice.options.iter().enumerate() {
        let right = correct.contains(&at);
        let text = if html { markup::write(&option.text) } else { markup::write_plain(&option.text) };
        let (said, unsaid) = match right && !always {
            true => (&option.feedback_unselected, &option.feedback),
            false => (&option.feedback, &option.feedback_unselected),
        };
        lost_feedback |= !unsaid.is_empty();
        options.push(json!({"is_correct": right, "text": text, "feedback": markup::write(said)}));
    }
    let text_of = |option: &Value| option["text"].as_str().unwrap_or_default().to_owned();
    let (rights, wrongs): (Vec<&Value>, Vec<&Value>) = options.iter().partition(|o| o["is_correct"] == true);
    let wrongs: BTreeSet<String> = wrongs.into_iter().map(text_of).collect();
    if !always && rights.into_iter().any(|option| wrongs.contains(&text_of(option))) {
        return Err("one text is both a right and a wrong option");
    }
    if lost_feedback {
        losses.dropped(
            "feedback on options answered rightly",
            "Stepik speaks of an option only to those who answered it wrongly",
        );
    }
    let source = object(json!({
        "is_multiple_choice": multiple,
        "is_always_correct": always,
        "sample_size": shown,
        "preserve_order": !choice.shuffle,
        "options": options,
    }));
    Ok(("choice", restore(source, extras, &defaults())))
}

/// A drop-down list has no place of its own on Stepik: it becomes a single choice.
pub(in crate::convert) fn write_inline(
    list: &InlineChoiceInteraction,
    exercise: &Exercise,
    extras: &Object,
    losses: &mut Losses,
) -> Written {
    if matches!(exercise.key, Some(Key::Any)) && list.options.is_empty() {
        return Err(ANY);
    }
    losses.approximated("drop-down list", "Stepik has none outside of a text with gaps", "a single choice");
    let choice = ChoiceInteraction {
        cardinality: Cardinality::Single,
        options: list.options.clone(),
        shuffle: false,
        shown: None,
    };
    write(&choice, exercise, extras, losses)
}
