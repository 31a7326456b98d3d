//! `/api/completion/v1/` (reference openedx.md 3.12; recorded: `batch`, `batch, bad value`, `batch, other user`).
//!
//! Choices where no source speaks: an unreadable key and a learner who is not enrolled are 400s; a subsection counts as
//! complete when every block that can be completed is.

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::json;

use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, CourseKey, parse_usage};
use crate::openedx::olx::{Category, Course, category};
use crate::openedx::reply;
use crate::openedx::state::{App, State};

/// `POST completion-batch`.
pub(crate) async fn batch(Ext(app): Ext<App>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Plain) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let body = call.json().unwrap_or_default();
    let (Some(username), Some(blocks)) = (body["username"].as_str(), body["blocks"].as_object()) else {
        return reply::detail(400, "Key 'username', 'course_key' or 'blocks' not found.");
    };
    let mut state = app.lock();
    if username != caller && !state.is_staff(&caller) {
        return reply::detail(403, reply::FORBIDDEN);
    }
    let id = body["course_key"].as_str().unwrap_or_default();
    let Some(key) = CourseKey::parse(id).filter(|key| state.courses.contains_key(key)) else {
        return reply::detail(400, &format!("Invalid course key: {id}"));
    };
    if !state.is_enrolled(username, &key) {
        return reply::detail(400, &format!("User {username} is not enrolled in course {key}."));
    }
    let mut done = Vec::new();
    for (usage, share) in blocks {
        let Some((_, block)) = parse_usage(usage).filter(|(of, _)| *of == key) else {
            return reply::detail(400, &format!("Invalid block key: {usage}"));
        };
        let Some(share) = share.as_f64() else { return reply::detail(400, "a number is expected") };
        if !(0.0..=1.0).contains(&share) {
            return reply::detail(400, &format!("{share} must be between 0.0 and 1.0"));
        }
        done.push((block, share));
    }
    for (block, share) in done {
        state.completions.insert((username.to_owned(), key.clone(), block), share);
    }
    reply::ok(json!({"detail": "ok"}))
}

/// `GET subsection-completion/{username}/{id}/{usage}`.
pub(crate) async fn subsection(
    Ext(app): Ext<App>,
    Path((username, id, usage)): Path<(String, String, String)>,
    call: Call,
) -> Response {
    let caller = match require(&app, &call, View::Plain) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    if username != caller && !state.is_staff(&caller) {
        return reply::detail(403, reply::FORBIDDEN);
    }
    let course = CourseKey::parse(&id).and_then(|key| state.courses.get(&key));
    let found = course.zip(parse_usage(&usage));
    let Some((course, (_, section))) = found.filter(|(course, (of, _))| *of == course.key) else {
        return reply::detail(404, "Not found.");
    };
    reply::ok(json!({"completion": all_complete(&state, &username, course, &section)}))
}

/// Whether all below a block is complete that can be.
pub(super) fn all_complete(state: &State, username: &str, course: &Course, id: &BlockId) -> bool {
    let below = course.walk_as(username, id);
    let mut leaves =
        below.iter().filter(|id| category(&id.kind) != Some(Category::Container) && id.kind != "discussion");
    leaves.all(|id| is_complete(state, username, &course.key, id))
}

/// Said to be complete, or a problem that was submitted, with whatever score.
pub(super) fn is_complete(state: &State, username: &str, key: &CourseKey, id: &BlockId) -> bool {
    let place = (username.to_owned(), key.clone(), id.clone());
    state.completions.get(&place).is_some_and(|share| *share >= 1.0)
        || state.attempts.get(&place).is_some_and(|attempt| attempt.attempts > 0)
}
