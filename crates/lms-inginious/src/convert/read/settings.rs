//! Dates, weights and limits of tasks.

use lms_core::{Schedule, Timestamp};
use serde_json::{Map, Value, json};

use crate::folder::yaml::Node;

/// Stands for "no hard deadline" where one must be written (`START/SOFT/END`).
const NEVER: &str = "9999-12-31 23:59:59";

/// Who may work when (reference inginious.md 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Within these dates; none of them: always.
    Open(Schedule),
    /// Never.
    Closed,
}

/// Reads an accessibility value; `None` where INGInious would refuse it.
pub(crate) fn accessibility(value: &Value) -> Option<Access> {
    match value {
        Value::Null | Value::Bool(true) => Some(Access::Open(Schedule::default())),
        Value::Bool(false) => Some(Access::Closed),
        Value::Number(n) if n.as_i64() == Some(0) => Some(Access::Closed),
        Value::String(text) => {
            if text.trim().is_empty() {
                return Some(Access::Open(Schedule::default()));
            }
            let parts = text.split('/').map(date).collect::<Option<Vec<_>>>()?;
            Some(Access::Open(match parts.as_slice() {
                [start] => Schedule { start: *start, ..Schedule::default() },
                [start, end] => Schedule { start: *start, due: None, end: *end },
                [start, soft, end] => Schedule { start: *start, due: *soft, end: *end },
                _ => return None,
            }))
        }
        _ => None,
    }
}

/// A date, or nothing for an empty one; `None` where it is no date.
fn date(text: &str) -> Option<Option<Timestamp>> {
    let text = text.trim();
    if text.is_empty() || text.starts_with("9999-") {
        return Some(None);
    }
    // `2014-05-10 10` and `2014-05-10 10:11` leave out minutes and seconds.
    let full = match text.split_once(' ') {
        None => text.to_owned(),
        Some((day, clock)) => {
            let mut parts = clock.trim().split(':');
            let mut next = || format!("{:0>2}", parts.next().unwrap_or("00"));
            format!("{day} {}:{}:{}", next(), next(), next())
        }
    };
    Timestamp::from_naive(&full).ok().map(Some)
}

/// The accessibility value of a schedule.
pub(crate) fn accessibility_of(schedule: &Schedule) -> Value {
    let Schedule { start, due, end } = schedule;
    let text = |at: &Option<Timestamp>| at.map(Timestamp::to_naive).unwrap_or_default();
    match (start, due, end) {
        (None, None, None) => Value::Bool(true),
        (Some(_), None, None) => Value::from(text(start)),
        (_, None, _) => Value::from(format!("{}/{}", text(start), text(end))),
        (_, Some(_), None) => Value::from(format!("{}/{}/{NEVER}", text(start), text(due))),
        (_, Some(_), Some(_)) => Value::from(format!("{}/{}/{}", text(start), text(due), text(end))),
    }
}

/// What of a task's settings the neutral model has.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    pub(crate) schedule: Schedule,
    pub(crate) weight: f64,
    pub(crate) attempts: Option<u32>,
}

/// The settings of a task as `dispenser_data.config` has them.
pub(crate) fn config_of(settings: &Settings) -> Map<String, Value> {
    let Settings { schedule, weight, attempts } = settings;
    let mut config = Map::new();
    config.insert("accessibility".into(), accessibility_of(schedule));
    config.insert("weight".into(), json!(weight));
    if let Some(amount) = attempts {
        config.insert("submission_limit".into(), json!({"amount": amount, "period": -1}));
    }
    config
}

/// Reads the settings of a task, and what of them is only INGInious'.
pub(crate) fn task_settings(config: &Map<String, Value>) -> (Settings, Map<String, Value>) {
    let access = config.get("accessibility").unwrap_or(&Value::Bool(false));
    let schedule = match accessibility(access) {
        Some(Access::Open(schedule)) => schedule,
        Some(Access::Closed) | None => Schedule::default(),
    };
    let number = |value: &Value| Node::from_json(value).number();
    let weight = config.get("weight").and_then(number).filter(|w| *w >= 0.0).unwrap_or(1.0);
    let attempts = config
        .get("submission_limit")
        .and_then(|limit| limit.get("amount"))
        .and_then(|n| Node::from_json(n).integer())
        // -1 stands for no limit, 0 takes no answers (reference inginious.md 9.5).
        .and_then(|n| u32::try_from(n).ok());
    let settings = Settings { schedule, weight, attempts };
    let mut written = config_of(&settings);
    // What stands for the default says nothing.
    for (key, value) in [
        ("evaluation_mode", json!("best")),
        ("no_stored_submissions", json!(0)),
        ("group_submission", json!(false)),
        ("categories", json!([])),
    ] {
        written.insert(key.into(), value);
    }
    if attempts.is_none() {
        written.insert("submission_limit".into(), json!({"amount": -1, "period": -1}));
    }
    let mut config = config.clone();
    config.entry("accessibility").or_insert(Value::Bool(false));
    if config.get("weight").and_then(number) == Some(weight) {
        config.insert("weight".into(), json!(weight));
    }
    let rest = super::remainder(config, &written);
    (settings, rest)
}

/// The settings of 0.8, which stood in the task file, as 0.9 imports them (reference 9.6).
pub(crate) fn legacy_config(task: &Node) -> Map<String, Value> {
    let mut config = Map::new();
    for (old, new) in LEGACY {
        if let Some(node) = task.get(old) {
            config.insert(new.into(), node.to_json());
        }
    }
    // In 0.8 a task was open unless it said otherwise.
    config.entry("accessibility").or_insert(Value::Bool(true));
    for key in ["weight", "no_stored_submissions"] {
        if let Some(number) = config.get(key).map(Node::from_json).and_then(|n| n.number()) {
            let value = if key == "weight" { json!(number) } else { json!(number as i64) };
            config.insert(key.into(), value);
        }
    }
    config
}

/// Keys of 0.8 in task files, and their names in `dispenser_data.config`.
pub(crate) const LEGACY: [(&str, &str); 7] = [
    ("accessible", "accessibility"),
    ("weight", "weight"),
    ("submission_limit", "submission_limit"),
    ("stored_submissions", "no_stored_submissions"),
    ("groups", "group_submission"),
    ("evaluate", "evaluation_mode"),
    ("categories", "categories"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_come_back() {
        let at = |text: &str| Timestamp::from_naive(text).ok();
        for schedule in [
            Schedule::default(),
            Schedule { start: at("2025-09-01"), due: None, end: None },
            Schedule { start: None, due: None, end: at("2025-09-01 10:00:00") },
            Schedule { start: None, due: at("2025-09-01"), end: None },
            Schedule { start: at("2025-01-01"), due: at("2025-02-01"), end: at("2025-03-01") },
        ] {
            assert_eq!(accessibility(&accessibility_of(&schedule)), Some(Access::Open(schedule)));
        }
        assert_eq!(accessibility(&json!(false)), Some(Access::Closed));
        assert_eq!(accessibility(&json!("true")), None);
        assert_eq!(accessibility(&json!("a/b/c/d")), None);
        let short = Schedule { start: at("2014-05-10 10:11:00"), due: None, end: at("2014-06-10") };
        assert_eq!(accessibility(&json!("2014-05-10 10:11 / 2014-06-10")), Some(Access::Open(short)));
    }

    #[test]
    fn only_what_is_special_remains() {
        let config = json!({"accessibility": true, "weight": 2, "evaluation_mode": "last", "categories": [],
                            "submission_limit": {"amount": 3, "period": 24}});
        let (settings, rest) = task_settings(config.as_object().expect("map"));
        assert_eq!((settings.weight, settings.attempts), (2.0, Some(3)));
        assert_eq!(
            Value::from(rest),
            json!({"evaluation_mode": "last", "submission_limit": {"amount": 3, "period": 24}})
        );
        let (_, rest) = task_settings(&Map::new());
        assert_eq!(Value::from(rest), json!({"accessibility": false}), "closed unless said otherwise");
    }
}
