//! How INGInious says that something went wrong (reference inginious.md 2.4).

use lms_core::{Error, ErrorKind};
use lms_http::{Answer, Dialect, PlainDialect};
use serde_json::{Map, Value};

use crate::page::Page;

/// The operation whose failures on the server mean that nobody is signed in.
pub(crate) const READ_ASSET: &str = "courses.read_asset";
/// The operations that read one submission.
pub(crate) const GET: &str = "submissions.get";
pub(crate) const WAIT: &str = "submissions.wait";

/// Reads by the shape of the body: neither status nor `Content-Type` can be trusted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct InginiousDialect;

impl Dialect for InginiousDialect {
    fn read(&self, answer: &Answer<'_>) -> Option<Error> {
        if (300..400).contains(&answer.status()) {
            return redirect(answer);
        }
        match answer.body().iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => match answer.json() {
                Some(Value::Object(body)) => object(answer, &body),
                _ => PlainDialect.read(answer),
            },
            // A bare string is a definite no: the submission was not taken.
            Some(b'"') if answer.status() >= 400 => match answer.json() {
                Some(Value::String(said)) => Some(Error::new(ErrorKind::Conflict, said)),
                _ => PlainDialect.read(answer),
            },
            Some(b'<') => page(answer),
            _ => PlainDialect.read(answer),
        }
    }
}

/// Pages send those who may not see them elsewhere.
fn redirect(answer: &Answer<'_>) -> Option<Error> {
    let to = answer.header("location").unwrap_or_default();
    Some(elsewhere(to).unwrap_or_else(|| {
        PlainDialect.read(answer).unwrap_or_else(|| Error::new(ErrorKind::Protocol, "an unexpected redirect"))
    }))
}

/// Why a page sends elsewhere, by where it sends to.
pub(crate) fn elsewhere(to: &str) -> Option<Error> {
    if to.contains("/register/") {
        return Some(Error::new(ErrorKind::NotEnrolled, "the account is not registered in this course"));
    }
    to.contains("/preferences/profile").then(|| {
        Error::new(
            ErrorKind::PermissionDenied,
            "the site's terms must be accepted first, on the page of the profile",
        )
    })
}

fn object(answer: &Answer<'_>, body: &Map<String, Value>) -> Option<Error> {
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    if body.get("authenticated") == Some(&Value::Bool(false)) {
        return Some(Error::new(ErrorKind::Unauthenticated, "the site takes us for a guest"));
    }
    if let Some(said) = text("error") {
        return Some(Error::new(kind_of(answer.status(), said), said));
    }
    if body.get("error") == Some(&Value::Bool(true)) {
        let said = text("message").unwrap_or("the platform refused the request");
        return Some(Error::new(ErrorKind::InvalidInput, said));
    }
    if text("status") == Some("error") {
        // The verdict on a submission may be `error`; that is no failure of the request.
        if body.contains_key("result") {
            return None;
        }
        if let Some(said) = text("text").or_else(|| text("message")) {
            return Some(Error::new(refusal(answer, said), said));
        }
        if answer.status() == 403 {
            // An account that is not activated yet cannot be told apart (reference inginious.md 3.3).
            let said = "user name or password is wrong, or the account is not activated";
            return Some(Error::new(ErrorKind::Unauthenticated, said));
        }
    }
    PlainDialect.read(answer)
}

/// The API's own texts are English whatever the user's language.
fn kind_of(status: u16, said: &str) -> ErrorKind {
    match (status, said) {
        (_, "You are not authenticated") => ErrorKind::Unauthenticated,
        (_, "You are not registered to this course") => ErrorKind::NotEnrolled,
        (_, "This endpoint has no such method") => ErrorKind::Unsupported,
        (403, _) => ErrorKind::PermissionDenied,
        (404, _) => ErrorKind::NotFound,
        (500..=599, _) => ErrorKind::Unavailable,
        _ => ErrorKind::InvalidInput,
    }
}

/// What Python says when a list of jobs changes while another thread goes through it. The site passes it on
/// when it stumbles over it while it takes an answer, which it may have stored by then (seen in 0.9.2, once
/// in some hundred answers).
const RACED: &str = "dictionary changed size during iteration";

/// What a task's form refuses. Its texts may be translated, but not the one on waiting answers (seen in
/// 0.9.2); in any language, that one may not send an answer calls itself HTML, and the rest JSON.
fn refusal(answer: &Answer<'_>, said: &str) -> ErrorKind {
    if said == RACED {
        ErrorKind::OutcomeUnknown
    } else if said.contains("already pending") || said.contains("regenerated") {
        ErrorKind::Conflict
    } else if said.contains("not allowed")
        || answer.content_type().is_some_and(|media| media.starts_with("text/html"))
    {
        ErrorKind::PermissionDenied
    } else {
        ErrorKind::InvalidInput
    }
}

fn page(answer: &Answer<'_>) -> Option<Error> {
    let plain = PlainDialect.read(answer);
    let html = String::from_utf8_lossy(answer.body());
    if (200..=299).contains(&answer.status()) && !may_refuse(&html) {
        return plain;
    }
    let page = Page::parse(&html);
    if page.is_sign_in() {
        return Some(Error::new(ErrorKind::Unauthenticated, "the site asks to sign in"));
    }
    let said = page.alert("warning").unwrap_or_else(|| page.title());
    match (answer.status(), answer.operation()) {
        (200..=299, _) if page.is_refusal() => Some(Error::new(ErrorKind::PermissionDenied, said)),
        // Somebody else's, even for staff (reference inginious.md 5.2).
        (500, GET | WAIT) => {
            Some(Error::new(ErrorKind::PermissionDenied, "the submission is somebody else's"))
        }
        // Files fail so for guests, and for those who may not see the course (6.7).
        (500, READ_ASSET) => {
            Some(Error::new(ErrorKind::Unauthenticated, "the site does not hand out the file"))
        }
        (400..=499, _) => plain.map(|plain| Error::new(plain.kind(), said)),
        _ => plain,
    }
}

/// Whether a page has what refusals and sign-in pages have. The page of a course's students names them all, and
/// comes after each that is registered: it is not worth being read as a tree.
fn may_refuse(html: &str) -> bool {
    let has = |words: &str| html.contains(words);
    (has("alert-warning") && has("403")) || has("Forbidden") || (has("login") && has("password"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lms_http::testing::Recorded;

    fn read(recorded: &Recorded, operation: &'static str) -> Option<(ErrorKind, String)> {
        InginiousDialect.read(&recorded.answer(operation)).map(|e| (e.kind(), e.message().to_owned()))
    }

    fn html(title: &str, alert: &str) -> String {
        format!(
            "<!DOCTYPE html>\n<html><head><title>{title} | INGInious</title></head><body>\
             <div class=\"alert alert-warning\" role=\"alert\">{alert}</div></body></html>"
        )
    }

    #[test]
    fn every_shape_of_an_error_is_known() {
        use ErrorKind::*;
        let login =
            "<title>Welcome | INGInious</title><form><input name=\"login\"><input name=\"password\"></form>";
        let stub = "<!doctype html>\n<html lang=en>\n<title>405 Method Not Allowed</title>\n<h1>Method Not Allowed</h1>";
        let bad = "<!doctype html>\n<html lang=en>\n<title>400 Bad Request</title>\n<h1>Bad Request</h1>";
        let dav = |title: &str| {
            format!(
                "<!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4.01//EN'>\n<html><head>\n  <title>{title}</title>\n</head><body>\n  <h1>{title}</h1>\n</body></html>"
            )
        };
        let no_key = "<html>\n    <head><title>401 Access not authorized</title></head>\n    <body>\n        <h1>401 Access not authorized</h1>\n    </body>\n</html>\n";
        let cases: [(u16, &str, &str, ErrorKind); 36] = [
            (403, r#"{"error": "You are not authenticated"}"#, "courses.list", Unauthenticated),
            (403, r#"{"error": "You are not registered to this course"}"#, "tasks.list", NotEnrolled),
            (
                403,
                r#"{"error": "You are not allowed to submit for this task"}"#,
                "submissions.submit",
                PermissionDenied,
            ),
            (404, r#"{"error": "Course not found"}"#, "courses.get", NotFound),
            (400, r#"{"error": "Invalid arguments for this method"}"#, "submissions.submit", InvalidInput),
            (200, r#"{"error": "This endpoint has no such method"}"#, "raw", Unsupported),
            (403, r#"{"status": "error"}"#, "session.sign_in", Unauthenticated),
            (200, r#"{"authenticated": false}"#, "accounts.me", Unauthenticated),
            (500, r#""A submission is already pending for this task!""#, "submissions.submit", Conflict),
            (
                200,
                r#"{"status": "error", "title": "Error", "text": "A submission is already pending for this task!"}"#,
                "submissions.submit",
                Conflict,
            ),
            (
                200,
                r#"{"status": "error", "title": "Error", "text": "dictionary changed size during iteration"}"#,
                "submissions.submit",
                OutcomeUnknown,
            ),
            (
                200,
                r#"{"status": "error", "title": "Error", "text": "You are not allowed to submit for this task."}"#,
                "submissions.submit",
                PermissionDenied,
            ),
            (
                200,
                r#"{"status": "error", "title": "Error", "text": "Your task has been regenerated. This current task is outdated."}"#,
                "submissions.submit",
                Conflict,
            ),
            (
                200,
                r#"{"status": "error", "title": "Error", "text": "Please answer to all the questions"}"#,
                "submissions.submit",
                InvalidInput,
            ),
            (200, r#"{"error": true, "message": "User already exists"}"#, "raw", InvalidInput),
            (
                500,
                &html("Internal error", "<b>Internal error</b> Something bad happened."),
                "courses.list",
                Unavailable,
            ),
            (500, &html("Interner Fehler", "<b>Interner Fehler</b>"), GET, PermissionDenied),
            (
                404,
                &html("Error 404", "<b>Error 404</b> This course doesn't exist."),
                "enrollments.enroll",
                NotFound,
            ),
            (
                403,
                &html("Forbidden", "<b>Forbidden</b> This course is unreachable"),
                "enrollments.list",
                PermissionDenied,
            ),
            (
                200,
                &html("Task unavailable", "<b>Error 403</b> Task unavailable"),
                "submissions.submit",
                PermissionDenied,
            ),
            (200, login, "submissions.submit", Unauthenticated),
            (405, stub, "raw", Unsupported),
            (400, bad, "registration.register", InvalidInput),
            (404, r#"{"error": "Task not found"}"#, "tasks.get", NotFound),
            (404, r#"{"error": "Submission not found"}"#, GET, NotFound),
            (500, &html("Internal error", "<b>Internal error</b>"), READ_ASSET, Unauthenticated),
            (500, &html("Internal error", "<b>Internal error</b>"), "submissions.submit", Unavailable),
            (401, no_key, "authoring.put", Unauthenticated),
            (403, &dav("403 Forbidden"), "authoring.delete", PermissionDenied),
            (404, &dav("404 Not Found"), "authoring.put", NotFound),
            (409, &dav("409 Conflict"), "authoring.put", Conflict),
            (500, "", "courses.list", Unavailable),
            (403, "", "courses.list", PermissionDenied),
            (404, "", "courses.list", NotFound),
            (405, "", "raw", Unsupported),
            (502, "<html><head><title>502 Bad Gateway</title></head></html>", "courses.list", Unavailable),
        ];
        for (status, body, operation, expected) in cases {
            let found = read(&Recorded::new(status, body), operation);
            assert_eq!(found.as_ref().map(|(kind, _)| *kind), Some(expected), "{status} {body}: {found:?}");
        }
    }

    #[test]
    fn what_looks_like_an_error_and_is_none() {
        for body in [
            r#"[{"id": "s", "submitted_on": "2026-11-22 04:12:27", "status": "error"}]"#,
            r#"{"status": "error", "result": "crash", "grade": "0.0", "text": "Environment not available."}"#,
            r#"{"status": "success", "username": "alice"}"#,
            "[]",
            // OPTIONS, and what WebDAV says of a file that was taken.
            "",
        ] {
            assert_eq!(read(&Recorded::new(200, body), "submissions.wait"), None, "{body}");
        }
        assert_eq!(
            read(&Recorded::new(200, html("My courses", "This page lists your courses.")), "courses.list"),
            None
        );
    }

    #[test]
    fn the_form_refuses_in_any_language() {
        let french = r#"{"status": "error", "title": "Erreur", "text": "Non."}"#;
        let said = |media: &str| {
            read(&Recorded::new(200, french).header("Content-Type", media), "submissions.submit").map(|e| e.0)
        };
        assert_eq!(said("text/html; charset=utf-8"), Some(ErrorKind::PermissionDenied));
        assert_eq!(said("application/json"), Some(ErrorKind::InvalidInput));
    }

    #[test]
    fn redirects_tell_what_is_missing() {
        let to = |location: &str| {
            let recorded = Recorded::new(302, "<!doctype html><title>Redirecting...</title>")
                .header("Location", location);
            read(&recorded, "submissions.submit").map(|(kind, _)| kind)
        };
        assert_eq!(to("https://x.example/register/algebra"), Some(ErrorKind::NotEnrolled));
        assert_eq!(to("https://x.example/preferences/profile"), Some(ErrorKind::PermissionDenied));
        assert_eq!(to("https://x.example/mycourses"), Some(ErrorKind::Protocol));
    }

    #[test]
    fn the_page_says_why() {
        let page = Recorded::new(404, html("Error 404", "<b>Error 404</b> This course doesn't exist."));
        let (_, said) = read(&page, "enrollments.enroll").expect("an error");
        assert_eq!(said, "Error 404 This course doesn't exist.");
    }
}
