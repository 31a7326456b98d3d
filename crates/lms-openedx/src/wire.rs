//! Request and answer bodies. Nothing here leaves the crate.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `GET /api/user/v1/me` (reference openedx.md 3.8).
#[derive(Debug, Deserialize)]
pub(crate) struct Me {
    pub(crate) username: String,
}

/// An account; which fields appear depends on who asks (3.8).
#[derive(Debug, Deserialize)]
pub(crate) struct AccountBody {
    pub(crate) username: String,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) email: Option<String>,
}

/// A course of the list, and its detail (3.1).
#[derive(Debug, Deserialize)]
pub(crate) struct CourseBody {
    pub(crate) id: String,
    /// HTML-escaped, unlike everywhere else.
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) short_description: Option<String>,
    #[serde(default)]
    pub(crate) is_enrolled: Option<bool>,
}

/// `GET /api/courses/v1/blocks/` with `return_type=dict` (3.2).
#[derive(Debug, Deserialize)]
pub(crate) struct Blocks {
    pub(crate) root: String,
    pub(crate) blocks: BTreeMap<String, BlockBody>,
}

/// A block of it. Requested fields that are null are left out.
#[derive(Debug, Deserialize)]
pub(crate) struct BlockBody {
    pub(crate) block_id: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    #[serde(default)]
    pub(crate) children: Vec<String>,
    #[serde(default)]
    pub(crate) weight: Option<f64>,
}

/// An enrollment, in the list of a course or of an account (3.4).
#[derive(Debug, Deserialize)]
pub(crate) struct EnrollmentBody {
    pub(crate) user: String,
    pub(crate) is_active: bool,
    #[serde(default)]
    pub(crate) mode: Option<String>,
    #[serde(default)]
    pub(crate) created: Option<String>,
    #[serde(default)]
    pub(crate) course_id: Option<String>,
    #[serde(default)]
    pub(crate) course_details: Option<EnrolledCourse>,
}

/// The course of an enrollment.
#[derive(Debug, Deserialize)]
pub(crate) struct EnrolledCourse {
    pub(crate) course_id: String,
    #[serde(default)]
    pub(crate) course_name: Option<String>,
}

/// `GET /api/enrollment/v1/course/{id}`: who may enroll, and when.
#[derive(Debug, Deserialize)]
pub(crate) struct Door {
    #[serde(default)]
    pub(crate) invite_only: bool,
    #[serde(default)]
    pub(crate) enrollment_start: Option<String>,
    #[serde(default)]
    pub(crate) enrollment_end: Option<String>,
}

/// `POST /api/enrollment/v1/enrollment`.
#[derive(Debug, Serialize)]
pub(crate) struct Enroll<'a> {
    pub(crate) course_details: EnrollCourse<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mode: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) is_active: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cohort: Option<&'a str>,
}

/// The course to enroll in.
#[derive(Debug, Serialize)]
pub(crate) struct EnrollCourse<'a> {
    pub(crate) course_id: &'a str,
}

/// `POST /api/v1/course_runs/` on Studio (3.13 b).
#[derive(Debug, Serialize)]
pub(crate) struct NewRun<'a> {
    pub(crate) org: &'a str,
    pub(crate) number: &'a str,
    pub(crate) run: &'a str,
    pub(crate) title: &'a str,
    pub(crate) pacing_type: &'a str,
    pub(crate) schedule: RunSchedule,
}

/// `start` and `end` come together.
#[derive(Debug, Serialize)]
pub(crate) struct RunSchedule {
    pub(crate) start: Option<String>,
    pub(crate) end: Option<String>,
}

/// `POST /api/courses/v0/import/{id}/`.
#[derive(Debug, Deserialize)]
pub(crate) struct ImportStarted {
    pub(crate) task_id: String,
}

/// `GET /api/courses/v0/import/{id}/?task_id=…&filename=…`.
#[derive(Debug, Deserialize)]
pub(crate) struct ImportState {
    pub(crate) state: String,
}

/// `GET /import_status/{id}/{filename}`.
#[derive(Debug, Deserialize)]
pub(crate) struct ImportMessage {
    #[serde(rename = "Message", default)]
    pub(crate) message: Option<String>,
}

/// `GET /export_status/{id}`.
#[derive(Debug, Deserialize)]
pub(crate) struct ExportState {
    #[serde(rename = "ExportStatus")]
    pub(crate) status: i64,
    #[serde(rename = "ExportOutput", default)]
    pub(crate) output: Option<String>,
    #[serde(rename = "ExportError", default)]
    pub(crate) error: Option<Value>,
}

/// An answer of a problem's handler (3.10).
#[derive(Debug, Deserialize)]
pub(crate) struct ProblemAnswer {
    /// `correct`, `incorrect`, `submitted`, or a sentence that says why it was refused. `problem_get` has none.
    #[serde(default)]
    pub(crate) success: Option<Value>,
    /// The page, of `problem_check`.
    #[serde(default)]
    pub(crate) contents: Option<String>,
    /// The page, of `problem_get`.
    #[serde(default)]
    pub(crate) html: Option<String>,
    /// Null while correctness is hidden.
    #[serde(default)]
    pub(crate) current_score: Option<f64>,
    #[serde(default)]
    pub(crate) total_possible: Option<f64>,
    #[serde(default)]
    pub(crate) attempts_used: Option<u32>,
}

/// A course grade (3.9).
#[derive(Debug, Deserialize)]
pub(crate) struct GradeBody {
    pub(crate) username: String,
    pub(crate) percent: f64,
    #[serde(default)]
    pub(crate) letter_grade: Option<String>,
    #[serde(default)]
    pub(crate) passed: Option<bool>,
}

/// `POST /api/user/v1/validation/registration` (3.7).
#[derive(Debug, Deserialize)]
pub(crate) struct Decisions {
    pub(crate) validation_decisions: BTreeMap<String, String>,
}
