//! Whether a file that is there says what would be written: then it stays, comments and indents included.

use serde_json::Value;

use crate::olx::native::CONTAINERS;
use crate::olx::xml::{Element, Node, parse};

/// Whether two texts of a file mean the same. Known of settings and of what holds blocks; other texts are the same byte for
/// byte or not at all.
pub(super) fn says_the_same(path: &str, one: &str, other: &str) -> bool {
    let top = path.split_once('/').map_or(path, |(top, _)| top);
    if path.ends_with(".json") {
        return same_json(one, other);
    }
    CONTAINERS.contains(&top.strip_suffix(".xml").unwrap_or(top)) && same_xml(one, other)
}

/// Whether two texts are the same JSON.
pub(crate) fn same_json(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    read(one).is_some_and(|one| read(other) == Some(one))
}

/// Whether two texts are the same XML: comments, white space between elements and the order of attributes aside.
pub(crate) fn same_xml(one: &str, other: &str) -> bool {
    matches!((parse(one), parse(other)), (Ok(one), Ok(other)) if same(&one, &other))
}

fn same(one: &Element, other: &Element) -> bool {
    let attributes = |element: &Element| {
        let mut attributes = element.attributes.clone();
        attributes.sort();
        attributes
    };
    let children = |element: &Element| -> Vec<Node> {
        let blank = |node: &Node| node.text().is_some_and(|text| text.trim().is_empty());
        let said = element.children.iter().filter(|node| !blank(node) && !matches!(node, Node::Comment(_)));
        said.cloned().collect()
    };
    let (inner, outer) = (children(one), children(other));
    one.name == other.name
        && attributes(one) == attributes(other)
        && inner.len() == outer.len()
        && inner.iter().zip(&outer).all(|nodes| match nodes {
            (Node::Element(one), Node::Element(other)) => same(one, other),
            (one, other) => one == other,
        })
}
