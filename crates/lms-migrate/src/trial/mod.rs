//! Asking the target's own grader: a learner on trial answers there, and the verdicts are held against what the
//! keys of the source say.

mod answer;
mod group;
mod shown;

use futures::stream::{self, StreamExt};
use lms_core::{CourseId, EnrollOptions, LmsProvider, LmsProviderExt, Patience, Result, Subject, UserId};
use serde::Serialize;

use self::answer::Sitting;
use self::group::Groups;
use crate::grading::Counterpart;
use crate::{GradedBy, GradingCheck, Outcome, Progress, Stage};

/// A learner on trial.
#[derive(Debug, Clone)]
pub struct Trial<'a> {
    /// The platform of the target, signed in to as a learner. Answers are sent in this account's name.
    pub learner: &'a dyn LmsProvider,
    /// The course as that platform calls it, where it does so otherwise than the target: a folder that was put
    /// onto a server.
    pub course: Option<CourseId>,
    /// How it is done.
    pub options: TrialOptions,
}

/// How a learner on trial answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialOptions {
    /// Answers to each exercise at most; fewer where it has fewer tries.
    pub answers: usize,
    /// Exercises that are answered at once.
    pub parallel: usize,
    /// How long to wait for each verdict.
    pub patience: Patience,
}

impl Default for TrialOptions {
    /// Six answers, four exercises at once, and the patience of [`Patience::default`].
    fn default() -> Self {
        Self { answers: 6, parallel: 4, patience: Patience::default() }
    }
}

/// How a learner on trial came to take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Enrolled {
    /// The learner enrolled.
    ByLearner,
    /// The author of the target enrolled the learner.
    ByAuthor,
    /// Nobody could.
    Not,
}

/// What became of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrialRun {
    /// The course that was answered.
    pub course: CourseId,
    /// How the learner came to take part.
    pub enrolled: Enrolled,
    /// Exercises that the platform marked.
    pub exercises: usize,
    /// Answers that were sent and marked: one for each task at a time.
    pub submissions: usize,
    /// Why nothing could be tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// What the platform's own grader was asked about one exercise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// Answers that it marked.
    pub marked: usize,
    /// Answers that are known and were not sent.
    pub left: usize,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Lets the learner answer what has a key in the source, and says in each check what came of it.
pub(crate) async fn try_out(
    trial: &Trial<'_>,
    (author, course): (&dyn LmsProvider, &CourseId),
    (counterparts, actual): (&[Counterpart<'_>], &lms_core::Course),
    checks: &mut [GradingCheck],
    progress: &dyn Progress,
) -> TrialRun {
    let course = trial.course.as_ref().unwrap_or(course);
    let mut run = TrialRun {
        course: course.clone(),
        enrolled: Enrolled::Not,
        exercises: 0,
        submissions: 0,
        failed: None,
    };
    match enroll(trial.learner, author, course).await {
        Ok(enrolled) => run.enrolled = enrolled,
        Err(error) => {
            run.failed = Some(format!("the learner cannot enroll: {error}"));
            return run;
        }
    }
    let groups = Groups::new(counterparts, actual);
    for (n, why) in &groups.untried {
        if let Some(check) = checks.get_mut(*n) {
            check.trial = Some(Tried { why: Some(why.clone()), ..Tried::default() });
        }
    }
    progress.begin(Stage::Trial, groups.groups.len());
    // Collected first: a closure that borrows would keep the whole from being `Send`.
    let sittings: Vec<_> =
        groups.groups.iter().map(|group| Sitting { trial, course, counterparts, group }.sit()).collect();
    let mut sittings = stream::iter(sittings).buffer_unordered(trial.options.parallel.max(1));
    while let Some(sat) = sittings.next().await {
        progress.step(Stage::Trial);
        run.submissions += sat.submissions;
        for judged in sat.items {
            let (Some(check), Some(counterpart)) =
                (checks.get_mut(judged.item), counterparts.get(judged.item))
            else {
                continue;
            };
            run.exercises += usize::from(judged.tried.marked > 0);
            if let Some(outcome) = judged.outcome(counterpart.announced)
                && outcome.gravity() >= check.outcome.gravity()
            {
                check.outcome = outcome;
                check.graded_by = Some(GradedBy::Platform);
            }
            check.trial = Some(judged.tried);
        }
    }
    progress.end(Stage::Trial);
    run
}

impl Outcome {
    /// Which of two outcomes is to be told: what disagrees outweighs what agrees, whoever marked it.
    fn gravity(&self) -> u8 {
        match self {
            Self::Unprobed { .. } => 0,
            Self::Agreed { .. } => 1,
            Self::Announced { .. } => 2,
            Self::Disagreed { .. } => 3,
        }
    }
}

/// Where learners may not enroll by themselves, whoever wrote the course may be able to enroll them.
async fn enroll(learner: &dyn LmsProvider, author: &dyn LmsProvider, course: &CourseId) -> Result<Enrolled> {
    let options = EnrollOptions::default();
    let refused = match learner.require_enrollments() {
        Ok(enrollments) => match enrollments.enroll(course, &Subject::Me, &options).await {
            Ok(_) => return Ok(Enrolled::ByLearner),
            Err(error) => error,
        },
        Err(error) => error,
    };
    let (Ok(accounts), Some(enrollments)) = (learner.require_accounts(), author.enrollments()) else {
        return Err(refused);
    };
    let me = accounts.me().await?;
    let name = me.username.map_or(me.id, UserId::from);
    match enrollments.enroll(course, &Subject::User(name), &options).await {
        Ok(_) => Ok(Enrolled::ByAuthor),
        Err(_) => Err(refused),
    }
}
