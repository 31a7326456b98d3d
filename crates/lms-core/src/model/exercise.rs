//! Something to answer.

use serde::{Deserialize, Serialize};

use crate::{Interaction, Key, Markup, TaskId};

/// Prompt, interaction, key, scoring, hints and feedback.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exercise {
    /// What it is submitted with: exercises of one step that share a task were one native problem,
    /// are answered together and marked together.
    pub task: TaskId,
    /// What is asked.
    #[serde(default, skip_serializing_if = "Markup::is_absent")]
    pub prompt: Markup,
    /// How it is answered.
    pub interaction: Interaction,
    /// What is right; `None` where the platform does not tell, or a [`Grader`] decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// Who decides.
    #[serde(default)]
    pub grader: Grader,
    /// What it is worth.
    #[serde(default)]
    pub scoring: Scoring,
    /// Help on demand, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Markup>,
    /// What is said afterwards.
    #[serde(default, skip_serializing_if = "Feedback::is_absent")]
    pub feedback: Feedback,
}

impl Exercise {
    /// An exercise worth one point, without key.
    pub fn new(task: impl Into<TaskId>, prompt: Markup, interaction: Interaction) -> Self {
        Self {
            task: task.into(),
            prompt,
            interaction,
            key: None,
            grader: Grader::default(),
            scoring: Scoring::default(),
            hints: Vec::new(),
            feedback: Feedback::default(),
        }
    }

    /// The same with a key.
    #[must_use]
    pub fn with_key(mut self, key: Key) -> Self {
        self.key = Some(key);
        self
    }
}

/// Who decides whether an answer is right.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grader {
    /// The key does, by the rules of [`crate::grade`].
    #[default]
    Key,
    /// A program of the platform does (run script, Python check, external queue); the text names it.
    Native(String),
    /// A person does.
    Human,
}

/// How parts of an answer count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credit {
    /// Everything right, or nothing.
    #[default]
    AllOrNothing,
    /// Each gap, row, pair or place counts alike.
    PerPart,
    /// Each option rightly ticked or left counts alike (Open edX `EDC`).
    EveryDecision,
    /// One mistake halves, two quarter (Open edX `halves`).
    Halves,
}

/// What an exercise is worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scoring {
    /// Points for a right answer; 0 where it does not count.
    pub points: f64,
    /// How parts count.
    #[serde(default)]
    pub credit: Credit,
    /// How many tries a learner has; `None` without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
}

impl Default for Scoring {
    fn default() -> Self {
        Self { points: 1.0, credit: Credit::AllOrNothing, attempts: None }
    }
}

/// What is said after an answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Feedback {
    /// After a right answer.
    #[serde(default, skip_serializing_if = "Markup::is_absent")]
    pub correct: Markup,
    /// After a wrong answer.
    #[serde(default, skip_serializing_if = "Markup::is_absent")]
    pub incorrect: Markup,
    /// The worked solution, shown when the platform shows answers.
    #[serde(default, skip_serializing_if = "Markup::is_absent")]
    pub explanation: Markup,
}

impl Feedback {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.correct.is_empty() && self.incorrect.is_empty() && self.explanation.is_empty()
    }

    /// Whether there is not even white space: what is left out of JSON.
    pub(crate) fn is_absent(&self) -> bool {
        self.correct.is_absent() && self.incorrect.is_absent() && self.explanation.is_absent()
    }
}
