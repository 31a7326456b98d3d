//! Python's regular expressions, run by another engine.
//!
//! All three platforms are written in Python, so keys are in its dialect. The engine here reads some
//! of it otherwise; the pattern is therefore rewritten, and what has no sure equal is refused rather
//! than guessed:
//!
//! * refused: verbose mode, `(?a)` and `(?L)`, flags in the middle, conditionals, `\N{…}`, octal
//!   escapes, letters that Python does not escape (`\p`, `\h`, …), quantifiers in a row or behind
//!   nothing, `--` in a set, repeated look-around, and patterns too large or too slow;
//! * rewritten: `[`, `&` and `~` inside a set, braces that count nothing, `{,n}`, `\Z`, `\<`, `\u…`.
//!
//! What remains different and is not noticed: `\w` takes combining marks here and not in Python, and
//! a look-behind may be of any width here.

mod rewrite;

use fancy_regex::{Regex, RegexBuilder};

use self::rewrite::Refused;

use super::Ungradable;
use crate::{TextAccept, TextRule};

/// Steps back before a match is given up. Answers are short.
const BACKTRACK_LIMIT: usize = 200_000;

/// Why Python surely refuses a pattern; `None` where it takes it, or where that is not known. Platforms refuse such a
/// key when it is written, or fail at every answer.
pub fn malformed(pattern: &str) -> Option<String> {
    match rewrite::rewrite(pattern) {
        Err(Refused::Malformed(why)) => Some(why),
        Ok(_) | Err(Refused::Unknown(_)) => None,
    }
}

/// A pattern ready to be tried.
#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
}

impl Pattern {
    /// Takes the pattern of an accepted text: whole answer for `Regex`, anywhere for `RegexSearch`.
    pub(super) fn new(accept: &TextAccept) -> Result<Self, Ungradable> {
        let broken = |why: String| Ungradable::BrokenKey(format!("the pattern {:?}: {why}", accept.text));
        let rewritten = rewrite::rewrite(&accept.text).map_err(|refused| match refused {
            Refused::Malformed(why) | Refused::Unknown(why) => broken(why),
        })?;
        let whole = match accept.rule {
            TextRule::RegexSearch => rewritten,
            _ => format!(r"\A(?:{rewritten})\z"),
        };
        let regex = RegexBuilder::new(&whole)
            .case_insensitive(!accept.case_sensitive)
            .backtrack_limit(BACKTRACK_LIMIT)
            .max_prog_size(100_000)
            .build()
            .map_err(|e| broken(e.to_string()))?;
        Ok(Self { regex })
    }

    /// Tries it.
    pub(super) fn matches(&self, answer: &str) -> Result<bool, Ungradable> {
        self.regex.is_match(answer).map_err(|e| Ungradable::BrokenKey(format!("the pattern gives up: {e}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(pattern: &str, answer: &str) -> Result<bool, Ungradable> {
        let accept = TextAccept { text: pattern.into(), rule: TextRule::Regex, case_sensitive: true };
        Pattern::new(&accept)?.matches(answer)
    }

    #[test]
    fn patterns_are_read_as_python_reads_them() {
        // each verdict is what `re.fullmatch` gives
        let cases = [
            (r"[[]a", "[a", true),
            (r"[[:alpha:]]", ":]", true),
            (r"[[:alpha:]]", "x", false),
            (r"[a&&b]", "&", true),
            (r"[a&&b]", "a", true),
            (r"[]a]+", "]a", true),
            (r"[^]a]", "b", true),
            (r"[a^]", "^", true),
            (r"[-a]", "-", true),
            (r"[a-]", "-", true),
            (r"[\b]", "\u{8}", true),
            (r"[\w-]+", "a-b", true),
            ("a{", "a{", true),
            ("a{}", "a{}", true),
            ("a{,2}", "aa", true),
            ("a{,2}", "aaa", false),
            ("a{2,}", "aaa", true),
            ("a{x}b}", "a{x}b}", true),
            (r"\<b\>", "<b>", true),
            (r"\-\/\%\ ", "-/% ", true),
            (r"\u00e9\x41\U0001F600", "éA😀", true),
            (r"(a)(b)\2\1", "abba", true),
            (r"(a)\10?", "aa", false),
            (r"(?P<q>['x])a(?P=q)", "'a'", true),
            (r"(?i)AB", "ab", true),
            (r"(?i:A)B", "aB", true),
            (r"(?i:A)B", "ab", false),
            (r"(?#note)a", "a", true),
            (r"a(?#note)+", "aa", true),
            (r"(?P<n>a)(?P=n)+", "aaa", true),
            (r"a\Z", "a", true),
            (r"\d+", "٣", true),
            (r"(?<!x)a(?=b)b", "ab", true),
            (r"a++b", "aab", true),
            (r"a+?b", "aab", true),
            (r"(?:a|ab)c", "abc", true),
            (r"x|", "x", true),
        ];
        for (pattern, answer, right) in cases {
            match whole(pattern, answer) {
                Ok(matched) => assert_eq!(matched, right, "{pattern} {answer:?}"),
                // a group that does not exist is an error in Python, too
                Err(_) => assert_eq!(pattern, r"(a)\10?"),
            }
        }
    }

    #[test]
    fn what_has_no_sure_equal_is_refused() {
        let refused = [
            r"\p{L}",
            "a)|(b",
            r"(x\1)",
            r"\1(a)",
            "(?P<n>x(?P=n))",
            "{2}",
            "a|+",
            "^*",
            r"\b+",
            r"\h",
            r"\K",
            r"\Q",
            r"\N{DIGIT ONE}",
            r"\012",
            r"\123",
            "(?x) a",
            "(?a)a",
            "a(?i)b",
            "(?<n>a)",
            "(a)?(?(1)b|c)",
            "a**",
            "a{2}{3}",
            "a*??",
            "[a--b]",
            "[a",
            "(",
            ")",
            "a\\",
            r"\x4",
            r"\u+0e9",
            "*a",
            "(?R)",
            r"(?P<n>a)\g<n>",
        ];
        for pattern in refused {
            assert!(matches!(whole(pattern, "a"), Err(Ungradable::BrokenKey(_))), "{pattern}");
        }
    }

    #[test]
    fn what_python_refuses_is_told_from_what_is_not_known_here() {
        for pattern in ["a/b\\c", "(", ")", "[a", "a**", "*a", "a\\", r"\1(a)", r"(a", r"\p{L}"] {
            assert!(malformed(pattern).is_some(), "{pattern}");
        }
        for pattern in
            ["a|b", "(?x) a", "(?a)a", r"\N{DIGIT ONE}", r"\012", "[a--b]", "(a)?(?(1)b|c)", "(?i)a"]
        {
            assert_eq!(malformed(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn a_slow_or_huge_pattern_ends() {
        let long = format!("{}!", "a".repeat(4000));
        assert!(matches!(whole(r"(a|a)*(?=b)\1", &long), Ok(false) | Err(Ungradable::BrokenKey(_))));
        assert!(matches!(whole(r"(\w{1000}){1000}", "a"), Err(Ungradable::BrokenKey(_))));
        assert!(matches!(whole(&"(".repeat(5000), "a"), Err(Ungradable::BrokenKey(_))));
    }
}
