//! What of a problem a learner may read where it cannot be answered.

use lms_core::Markup;

use crate::convert::markup::{Statics, to_neutral};
use crate::convert::xhtml::html_of;
use crate::olx::xml::{Element, Node};

/// Elements that hold answers, programs, or what is said after answering.
const SECRET: [&str; 27] = [
    "script",
    "solution",
    "solutionset",
    "answer",
    "demandhint",
    "hintgroup",
    "hintpart",
    "choicehint",
    "optionhint",
    "correcthint",
    "compoundhint",
    "stringequalhint",
    "regexphint",
    "additional_answer",
    "codeparam",
    "responseparam",
    "openendedparam",
    "openendedrubric",
    "plot_payload",
    "targetedfeedback",
    "targetedfeedbackset",
    "drag_and_drop_input",
    "jsinput",
    "imageinput",
    "annotationinput",
    "rubric",
    "assessments",
];

/// The text of a problem without answers.
pub(crate) fn readable(problem: &Element, statics: &Statics) -> Markup {
    let nodes = shown(&problem.children);
    to_neutral(html_of(&nodes).trim(), statics)
}

fn shown(nodes: &[Node]) -> Vec<Node> {
    let mut kept = Vec::new();
    for node in nodes {
        match node {
            Node::Element(element) => {
                let name = element.name.as_str();
                if SECRET.contains(&name) {
                    continue;
                }
                let children = shown(&element.children);
                match name {
                    "choice" | "option" => kept.push(made("li", children)),
                    "choicegroup" | "checkboxgroup" | "radiogroup" | "optioninput" => {
                        kept.push(made("ul", children))
                    }
                    _ if name.ends_with("response") || name.ends_with("input") || name.ends_with("group") => {
                        kept.extend(children);
                    }
                    "label" | "description" => kept.push(made("p", children)),
                    "textline" | "textbox" | "filesubmission" | "schematic" => kept.extend(children),
                    _ => {
                        let mut copy = Element { children, ..element.clone() };
                        copy.attributes
                            .retain(|(key, _)| !matches!(key.as_str(), "correct" | "answer" | "expect"));
                        kept.push(Node::Element(copy));
                    }
                }
            }
            Node::Text(_) | Node::CData(_) => kept.push(node.clone()),
            Node::Comment(_) | Node::Instruction(_) => {}
        }
    }
    kept
}

fn made(name: &str, children: Vec<Node>) -> Node {
    Node::Element(Element { children, ..Element::new(name) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::olx::xml::parse;

    #[test]
    fn nothing_that_tells_the_answer_is_readable() {
        let problem = parse(
            "<problem><script>SECRET</script><p>How many?</p><customresponse expect=\"SECRET\" cfn=\"f\">\
             <textline correct_answer=\"SECRET\"/><answer>SECRET</answer></customresponse><choiceresponse>\
             <checkboxgroup><choice correct=\"true\">two<choicehint>SECRET</choicehint></choice></checkboxgroup>\
             </choiceresponse><solution>SECRET</solution><openendedresponse><openendedrubric>SECRET</openendedrubric><openendedparam>\
             <answer_display>SECRET</answer_display></openendedparam></openendedresponse><coderesponse><matlabinput>\
             <plot_payload>SECRET</plot_payload></matlabinput></coderesponse><demandhint><hint>SECRET</hint></demandhint></problem>",
        )
        .expect("XML");
        let text = readable(&problem, &Statics::default());
        assert_eq!(text.html(), "<p>How many?</p><ul><li>two</li></ul>");
    }
}
