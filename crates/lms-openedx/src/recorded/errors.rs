//! What is an error, and which.

use std::collections::{BTreeMap, BTreeSet};

use lms_core::ErrorKind;
use lms_http::Dialect;
use lms_http::testing::Recorded;

use super::records;
use crate::dialect::OpenEdxDialect;

/// What is an error, and of which kind. Whatever is not named is a success.
pub(super) const ERRORS: &[(ErrorKind, &[&str])] = &[
    (
        ErrorKind::Unauthenticated,
        &[
            "enrollment: list, none",
            "oauth: unknown client",
            "oauth: wrong password",
            "oauth: wrong secret",
            "oauth: refresh used twice",
            "problems: check, anonymous",
            "session: login, wrong password",
            "studio-import: anonymous",
            "users: me, bad bearer",
            "users: me, bad jwt",
            "users: me, bearer without value",
            "users: me, none",
        ],
    ),
    (
        ErrorKind::PermissionDenied,
        &[
            "blocks: all_blocks as learner",
            "blocks: another user",
            "blocks: no credentials",
            // The platform does not tell one that is not there from one that may not be seen.
            "blocks: unknown course",
            "completion: batch, other user",
            "courses: list, another user",
            "courses: list, unknown user, anonymous",
            "enrollment: admin list as learner",
            "enrollment: mode not offered",
            "grades: all grades as learner",
            "grades: all grades as staff",
            "problems: check, session without CSRF",
            "studio-import: as learner",
            "studio: create as learner",
        ],
    ),
    (
        ErrorKind::NotFound,
        &[
            "courses: detail, bad key",
            "courses: detail, unknown course",
            "courses: list, page is a word",
            "courses: list, page past the end",
            "enrollment: enroll someone else",
            "home: progress",
            "misc: unknown API",
            "problems: malformed usage key",
            "problems: unknown block",
            "problems: unknown handler",
            "users: account unknown",
            "xblock: of a unit, anonymous",
        ],
    ),
    (
        ErrorKind::InvalidInput,
        &[
            "blocks: bad course key",
            "blocks: bad depth",
            "blocks: no course",
            "blocks: no username",
            "completion: batch, bad value",
            "enrollment: course details, unknown",
            "enrollment: enroll, bad key",
            "enrollment: enroll, no course",
            "enrollment: enroll, unknown course",
            "oauth: no grant",
            "oauth: unsupported grant",
            "problems: check blank: Annotation Problem",
            "problems: check blank: Design a Logic Gate",
            "problems: check shown answers: Annotation Problem",
            "problems: check shown answers: Design a Logic Gate",
            "problems: hint",
            "problems: malformed field name",
            "problems: show: Advanced Custom Python-Evaluated Input Problem",
            "problems: show: Annotation Problem",
            "problems: show: Custom JavaScript Display and Grading",
            "problems: show: Design a Logic Gate",
            "problems: show: Medical Scenario",
            "problems: show: Protein Builder",
            "problems: show: Reflection questions",
            "problems: show: Simple Python-Evaluated Input Problem",
            // Sign-in is a form like any other here; `session` makes it `Unauthenticated`.
            "studio: create without fields",
            "studio: olx export api of a block",
        ],
    ),
    (
        ErrorKind::RateLimited,
        &[
            "limits: course list with a user, over the throttle",
            "limits: course list, over the throttle",
            "limits: enrollment, over the throttle",
        ],
    ),
    // A missing slash.
    (ErrorKind::Protocol, &["grades: subsection"]),
    (ErrorKind::Unsupported, &["courses: POST not allowed", "oauth: GET not allowed"]),
    (
        ErrorKind::Unavailable,
        &[
            "blocks: from one unit",
            "blocks: unknown block",
            "misc: heartbeat",
            "studio-import: no file",
            "studio-import: wrong extension",
            "studio: olx export api of an unknown block",
            "studio: quality",
            "studio: status without task",
        ],
    ),
];

#[test]
fn every_recorded_answer_is_read_as_the_error_or_the_success_that_it_is() {
    let Some(records) = records() else { return };
    let kinds: BTreeMap<&str, ErrorKind> =
        ERRORS.iter().flat_map(|(kind, names)| names.iter().map(|name| (*name, *kind))).collect();
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for record in &records {
        let name = &record.name;
        let read = OpenEdxDialect.read(&record.recorded().answer("recorded")).map(|error| error.kind());
        let expected = kinds.get(name.as_str()).copied();
        if read.is_some() {
            met.insert(name.clone());
        }
        if read != expected {
            wrong.push(format!("{name}: {read:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(met.len(), kinds.len(), "a record of the table is not there");
}

#[test]
fn a_throttled_answer_says_how_long_to_wait_with_or_without_the_header() {
    let Some(records) = records() else { return };
    let pauses: Vec<_> = records
        .iter()
        .filter(|record| record.name.starts_with("limits: "))
        .map(|record| OpenEdxDialect.throttled(&record.recorded().answer("recorded")))
        .map(|pause| pause.flatten().map(|pause| pause.as_secs()))
        .collect();
    assert_eq!(pauses.len(), 3);
    assert!(pauses.iter().all(|pause| matches!(pause, Some(1..=60))), "{pauses:?}");
}

#[test]
fn the_complaints_of_a_form_are_kept_by_field() {
    let read = |status, body: &str| OpenEdxDialect.read(&Recorded::new(status, body).answer("x"));
    let error = read(
        409,
        r#"{"email":[{"user_message":"Taken."}],"username_suggestions":["ann_1"],"error_code":"duplicate-email"}"#,
    )
    .expect("an error");
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(error.fields(), [("email".to_owned(), "Taken.".to_owned())]);
    let error =
        read(400, r#"{"field_errors":{"depth":{"developer_message":"Not a depth."}}}"#).expect("an error");
    assert_eq!(error.fields(), [("depth".to_owned(), "Not a depth.".to_owned())]);
    let error = read(200, r#"{"ErrMsg":"It is there.","OrgErrMsg":"Change it."}"#).expect("an error");
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert!(read(200, r#"{"success":true,"redirect_url":null}"#).is_none());
    let moved = Recorded::new(302, "").header("Location", "/login/?next=/export/x");
    let error = OpenEdxDialect.read(&moved.answer("x")).expect("an error");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
}
