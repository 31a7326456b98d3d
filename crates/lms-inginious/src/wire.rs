//! The API's own shapes (reference inginious.md 4, 5). Everything that is listed is an array.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A course.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct WireCourse {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) is_registered: bool,
    #[serde(default, deserialize_with = "number")]
    pub(crate) grade: Option<f64>,
}

/// A task.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct WireTask {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) context: String,
    #[serde(default)]
    pub(crate) problems: Vec<Value>,
}

/// A submission, as the API lists it or as the task page checks it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct WireSubmission {
    #[serde(default)]
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) submitted_on: Option<String>,
    pub(crate) status: String,
    #[serde(default, deserialize_with = "number")]
    pub(crate) grade: Option<f64>,
    #[serde(default)]
    pub(crate) result: Option<String>,
    /// The API calls it `feedback`, the page `text`.
    #[serde(default, alias = "text")]
    pub(crate) feedback: Option<String>,
    /// Pairs of result and HTML; the page calls it `problems`.
    #[serde(default, alias = "problems")]
    pub(crate) problems_feedback: BTreeMap<String, Value>,
}

/// What the task page answers to `@action=submit`, or the API to a POST.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct WireSubmitted {
    #[serde(default)]
    pub(crate) submissionid: Option<String>,
    #[serde(default)]
    pub(crate) text: Option<String>,
}

/// Who is signed in.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct WireAccount {
    pub(crate) authenticated: bool,
    #[serde(default)]
    pub(crate) username: Option<String>,
}

/// A grade is a whole number, a fraction or a text, by who tells it (reference 13.7).
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(n) => n.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}
