//! How Open edX says that something went wrong (reference openedx.md 1.5).

use lms_core::{Error, ErrorKind};
use lms_http::{Answer, Dialect, PlainDialect};
use serde_json::Value;

/// The error bodies of LMS and Studio.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenEdxDialect;

impl Dialect for OpenEdxDialect {
    fn read(&self, answer: &Answer<'_>) -> Option<Error> {
        let plain = PlainDialect.read(answer);
        let Some(body) = answer.json() else { return plain };
        if plain.is_none() {
            // Studio's older views refuse with a 200 (3.13).
            let refused = body.get("ErrMsg").and_then(Value::as_str).filter(|text| !text.is_empty())?;
            let kind =
                if refused.contains("already") { ErrorKind::AlreadyExists } else { ErrorKind::InvalidInput };
            return Some(Error::new(kind, refused.trim().to_owned()));
        }
        let code = text(&body, "error_code").or_else(|| text(body.get("developer_message")?, "error_code"));
        let kind = match (answer.status(), code, text(&body, "error")) {
            (_, _, Some("invalid_client" | "invalid_grant" | "unauthorized_client")) => {
                ErrorKind::Unauthenticated
            }
            (409, ..) => ErrorKind::AlreadyExists,
            // An unknown user or e-mail address in an enrollment (3.4).
            (406, ..) => ErrorKind::NotFound,
            (415, ..) => ErrorKind::Protocol,
            // The blocks API answers so for a course that is not there (seen on a real LMS).
            (_, Some("user_permissions"), _) => ErrorKind::PermissionDenied,
            _ => plain.as_ref().map_or(ErrorKind::Protocol, Error::kind),
        };
        let mut error = Error::new(kind, message(&body, answer));
        for (field, complaint) in complaints(&body) {
            error = error.with_field(field, complaint);
        }
        Some(error)
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
        .map_or_else(|| format!("the platform refused the request: {}", answer.snippet()), str::to_owned)
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
