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
use super::http::{alert, bad_request, page, redirect};
use super::input::Form;
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
    if !post {
        return page(200, &format!("{} - Settings ", course.name.shown()), "");
    }
    if REQUIRED.iter().any(|name| form.text(name).is_none()) {
        return bad_request();
    }
    let mut store = app.store();
    let Some(stored) = store.courses.get_mut(&id) else { return bad_request() };
    let text = stored.files().text("course.yaml").unwrap_or_default();
    let Some(mut fields) = Node::parse(&text).ok().and_then(|node| node.to_json().as_object().cloned())
    else {
        return bad_request();
    };
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
    set("tags", json!({}));
    wrong
}
