//! The parts of a problem that can be answered.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::openedx::xml::Element;

const RESPONSES: [&str; 16] = [
    "multiplechoiceresponse",
    "truefalseresponse",
    "choiceresponse",
    "optionresponse",
    "stringresponse",
    "numericalresponse",
    "formularesponse",
    "customresponse",
    "symbolicresponse",
    "coderesponse",
    "externalresponse",
    "schematicresponse",
    "imageresponse",
    "annotationresponse",
    "choicetextresponse",
    "javascriptresponse",
];

const INPUTS: [&str; 21] = [
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
    "javascriptinput",
    "drag_and_drop_input",
    "radiotextgroup",
    "checkboxtextgroup",
    "chemicalequationinput",
    "crystallography",
    "vsepr_input",
    "annotationinput",
    "schematic",
    "designprotein2dinput",
    "editageneinput",
];

pub(super) fn is_response(name: &str) -> bool {
    RESPONSES.contains(&name)
}

pub(super) fn is_input(name: &str) -> bool {
    INPUTS.contains(&name)
}

/// A problem with its responses numbered.
#[derive(Debug)]
pub(crate) struct Problem {
    /// Last part of the usage key; the prefix of every input id.
    pub(crate) block: String,
    pub(crate) element: Element,
    pub(crate) responses: Vec<Response>,
}

/// One response element.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) element: Element,
    pub(crate) inputs: Vec<Input>,
}

/// One input element of a response.
#[derive(Debug)]
pub(crate) struct Input {
    /// `{block}_{r}_{n}`; `r` counts from 2, `n` from 1.
    pub(crate) id: String,
    pub(crate) element: Element,
}

impl Input {
    /// What it is worth: its `points`, else 1; an annotation 2 (recorded: `get: Annotation Problem`).
    pub(crate) fn points(&self) -> f64 {
        if self.element.name == "annotationinput" {
            return 2.0;
        }
        self.element.attribute("points").and_then(|points| points.parse::<u32>().ok()).unwrap_or(1).into()
    }
}

impl Problem {
    pub(crate) fn new(block: &str, element: &Element) -> Self {
        let found = element.descendants().into_iter().filter(|element| is_response(&element.name));
        let responses = found.enumerate().map(|(index, element)| {
            let inputs = element.descendants().into_iter().filter(|element| is_input(&element.name));
            let input = |(at, element): (usize, &Element)| Input {
                id: format!("{block}_{}_{}", index + 2, at + 1),
                element: element.clone(),
            };
            Response { element: element.clone(), inputs: inputs.enumerate().map(input).collect() }
        });
        Self { block: block.to_owned(), element: element.clone(), responses: responses.collect() }
    }

    pub(crate) fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.responses.iter().flat_map(|response| &response.inputs)
    }

    /// Points of the whole problem before weighting.
    pub(crate) fn possible(&self) -> f64 {
        self.inputs().map(Input::points).sum()
    }

    /// The solutions, each with its id.
    pub(crate) fn solutions(&self) -> Vec<(String, Element)> {
        let found = self.element.descendants().into_iter().filter(|element| element.name == "solution");
        found
            .enumerate()
            .map(|(at, element)| (format!("{}_solution_{}", self.block, at + 1), element.clone()))
            .collect()
    }

    pub(crate) fn hints(&self) -> Vec<String> {
        let found = self.element.descendants().into_iter().filter(|element| element.name == "demandhint");
        found
            .flat_map(Element::elements)
            .filter(|element| element.name == "hint")
            .map(Element::inner)
            .collect()
    }

    /// Whether a script runs before the problem is shown; its variables are then unknown here.
    pub(crate) fn has_script(&self) -> bool {
        self.element.descendants().iter().any(|element| element.name == "script" && element.has_text())
    }
}

/// What was submitted for one input.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    One(String),
    Many(Vec<String>),
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::One(text) => text,
            Self::Many(list) => list.first().map_or("", String::as_str),
        }
    }

    pub(crate) fn list(&self) -> Vec<&str> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(list) => list.iter().map(String::as_str).collect(),
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::One(text) => text.as_str().into(),
            Self::Many(list) => list.clone().into(),
        }
    }
}

/// Answers by input id. Only what follows the first underscore of a field name counts; a name without
/// one, and two names for one id, are errors (reference openedx.md 3.10).
pub(crate) fn read_form(form: &[(String, String)]) -> Option<BTreeMap<String, Answer>> {
    let mut answers: BTreeMap<String, (String, Answer)> = BTreeMap::new();
    for (name, value) in form {
        let (_, id) = name.split_once('_')?;
        let (id, many) = match (id.strip_suffix("[]"), id.strip_suffix("{}")) {
            (Some(id), _) => (id, true),
            (None, Some(id)) => (id, false),
            (None, None) => (id, false),
        };
        if id.is_empty() {
            return None;
        }
        match answers.get_mut(id) {
            Some((known, _)) if known != name => return None,
            Some((_, Answer::Many(list))) => list.push(value.clone()),
            Some((_, answer)) => *answer = Answer::One(value.clone()),
            None => {
                let answer =
                    if many { Answer::Many(vec![value.clone()]) } else { Answer::One(value.clone()) };
                answers.insert(id.to_owned(), (name.clone(), answer));
            }
        }
    }
    Some(answers.into_iter().map(|(id, (_, answer))| (id, answer)).collect())
}
