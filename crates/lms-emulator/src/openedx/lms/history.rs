//! `GET /api/grades/v1/submission_history/{id}/?username=` (reference openedx.md 3.11): global staff.

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::{Value, json};

use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, CourseKey};
use crate::openedx::olx::Course;
use crate::openedx::state::{App, State};
use crate::openedx::{paging, reply};

pub(crate) async fn list(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Mixin) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    if !state.is_staff(&caller) {
        return reply::developer(403, reply::FORBIDDEN);
    }
    let Some(course) = CourseKey::parse(&id).and_then(|key| state.courses.get(&key)) else {
        return reply::developer(404, "Course not found.");
    };
    let wanted = call.query("username");
    let people = state.enrollments.iter().filter(|entry| entry.course == course.key && entry.active);
    let people = people.filter(|entry| wanted.is_none_or(|name| name == entry.username));
    let items = people.map(|entry| history(&state, &entry.username, course)).collect();
    drop(state);
    match paging::numbered(&app, &call, items, 100) {
        Some(page) => reply::ok(page.flat()),
        None => reply::developer(404, "Invalid page."),
    }
}

/// Only problems four levels down: course, chapter, sequential, vertical, problem.
fn history(state: &State, username: &str, course: &Course) -> Value {
    let problems: Vec<Value> = course
        .walk(&BlockId::root())
        .into_iter()
        .filter(|id| id.kind == "problem" && course.ancestors(id).len() == 4)
        .map(|id| {
            let attempt = state.attempts.get(&(username.to_owned(), course.key.clone(), id.clone()));
            let entries = attempt.map(|attempt| attempt.history.as_slice()).unwrap_or_default();
            let entries: Vec<Value> = entries
                .iter()
                .map(|entry| json!({"state": entry.state, "grade": entry.grade, "max_grade": entry.max_grade}))
                .collect();
            json!({
                "location": course.key.usage(&id), "name": course.display_name(&id), "submission_history": entries,
                "data": course.blocks.get(&id).map(|block| block.element.pretty()),
            })
        })
        .collect();
    json!({"course_id": course.key.to_string(), "course_name": course.title(), "user": username, "problems": problems})
}
