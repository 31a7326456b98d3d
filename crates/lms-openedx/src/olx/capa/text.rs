//! The answers of a `stringresponse`.
//!
//! Capa joins all patterns as `^a|b|c$` and searches. So the first is anchored at the start only, the
//! last at the end only, and a single one at both ends only if it has no `|` of its own.

use lms_core::{TextAccept, TextRule};

/// What a list of answers takes.
pub(super) fn accepts(answers: &[&str], regexp: bool, case_sensitive: bool) -> Vec<TextAccept> {
    let last = answers.len().saturating_sub(1);
    answers
        .iter()
        .enumerate()
        .map(|(n, answer)| {
            let answer = answer.trim();
            let (text, rule) = match (regexp, n == 0, n == last) {
                (false, ..) => (answer.to_owned(), TextRule::Exact),
                (true, true, true) if !has_alternatives(answer) => (answer.to_owned(), TextRule::Regex),
                (true, first, last) => {
                    let (start, end) = (if first { "^" } else { "" }, if last { "$" } else { "" });
                    (format!("{start}{answer}{end}"), TextRule::RegexSearch)
                }
            };
            TextAccept { text, rule, case_sensitive }
        })
        .collect()
}

/// Whether a pattern has a `|` outside all brackets.
pub(super) fn has_alternatives(pattern: &str) -> bool {
    let (mut depth, mut class, mut escaped) = (0_usize, false, false);
    for c in pattern.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' if class => class = false,
            _ if class => {}
            '[' => class = true,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

/// Whether a text cannot be written as a plain answer: capa splits at `_or_`.
pub(super) fn needs_regex(text: &str) -> bool {
    text.to_lowercase().contains("_or_")
}

/// Whether all of these can be one `stringresponse` with plain answers.
pub(crate) fn plain(accept: &[TextAccept]) -> bool {
    let same_case = accept.windows(2).all(|pair| pair[0].case_sensitive == pair[1].case_sensitive);
    same_case && accept.iter().all(|a| a.rule == TextRule::Exact && !needs_regex(&a.text))
}

/// One pattern that takes the whole answer exactly where one of these takes it.
pub(crate) fn pattern(accept: &[TextAccept]) -> String {
    let alternatives: Vec<String> = accept
        .iter()
        .map(|a| {
            let body = match a.rule {
                TextRule::Exact => escape_regex(&a.text),
                TextRule::Substring => format!("[\\s\\S]*{}[\\s\\S]*", escape_regex(&a.text)),
                TextRule::Regex => scoped(&a.text),
                TextRule::RegexSearch => format!("[\\s\\S]*(?:{})[\\s\\S]*", scoped(&a.text)),
            };
            match (a.case_sensitive, is_regex_word(&body) || accept.len() == 1 && !has_alternatives(&body)) {
                (true, true) => body,
                (true, false) => format!("(?:{body})"),
                (false, _) => format!("(?i:{body})"),
            }
        })
        .collect();
    let pattern = match alternatives.as_slice() {
        [one] => one.clone(),
        many => format!("(?:{})", many.join("|")),
    };
    unsplit(&pattern)
}

/// `(?i)a|b` as `(?i:a|b)`: capa puts an anchor before the pattern, and Python takes flags for the whole
/// at its very start only (seen in the problem code under Python 3.11).
fn scoped(pattern: &str) -> String {
    let flags = pattern.strip_prefix("(?").and_then(|rest| rest.split_once(')'));
    let known = |flags: &str| {
        !flags.is_empty() && flags.chars().all(|c| matches!(c, 'a' | 'i' | 'm' | 's' | 'u' | 'x'))
    };
    match flags {
        // A comment goes to the end of its line, and would swallow what closes the group.
        Some((flags, rest)) if known(flags) && flags.contains('x') => {
            format!("(?{flags}:{}\n)", scoped(rest))
        }
        Some((flags, rest)) if known(flags) => format!("(?{flags}:{})", scoped(rest)),
        _ => pattern.to_owned(),
    }
}

/// The same pattern, in other words where capa would split it.
fn unsplit(pattern: &str) -> String {
    let mut text = pattern.to_owned();
    while let Some(at) = text.to_ascii_lowercase().find("_or_") {
        text.replace_range(at + 3..at + 4, "\\x5f");
    }
    text
}

/// Whether a pattern is a plain word: nothing in it has another meaning.
fn is_regex_word(pattern: &str) -> bool {
    pattern.chars().all(|c| c.is_alphanumeric() || c == ' ' || c == '_')
}

fn escape_regex(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '.' | '^' | '$' | '*' | '+' | '?' | '{' | '}' | '[' | ']' | '\\' | '|' | '(' | ')' | '-' | '#'
        ) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_keep_their_meaning_in_capa() {
        let accept = |text: &str, rule| TextAccept { text: text.into(), rule, case_sensitive: true };
        assert_eq!(pattern(&[accept("a_or_b", TextRule::Exact)]), "a_or\\x5fb");
        assert_eq!(pattern(&[accept("(?i)yes|no", TextRule::Regex)]), "(?i:yes|no)");
        assert_eq!(pattern(&[accept("(?x)a b # c", TextRule::Regex)]), "(?x:a b # c\n)");
        assert_eq!(pattern(&[accept("[a_OR_or_]", TextRule::Regex)]), "[a_OR\\x5for_]");
    }

    #[test]
    fn anchors_bind_as_in_capa() {
        let texts = |answers: &[&str]| -> Vec<(String, TextRule)> {
            accepts(answers, true, true).into_iter().map(|a| (a.text, a.rule)).collect()
        };
        assert_eq!(texts(&["a+"]), [("a+".into(), TextRule::Regex)]);
        assert_eq!(texts(&["(a|b)[|]\\|"]), [("(a|b)[|]\\|".into(), TextRule::Regex)]);
        assert_eq!(texts(&["a|b"]), [("^a|b$".into(), TextRule::RegexSearch)]);
        assert_eq!(
            texts(&["a", "b", "c"]),
            [
                ("^a".into(), TextRule::RegexSearch),
                ("b".into(), TextRule::RegexSearch),
                ("c$".into(), TextRule::RegexSearch)
            ]
        );
    }
}
