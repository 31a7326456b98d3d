//! The settings form of a course (reference inginious.md 6.8, trap 5).

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::Method;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::access::Access;
use super::admin::{descriptor_text, enter};
use super::app::{App, SessionId};
use super::files::valid_id;
use super::http::{alert, bad_request, page, redirect};
use super::input::Form;
use super::rst::escape;
use super::yaml::Node;

/// Fields without which the form is a bad request.
const REQUIRED: [&str; 17] = [
    "name",
    "description",
    "admins",
    "tutors",
    "groups_student_choice",
    "accessible",
    "accessible_start",
    "accessible_end",
    "allow_unregister",
    "allow_preview",
    "registration",
    "registration_start",
    "registration_end",
    "registration_password",
    "registration_ac",
    "registration_ac_accept",
    "registration_ac_list",
];

/// `/admin/<course>` leads to the settings.
pub(crate) async fn entrance(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    match enter(&app, &session, &id, true, request).await {
        Ok(_) => redirect(&app.link(&format!("/admin/{id}/settings"))),
        Err(response) => response,
    }
}

/// `/admin/<course>/settings`.
pub(crate) async fn settings(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let post = request.method() == Method::POST;
    let (course, _, form) = match enter(&app, &session, &id, false, request).await {
        Ok(entered) => entered,
        Err(response) => return response,
    };
    if post && REQUIRED.iter().any(|name| form.text(name).is_none()) {
        return bad_request();
    }
    let mut store = app.store();
    let Some(stored) = store.courses.get_mut(&id) else { return bad_request() };
    let text = stored.files().text("course.yaml").unwrap_or_default();
    let Some(mut fields) = Node::parse(&text).ok().and_then(|node| node.to_json().as_object().cloned())
    else {
        return bad_request();
    };
    if !post {
        return page(200, &format!("{} - Settings ", course.name.shown()), &form_of(&fields));
    }
    let wrong = change(&mut fields, &form);
    // The file is written even when something is wrong; with a bad date nobody reaches the course any more.
    stored.files_mut().put("course.yaml", descriptor_text(&fields).into());
    match wrong {
        None => {
            let name = fields.get("name").and_then(Value::as_str).unwrap_or_default();
            page(200, &format!("{name} - Settings "), &alert("success", "", "Settings saved."))
        }
        Some(what) => page(200, &format!("{} - Settings ", course.name.shown()), &alert("danger", "", &what)),
    }
}

/// The form with what the course file says. Of `accessible` and `registration` it shows the dates, too.
fn form_of(fields: &Map<String, Value>) -> String {
    let text = |name: &str| fields.get(name).map(plain).unwrap_or_default();
    let input = |name: &str, value: &str| {
        format!("<input type=\"text\" name=\"{name}\" value=\"{}\">\n", escape(value))
    };
    let area = |name: &str, value: &str| format!("<textarea name=\"{name}\">{}</textarea>\n", escape(value));
    let list = |name: &str, between: &str| {
        let items = fields.get(name).and_then(Value::as_array).into_iter().flatten().map(plain);
        items.collect::<Vec<_>>().join(between)
    };
    let radio = |name: &str, chosen: &str, choices: &[&str]| -> String {
        choices
            .iter()
            .map(|choice| {
                let checked = if *choice == chosen { " checked=\"checked\"" } else { "" };
                format!("<input type=\"radio\" value=\"{choice}\" name=\"{name}\"{checked}>\n")
            })
            .collect()
    };
    let flag = |name: &str, default: bool| {
        let set = fields.get(name).and_then(Value::as_bool).unwrap_or(default);
        radio(name, if set { "true" } else { "false" }, &["true", "false"])
    };
    let window = |name: &str| {
        let (chosen, dates) = match fields.get(name) {
            None | Some(Value::Bool(true) | Value::Null) => ("true", String::new()),
            Some(Value::String(dates)) if dates.is_empty() => ("true", String::new()),
            Some(Value::String(dates)) => ("custom", dates.clone()),
            Some(_) => ("false", String::new()),
        };
        let (start, end) = dates.split_once('/').unwrap_or((&dates, ""));
        radio(name, chosen, &["false", "true", "custom"])
            + &input(&format!("{name}_start"), start.trim())
            + &input(&format!("{name}_end"), end.trim())
    };
    let control =
        Some(text("registration_ac")).filter(|c| !c.is_empty()).unwrap_or_else(|| "None".to_owned());
    let tags = fields.get("tags").and_then(Value::as_object).into_iter().flatten().zip(1..).map(|((id, tag), n)| {
        let of = |key: &str| tag.get(key).map(plain).unwrap_or_default();
        let visible = if tag.get("visible") == Some(&Value::Bool(true)) { " checked" } else { "" };
        let kind = Some(of("type")).filter(|kind| !kind.is_empty()).unwrap_or_else(|| "0".to_owned());
        // Categories have no choice of their own.
        let choices = ["0", "1"].map(|choice| {
            let selected = if kind == choice { " selected=\"selected\"" } else { "" };
            format!("<option value=\"{choice}\"{selected}></option>")
        });
        format!(
            "{}{}{}<input type=\"checkbox\" name=\"tags[{n}][visible]\"{visible}>\n<select name=\"tags[{n}][type]\">{}\
             </select>\n",
            input(&format!("tags[{n}][id]"), id),
            input(&format!("tags[{n}][name]"), &of("name")),
            area(&format!("tags[{n}][description]"), &of("description")),
            choices.concat()
        )
    });
    [
        "<form method=\"post\" id=\"edit_course\">\n".to_owned(),
        input("name", &text("name")),
        input("admins", &list("admins", ",")),
        input("tutors", &list("tutors", ",")),
        area("description", &text("description")),
        flag("groups_student_choice", false),
        flag("allow_preview", false),
        flag("allow_unregister", true),
        flag("registration_ac_accept", true),
        window("accessible"),
        window("registration"),
        input("registration_password", &text("registration_password")),
        radio("registration_ac", &control, &["None", "username", "binding", "email"]),
        area("registration_ac_list", &list("registration_ac_list", "\n")),
        input("lti_url", &text("lti_url")),
        area("lti_keys", ""),
        area("lti_config", "{}"),
        tags.collect(),
        "</form>".to_owned(),
    ]
    .concat()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Tags as the form sends them; those that it does not send are gone.
fn tags(form: &Form) -> Result<Value, String> {
    let mut tags = Map::new();
    let lines = form.0.iter().filter_map(|(name, _)| name.strip_prefix("tags[")?.strip_suffix("][id]"));
    for line in lines {
        let field = |name: &str| form.text(&format!("tags[{line}][{name}]"));
        let id = field("id").unwrap_or_default();
        let kind: i64 = field("type").and_then(|kind| kind.parse().ok()).unwrap_or_default();
        let name = field("name").unwrap_or_default();
        if name.is_empty() || (id.is_empty() && kind != 2) {
            return Err("Some tag fields were missing.".to_owned());
        }
        if !valid_id(id) {
            return Err(format!("Invalid tag id: {id}"));
        }
        let tag = json!({
            "name": name, "description": field("description").unwrap_or_default(), "type": kind,
            "visible": field("visible").is_some(),
        });
        tags.insert(id.to_owned(), tag);
    }
    Ok(tags.into())
}

/// Puts the form's values into the mapping of the file; returns what is wrong with them.
fn change(fields: &mut Map<String, Value>, form: &Form) -> Option<String> {
    let mut wrong = None;
    let text = |name: &str| form.text(name).unwrap_or_default();
    let names = |name: &str| -> Value {
        text(name).split(',').map(str::trim).filter(|name| !name.is_empty()).map(Value::from).collect()
    };
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    if text("name").is_empty() {
        wrong = Some("Invalid name".to_owned());
    }
    set("name", text("name").into());
    set("description", text("description").into());
    set("admins", names("admins"));
    set("tutors", names("tutors"));
    for name in ["groups_student_choice", "allow_unregister", "allow_preview", "registration_ac_accept"] {
        set(name, (text(name) == "true").into());
    }
    for name in ["accessible", "registration"] {
        let value = match text(name) {
            "custom" => format!("{}/{}", text(&format!("{name}_start")), text(&format!("{name}_end"))).into(),
            choice => Value::from(choice == "true"),
        };
        if let Value::String(dates) = &value
            && Access::read(&Node::Str(dates.clone())).is_err()
        {
            wrong = Some(format!("Invalid {name} dates").replace("accessible", "accessibility"));
        }
        set(name, value);
    }
    set("registration_password", Some(text("registration_password")).filter(|p| !p.is_empty()).into());
    let control = match text("registration_ac") {
        "None" => Value::Null,
        known @ ("username" | "binding" | "email") => known.into(),
        other => {
            wrong = Some("Invalid ACL value".to_owned());
            other.into()
        }
    };
    set("registration_ac", control);
    let list = text("registration_ac_list").lines().map(str::trim).filter(|entry| !entry.is_empty());
    set("registration_ac_list", list.map(Value::from).collect());
    match serde_json::from_str::<Map<String, Value>>(form.text("lti_config").unwrap_or("{}")) {
        Ok(config) => set("lti_config", config.into()),
        Err(error) => {
            wrong = Some(format!("LTI config couldn't parse as JSON - {error}"));
            None
        }
    };
    set("is_lti", (text("lti") == "true").into());
    set("lti_url", text("lti_url").into());
    set("lti_keys", json!({}));
    set("lti_send_back_grade", form.has("lti_send_back_grade").into());
    match tags(form) {
        Ok(sent) => {
            set("tags", sent);
        }
        Err(what) => wrong = Some(what),
    }
    wrong
}
