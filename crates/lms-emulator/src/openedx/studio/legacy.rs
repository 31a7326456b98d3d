//! The session forms of creating and listing courses (reference openedx.md 3.13 a).

use axum::extract::State as Ext;
use axum::response::Response;
use serde_json::{Value, json};

use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, CourseKey};
use crate::openedx::olx::{Course, iso_date};
use crate::openedx::reply;
use crate::openedx::session::require_session;
use crate::openedx::state::{App, State};

/// `POST /course/`. Every user may create; a duplicate is a 200 with `ErrMsg`.
pub(crate) async fn create(Ext(app): Ext<App>, call: Call) -> Response {
    let username = match require_session(&app, &call) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let body = call.json().unwrap_or_default();
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let number = if text("number").is_empty() { text("course") } else { text("number") };
    let key = CourseKey::parse(&format!("course-v1:{}+{number}+{}", text("org"), text("run")));
    let Some(key) = key else {
        let name = text("display_name");
        return reply::ok(
            json!({"ErrMsg": format!("Unable to create course '{name}'.\n\nInvalid course key")}),
        );
    };
    let mut state = app.lock();
    if state.has_course_like(&key) {
        let part = "Please change either the organization or course number so that it is unique.";
        let text = "There is already a course defined with the same organization and course number. Please change either organization or course number to be unique.";
        return reply::ok(json!({"ErrMsg": text, "OrgErrMsg": part, "CourseErrMsg": part}));
    }
    if !text("source_course_key").is_empty() {
        return copy(&mut state, text("source_course_key"), key, text("display_name"), &username);
    }
    let mut course = Course::new(key.clone(), text("display_name"));
    if let (Some(start), Some(root)) = (iso_date(text("start")), course.blocks.get_mut(&BlockId::root())) {
        root.element.set("start", start);
    }
    course.team = vec![(username.clone(), "instructor".into()), (username, "staff".into())];
    state.courses.insert(key.clone(), course);
    reply::ok(json!({"url": format!("/course/{key}"), "course_key": key.to_string()}))
}

/// With `source_course_key` it is a copy, there at once. Of a source that the caller may not read it is a 403.
fn copy(state: &mut State, source: &str, key: CourseKey, title: &str, username: &str) -> Response {
    let source = CourseKey::parse(source).filter(|source| state.is_author(username, source));
    let Some(source) = source.and_then(|source| state.courses.get(&source)).cloned() else {
        return reply::json(403, &json!({"error": "You do not have permission to copy this course"}));
    };
    let team = vec![(username.to_owned(), "instructor".into()), (username.to_owned(), "staff".into())];
    let mut course = Course { key: key.clone(), team, ..source };
    if let (false, Some(root)) = (title.is_empty(), course.blocks.get_mut(&BlockId::root())) {
        root.element.set("display_name", title);
    }
    state.courses.insert(key.clone(), course);
    reply::ok(json!({"url": "/course/", "destination_course_key": key.to_string()}))
}

/// `GET /home/`: HTML, one item per course of the caller.
pub(crate) async fn home(Ext(app): Ext<App>, call: Call) -> Response {
    let username = match require_session(&app, &call) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let items: String = mine(&state, &username)
        .map(|course| format!("<li class=\"course-item\" data-course-key=\"{}\"></li>\n", course.key))
        .collect();
    reply::text(
        200,
        &format!(
            "<!DOCTYPE html>\n<html><head><title>Studio Home</title></head><body><ul>\n{items}</ul></body></html>\n"
        ),
    )
}

/// `GET /api/contentstore/v1/home/courses`.
pub(crate) async fn home_courses(Ext(app): Ext<App>, call: Call) -> Response {
    let username = match require(&app, &call, View::Mixin) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let courses: Vec<Value> = mine(&state, &username)
        .map(|course| {
            let key = &course.key;
            json!({
                "course_key": key.to_string(), "display_name": course.title(),
                "lms_link": format!("{}/courses/{key}/jump_to/{}", app.lms_url(), key.usage(&BlockId::root())),
                "number": key.number, "org": key.org, "rerun_link": format!("/course_rerun/{key}"), "run": key.run,
                "url": format!("/course/{key}"), "is_active": true, "cms_link": format!("{}/course/{key}", app.studio_url()),
            })
        })
        .collect();
    reply::ok(json!({"courses": courses, "archived_courses": [], "in_process_course_actions": []}))
}

fn mine<'a>(state: &'a State, username: &'a str) -> impl Iterator<Item = &'a Course> {
    state.courses.values().filter(move |course| state.is_author(username, &course.key))
}
