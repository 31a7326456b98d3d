//! number (reference stepik.md 4.6)

use std::str::FromStr;

use bigdecimal::BigDecimal;
use serde_json::{Value, json};

use super::schema::{list, strip, text};
use super::{Quiz, Task, Verdict};
use crate::random::Dice;

#[derive(Debug)]
pub(super) struct Number;

impl Quiz for Number {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        let options = list(source, "options")?;
        if options.is_empty() {
            return Err("At least one answer is needed.".to_owned());
        }
        for option in options {
            let error = text(option, "max_error")?;
            text(option, "answer")
                .and_then(|answer| decimal(answer).ok_or(format!("`{answer}` is not a number.")))?;
            match decimal(error) {
                Some(error) if error >= 0 => {}
                _ => {
                    return Err(format!("`max_error` must be a number that is not negative, not `{error}`."));
                }
            }
        }
        Ok(json!({}))
    }

    fn generate(&self, _source: &Value, _dice: &mut Dice) -> Task {
        Task::without_dataset()
    }

    /// A reply that is no number is graded wrong, not refused.
    fn clean(&self, _source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        Ok(json!({ "number": text(reply, "number")? }))
    }

    fn grade(&self, source: &Value, _clue: &Value, reply: &Value) -> Verdict {
        let written = text(reply, "number").unwrap_or_default();
        let Some(number) = decimal(written) else {
            return if is_special(written) {
                Verdict::of(false)
            } else {
                Verdict::wrong("Only numbers, please")
            };
        };
        let close = |option: &Value| {
            let answer = text(option, "answer").ok().and_then(decimal);
            let error = text(option, "max_error").ok().and_then(decimal);
            answer.zip(error).is_some_and(|(answer, error)| (&number - answer).abs() <= error)
        };
        Verdict::of(list(source, "options").unwrap_or_default().iter().any(close))
    }

    fn keeps_attempt(&self) -> bool {
        true
    }
}

/// Spaces go, a comma is a point, every dash is a minus.
fn tidy(text: &str) -> String {
    let kept = strip(text).chars().filter(|c| !c.is_whitespace());
    kept.map(|c| match c {
        ',' => '.',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    })
    .collect()
}

/// Longest number that is read, in bytes; the platform keeps 50 digits.
const LONGEST: usize = 200;

pub(super) fn decimal(text: &str) -> Option<BigDecimal> {
    let tidy = tidy(text);
    if tidy.len() > LONGEST {
        return None;
    }
    // A huge exponent would make the subtraction eat all memory; beyond any answer it only has to be far away.
    let exponent = tidy.to_ascii_lowercase().split_once('e').map(|(_, e)| e.parse::<i64>());
    match exponent {
        Some(Ok(exponent)) if exponent.abs() > 400 => None,
        Some(Err(_)) => None,
        _ => BigDecimal::from_str(&tidy).ok(),
    }
}

/// Python's decimal parser takes these; they are near no answer.
fn is_special(text: &str) -> bool {
    let tidy = tidy(text).to_ascii_lowercase();
    matches!(tidy.trim_start_matches(['-', '+']), "inf" | "infinity" | "nan")
}
