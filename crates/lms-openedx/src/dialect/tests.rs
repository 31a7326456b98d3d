//! Answers in the shapes of the reference (openedx.md 1.2 to 1.6, 3) and what they are read as. The texts are
//! ours.

use lms_core::ErrorKind;
use lms_http::Dialect;
use lms_http::testing::Recorded;

use super::OpenEdxDialect;

const PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Page not found</title></head><body><h1>Sorry</h1></body></html>";

/// What an answer is read as.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Read {
    Success,
    Error(ErrorKind),
}

use Read::{Error, Success};

/// Status, operation, body; what it is; a part of the message.
type Row = (u16, &'static str, &'static str, Read, &'static str);

const TOKENS: &[Row] = &[
    (
        401,
        "oauth.token",
        r#"{"error": "invalid_client"}"#,
        Error(ErrorKind::Unauthenticated),
        "invalid_client",
    ),
    (
        400,
        "oauth.token",
        r#"{"error": "invalid_grant", "error_description": "Wrong name."}"#,
        Error(ErrorKind::Unauthenticated),
        "Wrong name.",
    ),
    (
        400,
        "oauth.token",
        r#"{"error": "unsupported_grant_type"}"#,
        Error(ErrorKind::InvalidInput),
        "unsupported",
    ),
    (
        401,
        "courses.get",
        r#"{"error_code": "token_nonexistent", "developer_message": "No such token."}"#,
        Error(ErrorKind::Unauthenticated),
        "No such token.",
    ),
    (
        401,
        "courses.get",
        r#"{"developer_message": {"error_code": "token_expired", "developer_message": "It ended."}}"#,
        Error(ErrorKind::Unauthenticated),
        "It ended.",
    ),
    (401, "accounts.me", r#"{"detail": "Sign in."}"#, Error(ErrorKind::Unauthenticated), "Sign in."),
];

const SIGN_IN: &[Row] = &[
    (200, "session.sign_in", r#"{"success": true, "redirect_url": null}"#, Success, ""),
    (
        400,
        "session.sign_in",
        r#"{"success": false, "value": "No.", "error_code": "incorrect-email-or-password", "context": {"failure_count": 1}}"#,
        Error(ErrorKind::Unauthenticated),
        "No.",
    ),
    (
        400,
        "session.sign_in",
        r#"{"success": false, "value": "No."}"#,
        Error(ErrorKind::Unauthenticated),
        "No.",
    ),
    (
        400,
        "session.sign_in",
        r#"{"success": false, "value": "Activate it.", "error_code": "inactive-user"}"#,
        Error(ErrorKind::PermissionDenied),
        "Activate it.",
    ),
    (
        400,
        "session.sign_in",
        r#"{"success": false, "value": "Wait.", "error_code": "account-locked-out"}"#,
        Error(ErrorKind::RateLimited),
        "Wait.",
    ),
    (
        403,
        "enrollments.unenroll",
        r#"{"detail": "CSRF Failed: no token."}"#,
        Error(ErrorKind::PermissionDenied),
        "CSRF",
    ),
    (403, "submissions.submit", "Unauthenticated", Error(ErrorKind::Unauthenticated), "sign in"),
];

const VIEWS: &[Row] = &[
    (403, "courses.list", r#"{"detail": "Not yours."}"#, Error(ErrorKind::PermissionDenied), "Not yours."),
    (404, "courses.get", r#"{"developer_message": "No course."}"#, Error(ErrorKind::NotFound), "No course."),
    (404, "accounts.get", "", Error(ErrorKind::NotFound), ""),
    (404, "tasks.get", PAGE, Error(ErrorKind::NotFound), "Page not found"),
    (500, "courses.blocks", PAGE, Error(ErrorKind::Unavailable), ""),
    (502, "courses.list", "<html><body>Bad Gateway</body></html>", Error(ErrorKind::Unavailable), ""),
    (503, "courses.list", "", Error(ErrorKind::Unavailable), ""),
    (
        400,
        "courses.blocks",
        r#"{"field_errors": {"depth": {"developer_message": "Not a depth."}}}"#,
        Error(ErrorKind::InvalidInput),
        "",
    ),
    (
        406,
        "enrollments.enroll",
        r#"{"message": "Nobody is called so."}"#,
        Error(ErrorKind::NotFound),
        "Nobody",
    ),
    (
        400,
        "enrollments.enroll",
        r#"{"message": "No such mode."}"#,
        Error(ErrorKind::InvalidInput),
        "No such mode.",
    ),
    (
        403,
        "enrollments.enroll",
        r#"{"message": "Closed.", "localizedMessage": "Zu."}"#,
        Error(ErrorKind::PermissionDenied),
        "Closed.",
    ),
    (
        404,
        "grades.mine",
        r#"{"error_code": "user_not_enrolled", "developer_message": "x"}"#,
        Error(ErrorKind::NotEnrolled),
        "x",
    ),
    (
        404,
        "grades.mine",
        r#"{"error_code": "user_does_not_exist", "developer_message": "x"}"#,
        Error(ErrorKind::NotFound),
        "x",
    ),
    (415, "accounts.update", r#"{"detail": "Not this type."}"#, Error(ErrorKind::Protocol), "Not this type."),
    (
        409,
        "registration.register",
        r#"{"email": [{"user_message": "Taken."}], "username_suggestions": ["ann_1"], "error_code": "duplicate-email"}"#,
        Error(ErrorKind::AlreadyExists),
        "",
    ),
];

const STUDIO: &[Row] = &[
    (
        200,
        "authoring.create_course",
        r#"{"ErrMsg": "There is one.", "OrgErrMsg": "x", "CourseErrMsg": "x"}"#,
        Error(ErrorKind::AlreadyExists),
        "There is one.",
    ),
    (
        200,
        "authoring.create_course",
        r#"{"ErrMsg": "Odd name.\n"}"#,
        Error(ErrorKind::InvalidInput),
        "Odd name.",
    ),
    (400, "authoring.finish", r#"{"ErrMsg": "No.", "Stage": -1}"#, Error(ErrorKind::InvalidInput), "No."),
    (
        403,
        "authoring.create_course",
        r#"{"error": "You may not."}"#,
        Error(ErrorKind::PermissionDenied),
        "You may not.",
    ),
    (
        500,
        "authoring.finish",
        r#"{"developer_message": "", "error_code": "internal_error"}"#,
        Error(ErrorKind::Unavailable),
        "",
    ),
    (400, "xblocks.create", r#"{"non_field_errors": ["Wrong key."]}"#, Error(ErrorKind::InvalidInput), ""),
    (200, "authoring.finish", r#"{"state": "Succeeded"}"#, Success, ""),
    (200, "enrollments.get", "", Success, ""),
];

const PROBLEMS: &[Row] = &[
    (200, "submissions.submit", r#"{"success": "correct", "contents": "<div/>"}"#, Success, ""),
    (200, "submissions.submit", r#"{"success": "submitted", "current_score": null}"#, Success, ""),
    (
        200,
        "submissions.submit",
        r#"{"success": "'abc' is no number."}"#,
        Error(ErrorKind::InvalidInput),
        "no number",
    ),
    (
        200,
        "submissions.submit",
        r#"{"success": "Wait 30 seconds.", "html": ""}"#,
        Error(ErrorKind::InvalidInput),
        "Wait",
    ),
];

#[test]
fn every_shape_of_the_reference_is_read() {
    for (status, operation, body, expected, said) in [TOKENS, SIGN_IN, VIEWS, STUDIO, PROBLEMS].concat() {
        let error = OpenEdxDialect.read(&Recorded::new(status, body).answer(operation));
        let read = error.as_ref().map_or(Success, |error| Error(error.kind()));
        assert_eq!(read, expected, "{status} {operation} {body}");
        let message = error.map(|error| error.message().to_owned()).unwrap_or_default();
        assert!(message.contains(said), "{status} {operation} {body}: {message}");
        assert!(!message.contains('<'), "no page is quoted: {message}");
    }
}

#[test]
fn a_redirect_to_the_sign_in_page_means_to_sign_in() {
    for place in ["/login/?next=/export/x", "https://lms.example.org/signin?next=%2Fcourse%2F"] {
        let error = OpenEdxDialect.read(&Recorded::new(302, "").header("Location", place).answer("x"));
        assert_eq!(error.map(|e| e.kind()), Some(ErrorKind::Unauthenticated), "{place}");
    }
    let error = OpenEdxDialect.read(&Recorded::new(302, "").header("Location", "/course/").answer("x"));
    assert_eq!(error.map(|e| e.kind()), Some(ErrorKind::Protocol));
}

#[test]
fn what_means_too_much_is_told_from_what_means_no() {
    let said = r#"{"detail": "Too many. Expected in 42 seconds."}"#;
    let nested = r#"{"developer_message": "Too many. Expected in 7 seconds."}"#;
    let forbidden = r#"{"error_code": "forbidden-request"}"#;
    for (status, operation, body, header, pause) in [
        (429, "courses.list", said, None, Some(Some(42))),
        (429, "courses.list", nested, None, Some(Some(7))),
        (429, "enrollments.enroll", said, Some("3"), Some(Some(3))),
        (429, "oauth.token", PAGE, None, Some(None)),
        (429, "oauth.token", "", None, Some(None)),
        (403, "oauth.token", PAGE, None, Some(None)),
        (403, "oauth.token", r#"{"error": "access_denied"}"#, None, None),
        (403, "registration.validate", PAGE, None, Some(None)),
        (403, "registration.register", forbidden, None, Some(None)),
        (403, "registration.register", r#"{"detail": "Closed."}"#, None, None),
        (403, "registration.register", PAGE, None, None),
        (403, "courses.list", PAGE, None, None),
        (503, "courses.list", PAGE, Some("5"), None),
        (200, "courses.list", "{}", None, None),
    ] {
        let mut answer = Recorded::new(status, body);
        if let Some(seconds) = header {
            answer = answer.header("Retry-After", seconds);
        }
        let read = OpenEdxDialect.throttled(&answer.answer(operation));
        assert_eq!(read.map(|p| p.map(|p| p.as_secs())), pause, "{status} {operation} {body}");
    }
}

#[test]
fn complaints_are_kept_by_field() {
    let fields = |status, body: &str| {
        let error = OpenEdxDialect.read(&Recorded::new(status, body).answer("x")).expect("an error");
        error.fields().iter().map(|(field, said)| format!("{field}={said}")).collect::<Vec<_>>()
    };
    let taken = r#"{"email": [{"user_message": "Taken."}], "username_suggestions": ["ann_1"], "error_code": "duplicate-email"}"#;
    assert_eq!(fields(409, taken), ["email=Taken."]);
    assert_eq!(fields(400, r#"{"courses": ["No key.", "None."]}"#), ["courses=No key. None."]);
    assert_eq!(fields(400, r#"{"field_errors": {"depth": {"developer_message": "No."}}}"#), ["depth=No."]);
    let both = r#"{"field_errors": {"name": {"developer_message": "E12", "user_message": "Too long."}}}"#;
    assert_eq!(fields(400, both), ["name=Too long."]);
}
