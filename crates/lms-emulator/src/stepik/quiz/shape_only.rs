//! Types whose shapes are kept and whose grading is the learner's word or nobody's. (reference stepik.md 4.15)

use serde_json::{Value, json};

use super::schema::{flag, text};
use super::{Quiz, Task, Verdict};
use crate::random::Dice;

/// puzzle and schulte: the server believes `solved`.
#[derive(Debug)]
pub(super) struct ClientTrusted;

impl Quiz for ClientTrusted {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        Ok(source.clone())
    }

    fn generate(&self, source: &Value, _dice: &mut Dice) -> Task {
        Task::showing(source.clone())
    }

    fn clean(&self, _source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        flag(reply, "solved")?;
        Ok(reply.clone())
    }

    fn grade(&self, _source: &Value, _clue: &Value, reply: &Value) -> Verdict {
        Verdict::of(flag(reply, "solved").unwrap_or_default())
    }
}

/// pycharm: options are the source as it is; the score is a string that the server believes.
#[derive(Debug)]
pub(super) struct Pycharm;

impl Quiz for Pycharm {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        if source.is_object() { Ok(source.clone()) } else { Err("source must be an object.".to_owned()) }
    }

    fn generate(&self, _source: &Value, _dice: &mut Dice) -> Task {
        Task::without_dataset()
    }

    fn clean(&self, _source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        let score = text(reply, "score")?;
        score.parse::<f64>().map_err(|_| "`score` must be a number in a string.".to_owned())?;
        Ok(reply.clone())
    }

    fn grade(&self, _source: &Value, _clue: &Value, reply: &Value) -> Verdict {
        let score = text(reply, "score").ok().and_then(|score| score.parse::<f64>().ok()).unwrap_or_default();
        Verdict { score: score.clamp(0.0, 1.0), ..Verdict::of(false) }
    }
}

/// manual-score: wrong until a teacher scores.
#[derive(Debug)]
pub(super) struct ManualScore;

impl Quiz for ManualScore {
    fn prepare(&self, _source: &Value) -> Result<Value, String> {
        Ok(json!({}))
    }

    fn generate(&self, _source: &Value, _dice: &mut Dice) -> Task {
        Task::without_dataset()
    }

    fn clean(&self, _source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        Ok(reply.clone())
    }

    fn grade(&self, _source: &Value, _clue: &Value, _reply: &Value) -> Verdict {
        Verdict::wrong("This step is scored manually.")
    }
}
