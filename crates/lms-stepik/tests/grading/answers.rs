//! What a learner answers.

use std::str::FromStr as _;

use bigdecimal::BigDecimal;
use lms_core::grade::{Mark, grade, probes};
use lms_core::{Exercise, Interaction, Key, NumberAccept, Response, TextAccept, TextRule, Tolerance};
use proptest::prelude::Rng as _;
use proptest::test_runner::TestRng;

/// Answers to each exercise.
pub(crate) const EACH: usize = 5;

/// What can be answered to an exercise, with the reference grader's marks.
pub(crate) fn all(exercise: &Exercise) -> Vec<(Response, Mark)> {
    let mut all: Vec<(Response, Mark)> =
        probes(exercise).into_iter().map(|probe| (probe.response, probe.expected)).collect();
    let more = more(exercise).into_iter();
    all.extend(more.filter_map(|response| grade(exercise, &response).ok().map(|mark| (response, mark))));
    all
}

/// One answer of these: the first turn gives a right one, the second a wrong one, the others any.
pub(crate) fn pick(
    all: &[(Response, Mark)],
    seed: u64,
    turn: usize,
    dice: &mut TestRng,
) -> Option<(Response, Mark)> {
    let wanted: Vec<&(Response, Mark)> = match turn {
        0 => all.iter().filter(|(_, mark)| mark.correct).collect(),
        1 => all.iter().filter(|(_, mark)| !mark.correct).collect(),
        _ => all.iter().collect(),
    };
    let at = dice.next_u64() ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    wanted.get((at % wanted.len().max(1) as u64) as usize).map(|picked| (*picked).clone())
}

/// Answers beyond those that are tried on two platforms: how people write numbers, the edge of a
/// tolerance, letters of either case.
fn more(exercise: &Exercise) -> Vec<Response> {
    match (&exercise.interaction, &exercise.key) {
        (Interaction::Numeric(_), Some(Key::Number { accept })) => {
            accept.iter().flat_map(numbers).map(Response::number).collect()
        }
        (Interaction::TextEntry(_), Some(Key::Text { accept })) => {
            accept.iter().flat_map(texts).map(Response::text).collect()
        }
        (Interaction::Formula(_), Some(Key::Formula { answer, .. })) => {
            formulas(answer).into_iter().map(|formula| Response::Formula { formula }).collect()
        }
        (Interaction::ExtendedText(_), _) => {
            let texts = [
                "",
                " \n\t ",
                "word",
                "<p>two <b>words</b></p>",
                "a < b",
                "\u{a0}",
                "0",
                "<img src=\"x.png\">",
            ];
            texts.iter().map(|text| Response::ExtendedText { text: (*text).to_owned() }).collect()
        }
        _ => Vec::new(),
    }
}

fn numbers(accept: &NumberAccept) -> Vec<String> {
    let NumberAccept::Value { value, tolerance: Tolerance::Absolute { by } } = accept else {
        return Vec::new();
    };
    let (value, by) =
        (BigDecimal::from_str(value).expect("a number"), BigDecimal::from_str(by).expect("a number"));
    let tiny = BigDecimal::from_str("1e-40").expect("a number");
    let plain = |number: BigDecimal| number.to_plain_string();
    let middle = plain(value.clone());
    let (low, high) = (plain(&value - &by), plain(&value + &by));
    let mut numbers = vec![
        plain(&value - &by - &tiny),
        plain(&value + &by + &tiny),
        plain(&value + &by - &tiny),
        middle.replace('.', ","),
        middle.replace('-', "\u{2212}"),
        middle.replace('-', "–"),
        format!("{middle}e0"),
        format!("{middle}x"),
        format!("\u{1f}{middle}\u{a0}"),
        middle.replace('.', ",."),
        "NaN".to_owned(),
        "-Infinity".to_owned(),
    ];
    if !middle.starts_with('-') {
        numbers.extend([format!("+{middle}"), format!("00{middle}")]);
    }
    numbers.extend([low, high]);
    numbers
}

fn texts(accept: &TextAccept) -> Vec<String> {
    let text = &accept.text;
    let mut texts =
        vec![format!("\u{1f}{text}\n"), format!("a\n{text}\nb"), text.to_uppercase(), text.to_lowercase()];
    if matches!(accept.rule, TextRule::Regex | TextRule::RegexSearch) {
        texts.extend(["a", "ab", "abc", "cat", "dogs", "42", "x1", "aa bb", "A", "7\n"].map(String::from));
    }
    texts
}

fn formulas(answer: &str) -> Vec<String> {
    vec![
        format!("{answer} + x - x"),
        format!("({answer})*(x+1)/(1+x)"),
        format!("(2*({answer}))/2"),
        answer.replace('^', "**"),
        answer.replace("x", "y"),
        answer.replace("+", "-"),
        format!("{answer}+"),
        format!("{answer} + q"),
        format!("f({answer})"),
    ]
}
