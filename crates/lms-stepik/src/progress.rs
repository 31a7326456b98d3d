//! What the signed-in account has seen and reached, for a course, section, unit, lesson or step
//! (reference stepik.md 2.7, 3.12).

use std::fmt;

use lms_core::{CourseId, LessonId, Result, SectionId, StepId, TaskId, Timestamp};
use serde_json::json;

use crate::Stepik;
use crate::native::Found;
use crate::objects::number;
use crate::wire;

/// What a progress is of. On the wire it is a number for the kind and the id: `77-502`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ProgressOf {
    /// A course.
    Course(CourseId),
    /// A section.
    Section(SectionId),
    /// The place of a lesson in a section.
    Unit(u64),
    /// A lesson.
    Lesson(LessonId),
    /// A step.
    Step(StepId),
}

impl ProgressOf {
    pub(crate) fn id(&self) -> Result<String> {
        let (kind, id) = match self {
            Self::Lesson(id) => (76, number(id.as_str(), "lesson")?),
            Self::Step(id) => (77, number(id.as_str(), "step")?),
            Self::Course(id) => (78, number(id.as_str(), "course")?),
            Self::Section(id) => (79, number(id.as_str(), "section")?),
            Self::Unit(id) => (80, *id),
        };
        Ok(format!("{kind}-{id}"))
    }
}

/// How far the account has got.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The id on the wire, such as `77-502`.
    pub id: String,
    /// Points reached.
    pub score: f64,
    /// Points there are.
    pub cost: f64,
    /// Steps there are.
    pub steps: u64,
    /// Steps that something was sent for; `None` in old answers.
    pub steps_attempted: Option<u64>,
    /// Steps that are passed: seen, or answered right.
    pub steps_passed: u64,
    /// Whether all is passed.
    pub passed: bool,
    /// When it was last looked at; `None` if never.
    pub last_viewed: Option<Timestamp>,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} points", self.score, self.cost)
    }
}

impl From<wire::Progress> for Progress {
    fn from(native: wire::Progress) -> Self {
        let count = |n: Option<f64>| n.filter(|n| *n >= 0.0).map(|n| n as u64);
        Self {
            id: native.id,
            score: native.score.unwrap_or_default(),
            cost: native.cost.unwrap_or_default(),
            steps: count(native.n_steps).unwrap_or_default(),
            steps_attempted: count(native.n_steps_attempted),
            steps_passed: count(native.n_steps_passed).unwrap_or_default(),
            passed: native.is_passed,
            last_viewed: native.last_viewed.and_then(|at| Timestamp::from_unix_seconds(at as i64)),
        }
    }
}

impl Stepik {
    /// How far the signed-in account has got with each of these. Calls `GET /api/progresses?ids[]=…`.
    ///
    /// # Errors
    /// `InvalidInput` for an id that is no number, before anything is sent.
    pub async fn progresses(&self, of: &[ProgressOf]) -> Result<Found<Progress>> {
        let ids: Vec<String> = of.iter().map(ProgressOf::id).collect::<Result<_>>()?;
        let Found { items, missing } =
            self.found("progresses", "progresses", &ids, |p: &wire::Progress| p.id.clone()).await?;
        Ok(Found { items: items.into_iter().map(Progress::from).collect(), missing })
    }

    /// Says that a step was seen, which is how texts and videos are passed. Calls `POST /api/views`.
    ///
    /// # Errors
    /// `InvalidInput` where there is no such step.
    pub async fn view(&self, step: &TaskId) -> Result<()> {
        const OPERATION: &str = "views.create";
        let id = crate::tasks::step_of(step.as_str())?;
        let payload = json!({"step": id, "assignment": null});
        // Seen twice is seen: the answer need not be understood.
        let request = self
            .client()
            .request(lms_http::Method::Post, "/api/views", lms_http::Safety::Repeatable)
            .operation(OPERATION)
            .resource(format!("step {id}"))
            .json(&json!({"view": payload}));
        request.send().await.map(drop)
    }
}
