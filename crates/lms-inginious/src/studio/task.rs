//! The form of a task, made of its description, and what the form cannot take.

use serde_json::{Map, Value};

/// Keys of a description that the form has fields for; other texts are kept as they are.
const FIELDS: [&str; 11] = [
    "name",
    "context",
    "author",
    "contact_url",
    "problems",
    "environment_type",
    "environment_id",
    "environment_parameters",
    "input_random",
    "regenerate_input_random",
    "network_grading",
];

/// The fields of a form.
#[derive(Debug, Default)]
pub(super) struct Formed {
    pub(super) form: Vec<(String, String)>,
    /// What the site makes otherwise than it is written: where, and how.
    pub(super) lost: Vec<(String, &'static str)>,
}

const SHAPE: &str = "the form has no field for it";
const BLANKS: &str =
    "in texts of several lines, the site turns tabs into blanks and drops blanks at the ends of lines";

impl Formed {
    pub(super) fn task(description: &Value) -> Self {
        let none = Map::new();
        let task = description.as_object().unwrap_or(&none);
        let mut formed = Self::default();
        formed.put("@filetype", "yaml");
        for key in ["name", "context", "author", "contact_url"] {
            match task.get(key) {
                Some(value) => formed.value(key, key, value),
                None => formed.put(key, ""),
            }
        }
        let kind = task.get("environment_type").and_then(Value::as_str).unwrap_or_default();
        formed.put("environment_type", kind);
        if let Some(id) = task.get("environment_id") {
            formed.value(&format!("environment_id[{kind}]"), "environment_id", id);
        }
        // Without one such field, the form is none (reference inginious.md 6.8.1).
        let parameters =
            task.get("environment_parameters").and_then(Value::as_object).filter(|p| !p.is_empty());
        match parameters {
            Some(parameters) => parameters.iter().for_each(|(key, value)| {
                formed.value(
                    &format!("envparams[{kind}][{key}]"),
                    &format!("environment_parameters.{key}"),
                    value,
                );
            }),
            None => formed.put(&format!("envparams[{kind}][run_cmd]"), ""),
        }
        formed.put("input_random", &task.get("input_random").map_or("0".to_owned(), plain));
        for key in ["regenerate_input_random", "network_grading"] {
            if task.get(key).is_some_and(is_set) {
                formed.put(key, "on");
            }
        }
        let problems = task.get("problems").and_then(Value::as_object).into_iter().flatten();
        for (order, (id, problem)) in problems.enumerate() {
            formed.put(&format!("problem[{id}][@order]"), &order.to_string());
            for (key, value) in problem.as_object().into_iter().flatten() {
                formed.problem(&format!("problem[{id}][{key}]"), &format!("problems.{id}.{key}"), key, value);
            }
        }
        for (key, value) in task.iter().filter(|(key, _)| !FIELDS.contains(&key.as_str()) && *key != "order")
        {
            // Prefixes by which the site sorts the fields.
            let taken =
                ["problem", "envparams", "environment_id", "/", "@"].iter().any(|p| key.starts_with(p));
            match value {
                Value::String(_) if !taken => formed.value(key, key, value),
                _ => formed.lost.push((key.clone(), SHAPE)),
            }
        }
        formed
    }

    fn put(&mut self, name: &str, value: &str) {
        self.form.push((name.to_owned(), value.to_owned()));
    }

    fn problem(&mut self, name: &str, path: &str, key: &str, value: &Value) {
        match (key, value) {
            ("allowed_exts", Value::Array(endings)) => {
                self.put(name, &endings.iter().map(plain).collect::<Vec<_>>().join(","));
            }
            ("choices", Value::Array(choices)) => {
                for (n, choice) in choices.iter().enumerate() {
                    for (key, value) in choice.as_object().into_iter().flatten() {
                        self.value(&format!("{name}[{n}][{key}]"), &format!("{path}.{n}.{key}"), value);
                    }
                }
            }
            _ => self.value(name, path, value),
        }
    }

    /// A switch that is off is a field that is not sent.
    fn value(&mut self, name: &str, path: &str, value: &Value) {
        match value {
            Value::Null | Value::Bool(false) => {}
            Value::Bool(true) => self.put(name, "on"),
            Value::Object(entries) => entries.iter().for_each(|(key, value)| {
                self.value(&format!("{name}[{key}]"), &format!("{path}.{key}"), value)
            }),
            Value::Array(items) if items.is_empty() => {}
            Value::Array(_) => self.lost.push((path.to_owned(), SHAPE)),
            Value::String(text) => {
                let ragged = |line: &str| line.contains('\t') || line.ends_with(' ');
                if text.contains('\n') && text.lines().any(ragged) {
                    self.lost.push((path.to_owned(), BLANKS));
                }
                self.put(name, text);
            }
            Value::Number(_) => self.put(name, &plain(value)),
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Python's truth, for switches that may be written in any way.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_description_becomes_a_form_and_what_is_lost_is_named() {
        let formed = Formed::task(&json!({
            "name": "T", "environment_type": "docker", "environment_id": "default", "rated": [1], "order": 3,
            "environment_parameters": {"limits": {"time": "20"}},
            "problems": {
                "pick": {"type": "multiple_choice", "multiple": true, "centralize": false,
                         "choices": [{"text": "a", "valid": true}, {"text": "b"}]},
                "paper": {"type": "file", "allowed_exts": [".a", ".b"], "max_size": 9},
                "code": {"type": "code", "default": "a\n\tb"},
            },
        }));
        let field =
            |name: &str| formed.form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        for (name, value) in [
            ("envparams[docker][limits][time]", "20"),
            ("environment_id[docker]", "default"),
            ("problem[pick][choices][0][valid]", "on"),
            ("problem[pick][multiple]", "on"),
            ("problem[paper][allowed_exts]", ".a,.b"),
            ("problem[paper][@order]", "1"),
            ("problem[paper][max_size]", "9"),
            ("input_random", "0"),
        ] {
            assert_eq!(field(name), Some(value), "{name}");
        }
        assert_eq!(field("problem[pick][centralize]"), None);
        assert_eq!(formed.lost, [("problems.code.default".to_owned(), BLANKS), ("rated".to_owned(), SHAPE)]);
    }
}
