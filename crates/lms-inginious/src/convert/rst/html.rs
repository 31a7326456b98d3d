//! HTML as a tree, and its text again where it is to stay HTML.

use lms_core::escape;
use scraper::{ElementRef, Node};

/// A node of the parser's tree.
pub(super) type TreeNode<'a> = <ElementRef<'a> as std::ops::Deref>::Target;

const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// Elements that stand within a line.
pub(super) fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "acronym"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "br"
            | "button"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "img"
            | "input"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "select"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
    )
}

/// The element of a node, if it is one.
pub(super) fn element<'a>(node: &TreeNode<'a>) -> Option<ElementRef<'a>> {
    ElementRef::wrap(*node)
}

/// The text of all that is in a node.
pub(super) fn text_of(node: &TreeNode<'_>) -> String {
    node.descendants()
        .filter_map(|n| match n.value() {
            Node::Text(text) => Some(&**text),
            _ => None,
        })
        .collect()
}

/// A node as HTML. Tabs become `&#9;`, since reStructuredText expands them.
pub(super) fn serialize(node: &TreeNode<'_>, out: &mut String) {
    match node.value() {
        Node::Text(text) => {
            let raw = node.parent().and_then(ElementRef::wrap).is_some_and(|p| {
                matches!(p.value().name(), "script" | "style" | "iframe" | "noembed" | "noframes" | "xmp")
            });
            let text: &str = text;
            out.push_str(&if raw { text.to_owned() } else { tabs(&escape(text).replace("&quot;", "\"")) });
        }
        Node::Comment(comment) => out.push_str(&format!("<!--{}-->", &**comment)),
        Node::Element(element) => {
            let name = element.name();
            out.push('<');
            out.push_str(name);
            for (key, value) in element.attrs() {
                out.push_str(&format!(" {key}=\"{}\"", tabs(&escape(value))));
            }
            out.push('>');
            if VOID.contains(&name) {
                return;
            }
            let inner_starts = out.len();
            for child in node.children() {
                serialize(&child, out);
            }
            // The parser drops the first line break in these.
            if matches!(name, "pre" | "textarea" | "listing") && out[inner_starts..].starts_with('\n') {
                out.insert(inner_starts, '\n');
            }
            out.push_str(&format!("</{name}>"));
        }
        _ => {
            for child in node.children() {
                serialize(&child, out);
            }
        }
    }
}

/// What would be lost on the way: tabs are expanded, spaces at the end of a line are cut.
fn tabs(text: &str) -> String {
    text.replace('\t', "&#9;").replace(" \n", "&#32;\n")
}
