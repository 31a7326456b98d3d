//! What is right, in words. Options are named by their numbers in the list that stands above.

use lms_core::{GapAccept, Key, NumberAccept, TextAccept, TextRule, Tolerance, escape};

use super::sides::{lines, numbered};

pub(super) fn right_answer(key: &Key) -> String {
    match key {
        Key::Any => "every answer".into(),
        Key::Choice { correct } => numbers(correct),
        Key::Order { order } => numbers(order),
        Key::Match { targets } => numbered(targets.iter().map(|set| format!("→ {}", numbers(set)))),
        Key::Table { rows } => numbered(rows.iter().map(|set| format!("→ {}", numbers(set)))),
        Key::Text { accept } => lines(accept.iter().map(text)),
        Key::Number { accept } => lines(accept.iter().map(|accept| escape(&number(accept)))),
        Key::Gaps { gaps } => numbered(gaps.iter().map(|gap| match gap {
            GapAccept::Text { accept } => lines(accept.iter().map(text)),
            GapAccept::Choice { correct } => numbers(correct),
        })),
        Key::Formula { answer, tolerance, samples, .. } => {
            let within = within(tolerance);
            format!("<code>{}</code>{}, tried at {samples} points", escape(answer), escape(&within))
        }
        Key::Code { tests, checker, solution } => format!(
            "{} tests{}{}",
            tests.len(),
            if checker.is_some() { ", a program that compares" } else { "" },
            if solution.is_some() { ", a solution" } else { "" }
        ),
        // The model may learn of keys that this page has no words for yet.
        other => format!("<code>{}</code>", escape(&serde_json::to_string(other).unwrap_or_default())),
    }
}

fn numbers<'a>(positions: impl IntoIterator<Item = &'a usize>) -> String {
    let all: Vec<String> = positions.into_iter().map(|n| (n + 1).to_string()).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

fn text(accept: &TextAccept) -> String {
    let rule = match accept.rule {
        TextRule::Exact => "",
        TextRule::Substring => ", anywhere in the answer",
        TextRule::Regex => ", a pattern for the whole answer",
        TextRule::RegexSearch => ", a pattern for some of the answer",
    };
    let case = if accept.case_sensitive { ", case counts" } else { "" };
    format!("<code>{}</code>{rule}{case}", escape(&accept.text))
}

fn number(accept: &NumberAccept) -> String {
    match accept {
        NumberAccept::Value { value, tolerance } => format!("{value}{}", within(tolerance)),
        NumberAccept::Range { low, high, includes_low, includes_high } => {
            let open = if *includes_low { "from" } else { "above" };
            let close = if *includes_high { "to" } else { "to below" };
            format!("{open} {low} {close} {high}")
        }
    }
}

fn within(tolerance: &Tolerance) -> String {
    match tolerance {
        Tolerance::Absolute { by } if by.trim_matches(['0', '.']).is_empty() => String::new(),
        Tolerance::Absolute { by } => format!(" ± {by}"),
        Tolerance::Percent { by } => format!(" ± {by} %"),
    }
}
