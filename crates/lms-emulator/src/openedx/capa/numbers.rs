//! `numericalresponse` and `formularesponse`.

use super::expression::{Names, Trouble, evaluate};
use super::grade::{Correctness, Failure, Outcome};
use super::math::{Complex, real};
use super::problem::{Answer, Input};
use crate::openedx::xml::Element;
use crate::random::Dice;

/// Relative to the larger of the two; any other percentage is of the expected value.
const DEFAULT: &str = "0.001%";

/// `tolerance` or another parameter of the response.
fn parameter<'a>(response: &'a Element, kind: &str, name: &str) -> Option<&'a str> {
    let mut found = response.elements().filter(|element| element.name == "responseparam");
    match kind {
        "" => found.find_map(|element| element.attribute(name)),
        kind => found.find(|element| element.attribute("type") == Some(kind))?.attribute(name),
    }
}

pub(super) fn numerical(
    response: &Element,
    input: &Input,
    answer: Option<&Answer>,
) -> Result<Outcome, Failure> {
    let expected = response.attribute("answer").ok_or(Failure::General)?.trim();
    let Some(given) = answer.map(Answer::text) else { return Ok(Outcome::right(false)) };
    let value = learner_number(given)?;
    if let Some(range) = Range::parse(expected) {
        return Ok(Outcome::right(range?.holds(value)));
    }
    let tolerance = parameter(response, "tolerance", "default").unwrap_or(DEFAULT);
    let right = evaluate(expected, &Names::default()).map_err(|_| Failure::General)?;
    if within(value, right, tolerance)? {
        return Ok(Outcome::right(true));
    }
    let extra = response.elements().filter(|element| element.name == "additional_answer");
    // Additional answers count only when they are met exactly.
    for other in extra.filter_map(|element| element.attribute("answer")) {
        let other = evaluate(other, &Names::default()).map_err(|_| Failure::General)?;
        if other == value {
            return Ok(Outcome::right(true));
        }
    }
    partial(response, input, value, right, tolerance)
}

/// `partial_credit="close,list"`.
fn partial(
    response: &Element,
    input: &Input,
    value: Complex,
    right: Complex,
    tolerance: &str,
) -> Result<Outcome, Failure> {
    let credit = response.attribute("partial_credit").unwrap_or_default().to_lowercase();
    let has = |word: &str| credit.split(',').any(|part| part.trim() == word);
    let range: f64 = parameter(response, "tolerance", "partial_range")
        .and_then(|range| range.trim().parse().ok())
        .unwrap_or(2.0);
    let listed = parameter(response, "", "partial_answers").unwrap_or_default();
    let listed = listed.split(',').filter_map(|text| evaluate(text, &Names::default()).ok());
    let listed: Vec<Complex> = listed.filter(|value| !value.re.is_nan()).collect();
    let wide = |expected: Complex| {
        Ok::<bool, Failure>(
            distance_allowed(value, expected, tolerance)? * range >= value.sub(expected).abs(),
        )
    };
    let is_listed = || listed.iter().any(|other| within(value, *other, tolerance).unwrap_or(false));
    let share = if (has("close") && wide(right)?) || (has("list") && is_listed()) {
        0.5
    } else if has("close") && has("list") && listed.iter().any(|other| wide(*other).unwrap_or(false)) {
        0.25
    } else {
        return Ok(Outcome::right(false));
    };
    Ok(Outcome {
        correctness: Correctness::PartiallyCorrect,
        points: Some(share * input.points()),
        message: String::new(),
    })
}

fn learner_number(text: &str) -> Result<Complex, Failure> {
    evaluate(text, &Names::default()).map_err(|trouble| {
        Failure::Input(match trouble {
            Trouble::Syntax => format!("Invalid math syntax: '{text}'"),
            Trouble::Unknown(names) => {
                format!("You may not use variables ({}) in numerical problems.", names.join(", "))
            }
            Trouble::Domain => format!("Factorial function evaluated outside its domain:'{text}'"),
        })
    })
}

/// Whether a number box of a choice holds the expected number.
pub(super) fn close(given: &str, expected: &str, tolerance: &str) -> Result<bool, Failure> {
    let right = evaluate(expected, &Names::default()).map_err(|_| Failure::General)?;
    within(learner_number(given)?, right, tolerance)
}

pub(super) fn formula(response: &Element, answer: Option<&Answer>) -> Result<Outcome, Failure> {
    let expected = response.attribute("answer").ok_or(Failure::General)?;
    let Some(given) = answer.map(Answer::text) else { return Ok(Outcome::right(false)) };
    let samples =
        Samples::parse(response.attribute("samples").ok_or(Failure::General)?).ok_or(Failure::General)?;
    let tolerance = parameter(response, "tolerance", "default").unwrap_or("0.00001");
    let case_sensitive =
        response.attribute("type").is_some_and(|words| words.split_whitespace().any(|word| word == "cs"));
    let mut dice = Dice::new(u64::from(std::process::id()));
    for _ in 0..samples.count {
        let names = samples.draw(&mut dice, case_sensitive);
        let right = evaluate(expected, &names).map_err(|_| Failure::General)?;
        let value = evaluate(given, &names).map_err(|trouble| {
            Failure::Input(match trouble {
                Trouble::Unknown(names) => format!("Invalid input: {} not permitted in answer.", names.join(", ")),
                Trouble::Syntax => format!("Invalid input: Could not parse '{given}' as a formula."),
                Trouble::Domain => {
                    format!("Factorial function not permitted in answer for this problem. Provided answer was: {given}")
                }
            })
        })?;
        if !within(value, right, tolerance)? {
            return Ok(Outcome::right(false));
        }
    }
    Ok(Outcome::right(true))
}

/// `x,y@1,1:5,5#10`.
struct Samples {
    variables: Vec<(String, f64, f64)>,
    count: usize,
}

impl Samples {
    fn parse(text: &str) -> Option<Self> {
        let (names, rest) = text.split_once('@')?;
        let (ranges, count) = rest.split_once('#')?;
        let (low, high) = ranges.split_once(':')?;
        let bounds = |text: &str| -> Option<Vec<f64>> {
            text.split(',').map(|part| part.trim().parse().ok()).collect()
        };
        let (low, high) = (bounds(low)?, bounds(high)?);
        let names: Vec<&str> = names.split(',').map(str::trim).collect();
        if low.len() != names.len() || high.len() != names.len() {
            return None;
        }
        let variables = names.into_iter().zip(low.into_iter().zip(high));
        let variables = variables.map(|(name, (low, high))| (name.to_owned(), low, high)).collect();
        Some(Self { variables, count: count.trim().parse().ok()? })
    }

    fn draw(&self, dice: &mut Dice, case_sensitive: bool) -> Names {
        let name = |name: &str| if case_sensitive { name.to_owned() } else { name.to_lowercase() };
        let values = self
            .variables
            .iter()
            .map(|(text, low, high)| (name(text), real(low + (high - low) * dice.unit())));
        Names { values: values.collect(), case_sensitive }
    }
}

/// `[5,7)`.
pub(super) struct Range {
    bounds: [(f64, bool); 2],
}

impl Range {
    /// `None` when the text is no range at all.
    fn parse(text: &str) -> Option<Result<Self, Failure>> {
        let open = text.chars().next().filter(|c| matches!(c, '[' | '('))?;
        let close = text.chars().last().filter(|c| matches!(c, ']' | ')'))?;
        let inner = text.get(1..text.len() - 1)?;
        let (low, high) = inner.split_once(',')?;
        let bound = |text: &str| {
            evaluate(text, &Names::default()).map(|value| value.re).map_err(|_| Failure::General)
        };
        Some(
            bound(low)
                .and_then(|low| Ok(Self { bounds: [(low, open == '['), (bound(high)?, close == ']')] })),
        )
    }

    fn holds(&self, value: Complex) -> bool {
        let [(low, _), (high, _)] = self.bounds;
        let at = |bound: f64| (value.re - bound).abs() <= f64::EPSILON * bound.abs().max(value.re.abs());
        match self.bounds.iter().find(|(bound, _)| at(*bound)) {
            Some((_, included)) => *included,
            None => low < value.re && value.re < high,
        }
    }
}

/// How far apart the two may be.
fn distance_allowed(value: Complex, right: Complex, tolerance: &str) -> Result<f64, Failure> {
    let tolerance = tolerance.trim();
    let number =
        |text: &str| evaluate(text, &Names::default()).map(|value| value.re).map_err(|_| Failure::General);
    Ok(match tolerance.strip_suffix('%') {
        Some(text) if tolerance == DEFAULT => number(text)? * 0.01 * value.abs().max(right.abs()),
        Some(text) => number(text)? * 0.01 * right.abs(),
        None => number(tolerance)?,
    })
}

fn within(value: Complex, right: Complex, tolerance: &str) -> Result<bool, Failure> {
    let allowed = distance_allowed(value, right, tolerance)?;
    if value.re.is_infinite() || right.re.is_infinite() {
        return Ok(value == right);
    }
    if value.im == 0.0
        && right.im == 0.0
        && let Some(within) = decimals_within(value.re, right.re, allowed)
    {
        return Ok(within);
    }
    Ok(value.sub(right).abs() <= allowed)
}

/// Compares in decimals, as the platform does: 3.16 is within 0.02 of 3.14, which binary fractions deny. `None` when
/// the numbers are too long for it.
fn decimals_within(value: f64, right: f64, allowed: f64) -> Option<bool> {
    let [a, b, c] = [value, right, allowed].map(|number| format!("{number}"));
    let places = |text: &str| text.split_once('.').map_or(0, |(_, rest)| rest.len());
    let scale = places(&a).max(places(&b)).max(places(&c));
    let scaled = |text: &str| -> Option<i128> {
        let padded = format!("{}{}", text.replace('.', ""), "0".repeat(scale - places(text)));
        (padded.len() < 36).then(|| padded.parse().ok())?
    };
    Some((scaled(&a)? - scaled(&b)?).abs() <= scaled(&c)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerances_are_met_to_the_digit() {
        let close =
            |value: &str, right: &str, tolerance: &str| close(value, right, tolerance).expect("graded");
        assert!(close("3.16", "3.14", "0.02"));
        assert!(!close("3.161", "3.14", "0.02"));
        assert!(close("10.5", "10", "5%") && !close("10.51", "10", "5%"));
        assert!(close("22/7", "3.142857142857143", DEFAULT));
        assert!(!close("", "0", "1"));
    }

    #[test]
    fn ranges_know_their_ends() {
        let holds = |range: &str, value: f64| matches!(Range::parse(range), Some(Ok(range)) if range.holds(real(value)));
        assert!(holds("[5,7)", 5.0) && !holds("[5,7)", 7.0) && holds("[5,7)", 6.9) && !holds("(5,7)", 5.0));
        assert!(Range::parse("12").is_none());
    }
}
