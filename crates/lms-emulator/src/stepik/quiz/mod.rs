//! Quizzes: how a step is prepared, what an attempt shows, which replies are taken, and how they are graded.
//! (reference stepik.md 4)

mod blanks;
mod choice;
mod code;
mod expression;
mod free_answer;
mod html;
mod machine;
mod math;
mod number;
mod ordering;
mod schema;
mod shape_only;
mod small;
mod string;
mod table;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::form::set;
use super::progress;
use super::state::{Kind, Secret, State};
use super::switches::{CodeRule, PartialCredit};
use super::tree::{block_name, is_quiz};
use super::wire::{Object, int, object};
use crate::random::Dice;

pub(crate) use code::comment_texts;
pub(crate) use html::escape as escape_html;

/// What a grader says: a number in 0..=1, a hint and feedback. (reference stepik.md 4.2, 4.3)
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) score: f64,
    pub(crate) hint: String,
    pub(crate) feedback: Value,
}

impl Verdict {
    fn of(is_right: bool) -> Self {
        Self { score: if is_right { 1.0 } else { 0.0 }, hint: String::new(), feedback: json!("") }
    }

    fn wrong(hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..Self::of(false) }
    }
}

/// What an attempt shows, and what it hides.
#[derive(Debug, Clone, PartialEq)]
struct Task {
    dataset: Value,
    clue: Value,
    /// The file of a dataset quiz.
    file: Option<String>,
    is_timed: bool,
}

impl Task {
    /// Types without a dataset answer `""`. (reference stepik.md 3.9)
    fn without_dataset() -> Self {
        Self::showing(json!(""))
    }

    fn showing(dataset: Value) -> Self {
        Self { dataset, clue: Value::Null, file: None, is_timed: false }
    }
}

/// One type of quiz.
trait Quiz: Sync {
    /// Checks the author's source and derives the step's `options` from it; the error text ends up in the step.
    fn prepare(&self, source: &Value) -> Result<Value, String>;
    /// Makes one attempt of a source that was prepared without error.
    fn generate(&self, source: &Value, dice: &mut Dice) -> Task;
    /// Checks a reply and gives what will be stored; the error text refuses the POST.
    fn clean(&self, source: &Value, dataset: &Value, reply: &Value) -> Result<Value, String>;
    /// Grades a cleaned reply.
    fn grade(&self, source: &Value, clue: &Value, reply: &Value) -> Verdict;
    /// Whether one attempt takes several submissions. The apps keep the attempt for these types and make a new one
    /// for all others. (reference stepik.md 4.2)
    fn keeps_attempt(&self) -> bool {
        false
    }
    /// Whether the platform runs something to judge a reply.
    fn needs_machine(&self) -> bool {
        false
    }
    /// Remarks on a source that was prepared. (reference stepik.md 6.3)
    fn warnings(&self, _source: &Value) -> Vec<String> {
        Vec::new()
    }
}

fn find(name: &str) -> Option<&'static dyn Quiz> {
    Some(match name {
        "choice" => &choice::Choice,
        "string" => &string::Text,
        "number" => &number::Number,
        "math" => &math::Math,
        "random-tasks" => &math::RandomTasks,
        "matching" => &ordering::Matching,
        "sorting" => &ordering::Sorting,
        "fill-blanks" => &blanks::FillBlanks,
        "table" => &table::Table,
        "free-answer" => &free_answer::FreeAnswer,
        "code" => &code::Code,
        "sql" => &code::Sql,
        "puzzle" | "schulte" => &shape_only::ClientTrusted,
        "pycharm" => &shape_only::Pycharm,
        "manual-score" => &shape_only::ManualScore,
        "dataset" => &machine::Dataset,
        "linux-code" => &machine::LinuxCode,
        "admin" => &machine::Admin,
        "trik" => &machine::Trik,
        "chemical" => &small::Chemical,
        "simple-choice" => &small::SimpleChoice,
        _ => return None,
    })
}

/// Whether a block of this name can be written. (reference stepik.md 4.1)
pub(crate) fn is_known(name: &str) -> bool {
    matches!(name, "text" | "video" | "animation" | "html") || find(name).is_some()
}

pub(crate) fn keeps_attempt(step: &Object) -> bool {
    find(block_name(step)).is_some_and(Quiz::keeps_attempt)
}

fn source_of(step: &Object) -> Value {
    step.get("block").and_then(|block| block.get("source")).cloned().unwrap_or_default()
}

/// The end of a step's preparation: `ready` with options, or `error` with its text. (reference stepik.md 3.8)
pub(crate) fn prepare_step(state: &mut State, id: i64) {
    let Some(step) = state.get(Kind::Steps, id) else { return };
    let name = block_name(step).to_owned();
    let result = match find(&name) {
        Some(quiz) => quiz.prepare(&source_of(step)),
        None => Ok(json!({})),
    };
    let warnings = find(&name).map(|quiz| quiz.warnings(&source_of(step))).unwrap_or_default();
    let video = (name == "video").then(|| transcoded(state, step)).flatten();
    let Some(step) = state.get_mut(Kind::Steps, id) else { return };
    match result {
        Ok(options) => {
            set(step, "status", "ready");
            set(step, "warnings", warnings);
            if let Some(block) = step.get_mut("block").and_then(Value::as_object_mut) {
                set(block, "options", options);
                if let Some(video) = video {
                    set(block, "video", video);
                }
            }
        }
        // The real fields of `error` on a failure are unknown; `code` is a choice. (reference stepik.md 3.8)
        Err(why) => {
            set(step, "status", "error");
            set(step, "reason_of_failure", why.clone());
            set(step, "error", json!({"text": why, "code": "format_error", "params": {}}));
        }
    }
}

/// The options that follow from the source of a step; empty when there are none. (reference stepik.md 4.1)
pub(crate) fn options_of(step: &Object) -> Value {
    let options = find(block_name(step)).and_then(|quiz| quiz.prepare(&source_of(step)).ok());
    options.unwrap_or_else(|| json!({}))
}

/// What is wrong with the source of a step.
#[cfg(test)]
pub(crate) fn fault_of(step: &Object) -> Option<String> {
    find(block_name(step)).and_then(|quiz| quiz.prepare(&source_of(step)).err())
}

/// An uploaded video appears in the step's block once it is transcoded. (reference stepik.md 3.16)
fn transcoded(state: &State, step: &Object) -> Option<Value> {
    let block = step.get("block")?.as_object()?;
    let id = int(block.get("video")?.as_object()?, "id")?;
    let video = state.get(Kind::Videos, id)?;
    let mut shown = video.clone();
    set(&mut shown, "status", "ready");
    Some(Value::Object(shown))
}

/// Whether attempts at the step bring a file. (reference stepik.md 3.9)
pub(crate) fn has_dataset_file(step: &Object) -> bool {
    block_name(step) == "dataset"
}

/// What a new attempt at a prepared quiz step shows and hides.
pub(crate) fn new_attempt(step: &Object, attempt: i64, time: Duration) -> (Value, Secret) {
    let task =
        find(block_name(step)).map(|quiz| quiz.generate(&source_of(step), &mut Dice::new(attempt as u64)));
    let task = task.unwrap_or_else(Task::without_dataset);
    let ends = task.is_timed.then(|| Instant::now() + time);
    (task.dataset, Secret { clue: task.clue, used: false, ends, is_late: false, file: task.file })
}

/// The reply as it will be stored.
pub(crate) fn clean_reply(step: &Object, dataset: &Value, reply: &Value) -> Result<Value, String> {
    let quiz = find(block_name(step)).ok_or("This step takes no submissions.")?;
    if !reply.is_object() {
        return Err("reply must be an object.".to_owned());
    }
    quiz.clean(&source_of(step), dataset, reply)
}

/// The end of an evaluation. (reference stepik.md 4.2)
pub(crate) fn grade_submission(state: &mut State, id: i64) {
    let Some(submission) = state.get(Kind::Submissions, id) else { return };
    let reply = submission.get("reply").cloned().unwrap_or_default();
    let Some(attempt_id) = int(submission, "attempt") else { return };
    let Some(attempt) = state.get(Kind::Attempts, attempt_id) else { return };
    let (Some(step_id), Some(user)) = (int(attempt, "step"), int(attempt, "user")) else { return };
    let Some(step) = state.get(Kind::Steps, step_id) else { return };
    let secret = state.secrets.get(&attempt_id);
    let clue = secret.map(|secret| secret.clue.clone()).unwrap_or_default();
    let verdict = match (find(block_name(step)), state.switches.code) {
        _ if secret.is_some_and(|secret| secret.is_late) => {
            Verdict::wrong("The time of this attempt is over.")
        }
        (Some(quiz), CodeRule::AllRight) if quiz.needs_machine() => Verdict::of(true),
        (Some(quiz), CodeRule::AllWrong) if quiz.needs_machine() => Verdict::of(false),
        (Some(quiz), _) if is_quiz(step) => quiz.grade(&source_of(step), &clue, &reply),
        _ => Verdict::of(false),
    };
    let hint = if verdict.hint.is_empty() { authors_feedback(step, verdict.score) } else { verdict.hint };
    // Partial credit is `partially_correct` as Android knows it; iOS and old clients look at the score.
    // (reference stepik.md 4.2: conflict)
    let is_split = state.switches.partial_credit == PartialCredit::PartiallyCorrect;
    let status = match verdict.score {
        score if score >= 1.0 => "correct",
        score if score > 0.0 => {
            if is_split {
                "partially_correct"
            } else {
                "correct"
            }
        }
        _ => "wrong",
    };
    let Some(submission) = state.get_mut(Kind::Submissions, id) else { return };
    submission.extend(object(json!({
        "status": status, "score": verdict.score, "hint": hint, "feedback": verdict.feedback, "eta": 0,
    })));
    progress::record_submission(state, user, step_id, verdict.score);
}

/// Without a hint of the grader, the author's text for right or wrong. (reference stepik.md 4.3, inference)
fn authors_feedback(step: &Object, score: f64) -> String {
    let key = if score >= 1.0 { "feedback_correct" } else { "feedback_wrong" };
    let text = step.get("block").and_then(|block| block.get(key)).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}
