//! How Open edX says that something went wrong (reference openedx.md 1.5).

use std::time::Duration;

use lms_core::{Error, ErrorKind};
use lms_http::{Answer, Dialect, PlainDialect};
use serde_json::Value;

/// The error bodies of LMS and Studio.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenEdxDialect;

impl Dialect for OpenEdxDialect {
    fn read(&self, answer: &Answer<'_>) -> Option<Error> {
        let plain = PlainDialect.read(answer);
        // The progress page answers who does not take part with a 401 and a sentence; a 401 about credentials is an
        // object (3.12).
        if answer.status() == 401
            && answer.operation().starts_with("progress.")
            && !answer.json().is_some_and(|body| body.is_object())
        {
            return Some(Error::new(ErrorKind::NotEnrolled, "the account is not enrolled in the course"));
        }
        let Some(body) = answer.json() else {
            // The handlers of blocks say so with a 403 in plain text (seen on a real LMS).
            if answer.status() == 403 && answer.body().trim_ascii() == b"Unauthenticated" {
                return Some(Error::new(ErrorKind::Unauthenticated, "the platform asks to sign in"));
            }
            // Studio's older views send those who are not signed in to the sign-in page (1.3).
            let location = answer.header("location").unwrap_or_default();
            if matches!(answer.status(), 301..=303)
                && (location.contains("/login") || location.contains("/signin"))
            {
                return Some(Error::new(ErrorKind::Unauthenticated, "the platform asks to sign in"));
            }
            return plain;
        };
        let Some(plain) = plain else { return refused(&body) };
        let code = text(&body, "error_code").or_else(|| text(body.get("developer_message")?, "error_code"));
        let kind = match (answer.status(), code, text(&body, "error")) {
            (_, _, Some("invalid_client" | "invalid_grant" | "unauthorized_client")) => {
                ErrorKind::Unauthenticated
            }
            // Every refusal of the sign-in form is a 400 (1.4); before there were codes it said `value` alone.
            (400, Some("inactive-user"), _) => ErrorKind::PermissionDenied,
            (400, Some("account-locked-out"), _) => ErrorKind::RateLimited,
            (
                400,
                Some(
                    "incorrect-email-or-password"
                    | "failed-login-attempt"
                    | "third-party-auth-with-no-linked-account",
                ),
                _,
            ) => ErrorKind::Unauthenticated,
            (400, None, _)
                if body.get("success") == Some(&Value::Bool(false)) && body.get("value").is_some() =>
            {
                ErrorKind::Unauthenticated
            }
            // More registrations from one address than the site takes (3.7).
            (403, Some("forbidden-request"), _) => ErrorKind::RateLimited,
            (409, ..) => ErrorKind::AlreadyExists,
            // An unknown user or e-mail address in an enrollment (3.4).
            (406, ..) => ErrorKind::NotFound,
            (415, ..) => ErrorKind::Protocol,
            // A grade of somebody who does not take part (3.9).
            (404, Some("user_not_enrolled"), _) => ErrorKind::NotEnrolled,
            _ => plain.kind(),
        };
        let mut error = Error::new(kind, message(&body, answer));
        for (field, complaint) in complaints(&body) {
            error = error.with_field(field, complaint);
        }
        Some(error)
    }

    /// The course list names the pause in its text alone, the enrollment in `Retry-After` too (seen on a
    /// real LMS). A text in another language gives no number, or the right one. Limits by address are a 403:
    /// of registrations with a code of their own (3.7), of the views named here with Django's page or
    /// nothing (1.2, 1.6), where a refusal for another reason is a JSON body.
    fn throttled(&self, answer: &Answer<'_>) -> Option<Option<Duration>> {
        match answer.status() {
            429 => {}
            403 => {
                let by_code = || {
                    answer.json().is_some_and(|body| text(&body, "error_code") == Some("forbidden-request"))
                };
                let by_view = matches!(answer.operation(), "oauth.token" | "registration.validate")
                    && answer.json().is_none();
                return (by_view || by_code()).then(|| answer.retry_after());
            }
            _ => return None,
        }
        let said = || {
            let body = answer.json()?;
            let said = text(&body, "detail").or_else(|| text(&body, "developer_message"))?;
            let mut numbers = said.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty());
            numbers.next()?.parse().ok().map(Duration::from_secs)
        };
        Some(answer.retry_after().or_else(said))
    }
}

/// Refusals that come as a 200.
fn refused(body: &Value) -> Option<Error> {
    // Studio's older views (3.13).
    if let Some(said) = text(body, "ErrMsg").filter(|said| !said.is_empty()) {
        let duplicate = body.get("OrgErrMsg").is_some() || body.get("CourseErrMsg").is_some();
        let kind = if duplicate { ErrorKind::AlreadyExists } else { ErrorKind::InvalidInput };
        return Some(Error::new(kind, said.trim().to_owned()));
    }
    // Problems: a sentence where a word is expected (3.10).
    match text(body, "success") {
        None | Some("correct" | "incorrect" | "submitted") => None,
        Some(said) => Some(Error::invalid(said.trim().to_owned())),
    }
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

fn message(body: &Value, answer: &Answer<'_>) -> String {
    let nested = body.get("developer_message").and_then(|m| text(m, "developer_message"));
    nested
        .or_else(|| text(body, "developer_message"))
        .or_else(|| text(body, "detail"))
        .or_else(|| text(body, "error_description"))
        .or_else(|| text(body, "message"))
        .or_else(|| text(body, "value"))
        .or_else(|| text(body, "ErrMsg"))
        .or_else(|| text(body, "error"))
        .filter(|m| !m.is_empty())
        .map_or_else(|| unexplained(&answer.snippet()), str::to_owned)
}

/// A refusal of which nothing is said but of single fields, or nothing that may be quoted.
fn unexplained(snippet: &str) -> String {
    match snippet {
        "" => "the platform refused what was sent".to_owned(),
        snippet => format!("the platform refused the request: {snippet}"),
    }
}

/// Complaints about single fields, in the four shapes there are.
fn complaints(body: &Value) -> Vec<(String, String)> {
    let fields = body.get("field_errors").unwrap_or(body);
    let Some(fields) = fields.as_object() else { return Vec::new() };
    let said = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(_) => {
            text(value, "user_message").or_else(|| text(value, "developer_message")).map(str::to_owned)
        }
        _ => None,
    };
    let nested = body.get("field_errors").is_some();
    fields
        .iter()
        .filter_map(|(field, value)| match value {
            Value::Array(list) if field != "username_suggestions" => {
                let texts: Vec<String> = list.iter().filter_map(said).collect();
                (!texts.is_empty()).then(|| (field.clone(), texts.join(" ")))
            }
            Value::Object(_) if nested => Some((field.clone(), said(value)?)),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests;
