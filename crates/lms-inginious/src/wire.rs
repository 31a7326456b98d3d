//! What travels: the API's objects (reference inginious.md 4, 5). Values that come from course files may
//! be of any type.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A course, as `GET /api/v0/courses` gives it.
#[derive(Debug, Deserialize)]
pub(crate) struct Course {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: String,
    /// Whether the course is open to the account; true for staff and in courses with preview too.
    #[serde(default)]
    pub(crate) is_registered: bool,
    /// Percent; there only where the course is open to the account.
    #[serde(default, deserialize_with = "number")]
    pub(crate) grade: Option<f64>,
}

/// A task, as `GET /api/v0/courses/COURSE/tasks` gives it.
#[derive(Debug, Deserialize)]
pub(crate) struct Task {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) status: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) context: String,
    #[serde(default)]
    pub(crate) problems: Vec<Map<String, Value>>,
}

/// A submission, as `GET …/submissions` gives it.
#[derive(Debug, Deserialize)]
pub(crate) struct Submission {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) submitted_on: String,
    pub(crate) status: String,
    #[serde(default, deserialize_with = "number")]
    pub(crate) grade: Option<f64>,
    #[serde(default)]
    pub(crate) result: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) feedback: String,
    /// Result and HTML by problem.
    #[serde(default)]
    pub(crate) problems_feedback: Map<String, Value>,
}

/// What a task's form says of a submission to `@action=check`.
#[derive(Debug, Deserialize)]
pub(crate) struct Check {
    #[serde(default, deserialize_with = "text")]
    pub(crate) title: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) text: String,
}

/// The answer to a submission that was taken.
#[derive(Debug, Deserialize)]
pub(crate) struct Sent {
    pub(crate) submissionid: String,
}

impl Task {
    /// Its problems with their ids, in order.
    pub(crate) fn problems(&self) -> impl Iterator<Item = Problem<'_>> {
        self.problems.iter().map(|of| Problem { of })
    }
}

/// One problem of a task: the entries of the course file, without what is right.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Problem<'a> {
    pub(crate) of: &'a Map<String, Value>,
}

impl<'a> Problem<'a> {
    pub(crate) fn id(self) -> &'a str {
        self.of.get("id").and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn kind(self) -> &'a str {
        self.of.get("type").and_then(Value::as_str).unwrap_or_default()
    }

    /// The numbers and texts of its choices, in the order of the numbers.
    pub(crate) fn choices(self) -> Vec<(u64, &'a Value)> {
        let Some(Value::Object(choices)) = self.of.get("choices") else { return Vec::new() };
        let mut choices: Vec<(u64, &Value)> =
            choices.iter().filter_map(|(number, text)| Some((number.parse().ok()?, text))).collect();
        choices.sort_by_key(|(number, _)| *number);
        choices
    }
}

/// A text; null is none, other scalars are written out.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    })
}

/// A number: whole for courses, with decimals for submissions, in quotes on pages (reference inginious.md 13.7).
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
        _ => None,
    })
}
