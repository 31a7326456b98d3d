//! Short texts to try.

use super::{EACH, Tries, example};
use crate::grade::text::{takes, trim};
use crate::{Response, TextAccept, TextRule};

pub(super) const ELSE: &str = "no such answer";

pub(super) fn tries(accept: &[TextAccept], tries: &mut Tries) {
    let examples: Vec<String> = accept.iter().take(EACH).filter_map(solution).collect();
    for (at, text) in examples.iter().enumerate() {
        tries.add(if at == 0 { "right" } else { "another right answer" }, Response::text(text));
    }
    tries.add("empty", Response::text(""));
    tries.add("something else", Response::text(ELSE));
    for text in &examples {
        tries.add("outer white space", Response::text(format!("  {text} ")));
        tries.add("other case", Response::text(other_case(text)));
        tries.add("text behind", Response::text(format!("{text}x")));
        tries.add("text before", Response::text(format!("x{text}")));
        tries.add("text around", Response::text(format!("so {text} it is")));
        if let Some((last, _)) = text.char_indices().next_back() {
            tries.add("last character missing", Response::text(&text[..last]));
        }
    }
    tries.add("something else in one letter", Response::text("x"));
    tries.add("a number", Response::text("0"));
}

/// A text that this key takes, if one can be found.
pub(super) fn solution(accept: &TextAccept) -> Option<String> {
    let text = match accept.rule {
        TextRule::Exact => trim(&accept.text).to_owned(),
        TextRule::Substring => trim(&accept.text).to_owned(),
        TextRule::Regex | TextRule::RegexSearch => example::matching(&accept.text)?,
    };
    if takes(accept, &text).ok()? { Some(text) } else { around(accept) }
}

/// A substring may have white space at its ends, which needs something around it.
fn around(accept: &TextAccept) -> Option<String> {
    let text = format!("x{}x", accept.text);
    (accept.rule == TextRule::Substring && takes(accept, &text).ok()?).then_some(text)
}

/// The text in the other case: lower where there is a capital, upper else.
pub(super) fn other_case(text: &str) -> String {
    let lower = text.to_lowercase();
    if lower == text { text.to_uppercase() } else { lower }
}
