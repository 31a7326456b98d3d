//! `GET /api/certificates/v0/certificates/{username}/courses/{id}/`: one's own, and anybody's for staff
//! ([ep lms/djangoapps/certificates/apis/v0/views]).
//!
//! Choices where no source speaks: whoever passes has a certificate, of the type of the enrollment's mode, made when the
//! enrollment was; somebody else's is a 403.

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::json;

use super::grades::grade;
use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::CourseKey;
use crate::openedx::reply;
use crate::openedx::state::App;

pub(crate) async fn one(
    Ext(app): Ext<App>,
    Path((username, id)): Path<(String, String)>,
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
    let Some(key) = CourseKey::parse(&id) else {
        return reply::json(404, &json!({"error_code": "course_id_not_valid"}));
    };
    let held = state.enrollment(&username, &key).zip(state.courses.get(&key)).and_then(|(entry, course)| {
        let mark = grade(&state, &username, course);
        (mark["passed"] == true).then_some((entry, mark))
    });
    match held {
        None => reply::json(404, &json!({"error_code": "no_certificate_for_user"})),
        Some((entry, mark)) => reply::ok(json!({
            "username": username, "course_id": key.to_string(), "certificate_type": entry.mode,
            "created_date": entry.created.to_string(), "status": "downloadable", "is_passing": true,
            "download_url": format!("{}/certificates/{}-{username}", app.lms_url(), key.number),
            "grade": mark["percent"].to_string(),
        })),
    }
}
