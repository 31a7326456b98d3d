//! Tree → text.

use super::{Element, Node};

/// Text for an element's content.
pub(crate) fn escape_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;")
}

/// Text for an attribute in double quotes. Line ends and tabs are written as numbers: a parser would
/// give back spaces.
pub(crate) fn escape_attribute(text: &str) -> String {
    escape_text(text).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
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
