//! Decimal numbers, compared without rounding.

use std::cmp::Ordering;

use bigdecimal::{BigDecimal, Signed};

use super::Ungradable;
use crate::{NumberAccept, Tolerance};

/// Digits a number may have: far more than anybody types, few enough to reckon with.
const DIGITS: usize = 1_000;
/// The largest power of ten, up or down. Beyond it a text is no number, so that `1e999999999` does
/// not fill the memory.
const EXPONENT: i64 = 5_000;

/// Reads what a learner typed.
pub(super) fn read_answer(text: &str) -> Option<BigDecimal> {
    let text = super::text::trim(text);
    let cleaned = text.chars().map(|c| match c {
        // hyphens, dashes and minus signs: Stepik takes them all (reference stepik.md 4.6)
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
        // with a point beside it there are two points then, and the text is no number
        ',' => '.',
        _ => c,
    });
    read(&cleaned.collect::<String>())
}

/// Reads a number of a key.
pub(super) fn read_key(text: &str) -> Result<BigDecimal, Ungradable> {
    read(text.trim()).ok_or_else(|| Ungradable::BrokenKey(format!("{text:?} is not a decimal number")))
}

/// How far off an answer may be from this value.
pub(super) fn leeway(value: &BigDecimal, tolerance: &Tolerance) -> Result<BigDecimal, Ungradable> {
    let (by, leeway) = match tolerance {
        Tolerance::Absolute { by } => (by, read_key(by)?),
        Tolerance::Percent { by } => (by, value.abs() * read_key(by)? * BigDecimal::new(1.into(), 2)),
    };
    if leeway.is_negative() {
        return Err(Ungradable::BrokenKey(format!("the tolerance {by} is negative")));
    }
    Ok(leeway)
}

/// Whether one of the accepted numbers takes the answer. What is not a number is wrong.
pub(super) fn taken(accept: &[NumberAccept], answer: &str) -> Result<bool, Ungradable> {
    let answer = read_answer(answer);
    let mut taken = false;
    for accept in accept {
        taken |= takes(accept, answer.as_ref())?;
    }
    Ok(taken)
}

fn takes(accept: &NumberAccept, answer: Option<&BigDecimal>) -> Result<bool, Ungradable> {
    match accept {
        NumberAccept::Value { value, tolerance } => {
            let value = read_key(value)?;
            let leeway = leeway(&value, tolerance)?;
            Ok(answer.is_some_and(|answer| (answer - value).abs() <= leeway))
        }
        NumberAccept::Range { low, high, includes_low, includes_high } => {
            let (low, high) = (read_key(low)?, read_key(high)?);
            if low > high {
                return Err(Ungradable::BrokenKey(format!("the range from {low} to {high} is empty")));
            }
            let within = |answer: &BigDecimal| {
                let above = match answer.cmp(&low) {
                    Ordering::Greater => true,
                    Ordering::Equal => *includes_low,
                    Ordering::Less => false,
                };
                let below = match answer.cmp(&high) {
                    Ordering::Less => true,
                    Ordering::Equal => *includes_high,
                    Ordering::Greater => false,
                };
                above && below
            };
            Ok(answer.is_some_and(within))
        }
    }
}

/// `[+-] digits [. digits] [e [+-] digits]`, digits on one side of the point at least.
fn read(text: &str) -> Option<BigDecimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent),
        None => (text, "0"),
    };
    let unsigned = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || digits.len() > DIGITS || !is_digits(&digits) {
        return None;
    }
    let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if power.is_empty() || !is_digits(power) {
        return None;
    }
    let exponent: i64 = exponent.parse().ok().filter(|e: &i64| e.abs() <= EXPONENT)?;
    let sign = if mantissa.starts_with('-') { "-" } else { "" };
    format!("{sign}{digits}e{}", exponent - fraction.len() as i64).parse().ok()
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::{Mark, grade, testing::exercise};
    use crate::{Credit, Interaction, Key, NumericInteraction, Response};

    fn mark(accept: &[NumberAccept], answer: &str) -> Result<Mark, Ungradable> {
        let interaction = Interaction::Numeric(NumericInteraction::default());
        let key = Key::Number { accept: accept.to_vec() };
        grade(&exercise(interaction, key, Credit::AllOrNothing), &Response::number(answer))
    }

    fn within(value: &str, by: &str) -> NumberAccept {
        NumberAccept::Value { value: value.into(), tolerance: Tolerance::Absolute { by: by.into() } }
    }

    fn percent(value: &str, by: &str) -> NumberAccept {
        NumberAccept::Value { value: value.into(), tolerance: Tolerance::Percent { by: by.into() } }
    }

    fn range(low: &str, high: &str, includes_low: bool, includes_high: bool) -> NumberAccept {
        NumberAccept::Range { low: low.into(), high: high.into(), includes_low, includes_high }
    }

    #[test]
    fn answers_are_taken_within_the_tolerance() {
        // reference stepik.md 4.6
        let stepik = [within("25.5", "0.5"), within("1000", "2")];
        for (answer, right) in [
            ("25,7", true),
            ("25.0", true),
            ("26", true),
            ("26.0000000000000000000000001", false),
            ("24.99", false),
            ("998", true),
            ("1002.001", false),
            ("", false),
            ("many", false),
            ("1,000.5", false),
        ] {
            assert_eq!(mark(&stepik, answer), Ok(Mark::all_or_nothing(right)), "{answer}");
        }
        // `p%` of the right number (reference openedx.md 5.10)
        let openedx = [percent("-200", "1")];
        for (answer, right) in [("-198", true), ("-202", true), ("-197.999", false), ("200", false)] {
            assert_eq!(mark(&openedx, answer), Ok(Mark::all_or_nothing(right)), "{answer}");
        }
        assert_eq!(mark(&[within("0.3", "0")], "0.30"), Ok(Mark::RIGHT));
        assert_eq!(mark(&[percent("0", "10")], "0.0001"), Ok(Mark::WRONG));
        assert_eq!(mark(&[percent("33.16666666667", "0.001")], "33.1666666666666667"), Ok(Mark::RIGHT));
    }

    #[test]
    fn a_range_keeps_its_brackets() {
        for (answer, closed_open, open_closed) in [
            ("5", true, false),
            ("7", false, true),
            ("6.99", true, true),
            ("4.99", false, false),
            ("7.01", false, false),
        ] {
            let marked = mark(&[range("5", "7", true, false)], answer);
            assert_eq!(marked, Ok(Mark::all_or_nothing(closed_open)), "[5,7) {answer}");
            let marked = mark(&[range("5", "7", false, true)], answer);
            assert_eq!(marked, Ok(Mark::all_or_nothing(open_closed)), "(5,7] {answer}");
        }
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, value) in [
            (" 1.5 ", "1.5"),
            ("\u{2212}3", "-3"),
            ("–3", "-3"),
            ("+.5", "0.5"),
            ("5.", "5"),
            ("1,5e3", "1500"),
            ("2E-3", "0.002"),
            ("007", "7"),
        ] {
            assert_eq!(read_answer(text), Some(value.parse().unwrap()), "{text}");
        }
        for text in [
            "", ".", "-", "1 000", "1,2,3", "1.2.3", "1e", "e5", "1/2", "inf", "NaN", "0x10", "1_000", "--1",
            "1e5.5", "٣",
        ] {
            assert_eq!(read_answer(text), None, "{text}");
        }
    }

    #[test]
    fn absurd_numbers_cost_nothing() {
        let key = [within("1", "0.5")];
        let digits = "9".repeat(100_000);
        for answer in ["1e999999999", "1e-999999999", "1e99999999999999999999", "1e5000", "1e-5000", &digits]
        {
            assert_eq!(mark(&key, answer), Ok(Mark::WRONG));
        }
    }

    #[test]
    fn a_broken_key_is_said() {
        for key in [
            within("x", "0"),
            within("1", ""),
            within("1", "-1"),
            percent("-1", "-1"),
            range("2", "1", true, true),
        ] {
            assert!(
                matches!(mark(std::slice::from_ref(&key), "1"), Err(Ungradable::BrokenKey(_))),
                "{key:?}"
            );
        }
    }
}
