//! Tasks as learners meet them, and what comes of their answers.

use serde::{Deserialize, Serialize};

use crate::{BlockId, CourseId, Exercise, Markup, SubmissionId, TaskAnswer, TaskId, Timestamp, UserId};

/// A task of a course.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TaskRef {
    /// The course it is met in.
    pub course: CourseId,
    /// The task.
    pub task: TaskId,
}

impl TaskRef {
    /// A task of a course.
    pub fn new(course: impl Into<CourseId>, task: impl Into<TaskId>) -> Self {
        Self { course: course.into(), task: task.into() }
    }
}

/// Where a learner stands with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Nothing sent.
    NotAttempted,
    /// Something sent, not all right.
    Attempted,
    /// All right.
    Passed,
}

/// A task as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskSummary {
    /// The id to ask for the rest.
    pub id: TaskId,
    /// Its title, as plain text; empty where it has none.
    pub title: String,
    /// Native names of what is answered in it: `choice`, `numericalresponse`, `match`.
    pub kinds: Vec<String>,
    /// Points at most, where the platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<f64>,
    /// Where the signed-in account stands, where the platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<TaskStatus>,
}

/// One exercise of a task, with the block id to answer it under.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The key in a [`TaskAnswer`].
    pub block: BlockId,
    /// The exercise, as far as a learner may see it.
    pub exercise: Exercise,
}

/// A task as a learner meets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// What lists say.
    #[serde(flatten)]
    pub summary: TaskSummary,
    /// Text before the exercises.
    #[serde(default, skip_serializing_if = "Markup::is_absent")]
    pub statement: Markup,
    /// What is to be answered, in order.
    pub parts: Vec<Part>,
    /// Tries left, where the platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts_left: Option<u32>,
}

/// Where a submission stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionState {
    /// Not judged yet: ask again.
    Pending,
    /// Judged.
    Judged,
    /// It could not be judged: the grader failed. It may have used up a try.
    Failed,
}

/// What the platform says of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether it is all right.
    pub correct: bool,
    /// The share of the points, 0 to 1; above 1 where a grader gives more.
    pub score: f64,
    /// What is said to the learner, as HTML. Comes from the platform: treat as hostile.
    #[serde(default, skip_serializing_if = "Markup::is_absent")]
    pub feedback: Markup,
    /// Per exercise whether it is right, where the platform says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<(BlockId, bool)>,
}

/// One answer that a learner has sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// Its id.
    pub id: SubmissionId,
    /// The task.
    pub task: TaskId,
    /// Whose it is, where the platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// When it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Where it stands.
    pub state: SubmissionState,
    /// What came of it, once judged; also the reason, where judging failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What was answered, where the platform gives it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<TaskAnswer>,
}
