//! `GET /api/courses/v1/validation/{id}/?all=true` (reference openedx.md 3.17).

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::{Value, json};

use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, CourseKey};
use crate::openedx::reply;
use crate::openedx::state::App;

pub(crate) async fn read(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let username = match require(&app, &call, View::Mixin) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let Some(key) = CourseKey::parse(&id) else { return reply::developer(404, "Not found.") };
    let state = app.lock();
    if !state.is_author(&username, &key) {
        let text = "The requesting user does not have course author permissions.";
        return reply::developer_code(403, text, "user_permissions");
    }
    let Some(course) = state.courses.get(&key) else { return reply::developer(404, "Course not found.") };
    let root = BlockId::root();
    let asked = |group: &str| {
        ["all", group]
            .iter()
            .any(|name| call.query(name).is_some_and(|value| value.eq_ignore_ascii_case("true")))
    };
    let mut body = json!({"is_self_paced": course.flag(&root, "self_paced")});
    if asked("dates") {
        body["dates"] = json!({
            "has_start_date": course.start() != crate::openedx::olx::DEFAULT_START,
            "has_end_date": course.date(&root, "end").is_some(),
        });
    }
    if asked("assignments") {
        let sections: Vec<BlockId> =
            course.walk(&root).into_iter().filter(|id| id.kind == "sequential").collect();
        let visible = sections.iter().filter(|id| !course.flag(id, "visible_to_staff_only")).count();
        body["assignments"] = json!({
            "total_number": sections.len(), "total_visible": visible,
            "assignments_with_dates_before_start": [], "assignments_with_dates_after_end": [],
            "assignments_with_ora_dates_before_start": [], "assignments_with_ora_dates_after_end": [],
        });
    }
    if asked("grades") {
        let graders = course.grading["GRADER"].as_array().cloned().unwrap_or_default();
        let sum: f64 = graders.iter().filter_map(|grader| grader["weight"].as_f64()).sum();
        body["grades"] = json!({"has_grading_policy": !graders.is_empty(), "sum_of_weights": sum});
    }
    if asked("certificates") {
        body["certificates"] = json!({"is_activated": false, "has_certificate": false, "is_enabled": true});
    }
    if asked("updates") {
        body["updates"] = json!({"has_update": course.pages.contains_key("info/updates.html")});
    }
    if asked("proctoring") {
        body["proctoring"] =
            json!({"needs_proctoring_escalation_email": false, "has_proctoring_escalation_email": false});
    }
    reply::ok(Value::clone(&body))
}
