//! Text → tree. As strict as the parser of Open edX: what it refuses is refused here.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::{Element, Node};

/// Deeper nesting is refused: no author writes it, and every walk here is recursive.
const MAX_DEPTH: usize = 200;

/// Why a text is not well-formed XML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong, for people.
    pub(crate) what: String,
}

/// Reads one document.
pub(crate) fn parse(text: &str) -> Result<Element, Fault> {
    Parser::new(text).document()
}

struct Parser<'a> {
    reader: Reader<&'a [u8]>,
    whole: &'a str,
    offset: usize,
    /// A place, and the line that it is on.
    counted: (usize, usize),
    open: Vec<Element>,
    root: Option<Element>,
}

impl<'a> Parser<'a> {
    fn new(whole: &'a str) -> Self {
        let text = whole.strip_prefix('\u{feff}').unwrap_or(whole);
        let offset = whole.len() - text.len();
        let mut reader = Reader::from_str(text);
        reader.config_mut().enable_all_checks(true);
        Self { reader, whole, offset, counted: (0, 1), open: Vec::new(), root: None }
    }

    fn line(&mut self, at: usize) -> usize {
        let (from, line) = if at < self.counted.0 { (0, 1) } else { self.counted };
        let between = self.whole.as_bytes().get(from..at).unwrap_or_default();
        let line = line + between.iter().filter(|byte| **byte == b'\n').count();
        self.counted = (at, line);
        line
    }

    fn fault<T>(&mut self, at: usize, what: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { line: self.line(at), what: what.into() })
    }

    fn at(&self) -> usize {
        self.offset + usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX - self.offset)
    }

    fn document(mut self) -> Result<Element, Fault> {
        loop {
            let start = self.at();
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let at = usize::try_from(self.reader.error_position()).unwrap_or(0) + self.offset;
                    return self.fault(at, error.to_string());
                }
            };
            match event {
                Event::Start(tag) => {
                    let element = self.element(&tag, start)?;
                    if self.open.len() >= MAX_DEPTH {
                        return self.fault(start, "elements are nested too deeply");
                    }
                    self.open.push(element);
                }
                Event::Empty(tag) => {
                    let mut element = self.element(&tag, start)?;
                    element.span = start..self.at();
                    self.close(element)?;
                }
                Event::End(_) => {
                    let Some(mut element) = self.open.pop() else {
                        return self.fault(start, "an end tag without a start tag");
                    };
                    element.span.end = self.at();
                    self.close(element)?;
                }
                Event::Text(text) => {
                    if text.contains("]]>") {
                        return self.fault(start, "]]> in text");
                    }
                    let text = text.xml10_content().into_owned();
                    self.text(&text, start)?;
                }
                Event::GeneralRef(reference) => {
                    let resolved = match reference.resolve_char_ref() {
                        Ok(Some(c)) if is_char(c) => c.to_string(),
                        Ok(None) => match quick_xml::escape::resolve_predefined_entity(&reference) {
                            Some(text) => text.to_owned(),
                            None => {
                                let what = format!(
                                    "&{};: XML has no such entity, write it as a number",
                                    &*reference
                                );
                                return self.fault(start, what);
                            }
                        },
                        _ => return self.fault(start, format!("&{};: no such character", &*reference)),
                    };
                    self.text(&resolved, start)?;
                }
                Event::CData(data) => {
                    let data = data.xml10_content().into_owned();
                    match self.open.last_mut() {
                        Some(parent) => parent.children.push(Node::CData(data)),
                        None => return self.fault(start, "text outside the root element"),
                    }
                }
                Event::Comment(comment) => {
                    let comment = comment.xml10_content().into_owned();
                    if let Some(parent) = self.open.last_mut() {
                        parent.children.push(Node::Comment(comment));
                    }
                }
                Event::PI(instruction) => {
                    if let Some(parent) = self.open.last_mut() {
                        parent.children.push(Node::Instruction(instruction.into_inner().into_owned()));
                    }
                }
                Event::Decl(_) | Event::DocType(_) => {
                    if self.root.is_some() || !self.open.is_empty() {
                        return self.fault(start, "a declaration inside the document");
                    }
                }
                Event::Eof => break,
            }
        }
        if let Some(open) = self.open.last() {
            let what = format!("<{}> is not closed", open.name);
            return self.fault(open.span.start, what);
        }
        match self.root.take() {
            Some(root) => Ok(root),
            None => self.fault(0, "there is no element"),
        }
    }

    fn element(&mut self, tag: &BytesStart<'_>, start: usize) -> Result<Element, Fault> {
        let name = tag.name().as_ref().to_owned();
        if !is_name(&name) {
            return self.fault(start, format!("<{name}> is not a name"));
        }
        let mut element = Element { name, line: self.line(start), span: start..start, ..Element::default() };
        for attribute in tag.attributes() {
            let attribute = match attribute {
                Ok(attribute) => attribute,
                Err(error) => return self.fault(start, error.to_string()),
            };
            let key = attribute.key.as_ref();
            if attribute.value.contains('<') || !is_name(key) {
                return self.fault(start, format!("the attribute {key} is not well-formed"));
            }
            match attribute.normalized_value(XmlVersion::Implicit1_0) {
                Ok(value) => element.attributes.push((key.to_owned(), value.into_owned())),
                Err(error) => return self.fault(start, format!("{key}: {error}")),
            }
        }
        Ok(element)
    }

    fn close(&mut self, element: Element) -> Result<(), Fault> {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None if self.root.is_some() => {
                return self.fault(element.span.start, "a second root element");
            }
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str, at: usize) -> Result<(), Fault> {
        if text.chars().any(|c| !is_char(c)) {
            return self.fault(at, "a control character");
        }
        match self.open.last_mut() {
            Some(parent) => match parent.children.last_mut() {
                Some(Node::Text(before)) => before.push_str(text),
                _ => parent.children.push(Node::Text(text.to_owned())),
            },
            None if text.trim().is_empty() => {}
            None => return self.fault(at, "text outside the root element"),
        }
        Ok(())
    }
}

fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}

fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_' || c == ':')
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.' | '\u{b7}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_places_are_kept() {
        let text = "<?xml version=\"1.0\"?>\n<a>\n  <b x=\"1 &amp; 2\"/>\n  <c>&#955;&lt;</c></a>";
        let root = parse(text).expect("well-formed");
        let b = root.first("b").expect("b");
        assert_eq!((b.line, b.get("x")), (3, Some("1 & 2")));
        let c = root.first("c").expect("c");
        assert_eq!((c.line, c.all_text().as_str(), &text[c.span.clone()]), (4, "λ<", "<c>&#955;&lt;</c>"));
    }

    #[test]
    fn what_open_edx_refuses_is_refused_with_its_line() {
        for (text, line) in [
            ("<a>\n&nbsp;</a>", 2),
            ("<a>\n<b></a>", 2),
            ("<a/>\n<b/>", 2),
            ("<a x=1/>", 1),
            ("<a x='1' x='2'/>", 1),
            ("<a>a & b</a>", 1),
            ("<a x='<'/>", 1),
            ("<a", 1),
            ("", 1),
            ("text", 1),
            ("<a/>x", 1),
        ] {
            assert_eq!(parse(text).map_err(|fault| fault.line), Err(line), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let text = format!("{}{}", "<a>".repeat(300), "</a>".repeat(300));
        assert!(parse(&text).is_err());
    }
}
