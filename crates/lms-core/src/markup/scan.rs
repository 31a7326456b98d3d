//! A scanner that tells tags from text and keeps every byte. An HTML tree would write back something
//! else than it read, and authors' markup is to come back as it was.

use super::{escape, unescape};

/// A piece of HTML.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Text, entities unresolved.
    Text(&'a str),
    /// `<name …>` or `</name>`, whole.
    Tag { source: &'a str, name: &'a str, closing: bool },
    /// A comment, declaration or processing instruction, whole.
    Other(&'a str),
}

/// Splits HTML into pieces that, put together, are the HTML again.
pub(crate) fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = next_piece(rest);
        rest = after;
        Some(piece)
    })
}

fn next_piece(rest: &str) -> (Piece<'_>, &str) {
    if !starts_markup(rest) {
        let end = rest
            .match_indices('<')
            .map(|(at, _)| at)
            .find(|at| *at > 0 && starts_markup(&rest[*at..]))
            .unwrap_or(rest.len());
        return (Piece::Text(&rest[..end]), &rest[end..]);
    }
    if rest.starts_with("<!--") {
        let end = rest.find("-->").map_or(rest.len(), |at| at + 3);
        return (Piece::Other(&rest[..end]), &rest[end..]);
    }
    if rest.starts_with("<!") || rest.starts_with("<?") {
        let end = rest.find('>').map_or(rest.len(), |at| at + 1);
        return (Piece::Other(&rest[..end]), &rest[end..]);
    }
    let end = tag_end(rest);
    let source = &rest[..end];
    let closing = source.starts_with("</");
    let from = if closing { 2 } else { 1 };
    let name_end = source[from..]
        .find(|c: char| c.is_whitespace() || c == '>' || c == '/')
        .map_or(source.len(), |at| at + from);
    (Piece::Tag { source, name: &source[from..name_end], closing }, &rest[end..])
}

fn starts_markup(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('<')
        && match chars.next() {
            Some('/') => chars.next().is_some_and(|c| c.is_ascii_alphabetic()),
            Some(c) => c.is_ascii_alphabetic() || c == '!' || c == '?',
            None => false,
        }
}

/// Where the tag that `text` begins with ends; a `>` in a quoted value does not end it.
fn tag_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(n) = bytes[from..].iter().position(|b| matches!(b, b'>' | b'"' | b'\'')) {
        let at = from + n;
        from = at + 1;
        if bytes[at] == b'>' {
            return from;
        }
        // A quote begins a value only behind `=`.
        if text[..at].trim_end().ends_with('=') {
            match bytes[from..].iter().position(|b| *b == bytes[at]) {
                Some(n) => from += n + 1,
                None => break,
            }
        }
    }
    text.len()
}

/// The attributes of a tag: name, and where the value stands in `tag` with its quotes.
pub(crate) fn attributes(tag: &str) -> Vec<(&str, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    let bytes = tag.as_bytes();
    let mut at = bytes.iter().position(|b| b.is_ascii_whitespace()).unwrap_or(bytes.len());
    while at < bytes.len() {
        while at < bytes.len() && (bytes[at].is_ascii_whitespace() || bytes[at] == b'/') {
            at += 1;
        }
        let start = at;
        while at < bytes.len() && !bytes[at].is_ascii_whitespace() && !matches!(bytes[at], b'=' | b'>' | b'/')
        {
            at += 1;
        }
        if at == start {
            at += 1;
            continue;
        }
        let name = &tag[start..at];
        let mut value = at;
        while value < bytes.len() && bytes[value].is_ascii_whitespace() {
            value += 1;
        }
        if bytes.get(value) != Some(&b'=') {
            continue;
        }
        value += 1;
        while value < bytes.len() && bytes[value].is_ascii_whitespace() {
            value += 1;
        }
        let end = match bytes.get(value) {
            Some(quote @ (b'"' | b'\'')) => {
                bytes[value + 1..].iter().position(|b| b == quote).map_or(bytes.len(), |n| value + n + 2)
            }
            _ => bytes[value..]
                .iter()
                .position(|b| b.is_ascii_whitespace() || *b == b'>')
                .map_or(bytes.len(), |n| value + n),
        };
        found.push((name, value..end));
        at = end;
    }
    found
}

/// The HTML with addresses changed by `change`.
pub(super) fn map_links(html: &str, mut change: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(html.len());
    for piece in pieces(html) {
        match piece {
            Piece::Text(text) | Piece::Other(text) => out.push_str(text),
            Piece::Tag { source, closing: true, .. } => out.push_str(source),
            Piece::Tag { source, name, closing: false } => {
                let mut copied = 0;
                for (attribute, range) in attributes(source) {
                    if !is_link(name, attribute) {
                        continue;
                    }
                    let raw = &source[range.clone()];
                    let quote = raw.chars().next().filter(|c| matches!(c, '"' | '\''));
                    let value = quote.map_or(raw, |q| raw.trim_matches(q));
                    let address = unescape(value);
                    if let Some(changed) = change(address.trim()) {
                        let quote = quote.unwrap_or('"');
                        let escaped = match quote {
                            '\'' => escape(&changed).replace("&quot;", "\"").replace('\'', "&#39;"),
                            _ => escape(&changed),
                        };
                        out.push_str(&source[copied..range.start]);
                        out.push(quote);
                        out.push_str(&escaped);
                        out.push(quote);
                        copied = range.end;
                    }
                }
                out.push_str(&source[copied..]);
            }
        }
    }
    out
}

fn is_link(element: &str, attribute: &str) -> bool {
    let is = |name: &str| attribute.eq_ignore_ascii_case(name);
    is("src") || is("href") || is("poster") || (is("data") && element.eq_ignore_ascii_case("object"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_put_together_are_the_source() {
        for html in [
            "a < b <c> d",
            "<p title='1 > 0'>x</p><!-- <p> --><br/>",
            "<p",
            "<",
            "1<2",
            "<a href=\"x",
            "<!doctype html><?php echo '<p>' ?>é",
        ] {
            let joined: String = pieces(html)
                .map(|piece| match piece {
                    Piece::Text(s) | Piece::Other(s) | Piece::Tag { source: s, .. } => s,
                })
                .collect();
            assert_eq!(joined, html);
            assert_eq!(map_links(html, |_| None), html);
        }
    }

    #[test]
    fn a_greater_sign_in_a_value_does_not_end_the_tag() {
        let tags: Vec<_> = pieces("<p title='1 > 0'>x").collect();
        assert_eq!(tags[0], Piece::Tag { source: "<p title='1 > 0'>", name: "p", closing: false });
    }
}
