//! What Studio itself finds unfinished in a course (reference openedx.md 3.17).

use lms_core::{BlockId, CourseId, Result};
use lms_http::Route;
use serde::Deserialize;

use crate::OpenEdx;
use crate::keys::CourseKey;

/// Studio's checklist of a course.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct CourseValidation {
    /// Whether learners go at their own pace.
    #[serde(rename = "is_self_paced")]
    pub self_paced: bool,
    /// Which dates are set.
    pub dates: ValidatedDates,
    /// Its assignments.
    pub assignments: ValidatedAssignments,
    /// Its grading policy.
    pub grades: ValidatedGrades,
    /// Its certificates.
    pub certificates: ValidatedCertificates,
    /// Its updates.
    pub updates: ValidatedUpdates,
}

/// Which dates of a course are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ValidatedDates {
    /// When it begins.
    #[serde(rename = "has_start_date")]
    pub start: bool,
    /// When it ends.
    #[serde(rename = "has_end_date")]
    pub end: bool,
}

/// A course's assignments.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ValidatedAssignments {
    /// How many there are.
    #[serde(rename = "total_number")]
    pub total: u64,
    /// How many of them learners see.
    #[serde(rename = "total_visible")]
    pub visible: u64,
    /// Those that are due before the course begins.
    #[serde(rename = "assignments_with_dates_before_start", default)]
    pub before_start: Vec<DatedBlock>,
    /// Those that are due after it has ended.
    #[serde(rename = "assignments_with_dates_after_end", default)]
    pub after_end: Vec<DatedBlock>,
}

/// A block whose date does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct DatedBlock {
    /// Its usage key.
    pub id: BlockId,
    /// Its title.
    #[serde(rename = "display_name", default)]
    pub title: String,
}

/// A course's grading policy.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ValidatedGrades {
    /// Whether it has one of its own.
    #[serde(rename = "has_grading_policy")]
    pub has_policy: bool,
    /// The sum of the weights; 1 where the policy is whole.
    #[serde(rename = "sum_of_weights")]
    pub weights: f64,
}

/// A course's certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ValidatedCertificates {
    /// Whether the course may have them.
    #[serde(rename = "is_enabled", default)]
    pub enabled: bool,
    /// Whether one is drawn up.
    #[serde(rename = "has_certificate")]
    pub drawn_up: bool,
    /// Whether it is given out.
    #[serde(rename = "is_activated")]
    pub activated: bool,
}

/// A course's updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ValidatedUpdates {
    /// Whether there is any.
    #[serde(rename = "has_update")]
    pub any: bool,
}

impl OpenEdx {
    /// What Studio's own checklist says of a course: dates, due dates outside of them, weights. It looks at what is there,
    /// after an import; what an archive would lose, [`crate::OlxArchive::check`] says before. Calls
    /// `GET /api/courses/v1/validation/{course}/?all=true`, for the course's authors.
    ///
    /// # Errors
    /// `InvalidInput` for what is no course key, unsent; `PermissionDenied`; `NotFound`.
    pub async fn course_validation(&self, course: &CourseId) -> Result<CourseValidation> {
        CourseKey::parse(course)?;
        let request = self.studio()?.get(Route::new("/api/courses/v1/validation/{course}/").id(course));
        request.query("all", "true").operation("studio.validation").resource(course).send_json().await
    }
}
