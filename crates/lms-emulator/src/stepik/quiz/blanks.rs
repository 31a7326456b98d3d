//! fill-blanks (reference stepik.md 4.11)

use serde_json::{Value, json};

use super::schema::{flag, later_flag, list, strip, text};
use super::{Quiz, Task, Verdict};
use crate::random::Dice;

#[derive(Debug)]
pub(super) struct FillBlanks;

fn components(source: &Value) -> &[Value] {
    list(source, "components").unwrap_or_default()
}

fn is_blank(component: &&Value) -> bool {
    text(component, "type").is_ok_and(|kind| kind != "text")
}

impl Quiz for FillBlanks {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        flag(source, "is_case_sensitive")?;
        let components = list(source, "components")?;
        for component in components {
            let kind = text(component, "type")?;
            text(component, "text")?;
            if !matches!(kind, "text" | "input" | "select") {
                return Err(format!("Unknown component type `{kind}`."));
            }
            let options = list(component, "options")?;
            for option in options {
                text(option, "text")?;
                flag(option, "is_correct")?;
            }
            if kind != "text" && !options.iter().any(|option| later_flag(option, "is_correct")) {
                return Err("Every blank needs a correct option.".to_owned());
            }
        }
        if !components.iter().any(|component| is_blank(&component)) {
            return Err("At least one blank is needed.".to_owned());
        }
        Ok(json!({}))
    }

    fn generate(&self, source: &Value, dice: &mut Dice) -> Task {
        let shown: Vec<Value> = components(source)
            .iter()
            .map(|component| {
                let kind = text(component, "type").unwrap_or_default();
                // Only a select shows its options.
                let mut options: Vec<&str> = match kind {
                    "select" => list(component, "options").unwrap_or_default().iter().filter_map(|o| text(o, "text").ok()).collect(),
                    _ => Vec::new(),
                };
                dice.shuffle(&mut options);
                json!({ "type": kind, "text": text(component, "text").unwrap_or_default(), "options": options })
            })
            .collect();
        Task::showing(json!({ "components": shown }))
    }

    fn clean(&self, source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        let blanks: Option<Vec<&str>> = list(reply, "blanks")?.iter().map(Value::as_str).collect();
        let blanks = blanks.ok_or("`blanks` must be a list of strings.")?;
        if blanks.len() != components(source).iter().filter(is_blank).count() {
            return Err("`blanks` must have one entry for each blank.".to_owned());
        }
        Ok(json!({ "blanks": blanks }))
    }

    fn grade(&self, source: &Value, _clue: &Value, reply: &Value) -> Verdict {
        let fold = |text: &str| {
            let text = strip(text);
            if later_flag(source, "is_case_sensitive") { text.to_owned() } else { text.to_lowercase() }
        };
        let is_right = |component: &Value, blank: &Value| {
            let blank = fold(blank.as_str().unwrap_or_default());
            let mut options = list(component, "options").unwrap_or_default().iter();
            options.any(|o| later_flag(o, "is_correct") && text(o, "text").is_ok_and(|t| fold(t) == blank))
        };
        let blanks = list(reply, "blanks").unwrap_or_default();
        let right: Vec<bool> = components(source)
            .iter()
            .filter(is_blank)
            .zip(blanks)
            .map(|(c, blank)| is_right(c, blank))
            .collect();
        let count = right.iter().filter(|right| **right).count();
        let mut verdict = Verdict::of(count == right.len());
        if later_flag(source, "is_partially_correct") && !right.is_empty() {
            verdict.score = count as f64 / right.len() as f64;
        }
        if later_flag(source, "is_detailed_feedback") {
            verdict.feedback = json!({ "blanks_feedback": right });
        }
        verdict
    }

    fn keeps_attempt(&self) -> bool {
        true
    }
}
