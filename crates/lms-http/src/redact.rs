//! What may be quoted of a query or a body.

mod private;

use std::ops::Range;

/// Longest quotation, in characters.
const SNIPPET: usize = 200;

/// Parts of names whose values are never quoted.
const SECRET_NAMES: [&str; 10] = [
    "token",
    "password",
    "passwd",
    "secret",
    "session",
    "csrf",
    "authorization",
    "cookie",
    "api_key",
    "apikey",
];

/// A query string with every value masked, except those of the names in `allow`.
///
/// `query` is without its question mark; names stay, so that the shape of the call can be seen.
pub fn redact_query(query: &str, allow: &[&str]) -> String {
    let pairs: Vec<String> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if allow.contains(&name) { format!("{name}={value}") } else { format!("{name}=…") }
        })
        .collect();
    pairs.join("&")
}

/// A bounded quotation of a body: an HTML page is reduced to its title, secrets are masked.
pub(crate) fn snippet(body: &[u8]) -> String {
    // Masking needs to see past the end of what is shown, but not all of a large body.
    let head = String::from_utf8_lossy(body.get(..SNIPPET * 16).unwrap_or(body));
    let text = head.trim();
    if is_html(text) {
        return match title(text) {
            Some(title) => quoted(&format!("an HTML page titled “{title}”")),
            None => "an HTML page".to_owned(),
        };
    }
    quoted(text)
}

/// A bounded quotation of words that came from outside: what a secret name says, addresses of people and
/// what looks like a token are masked.
pub(crate) fn quoted(text: &str) -> String {
    bounded(&private::mask(&mask(text)))
}

/// Whether a name says that its value is secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|secret| name.contains(secret))
}

pub(crate) fn is_html(text: &str) -> bool {
    let head: String = text.trim_start().chars().take(15).collect::<String>().to_ascii_lowercase();
    head.starts_with("<!doctype html") || head.starts_with("<html") || head.starts_with("<head")
}

fn title(html: &str) -> Option<String> {
    let lower = html.to_ascii_lowercase();
    let from = lower.find("<title")?;
    let from = from + lower.get(from..)?.find('>')? + 1;
    let to = from + lower.get(from..)?.find("</title")?;
    let words: Vec<&str> = html.get(from..to)?.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// At most [`SNIPPET`] characters, on one line.
pub(crate) fn bounded(text: &str) -> String {
    let mut out = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == SNIPPET {
            out.push('…');
            break;
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

/// Masks what follows a secret name in JSON (`"token": "x"`), forms (`token=x`) and headers
/// (`Cookie: x`). Works on text, because what cannot be parsed has to be quoted too.
fn mask(text: &str) -> String {
    assignments(text, value_after, |name, _| is_secret_name(name).then(|| "…".to_owned()))
}

/// Calls `other` with every name in the text and its value, and writes what it gives in place of the value.
/// `place` says where the value lies in what follows a name.
pub(crate) fn assignments(
    text: &str,
    place: impl Fn(&str) -> Option<Range<usize>>,
    mut other: impl FnMut(&str, &str) -> Option<String>,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        let end = rest.get(start..).and_then(|s| s.find(|c| !is_word(c))).map_or(rest.len(), |n| start + n);
        let (head, tail) = rest.split_at(end);
        out.push_str(head);
        rest = tail;
        let name = head.get(start..).unwrap_or_default();
        if let Some(value) = place(tail)
            && let Some(other) = other(name, tail.get(value.clone()).unwrap_or_default())
        {
            out.push_str(tail.get(..value.start).unwrap_or_default());
            out.push_str(&other);
            rest = tail.get(value.end..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

/// Where the value lies in what follows a name; `None` when no `:` or `=` follows.
fn value_after(tail: &str) -> Option<Range<usize>> {
    let unquoted = tail.trim_start_matches(['"', '\'', '\\', ']']).trim_start();
    let value = unquoted.strip_prefix([':', '='])?.trim_start();
    let start = tail.len() - value.len();
    let length = match value.chars().next()? {
        quote @ ('"' | '\'') => string_length(value, quote),
        open @ ('[' | '{') => value.find(if open == '[' { ']' } else { '}' }).map_or(value.len(), |n| n + 1),
        _ => value.find(['&', ',', '}', ']', '\n', '<']).unwrap_or(value.len()),
    };
    Some(start..start + length)
}

/// Length of a string in quotes, its quotes included; all that is left when it does not end.
fn string_length(value: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in value.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    value.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_keeps_its_names_and_the_allowed_values() {
        assert_eq!(
            redact_query("page=2&code=s3cret&ids[]=7&flag", &["page", "ids[]"]),
            "page=2&code=…&ids[]=7&flag=…"
        );
        assert_eq!(redact_query("", &["page"]), "");
    }

    #[test]
    fn secrets_are_masked_in_json_forms_and_what_is_broken() {
        for (text, expected) in [
            (r#"{"access_token": "canary", "id": 5}"#, r#"{"access_token": …, "id": 5}"#),
            (r#"{"password":["canary","x"],"id":5}"#, r#"{"password":…,"id":5}"#),
            (r#"{"token":{"v":"canary"},"id":5}"#, r#"{"token":…,"id":5}"#),
            (r#"{"csrfToken":"can\"ary"}"#, r#"{"csrfToken":…}"#),
            (r#"{"client_secret":"canary"#, r#"{"client_secret":…"#),
            ("user=ada&password=canary&x=1", "user=ada&password=…&x=1"),
            ("Set-Cookie: sessionid=canary; Path=/", "Set-Cookie: …"),
            ("no password was given", "no password was given"),
        ] {
            assert_eq!(snippet(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_page_is_reduced_to_its_title() {
        let page =
            "<!DOCTYPE html>\n<html><head><title>\n Error 502 </title></head><body>canary</body></html>";
        assert_eq!(snippet(page.as_bytes()), "an HTML page titled “Error 502”");
        assert_eq!(snippet(b"<html><body>canary"), "an HTML page");
    }

    #[test]
    fn a_quotation_is_short_and_on_one_line() {
        let quoted = snippet("ж\n".repeat(5_000).as_bytes());
        assert_eq!(quoted.chars().count(), SNIPPET + 1);
        assert!(!quoted.contains('\n'));
    }
}
