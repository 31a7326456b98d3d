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
        for name in needs.iter().filter(|name| element.get(name).is_none_or(str::is_empty)) {
            found.push((element.line, format!("<{}> needs the attribute {name}", element.name)));
        }
        match element.name.as_str() {
            "choiceresponse" => partial_credit(element, &["edc", "halves"], &mut found),
            "multiplechoiceresponse" => {
                partial_credit(element, &["points"], &mut found);
                // Only what stands directly in it gets a name, by which it could be right.
                if element.first("choicegroup").is_none() {
                    let message = "the <choicegroup> must stand directly in <multiplechoiceresponse>: no option would be right";
                    found.push((element.line, message.to_owned()));
                }
            }
            "numericalresponse" => {
                partial_credit(element, &["close", "list", "close,list", "list,close"], &mut found)
            }
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

/// Credit of a kind that the response does not know is an error once an answer is marked.
fn partial_credit(element: &Element, known: &[&str], found: &mut Vec<(usize, String)>) {
    let Some(value) = element.get("partial_credit") else { return };
    let said: String = value.to_lowercase().split_whitespace().collect();
    if said != "false" && !known.contains(&said.as_str()) {
        let message = format!(
            "partial_credit of <{}> is one of {}, false, and not {value:?}",
            element.name,
            known.join(", ")
        );
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
