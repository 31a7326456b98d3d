//! Submissions by all that the platform's list can be asked for, with whose they are and of which step:
//! a submission itself names only its attempt (reference stepik.md 2.11, 3.10).

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use lms_core::{
    CourseId, Cursor, Error, ErrorKind, Page, Paged, Platform, Result, Submission, TaskId, TaskRef, UserId,
};

use crate::Stepik;
use crate::catalog::Direction;
use crate::objects::number;
use crate::page::Query;
use crate::submissions::read;
use crate::tree::texts;
use crate::wire::{self, Attempt, Step};

const LIST: &str = "submissions.list";

/// Where a submission stands, in the platform's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmissionStatus {
    /// Not judged yet.
    Evaluation,
    /// Right; also part marks, by the score.
    Correct,
    /// Wrong.
    Wrong,
}

impl fmt::Display for SubmissionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Evaluation => "evaluation",
            Self::Correct => "correct",
            Self::Wrong => "wrong",
        })
    }
}

/// Where the review of a submission stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewStatus {
    /// Somebody is to review it.
    Awaiting,
    /// It was reviewed.
    Done,
}

/// Which submissions to list. A learner gets only own ones; a teacher those of everybody, except that by
/// `course` each gets only own ones (reference stepik.md 3.10): see [`Stepik::export_submissions`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubmissionFilter {
    /// Of this step.
    pub step: Option<TaskId>,
    /// Of this attempt.
    pub attempt: Option<u64>,
    /// Own ones of this course.
    pub course: Option<CourseId>,
    /// Of this user.
    pub user: Option<UserId>,
    /// Of users with this name.
    pub user_name: Option<String>,
    /// With this status.
    pub status: Option<SubmissionStatus>,
    /// Found by these words: a name, or `id:USER`.
    pub search: Option<String>,
    /// Whose review stands so.
    pub review: Option<ReviewStatus>,
    /// Of learners of this class.
    pub class: Option<u64>,
    /// By age. One source says that it is passed over together with `step` (reference stepik.md 3.10).
    pub order: Option<Direction>,
    /// Where to begin; `None` for the beginning.
    pub from: Option<Cursor>,
}

impl SubmissionFilter {
    /// All that the account sees.
    pub fn new() -> Self {
        Self::default()
    }

    /// Those of a step.
    pub fn of_step(step: impl Into<TaskId>) -> Self {
        Self { step: Some(step.into()), ..Self::default() }
    }

    fn query(self) -> Result<(Query, Option<Cursor>)> {
        let Self { step, attempt, course, user, user_name, status, search, review, class, order, from } =
            self;
        let id = |id: Option<&str>, what| id.map(|id| Ok(number(id, what)?.to_string())).transpose();
        let given = [
            ("step", step.map(|s| crate::tasks::step_of(s.as_str()).map(|s| s.to_string())).transpose()?),
            ("attempt", attempt.map(|id| id.to_string())),
            ("course", id(course.as_ref().map(CourseId::as_str), "course")?),
            ("user", id(user.as_ref().map(UserId::as_str), "user")?),
            ("user_name", user_name),
            ("status", status.map(|status| status.to_string())),
            ("search", search),
            (
                "review_status",
                review.map(|review| match review {
                    ReviewStatus::Awaiting => "awaiting".to_owned(),
                    ReviewStatus::Done => "done".to_owned(),
                }),
            ),
            ("klass", class.map(|id| id.to_string())),
            (
                "order",
                order.map(|order| match order {
                    Direction::Ascending => "asc".to_owned(),
                    Direction::Descending => "desc".to_owned(),
                }),
            ),
        ];
        Ok((given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(), from))
    }
}

/// Kinds of steps that were met in a listing: replies are read by them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kinds(Arc<Mutex<HashMap<u64, String>>>);

impl Kinds {
    pub(crate) fn of(known: impl IntoIterator<Item = (u64, String)>) -> Self {
        Self(Arc::new(Mutex::new(known.into_iter().collect())))
    }

    fn with<T>(&self, look: impl FnOnce(&mut HashMap<u64, String>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Stepik {
    /// Submissions by what the platform's own list can be asked for, each with its step and user. Calls
    /// `GET /api/submissions`, and for each page one `GET /api/attempts?ids[]=…` and `GET
    /// /api/steps?ids[]=…` for steps not met before.
    ///
    /// # Errors
    /// `InvalidInput` at once for an id that is no number; `NotFound` where the step was deleted.
    pub fn list_submissions(&self, filter: SubmissionFilter) -> Result<Paged<Submission>> {
        let (query, from) = filter.query()?;
        Ok(self.submission_pages(LIST, query, from, Kinds::default()))
    }

    pub(crate) fn submission_pages(
        &self,
        operation: &'static str,
        query: Query,
        from: Option<Cursor>,
        kinds: Kinds,
    ) -> Paged<Submission> {
        let this = self.clone();
        let step = query.iter().find(|(name, _)| *name == "step").and_then(|(_, id)| id.parse().ok());
        let listed = self.listing(operation, "submissions", query, from);
        listed.try_map_pages(move |page: Page<wire::Submission>| {
            let (this, kinds) = (this.clone(), kinds.clone());
            async move {
                let items = this.joined(operation, page.items, step, &kinds).await?;
                Ok(Page { items, next: page.next, total: None })
            }
        })
    }

    /// Submissions with what their attempts say of them; `step` is that of the query, where it names one.
    async fn joined(
        &self,
        operation: &'static str,
        found: Vec<wire::Submission>,
        step: Option<u64>,
        kinds: &Kinds,
    ) -> Result<Vec<Submission>> {
        let attempts: BTreeSet<u64> = found.iter().map(|submission| submission.attempt).collect();
        let attempts: Vec<u64> = attempts.into_iter().collect();
        let attempts: Vec<Attempt> =
            self.many(operation, "attempts", &texts(&attempts), |a: &Attempt| a.id.to_string()).await?;
        let attempts: HashMap<u64, Attempt> = attempts.into_iter().map(|a| (a.id, a)).collect();
        let steps: BTreeSet<u64> = attempts.values().map(|attempt| attempt.step).collect();
        let unknown: Vec<u64> =
            kinds.with(|known| steps.into_iter().filter(|step| !known.contains_key(step)).collect());
        let met: Vec<Step> =
            self.many(operation, "steps", &texts(&unknown), |s: &Step| s.id.to_string()).await?;
        kinds.with(|known| known.extend(met.iter().map(|step| (step.id, step.name().to_owned()))));
        found
            .into_iter()
            .map(|native| {
                let attempt = attempts.get(&native.attempt);
                let step = attempt.map(|attempt| attempt.step).or(step).ok_or_else(|| {
                    Error::new(
                        ErrorKind::Protocol,
                        format!(
                            "attempt {} is not given out, so it is not known of which step it is",
                            native.attempt
                        ),
                    )
                    .at(Platform::Stepik, operation)
                    .on(format!("submission {}", native.id))
                })?;
                let name = kinds.with(|known| known.get(&step).cloned().unwrap_or_default());
                // The course is not part of what is read.
                let task = TaskRef::new("", step);
                Ok(read(self, &task, native, attempt.and_then(|attempt| attempt.user), &name))
            })
            .collect()
    }
}
