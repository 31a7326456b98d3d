//! How Stepik says that something went wrong (reference stepik.md 1.3, 1.6).

use std::time::Duration;

use lms_core::{Error, ErrorKind};
use lms_http::{Answer, Dialect, PlainDialect};
use serde_json::{Map, Value};

/// Reads `detail`, OAuth's `error` and complaints by field.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StepikDialect;

impl Dialect for StepikDialect {
    fn read(&self, answer: &Answer<'_>) -> Option<Error> {
        let Some(plain) = PlainDialect.read(answer) else { return guest(answer) };
        let status = answer.status();
        if status == 497 {
            return Some(Error::new(ErrorKind::RateLimited, "too many sign-ins; wait before the next one"));
        }
        let body = match answer.json() {
            Some(Value::Object(body)) => body,
            // A complaint about no field in particular may come as a bare list.
            Some(Value::Array(list)) if status == 400 => {
                Map::from_iter([("non_field_errors".to_owned(), Value::Array(list))])
            }
            _ => return Some(plain),
        };
        if let Some(code) = body.get("error").and_then(Value::as_str) {
            return Some(oauth(code, &body, plain.kind()));
        }
        let message = match body.get("detail").and_then(Value::as_str) {
            Some(said) => said.to_owned(),
            None if status == 400 => "the platform refused what was sent".to_owned(),
            None => plain.message().to_owned(),
        };
        let mut error = Error::new(plain.kind(), message);
        if status == 400 {
            for (field, complaints) in body.iter().filter(|(field, _)| *field != "detail") {
                let complaints = match complaints {
                    Value::Array(list) => list.iter().map(text).collect::<Vec<_>>().join(" "),
                    other => text(other),
                };
                error = error.with_field(field, complaints);
            }
        }
        Some(error)
    }

    /// Too many sign-ins are 429 for one of the platform's apps and 497 for the other
    /// (reference stepik.md 1.3).
    fn throttled(&self, answer: &Answer<'_>) -> Option<Option<Duration>> {
        matches!(answer.status(), 429 | 497).then(|| answer.retry_after())
    }
}

/// The operation that asks who is signed in.
pub(crate) const WHO_AM_I: &str = "accounts.me";

/// A token that does not hold makes a guest of us, with status 200 (reference stepik.md 1.4). Read as what
/// it is, so that the token is renewed and the question asked once more.
fn guest(answer: &Answer<'_>) -> Option<Error> {
    if answer.operation() != WHO_AM_I {
        return None;
    }
    let user = answer.json()?.pointer("/users/0/is_guest")?.as_bool()?;
    user.then(|| Error::new(ErrorKind::Unauthenticated, "Stepik takes us for a guest; sign in again"))
}

/// A flat object with a code and perhaps a sentence (reference stepik.md 1.3). Nothing else of it is told:
/// it may hold an e-mail address.
fn oauth(code: &str, body: &Map<String, Value>, kind: ErrorKind) -> Error {
    let kind = match code {
        // Wrong credentials are a 400 for one app and a 401 for the other.
        "invalid_client" | "invalid_grant" | "unauthorized_client" => ErrorKind::Unauthenticated,
        _ => kind,
    };
    let message = match body.get("error_description").and_then(Value::as_str) {
        Some(said) => format!("{said} ({code})"),
        None => code.to_owned(),
    };
    Error::new(kind, message)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorKind::*;
    use lms_http::testing::Recorded;

    const HTML: &str = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";

    /// Status, body, what it is, what is said, and complaints by field. Bodies are those of the reference.
    #[test]
    fn answers_are_read_as_what_they_are() {
        type Row<'a> = (u16, &'a str, ErrorKind, &'a str, &'a [(&'a str, &'a str)]);
        let rows: &[Row<'_>] = &[
            (
                400,
                r#"{"title": ["This field is required."], "course": ["This field is required."]}"#,
                InvalidInput,
                "the platform refused what was sent",
                &[("title", "This field is required."), ("course", "This field is required.")],
            ),
            (
                400,
                r#"{"non_field_errors": ["Either submission or instruction is required.", "One only."]}"#,
                InvalidInput,
                "the platform refused what was sent",
                &[("non_field_errors", "Either submission or instruction is required. One only.")],
            ),
            (
                400,
                r#"{"target": ["Invalid pk '123' - object does not exist."]}"#,
                InvalidInput,
                "the platform refused what was sent",
                &[("target", "Invalid pk '123' - object does not exist.")],
            ),
            (
                400,
                r#"{"email": ["User exists."], "password": "too short"}"#,
                InvalidInput,
                "the platform refused what was sent",
                &[("email", "User exists."), ("password", "too short")],
            ),
            (400, r#"{"detail": "JSON parse error"}"#, InvalidInput, "JSON parse error", &[]),
            (400, r#"["Too many."]"#, InvalidInput, "", &[("non_field_errors", "Too many.")]),
            (400, "", InvalidInput, "the platform refused the request", &[]),
            (400, "<h1>Bad Request (400)</h1>", InvalidInput, "the platform refused the request", &[]),
            (
                401,
                r#"{"detail": "Authentication credentials were not provided."}"#,
                Unauthenticated,
                "Authentication credentials were not provided.",
                &[],
            ),
            (401, r#"{"error": "invalid_client"}"#, Unauthenticated, "invalid_client", &[]),
            (
                400,
                r#"{"error": "invalid_grant", "error_description": "Invalid credentials given."}"#,
                Unauthenticated,
                "Invalid credentials given. (invalid_grant)",
                &[],
            ),
            (400, r#"{"error": "unauthorized_client"}"#, Unauthenticated, "unauthorized_client", &[]),
            (400, r#"{"error": "unsupported_grant_type"}"#, InvalidInput, "unsupported_grant_type", &[]),
            (
                401,
                r#"{"error": "social_signup_with_existing_email", "email": "ada@example.test", "provider": "x"}"#,
                Unauthenticated,
                "social_signup_with_existing_email",
                &[],
            ),
            (
                403,
                r#"{"detail": "You do not have permission to perform this action."}"#,
                PermissionDenied,
                "You do not have permission to perform this action.",
                &[],
            ),
            (403, r#"{"detail": "CSRF Failed: CSRF cookie not set."}"#, PermissionDenied, "CSRF Failed", &[]),
            (404, r#"{"detail": "Not found."}"#, NotFound, "Not found.", &[]),
            (404, "", NotFound, "the platform refused the request", &[]),
            (404, "<h1>Page not found</h1>", NotFound, "", &[]),
            (405, r#"{"detail": "Method \"PATCH\" not allowed."}"#, Unsupported, "Method \"PATCH\"", &[]),
            (413, "<h1>413 Request Entity Too Large</h1>", InvalidInput, "", &[]),
            (414, "<title>414 Request-URI Too Large</title>", InvalidInput, "414 Request-URI Too Large", &[]),
            (429, r#"{"detail": "Request was throttled."}"#, RateLimited, "Request was throttled.", &[]),
            (429, "", RateLimited, "", &[]),
            (497, "", RateLimited, "too many sign-ins", &[]),
            (500, "", Unavailable, "the platform failed", &[]),
            (502, HTML, Unavailable, "502 Bad Gateway", &[]),
            (503, r#"{"detail": "Maintenance"}"#, Unavailable, "Maintenance", &[]),
        ];
        for (status, body, kind, said, fields) in rows {
            let error = StepikDialect.read(&Recorded::new(*status, *body).answer("x")).expect("an error");
            assert_eq!(error.kind(), *kind, "{status} {body}");
            assert!(error.message().contains(said), "{said} in {error}: {status} {body}");
            assert!(!error.to_string().contains("ada@example.test"), "{error}");
            let told: Vec<(&str, &str)> =
                error.fields().iter().map(|(field, said)| (field.as_str(), said.as_str())).collect();
            assert_eq!(told, *fields, "{status} {body}");
        }
        for status in [200, 201, 204] {
            assert!(StepikDialect.read(&Recorded::new(status, "").answer("x")).is_none());
        }
    }

    #[test]
    fn a_guest_is_no_answer_to_who_is_signed_in() {
        let answer = |guest: bool| {
            let body =
                format!(r#"{{"stepics": [{{"id": 1}}], "users": [{{"id": 7, "is_guest": {guest}}}]}}"#);
            Recorded::new(200, body)
        };
        let refused = StepikDialect.read(&answer(true).answer(WHO_AM_I)).expect("an error");
        assert_eq!(refused.kind(), Unauthenticated);
        assert!(StepikDialect.read(&answer(false).answer(WHO_AM_I)).is_none());
        assert!(
            StepikDialect.read(&answer(true).answer("raw")).is_none(),
            "whoever asks for guests gets them"
        );
    }

    #[test]
    fn throttling_says_how_long_to_wait_where_the_platform_does() {
        let seconds = Duration::from_secs;
        for (recorded, wait) in [
            (Recorded::new(429, "").header("Retry-After", "7"), Some(Some(seconds(7)))),
            (
                Recorded::new(429, "").header("Retry-After", "Mon, 01 Sep 2025 00:01:00 GMT"),
                Some(Some(seconds(60))),
            ),
            (Recorded::new(429, ""), Some(None)),
            (Recorded::new(497, ""), Some(None)),
            (Recorded::new(403, r#"{"detail": "no"}"#), None),
            (Recorded::new(503, "").header("Retry-After", "7"), None),
        ] {
            assert_eq!(StepikDialect.throttled(&recorded.answer("x")), wait);
        }
    }
}
