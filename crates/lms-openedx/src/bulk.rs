//! Many people at once (reference openedx.md 3.5).

use std::collections::BTreeMap;
use std::sync::Arc;

use lms_core::{CourseId, Cursor, Error, ErrorKind, Page, Paged, Platform, Result};
use lms_http::{Method, Safety};
use serde::{Deserialize, Serialize};

use crate::OpenEdx;

pub(crate) const OPERATION: &str = "enrollments.bulk";

/// What is to be done with all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkAction {
    /// They are enrolled; who has no account is enrolled at registration, if `auto_enroll` says so.
    #[default]
    Enroll,
    /// They are taken out, and out of the list of those who wait.
    Unenroll,
}

/// How many are enrolled or taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkOptions {
    /// What is to be done.
    pub action: BulkAction,
    /// Whether an address without account is enrolled when it registers; without, it is merely allowed to.
    pub auto_enroll: bool,
    /// Whether the platform writes to them.
    pub email_students: bool,
    /// The cohort of the course they are put into; only when enrolling.
    pub cohort: Option<String>,
    /// How many go into one request; 0 counts as 1. 100 by default: the platform works through them while the
    /// request waits.
    pub chunk: usize,
    /// Where to go on: the cursor of the last page that came.
    pub from: Option<Cursor>,
}

impl Default for BulkOptions {
    /// Enroll, write to nobody, 100 a request.
    fn default() -> Self {
        let action = BulkAction::default();
        Self { action, auto_enroll: false, email_students: false, cohort: None, chunk: 100, from: None }
    }
}

/// How somebody stands in a course.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[non_exhaustive]
pub struct Standing {
    /// Enrolled.
    #[serde(default)]
    pub enrollment: bool,
    /// To be enrolled at registration.
    #[serde(default)]
    pub auto_enroll: bool,
    /// Has an account.
    #[serde(default)]
    pub user: bool,
    /// May enroll although the course is by invitation.
    #[serde(default)]
    pub allowed: bool,
    /// The cohort, where one was asked for.
    #[serde(default)]
    pub cohort: Option<String>,
}

/// What came of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkResult {
    /// It was done, or stood so before.
    Done {
        /// How it was.
        before: Standing,
        /// How it is.
        after: Standing,
    },
    /// Neither an address nor the name of an account.
    Unknown,
    /// The platform failed at this row and does not say why.
    Failed,
}

/// One row and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkRow {
    /// The number of the row, from 0.
    pub row: usize,
    /// The address or user name.
    pub who: String,
    /// What came of it.
    pub result: BulkResult,
}

#[derive(Serialize)]
struct Body<'a> {
    action: BulkAction,
    /// Texts with commas: of a list only the first element counts (reference openedx.md 3.5).
    courses: &'a str,
    identifiers: String,
    auto_enroll: bool,
    email_students: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cohorts: Option<&'a str>,
}

impl<'a> Body<'a> {
    fn of(course: &'a CourseId, chunk: &[String], options: &'a BulkOptions) -> Self {
        Self {
            action: options.action,
            courses: course.as_str(),
            identifiers: chunk.join(","),
            auto_enroll: options.auto_enroll,
            email_students: options.email_students,
            cohorts: options.cohort.as_deref(),
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    courses: BTreeMap<String, OfCourse>,
}

#[derive(Deserialize)]
struct OfCourse {
    results: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    identifier: String,
    #[serde(default)]
    before: Option<Standing>,
    #[serde(default)]
    after: Option<Standing>,
    #[serde(rename = "invalidIdentifier", default)]
    invalid: bool,
}

impl OpenEdx {
    /// Enrolls many in a course, or takes them out, by address or user name; for staff. Calls
    /// `POST /api/bulk_enroll/v1/bulk_enroll` for each hundred, as the pages are asked for, at the pace that
    /// the platform allows ([`crate::Throttled`]); [`lms_core::LmsProvider::planned`] of `enrollments.bulk`
    /// with the number of requests says how long that takes.
    ///
    /// Every row has an outcome. A listing that ends with an error has told all rows before it; it goes on with
    /// the last cursor in [`BulkOptions::from`]. Doing a row twice changes nothing, so nothing is lost by that.
    ///
    /// ```
    /// # use lms_emulator::{Options, openedx::OpenEdxEmulator};
    /// # use lms_openedx::{OpenEdxBuilder, OpenEdxKey};
    /// use lms_openedx::{BulkOptions, BulkResult};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let load = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/courses/openedx").into()];
    /// # let server = OpenEdxEmulator::start(Options { load, ..Options::default() }).await?;
    /// # let who = server.credentials();
    /// # let edx = OpenEdxBuilder::new()
    /// #     .with_option(OpenEdxKey::LmsUrl, &who.lms_url)
    /// #     .with_option(OpenEdxKey::ClientId, &who.client_id)
    /// #     .with_option(OpenEdxKey::ClientSecret, &who.client_secret)
    /// #     .build()?;
    /// # let course = "course-v1:Example+ONE+demo".into();
    /// let people = ["learner", "new@example.org", "nobody"].map(str::to_owned);
    /// let rows = edx.bulk_enroll(&course, people, BulkOptions::default())?.all().await?;
    /// assert!(matches!(&rows[0].result, BulkResult::Done { after, .. } if after.enrollment));
    /// assert!(matches!(&rows[1].result, BulkResult::Done { after, .. } if after.allowed && !after.user));
    /// assert_eq!(rows[2].result, BulkResult::Unknown);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput`, before anything is sent, with the number of each row that is empty or holds a comma or a
    /// line end, which would make it several. The pages bring what the requests give.
    pub fn bulk_enroll(
        &self,
        course: &CourseId,
        who: impl IntoIterator<Item = String>,
        options: BulkOptions,
    ) -> Result<Paged<BulkRow>> {
        let rows: Arc<[String]> = who.into_iter().map(|row| row.trim().to_owned()).collect();
        let odd = |row: &str| row.is_empty() || row.contains([',', '\n', '\r']);
        let mut wrong = rows.iter().enumerate().filter(|(_, row)| odd(row)).peekable();
        if wrong.peek().is_some() {
            let error =
                Error::invalid("rows that are empty or would be several").at(Platform::OpenEdx, OPERATION);
            return Err(
                wrong.fold(error, |error, (n, _)| error.with_field(format!("row {n}"), "not one name"))
            );
        }
        if options.cohort.is_some() && options.action == BulkAction::Unenroll {
            return Err(Error::unsupported(Platform::OpenEdx, "enrollments.bulk: a cohort when unenrolling"));
        }
        let (site, course, from) = (self.clone(), course.clone(), options.from.clone());
        Ok(Paged::new(from, move |at| {
            let (site, course, rows, options) =
                (site.clone(), course.clone(), Arc::clone(&rows), options.clone());
            async move {
                let first = position(at.as_ref(), rows.len())?;
                let last = first.saturating_add(options.chunk.max(1)).min(rows.len());
                let chunk = rows.get(first..last).unwrap_or_default();
                let items = if chunk.is_empty() {
                    Vec::new()
                } else {
                    site.bulk_chunk(&course, first, chunk, &options).await?
                };
                let next = (last < rows.len()).then(|| Cursor::new(last.to_string()));
                Ok(Page { items, next, total: Some(rows.len() as u64) })
            }
        }))
    }

    async fn bulk_chunk(
        &self,
        course: &CourseId,
        first: usize,
        chunk: &[String],
        options: &BulkOptions,
    ) -> Result<Vec<BulkRow>> {
        let body = Body::of(course, chunk, options);
        // Without a slash at the end: some releases know the path so only.
        let answer: Answer = self
            .lms()
            .request(Method::Post, "/api/bulk_enroll/v1/bulk_enroll", Safety::Repeatable)
            .operation(OPERATION)
            .resource(course)
            .json(&body)
            .send_json()
            .await?;
        outcomes(answer, first, chunk).ok_or_else(|| {
            let message = "the platform does not answer row by row; what came of these is not known";
            Error::new(ErrorKind::OutcomeUnknown, message).at(Platform::OpenEdx, OPERATION).on(course)
        })
    }
}

/// What came of each row of a chunk; `None` where the platform does not answer row by row.
fn outcomes(answer: Answer, first: usize, chunk: &[String]) -> Option<Vec<BulkRow>> {
    let results = answer.courses.into_iter().next().map(|(_, of)| of.results).unwrap_or_default();
    let same = results.len() == chunk.len()
        && results.iter().zip(chunk).all(|(result, row)| result.identifier.trim() == row);
    if !same {
        return None;
    }
    let told = |row: Row| match (row.invalid, row.before, row.after) {
        (true, ..) => BulkResult::Unknown,
        (false, Some(before), Some(after)) => BulkResult::Done { before, after },
        _ => BulkResult::Failed,
    };
    let rows = results.into_iter().zip(first..).zip(chunk);
    Some(rows.map(|((result, row), who)| BulkRow { row, who: who.clone(), result: told(result) }).collect())
}

fn position(at: Option<&Cursor>, rows: usize) -> Result<usize> {
    let Some(at) = at else { return Ok(0) };
    at.as_str().parse().ok().filter(|n| *n <= rows).ok_or_else(|| {
        Error::invalid("no place in these rows").at(Platform::OpenEdx, OPERATION).on(at.as_str())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_option_is_sent() {
        let sent = |options: BulkOptions| {
            let course = CourseId::from("course-v1:o+c+r");
            let rows = ["ann".to_owned(), "b@x.test".to_owned()];
            serde_json::to_value(Body::of(&course, &rows, &options)).expect("JSON")
        };
        assert_eq!(
            sent(BulkOptions::default()),
            json!({"action": "enroll", "courses": "course-v1:o+c+r", "identifiers": "ann,b@x.test",
                "auto_enroll": false, "email_students": false})
        );
        let auto = BulkOptions { auto_enroll: true, cohort: Some("blue".into()), ..BulkOptions::default() };
        let auto = sent(auto);
        assert_eq!((&auto["auto_enroll"], &auto["cohorts"]), (&json!(true), &json!("blue")));
        let mail =
            BulkOptions { email_students: true, action: BulkAction::Unenroll, ..BulkOptions::default() };
        let mail = sent(mail);
        assert_eq!((&mail["email_students"], &mail["action"]), (&json!(true), &json!("unenroll")));
    }

    #[test]
    fn every_row_has_its_own_outcome_or_none_has() {
        let standing = |enrollment| json!({"enrollment": enrollment, "user": true});
        let results = json!([
            {"identifier": "ann", "before": standing(false), "after": standing(true)},
            {"identifier": "nobody", "invalidIdentifier": true},
            {"identifier": "eve", "error": true},
        ]);
        let outcomes = |rows: &[&str]| {
            let answer = json!({"courses": {"course-v1:o+c+r": {"results": results}}});
            let rows: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
            outcomes(serde_json::from_value(answer).expect("an answer"), 7, &rows)
        };
        let found = outcomes(&["ann", "nobody", "eve"]).expect("row by row");
        assert_eq!(found.iter().map(|row| row.row).collect::<Vec<_>>(), [7, 8, 9]);
        assert!(
            matches!(&found[0].result, BulkResult::Done { before, after } if !before.enrollment && after.enrollment)
        );
        assert_eq!((&found[1].result, &found[2].result), (&BulkResult::Unknown, &BulkResult::Failed));
        assert_eq!(outcomes(&["ann", "eve", "nobody"]), None, "another order");
        assert_eq!(outcomes(&["ann", "nobody"]), None, "another number");
    }
}
