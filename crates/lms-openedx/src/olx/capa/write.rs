//! Exercises → a problem. It takes what [`crate::convert::adapt`] leaves: kinds that capa has, keys it
//! can hold.

use lms_core::{
    Cardinality, ChoiceOption, CodeInteraction, CodeTest, Credit, Error, Exercise, Grader, Interaction, Key,
    Markup, NumberAccept, Result, SampledVariable, TextAccept, Tolerance,
};
use serde::{Deserialize, Serialize};

use super::number::tolerance_text;
use super::text::{pattern, plain};
use crate::convert::markup::to_olx;
use crate::convert::xhtml::problem_content;
use crate::olx::xml::{Element, Node};

/// The queue that a written `coderesponse` names: whoever runs the course must set up a grader for it.
pub(crate) const QUEUE: &str = "set-up-a-grader";

/// Writes exercises that are answered together as one `<problem>`.
///
/// # Errors
/// `InvalidInput` for an exercise that was not adapted to Open edX first.
pub(crate) fn write(exercises: &[&Exercise]) -> Result<Element> {
    let mut problem = Element::new("problem");
    let weight: f64 = match exercises {
        [first, ..] => first.scoring.points * exercises.len() as f64,
        [] => return Err(Error::invalid("a problem needs an exercise")),
    };
    if let Some(attempts) = exercises.iter().filter_map(|e| e.scoring.attempts).min() {
        problem.set("max_attempts", attempts.to_string());
    }
    problem.set("weight", weight.to_string());
    for exercise in exercises {
        problem.children.extend(content(&exercise.prompt));
        problem = problem.text("\n").child(response(exercise)?).text("\n");
        if !exercise.feedback.explanation.is_empty() {
            problem = problem.child(holder("solution", &exercise.feedback.explanation)).text("\n");
        }
    }
    let hints: Vec<&Markup> = exercises.iter().flat_map(|e| &e.hints).collect();
    if !hints.is_empty() {
        let mut demand = Element::new("demandhint");
        for hint in hints {
            demand = demand.child(holder("hint", hint));
        }
        problem = problem.child(demand).text("\n");
    }
    Ok(problem)
}

fn content(markup: &Markup) -> Vec<Node> {
    problem_content(&to_olx(markup))
}

fn holder(name: &str, markup: &Markup) -> Element {
    Element { children: content(markup), ..Element::new(name) }
}

fn response(exercise: &Exercise) -> Result<Element> {
    let feedback = &exercise.feedback.correct;
    let with_feedback = |mut element: Element| {
        if !feedback.is_empty() {
            element.children.insert(0, Node::Element(holder("correcthint", feedback)));
        }
        element
    };
    match (&exercise.interaction, &exercise.key) {
        (Interaction::Choice(choice), Some(Key::Choice { correct })) => {
            let is_correct = |n: usize| correct.contains(&n);
            let options = choice.options.iter().enumerate().map(|(n, option)| (option, is_correct(n)));
            Ok(if choice.cardinality == Cardinality::Single {
                let mut group = Element::new("choicegroup").with("type", "MultipleChoice");
                match choice.shown {
                    Some(shown) => group.set("answer-pool", shown.to_string()),
                    None if choice.shuffle => group.set("shuffle", "true"),
                    None => {}
                }
                group.children.extend(options.map(|(option, right)| choice_element(option, right, false)));
                Element::new("multiplechoiceresponse").child(group)
            } else {
                let mut group = Element::new("checkboxgroup");
                group.children.extend(options.map(|(option, right)| choice_element(option, right, true)));
                let mut response = Element::new("choiceresponse");
                match exercise.scoring.credit {
                    Credit::EveryDecision => response.set("partial_credit", "EDC"),
                    Credit::Halves => response.set("partial_credit", "halves"),
                    Credit::AllOrNothing | Credit::PerPart => {}
                }
                response.child(group)
            })
        }
        (Interaction::InlineChoice(choice), Some(Key::Choice { correct })) => {
            let mut input = Element::new("optioninput");
            for (n, option) in choice.options.iter().enumerate() {
                let right = if correct.contains(&n) { "True" } else { "False" };
                let mut element = Element::new("option").with("correct", right).text(option.text.plain());
                if !option.feedback.is_empty() {
                    element = element.child(holder("optionhint", &option.feedback));
                }
                input = input.child(element);
            }
            Ok(Element::new("optionresponse").child(input))
        }
        (Interaction::TextEntry(entry), Some(Key::Text { accept })) => {
            let line = with_suffix(Element::new("textline").with("size", "20"), &entry.suffix);
            Ok(with_feedback(string(accept).child(line)))
        }
        (Interaction::Numeric(numeric), Some(Key::Number { accept })) => {
            let input = with_suffix(Element::new("formulaequationinput"), &numeric.suffix);
            Ok(with_feedback(number(accept)?.child(input)))
        }
        (
            Interaction::Formula(formula),
            Some(Key::Formula { answer, variables, samples, tolerance, case_sensitive }),
        ) => Ok(Element::new("formularesponse")
            .with("type", if *case_sensitive { "cs" } else { "ci" })
            .with("samples", sampled(variables, *samples))
            .with("answer", answer)
            .child(parameter(tolerance))
            .child(with_suffix(Element::new("formulaequationinput").with("size", "40"), &formula.suffix))),
        (Interaction::Code(code), _) => program(code, exercise),
        (Interaction::FileUpload(_), _) => Ok(Element::new("coderesponse")
            .with("queuename", queue(&exercise.grader))
            .child(Element::new("filesubmission"))
            .child(Element::new("codeparam").child(Element::new("grader_payload")))),
        (interaction, _) => Err(Error::invalid(format!(
            "this {} exercise was not adapted to Open edX: adapt the course first",
            interaction.name()
        ))),
    }
}

fn choice_element(option: &ChoiceOption, correct: bool, several: bool) -> Node {
    let mut element = holder("choice", &option.text).with("correct", if correct { "true" } else { "false" });
    for (said, selected) in [(&option.feedback, "true"), (&option.feedback_unselected, "false")] {
        if !said.is_empty() {
            let mut hint = holder("choicehint", said);
            if several {
                hint.set("selected", selected);
            }
            element = element.child(hint);
        }
    }
    Node::Element(element)
}

fn with_suffix(mut element: Element, suffix: &str) -> Element {
    if !suffix.is_empty() {
        element.set("trailing_text", suffix);
    }
    element
}

fn string(accept: &[TextAccept]) -> Element {
    if plain(accept) && !accept.is_empty() {
        let case = if accept.iter().all(|a| a.case_sensitive) { "cs" } else { "ci" };
        let mut texts = accept.iter().map(|a| a.text.as_str());
        let first = texts.next().unwrap_or_default();
        let response = Element::new("stringresponse").with("answer", first).with("type", case);
        return texts.fold(response, |response, text| {
            response.child(Element::new("additional_answer").with("answer", text))
        });
    }
    match accept {
        // Nothing is right: a pattern that never matches.
        [] => Element::new("stringresponse").with("answer", "(?!)").with("type", "cs regexp"),
        _ => Element::new("stringresponse").with("answer", pattern(accept)).with("type", "cs regexp"),
    }
}

fn number(accept: &[NumberAccept]) -> Result<Element> {
    let broken = || Error::invalid("these numbers were not adapted to Open edX: adapt the course first");
    let Some((first, more)) = accept.split_first() else { return Err(broken()) };
    let mut response = Element::new("numericalresponse");
    match first {
        NumberAccept::Value { value, tolerance } => {
            response.set("answer", value);
            response = response.child(parameter(tolerance));
        }
        NumberAccept::Range { low, high, includes_low, includes_high } => {
            let (open, close) =
                (if *includes_low { '[' } else { '(' }, if *includes_high { ']' } else { ')' });
            response.set("answer", format!("{open}{low},{high}{close}"));
        }
    }
    for accept in more {
        match accept {
            NumberAccept::Value { value, tolerance } if *tolerance == Tolerance::none() => {
                response = response.child(Element::new("additional_answer").with("answer", value));
            }
            _ => return Err(broken()),
        }
    }
    Ok(response)
}

fn parameter(tolerance: &Tolerance) -> Element {
    Element::new("responseparam").with("type", "tolerance").with("default", tolerance_text(tolerance))
}

fn sampled(variables: &[SampledVariable], samples: u32) -> String {
    let list =
        |part: &dyn Fn(&SampledVariable) -> String| variables.iter().map(part).collect::<Vec<_>>().join(",");
    format!(
        "{}@{}:{}#{samples}",
        list(&|v| v.name.clone()),
        list(&|v| v.low.to_string()),
        list(&|v| v.high.to_string())
    )
}

fn queue(grader: &Grader) -> &str {
    match grader {
        Grader::Native(name) => name.strip_prefix("XQueue ").unwrap_or(QUEUE),
        Grader::Key | Grader::Human => QUEUE,
    }
}

/// What a grader behind the queue is told. Learners never see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct GraderPayload {
    /// Languages, visible tests, limits.
    pub(super) interaction: CodeInteraction,
    /// All tests.
    pub(super) tests: Vec<CodeTest>,
    /// The program that compares or makes tests, in the words of the platform it comes from.
    pub(super) checker: Option<String>,
}

fn program(code: &CodeInteraction, exercise: &Exercise) -> Result<Element> {
    let language = code.languages.first();
    let mode = language.map(|l| l.name.as_str()).unwrap_or_default();
    let mut parameters = Element::new("codeparam").child(
        Element::new("initial_display").text(language.map(|l| l.template.clone()).unwrap_or_default()),
    );
    let mut payload = String::new();
    if let Some(Key::Code { tests, checker, solution }) = &exercise.key {
        if let Some(solution) = solution {
            parameters = parameters.child(Element::new("answer_display").text(solution.clone()));
        }
        let all = GraderPayload { interaction: code.clone(), tests: tests.clone(), checker: checker.clone() };
        payload = serde_json::to_string(&all)
            .map_err(|e| Error::invalid("the tests cannot be written").with_source(e))?;
    }
    parameters = parameters.child(Element::new("grader_payload").text(payload));
    let mut input = Element::new("textbox").with("rows", "15").with("cols", "80").with("tabsize", "4");
    if !mode.is_empty() {
        input.set("mode", mode);
    }
    Ok(Element::new("coderesponse").with("queuename", queue(&exercise.grader)).child(input).child(parameters))
}

/// The entries of a drop-down list as capa reads them; `None` where it reads something else than was
/// meant. Entries stand in single quotes; one between two letters is an apostrophe.
pub(super) fn option_tokens(list: &str) -> Option<Vec<String>> {
    let inner: Vec<char> = list.chars().collect();
    let inner = inner.get(1..inner.len().checked_sub(1)?)?;
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = inner.get(at).copied() {
        at += 1;
        match c {
            ' ' | ',' => continue,
            '\'' => {}
            _ => return None,
        }
        let mut token = String::new();
        loop {
            let c = *inner.get(at)?;
            let letter =
                |n: Option<usize>| n.and_then(|n| inner.get(n)).is_some_and(char::is_ascii_alphabetic);
            match c {
                '\\' if inner.get(at + 1) == Some(&'\'') => {
                    token.push('\'');
                    at += 2;
                }
                '\'' if letter(at.checked_sub(1)) && letter(Some(at + 1)) => {
                    token.push('\'');
                    at += 1;
                }
                '\'' => {
                    at += 1;
                    break;
                }
                _ => {
                    token.push(c);
                    at += 1;
                }
            }
        }
        tokens.push(token);
    }
    Some(tokens)
}

/// Whether a text can be an entry of a drop-down list: plain, not empty, and read by capa as written.
pub(crate) fn dropdown_text(text: &Markup) -> Option<String> {
    let spelled = Markup::from_html(to_olx(text));
    let plain = spelled.plain();
    let same = lms_core::unescape(spelled.html().trim()) == plain;
    let read = option_tokens(&format!("('{plain}')"));
    (same && !plain.is_empty() && read.is_some_and(|tokens| tokens == [plain.clone()])).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drop_down_lists_are_read_as_capa_does() {
        let read = |list: &str| option_tokens(list);
        assert_eq!(read("('a', 'b c','d')"), Some(vec!["a".into(), "b c".into(), "d".into()]));
        assert_eq!(read("('it's','o\\'clock 5')"), Some(vec!["it's".into(), "o'clock 5".into()]));
        assert_eq!(read("('5' long')"), None);
        assert_eq!(read("(a,b)"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn only_plain_texts_become_entries() {
        assert_eq!(dropdown_text(&"a &lt; b".into()).as_deref(), Some("a < b"));
        assert_eq!(dropdown_text(&"it's".into()).as_deref(), Some("it's"));
        let formula = "<span class=\"math inline\">\\(x\\)</span>".into();
        assert_eq!(dropdown_text(&formula).as_deref(), Some("\\(x\\)"));
        for odd in ["<b>a</b>", "", "'90s", "<img src=\"x\">"] {
            assert_eq!(dropdown_text(&odd.into()), None, "{odd}");
        }
    }
}
