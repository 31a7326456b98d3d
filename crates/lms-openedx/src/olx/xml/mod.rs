//! A small XML tree that keeps what was written: order, comments, CDATA, and where each element stands
//! in its text, so that a block can be kept byte for byte.

mod parse;
mod write;

use std::ops::Range;

pub(crate) use parse::{Fault, parse};
#[cfg(test)]
pub(crate) use write::inner_markup;
pub(crate) use write::{escape_attribute, escape_text, markup, page};

/// An element.
#[derive(Debug, Clone, Default)]
pub(crate) struct Element {
    /// Its name, prefix included.
    pub(crate) name: String,
    /// Its attributes in order, entities resolved.
    pub(crate) attributes: Vec<(String, String)>,
    /// What stands in it.
    pub(crate) children: Vec<Node>,
    /// The line it begins on, from 1; 0 for one that was made here.
    pub(crate) line: usize,
    /// Where it stands in the text it was read from.
    pub(crate) span: Range<usize>,
}

/// Two elements are equal when they say the same, wherever they stand.
impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.attributes, &self.children) == (&other.name, &other.attributes, &other.children)
    }
}

/// What stands in an element.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// An element.
    Element(Element),
    /// Text, entities resolved.
    Text(String),
    /// A CDATA section.
    CData(String),
    /// A comment.
    Comment(String),
    /// A processing instruction.
    Instruction(String),
}

impl Node {
    /// The element, if it is one.
    pub(crate) fn element(&self) -> Option<&Element> {
        match self {
            Self::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The element, if it is one, to be changed.
    pub(crate) fn element_mut(&mut self) -> Option<&mut Element> {
        match self {
            Self::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The text of a text node or CDATA section.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::CData(text) => Some(text),
            _ => None,
        }
    }
}

impl Element {
    /// An element made here.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The same with an attribute.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// The same with a child element.
    #[must_use]
    pub(crate) fn child(mut self, child: Element) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    /// The same with text behind what is in it.
    #[must_use]
    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.children.push(Node::Text(text.into()));
        self
    }

    /// An attribute.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Sets an attribute, in its place if it is there.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        match self.attributes.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = value.into(),
            None => self.attributes.push((name.to_owned(), value.into())),
        }
    }

    /// The child elements.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(Node::element)
    }

    /// The child elements of this name.
    pub(crate) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements().filter(move |element| element.name == name)
    }

    /// The first child element of this name.
    pub(crate) fn first(&self, name: &str) -> Option<&Element> {
        self.elements().find(|element| element.name == name)
    }

    /// The first child element of this name, to be changed.
    pub(crate) fn first_mut(&mut self, name: &str) -> Option<&mut Element> {
        self.children.iter_mut().filter_map(Node::element_mut).find(|element| element.name == name)
    }

    /// This element and all below it, in document order.
    pub(crate) fn descendants(&self) -> Vec<&Element> {
        fn gather<'a>(element: &'a Element, found: &mut Vec<&'a Element>) {
            found.push(element);
            element.elements().for_each(|child| gather(child, found));
        }
        let mut found = Vec::new();
        gather(self, &mut found);
        found
    }

    /// All text in it, in order.
    pub(crate) fn all_text(&self) -> String {
        self.children
            .iter()
            .map(|node| match node {
                Node::Element(element) => element.all_text(),
                Node::Text(text) | Node::CData(text) => text.clone(),
                Node::Comment(_) | Node::Instruction(_) => String::new(),
            })
            .collect()
    }

    /// Whether it holds neither elements nor visible text.
    pub(crate) fn is_bare(&self) -> bool {
        self.children.iter().all(|node| match node {
            Node::Element(_) => false,
            Node::Text(text) | Node::CData(text) => text.trim().is_empty(),
            Node::Comment(_) | Node::Instruction(_) => true,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name() -> impl Strategy<Value = String> {
        "[a-z][a-z0-9_-]{0,6}"
    }

    fn text() -> impl Strategy<Value = String> {
        "[a-z<>&\"'λ \n\t\\]]{1,12}"
    }

    fn element() -> impl Strategy<Value = Element> {
        let leaf = (name(), prop::collection::vec((name(), text()), 0..3)).prop_map(|(name, attributes)| {
            let mut element = Element::new(name);
            for (key, value) in attributes {
                element.set(&key, value);
            }
            element
        });
        leaf.prop_recursive(4, 24, 4, |inner| {
            let node = prop_oneof![
                3 => inner.clone().prop_map(Node::Element),
                2 => text().prop_map(Node::Text),
                1 => "[a-z<& ]{0,8}".prop_map(Node::CData),
                1 => "[a-z<& ]{0,8}".prop_map(Node::Comment),
            ];
            (inner, prop::collection::vec(node, 0..4)).prop_map(|(mut element, children)| {
                for child in children {
                    // Two texts side by side are read back as one.
                    if let (Some(Node::Text(before)), Node::Text(more)) =
                        (element.children.last_mut(), &child)
                    {
                        before.push_str(more);
                    } else {
                        element.children.push(child);
                    }
                }
                element
            })
        })
    }

    #[test]
    fn the_first_text_of_a_page_is_html_and_what_follows_is_markup() {
        let page_of = |text: &str| page(&parse(text).expect("well-formed"));
        assert_eq!(page_of("<html>&lt;p>1 &amp;lt; 2&lt;/p></html>"), "<p>1 &lt; 2</p>");
        assert_eq!(page_of("<html><![CDATA[<p>x</p>]]></html>"), "<p>x</p>");
        assert_eq!(page_of("<html>a &lt; <b>c &lt; d</b> e &lt; f</html>"), "a < <b>c &lt; d</b> e &lt; f");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(element in element()) {
            let text = markup(&element);
            prop_assert_eq!(parse(&text).expect("well-formed"), element);
        }

        #[test]
        fn reading_never_panics(text in "[<>a&;/=\"'!\\-\\[\\]? #x0-9\n]{0,40}") {
            let _ = parse(&text);
        }
    }
}
