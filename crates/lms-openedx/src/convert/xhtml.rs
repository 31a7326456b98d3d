//! Authors' HTML as well-formed XML, which problem files must be (reference openedx.md 5.8), and XML
//! as HTML.

use lms_core::Markup;
use scraper::{ElementRef, Html, Node as HtmlNode};

use crate::olx::capa::context_at;
use crate::olx::xml::{Element, Node, escape_attribute, escape_text, parse};

const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// Elements that mean something else inside a problem. Their content is kept, they are not; a script
/// would even be run as Python on the server.
const RESERVED: [&str; 34] = [
    "problem",
    "label",
    "description",
    "solution",
    "solutionset",
    "demandhint",
    "hint",
    "hintgroup",
    "hintpart",
    "choicehint",
    "optionhint",
    "correcthint",
    "compoundhint",
    "stringequalhint",
    "regexphint",
    "choice",
    "choicegroup",
    "radiogroup",
    "checkboxgroup",
    "radiotextgroup",
    "checkboxtextgroup",
    "optioninput",
    "textline",
    "textbox",
    "filesubmission",
    "schematic",
    "jsinput",
    "codeparam",
    "responseparam",
    "additional_answer",
    "answer",
    "include",
    "targetedfeedback",
    "targetedfeedbackset",
];

/// HTML as the content of an element of a problem: well-formed, and free of the elements that capa
/// takes for its own.
pub(crate) fn problem_content(html: &str) -> Vec<Node> {
    let wrapped = format!("<div>{html}</div>");
    let mut nodes = match parse(&wrapped) {
        Ok(root) => root.children,
        Err(_) => {
            let fragment = Html::parse_fragment(Markup::from_html(html).bounded().html());
            html_children(fragment.root_element())
        }
    };
    tame(&mut nodes);
    kept_apart(nodes)
}

/// Capa puts values of its own in the place of some names, `$seed` among them, but only within one piece of text: with
/// the `$` in an element of its own it finds none.
fn kept_apart(nodes: Vec<Node>) -> Vec<Node> {
    let mut kept = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node {
            Node::Element(mut element) => {
                element.children = kept_apart(element.children);
                kept.push(Node::Element(element));
            }
            Node::Text(mut text) => {
                while let Some(at) = context_at(&text) {
                    let rest = text.split_off(at);
                    let mut dollar = Element::new("span");
                    dollar.children.push(Node::Text("$".into()));
                    kept.extend((!text.is_empty()).then_some(Node::Text(text)));
                    kept.push(Node::Element(dollar));
                    text = rest.strip_prefix('$').unwrap_or(&rest).to_owned();
                }
                kept.push(Node::Text(text));
            }
            other => kept.push(other),
        }
    }
    kept
}

fn tame(nodes: &mut Vec<Node>) {
    let mut kept = Vec::with_capacity(nodes.len());
    for node in std::mem::take(nodes) {
        match node {
            Node::Element(mut element) => {
                tame(&mut element.children);
                let name = element.name.to_ascii_lowercase();
                if name == "script" {
                    continue;
                }
                if RESERVED.contains(&name.as_str())
                    || name.ends_with("response")
                    || (name.ends_with("input") && name != "input")
                {
                    kept.extend(element.children);
                } else {
                    kept.push(Node::Element(element));
                }
            }
            Node::Comment(_) | Node::Instruction(_) => {}
            other => kept.push(other),
        }
    }
    *nodes = kept;
}

fn html_children(source: ElementRef<'_>) -> Vec<Node> {
    source
        .children()
        .filter_map(|child| match child.value() {
            HtmlNode::Text(text) => Some(Node::Text(clean(text))),
            HtmlNode::Element(_) => ElementRef::wrap(child).map(html_element),
            _ => None,
        })
        .collect()
}

fn html_element(source: ElementRef<'_>) -> Node {
    let name = clean_name(source.value().name());
    let mut element = Element::new(name);
    for (key, value) in source.value().attrs() {
        let key = clean_name(key);
        if key != "_" {
            element.set(&key, clean(value));
        }
    }
    element.children = html_children(source);
    Node::Element(element)
}

/// A name that XML takes: other characters become `_`.
fn clean_name(name: &str) -> String {
    let mut clean: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' })
        .collect();
    if !clean.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        clean.insert(0, '_');
    }
    clean
}

/// Text without the characters that XML cannot hold.
pub(crate) fn clean(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\t' | '\n' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)).collect()
}

/// XML nodes as HTML text: void elements end in `/>`, all others have an end tag.
pub(crate) fn html_of(nodes: &[Node]) -> String {
    let mut out = String::new();
    for node in nodes {
        write_html(node, &mut out);
    }
    out
}

fn write_html(node: &Node, out: &mut String) {
    match node {
        Node::Element(element) if matches!(element.name.as_str(), "startouttext" | "endouttext") => {}
        Node::Element(element) if element.name == "text" => {
            element.children.iter().for_each(|child| write_html(child, out));
        }
        Node::Element(element) => {
            out.push_str(&open_tag(element));
            if is_void(&element.name) && element.children.is_empty() {
                return;
            }
            element.children.iter().for_each(|child| write_html(child, out));
            out.push_str(&close_tag(&element.name));
        }
        Node::Text(text) | Node::CData(text) => out.push_str(&escape_text(text)),
        Node::Comment(_) | Node::Instruction(_) => {}
    }
}

/// `<name …>`, or `<name …/>` for a void element.
pub(crate) fn open_tag(element: &Element) -> String {
    let attributes: String = element
        .attributes
        .iter()
        .map(|(key, value)| format!(" {key}=\"{}\"", escape_attribute(value)))
        .collect();
    let end = if is_void(&element.name) && element.children.is_empty() { "/>" } else { ">" };
    format!("<{}{attributes}{end}", element.name)
}

/// `</name>`.
pub(crate) fn close_tag(name: &str) -> String {
    format!("</{name}>")
}

/// Whether an HTML element never has content.
pub(crate) fn is_void(name: &str) -> bool {
    VOID.contains(&name.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::olx::xml::inner_markup;

    fn content(html: &str) -> String {
        let mut holder = Element::new("x");
        holder.children = problem_content(html);
        inner_markup(&holder)
    }

    #[test]
    fn html_becomes_well_formed() {
        assert_eq!(content("a&nbsp;b<br>c <P CLASS=x>d"), "a\u{a0}b<br/>c <p class=\"x\">d</p>");
        assert_eq!(content("<p>x &lt; y</p>"), "<p>x &lt; y</p>");
    }

    #[test]
    fn what_capa_would_take_for_its_own_is_unwrapped_and_scripts_go() {
        assert_eq!(
            content("<script>import os</script><p><solution>s</solution><textline/>t</p><Script>x</Script>"),
            "<p>st</p>"
        );
    }

    #[test]
    fn empty_elements_keep_their_end_tag_in_html() {
        let root = parse("<x><i class=\"a\"/><br/><text>t</text></x>").expect("XML");
        assert_eq!(html_of(&root.children), "<i class=\"a\"></i><br/>t");
    }

    proptest! {
        #[test]
        fn anything_becomes_well_formed(html in "(<[a-z!/?]{0,3}|[a-z>&;=\"' \u{1}λ]|</p>|<br>|&nbsp;){0,30}") {
            let text = format!("<x>{}</x>", content(&html));
            prop_assert!(parse(&text).is_ok());
        }
    }
}
