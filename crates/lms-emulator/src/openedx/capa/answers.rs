//! What `problem_show` gives away.

use serde_json::{Map, Value, json};

use super::choice;
use super::problem::{Problem, Response};
use super::text;

/// Answers by input id, and the solutions by theirs.
pub(crate) fn shown(problem: &Problem) -> Map<String, Value> {
    let mut found = Map::new();
    for response in &problem.responses {
        for input in &response.inputs {
            if let Some(answer) = one(response, &input.element) {
                found.insert(input.id.clone(), answer);
            }
        }
    }
    for (id, mut solution) in problem.solutions() {
        solution.set("id", id.as_str());
        found.insert(id, solution.compact().into());
    }
    found
}

fn one(response: &Response, input: &crate::openedx::xml::Element) -> Option<Value> {
    let own = &response.element;
    Some(match own.name.as_str() {
        "multiplechoiceresponse" | "truefalseresponse" | "choiceresponse" => choice::right(input).into(),
        "optionresponse" => choice::options(input).into_iter().find(|(_, right)| *right)?.0.into(),
        "stringresponse" => text::expected(own).join(" <b>or</b> ").into(),
        "numericalresponse" | "formularesponse" => own.attribute("answer")?.into(),
        "customresponse" => own.attribute("expect").or_else(|| own.attribute("answer"))?.into(),
        "imageresponse" => {
            json!({"rectangle": input.attribute("rectangle"), "regions": input.attribute("regions")})
        }
        "coderesponse" => {
            let shown = own.child("codeparam")?.child("answer_display")?;
            format!("<span class=\"code-answer\"><pre><code>{}</code></pre></span>", shown.inner()).into()
        }
        _ => return None,
    })
}
