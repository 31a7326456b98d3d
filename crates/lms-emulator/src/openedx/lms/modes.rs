//! `GET /api/course_modes/v1/courses/{id}/` (reference openedx.md 3.1): staff. The modes are those that every course
//! offers here; an unknown course is a 404.

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::{Value, json};

use super::enrollment::MODES;
use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::CourseKey;
use crate::openedx::reply;
use crate::openedx::state::App;

pub(crate) async fn list(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Plain) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    if !state.is_staff(&caller) {
        return reply::detail(403, reply::FORBIDDEN);
    }
    if CourseKey::parse(&id).is_none_or(|key| !state.courses.contains_key(&key)) {
        return reply::detail(404, "Not found.");
    }
    let modes = MODES.map(|(slug, name)| {
        json!({
            "course_id": id, "mode_slug": slug, "mode_display_name": name, "min_price": 0, "currency": "usd",
            "expiration_datetime": null, "expiration_datetime_is_explicit": false, "description": null,
            "sku": null, "bulk_sku": null,
        })
    });
    reply::ok(Value::from(modes.to_vec()))
}
