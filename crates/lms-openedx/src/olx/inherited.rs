//! What nodes inherit from those around them (reference openedx.md 5.3).

use lms_core::{Course, Extras, Platform};
use serde_json::Value;

use super::capa::plain_value;
use super::read::{ATTRIBUTES, POLICY};

/// Extras of a section that stands for one that is not here: what it hands down is not known.
pub(crate) const ELSEWHERE: &str = "elsewhere";

/// What a node inherits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inherited {
    /// Tries at a problem that does not say how many; `None`: as many as one likes.
    pub(crate) attempts: Option<u32>,
    /// Whether the nodes around are all here, so that this is what a learner meets.
    pub(crate) known: bool,
}

impl Inherited {
    /// What the sections of a course inherit: what `policy.json` says wins over the attributes.
    pub(crate) fn of(course: &Course) -> Self {
        let set = |key: &str| course.extras.get(Platform::OpenEdx, key)?.get("max_attempts").map(attempts);
        Self { attempts: set(POLICY).or_else(|| set(ATTRIBUTES)).flatten(), known: true }
    }

    /// What the children of a node with these extras inherit.
    pub(crate) fn within(self, extras: &Extras) -> Self {
        let set = extras.get(Platform::OpenEdx, ATTRIBUTES).and_then(|all| all.get("max_attempts"));
        match set {
            Some(value) => Self { attempts: attempts(value), known: true },
            None if extras.get(Platform::OpenEdx, ELSEWHERE).is_some() => Self { known: false, ..self },
            None => self,
        }
    }
}

fn attempts(value: &Value) -> Option<u32> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    plain_value(&text).parse().ok()
}
