//! Feedback that an author wrote for an answer (reference openedx.md 5.9, 5.10).

use fancy_regex::Regex;

use super::choice;
use super::grade::{Correctness, Outcome};
use super::problem::{Answer, Input};
use crate::openedx::xml::Element;

/// The message for one graded input; empty when the author wrote none for it.
pub(super) fn message(
    response: &Element,
    input: &Input,
    answer: Option<&Answer>,
    outcome: &Outcome,
) -> String {
    let right = outcome.correctness == Correctness::Correct;
    let given = answer.map(Answer::list).unwrap_or_default();
    let hint = match response.name.as_str() {
        "multiplechoiceresponse" => {
            let chosen =
                choice::choices(&input.element).into_iter().find(|(name, _)| given.contains(&name.as_str()));
            chosen.and_then(|(_, choice)| choice.child("choicehint").cloned())
        }
        "choiceresponse" => return checkboxes(input, &given, right),
        "optionresponse" => {
            let mut options = input.element.elements().filter(|element| element.name == "option");
            let chosen = options
                .find(|option| given.first().is_some_and(|given| choice::own_text(option) == given.trim()));
            chosen.and_then(|option| option.child("optionhint").cloned())
        }
        "stringresponse" | "numericalresponse" => typed(response, given.first().unwrap_or(&"").trim(), right),
        _ => None,
    };
    hint.map(|hint| frame(right, label(&hint, right), &[hint.inner()])).unwrap_or_default()
}

fn checkboxes(input: &Input, given: &[&str], right: bool) -> String {
    let choices = choice::choices(&input.element);
    // `value="A C"` names a whole selection and silences the single hints.
    let letters: Vec<String> = choices
        .iter()
        .zip('A'..)
        .filter(|((name, _), _)| given.contains(&name.as_str()))
        .map(|(_, letter)| letter.to_string())
        .collect();
    let whole = input.element.elements().filter(|element| element.name == "compoundhint").find(|hint| {
        let wanted = hint.attribute("value").unwrap_or_default().to_uppercase();
        wanted.split_whitespace().eq(letters.iter().map(String::as_str))
    });
    if let Some(hint) = whole {
        return frame(right, label(hint, right), &[hint.inner()]);
    }
    let texts: Vec<String> = choices
        .iter()
        .filter_map(|(name, choice)| {
            let selected = given.contains(&name.as_str()).to_string();
            let mut hints = choice.elements().filter(|element| element.name == "choicehint");
            hints.find(|hint| {
                hint.attribute("selected").is_some_and(|value| value.eq_ignore_ascii_case(&selected))
            })
        })
        .map(Element::inner)
        .collect();
    if texts.is_empty() { String::new() } else { frame(right, label(&Element::default(), right), &texts) }
}

fn typed(response: &Element, given: &str, right: bool) -> Option<Element> {
    let same = |element: &&Element| element.attribute("answer").is_some_and(|answer| answer.trim() == given);
    let named = |name: &'static str| response.elements().filter(move |element| element.name == name);
    if right {
        let extra = named("additional_answer").find(same).and_then(|extra| extra.child("correcthint"));
        return extra.or_else(|| response.child("correcthint")).cloned();
    }
    let matches = |element: &&Element| {
        let pattern = element.attribute("answer").and_then(|pattern| Regex::new(pattern).ok());
        pattern.is_some_and(|pattern| pattern.is_match(given).unwrap_or(false))
    };
    named("stringequalhint").find(same).or_else(|| named("regexphint").find(matches)).cloned()
}

/// `label` on the hint overrides, an empty one removes.
fn label(hint: &Element, right: bool) -> String {
    hint.attribute("label").unwrap_or(if right { "Correct" } else { "Incorrect" }).to_owned()
}

fn frame(right: bool, label: String, texts: &[String]) -> String {
    let class = if right { "correct" } else { "incorrect" };
    let label = if label.is_empty() { label } else { format!("<span class=\"hint-label\">{label}: </span>") };
    let texts: String =
        texts.iter().map(|text| format!("<div class=\"hint-text\">{}</div>", text.trim())).collect();
    format!(
        "<div class=\"feedback-hint-{class}\"><div class=\"explanation-title\">Answer</div>{label}{texts}</div>"
    )
}
