//! One input of a response → interaction and key.

use lms_core::{
    CodeInteraction, CodeLanguage, Credit, Feedback, FileUploadInteraction, FormulaInteraction, Grader,
    Interaction, Key, Markup, NumberAccept, NumericInteraction, SampledVariable, TextEntryInteraction,
    Tolerance,
};

use super::NoNeutralForm;
use super::number::{decimal, tolerance};
use super::options::{dropdown, named_once, several, single};
use super::text::{accepts, needs_regex};
use super::write::GraderPayload;
use crate::convert::xhtml::html_of;
use crate::olx::xml::{Element, Node};

/// The responses that have a neutral form.
pub(super) const KNOWN: [&str; 7] = [
    "multiplechoiceresponse",
    "choiceresponse",
    "optionresponse",
    "stringresponse",
    "numericalresponse",
    "formularesponse",
    "coderesponse",
];

/// What one input is.
pub(super) struct Read {
    pub(super) interaction: Interaction,
    pub(super) key: Option<Key>,
    pub(super) grader: Grader,
    pub(super) credit: Credit,
    pub(super) feedback: Feedback,
    pub(super) lost: Vec<String>,
}

impl Read {
    pub(super) fn new(interaction: Interaction, key: Key) -> Self {
        Self {
            interaction,
            key: Some(key),
            grader: Grader::Key,
            credit: Credit::AllOrNothing,
            feedback: Feedback::default(),
            lost: Vec::new(),
        }
    }
}

pub(super) type Outcome = Result<Read, NoNeutralForm>;
pub(super) type Neutral<'a> = &'a dyn Fn(&str) -> Markup;

pub(super) fn refuse<T>(why: impl Into<String>) -> Result<T, NoNeutralForm> {
    Err(NoNeutralForm(why.into()))
}

pub(super) fn read(response: &Element, input: &Element, neutral: Neutral<'_>) -> Outcome {
    let credit = match response.get("partial_credit").map(|c| c.trim().to_ascii_lowercase()).as_deref() {
        None | Some("false") => Credit::AllOrNothing,
        Some("edc") if response.name == "choiceresponse" => Credit::EveryDecision,
        Some("halves") if response.name == "choiceresponse" => Credit::Halves,
        Some(other) => return refuse(format!("partial credit of the kind {other}")),
    };
    if response.get("targeted-feedback").is_some() {
        return refuse("targeted feedback");
    }
    match (response.name.as_str(), input.name.as_str()) {
        ("multiplechoiceresponse", "choicegroup") => {
            // Capa gives no names to options that stand deeper, so that none of them is ever right.
            if response.named("choicegroup").next().is_none() {
                return refuse("options inside another element, which capa does not name");
            }
            named_once(input)?;
            single(input, neutral)
        }
        ("choiceresponse", "checkboxgroup") => {
            let settled = |choice: &Element| {
                choice
                    .get("correct")
                    .is_some_and(|c| ["true", "false"].contains(&c.to_ascii_lowercase().as_str()))
            };
            // Such an option is no decision to capa, neither a right nor a wrong one.
            if credit != Credit::AllOrNothing && !input.named("choice").all(settled) {
                return refuse("partial credit with an option that is neither right nor wrong");
            }
            several(input, neutral).map(|read| Read { credit, ..read })
        }
        ("choiceresponse", "radiogroup") if credit == Credit::AllOrNothing => {
            let read = single(input, neutral)?;
            match &read.key {
                Some(Key::Choice { correct }) if correct.len() == 1 => Ok(read),
                _ => refuse("radio buttons that ask for several options"),
            }
        }
        ("optionresponse", "optioninput") => dropdown(input, neutral),
        ("stringresponse", "textline") => string(response, input, neutral),
        ("numericalresponse", "textline" | "formulaequationinput") => number(response, input, neutral),
        ("formularesponse", "textline" | "formulaequationinput") => formula(response, input),
        ("coderesponse", "textbox" | "filesubmission") => code(response, input),
        (response, input) => refuse(format!("<{input}> in <{response}>")),
    }
}

fn string(response: &Element, input: &Element, neutral: Neutral<'_>) -> Outcome {
    if input.get("hidden").is_some() {
        return refuse("a hidden text field");
    }
    let Some(answer) = response.get("answer") else { return refuse("a text question without answer") };
    let kind = response.get("type").unwrap_or_default().to_lowercase();
    let has = |word: &str| kind.split(' ').any(|w| w == word);
    let (regexp, case_sensitive) = (has("regexp"), !has("ci"));
    let mut lost = Vec::new();
    let mut additional = Vec::new();
    for element in response.named("additional_answer") {
        let text = element.children.first().and_then(Node::text);
        match element.get("answer").filter(|a| !a.is_empty()).or(text) {
            Some(answer) => additional.push(answer),
            None => return refuse("an additional answer that is empty"),
        }
        if element.first("correcthint").is_some() {
            lost.push("feedback for one of several right answers".into());
        }
    }
    let mut accept = if needs_regex(answer) {
        // The old form: alternatives in one text, whatever `type` says.
        accepts(&answer.split("_or_").collect::<Vec<_>>(), false, case_sensitive)
    } else {
        let answers: Vec<&str> = std::iter::once(answer).chain(additional).collect();
        accepts(&answers, regexp, case_sensitive)
    };
    accept.retain(|a| !a.text.is_empty());
    if response.first("stringequalhint").is_some() || response.first("regexphint").is_some() {
        lost.push("feedback for particular wrong answers".into());
    }
    let suffix = input.get("trailing_text").unwrap_or_default().to_owned();
    let interaction = Interaction::TextEntry(TextEntryInteraction { suffix });
    Ok(Read { lost, feedback: right(response, neutral), ..Read::new(interaction, Key::Text { accept }) })
}

/// What is said after a right answer.
fn right(response: &Element, neutral: Neutral<'_>) -> Feedback {
    let correct = response.first("correcthint").map(|hint| neutral(html_of(&hint.children).trim()));
    Feedback { correct: correct.unwrap_or_default(), ..Feedback::default() }
}

fn parameter(response: &Element) -> Option<&str> {
    let all = response.descendants();
    all.into_iter().find(|e| e.name == "responseparam" && e.get("type") == Some("tolerance"))?.get("default")
}

fn number(response: &Element, input: &Element, neutral: Neutral<'_>) -> Outcome {
    let Some(answer) = response.get("answer").map(str::trim) else {
        return refuse("a number without answer");
    };
    let bracketed = answer.starts_with(['[', '(']) && answer.ends_with([']', ')']);
    let first = if bracketed {
        let inner = answer.get(1..answer.len() - 1).unwrap_or_default();
        let bounds: Vec<Option<String>> = inner.split(',').map(decimal).collect();
        match bounds.as_slice() {
            [Some(low), Some(high)] => {
                let includes_low = answer.starts_with('[');
                let width = high.parse::<f64>().unwrap_or_default() - low.parse::<f64>().unwrap_or_default();
                if width < 0.0 {
                    return refuse(format!("the range {answer} ends before it begins"));
                }
                // Capa looks at the lower bound first: of a range of one number it alone says whether it is taken.
                let includes_high = if width == 0.0 { includes_low } else { answer.ends_with(']') };
                NumberAccept::Range { low: low.clone(), high: high.clone(), includes_low, includes_high }
            }
            _ => return refuse(format!("the range {answer} is computed")),
        }
    } else {
        let Some(value) = decimal(answer) else { return refuse(format!("the answer {answer} is computed")) };
        let Some(tolerance) = tolerance(parameter(response)) else {
            return refuse("a tolerance that is computed");
        };
        NumberAccept::Value { value, tolerance }
    };
    let mut accept = vec![first];
    let mut lost = Vec::new();
    for element in response.named("additional_answer") {
        let Some(value) = element.get("answer").and_then(decimal) else {
            return refuse("an additional answer that is computed");
        };
        if element.first("correcthint").is_some() {
            lost.push("feedback for one of several right answers".into());
        }
        // Additional answers must be met exactly (reference openedx.md 5.10).
        accept.push(NumberAccept::Value { value, tolerance: Tolerance::none() });
    }
    let suffix = input.get("trailing_text").unwrap_or_default().to_owned();
    let interaction = Interaction::Numeric(NumericInteraction { suffix });
    Ok(Read { lost, feedback: right(response, neutral), ..Read::new(interaction, Key::Number { accept }) })
}

fn formula(response: &Element, input: &Element) -> Outcome {
    let (Some(answer), Some(samples)) = (response.get("answer"), response.get("samples")) else {
        return refuse("a formula without answer or samples");
    };
    let Some((variables, count)) = sampled(samples) else {
        return refuse(format!("the samples {samples}"));
    };
    let Some(tolerance) = tolerance(parameter(response)) else {
        return refuse("a tolerance that is computed");
    };
    let kinds = response.get("type").unwrap_or_default();
    let has = |word: &str| kinds.split(',').any(|kind| kind == word);
    let key = Key::Formula {
        answer: answer.to_owned(),
        variables,
        samples: count,
        tolerance,
        case_sensitive: has("cs") && !has("ci"),
    };
    let suffix = input.get("trailing_text").unwrap_or_default().to_owned();
    Ok(Read::new(Interaction::Formula(FormulaInteraction { suffix }), key))
}

/// `x,y@1,2:3,4#5`: x from 1 to 3, y from 2 to 4, five times.
fn sampled(samples: &str) -> Option<(Vec<SampledVariable>, u32)> {
    let (names, rest) = samples.split_once('@')?;
    let (ranges, count) = rest.split_once('#')?;
    let (lows, highs) = ranges.split_once(':')?;
    let numbers = |list: &str| -> Option<Vec<f64>> {
        list.split(',').map(|n| n.trim().parse::<f64>().ok().filter(|n| n.is_finite())).collect()
    };
    let (names, lows, highs): (Vec<&str>, _, _) =
        (names.split(',').collect(), numbers(lows)?, numbers(highs)?);
    if names.len() != lows.len() || lows.len() != highs.len() || names.iter().any(|n| n.trim().is_empty()) {
        return None;
    }
    let variables = names
        .iter()
        .zip(lows.iter().zip(&highs))
        .map(|(name, (low, high))| SampledVariable { name: (*name).to_owned(), low: *low, high: *high })
        .collect();
    // Tried nowhere, everything is right to capa.
    let count: u32 = count.trim().parse().ok().filter(|count| *count > 0)?;
    Some((variables, count))
}

fn code(response: &Element, input: &Element) -> Outcome {
    let Some(parameters) = response.first("codeparam") else { return refuse("a program without codeparam") };
    let queue = response.get("queuename").unwrap_or_default();
    let payload = parameters.first("grader_payload").map(Element::all_text);
    let payload: Option<GraderPayload> = payload.and_then(|text| serde_json::from_str(&text).ok());
    let mut lost = Vec::new();
    let interaction = if input.name == "filesubmission" {
        if input.get("allowed_files").is_some() || input.get("required_files").is_some() {
            lost.push("the names that files must have".into());
        }
        Interaction::FileUpload(FileUploadInteraction::default())
    } else {
        let language = CodeLanguage {
            name: input.get("mode").unwrap_or_default().to_owned(),
            template: parameters.first("initial_display").map(Element::all_text).unwrap_or_default(),
            header: String::new(),
            footer: String::new(),
            seconds: None,
            megabytes: None,
        };
        match &payload {
            Some(payload) => Interaction::Code(payload.interaction.clone()),
            None => {
                Interaction::Code(CodeInteraction { languages: vec![language], ..CodeInteraction::default() })
            }
        }
    };
    let solution = parameters.first("answer_display").map(Element::all_text);
    Ok(Read {
        interaction,
        key: payload.map(|p| Key::Code { tests: p.tests, checker: p.checker, solution }),
        grader: Grader::Native(format!("XQueue {queue}").trim_end().to_owned()),
        credit: Credit::AllOrNothing,
        feedback: Feedback::default(),
        lost,
    })
}
