//! `fill-blanks`: a text with gaps (reference stepik.md 4.11).

use std::collections::BTreeSet;

use lms_core::{
    Credit, Exercise, GapAccept, GapInteraction, GapSegment, Interaction, Key, TextAccept, TextRule,
};
use serde_json::{Value, json};

use super::{ANY, MISFIT, Quiz, Written, all_or_nothing, keep, key, restore};
use crate::convert::{Losses, Site, markup};
use crate::wire::{Object, get, object};

const EXPRESSED: [&str; 3] = ["components", "is_case_sensitive", "is_partially_correct"];

fn defaults() -> [(&'static str, Value); 1] {
    [("is_detailed_feedback", json!(false))]
}

pub(in crate::convert) fn read(site: &Site, source: &Object) -> Option<Quiz> {
    let case_sensitive = get::flag(source, "is_case_sensitive");
    let (mut segments, mut gaps) = (Vec::new(), Vec::new());
    for component in get::list(source, "components") {
        let component = component.as_object()?;
        let options = get::list(component, "options");
        let texts = || -> Option<Vec<(String, bool)>> {
            let read = |o: &Value| {
                let o = o.as_object()?;
                Some((get::text(o, "text").to_owned(), get::flag(o, "is_correct")))
            };
            options.iter().map(read).collect()
        };
        match get::text(component, "type") {
            "text" => segments.push(GapSegment::Text { markup: site.read(get::text(component, "text")) }),
            "input" => {
                let accept = texts()?
                    .into_iter()
                    .filter(|(_, right)| *right)
                    .map(|(text, _)| TextAccept { text, rule: TextRule::Exact, case_sensitive })
                    .collect();
                segments.push(GapSegment::Entry);
                gaps.push(GapAccept::Text { accept });
            }
            "select" => {
                let texts = texts()?;
                let correct =
                    texts.iter().enumerate().filter(|(_, (_, right))| *right).map(|(at, _)| at).collect();
                segments
                    .push(GapSegment::Choice { options: texts.into_iter().map(|(text, _)| text).collect() });
                gaps.push(GapAccept::Choice { correct });
            }
            _ => return None,
        }
    }
    if gaps.is_empty() {
        return None;
    }
    let mut quiz = Quiz::new(Interaction::Gap(GapInteraction { segments }), Some(Key::Gaps { gaps }));
    if get::flag(source, "is_partially_correct") {
        quiz.credit = Credit::PerPart;
    }
    keep(&mut quiz.kept, source, &EXPRESSED, &defaults());
    Some(quiz)
}

pub(in crate::convert) fn write(
    gap: &GapInteraction,
    exercise: &Exercise,
    extras: &Object,
    losses: &mut Losses,
) -> Written {
    let keys = match key(exercise)? {
        Key::Gaps { gaps } => gaps,
        Key::Any => return Err(ANY),
        _ => return Err(MISFIT),
    };
    if gap.gaps().count() != keys.len() || keys.is_empty() {
        return Err(MISFIT);
    }
    let accepts =
        || keys.iter().filter_map(|k| if let GapAccept::Text { accept } = k { Some(accept) } else { None });
    let case_sensitive = accepts().flatten().any(|a| a.case_sensitive);
    if accepts().flatten().any(|a| a.case_sensitive) && accepts().flatten().any(|a| !a.case_sensitive) {
        losses.changing_marks(
            "gaps in which case does not count",
            "Stepik has one rule for all gaps of a text",
            "case counts in all of them: the other case is wrong",
        );
    }
    if accepts().flatten().any(|a| a.rule != TextRule::Exact) {
        losses.changing_marks(
            "patterns in gaps",
            "Stepik compares whole texts in gaps",
            "only the whole texts among the right answers are taken, what a pattern took is wrong",
        );
    }
    let mut keys = keys.iter();
    let mut components = Vec::with_capacity(gap.segments.len());
    for segment in &gap.segments {
        components.push(match segment {
            GapSegment::Text { markup } => {
                json!({"type": "text", "text": markup::write(markup), "options": []})
            }
            GapSegment::Entry => {
                let Some(GapAccept::Text { accept }) = keys.next() else { return Err(MISFIT) };
                entry(accept)?
            }
            GapSegment::Choice { options } => {
                let Some(GapAccept::Choice { correct }) = keys.next() else { return Err(MISFIT) };
                list(options, correct)?
            }
        });
    }
    let partial = exercise.scoring.credit == Credit::PerPart;
    if !partial {
        all_or_nothing(exercise.scoring.credit, losses);
    }
    let source = object(json!({
        "components": components,
        "is_case_sensitive": case_sensitive,
        "is_partially_correct": partial,
    }));
    Ok(("fill-blanks", restore(source, extras, &defaults())))
}

fn entry(accept: &[TextAccept]) -> Result<Value, &'static str> {
    let options: Vec<Value> = accept
        .iter()
        .filter(|a| a.rule == TextRule::Exact)
        .map(|a| json!({"text": a.text, "is_correct": true}))
        .collect();
    if options.is_empty() {
        return Err("a gap takes no plain text, and Stepik has no patterns in gaps");
    }
    Ok(json!({"type": "input", "text": "", "options": options}))
}

fn list(options: &[String], correct: &BTreeSet<usize>) -> Result<Value, &'static str> {
    if correct.is_empty() || correct.iter().any(|at| *at >= options.len()) {
        return Err("a list in the text has no right entry");
    }
    let options: Vec<Value> = options
        .iter()
        .enumerate()
        .map(|(at, text)| json!({"text": text, "is_correct": correct.contains(&at)}))
        .collect();
    Ok(json!({"type": "select", "text": "", "options": options}))
}
