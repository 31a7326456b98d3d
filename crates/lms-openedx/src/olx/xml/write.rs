//! Tree → text.

use super::{Element, Node};

/// Text for an element's content.
pub(crate) fn escape_text(text: &str) -> String {
    escape(text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\r' => Some("&#13;"),
        _ => None,
    })
}

/// Text for an attribute in double quotes. Line ends and tabs are written as numbers: a parser would
/// give back spaces.
pub(crate) fn escape_attribute(text: &str) -> String {
    escape(text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\r' => Some("&#13;"),
        '\n' => Some("&#10;"),
        '\t' => Some("&#9;"),
        _ => None,
    })
}

fn escape(text: &str, entity: impl Fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, c) in text.char_indices() {
        if let Some(entity) = entity(c) {
            out.push_str(&text[copied..at]);
            out.push_str(entity);
            copied = at + c.len_utf8();
        }
    }
    out.push_str(&text[copied..]);
    out
}

/// An element as text.
pub(crate) fn markup(element: &Element) -> String {
    let mut out = String::new();
    write_element(element, &mut out);
    out
}

/// What stands in an element, as text.
#[cfg(test)]
pub(crate) fn inner_markup(element: &Element) -> String {
    let mut out = String::new();
    for child in &element.children {
        write_node(child, &mut out);
    }
    out
}

/// What stands in the tag of a page, as Open edX makes HTML of it: the text before the first child as it is, the children
/// as markup (`stringify_children` of edx-platform). So `<html>&lt;p>x&lt;/p></html>` is a paragraph.
pub(crate) fn page(element: &Element) -> String {
    let mut out = String::new();
    let mut children = element.children.iter().peekable();
    while let Some(text) = children.peek().and_then(|node| node.text()) {
        out.push_str(text);
        children.next();
    }
    children.for_each(|child| write_node(child, &mut out));
    out
}

fn write_element(element: &Element, out: &mut String) {
    out.push('<');
    out.push_str(&element.name);
    for (name, value) in &element.attributes {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        out.push_str(&escape_attribute(value));
        out.push('"');
    }
    if element.children.is_empty() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    for child in &element.children {
        write_node(child, out);
    }
    out.push_str("</");
    out.push_str(&element.name);
    out.push('>');
}

fn write_node(node: &Node, out: &mut String) {
    match node {
        Node::Element(element) => write_element(element, out),
        Node::Text(text) => out.push_str(&escape_text(text)),
        Node::CData(text) => {
            out.push_str("<![CDATA[");
            out.push_str(text);
            out.push_str("]]>");
        }
        Node::Comment(text) => {
            out.push_str("<!--");
            out.push_str(text);
            out.push_str("-->");
        }
        Node::Instruction(text) => {
            out.push_str("<?");
            out.push_str(text);
            out.push_str("?>");
        }
    }
}
