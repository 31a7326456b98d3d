//! How Stepik says that something went wrong (reference stepik.md 1.6).

use std::time::Duration;

use lms_core::Error;
use lms_http::{Answer, Dialect, PlainDialect};
use serde_json::Value;

/// Reads `detail`, OAuth's `error` and complaints by field.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StepikDialect;

impl Dialect for StepikDialect {
    fn read(&self, answer: &Answer<'_>) -> Option<Error> {
        let plain = PlainDialect.read(answer)?;
        let Some(Value::Object(body)) = answer.json() else { return Some(plain) };
        let said = body.get("detail").or_else(|| body.get("error_description")).and_then(Value::as_str);
        let message = match said {
            Some(said) => said.to_owned(),
            None if answer.status() == 400 => "the platform refused what was sent".to_owned(),
            None => plain.message().to_owned(),
        };
        let mut error = Error::new(plain.kind(), message);
        if answer.status() == 400 {
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

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
