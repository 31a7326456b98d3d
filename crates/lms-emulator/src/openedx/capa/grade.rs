//! From answers to marks, response by response (reference openedx.md 5.10).

use std::collections::{BTreeMap, HashMap};

use super::problem::{Answer, Problem, Response};
use super::{choice, feedback, numbers, text};

/// The mark of one input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Correctness {
    Correct,
    Incorrect,
    PartiallyCorrect,
    /// An external grader has not answered yet.
    Queued,
}

impl Correctness {
    /// The word of the stored state.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Incorrect => "incorrect",
            Self::PartiallyCorrect => "partially-correct",
            Self::Queued => "incomplete",
        }
    }
}

/// Mark, share of the points, and message of one input.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) correctness: Correctness,
    /// `None` means all points when correct, none otherwise.
    pub(crate) points: Option<f64>,
    pub(crate) message: String,
}

impl Outcome {
    pub(super) fn new(correctness: Correctness) -> Self {
        Self { correctness, points: None, message: String::new() }
    }

    pub(super) fn right(is_right: bool) -> Self {
        Self::new(if is_right { Correctness::Correct } else { Correctness::Incorrect })
    }

    /// A share of the points: all is correct, none is incorrect.
    pub(super) fn share(share: f64, points: f64) -> Self {
        let correctness = match share {
            share if share >= 1.0 => Correctness::Correct,
            share if share > 0.0 => Correctness::PartiallyCorrect,
            _ => Correctness::Incorrect,
        };
        Self { correctness, points: Some(share * points), message: String::new() }
    }
}

/// Why nothing was graded; no attempt is used.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failure {
    /// The learner's input makes no sense; the sentence says why.
    Input(String),
    /// Anything else: the general sentence.
    General,
}

/// Listed answers by `{response}_{input}`.
pub(crate) type Table = HashMap<String, Vec<String>>;

/// Grades all responses. A single failure leaves the whole problem ungraded.
pub(crate) fn grade(
    problem: &Problem,
    answers: &BTreeMap<String, Answer>,
    table: &Table,
) -> Result<BTreeMap<String, Outcome>, Failure> {
    let mut outcomes = BTreeMap::new();
    for response in &problem.responses {
        outcomes.extend(one(problem, response, answers, table)?);
    }
    Ok(outcomes)
}

fn one(
    problem: &Problem,
    response: &Response,
    answers: &BTreeMap<String, Answer>,
    table: &Table,
) -> Result<Vec<(String, Outcome)>, Failure> {
    let listed = |id: &str| table.get(id.strip_prefix(&format!("{}_", problem.block)).unwrap_or(id));
    if response.inputs.iter().any(|input| listed(&input.id).is_some()) {
        let outcome = |id: &str| {
            let given = answers.get(id).map(Answer::text).unwrap_or_default();
            Outcome::right(listed(id).is_some_and(|right| right.iter().any(|answer| answer == given)))
        };
        return Ok(response.inputs.iter().map(|input| (input.id.clone(), outcome(&input.id))).collect());
    }
    if problem.has_script() && uses_variables(response) {
        return Err(Failure::General);
    }
    let mut outcomes = Vec::new();
    for input in &response.inputs {
        let answer = answers.get(&input.id);
        let mut outcome = match response.element.name.as_str() {
            "multiplechoiceresponse" => choice::single(&response.element, input, answer)?,
            "truefalseresponse" => choice::true_false(input, answer),
            "choiceresponse" => choice::multiple(&response.element, input, answer)?,
            "optionresponse" => choice::option(input, answer)?,
            "imageresponse" => choice::image(input, answer)?,
            "annotationresponse" => choice::annotation(input, answer)?,
            "choicetextresponse" => choice::with_numbers(problem, input, answer)?,
            "stringresponse" => text::grade(&response.element, answer)?,
            "numericalresponse" => numbers::numerical(&response.element, input, answer)?,
            "formularesponse" => numbers::formula(&response.element, answer)?,
            "coderesponse" if response.element.child("codeparam").is_some() => {
                Outcome::new(Correctness::Queued)
            }
            // Needs Python, JavaScript or a server elsewhere.
            _ => return Err(Failure::General),
        };
        outcome.message = feedback::message(&response.element, input, answer, &outcome);
        outcomes.push((input.id.clone(), outcome));
    }
    Ok(outcomes)
}

/// Whether an attribute that grading reads holds a variable of the script.
fn uses_variables(response: &Response) -> bool {
    let holds = |element: &crate::openedx::xml::Element| {
        element.attributes.iter().any(|(_, value)| value.contains('$'))
    };
    holds(&response.element) || response.element.descendants().into_iter().any(holds)
}
