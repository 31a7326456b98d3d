//! How INGInious says that something went wrong (reference inginious.md 2.4, 5.1).

use lms_core::{Error, ErrorKind};
use lms_http::{Answer, Dialect, PlainDialect};
use serde_json::Value;

/// Reads JSON errors, JSON strings, and the titles of HTML pages, whatever the status says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct InginiousDialect;

impl Dialect for InginiousDialect {
    fn read(&self, answer: &Answer<'_>) -> Option<Error> {
        let status = answer.status();
        match answer.json() {
            Some(Value::Object(body)) => {
                if let Some(said) = body.get("error").and_then(Value::as_str) {
                    return Some(Error::new(api_kind(status, said), said));
                }
                if status == 403 && body.get("status").and_then(Value::as_str) == Some("error") {
                    let why = "the user name or password is wrong, or the account is not activated";
                    return Some(Error::new(ErrorKind::Unauthenticated, why));
                }
            }
            // A bare string: the job cannot be added. It is no outage (reference 5.1).
            Some(Value::String(said)) if status == 500 => return Some(Error::new(ErrorKind::Conflict, said)),
            _ => {}
        }
        let title = answer
            .content_type()
            .is_some_and(|t| t.starts_with("text/html"))
            .then(|| title(answer.body()))
            .flatten();
        match (status, title.as_deref()) {
            (200, Some(title)) if title.starts_with("Forbidden |") => {
                Some(Error::new(ErrorKind::PermissionDenied, "the site forbids this page"))
            }
            // A lost answer to a submission must not pass for a refusal.
            (500, Some(title))
                if title.starts_with("Internal error |") && answer.operation() != "submissions.submit" =>
            {
                Some(Error::new(
                    ErrorKind::InvalidInput,
                    "the server failed on this request: an answer is missing, or it is somebody else's, or it holds a file",
                ))
            }
            _ => PlainDialect.read(answer),
        }
    }
}

/// The kind of an error text of the API. These texts are always English (reference 2.3).
fn api_kind(status: u16, said: &str) -> ErrorKind {
    match (status, said) {
        (_, "You are not authenticated") => ErrorKind::Unauthenticated,
        (_, "You are not registered to this course") => ErrorKind::NotEnrolled,
        (403, _) => ErrorKind::PermissionDenied,
        (404, _) => ErrorKind::NotFound,
        // A method that the address does not have is answered with 200 (reference 1).
        (200, _) => ErrorKind::Protocol,
        _ => ErrorKind::InvalidInput,
    }
}

/// The title of an HTML page.
pub(crate) fn title(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once("<title>")?;
    let (title, _) = rest.split_once("</title>")?;
    Some(title.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use lms_http::testing::Recorded;

    use super::*;

    fn kind(status: u16, content_type: &str, body: &str) -> Option<ErrorKind> {
        let recorded = Recorded::new(status, body).header("content-type", content_type);
        InginiousDialect.read(&recorded.answer("test")).map(|error| error.kind())
    }

    #[test]
    fn every_shape_of_error_is_read() {
        let json = "text/json; charset=utf-8";
        let html = "text/html; charset=utf-8";
        for (status, content_type, body, expected) in [
            (200, json, "[]", None),
            (200, json, r#"{"status":"success","username":"alice"}"#, None),
            (200, json, r#"{"error":"This endpoint has no such method"}"#, Some(ErrorKind::Protocol)),
            (403, json, r#"{"status":"error"}"#, Some(ErrorKind::Unauthenticated)),
            (403, json, r#"{"error":"You are not authenticated"}"#, Some(ErrorKind::Unauthenticated)),
            (403, json, r#"{"error":"You are not registered to this course"}"#, Some(ErrorKind::NotEnrolled)),
            (
                403,
                json,
                r#"{"error":"You are not allowed to submit for this task"}"#,
                Some(ErrorKind::PermissionDenied),
            ),
            (404, json, r#"{"error":"Course not found"}"#, Some(ErrorKind::NotFound)),
            (400, json, r#"{"error":"Invalid arguments for this method"}"#, Some(ErrorKind::InvalidInput)),
            (500, json, r#""A submission is already pending for this task!""#, Some(ErrorKind::Conflict)),
            (500, html, "<title>Internal error | INGInious</title>", Some(ErrorKind::InvalidInput)),
            (200, html, "<title>Forbidden | INGInious</title>", Some(ErrorKind::PermissionDenied)),
            (200, html, "<title>Demo | INGInious</title>", None),
            (404, html, "<title>Error 404 | INGInious</title>", Some(ErrorKind::NotFound)),
        ] {
            assert_eq!(kind(status, content_type, body), expected, "{status} {body}");
        }
    }
}
