//! The form of a course's settings, made of its course file.

use lms_core::{Error, Result};
use serde_json::{Map, Value};

use crate::convert::read::accessibility;

/// Keys of the course file that the form knows.
pub(crate) const KNOWN: [&str; 20] = [
    "name",
    "description",
    "admins",
    "tutors",
    "groups_student_choice",
    "accessible",
    "allow_unregister",
    "allow_preview",
    "registration",
    "registration_password",
    "registration_ac",
    "registration_ac_accept",
    "registration_ac_list",
    "is_lti",
    "lti_url",
    "lti_keys",
    "lti_config",
    "lti_send_back_grade",
    "tags",
    "task_dispenser",
];

/// All the fields, those of tags too: what is not sent is removed.
pub(super) fn settings(whole: &Value) -> Result<Vec<(String, String)>> {
    let none = Map::new();
    let head = whole.as_object().unwrap_or(&none);
    let text = |key: &str| head.get(key).map(plain).unwrap_or_default();
    if text("name").trim().is_empty() {
        return Err(Error::invalid("a course has a name").on("course.yaml: name"));
    }
    let mut form: Vec<(String, String)> = Vec::new();
    let mut put = |name: &str, value: String| form.push((name.to_owned(), value));
    for key in ["name", "description", "registration_password", "lti_url"] {
        put(key, text(key));
    }
    for key in ["admins", "tutors"] {
        put(key, list(head.get(key), ","));
    }
    for (key, default) in [
        ("groups_student_choice", false),
        ("allow_unregister", true),
        ("allow_preview", false),
        ("registration_ac_accept", true),
    ] {
        put(key, head.get(key).and_then(Value::as_bool).unwrap_or(default).to_string());
    }
    for key in ["accessible", "registration"] {
        let value = head.get(key).unwrap_or(&Value::Bool(true));
        if accessibility(value).is_none() {
            return Err(Error::invalid("neither true nor false nor dates").on(format!("course.yaml: {key}")));
        }
        let (choice, dates) = match value {
            Value::String(dates) if !dates.trim().is_empty() => ("custom", dates.as_str()),
            Value::Bool(false) | Value::Number(_) => ("false", ""),
            _ => ("true", ""),
        };
        let mut parts = dates.split('/').map(str::trim);
        let (start, end) = (parts.next().unwrap_or_default(), parts.next_back().unwrap_or_default());
        put(key, choice.to_owned());
        put(&format!("{key}_start"), start.to_owned());
        put(&format!("{key}_end"), end.to_owned());
    }
    let control = Some(text("registration_ac")).filter(|control| !control.is_empty());
    let control = control.unwrap_or_else(|| "None".to_owned());
    if !["None", "username", "binding", "email"].contains(&control.as_str()) {
        return Err(Error::invalid("none of username, binding, email").on("course.yaml: registration_ac"));
    }
    put("registration_ac", control);
    put("registration_ac_list", list(head.get("registration_ac_list"), "\n"));
    let keys = head.get("lti_keys").and_then(Value::as_object).into_iter().flatten();
    put(
        "lti_keys",
        keys.map(|(key, secret)| format!("{key}:{}", plain(secret))).collect::<Vec<_>>().join("\n"),
    );
    put(
        "lti_config",
        head.get("lti_config").filter(|c| c.is_object()).map_or("{}".to_owned(), Value::to_string),
    );
    for (key, field) in [("is_lti", "lti"), ("lti_send_back_grade", "lti_send_back_grade")] {
        if head.get(key) == Some(&Value::Bool(true)) {
            put(field, "true".to_owned());
        }
    }
    for (n, (id, tag)) in head.get("tags").and_then(Value::as_object).into_iter().flatten().enumerate() {
        let of = |key: &str| tag.get(key).map(plain).unwrap_or_default();
        put(&format!("tags[{n}][id]"), id.clone());
        put(&format!("tags[{n}][name]"), of("name"));
        put(&format!("tags[{n}][description]"), of("description"));
        put(
            &format!("tags[{n}][type]"),
            Some(of("type")).filter(|t| !t.is_empty()).unwrap_or("0".to_owned()),
        );
        if tag.get("visible") == Some(&Value::Bool(true)) {
            put(&format!("tags[{n}][visible]"), "on".to_owned());
        }
    }
    Ok(form)
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn list(value: Option<&Value>, between: &str) -> String {
    let items = value.and_then(Value::as_array).into_iter().flatten().map(plain);
    items.collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_are_checked_before_they_are_sent() {
        let of = |head: Value| settings(&head);
        let form = of(json!({"name": "A", "accessible": "2030-01-01/", "admins": ["sam", "tom"],
            "tags": {"loops": {"name": "Loops", "type": 1, "visible": true}}}));
        let form = form.expect("sound settings");
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        assert_eq!((field("accessible"), field("accessible_start")), (Some("custom"), Some("2030-01-01")));
        assert_eq!((field("admins"), field("registration")), (Some("sam,tom"), Some("true")));
        assert_eq!((field("tags[0][id]"), field("tags[0][visible]")), (Some("loops"), Some("on")));
        for bad in [
            json!({"name": " "}),
            json!({"name": "A", "accessible": "tomorrow"}),
            json!({"name": "A", "registration_ac": "moonlight"}),
        ] {
            let error = of(bad).expect_err("refused");
            assert!(error.resource().is_some_and(|on| on.starts_with("course.yaml: ")), "{error}");
        }
    }
}
