//! Whether two native blocks say the same.

use crate::markup::scan::{Piece, attributes, pieces};
use crate::{Foreign, SourceFormat, unescape};

impl Foreign {
    /// Whether two native blocks say the same, although a platform that stored one of them may have
    /// written it down otherwise: the order of attributes or keys, quotes, white space between tags, and
    /// the name that Open edX gives a block (`url_name`) do not count, nor on its outermost tag the title
    /// (`display_name`), which is the block's own, and what Studio adds to a block of its own accord
    /// (`xblock-family`, an empty `xml_attributes`).
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
    let mut words = Vec::new();
    let mut begun = false;
    for piece in pieces(source) {
        match piece {
            Piece::Text(text) => {
                let text = unescape(text).split_whitespace().collect::<Vec<_>>().join(" ");
                if !text.is_empty() {
                    words.push(text);
                }
            }
            Piece::Tag { name, closing: true, .. } => words.push(format!("</{name}>")),
            Piece::Tag { source, name, closing: false } => {
                let name = name.trim_end_matches('/');
                let inner = std::mem::replace(&mut begun, true);
                let mut said: Vec<String> = attributes(source)
                    .into_iter()
                    .filter(|(attribute, _)| {
                        *attribute != "url_name"
                            && (inner || !matches!(*attribute, "display_name" | "xblock-family"))
                    })
                    .map(|(attribute, value)| {
                        let value = source.get(value).unwrap_or_default();
                        let quoted = |q: char| value.strip_prefix(q).and_then(|v| v.strip_suffix(q));
                        let bare = quoted('"').or_else(|| quoted('\'')).unwrap_or(value);
                        format!("{attribute}={}", unescape(bare))
                    })
                    .filter(|said| inner || said != "xml_attributes={}")
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
        let json = |source: &str| foreign(SourceFormat::Json, source);
        assert!(json("{\"a\":1,\"b\":[2]}").same_as(&json("{ \"b\": [2], \"a\": 1 }")));
        assert!(!json("{\"a\":1}").same_as(&json("{\"a\":2}")));
        assert!(!one.same_as(&foreign(SourceFormat::Yaml, &one.source)));
    }
}
