//! Secrets in pages: fields of forms, `meta`, attributes with a secret name, and scripts.

use super::filter::{Depth, Filter, Quoted, Swept};
use super::{names, words};

/// Whether the text is a page.
pub(super) fn is_page(text: &str) -> bool {
    crate::redact::is_html(text) || has_fields(text)
}

/// Whether there is something in it for [`filter`].
pub(super) fn has_fields(text: &str) -> bool {
    // Enough for deciding: a piece of a page without these has no field and no script.
    let lower = text.to_ascii_lowercase();
    ["<input", "<meta", "<script", "<textarea", "csrf", "<form"].iter().any(|mark| lower.contains(mark))
        && lower.contains('<')
}

/// The page without secrets. Of a sensitive answer only plain words stay.
pub(super) fn filter(page: &str, filter: &mut Filter, depth: Depth) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let (text, tail) = rest.split_at(at);
        push_text(&mut out, text, filter, depth);
        let end = tag_end(tail);
        let (tag, after) = tail.split_at(end);
        let name = tag_name(tag);
        out.push_str(&self::tag(tag, &name, filter, depth));
        rest = after;
        if name == "script" || name == "style" {
            let end = find_ignoring_case(after, &format!("</{name}")).unwrap_or(after.len());
            let (script, after) = after.split_at(end);
            if depth == Depth::Usual {
                out.push_str(&filter.assignments(script, Quoted::Only));
            }
            rest = after;
        }
    }
    push_text(&mut out, rest, filter, depth);
    out
}

/// Text between tags. In a sensitive answer, what looks like no word of a language goes.
fn push_text(out: &mut String, text: &str, filter: &mut Filter, depth: Depth) {
    if depth == Depth::Usual {
        out.push_str(text);
        return;
    }
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        if is_plain_word(word) {
            out.push_str(piece);
        } else {
            out.push_str(&filter.secret(word, Swept::Here));
            out.push_str(piece.get(word.len()..).unwrap_or_default());
        }
    }
}

fn is_plain_word(word: &str) -> bool {
    let letters = word.trim_matches(|c: char| c.is_ascii_punctuation());
    let plain = letters.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’'));
    let number = letters.len() <= 2 && letters.bytes().all(|b| b.is_ascii_digit());
    (plain && letters.chars().count() < 24) || number || word.starts_with('&')
}

/// Where the tag at the beginning of `text` ends, quotes minded.
fn tag_end(text: &str) -> usize {
    if text.starts_with("<!--") {
        return text.find("-->").map_or(text.len(), |at| at + 3);
    }
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    text.len()
}

fn tag_name(tag: &str) -> String {
    let name = tag.trim_start_matches('<');
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '/').unwrap_or(name.len());
    name.get(..end).unwrap_or_default().to_ascii_lowercase()
}

fn find_ignoring_case(text: &str, what: &str) -> Option<usize> {
    text.to_ascii_lowercase().find(what)
}

struct Attribute<'a> {
    /// All up to the value, its quote included.
    lead: &'a str,
    name: String,
    value: &'a str,
}

/// The attributes of a tag, and what follows the last.
fn attributes(tag: &str) -> (Vec<Attribute<'_>>, &str) {
    let mut found = Vec::new();
    let mut rest = tag;
    while let Some(equals) = rest.find('=') {
        let head = rest.get(..equals).unwrap_or_default();
        let name = head.trim_end().rsplit(|c: char| c.is_whitespace() || "\"'<".contains(c)).next();
        let tail = rest.get(equals + 1..).unwrap_or_default();
        let value = tail.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = quote.and_then(|quote| value.strip_prefix(quote)).unwrap_or(value);
        let end = match quote {
            Some(quote) => value.find(quote),
            None => value.find(|c: char| c.is_whitespace() || c == '>'),
        };
        let (value, after) = value.split_at(end.unwrap_or(value.len()));
        let lead = rest.get(..rest.len() - after.len() - value.len()).unwrap_or_default();
        found.push(Attribute { lead, name: name.unwrap_or_default().to_ascii_lowercase(), value });
        rest = after;
    }
    (found, rest)
}

fn tag(tag: &str, name: &str, filter: &mut Filter, depth: Depth) -> String {
    let (attributes, end) = attributes(tag);
    let get = |wanted: &str| attributes.iter().find(|a| a.name == wanted).map(|a| a.value);
    let called = ["name", "property", "id", "itemprop", "http-equiv"].into_iter().find_map(get);
    let field = called.unwrap_or_default();
    let mut out = String::with_capacity(tag.len());
    for attribute in &attributes {
        let value = words::unescape(attribute.value);
        let is_value = match name {
            "input" | "button" | "option" => attribute.name == "value",
            "meta" => attribute.name == "content",
            _ => false,
        };
        let sensitive = depth != Depth::Usual && (is_value || attribute.name.starts_with("data-"));
        let other = match attribute.name.as_str() {
            _ if is_value && names::is_secret(field) => filter.secret(&value, Swept::Everywhere),
            other if names::is_secret(other) => filter.secret(&value, Swept::Everywhere),
            _ if sensitive => filter.secret(&value, Swept::Here),
            "href" | "src" | "action" => filter.address(&value),
            _ => value.clone(),
        };
        out.push_str(attribute.lead);
        if other == value {
            out.push_str(attribute.value);
        } else {
            out.push_str(&words::escape(&other));
        }
    }
    out.push_str(end);
    out
}
