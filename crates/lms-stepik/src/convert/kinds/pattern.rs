//! Regular expressions: Stepik's rule against the model's.
//!
//! Stepik takes an answer if the text that Python's `re.match` finds is the whole answer. That is not
//! `fullmatch`: `a|ab` finds `a` in `ab` and rejects it (reference stepik.md 4.5). The model's rule is
//! that the pattern matches the whole answer, by whatever alternative.

/// What is special in Python's patterns outside of sets.
const SPECIAL: &str = "\\.^$*+?{}[]|()";

/// A lookahead is tried once: what it finds first is what `re.match` finds, and the rest of the
/// pattern then asks for just that text.
const FIRST_OPEN: &str = "(?=(?P<first>";
const FIRST_CLOSE: &str = "))(?P=first)";

/// A text as a pattern that matches just it.
pub(super) fn escape(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if SPECIAL.contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// The same for either case of every letter.
pub(super) fn escape_any_case(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        let (mut lower, mut upper) = (c.to_lowercase(), c.to_uppercase());
        match (lower.next(), lower.next(), upper.next(), upper.next()) {
            (Some(l), None, Some(u), None) if l != u => pattern.extend(['[', u, l, ']']),
            _ => pattern.push_str(&escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    pattern
}

/// The text that a pattern made by [`escape`] stands for; `None` for any other pattern.
fn literal(pattern: &str) -> Option<String> {
    let mut text = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.push(chars.next().filter(|c| SPECIAL.contains(*c))?),
            c if SPECIAL.contains(c) => return None,
            c => text.push(c),
        }
    }
    Some(text)
}

/// Patterns of which one must match the whole answer, as one pattern for Stepik.
pub(super) fn any_of(patterns: &[String]) -> String {
    format!("(?:{})$", patterns.join("|"))
}

/// The texts of a pattern made by [`any_of`] of [`escape`]d texts, two or more.
pub(super) fn texts(pattern: &str) -> Option<Vec<String>> {
    let inner = pattern.strip_prefix("(?:")?.strip_suffix(")$")?;
    let mut texts = Vec::new();
    let mut piece = String::new();
    let mut escaped = false;
    for c in inner.chars() {
        match c {
            '|' if !escaped => texts.push(literal(&std::mem::take(&mut piece))?),
            c => piece.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    texts.push(literal(&piece)?);
    let again: Vec<String> = texts.iter().map(|text| escape(text)).collect();
    (texts.len() > 1 && any_of(&again) == pattern).then_some(texts)
}

/// Stepik's pattern as one for the model's rule.
pub(super) fn from_native(pattern: &str) -> String {
    if let Some(inner) = pattern.strip_prefix("(?:").and_then(|rest| rest.strip_suffix(")$"))
        && balanced(inner)
        && !agree(inner)
    {
        return inner.to_owned();
    }
    if agree(pattern) {
        return pattern.to_owned();
    }
    format!("{FIRST_OPEN}{pattern}{FIRST_CLOSE}")
}

/// A pattern for the model's rule as one for Stepik's.
pub(super) fn to_native(pattern: &str) -> String {
    let first = pattern.strip_prefix(FIRST_OPEN).and_then(|rest| rest.strip_suffix(FIRST_CLOSE));
    match first {
        Some(native) if balanced(native) => native.to_owned(),
        _ if agree(pattern) => pattern.to_owned(),
        _ => format!("(?:{})$", scoped(pattern)),
    }
}

/// `(?i)a|b` as `(?i:a|b)`: Python takes flags for the whole at its very start only, so that what begins with them
/// cannot stand within another pattern.
pub(super) fn scoped(pattern: &str) -> String {
    let known = |flags: &str| {
        !flags.is_empty() && flags.chars().all(|c| matches!(c, 'a' | 'i' | 'm' | 's' | 'u' | 'x'))
    };
    match pattern.strip_prefix("(?").and_then(|rest| rest.split_once(')')) {
        // A comment goes to the end of its line, and would swallow what closes the group.
        Some((flags, rest)) if known(flags) && flags.contains('x') => {
            format!("(?{flags}:{}\n)", scoped(rest))
        }
        Some((flags, rest)) if known(flags) => format!("(?{flags}:{})", scoped(rest)),
        _ => pattern.to_owned(),
    }
}

/// Whether a native pattern refers to its groups by number, which [`from_native`] shifts.
pub(super) fn counts_groups(pattern: &str) -> bool {
    let mut escaped = false;
    pattern.chars().any(|c| {
        let reference = escaped && ('1'..='9').contains(&c);
        escaped = c == '\\' && !escaped;
        reference
    }) || pattern.contains("(?(")
}

/// Whether both rules surely take the same answers: the end is in the pattern, or there is one way
/// only to match.
pub(in crate::convert) fn agree(pattern: &str) -> bool {
    let mut depth = 0usize;
    let mut chars = pattern.chars().peekable();
    let (mut top_choice, mut groups, mut quantifiers, mut choices) = (false, false, 0, 0);
    let mut last = ' ';
    let mut after_group = false;
    while let Some(c) = chars.next() {
        last = c;
        match c {
            '\\' => last = if chars.next() == Some('Z') && chars.peek().is_none() { '$' } else { 'x' },
            '[' => {
                // The first character of a set is in it even if it is `]`.
                if chars.peek() == Some(&'^') {
                    chars.next();
                }
                let mut first = true;
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => drop(chars.next()),
                        ']' if !first => break,
                        _ => {}
                    }
                    first = false;
                }
                last = 'x';
            }
            '(' => {
                (depth, groups) = (depth + 1, true);
                if chars.peek() == Some(&'?') {
                    chars.next();
                }
            }
            ')' => depth = depth.saturating_sub(1),
            '|' => {
                choices += 1;
                top_choice |= depth == 0;
            }
            '*' | '+' | '?' | '{' => {
                quantifiers += 1;
                if c == '{' {
                    for c in chars.by_ref() {
                        if c == '}' {
                            break;
                        }
                    }
                    last = '}';
                }
            }
            _ => {}
        }
        after_group = last == ')';
    }
    let anchored = last == '$' && !top_choice && depth == 0;
    let one_way = !groups
        && !after_group
        && choices == 0
        && (quantifiers == 0 || (quantifiers == 1 && matches!(last, '*' | '+' | '?' | '}')));
    anchored || one_way
}

/// Whether every group of `pattern` begins and ends in it.
fn balanced(pattern: &str) -> bool {
    let (mut depth, mut escaped, mut set) = (0i32, false, false);
    for c in pattern.chars() {
        if escaped {
            escaped = false;
            continue;
        }
        match c {
            '\\' => escaped = true,
            '[' => set = true,
            ']' => set = false,
            '(' if !set => depth += 1,
            ')' if !set => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0 && !escaped && !set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_rules_are_told_apart() {
        for same in ["abc", "\\d+", "[a-z]{2,3}", "(?:a|ab)$", "a.c", "[(|]", "x*?$", "\\(\\|\\Z"] {
            assert!(agree(same), "{same}");
        }
        for other in ["a|ab", "(a|ab)", "a?(ab)?", "a*?", "a+b+", "a$|b", "a|b$"] {
            assert!(!agree(other), "{other}");
        }
    }

    #[test]
    fn native_patterns_come_back_as_they_were() {
        for native in ["a|ab", "\\d+", "(?:a|ab)$", "(?:ab)$", "(a)|(b)$", "a?(ab)?", "(?:[)]|a)$"] {
            assert_eq!(to_native(&from_native(native)), native, "{}", from_native(native));
        }
    }

    #[test]
    fn neutral_patterns_are_anchored_as_a_whole() {
        assert_eq!(to_native("a|ab"), "(?:a|ab)$");
        assert_eq!(from_native("(?:a|ab)$"), "a|ab");
        assert_eq!(from_native("a|ab"), "(?=(?P<first>a|ab))(?P=first)");
    }

    #[test]
    fn texts_come_back_out_of_their_pattern() {
        let given = ["3.14", "a|b", "c\\d (e)"];
        let pattern = any_of(&given.map(escape));
        assert_eq!(pattern, "(?:3\\.14|a\\|b|c\\\\d \\(e\\))$");
        assert_eq!(texts(&pattern), Some(given.map(String::from).to_vec()));
        assert_eq!(texts("(?:a.c|b)$"), None);
        assert_eq!(texts("(?:a)$"), None);
        assert_eq!(escape_any_case("aЯ1."), "[Aa][Яя]1\\.");
    }
}
