//! A small XML tree that reads and writes as Studio does.
//!
//! Studio parses OLX with ignorable white space removed and writes it indented, so a problem is not
//! kept byte for byte (seen in the recorded OLX exports); comments survive.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// One element.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Node>,
}

/// What stands inside an element.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Element(Element),
    Text(String),
    Comment(String),
}

impl Element {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Reads a whole document. The error is a sentence with the position in bytes.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        parse(text.trim_start_matches('\u{feff}'))
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.attributes.iter_mut().find(|(key, _)| key == name) {
            Some(slot) => slot.1 = value,
            None => self.attributes.push((name.to_owned(), value)),
        }
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<String> {
        let index = self.attributes.iter().position(|(key, _)| key == name)?;
        Some(self.attributes.remove(index).1)
    }

    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) | Node::Comment(_) => None,
        })
    }

    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.elements().find(|element| element.name == name)
    }

    /// All descendants in document order, this element excluded.
    pub(crate) fn descendants(&self) -> Vec<&Element> {
        let mut found = Vec::new();
        for element in self.elements() {
            found.push(element);
            found.extend(element.descendants());
        }
        found
    }

    /// The text of this element and everything below it.
    pub(crate) fn text(&self) -> String {
        self.children
            .iter()
            .map(|node| match node {
                Node::Element(element) => element.text(),
                Node::Text(text) => text.clone(),
                Node::Comment(_) => String::new(),
            })
            .collect()
    }

    pub(crate) fn has_text(&self) -> bool {
        self.children.iter().any(|node| matches!(node, Node::Text(text) if !text.trim().is_empty()))
    }

    /// Indented, with a newline at the end, as lxml's `pretty_print` writes it.
    pub(crate) fn pretty(&self) -> String {
        let mut out = String::new();
        write_element(&mut out, self, Some(0));
        out.push('\n');
        out
    }

    /// Without any added white space.
    pub(crate) fn compact(&self) -> String {
        let mut out = String::new();
        write_element(&mut out, self, None);
        out
    }

    /// What stands between the tags, without any added white space.
    pub(crate) fn inner(&self) -> String {
        let mut out = String::new();
        for node in &self.children {
            write_node(&mut out, node, None);
        }
        out
    }
}

fn parse(text: &str) -> Result<Element, String> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let mut pending = String::new();
    let fail = |at: u64, why: String| format!("at byte {at}: {why}");
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event().map_err(|error| fail(at, error.to_string()))?;
        match &event {
            Event::Text(piece) => {
                pending.push_str(&piece.xml10_content());
                continue;
            }
            Event::CData(piece) => {
                pending.push_str(&piece.xml10_content());
                continue;
            }
            Event::GeneralRef(name) => {
                pending.push(resolve(name).ok_or_else(|| fail(at, format!("undefined entity {name:?}")))?);
                continue;
            }
            Event::PI(_) | Event::Decl(_) | Event::DocType(_) => continue,
            Event::Comment(_) | Event::Start(_) | Event::Empty(_) | Event::End(_) | Event::Eof => {}
        }
        flush(&mut pending, open.last_mut(), matches!(event, Event::End(_))).map_err(|why| fail(at, why))?;
        match event {
            // libxml2's own limit.
            Event::Start(_) if open.len() >= 256 => {
                return Err(fail(at, "more than 256 elements deep".into()));
            }
            Event::Start(tag) => open.push(start(&tag).map_err(|why| fail(at, why))?),
            Event::Empty(tag) => {
                let element = start(&tag).map_err(|why| fail(at, why))?;
                close(element, &mut open, &mut root).map_err(|why| fail(at, why))?;
            }
            Event::Comment(piece) => {
                if let Some(parent) = open.last_mut() {
                    parent.children.push(Node::Comment(piece.into_inner().into_owned()));
                }
            }
            Event::End(_) => {
                let element = open.pop().ok_or_else(|| fail(at, "an end tag without a start".into()))?;
                close(element, &mut open, &mut root).map_err(|why| fail(at, why))?;
            }
            _ => break,
        }
    }
    match (open.last(), root) {
        (Some(element), _) => Err(format!("<{}> is not closed", element.name)),
        (None, Some(root)) => Ok(root),
        (None, None) => Err("no element found".into()),
    }
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) -> Result<(), String> {
    match open.last_mut() {
        Some(parent) => parent.children.push(Node::Element(element)),
        None if root.is_none() => *root = Some(element),
        None => return Err("more than one root element".into()),
    }
    Ok(())
}

/// libxml2's `areBlanks`: blank text is dropped unless it is all there is, or the parent begins with
/// text, or text stands right before it.
fn flush(pending: &mut String, parent: Option<&mut Element>, at_end: bool) -> Result<(), String> {
    if pending.is_empty() {
        return Ok(());
    }
    let text = std::mem::take(pending);
    let blank = text.chars().all(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
    let Some(parent) = parent else {
        return if blank { Ok(()) } else { Err("text outside the root element".into()) };
    };
    let mixed = matches!(parent.children.first(), Some(Node::Text(_)));
    if !blank || mixed || (parent.children.is_empty() && at_end) {
        parent.children.push(Node::Text(text));
    }
    Ok(())
}

fn resolve(name: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if let Ok(Some(c)) = name.resolve_char_ref() {
        return Some(c);
    }
    // Only XML's own five: an HTML entity such as &nbsp; kills the file (reference openedx.md 5.8).
    match name.xml10_content().as_ref() {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

fn start(tag: &BytesStart<'_>) -> Result<Element, String> {
    let mut element = Element::new(tag.name().into_inner());
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if attribute.value.contains('<') {
            return Err(format!("'<' in attribute {}", attribute.key.into_inner()));
        }
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_err(|error| error.to_string())?;
        element.attributes.push((attribute.key.into_inner().to_owned(), value.into_owned()));
    }
    Ok(element)
}

fn write_node(out: &mut String, node: &Node, depth: Option<usize>) {
    match node {
        Node::Element(element) => write_element(out, element, depth),
        Node::Text(text) => escape(out, text, false),
        Node::Comment(text) => out.extend(["<!--", text, "-->"]),
    }
}

fn write_element(out: &mut String, element: &Element, depth: Option<usize>) {
    out.push('<');
    out.push_str(&element.name);
    for (name, value) in &element.attributes {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        escape(out, value, true);
        out.push('"');
    }
    if element.children.is_empty() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    // libxml2 stops indenting inside an element that holds text.
    let mixed = element.children.iter().any(|node| matches!(node, Node::Text(_)));
    let inner = depth.filter(|_| !mixed).map(|depth| depth + 1);
    for node in &element.children {
        if let Some(inner) = inner {
            newline(out, inner);
        }
        write_node(out, node, inner);
    }
    if let (Some(depth), Some(_)) = (depth, inner) {
        newline(out, depth);
    }
    out.push_str("</");
    out.push_str(&element.name);
    out.push('>');
}

fn newline(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

fn escape(out: &mut String, text: &str, attribute: bool) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\n' if attribute => out.push_str("&#10;"),
            '\t' if attribute => out.push_str("&#9;"),
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_text_goes_and_mixed_text_stays() {
        let element =
            Element::parse("<p>\n <a/> <b>x <i>y</i> <i>z</i></b><c> </c><!-- kept --></p>").expect("XML");
        assert_eq!(element.compact(), "<p><a/><b>x <i>y</i> <i>z</i></b><c> </c><!-- kept --></p>");
        assert_eq!(
            element.pretty(),
            "<p>\n  <a/>\n  <b>x <i>y</i> <i>z</i></b>\n  <c> </c>\n  <!-- kept -->\n</p>\n"
        );
    }

    #[test]
    fn attributes_escape_both_ways() {
        let element = Element::parse("<p a=\"&quot;1&quot;&#10;&lt;\">&amp;&#160;</p>").expect("XML");
        assert_eq!(element.attribute("a"), Some("\"1\"\n<"));
        assert_eq!(element.compact(), "<p a=\"&quot;1&quot;&#10;&lt;\">&amp;\u{a0}</p>");
    }

    #[test]
    fn what_lxml_refuses_is_refused() {
        assert!(Element::parse(&"<a>".repeat(300)).expect_err("too deep").contains("256"));
        for bad in
            ["", "<a>", "<a></b>", "<a/><b/>", "<a>&nbsp;</a>", "<a b=1/>", "<a b='<'/>", "<a b='1' b='2'/>"]
        {
            assert!(Element::parse(bad).is_err(), "{bad}");
        }
    }
}
