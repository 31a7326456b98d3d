//! `string`: a short text (reference stepik.md 4.5).

use lms_core::grade::{grade, malformed};
use lms_core::{
    Exercise, FileUploadInteraction, Interaction, Key, Markup, Response, TextAccept, TextEntryInteraction,
    TextRule,
};
use serde_json::{Value, json};

use super::{MISFIT, Quiz, Written, keep, key, pattern, restore};
use crate::convert::Losses;
use crate::wire::{Object, get, object};

const EXPRESSED: [&str; 4] = ["pattern", "use_re", "match_substring", "case_sensitive"];
/// Takes every text but the empty one.
const ANYTHING: &str = "[\\s\\S]+";

fn defaults() -> [(&'static str, Value); 3] {
    [("code", json!("")), ("is_text_disabled", json!(false)), ("is_file_disabled", json!(true))]
}

pub(in crate::convert) fn read(source: &Object) -> Option<Quiz> {
    let has_code = get::text(source, "code").lines().any(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    });
    let pattern = source.get("pattern").and_then(Value::as_str)?;
    let entry = Interaction::TextEntry(TextEntryInteraction::default());
    // What is in a file is compared as a text would be; the model has no such key for files.
    match (get::flag(source, "is_text_disabled"), has_code) {
        (true, _) => {
            let upload = Interaction::FileUpload(FileUploadInteraction::default());
            return Some(Quiz::marked_by(upload, "the text rule of a string quiz"));
        }
        (false, true) => return Some(Quiz::marked_by(entry, "the check code of a string quiz")),
        (false, false) => {}
    }
    let case_sensitive = get::flag(source, "case_sensitive");
    let accept = |text: String, rule| TextAccept { text, rule, case_sensitive };
    let key = match (get::flag(source, "use_re"), get::flag(source, "match_substring")) {
        (true, false) if pattern == ANYTHING => Key::Any,
        (true, false) => {
            let accept = match pattern::texts(pattern) {
                Some(texts) => texts.into_iter().map(|text| accept(text, TextRule::Exact)).collect(),
                // In the model's form of such a pattern its groups would be counted wrongly.
                None if pattern::counts_groups(pattern) && !pattern::agree(pattern) => {
                    return Some(Quiz::marked_by(entry, "a pattern with numbered groups"));
                }
                None => vec![accept(pattern::from_native(pattern), TextRule::Regex)],
            };
            Key::Text { accept }
        }
        (true, true) => Key::Text { accept: vec![accept(pattern.to_owned(), TextRule::RegexSearch)] },
        (false, true) => Key::Text { accept: vec![accept(pattern.to_owned(), TextRule::Substring)] },
        (false, false) => Key::Text { accept: vec![accept(pattern.to_owned(), TextRule::Exact)] },
    };
    let mut quiz = Quiz::new(entry, Some(key));
    keep(&mut quiz.kept, source, &EXPRESSED, &defaults());
    Some(quiz)
}

pub(in crate::convert) fn write(exercise: &Exercise, extras: &Object, losses: &mut Losses) -> Written {
    // Stepik refuses a pattern that Python refuses, once all is written (reference stepik.md 4.5).
    if let Key::Text { accept } = key(exercise)?
        && accept.iter().any(|accept| is_pattern(accept) && malformed(&accept.text).is_some())
    {
        return Err("the pattern of its answers is malformed");
    }
    let mut native = match key(exercise)? {
        Key::Any => Native { pattern: ANYTHING.into(), regex: true, substring: false, case: false },
        Key::Text { accept } if accept.is_empty() => return Err("no text is right"),
        Key::Text { accept } => match trimmed(accept).as_slice() {
            [] => return Err("the text to be given is empty"),
            [one] => single(one),
            several => joined(several, losses),
        },
        _ => return Err(MISFIT),
    };
    // Stepik refuses patterns that match nothing at all (reference stepik.md 4.5).
    if matches!(key(exercise)?, Key::Text { accept } if accept.iter().any(takes_nothing)) {
        losses.changing_marks(
            "a pattern that takes an empty answer",
            "Stepik refuses such a pattern",
            "an answer has one character at least, an empty one is wrong",
        );
        native = native.not_empty();
    }
    let source = object(json!({
        "pattern": native.pattern,
        "use_re": native.regex,
        "match_substring": native.substring,
        "case_sensitive": native.case,
    }));
    Ok(("string", restore(source, extras, &defaults())))
}

/// Texts without their outer white space: answers are trimmed before they are compared, and what they are compared
/// with is not.
fn trimmed(accept: &[TextAccept]) -> Vec<TextAccept> {
    let said = accept.iter().filter(|accept| !accept.text.trim().is_empty());
    said.map(|accept| match accept.rule {
        TextRule::Exact => TextAccept { text: accept.text.trim().to_owned(), ..accept.clone() },
        _ => accept.clone(),
    })
    .collect()
}

/// Whether a pattern matches the empty text: then it does so beside another character too.
fn takes_nothing(accept: &TextAccept) -> bool {
    if !is_pattern(accept) {
        return false;
    }
    let text = pattern::scoped(&accept.text);
    let bare = text.strip_prefix('^').unwrap_or(&text);
    let bare = bare.strip_suffix('$').unwrap_or(bare);
    let beside = TextAccept { text: format!("x(?:{bare})"), rule: TextRule::Regex, case_sensitive: true };
    let entry = Interaction::TextEntry(TextEntryInteraction::default());
    let exercise = Exercise::new("", Markup::default(), entry).with_key(Key::Text { accept: vec![beside] });
    grade(&exercise, &Response::text("x")).is_ok_and(|mark| mark.correct)
}

fn is_pattern(accept: &TextAccept) -> bool {
    matches!(accept.rule, TextRule::Regex | TextRule::RegexSearch)
}

struct Native {
    pattern: String,
    regex: bool,
    substring: bool,
    case: bool,
}

impl Native {
    fn not_empty(self) -> Self {
        let inner = pattern::scoped(&self.pattern);
        let pattern = match self.substring {
            true => format!("(?=[\\s\\S])[\\s\\S]*(?:{inner})[\\s\\S]*$"),
            false => format!("(?=[\\s\\S])(?:{inner})$"),
        };
        Self { pattern, substring: false, ..self }
    }
}

fn single(accept: &TextAccept) -> Native {
    let (pattern, regex, substring) = match accept.rule {
        TextRule::Exact => (accept.text.clone(), false, false),
        TextRule::Substring => (accept.text.clone(), false, true),
        TextRule::Regex => (pattern::to_native(&accept.text), true, false),
        TextRule::RegexSearch => (accept.text.clone(), true, true),
    };
    Native { pattern, regex, substring, case: accept.case_sensitive }
}

/// Several texts become the alternatives of one pattern, each in a group of its own.
fn joined(several: &[TextAccept], losses: &mut Losses) -> Native {
    let case = several.iter().any(|accept| accept.case_sensitive);
    let mut narrowed = false;
    let patterns: Vec<String> = several
        .iter()
        .map(|accept| {
            let any_case = case && !accept.case_sensitive;
            let text = |text: &str| match any_case {
                true => pattern::escape_any_case(text),
                false => pattern::escape(text),
            };
            match accept.rule {
                TextRule::Exact => text(&accept.text),
                TextRule::Substring => format!("[\\s\\S]*{}[\\s\\S]*", text(&accept.text)),
                rule => {
                    narrowed |= any_case;
                    match rule {
                        TextRule::Regex => format!("(?:{})", pattern::scoped(&accept.text)),
                        _ => format!("[\\s\\S]*(?:{})[\\s\\S]*", pattern::scoped(&accept.text)),
                    }
                }
            }
        })
        .collect();
    if narrowed {
        losses.changing_marks(
            "a pattern in which case does not count",
            "beside texts in which it counts, Stepik has one rule for all",
            "case counts in the pattern too: the other case is wrong",
        );
    }
    Native { pattern: pattern::any_of(&patterns), regex: true, substring: false, case }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(accept: &[(&str, TextRule, bool)]) -> Result<String, &'static str> {
        let accept = accept.iter().map(|(text, rule, case_sensitive)| TextAccept {
            text: (*text).into(),
            rule: *rule,
            case_sensitive: *case_sensitive,
        });
        let entry = Interaction::TextEntry(TextEntryInteraction::default());
        let key = Key::Text { accept: accept.collect() };
        let exercise = Exercise::new("t", Markup::default(), entry).with_key(key);
        let (_, source) = write(&exercise, &Object::new(), &mut Losses::default())?;
        Ok(get::text(&source, "pattern").to_owned())
    }

    #[test]
    fn what_is_joined_to_one_pattern_still_takes_what_it_took() {
        use TextRule::{Exact, Regex, RegexSearch};
        let texts = written(&[("trail ", Exact, true), (" ", Exact, true), ("x", Exact, true)]);
        assert_eq!(texts.as_deref(), Ok("(?:trail|x)$"));
        let patterns = written(&[("(?i)heat", RegexSearch, true), ("a+", Regex, true)]);
        assert_eq!(patterns.as_deref(), Ok("(?:[\\s\\S]*(?:(?i:heat))[\\s\\S]*|(?:a+))$"));
        assert_eq!(written(&[("(?i)a|b", Regex, true)]).as_deref(), Ok("(?:(?i:a|b))$"));
        assert_eq!(written(&[("(?x)a|b # c", Regex, true)]).as_deref(), Ok("(?:(?x:a|b # c\n))$"));
        assert!(written(&[(" ", Exact, true), ("", Exact, true)]).is_err());
    }

    #[test]
    fn a_pattern_that_stepik_would_refuse_is_not_sent() {
        for rule in [TextRule::Regex, TextRule::RegexSearch] {
            assert!(written(&[("a/b\\c", rule, true)]).is_err());
            assert!(written(&[("ok", rule, true), ("(", rule, true)]).is_err());
        }
        assert_eq!(written(&[("a/b\\c", TextRule::Exact, true)]).as_deref(), Ok("a/b\\c"));
    }
}
