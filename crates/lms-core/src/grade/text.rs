//! Short texts: text entry and the gaps to write into.

use super::{Ungradable, pattern::Pattern};
use crate::{TextAccept, TextRule};

/// Takes outer white space away, as Python's `str.strip` does: all three platforms strip with it.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

/// Whether one of the accepted texts takes the answer.
///
/// All are looked at even after one has taken it, so that a broken pattern is always said.
pub(super) fn taken(accept: &[TextAccept], answer: &str) -> Result<bool, Ungradable> {
    let mut taken = false;
    for accept in accept {
        taken |= takes(accept, answer)?;
    }
    Ok(taken)
}

/// Whether this accepted text takes the answer.
pub(super) fn takes(accept: &TextAccept, answer: &str) -> Result<bool, Ungradable> {
    let answer = trim(answer);
    let fold = |text: &str| if accept.case_sensitive { text.to_owned() } else { text.to_lowercase() };
    match accept.rule {
        TextRule::Exact => Ok(fold(trim(&accept.text)) == fold(answer)),
        TextRule::Substring => Ok(!answer.is_empty() && fold(answer).contains(&fold(&accept.text))),
        TextRule::Regex | TextRule::RegexSearch => {
            let pattern = Pattern::new(accept)?;
            Ok(!answer.is_empty() && pattern.matches(answer)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::{Mark, grade, testing::exercise};
    use crate::{Credit, Interaction, Key, Response};

    fn accept(text: &str, rule: TextRule, case_sensitive: bool) -> TextAccept {
        TextAccept { text: text.into(), rule, case_sensitive }
    }

    fn mark(accept: Vec<TextAccept>, answer: &str) -> Result<Mark, Ungradable> {
        let interaction = Interaction::TextEntry(crate::TextEntryInteraction::default());
        grade(&exercise(interaction, Key::Text { accept }, Credit::AllOrNothing), &Response::text(answer))
    }

    #[test]
    fn each_rule_takes_what_it_says() {
        use TextRule::{Exact, Regex, RegexSearch, Substring};
        let cases = [
            // Stepik plain (reference stepik.md 4.5)
            ("42", Exact, false, "42", true),
            ("42", Exact, false, " 42\n", true),
            ("42", Exact, false, "4 2", false),
            ("42", Exact, false, "", false),
            ("Straße", Exact, false, "STRAßE", true),
            ("Paris", Exact, true, "paris", false),
            (" Paris ", Exact, true, "Paris", true),
            ("", Exact, true, "  ", true),
            ("cat", Substring, false, "A CAT sat", true),
            ("cat", Substring, true, "A CAT sat", false),
            ("", Substring, false, "", false),
            // Open edX `type="ci"` (reference openedx.md 5.10)
            ("Michigan", Exact, false, "MICHIGAN", true),
            // the whole answer, whichever alternative comes first: unlike Stepik's `re.match`
            ("a|ab", Regex, true, "ab", true),
            ("a|ab", Regex, true, "abc", false),
            ("mich.*", Regex, false, "Michigan", true),
            ("mich.*", Regex, true, "Michigan", false),
            (".*", Regex, true, "", false),
            // Open edX joins patterns as `^a|b$` and searches
            ("^a|b$", RegexSearch, true, "axx", true),
            ("^a|b$", RegexSearch, true, "xxb", true),
            ("^a|b$", RegexSearch, true, "xax", false),
            ("(?i)yes", RegexSearch, true, "oh YES", true),
        ];
        for (text, rule, case_sensitive, answer, right) in cases {
            let marked = mark(vec![accept(text, rule, case_sensitive)], answer);
            assert_eq!(
                marked,
                Ok(Mark::all_or_nothing(right)),
                "{text:?} {rule:?} {case_sensitive} {answer:?}"
            );
        }
    }

    #[test]
    fn any_of_several_will_do() {
        let both = vec![accept("Michigan", TextRule::Exact, false), accept("MI", TextRule::Exact, true)];
        assert_eq!(mark(both.clone(), "mi"), Ok(Mark::WRONG));
        assert_eq!(mark(both.clone(), "MI"), Ok(Mark::RIGHT));
        assert_eq!(mark(both, "michigan"), Ok(Mark::RIGHT));
        assert_eq!(mark(Vec::new(), "x"), Ok(Mark::WRONG));
    }

    #[test]
    fn a_broken_pattern_is_said_whatever_the_answer() {
        for pattern in ["(", "a**", "\\p{L}", "*"] {
            for answer in ["", "x"] {
                let marked = mark(
                    vec![accept("x", TextRule::Exact, true), accept(pattern, TextRule::Regex, true)],
                    answer,
                );
                assert!(matches!(marked, Err(Ungradable::BrokenKey(_))), "{pattern:?} {marked:?}");
            }
        }
    }
}
