//! What the course's staff does with learners' work on a problem (reference openedx.md 3.6).
//!
//! The instructor dashboard's addresses take a JWT or a session; a Bearer token is as good as none there.

use lms_core::{Error, ErrorKind, Platform, Result, TaskRef, UserId};
use lms_http::{Method, Route, Safety};

use crate::OpenEdx;
use crate::keys::CourseKey;

/// Whose work is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Learners {
    /// One learner's.
    One(UserId),
    /// That of all who have any: a task, which the platform does by and by.
    All,
}

/// What is taken back of a learner's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResetOf {
    /// The count of attempts; answer and mark stay.
    Attempts,
    /// Everything, marks and history included. One learner at a time.
    State,
}

/// Which marks a rescore takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rescore {
    /// Every new mark.
    Always,
    /// Only one that is higher than the old.
    IfHigher,
}

impl OpenEdx {
    /// Lets learners begin anew with a problem. Calls `POST /courses/{course}/instructor/api/reset_student_attempts`. To
    /// take the same thing back twice changes nothing more, so a lost answer is asked for again.
    ///
    /// # Errors
    /// `Unsupported` for the state of all, which the platform refuses too; `InvalidInput` for an unknown learner, or one
    /// without work on this problem; `PermissionDenied`.
    pub async fn reset_attempts(&self, task: &TaskRef, who: &Learners, what: ResetOf) -> Result<()> {
        const OPERATION: &str = "instructor.reset_attempts";
        let delete = match (who, what) {
            (Learners::All, ResetOf::State) => {
                return Err(Error::unsupported(
                    Platform::OpenEdx,
                    "instructor.reset_attempts of everybody's state",
                ));
            }
            (_, ResetOf::State) => "true",
            (_, ResetOf::Attempts) => "false",
        };
        self.dashboard("reset_student_attempts", OPERATION, task, who, ("delete_module", delete)).await
    }

    /// Has answers that are there marked again, by the problem as it is now. Calls
    /// `POST /courses/{course}/instructor/api/rescore_problem`: a task, which the platform does by and by.
    ///
    /// # Errors
    /// `InvalidInput` for an unknown learner, or one without an answer; `PermissionDenied`.
    pub async fn rescore(&self, task: &TaskRef, who: &Learners, which: Rescore) -> Result<()> {
        let only = if which == Rescore::IfHigher { "true" } else { "false" };
        self.dashboard("rescore_problem", "instructor.rescore", task, who, ("only_if_higher", only)).await
    }

    /// Sets a learner's points for a problem by hand, weighted, as learners see them. Calls
    /// `POST /courses/{course}/instructor/api/override_problem_score`: a task, which the platform does by and by.
    ///
    /// # Errors
    /// `InvalidInput` for what is no number of points, unsent, for more than there are, and for an unknown learner;
    /// `PermissionDenied`.
    pub async fn set_problem_points(&self, task: &TaskRef, user: &UserId, points: f64) -> Result<()> {
        const OPERATION: &str = "instructor.set_points";
        if !points.is_finite() || points < 0.0 {
            let error = Error::new(ErrorKind::InvalidInput, "points are a number from 0 on");
            return Err(error.at(Platform::OpenEdx, OPERATION).with_field("points", points.to_string()));
        }
        let (who, score) = (Learners::One(user.clone()), points.to_string());
        self.dashboard("override_problem_score", OPERATION, task, &who, ("score", &score)).await
    }

    async fn dashboard(
        &self,
        action: &'static str,
        operation: &'static str,
        task: &TaskRef,
        who: &Learners,
        how: (&str, &str),
    ) -> Result<()> {
        let problem = CourseKey::problem(task)?;
        let route = Route::new("/courses/{course}/instructor/api/{action}").id(&task.course).word(action);
        let whose = match who {
            Learners::One(user) => ("unique_student_identifier", user.as_str()),
            Learners::All => ("all_students", "true"),
        };
        let request = self.lms().request(Method::Post, route, Safety::Repeatable);
        let form = [("problem_to_reset", problem.as_str()), whose, how];
        request.operation(operation).resource(&task.task).form(&form).send().await.map(drop)
    }
}
