//! JSON to types, with the place where it did not fit.

use lms_core::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;

use crate::redact;

/// Reads `body` as JSON. With `sensitive`, the error says where but quotes nothing.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8], sensitive: bool) -> Result<T> {
    // To keep track of the path costs more than reading, and few answers need it.
    if let Ok(value) = serde_json::from_slice(body) {
        return Ok(value);
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let failed = match serde_path_to_error::deserialize(&mut reader) {
        Ok(value) => match reader.end() {
            Ok(()) => return Ok(value),
            Err(_) => "something follows the JSON value".to_owned(),
        },
        Err(error) => complaint(&error, sensitive),
    };
    let snippet = if sensitive { String::new() } else { redact::snippet(body) };
    let message = match (body.is_empty(), snippet.is_empty()) {
        (true, _) => "the answer is empty where JSON was expected".to_owned(),
        (false, true) => format!("the answer does not have the expected shape: {failed}"),
        (false, false) => {
            format!("the answer does not have the expected shape: {failed}; it reads: {snippet}")
        }
    };
    Err(Error::new(ErrorKind::Protocol, message))
}

/// Makes a part of an answer, which stood at `place`, into what is wanted.
pub(crate) fn value<T: DeserializeOwned>(
    value: serde_json::Value,
    place: &str,
    sensitive: bool,
) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let complaint = complaint(&error, sensitive);
        let below = complaint.strip_prefix("at ").unwrap_or(&complaint);
        let below = below.strip_prefix('.').unwrap_or(below);
        let message = format!("the answer does not have the expected shape: at {place}{below}");
        Error::new(ErrorKind::Protocol, message)
    })
}

/// The path and what is wrong there. What serde says quotes the value, so it is left out where that
/// may be a secret.
fn complaint(error: &serde_path_to_error::Error<serde_json::Error>, sensitive: bool) -> String {
    let path = error.path().to_string();
    // A key may be somebody's address, where answers are sorted by person.
    let at = redact::quoted(&path);
    let inner = error.inner();
    if sensitive || redact::is_secret_name(&path) {
        let what = match inner.classify() {
            serde_json::error::Category::Data => "another type was expected",
            _ => "this is not JSON",
        };
        return format!("at {at}: {what}");
    }
    format!("at {at}: {}", redact::quoted(&inner.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Course {
        #[expect(dead_code, reason = "only its shape matters")]
        id: u64,
    }

    fn complaint_about(body: &str, sensitive: bool) -> String {
        json::<Vec<Course>>(body.as_bytes(), sensitive).expect_err(body).to_string()
    }

    #[test]
    fn an_error_names_the_path_and_quotes_a_little() {
        let message = complaint_about(r#"[{"id":1},{"id":"seven"}]"#, false);
        assert!(message.contains("at [1].id: invalid type: string \"seven\""), "{message}");
        assert!(message.contains(r#"it reads: [{"id":1}"#), "{message}");
    }

    #[test]
    fn a_sensitive_answer_is_not_quoted() {
        let message = complaint_about(r#"[{"id":"canary"}]"#, true);
        assert_eq!(
            message,
            "the answer does not have the expected shape: at [0].id: another type was expected"
        );
    }

    #[test]
    fn a_value_under_a_secret_name_is_not_quoted() {
        #[derive(Debug, serde::Deserialize)]
        struct Login {
            #[expect(dead_code, reason = "only its shape matters")]
            session_token: u64,
        }
        let error = json::<Login>(br#"{"session_token":"canary"}"#, false).expect_err("a string");
        assert!(!error.to_string().contains("canary"), "{error}");
    }

    #[test]
    fn a_persons_address_is_not_quoted_as_value_or_key() {
        type People = std::collections::BTreeMap<String, u64>;
        let error = json::<People>(br#"{"canary@example.org":"canary@example.org"}"#, false);
        let error = error.expect_err("no number").to_string();
        assert!(error.contains("at …@…: invalid type") && !error.contains("canary"), "{error}");
    }

    #[test]
    fn pages_and_nothing_are_called_so() {
        let page = complaint_about("<html><title>Sign in</title></html>", false);
        assert!(page.contains("an HTML page titled “Sign in”"), "{page}");
        assert_eq!(complaint_about("", false), "the answer is empty where JSON was expected");
        assert!(complaint_about("[] []", false).contains("something follows"));
    }
}
