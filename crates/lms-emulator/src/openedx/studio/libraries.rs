//! Content libraries of the older kind, `library-v1:ORG+NAME`: `/library/` with a session
//! (`cms/djangoapps/contentstore/views/library.py` of edx-platform). They come in and go out like courses.
//!
//! Choice where no source speaks: there are no versions here, so both are null.

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::{Value, json};

use crate::openedx::call::Call;
use crate::openedx::keys::CourseKey;
use crate::openedx::olx::Course;
use crate::openedx::reply;
use crate::openedx::session::require_session;
use crate::openedx::state::App;

/// `GET /library/`: those that the caller may read.
pub(crate) async fn list(Ext(app): Ext<App>, call: Call) -> Response {
    let username = match require_session(&app, &call) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let mine = state.libraries.values().filter(|library| state.is_author(&username, &library.key));
    let found: Vec<Value> = mine
        .map(|library| json!({"display_name": library.title(), "library_key": library.key.to_string()}))
        .collect();
    reply::ok(found.into())
}

/// `POST /library/`. Every user may create; unlike that of a course, a duplicate is a 400.
pub(crate) async fn create(Ext(app): Ext<App>, call: Call) -> Response {
    let username = match require_session(&app, &call) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let refuse = |why: String| reply::json(400, &json!({"ErrMsg": why}));
    let body = call.json().unwrap_or_default();
    for field in ["display_name", "org"] {
        if !body[field].is_string() {
            return refuse(format!("Unable to create library - missing required field '{field}'"));
        }
    }
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let Some(name) = body["number"].as_str().or(body["library"].as_str()) else {
        return refuse("Unable to create library - missing required field 'library'".into());
    };
    let title = text("display_name");
    let Some(key) = CourseKey::parse(&format!("library-v1:{}+{name}", text("org"))) else {
        return refuse(format!("Unable to create library '{title}'.\n\nInvalid library key"));
    };
    let mut state = app.lock();
    if state.libraries.contains_key(&key) {
        let text = "There is already a library defined with the same organization and library code. Please change your \
                    library code so that it is unique within your organization.";
        return refuse(text.into());
    }
    let mut library = Course::new(key.clone(), title);
    library.team = vec![(username, "instructor".into())];
    state.libraries.insert(key.clone(), library);
    reply::ok(json!({"url": format!("/library/{key}"), "library_key": key.to_string()}))
}

/// `GET /library/{id}`: JSON where it is asked for, else a page.
pub(crate) async fn read(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let username = match require_session(&app, &call) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let key = CourseKey::parse(&id).filter(CourseKey::is_library);
    let Some(library) = key.and_then(|key| state.libraries.get(&key)) else { return reply::not_found() };
    if !state.is_author(&username, &library.key) {
        return reply::html(403, "403 Forbidden");
    }
    if call.query("format") != Some("json") && !call.wants_json() {
        return reply::html(200, "Content Library");
    }
    let children = library.root().map(|root| root.children.as_slice()).unwrap_or_default();
    let blocks: Vec<String> = children.iter().map(|child| library.key.usage(child)).collect();
    reply::ok(json!({
        "display_name": library.title(), "library_id": library.key.to_string(), "version": null,
        "previous_version": null, "blocks": blocks,
    }))
}
