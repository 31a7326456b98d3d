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
    let html = is_html(kept(extras, "is_html_enabled"));
    let texts: Vec<String> = choice
        .options
        .iter()
        .map(|option| if html { markup::write(&option.text) } else { markup::write_plain(&option.text) })
        .collect();
    let (always, correct) = match key(exercise)? {
        Key::Any => (true, one_right(&texts)),
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
    if !multiple && shown > most {
        shown = most;
        let (what, fallback) = match always {
            true => ("options that say the same", "a learner is shown one of them"),
            false => (
                "several right options of which one is picked",
                "a learner is shown one of the right options, with the wrong ones",
            ),
        };
        losses.approximated(what, "Stepik shows one right option at a time", fallback);
    }
    let mut lost_feedback = false;
    let mut options = Vec::with_capacity(count);
    for (at, (option, text)) in choice.options.iter().zip(&texts).enumerate() {
        let right = correct.contains(&at);
        let (said, unsaid) = match right && !always {
            true => (&option.feedback_unselected, &option.feedback),
            false => (&option.feedback, &option.feedback_unselected),
        };
        lost_feedback |= !unsaid.is_empty();
        options.push(json!({"is_correct": right, "text": text, "feedback": markup::write(said)}));
    }
    let said = |right: bool| -> BTreeSet<&String> {
        texts
            .iter()
            .enumerate()
            .filter(|(at, _)| correct.contains(at) == right)
            .map(|(_, text)| text)
            .collect()
    };
    if !said(true).is_disjoint(&said(false)) {
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

/// What is marked right where every answer is: Stepik wants one option so marked, and refuses a text that is both
/// right and wrong. One that says what no other says, or all that say the same.
fn one_right(texts: &[String]) -> BTreeSet<usize> {
    let alike = |text: &String| (0..texts.len()).filter(|at| texts.get(*at) == Some(text)).collect();
    let all: Vec<BTreeSet<usize>> = texts.iter().map(alike).collect();
    all.into_iter().min_by_key(BTreeSet::len).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What is marked right, and how many options are shown, where every answer to these options is right.
    fn any_of(cardinality: Cardinality, texts: &[&str]) -> (Vec<bool>, u64, Losses) {
        let options = texts.iter().copied().map(ChoiceOption::new).collect();
        let choice = ChoiceInteraction { cardinality, options, shuffle: true, shown: None };
        let exercise = Exercise::new("t", "?".into(), Interaction::Choice(choice.clone())).with_key(Key::Any);
        let mut losses = Losses::default();
        let (_, source) = write(&choice, &exercise, &Object::new(), &mut losses).expect("it is written");
        assert_eq!(source["is_always_correct"], true);
        let right = get::list(&source, "options").iter().map(|option| option["is_correct"] == true).collect();
        (right, source["sample_size"].as_u64().expect("a number"), losses)
    }

    #[test]
    fn where_any_answer_is_right_no_text_is_both_right_and_wrong() {
        let (right, shown, losses) = any_of(Cardinality::Multiple, &["a", "b", "a"]);
        assert_eq!((right, shown, losses.0.len()), (vec![false, true, false], 3, 0));
        let (right, shown, losses) = any_of(Cardinality::Multiple, &["a", "a"]);
        assert_eq!((right, shown, losses.0.len()), (vec![true, true], 2, 0));
        let (right, shown, losses) = any_of(Cardinality::Single, &["a", "a"]);
        assert_eq!((right, shown, losses.0.len()), (vec![true, true], 1, 1));
    }
}
