//! How far learners have got, and what they have completed (reference openedx.md 3.12).

use std::collections::BTreeMap;

use lms_core::{BlockId, CourseId, Error, Platform, Result, UserId};
use lms_http::{Method, Route, Safety};
use serde::{Deserialize, Serialize};

use crate::OpenEdx;
use crate::keys::{CourseKey, Usage};

/// A learner's progress through a course.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct CourseProgress {
    /// The user name.
    #[serde(rename = "username")]
    pub user: UserId,
    /// How many units of work are done.
    #[serde(rename = "completion_summary")]
    pub completion: CompletionSummary,
    /// The course's mark.
    #[serde(rename = "course_grade")]
    pub grade: ProgressGrade,
    /// The mode of the enrollment; `None` for staff who are not enrolled.
    #[serde(rename = "enrollment_mode", default)]
    pub mode: Option<String>,
    /// Sections with their subsections, in order.
    #[serde(rename = "section_scores", default)]
    pub sections: Vec<SectionProgress>,
}

/// How many blocks are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct CompletionSummary {
    /// Done.
    #[serde(rename = "complete_count")]
    pub complete: u64,
    /// Not done.
    #[serde(rename = "incomplete_count")]
    pub incomplete: u64,
    /// Not open to this learner.
    #[serde(rename = "locked_count", default)]
    pub locked: u64,
}

/// The course's mark as the progress page shows it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ProgressGrade {
    /// The share of the whole, 0 to 1.
    #[serde(rename = "percent")]
    pub share: f64,
    /// The mark's name.
    #[serde(rename = "letter_grade", default)]
    pub letter: Option<String>,
    /// Whether it is enough.
    #[serde(rename = "is_passing", default)]
    pub passing: bool,
}

/// A section of the progress page.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct SectionProgress {
    /// Its title.
    #[serde(rename = "display_name", default)]
    pub title: String,
    /// Its subsections.
    #[serde(default)]
    pub subsections: Vec<SubsectionProgress>,
}

/// A subsection of the progress page.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct SubsectionProgress {
    /// The sequential.
    #[serde(rename = "block_key")]
    pub section: BlockId,
    /// Its title.
    #[serde(rename = "display_name", default)]
    pub title: String,
    /// Its assignment type; `None` where it does not count.
    #[serde(rename = "assignment_type", default)]
    pub category: Option<String>,
    /// Whether it counts for the mark.
    #[serde(rename = "has_graded_assignment", default)]
    pub graded: bool,
    /// Whether the learner may see it.
    #[serde(rename = "learner_has_access", default)]
    pub open: bool,
    /// Points earned; 0 while they are hidden.
    #[serde(rename = "num_points_earned", default)]
    pub earned: f64,
    /// Points there are; 0 while they are hidden.
    #[serde(rename = "num_points_possible", default)]
    pub possible: f64,
    /// Its problems, in order.
    #[serde(rename = "problem_scores", default)]
    pub problems: Vec<ProblemScore>,
}

/// Points for one problem.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ProblemScore {
    /// Earned.
    pub earned: f64,
    /// There are.
    pub possible: f64,
}

#[derive(Serialize)]
struct Batch<'a> {
    username: &'a str,
    course_key: &'a CourseId,
    blocks: BTreeMap<&'a str, f64>,
}

#[derive(Deserialize)]
struct Completion {
    completion: Flag,
}

/// Some releases write 0 and 1.
#[derive(Deserialize)]
#[serde(untagged)]
enum Flag {
    Bool(bool),
    Number(f64),
}

impl Flag {
    fn is_complete(&self) -> bool {
        match self {
            Self::Bool(complete) => *complete,
            Self::Number(share) => *share >= 1.0,
        }
    }
}

impl OpenEdx {
    /// How far the signed-in account has got. Calls `GET /api/course_home/v1/progress/{course}`. Figures lag an
    /// answer by the platform's task queue.
    ///
    /// # Errors
    /// `NotEnrolled`; `NotFound` for an unknown course, and where the course shows no progress page.
    pub async fn progress(&self, course: &CourseId) -> Result<CourseProgress> {
        CourseKey::parse(course)?;
        let route = Route::new("/api/course_home/v1/progress/{course}").id(course);
        self.lms().get(route).operation("progress.mine").resource(course).send_json().await
    }

    /// How far a learner has got, by the account's number. Calls
    /// `GET /api/course_home/v1/progress/{course}/{student}/`, for the course's staff.
    ///
    /// # Errors
    /// As [`Self::progress`]; `NotFound` for who is not of the course's staff.
    pub async fn progress_of(&self, course: &CourseId, user_id: u64) -> Result<CourseProgress> {
        CourseKey::parse(course)?;
        let route = Route::new("/api/course_home/v1/progress/{course}/{student}/").id(course).id(user_id);
        self.lms().get(route).operation("progress.of").resource(course).send_json().await
    }

    /// Says how far blocks are completed, 0 to 1 each: problems say it themselves, text and videos need to be told.
    /// Calls `POST /api/completion/v1/completion-batch`. `None` for oneself; others are for staff.
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent for a number that is not between 0 and 1, a block of another course, or
    /// no key; `PermissionDenied`; `InvalidInput` where the account is not enrolled.
    pub async fn complete(
        &self,
        course: &CourseId,
        user: Option<&UserId>,
        blocks: &[(BlockId, f64)],
    ) -> Result<()> {
        const OPERATION: &str = "progress.complete";
        let key = CourseKey::parse(course)?;
        for (block, share) in blocks {
            if Usage::parse(block.as_str())?.course != key {
                return Err(Error::invalid("a block of another course")
                    .at(Platform::OpenEdx, OPERATION)
                    .on(block));
            }
            if !(0.0..=1.0).contains(share) {
                let error = Error::invalid(format!("{share} is not between 0 and 1"));
                return Err(error.at(Platform::OpenEdx, OPERATION).on(block));
            }
        }
        let own = match user {
            Some(user) => user.to_string(),
            None => self.username().await?,
        };
        let blocks = blocks.iter().map(|(block, share)| (block.as_str(), *share)).collect();
        let body = Batch { username: &own, course_key: course, blocks };
        let request =
            self.lms().request(Method::Post, "/api/completion/v1/completion-batch", Safety::Repeatable);
        request.operation(OPERATION).resource(course).json(&body).send().await.map(drop)
    }

    /// Whether everything in a subsection is completed. Calls
    /// `GET /api/completion/v1/subsection-completion/{user}/{course}/{section}`. `None` for oneself.
    ///
    /// # Errors
    /// `InvalidInput` for what is no usage key; `NotFound`; `PermissionDenied` for others' without staff rights.
    pub async fn is_complete(&self, section: &BlockId, user: Option<&UserId>) -> Result<bool> {
        let course = Usage::parse(section.as_str())?.course.id();
        let user = match user {
            Some(user) => user.to_string(),
            None => self.username().await?,
        };
        let route = Route::new("/api/completion/v1/subsection-completion/{user}/{course}/{section}");
        let request = self.lms().get(route.id(user).id(course).id(section));
        let found: Completion = request.operation("progress.section").resource(section).send_json().await?;
        Ok(found.completion.is_complete())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_not_the_whole() {
        for (said, is) in
            [("true", true), ("false", false), ("1", true), ("1.0", true), ("0", false), ("0.5", false)]
        {
            let found: Completion =
                serde_json::from_str(&format!(r#"{{"completion": {said}}}"#)).expect("an answer");
            assert_eq!(found.completion.is_complete(), is, "{said}");
        }
    }
}
