//! `number`: a number and how far off it may be (reference stepik.md 4.6). All numbers are text.

use std::str::FromStr;

use bigdecimal::BigDecimal;
use lms_core::{Exercise, Interaction, Key, NumberAccept, NumericInteraction, Tolerance};
use serde_json::{Value, json};

use super::{ANY, MISFIT, Quiz, Written, keep, key, restore};
use crate::convert::Losses;
use crate::wire::{Object, get, object};

/// Digits beyond which a power of ten is not written out.
const PLAIN_DIGITS: i64 = 60;

pub(in crate::convert) fn read(source: &Object) -> Option<Quiz> {
    let accept: Option<Vec<NumberAccept>> = get::list(source, "options")
        .iter()
        .map(|option| {
            let option = option.as_object()?;
            let by = get::decimal(option, "max_error").filter(|by| !by.trim().is_empty());
            Some(NumberAccept::Value {
                value: get::decimal(option, "answer")?,
                tolerance: by.map_or_else(Tolerance::none, |by| Tolerance::Absolute { by }),
            })
        })
        .collect();
    let accept = accept.filter(|accept| !accept.is_empty())?;
    let mut quiz =
        Quiz::new(Interaction::Numeric(NumericInteraction::default()), Some(Key::Number { accept }));
    keep(&mut quiz.kept, source, &["options"], &[]);
    Some(quiz)
}

pub(in crate::convert) fn write(exercise: &Exercise, extras: &Object, losses: &mut Losses) -> Written {
    let accept = match key(exercise)? {
        Key::Number { accept } if accept.is_empty() => return Err("no number is right"),
        Key::Number { accept } => accept,
        Key::Any => return Err(ANY),
        _ => return Err(MISFIT),
    };
    let mut options: Vec<Value> = Vec::with_capacity(accept.len());
    for accept in accept {
        let (answer, by) = match accept {
            NumberAccept::Value { value, tolerance: Tolerance::Absolute { by } } => {
                decimal(value)?;
                decimal(by)?;
                (value.clone(), by.clone())
            }
            NumberAccept::Value { value, tolerance: Tolerance::Percent { by } } => {
                let part = decimal(value)?.abs() * decimal(by)? * BigDecimal::new(1.into(), 2);
                (value.clone(), spelled(&part))
            }
            NumberAccept::Range { low, high, includes_low, includes_high } => {
                if !(*includes_low && *includes_high) {
                    losses.changing_marks(
                        "a range without its ends",
                        "Stepik takes a number and a distance from it, the ends included",
                        "the ends of the range are right too",
                    );
                }
                let (low, high) = (decimal(low)?, decimal(high)?);
                if low > high {
                    return Err("the range of right numbers ends before it begins");
                }
                let half = BigDecimal::new(5.into(), 1);
                let middle = (&low + &high) * &half;
                (spelled(&middle), spelled(&((high - low) * half)))
            }
        };
        options.push(json!({"answer": answer, "max_error": by}));
    }
    Ok(("number", restore(object(json!({"options": options})), extras, &[])))
}

fn decimal(text: &str) -> Result<BigDecimal, &'static str> {
    BigDecimal::from_str(text.trim())
        .ok()
        // Python's decimals reach further, but nobody means such a number.
        .filter(|number| number.as_bigint_and_exponent().1.abs() < 10_000)
        .ok_or("Stepik takes finite decimal numbers only")
}

fn spelled(number: &BigDecimal) -> String {
    let number = number.normalized();
    let (_, scale) = number.as_bigint_and_exponent();
    if scale.abs() <= PLAIN_DIGITS { number.to_plain_string() } else { number.to_scientific_notation() }
}
