//! `stringresponse`.

use fancy_regex::Regex;

use super::grade::{Failure, Outcome};
use super::problem::Answer;
use crate::openedx::xml::Element;

fn has_type(response: &Element, word: &str) -> bool {
    response
        .attribute("type")
        .is_some_and(|words| words.to_lowercase().split_whitespace().any(|known| known == word))
}

/// All right answers: the attribute (an old one splits on `_or_`) and the additional ones in either form.
pub(super) fn expected(response: &Element) -> Vec<String> {
    let main = response.attribute("answer").unwrap_or_default();
    let mut all: Vec<String> = match main.to_lowercase().contains("_or_") {
        true => main.split("_or_").map(|part| part.trim().to_owned()).collect(),
        false => vec![main.trim().to_owned()],
    };
    for extra in response.elements().filter(|element| element.name == "additional_answer") {
        let text = extra
            .attribute("answer")
            .map_or_else(|| super::choice::own_text(extra), |text| text.trim().to_owned());
        all.extend((!text.is_empty()).then_some(text));
    }
    all
}

pub(super) fn grade(response: &Element, answer: Option<&Answer>) -> Result<Outcome, Failure> {
    let given = answer.map(Answer::text).unwrap_or_default().trim().to_owned();
    if given.is_empty() {
        return Ok(Outcome::right(false));
    }
    let expected = expected(response);
    let ignore_case = has_type(response, "ci");
    if has_type(response, "regexp") {
        // Joined without brackets, so that `^` binds to the first and `$` to the last alone.
        let pattern = format!("{}^{}$", if ignore_case { "(?i)" } else { "" }, expected.join("|"));
        let regex = Regex::new(&pattern).map_err(|_| Failure::General)?;
        return Ok(Outcome::right(regex.is_match(&given).map_err(|_| Failure::General)?));
    }
    Ok(Outcome::right(match ignore_case {
        true => expected.iter().any(|right| right.to_lowercase() == given.to_lowercase()),
        false => expected.contains(&given),
    }))
}
