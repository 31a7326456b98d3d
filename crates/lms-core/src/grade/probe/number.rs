//! Numbers and formulas to try.

use bigdecimal::{BigDecimal, Signed, Zero};

use super::{EACH, Tries};
use crate::grade::number::{leeway, read_key};
use crate::{NumberAccept, Response, SampledVariable, Tolerance};

pub(super) fn tries(accept: &[NumberAccept], tries: &mut Tries) {
    let numbers: Vec<BigDecimal> = accept.iter().take(EACH).filter_map(solution).collect();
    for (at, number) in numbers.iter().enumerate() {
        let label = if at == 0 { "right" } else { "another right answer" };
        tries.add(label, Response::number(show(number)));
    }
    tries.add("empty", Response::number(""));
    if let Some(number) = numbers.first() {
        let plain = show(number);
        tries.add("outer white space", Response::number(format!(" {plain}  ")));
        if plain.bytes().all(|b| !b.is_ascii_alphabetic()) {
            tries.add("with an exponent", Response::number(format!("{plain}e0")));
        }
        tries.add("opposite sign", Response::number(show(&-number)));
        tries.add("ten times", Response::number(show(&(number * BigDecimal::from(10)))));
    }
    tries.add("zero", Response::number("0"));
    let mut add = |label, number: &BigDecimal| tries.add(label, Response::number(show(number)));
    for accept in accept.iter().take(EACH) {
        match accept {
            NumberAccept::Value { value, tolerance } => {
                let Ok(number) = read_key(value) else { continue };
                let Ok(leeway) = leeway(&number, tolerance) else { continue };
                around(&number, &leeway, &mut add);
            }
            NumberAccept::Range { low, high, .. } => {
                let (Ok(low), Ok(high)) = (read_key(low), read_key(high)) else { continue };
                between(&low, &high, &mut add);
            }
        }
    }
}

fn solution(accept: &NumberAccept) -> Option<BigDecimal> {
    match accept {
        NumberAccept::Value { value, .. } => read_key(value).ok(),
        NumberAccept::Range { low, high, .. } => Some((read_key(low).ok()? + read_key(high).ok()?).half()),
    }
}

/// A thousandth of the leeway within its edges and beyond them, and far off.
fn around(value: &BigDecimal, leeway: &BigDecimal, add: &mut impl FnMut(&'static str, &BigDecimal)) {
    let step = step(value, leeway);
    if leeway.is_positive() {
        add("just inside the tolerance", &(value + leeway - &step));
        add("just outside the tolerance", &(value + leeway + &step));
        add("just inside the tolerance", &(value - leeway + &step));
        add("just outside the tolerance", &(value - leeway - &step));
    } else {
        add("just outside the tolerance", &(value + &step));
        add("just outside the tolerance", &(value - &step));
    }
    add("far off", &(value + (leeway + value.abs() + BigDecimal::from(1)) * BigDecimal::from(10)));
}

fn between(low: &BigDecimal, high: &BigDecimal, add: &mut impl FnMut(&'static str, &BigDecimal)) {
    let step = step(high, &(high - low));
    add("lower edge", low);
    add("upper edge", high);
    add("just below the range", &(low - &step));
    add("just above the range", &(high + &step));
    if low < high {
        add("just inside the range", &(low + &step));
        add("just inside the range", &(high - &step));
    }
}

/// A thousandth of the width; without width one in the last digit, but not less than a platform
/// that reckons in binary can see.
fn step(value: &BigDecimal, width: &BigDecimal) -> BigDecimal {
    let visible = value.abs() * BigDecimal::new(1.into(), 9);
    let step = if width.is_zero() {
        BigDecimal::new(1.into(), value.fractional_digit_count())
    } else {
        width.abs() * BigDecimal::new(1.into(), 3)
    };
    if width.is_zero() && step < visible { visible } else { step }
}

fn show(number: &BigDecimal) -> String {
    let number = number.normalized();
    if number.fractional_digit_count().abs() <= 30 { number.to_plain_string() } else { number.to_string() }
}

pub(super) fn formulas(
    answer: &str,
    variables: &[SampledVariable],
    tolerance: &Tolerance,
    case_sensitive: bool,
    tries: &mut Tries,
) {
    let mut add = |label, formula: String| tries.add(label, Response::Formula { formula });
    add("right", answer.to_owned());
    add("empty", String::new());
    add("in parentheses", format!("({answer})"));
    add("other spelling", format!("0+({answer})*1"));
    add("outer white space", format!("  {answer} "));
    add("opposite sign", format!("-({answer})"));
    add("twice", format!("2*({answer})"));
    add("one more", format!("({answer})+1"));
    let (inside, outside) = match tolerance {
        Tolerance::Absolute { by } => (format!("({answer})+0.999*{by}"), format!("({answer})+1.001*{by}")),
        Tolerance::Percent { by } => {
            (format!("({answer})*(1+0.999*{by}/100)"), format!("({answer})*(1+1.001*{by}/100)"))
        }
    };
    add("just inside the tolerance", inside);
    add("just outside the tolerance", outside);
    add("zero", "0".into());
    if let Some(variable) = variables.first() {
        add("one variable", variable.name.clone());
    }
    if !case_sensitive && variables.iter().all(|variable| variable.name.is_ascii()) {
        add("other case", swap_case(answer));
    }
}

/// The letters in the other case. An exponent may be written either way.
fn swap_case(formula: &str) -> String {
    let swap = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    formula.chars().map(swap).collect()
}
