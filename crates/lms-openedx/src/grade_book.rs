//! Marks beyond a course's total: the grade book, the policy, marks set by hand (reference openedx.md 3.9).

use std::collections::BTreeMap;

use lms_core::{
    BlockId, CourseId, Cursor, Error, Grade, GradingCategory, GradingPolicy, Paged, Platform, Result, UserId,
};
use lms_http::{Method, Route, Safety};
use serde::{Deserialize, Serialize};

use crate::OpenEdx;
use crate::keys::{CourseKey, Usage};
use crate::page::cursor;

/// Whose rows of the grade book to list. Default is everybody.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct GradeBookQuery {
    /// A part of the user name or e-mail address.
    pub user_contains: Option<String>,
    /// Only members of the cohort with this number.
    pub cohort: Option<u64>,
    /// Only enrollments of this mode: `audit`.
    pub mode: Option<String>,
    /// The least share of the course's mark, 0 to 1.
    pub at_least: Option<f64>,
    /// The greatest share of the course's mark, 0 to 1.
    pub at_most: Option<f64>,
    /// How many rows a page has; the site's default where it is `None`.
    pub page_size: Option<u32>,
    /// Where to begin; `None` for the beginning.
    pub from: Option<Cursor>,
}

/// A learner's row of the grade book.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct GradeBookRow {
    /// The account's number, which marks are set by.
    pub user_id: u64,
    /// The user name.
    #[serde(rename = "username")]
    pub user: UserId,
    /// The share of the course's mark, 0 to 1.
    #[serde(rename = "percent")]
    pub share: f64,
    /// The graded subsections, in order.
    #[serde(rename = "section_breakdown", default)]
    pub sections: Vec<SectionGrade>,
}

/// The mark for one graded subsection.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct SectionGrade {
    /// Whether anything was answered.
    #[serde(default)]
    pub attempted: bool,
    /// Its assignment type: `Homework`.
    #[serde(default)]
    pub category: Option<String>,
    /// Its column: `HW 01`.
    #[serde(default)]
    pub label: Option<String>,
    /// The sequential.
    #[serde(rename = "module_id")]
    pub section: BlockId,
    /// Its title.
    #[serde(rename = "subsection_name", default)]
    pub title: Option<String>,
    /// The share, 0 to 1, rounded to whole percents.
    #[serde(rename = "percent")]
    pub share: f64,
    /// Points earned.
    #[serde(rename = "score_earned", default)]
    pub earned: Option<f64>,
    /// Points there are.
    #[serde(rename = "score_possible", default)]
    pub possible: Option<f64>,
}

/// A mark to be set by hand.
#[derive(Debug, Clone, PartialEq)]
pub struct GradeOverride {
    /// Whose, by number ([`GradeBookRow::user_id`]).
    pub user_id: u64,
    /// For which sequential.
    pub section: BlockId,
    /// Points earned.
    pub earned: f64,
    /// Points there are.
    pub possible: f64,
    /// Why, for the history.
    pub comment: Option<String>,
}

/// What came of one mark set by hand.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct OverrideOutcome {
    /// Whose.
    pub user_id: u64,
    /// For which sequential.
    #[serde(rename = "usage_id")]
    pub section: BlockId,
    /// Whether it stands now.
    pub success: bool,
    /// Why not.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What a learner has reached in a subsection, and what was set in its place.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct SubsectionGrade {
    /// What the answers gave.
    #[serde(rename = "original_grade")]
    pub original: SubsectionPoints,
    /// What was set by hand.
    #[serde(rename = "override", default)]
    pub set: Option<SetPoints>,
}

/// Points of a subsection.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct SubsectionPoints {
    /// Earned in what is graded.
    pub earned_graded: f64,
    /// There are in what is graded.
    pub possible_graded: f64,
    /// Earned in all of it.
    pub earned_all: f64,
    /// There are in all of it.
    pub possible_all: f64,
}

/// Points that were set by hand; `None` where one was not.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct SetPoints {
    /// Earned in what is graded.
    #[serde(rename = "earned_graded_override", default)]
    pub earned_graded: Option<f64>,
    /// There are in what is graded.
    #[serde(rename = "possible_graded_override", default)]
    pub possible_graded: Option<f64>,
}

#[derive(Deserialize)]
struct PolicyEntry {
    assignment_type: String,
    #[serde(default)]
    count: u32,
    #[serde(default)]
    dropped: u32,
    #[serde(default)]
    weight: f64,
}

impl From<PolicyEntry> for GradingCategory {
    fn from(entry: PolicyEntry) -> Self {
        let PolicyEntry { assignment_type, count, dropped, weight } = entry;
        Self { name: assignment_type, short_label: None, weight, count, drop: dropped }
    }
}

#[derive(Deserialize)]
struct InfoType {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    short_label: Option<String>,
    #[serde(default)]
    min_count: u32,
    #[serde(default)]
    drop_count: u32,
    #[serde(default)]
    weight: f64,
}

#[derive(Deserialize)]
struct Info {
    assignment_types: BTreeMap<String, InfoType>,
    #[serde(default)]
    grade_cutoffs: BTreeMap<String, f64>,
}

#[derive(Serialize)]
struct Change<'a> {
    user_id: u64,
    usage_id: &'a BlockId,
    grade: ChangedGrade<'a>,
}

#[derive(Serialize)]
struct ChangedGrade<'a> {
    earned_all_override: f64,
    possible_all_override: f64,
    earned_graded_override: f64,
    possible_graded_override: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
}

fn book(course: &CourseId) -> Route {
    Route::new("/api/grades/v1/gradebook/{course}/").id(course)
}

impl OpenEdx {
    /// What one learner has reached. Calls `GET /api/grades/v1/courses/{course}/?username=`; others' marks are for
    /// the course's staff.
    ///
    /// # Errors
    /// `NotEnrolled`; `NotFound` for an unknown course or account; `PermissionDenied`.
    pub async fn grade_of(&self, course: &CourseId, user: &UserId) -> Result<Grade> {
        self.one_grade(course, user.as_str(), "grades.of").await
    }

    /// What counts in a course, and how much. Calls `GET /api/grades/v1/policy/courses/{course}/`, for the course's
    /// staff. Names of marks are not in it: [`Self::grading_info`] has them.
    ///
    /// # Errors
    /// `PermissionDenied`, `NotFound`, `InvalidInput` for what is no course key.
    pub async fn grading_policy(&self, course: &CourseId) -> Result<Vec<GradingCategory>> {
        CourseKey::parse(course)?;
        let entries: Vec<PolicyEntry> = self
            .lms()
            .get(Route::new("/api/grades/v1/policy/courses/{course}/").id(course))
            .operation("grades.policy")
            .resource(course)
            .send_json()
            .await?;
        Ok(entries.into_iter().map(GradingCategory::from).collect())
    }

    /// What counts, with labels and the names of marks. Calls `GET /api/grades/v1/gradebook/{course}/grading-info`,
    /// on sites whose grade book may be written to.
    ///
    /// # Errors
    /// `PermissionDenied` where the site has no such grade book, or the account no part in the course.
    pub async fn grading_info(&self, course: &CourseId) -> Result<GradingPolicy> {
        CourseKey::parse(course)?;
        let info: Info = self
            .lms()
            .get(Route::new("/api/grades/v1/gradebook/{course}/grading-info").id(course))
            .query("graded_only", "true")
            .operation("grades.info")
            .resource(course)
            .send_json()
            .await?;
        let category = |entry: InfoType| GradingCategory {
            name: entry.kind,
            short_label: entry.short_label,
            weight: entry.weight,
            count: entry.min_count,
            drop: entry.drop_count,
        };
        let mut cutoffs: Vec<(String, f64)> = info.grade_cutoffs.into_iter().collect();
        cutoffs.sort_by(|a, b| b.1.total_cmp(&a.1));
        Ok(GradingPolicy { categories: info.assignment_types.into_values().map(category).collect(), cutoffs })
    }

    /// The grade book: each learner's mark for each graded subsection. Calls
    /// `GET /api/grades/v1/gradebook/{course}/`, page after page.
    ///
    /// # Errors
    /// `InvalidInput` at once for a share that is not between 0 and 1; `PermissionDenied` when it is read by
    /// somebody who is not of the course's staff, or on a site without this grade book.
    pub fn grade_book(&self, course: &CourseId, query: GradeBookQuery) -> Result<Paged<GradeBookRow>> {
        const OPERATION: &str = "grades.book";
        CourseKey::parse(course)?;
        let GradeBookQuery { user_contains, cohort, mode, at_least, at_most, page_size, from } = query;
        let mut filters: Vec<(&'static str, String)> = Vec::new();
        filters.extend(user_contains.map(|part| ("user_contains", part)));
        filters.extend(cohort.map(|id| ("cohort_id", id.to_string())));
        filters.extend(mode.map(|mode| ("enrollment_mode", mode)));
        filters.extend(page_size.map(|size| ("page_size", size.to_string())));
        for (name, share) in [("course_grade_min", at_least), ("course_grade_max", at_most)] {
            let Some(share) = share else { continue };
            if !(0.0..=1.0).contains(&share) {
                let error = Error::invalid("a share of the mark lies between 0 and 1");
                return Err(error.at(Platform::OpenEdx, OPERATION).with_field(name, share.to_string()));
            }
            filters.push((name, (share * 100.0).to_string()));
        }
        let (site, course) = (self.clone(), course.clone());
        let first = move || {
            let request = site.lms().get(book(&course)).operation(OPERATION).resource(&course);
            let request = filters.iter().fold(request, |request, (name, value)| request.query(name, value));
            async move { Ok(request) }
        };
        Ok(cursor().list(from, first))
    }

    /// One learner's row of the grade book. Calls `GET /api/grades/v1/gradebook/{course}/?username=`.
    ///
    /// # Errors
    /// As [`Self::grade_book`], and `NotEnrolled`.
    pub async fn grade_book_of(&self, course: &CourseId, user: &UserId) -> Result<GradeBookRow> {
        CourseKey::parse(course)?;
        let request = self.lms().get(book(course)).query("username", user);
        request.operation("grades.book").resource(course).send_json().await
    }

    /// Sets marks by hand; each row has its outcome. Calls `POST /api/grades/v1/gradebook/{course}/bulk-update`. To
    /// set the same mark again changes nothing, so a lost answer is asked for again.
    ///
    /// # Errors
    /// `PermissionDenied`, also where the marks are frozen.
    pub async fn set_grades(
        &self,
        course: &CourseId,
        grades: &[GradeOverride],
    ) -> Result<Vec<OverrideOutcome>> {
        CourseKey::parse(course)?;
        if grades.is_empty() {
            return Ok(Vec::new());
        }
        let changes: Vec<Change<'_>> = grades
            .iter()
            .map(|set| Change {
                user_id: set.user_id,
                usage_id: &set.section,
                grade: ChangedGrade {
                    earned_all_override: set.earned,
                    possible_all_override: set.possible,
                    earned_graded_override: set.earned,
                    possible_graded_override: set.possible,
                    comment: set.comment.as_deref(),
                },
            })
            .collect();
        let route = Route::new("/api/grades/v1/gradebook/{course}/bulk-update").id(course);
        // 422 says that some rows failed, and which.
        let request = self.lms().request(Method::Post, route, Safety::Repeatable).expect(&[422]);
        request.operation("grades.set").resource(course).json(&changes).send_json().await
    }

    /// A learner's points in one subsection. Calls `GET /api/grades/v1/subsection/{section}/?user_id=`.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`, `InvalidInput` for what is no usage key.
    pub async fn subsection_grade(&self, section: &BlockId, user_id: u64) -> Result<SubsectionGrade> {
        Usage::parse(section.as_str())?;
        let route = Route::new("/api/grades/v1/subsection/{section}/").id(section);
        let request = self.lms().get(route).query("user_id", user_id);
        request.operation("grades.subsection").resource(section).send_json().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_keeps_its_counts() {
        let entry = r#"{"assignment_type": "Homework", "count": 12, "dropped": 2, "weight": 0.15}"#;
        let category = GradingCategory::from(serde_json::from_str::<PolicyEntry>(entry).expect("an entry"));
        assert_eq!((category.name.as_str(), category.count, category.drop), ("Homework", 12, 2));
        assert_eq!((category.weight, category.short_label), (0.15, None));
    }
}
