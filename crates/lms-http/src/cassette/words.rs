//! Finding and replacing in plain text.

use std::borrow::Cow;
use std::ops::Range;

use url::form_urlencoded;

use super::filter::Quoted;

/// The host of all addresses in a cassette. RFC 2606 keeps it from being anybody's.
pub(super) const NOBODY: &str = "@example.invalid";

/// Replaces `value`, however it is escaped; `inside` other words as well.
pub(super) fn replace(text: &str, value: &str, other: &str, inside: bool) -> String {
    let mut out = text.to_owned();
    for spelling in spellings(value) {
        if out.contains(&*spelling) {
            out = replace_spelling(&out, &spelling, other, inside);
        }
    }
    out
}

/// The value as it stands in text, queries, paths, HTML and quoted strings.
fn spellings(value: &str) -> Vec<Cow<'_, str>> {
    let form: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let quoted = serde_json::to_string(value).unwrap_or_default();
    let quoted = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned();
    let mut all: Vec<Cow<'_, str>> = vec![Cow::Borrowed(value)];
    for spelling in [form.replace('+', "%20"), form, crate::path_segment(value), escape(value), quoted] {
        if !spelling.is_empty() && all.iter().all(|known| *known != spelling) {
            all.push(Cow::Owned(spelling));
        }
    }
    all
}

fn replace_spelling(text: &str, value: &str, other: &str, inside: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    // A password may be `secret` or `1`; what stands for another must not be broken by it.
    let ours = placeholders(text);
    for (at, found) in text.match_indices(value) {
        let end = at + found.len();
        if ours.iter().any(|ours| at < ours.end && ours.start < end) {
            continue;
        }
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let after = text.get(end..).and_then(|tail| tail.chars().next());
        let alone = ![before, after].into_iter().flatten().any(char::is_alphanumeric);
        // An escape ends in a letter or digit and is no part of a word.
        let escaped = text.get(..at).is_some_and(ends_in_escape) && !after.is_some_and(char::is_alphanumeric);
        if inside || alone || escaped {
            out.push_str(text.get(done..at).unwrap_or_default());
            out.push_str(other);
            done = end;
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Where words stand that we have put in.
fn placeholders(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (start, end) in [("secret-", ""), ("person-", NOBODY)] {
        for (at, start) in text.match_indices(start) {
            let tail = text.get(at + start.len()..).unwrap_or_default();
            let digits = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
            if digits > 0 && tail.get(digits..).is_some_and(|tail| tail.starts_with(end)) {
                found.push(at..at + start.len() + digits + end.len());
            }
        }
    }
    found
}

fn ends_in_escape(head: &str) -> bool {
    let Some(at) = head.len().checked_sub(3) else { return false };
    head.get(at..)
        .is_some_and(|end| end.starts_with('%') && end.bytes().skip(1).all(|b| b.is_ascii_hexdigit()))
}

/// Writes asterisks over `value`, so that nothing moves.
pub(super) fn blank(bytes: &mut [u8], value: &[u8]) {
    let mut at = 0;
    while !value.is_empty() && at + value.len() <= bytes.len() {
        match bytes.get_mut(at..at + value.len()) {
            Some(piece) if piece == value => {
                piece.fill(b'*');
                at += value.len();
            }
            _ => at += 1,
        }
    }
}

/// Text as it stands in an attribute.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The text of an attribute.
pub(super) fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
}

/// Calls `other` with every name and the value that follows it after `:` or `=`, in the text of
/// programs, settings and broken JSON, and writes what it gives.
pub(super) fn assignments(
    text: &str,
    quoted: Quoted,
    other: impl FnMut(&str, &str) -> Option<String>,
) -> String {
    let place = |tail: &str| value(tail, quoted).filter(|place| !place.is_empty());
    crate::redact::assignments(text, place, other)
}

/// Where the value lies in what follows a name, without its quotes.
fn value(tail: &str, quoted: Quoted) -> Option<Range<usize>> {
    let after = tail.trim_start_matches(['"', '\'', '\\', ']']).trim_start();
    let value = after.strip_prefix([':', '='])?;
    let value = value.strip_prefix('>').unwrap_or(value).trim_start_matches([' ', '\t', '[', '\\']);
    let start = tail.len() - value.len();
    match value.chars().next()? {
        quote @ ('"' | '\'') => {
            let inner = value.get(1..)?;
            let mut escaped = false;
            let end = inner.find(|c| {
                let ends = c == quote && !escaped;
                escaped = c == '\\' && !escaped;
                ends || c == '\n'
            });
            Some(start + 1..start + 1 + end.unwrap_or(inner.len()))
        }
        _ if quoted == Quoted::Only => None,
        _ => {
            let end = value.find(|c: char| c.is_whitespace() || "&,;}]<\"'".contains(c));
            Some(start..start + end.unwrap_or(value.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_found_in_programs_settings_and_broken_json() {
        let mark = |text: &str, quoted| {
            assignments(text, quoted, |name, _| name.ends_with("token").then(|| "…".to_owned()))
        };
        for (text, expected) in [
            ("var token = \"c'x\\\"y\"; f('z')", "var token = \"…\"; f('z')"),
            ("{'csrf_token': 'c', \"id\": \"d\"}", "{'csrf_token': '…', \"id\": \"d\"}"),
            (r#"{"token":"c"#, r#"{"token":"…"#),
            (r#"{"token":["c"]}"#, r#"{"token":["…"]}"#),
            ("no token was given", "no token was given"),
        ] {
            assert_eq!(mark(text, Quoted::Only), expected);
            assert_eq!(mark(text, Quoted::OrNot), expected);
        }
        assert_eq!(mark("token=c&x=1\ntoken: d\n", Quoted::OrNot), "token=…&x=1\ntoken: …\n");
        assert_eq!(mark("token=c&x=1", Quoted::Only), "token=c&x=1");
    }

    #[test]
    fn a_value_is_found_however_it_is_escaped() {
        for text in ["p&w x/1", "p%26w+x%2F1", "p%26w%20x%2F1", "p&amp;w x/1"] {
            assert_eq!(replace(&format!("<{text}>"), "p&w x/1", "…", false), "<…>");
        }
        assert_eq!(replace("scant cant cant%20cant", "cant", "…", false), "scant … …%20…");
        assert_eq!(replace("scant", "cant", "…", true), "s…");
        for (value, expected) in [
            ("secret", "secret-12 person-3@example.invalid … secret-"),
            ("example", "secret-12 person-3@example.invalid secret secret-"),
            ("2", "secret-12 person-3@example.invalid secret secret-"),
        ] {
            let text = "secret-12 person-3@example.invalid secret secret-";
            let expected = expected.replace("… secret-", "… …-");
            assert_eq!(replace(text, value, "…", false), expected);
        }
        let mut bytes = *b"\xffsecret\x00secre";
        blank(&mut bytes, b"secret");
        assert_eq!(&bytes, b"\xff******\x00secre");
    }
}
