//! What Stepik sends, as far as it is needed. Unknown keys are kept where they go back in a PUT.

use std::collections::BTreeMap;

use lms_core::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

/// An answer: a list under the endpoint's name, perhaps `meta`, perhaps side-loaded lists
/// (reference stepik.md 2.1).
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Envelope {
    #[serde(flatten)]
    pub(crate) lists: Object,
}

impl Envelope {
    /// The list under `key`, decoded.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, key: &str) -> Result<Vec<T>> {
        let Some(list) = self.lists.remove(key) else { return Ok(Vec::new()) };
        serde_json::from_value(list).map_err(|e| {
            Error::new(
                ErrorKind::Protocol,
                format!("an item of `{key}` has another shape than expected: {e}"),
            )
            .with_source(e)
        })
    }

    /// The only item of the list under `key`; an empty list means that there is no such thing
    /// (reference stepik.md 6.1).
    pub(crate) fn one<T: DeserializeOwned>(&mut self, key: &str) -> Result<T> {
        self.take(key)?
            .into_iter()
            .next()
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "there is no such thing"))
    }
}

/// `null` read as the default: texts come as `""` or null (reference stepik.md 3.3).
fn lenient<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A number that may come as text (reference stepik.md 2.8).
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

fn lenient_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    Ok(number(&Value::deserialize(from)?))
}

/// A text that may come as a number.
fn lenient_text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    })
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Course {
    pub(crate) id: u64,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) title: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) summary: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) description: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) language: String,
    #[serde(default)]
    pub(crate) canonical_url: Option<String>,
    #[serde(default)]
    pub(crate) cover: Option<String>,
    #[serde(default)]
    pub(crate) enrollment: Option<u64>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) is_public: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) sections: Vec<u64>,
    #[serde(default)]
    pub(crate) learners_group: Option<u64>,
    #[serde(default)]
    pub(crate) testers_group: Option<u64>,
    #[serde(default)]
    pub(crate) moderators_group: Option<u64>,
    #[serde(default)]
    pub(crate) assistants_group: Option<u64>,
    #[serde(default)]
    pub(crate) teachers_group: Option<u64>,
    #[serde(default)]
    pub(crate) admins_group: Option<u64>,
    #[serde(flatten)]
    pub(crate) rest: Object,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Section {
    pub(crate) id: u64,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) title: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) description: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) units: Vec<u64>,
    #[serde(flatten)]
    pub(crate) rest: Object,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Unit {
    pub(crate) id: u64,
    pub(crate) section: u64,
    pub(crate) lesson: u64,
    #[serde(flatten)]
    pub(crate) rest: Object,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Lesson {
    pub(crate) id: u64,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) title: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) steps: Vec<u64>,
    #[serde(flatten)]
    pub(crate) rest: Object,
}

/// A step, as learners (`steps`) or authors (`step-sources`) get it.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Step {
    #[serde(default)]
    pub(crate) id: u64,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) status: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) block: Object,
    /// Wanted points; authors only (reference stepik.md 3.8).
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) cost: Option<f64>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) has_submissions_restrictions: bool,
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) max_submissions_count: Option<f64>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) is_solutions_unlocked: bool,
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) solutions_unlocked_attempts: Option<f64>,
    #[serde(default)]
    pub(crate) instruction_type: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) reason_of_failure: String,
    #[serde(default)]
    pub(crate) error: Value,
}

impl Step {
    /// The block's name: `text`, `choice`, `code`, ….
    pub(crate) fn name(&self) -> &str {
        self.block.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether learners answer something in it. By name, since `actions.submit` is only there for
    /// those who may submit (reference stepik.md 3.7, 4.1).
    pub(crate) fn is_quiz(&self) -> bool {
        !matches!(self.name(), "text" | "video" | "animation" | "html" | "")
    }
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Attempt {
    pub(crate) id: u64,
    #[serde(default)]
    pub(crate) step: u64,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) status: String,
    /// `""` or an object (reference stepik.md 3.9).
    #[serde(default)]
    pub(crate) dataset: Value,
    /// Where the file of a `dataset` quiz is (reference stepik.md 3.9).
    #[serde(default)]
    pub(crate) dataset_url: Option<String>,
    #[serde(default)]
    pub(crate) user: Option<u64>,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Submission {
    pub(crate) id: u64,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) status: String,
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) score: Option<f64>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) hint: String,
    #[serde(default)]
    pub(crate) feedback: Value,
    #[serde(default)]
    pub(crate) time: Option<String>,
    #[serde(default)]
    pub(crate) reply: Value,
    #[serde(default)]
    pub(crate) attempt: u64,
    /// Seconds until a verdict is expected.
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) eta: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Attachment {
    pub(crate) id: u64,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) name: String,
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) size: Option<f64>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) file: String,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Progress {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) score: Option<f64>,
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) cost: Option<f64>,
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) n_steps: Option<f64>,
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) n_steps_attempted: Option<f64>,
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) n_steps_passed: Option<f64>,
    /// Seconds since 1970.
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) last_viewed: Option<f64>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) is_passed: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) is_attempted: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct CourseGrade {
    pub(crate) user: u64,
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) score: Option<f64>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) is_teacher: bool,
    /// By `LESSON-POSITION`, which changes with the order (reference stepik.md 3.13).
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) results: BTreeMap<String, StepResult>,
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) rank: Option<f64>,
    #[serde(default)]
    pub(crate) date_joined: Option<String>,
    #[serde(default)]
    pub(crate) last_viewed: Option<String>,
    #[serde(default)]
    pub(crate) certificate_url: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct StepResult {
    pub(crate) step_id: u64,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) is_passed: bool,
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) first_success: Option<f64>,
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) total_submissions: Option<f64>,
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) score: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Certificate {
    pub(crate) id: u64,
    pub(crate) user: u64,
    pub(crate) course: u64,
    #[serde(default)]
    pub(crate) issue_date: Option<String>,
    /// Text or number (reference stepik.md 3.18).
    #[serde(default, deserialize_with = "lenient_number")]
    pub(crate) grade: Option<f64>,
    #[serde(rename = "type", default, deserialize_with = "lenient")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) url: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) is_public: bool,
    #[serde(default)]
    pub(crate) saved_fullname: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Member {
    pub(crate) id: u64,
    pub(crate) user: u64,
    #[serde(default)]
    pub(crate) date_joined: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Group {
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) users: Vec<u64>,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct User {
    pub(crate) id: u64,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) full_name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) first_name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) last_name: String,
    #[serde(default)]
    pub(crate) alias: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Profile {
    pub(crate) id: u64,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) first_name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) last_name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) short_bio: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) details: String,
    #[serde(default)]
    pub(crate) language: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) is_private: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SocialAccount {
    pub(crate) id: u64,
    pub(crate) user: u64,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) provider: String,
    #[serde(default, deserialize_with = "lenient_text")]
    pub(crate) uid: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SearchResult {
    #[serde(default)]
    pub(crate) course: Option<u64>,
    #[serde(default)]
    pub(crate) course_title: Option<String>,
}

/// Reading JSON objects from outside without panics: what is missing or of another kind is empty.
pub(crate) mod get {
    use super::{Object, Value};

    pub(crate) fn text<'a>(of: &'a Object, key: &str) -> &'a str {
        of.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn flag(of: &Object, key: &str) -> bool {
        of.get(key).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(crate) fn list<'a>(of: &'a Object, key: &str) -> &'a [Value] {
        of.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// The ids in a list of numbers.
    pub(crate) fn ids(of: &Object, key: &str) -> impl Iterator<Item = u64> {
        list(of, key).iter().filter_map(Value::as_u64)
    }

    /// The object's own id as text; empty where it has none.
    pub(crate) fn id(of: &Object) -> String {
        of.get("id").map(Value::to_string).unwrap_or_default()
    }

    pub(crate) fn object<'a>(of: &'a Object, key: &str) -> Option<&'a Object> {
        of.get(key).and_then(Value::as_object)
    }

    pub(crate) fn number(of: &Object, key: &str) -> Option<f64> {
        of.get(key).and_then(super::number)
    }

    /// A number that is kept as text; JSON numbers are spelled as they stand.
    pub(crate) fn decimal(of: &Object, key: &str) -> Option<String> {
        match of.get(key)? {
            Value::String(s) => Some(s.clone()),
            Value::Number(n) => Some(n.to_string()),
            _ => None,
        }
    }
}

/// `json!` of an object as an [`Object`].
pub(crate) fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}
