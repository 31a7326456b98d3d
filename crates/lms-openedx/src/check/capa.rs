//! Problems that load with an error, for everybody (reference openedx.md 5.9, 5.10).

use crate::olx::xml::Element;

/// Responses with one input at most.
const SINGLE: [&str; 5] =
    ["multiplechoiceresponse", "choiceresponse", "stringresponse", "numericalresponse", "formularesponse"];

const INPUTS: [&str; 12] = [
    "choicegroup",
    "checkboxgroup",
    "radiogroup",
    "optioninput",
    "textline",
    "textbox",
    "formulaequationinput",
    "filesubmission",
    "imageinput",
    "jsinput",
    "drag_and_drop_input",
    "annotationinput",
];

/// Each fault with its line.
pub(super) fn faults(problem: &Element) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for element in problem.descendants() {
        let needs: &[&str] = match element.name.as_str() {
            "stringresponse" | "numericalresponse" => &["answer"],
            "formularesponse" => &["answer", "samples"],
            _ => &[],
        };
        for name in needs.iter().filter(|name| element.get(name).is_none()) {
            found.push((element.line, format!("<{}> needs the attribute {name}", element.name)));
        }
        match element.name.as_str() {
            "choiceresponse" => partial_credit(element, &mut found),
            "choicegroup" | "checkboxgroup" | "radiogroup" => group(element, &mut found),
            "optioninput" => options(element, &mut found),
            "coderesponse" if element.first("codeparam").is_none() => {
                found.push((element.line, "<coderesponse> needs a <codeparam>".to_owned()));
            }
            _ => {}
        }
        if SINGLE.contains(&element.name.as_str()) {
            let inputs = element.descendants().iter().filter(|e| INPUTS.contains(&e.name.as_str())).count();
            if inputs != 1 {
                found.push((element.line, format!("<{}> has {inputs} inputs instead of one", element.name)));
            }
        }
    }
    found
}

fn partial_credit(element: &Element, found: &mut Vec<(usize, String)>) {
    let Some(value) = element.get("partial_credit") else { return };
    if !["edc", "halves", "false"].contains(&value.trim().to_lowercase().as_str()) {
        let message = format!("partial_credit of checkboxes is EDC, halves or false, not {value:?}");
        found.push((element.line, message));
    }
}

fn group(element: &Element, found: &mut Vec<(usize, String)>) {
    for odd in element.elements().filter(|e| !matches!(e.name.as_str(), "choice" | "compoundhint")) {
        found.push((odd.line, format!("<{}> among the choices of <{}>", odd.name, element.name)));
    }
    if element.get("shuffle") == Some("true") && element.get("answer-pool").is_some() {
        found.push((element.line, "shuffle and answer-pool exclude each other".to_owned()));
    }
}

fn options(element: &Element, found: &mut Vec<(usize, String)>) {
    let right = |e: &&Element| e.get("correct").is_some_and(|correct| correct.eq_ignore_ascii_case("true"));
    if let Some(second) = element.named("option").filter(right).nth(1) {
        found.push((second.line, "a second right option: a drop-down list has one at most".to_owned()));
    }
}
