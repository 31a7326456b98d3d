//! Whether two native blocks say the same.

use std::borrow::Cow;

use crate::markup::scan::{Piece, attributes, pieces};
use crate::{Foreign, SourceFormat, escape, unescape};

impl Foreign {
    /// Whether two native blocks say the same, although a platform that stored one of them may have
    /// written it down otherwise. Of XML these do not count: the order of attributes, quotes, white space between
    /// tags, CDATA or not, how JSON in an attribute is set out, the name that Open edX gives a block (`url_name`), on
    /// the outermost tag the title (`display_name`), which is the block's own, and what Studio adds to a block or
    /// rewrites in it of its own accord: `xblock-family`, an empty `xml_attributes`, the course in `i4x://` keys, and of
    /// a `conditional` an empty `message` and the tags of those that it shows (seen in a real Studio's exports).
    pub fn same_as(&self, other: &Foreign) -> bool {
        if (self.platform, &self.name, self.format) != (other.platform, &other.name, other.format) {
            return false;
        }
        match self.format {
            SourceFormat::Xml => xml_words(&self.source) == xml_words(&other.source),
            SourceFormat::Json => {
                let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
                self.source == other.source
                    || read(&self.source).is_some_and(|a| read(&other.source) == Some(a))
            }
            SourceFormat::Yaml => self.source.trim_end() == other.source.trim_end(),
        }
    }
}

/// What XML says, piece by piece: names, sorted attributes, texts.
fn xml_words(source: &str) -> Vec<String> {
    let source = without_sections(source);
    let shown = shown(&source);
    let mut words: Vec<String> = Vec::new();
    let mut text_before = false;
    let mut outermost: Option<&str> = None;
    for piece in pieces(&source) {
        match piece {
            Piece::Text(text) => {
                let text = unescape(text).split_whitespace().collect::<Vec<_>>().join(" ");
                if !text.is_empty() {
                    match words.last_mut().filter(|_| text_before) {
                        Some(before) => *before = format!("{before} {text}"),
                        None => words.push(text),
                    }
                    text_before = true;
                }
            }
            Piece::Tag { name, closing: true, .. } => {
                text_before = false;
                words.push(format!("</{name}>"));
            }
            Piece::Tag { source, name, closing: false } => {
                text_before = false;
                let name = name.trim_end_matches('/');
                let said = said(source);
                let pointed = said.first().filter(|_| said.len() == 1 && source.ends_with("/>"));
                if pointed.is_some_and(|(key, id)| {
                    *key == "url_name" && shown.iter().any(|(kind, other)| kind == name && other == id)
                }) {
                    continue;
                }
                let top = outermost.is_none();
                let of = *outermost.get_or_insert(name);
                let mut said: Vec<String> = said
                    .into_iter()
                    .filter(|(attribute, value)| match *attribute {
                        "url_name" => false,
                        "display_name" | "xblock-family" => !top,
                        "xml_attributes" => !top || value != "{}",
                        "message" => !top || of != "conditional" || !value.is_empty(),
                        _ => true,
                    })
                    .map(|(attribute, value)| format!("{attribute}={}", settled(attribute, &value)))
                    .collect();
                said.sort();
                words.push(format!("<{name} {}>", said.join(" ")));
                if source.ends_with("/>") {
                    words.push(format!("</{name}>"));
                }
            }
            Piece::Other(_) => {}
        }
    }
    words
}

/// The attributes of a tag, entities resolved.
fn said(tag: &str) -> Vec<(&str, String)> {
    let value = |at: std::ops::Range<usize>| {
        let value = tag.get(at).unwrap_or_default();
        let quoted = |q: char| value.strip_prefix(q).and_then(|v| v.strip_suffix(q));
        unescape(quoted('"').or_else(|| quoted('\'')).unwrap_or(value))
    };
    attributes(tag).into_iter().map(|(name, at)| (name, value(at))).collect()
}

/// CDATA sections as the texts that they are.
fn without_sections(source: &str) -> Cow<'_, str> {
    const OPEN: &str = "<![CDATA[";
    if !source.contains(OPEN) {
        return Cow::Borrowed(source);
    }
    let mut parts = source.split(OPEN);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (section, rest) = part.split_once("]]>").unwrap_or((part, ""));
        text.push_str(&escape(section));
        text.push_str(rest);
    }
    Cow::Owned(text)
}

/// What the `<show sources="…"/>` of a conditional names, by type and name: Studio repeats it among the children.
fn shown(source: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for piece in pieces(source) {
        let Piece::Tag { source, name: "show", closing: false } = piece else { continue };
        let sources = said(source).into_iter().find(|(name, _)| *name == "sources");
        let keys = sources.iter().flat_map(|(_, keys)| keys.split(';'));
        found.extend(keys.filter_map(|key| {
            let (rest, id) = key.trim().rsplit_once('/')?;
            let (_, kind) = rest.rsplit_once('/')?;
            Some((kind.to_owned(), id.to_owned()))
        }));
    }
    found
}

/// A value as it is compared.
fn settled(attribute: &str, value: &str) -> String {
    let mut parts = value.split("i4x://");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // `i4x://ORG/COURSE/TYPE/NAME`
        text.push_str("i4x://");
        text.push_str(part.splitn(3, '/').nth(2).unwrap_or(part));
    }
    if attribute == "sources" {
        text = text.split(';').map(str::trim).collect::<Vec<_>>().join(";");
    }
    match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(mut json @ (serde_json::Value::Array(_) | serde_json::Value::Object(_))) => {
            json.sort_all_objects();
            json.to_string()
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Markup, Platform};

    fn foreign(format: SourceFormat, source: &str) -> Foreign {
        let readable = Markup::default();
        Foreign {
            platform: Platform::OpenEdx,
            name: "x".into(),
            format,
            source: source.into(),
            readable,
            points: None,
        }
    }

    #[test]
    fn how_it_is_written_does_not_count_and_what_it_says_does() {
        let xml = |source: &str| foreign(SourceFormat::Xml, source);
        let one = xml("<x b='2' a=\"&quot;1\"><y/> text  here</x>");
        assert!(one.same_as(&xml("<x url_name=\"n\" a='\"1' b=\"2\">\n  <y></y>text here\n</x>")));
        assert!(one.same_as(&xml(
            "<x xblock-family='xblock.v1' b='2' xml_attributes='{}' a='\"1'><y/> text here</x>"
        )));
        assert!(!one.same_as(&xml("<x xml_attributes='{1}' b='2' a='\"1'><y/> text here</x>")));
        assert!(!one.same_as(&xml("<x b='3' a=\"&quot;1\"><y/> text  here</x>")));
        assert!(!one.same_as(&xml("<x b='2' a=\"&quot;1\"><y/> other</x>")));
        assert!(!one.same_as(&xml("<x b='2' a=\"&quot;1\"><y/> text  here</x><z/>")));
        assert!(
            xml("<x><y display_name='a'/></x>")
                .same_as(&xml("<x display_name='t'><y display_name='a'/></x>"))
        );
        assert!(!xml("<x><y display_name='a'/></x>").same_as(&xml("<x><y display_name='b'/></x>")));
        assert!(xml("<x><![CDATA[a > b]]> &amp; c</x>").same_as(&xml("<x>a &gt; b &amp; c</x>")));
        assert!(!xml("<x><![CDATA[a > b]]></x>").same_as(&xml("<x><![CDATA[a > c]]></x>")));
        assert!(xml("<x d='{\"a\": [1], \"b\": 2}'/>").same_as(&xml("<x d='{\"b\":2,\"a\":[1]}'/>")));
        let json = |source: &str| foreign(SourceFormat::Json, source);
        assert!(json("{\"a\":1,\"b\":[2]}").same_as(&json("{ \"b\": [2], \"a\": 1 }")));
        assert!(!json("{\"a\":1}").same_as(&json("{\"a\":2}")));
        assert!(!one.same_as(&foreign(SourceFormat::Yaml, &one.source)));
    }

    /// As a real Studio wrote it; it took the first.
    #[test]
    fn a_conditional_that_studio_rewrote_says_the_same() {
        let conditional =
            |source: &str| Foreign { name: "conditional".into(), ..foreign(SourceFormat::Xml, source) };
        let was = conditional(
            "<conditional sources=\"i4x://A/b/problem/p; i4x://C/d/html/h\"><html url_name=\"own\"/>\
             <show sources=\"i4x://A/b/html/one\"/></conditional>",
        );
        let is = |children: &str| {
            let sources = "i4x://N/n/problem/p;i4x://N/n/html/h";
            conditional(&format!("<conditional sources=\"{sources}\" message=\"\">{children}</conditional>"))
        };
        let show = "<show sources=\"i4x://N/n/html/one\"/>";
        assert!(was.same_as(&is(&format!("<html url_name=\"own\"/>\n<html url_name=\"one\"/>{show}"))));
        assert!(!was.same_as(&is(&format!("<html url_name=\"one\"/>{show}"))));
        assert!(!was.same_as(&is("<html url_name=\"own\"/><html url_name=\"one\"/>")));
    }
}
