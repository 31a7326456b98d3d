//! chemical and simple-choice (reference stepik.md 4.15)

use serde_json::{Value, json};

use super::schema::{flag, later_flag, list, text};
use super::{Quiz, Task, Verdict};
use crate::random::Dice;

/// A formula in slots. The platform takes of each slot what its type names and compares as formulas or equations; the
/// stand-in has no chemistry: all parts of all slots in a row, without blanks and marks, must give the expression.
#[derive(Debug)]
pub(super) struct Chemical;

/// What a slot of the template takes. (reference stepik.md 4.15)
const SLOTS: [&str; 4] = ["normal", "sub", "sup", "subsup"];

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '^' | '{' | '}')).collect()
}

impl Quiz for Chemical {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        if bare(text(source, "expression")?).is_empty() {
            return Err("The expression is empty.".to_owned());
        }
        let template = list(source, "template")?;
        match template.iter().find(|slot| !slot.as_str().is_some_and(|slot| SLOTS.contains(&slot))) {
            Some(unknown) => Err(format!("Unknown slot {unknown}.")),
            None => Ok(json!({})),
        }
    }

    fn generate(&self, source: &Value, _dice: &mut Dice) -> Task {
        Task::showing(json!({ "template": source.get("template").cloned().unwrap_or_default() }))
    }

    fn clean(&self, _source: &Value, dataset: &Value, reply: &Value) -> Result<Value, String> {
        let slots = list(reply, "slots")?;
        for slot in slots {
            for part in ["normal", "sub", "sup"] {
                text(slot, part)?;
            }
        }
        if slots.len() != list(dataset, "template")?.len() {
            return Err("`slots` must be as long as the template of the attempt.".to_owned());
        }
        Ok(json!({ "slots": slots }))
    }

    fn grade(&self, source: &Value, _clue: &Value, reply: &Value) -> Verdict {
        let slots = list(reply, "slots").unwrap_or_default();
        let parts = slots.iter().flat_map(|slot| ["normal", "sub", "sup"].map(|part| text(slot, part)));
        let written: String = parts.map(|part| part.unwrap_or_default()).collect();
        Verdict::of(bare(&written) == bare(text(source, "expression").unwrap_or_default()))
    }
}

/// The sample plugin: tick what is right.
#[derive(Debug)]
pub(super) struct SimpleChoice;

impl Quiz for SimpleChoice {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        let options = list(source, "options")?;
        for option in options {
            flag(option, "is_correct")?;
            text(option, "text")?;
        }
        if options.is_empty() { Err("At least one option is needed.".to_owned()) } else { Ok(json!({})) }
    }

    fn generate(&self, source: &Value, dice: &mut Dice) -> Task {
        let mut options: Vec<&Value> = list(source, "options").unwrap_or_default().iter().collect();
        dice.shuffle(&mut options);
        let texts: Vec<&str> =
            options.iter().map(|option| text(option, "text").unwrap_or_default()).collect();
        let right: Vec<bool> = options.iter().map(|option| later_flag(option, "is_correct")).collect();
        Task { clue: json!(right), ..Task::showing(json!({ "options": texts })) }
    }

    fn clean(&self, _source: &Value, dataset: &Value, reply: &Value) -> Result<Value, String> {
        let choices = list(reply, "choices")?;
        if !choices.iter().all(Value::is_boolean) || choices.len() != list(dataset, "options")?.len() {
            return Err("`choices` must hold one boolean for each option of the attempt.".to_owned());
        }
        Ok(json!({ "choices": choices }))
    }

    fn grade(&self, _source: &Value, clue: &Value, reply: &Value) -> Verdict {
        Verdict::of(reply.get("choices") == Some(clue))
    }
}
