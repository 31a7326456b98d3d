//! What one does with a problem beside submitting: save, reset, show the answer, take a hint, see how it stands
//! (reference openedx.md 3.10).

use std::collections::BTreeMap;

use lms_core::{BlockId, Error, ErrorKind, Markup, Platform, Result, TaskAnswer, TaskRef};
use lms_http::Safety;
use serde::Deserialize;
use serde_json::Value;

use crate::OpenEdx;
use crate::keys::CourseKey;
use crate::problem_page::ProblemPage;
use crate::submissions::form;
use crate::tasks::foreign;
use crate::wire::ProblemAnswer;

/// How a problem stands for the signed-in account.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ProblemStanding {
    /// How often it was answered.
    pub attempts_used: u32,
    /// How often it may still be answered; `None` without a limit.
    pub attempts_left: Option<u32>,
    /// Points earned; `None` while the platform hides them.
    pub earned: Option<f64>,
    /// Points there are; `None` where it does not say.
    pub possible: Option<f64>,
    /// The fields of the form, in order.
    pub inputs: Vec<ProblemInput>,
}

/// One field of a problem's form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProblemInput {
    /// The part it belongs to, as [`lms_core::Part::block`] names it.
    pub part: BlockId,
    /// The name that the form sends: `input_p1_2_1`; with `[]` where several may be chosen.
    pub field: String,
    /// `radio`, `checkbox`, `select`, `text`, `formulaequationinput`, `textbox`, `file`, `other`.
    pub kind: &'static str,
    /// The values on offer, as the form sends them.
    pub values: Vec<String>,
    /// `correct`, `incorrect`, `partially-correct`, `submitted`, `unanswered`, `processing`, …
    pub status: String,
}

/// What the platform shows as the answer.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct ShownAnswers {
    /// By part: the right values of choices, the text of other inputs. Parts that a script marks may be missing.
    pub answers: BTreeMap<BlockId, Vec<String>>,
    /// The author's solutions, in order.
    pub solutions: Vec<Markup>,
}

/// A hint that was asked for, with those before it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ShownHint {
    /// The hints so far, a list in HTML.
    pub text: Markup,
    /// Which one is the last of them, from 0.
    pub index: u32,
    /// Whether there are more.
    pub more: bool,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    success: bool,
    #[serde(default)]
    msg: Option<String>,
    #[serde(default)]
    html: Option<String>,
    #[serde(default)]
    current_score: Option<f64>,
    #[serde(default)]
    total_possible: Option<f64>,
    #[serde(default)]
    attempts_used: Option<u32>,
}

#[derive(Deserialize)]
struct Shown {
    answers: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Hint {
    hint_index: u32,
    #[serde(default)]
    should_enable_next_hint: bool,
    msg: String,
}

impl OpenEdx {
    /// How a problem stands: points, attempts, and the fields of its form. Calls its handler `problem_get`.
    ///
    /// # Errors
    /// `Unsupported` for a task that is no capa problem; `NotFound` also where the account is not enrolled, as the
    /// platform has it.
    pub async fn problem(&self, task: &TaskRef) -> Result<ProblemStanding> {
        let usage = capa(task, "tasks.get")?;
        let answer: ProblemAnswer =
            self.handler(task, &usage, "problem_get", Safety::Read).await?.send_json().await?;
        standing(&ProblemPage::read(&answer, &usage)?, &answer)
    }

    /// Keeps an answer without submitting it. Calls `problem_get` for the form, then `problem_save`.
    ///
    /// # Errors
    /// `InvalidInput` before it is sent for an answer that does not fit; `Conflict` where the problem is closed, or has
    /// to be reset first.
    pub async fn save_answer(&self, task: &TaskRef, answer: &TaskAnswer) -> Result<()> {
        const OPERATION: &str = "problems.save";
        let usage = capa(task, OPERATION)?;
        let seen: ProblemAnswer =
            self.handler(task, &usage, "problem_get", Safety::Read).await?.send_json().await?;
        let fields = form(&ProblemPage::read(&seen, &usage)?, answer, task)?;
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let request = self.handler(task, &usage, "problem_save", Safety::Repeatable).await?;
        agreed(request.form(&fields).send_json().await?, task, OPERATION).map(drop)
    }

    /// Clears answers and marks; the attempts stay used. Calls `problem_reset`. With a random seed for each attempt
    /// the problem asks something else afterwards, so a lost answer is not asked for again.
    ///
    /// # Errors
    /// `Conflict` where the problem is closed or nothing was submitted yet; `OutcomeUnknown`.
    pub async fn reset_problem(&self, task: &TaskRef) -> Result<ProblemStanding> {
        const OPERATION: &str = "problems.reset";
        let usage = capa(task, OPERATION)?;
        let request = self.handler(task, &usage, "problem_reset", Safety::Once).await?;
        let said = agreed(request.send_json().await?, task, OPERATION)?;
        let answer = ProblemAnswer {
            success: None,
            contents: None,
            html: said.html,
            current_score: said.current_score,
            total_possible: said.total_possible,
            attempts_used: said.attempts_used,
        };
        standing(&ProblemPage::read(&answer, &usage)?, &answer)
    }

    /// What the platform shows as the right answer, if it is to be shown now. Calls `problem_show`.
    ///
    /// # Errors
    /// `InvalidInput` with the platform's sentence where the answer is not shown yet.
    pub async fn show_answers(&self, task: &TaskRef) -> Result<ShownAnswers> {
        let usage = capa(task, "problems.show")?;
        let shown: Shown =
            self.handler(task, &usage, "problem_show", Safety::Read).await?.send_json().await?;
        Ok(shown_answers(shown))
    }

    /// The hint with this number, from 0, and those before it. Calls `hint_button`; a number beyond the last begins
    /// again.
    ///
    /// # Errors
    /// `InvalidInput` with the platform's sentence for a problem without hints.
    pub async fn hint(&self, task: &TaskRef, index: u32) -> Result<ShownHint> {
        let usage = capa(task, "problems.hint")?;
        let request = self.handler(task, &usage, "hint_button", Safety::Read).await?;
        let hint: Hint = request.form(&[("hint_index", &index.to_string())]).send_json().await?;
        let Hint { hint_index, should_enable_next_hint, msg } = hint;
        Ok(ShownHint { text: Markup::from_html(&msg), index: hint_index, more: should_enable_next_hint })
    }
}

/// The usage key of a capa problem; other graded blocks have handlers of their own.
pub(crate) fn capa(task: &TaskRef, operation: &'static str) -> Result<String> {
    let usage = CourseKey::problem(task)?;
    match foreign(&usage) {
        None => Ok(usage),
        Some(kind) => {
            let message = format!("a block of the kind {kind} is answered on its own page");
            Err(Error::new(ErrorKind::Unsupported, message).at(Platform::OpenEdx, operation).on(&task.task))
        }
    }
}

fn standing(page: &ProblemPage, answer: &ProblemAnswer) -> Result<ProblemStanding> {
    let inputs = page.inputs.iter().map(|input| ProblemInput {
        part: input.id.as_str().into(),
        field: input.field(),
        kind: input.kind(),
        values: input.offered().into_iter().map(str::to_owned).collect(),
        status: input.status.clone(),
    });
    Ok(ProblemStanding {
        attempts_used: answer.attempts_used.unwrap_or(0),
        attempts_left: page.attempts_left(answer.attempts_used),
        earned: answer.current_score,
        possible: answer.total_possible.filter(|points| *points > 0.0),
        inputs: inputs.collect(),
    })
}

/// `success` is false, and the answer a 200, where the platform does not do it.
fn agreed(said: Said, task: &TaskRef, operation: &'static str) -> Result<Said> {
    if said.success {
        return Ok(said);
    }
    let why = said.msg.unwrap_or_else(|| "the platform does not say why not".into());
    Err(Error::new(ErrorKind::Conflict, why).at(Platform::OpenEdx, operation).on(&task.task))
}

/// Answers by part, and solutions by their numbers.
fn shown_answers(shown: Shown) -> ShownAnswers {
    let mut found = ShownAnswers::default();
    // By number, so that the tenth solution comes after the ninth.
    let mut solutions: Vec<(u32, Markup)> = Vec::new();
    for (id, value) in shown.answers {
        match (id.rsplit_once("_solution_"), value) {
            (Some((_, number)), Value::String(html)) => {
                solutions.push((number.parse().unwrap_or(u32::MAX), Markup::from_html(&html)));
            }
            (_, Value::String(text)) => drop(found.answers.insert(id.into(), vec![text])),
            (_, Value::Array(values)) => {
                let text = |value: Value| match value {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                found.answers.insert(id.into(), values.into_iter().map(text).collect());
            }
            (_, Value::Null) => {}
            (_, other) => drop(found.answers.insert(id.into(), vec![other.to_string()])),
        }
    }
    solutions.sort_by_key(|(number, _)| *number);
    found.solutions = solutions.into_iter().map(|(_, html)| html).collect();
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_are_kept_by_part_and_solutions_by_number() {
        let shown = json!({"answers": {
            "p_2_1": "choice_1", "p_3_1": ["choice_0", 2], "p_4_1": null, "p_5_1": 3.5,
            "p_solution_10": "<p>ten</p>", "p_solution_9": "<p>nine</p>",
        }});
        let found = shown_answers(serde_json::from_value(shown).expect("answers"));
        let answers: Vec<(&str, String)> =
            found.answers.iter().map(|(part, values)| (part.as_str(), values.join("|"))).collect();
        let is = |part, values: &str| (part, values.to_owned());
        assert_eq!(answers, [is("p_2_1", "choice_1"), is("p_3_1", "choice_0|2"), is("p_5_1", "3.5")]);
        assert_eq!(
            found.solutions.iter().map(Markup::html).collect::<Vec<_>>(),
            ["<p>nine</p>", "<p>ten</p>"]
        );
    }
}
