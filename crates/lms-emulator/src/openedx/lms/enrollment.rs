//! `/api/enrollment/v1/` and `/change_enrollment` (reference openedx.md 3.4).

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::{Value, json};

use crate::openedx::auth::{View, csrf_ok, require, session_user};
use crate::openedx::call::{Call, field};
use crate::openedx::keys::{BlockId, CourseKey};
use crate::openedx::olx::Course;
use crate::openedx::session::csrf_failed;
use crate::openedx::state::{App, Enrollment, State};
use crate::openedx::{paging, reply};

/// Modes that every course offers here; learners may take only these.
pub(super) const MODES: [(&str, &str); 2] = [("audit", "Audit"), ("honor", "Honor")];

/// `GET enrollment[?user=]`: active enrollments, oldest first. Somebody else's are cut to the courses the caller staffs.
pub(crate) async fn mine(Ext(app): Ext<App>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Plain) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let user = call.query("user").unwrap_or(&caller);
    let entries = state.enrollments.iter().filter(|entry| entry.username == user && entry.active);
    let entries = entries.filter(|entry| user == caller || state.is_author(&caller, &entry.course));
    reply::ok(entries.filter_map(|entry| describe(&state, entry)).collect::<Vec<_>>().into())
}

/// `GET enrollment/{username},{id}` and `enrollment/{id}`. No enrollment is a 200 with nothing in it.
pub(crate) async fn one(Ext(app): Ext<App>, Path(which): Path<String>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Plain) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let (user, id) = which.rsplit_once(',').unwrap_or((&caller, &which));
    let state = app.lock();
    if user != caller && !state.is_staff(&caller) {
        return reply::empty(404);
    }
    let Some(key) = CourseKey::parse(id) else { return reply::not_found() };
    if !state.courses.contains_key(&key) {
        let text =
            format!("An error occurred while retrieving enrollments for user '{user}' in course '{id}'");
        return reply::message(400, &text);
    }
    match state.enrollment(user, &key).and_then(|entry| describe(&state, entry)) {
        Some(body) => reply::ok(body),
        None => reply::empty(200),
    }
}

/// `POST enrollment`, JSON.
pub(crate) async fn enroll(Ext(app): Ext<App>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Plain) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let Some(body) = call.json().filter(Value::is_object) else {
        return reply::detail(400, "JSON parse error");
    };
    let mut state = app.lock();
    let staff = state.is_staff(&caller);
    let Some(id) = body["course_details"]["course_id"].as_str() else {
        return reply::message(400, "Course ID must be specified to create a new enrollment.");
    };
    let email = body["email"].as_str().filter(|_| staff);
    let user = body["user"].as_str().or(email).unwrap_or(&caller).to_owned();
    if user != caller && !staff {
        return reply::empty(404);
    }
    for name in ["is_active", "force_enrollment"] {
        // Strict booleans: the text "false" is not one.
        if body.get(name).is_some_and(|value| !value.is_boolean() && !value.is_null()) {
            return reply::message(
                400,
                &format!("'{}' is an invalid enrollment activation status.", body[name]),
            );
        }
    }
    let Some(user) = state.find_user(&user).map(|user| user.username.clone()) else {
        return reply::message(406, &format!("The user {user} does not exist."));
    };
    let Some(key) = CourseKey::parse(id).filter(|key| state.courses.contains_key(key)) else {
        return reply::message(400, &format!("No course '{id}' found for enrollment"));
    };
    let asked = body["mode"].as_str();
    let offered = |mode: &str| MODES.iter().any(|(slug, _)| *slug == mode);
    if let Some(mode) = asked.filter(|mode| !offered(mode)) {
        if !staff {
            let text = format!("User does not have permission to create enrollment with mode [{mode}].");
            return reply::message(403, &text);
        }
        let text = format!("The course mode '{mode}' is not available for course '{id}'.");
        let details = state.courses.get(&key).map(details);
        return reply::json(400, &json!({"message": text, "course_details": details}));
    }
    let current = state.enrollment(&user, &key).cloned();
    if current.is_none()
        && !staff
        && (is_full(&state, &key) || state.courses.get(&key).is_some_and(is_closed))
    {
        let text = format!(
            "An error occurred while creating the new course enrollment for user '{user}' in course '{id}'"
        );
        return reply::message(400, &text);
    }
    let mode = asked.map(str::to_owned).or_else(|| current.as_ref().map(|entry| entry.mode.clone()));
    let mode = mode.unwrap_or_else(|| "audit".into());
    // Only staff deactivate; a learner's `is_active: false` goes the way of any enrollment (recorded: `leave`).
    if staff && body["is_active"] == false {
        let Some(current) = current else {
            return reply::message(400, &format!("No enrollment of '{user}' in '{id}' to deactivate"));
        };
        if asked.is_some_and(|asked| asked != current.mode) {
            let text = format!(
                "Enrollment mode mismatch: active mode={}, requested mode={mode}. Won't deactivate.",
                current.mode
            );
            return reply::message(400, &text);
        }
        state.enroll(&user, &key, &current.mode, false);
    } else {
        state.enroll(&user, &key, &mode, true);
    }
    match state.enrollment(&user, &key).and_then(|entry| describe(&state, entry)) {
        Some(body) => reply::ok(body),
        None => reply::empty(200),
    }
}

/// `GET enrollments/`: global staff; inactive ones too, newest first, `page_size` ignored.
pub(crate) async fn all(Ext(app): Ext<App>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Mixin) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    if !state.is_staff(&caller) {
        return reply::developer(403, reply::FORBIDDEN);
    }
    for id in call.query("course_id").into_iter().chain(call.query_list("course_ids")) {
        if CourseKey::parse(id).is_none() {
            let text = format!("'{id}' is not a valid course id.");
            return reply::json(400, &json!({"field_errors": {"course_id": {"developer_message": text}}}));
        }
    }
    let names = call.query_list("username");
    let emails = call.query_list("email");
    let mut courses = call.query_list("course_ids");
    courses.extend(call.query("course_id"));
    let email = |entry: &Enrollment| {
        state.users.get(&entry.username).map(|user| user.email.as_str()).unwrap_or_default()
    };
    let items = state
        .enrollments
        .iter()
        .rev()
        .filter(|entry| courses.is_empty() || courses.contains(&entry.course.to_string().as_str()))
        .filter(|entry| names.is_empty() || names.contains(&entry.username.as_str()))
        .filter(|entry| emails.is_empty() || emails.contains(&email(entry)))
        .map(|entry| {
            json!({
                "created": stamp(entry), "mode": entry.mode, "is_active": entry.active, "user": entry.username,
                "course_id": entry.course.to_string(),
            })
        })
        .collect();
    drop(state);
    reply::ok(paging::by_cursor(&app, &call, items, app.page_size()))
}

/// `GET course/{id}`: no credentials needed.
pub(crate) async fn course(Ext(app): Ext<App>, Path(id): Path<String>) -> Response {
    match CourseKey::parse(&id).and_then(|key| app.lock().courses.get(&key).map(details)) {
        Some(body) => reply::ok(body),
        None => reply::message(400, &format!("No course found for course ID '{id}'")),
    }
}

/// `GET roles/`: the caller's places in course teams.
pub(crate) async fn roles(Ext(app): Ext<App>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Plain) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let mut roles = Vec::new();
    for course in state.courses.values() {
        let id = course.key.to_string();
        if call.query("course_id").is_some_and(|wanted| wanted != id) {
            continue;
        }
        for (_, role) in course.team.iter().filter(|(user, _)| *user == caller) {
            roles.push(json!({"org": course.key.org, "course_id": id, "role": role}));
        }
    }
    reply::ok(json!({"roles": roles, "is_staff": state.is_staff(&caller)}))
}

/// `POST /change_enrollment`: the learner's own way in and out, a session form.
pub(crate) async fn change(Ext(app): Ext<App>, call: Call) -> Response {
    let Some(username) = session_user(&app, &call) else { return reply::empty(403) };
    if !csrf_ok(&call) {
        return csrf_failed();
    }
    let form = call.any_form().await;
    let Some(id) = field(&form, "course_id") else { return reply::text(400, "Course id not specified") };
    let mut state = app.lock();
    let Some(key) = CourseKey::parse(id).filter(|key| state.courses.contains_key(key)) else {
        return reply::text(400, "Course id is invalid");
    };
    match field(&form, "enrollment_action") {
        Some("enroll") if state.courses.get(&key).is_some_and(is_closed) => {
            reply::text(400, "Enrollment is closed")
        }
        Some("enroll") if is_full(&state, &key) => reply::text(400, "Course is full"),
        Some("enroll") => {
            state.enroll(&username, &key, "audit", true);
            reply::text(200, "")
        }
        Some("unenroll") => match state.enrollment(&username, &key).filter(|entry| entry.active).cloned() {
            Some(entry) => {
                state.enroll(&username, &key, &entry.mode, false);
                reply::text(200, "")
            }
            None => reply::text(400, "You are not enrolled in this course"),
        },
        _ => reply::text(400, "Enrollment action is invalid"),
    }
}

/// Before or after the time of enrollment, or by invitation only. Staff come in all the same.
fn is_closed(course: &Course) -> bool {
    let root = BlockId::root();
    let now = jiff::Timestamp::now();
    let date = |name: &str| course.date(&root, name).and_then(|date| date.parse::<jiff::Timestamp>().ok());
    course.flag(&root, "invitation_only")
        || date("enrollment_start").is_some_and(|start| start > now)
        || date("enrollment_end").is_some_and(|end| end < now)
}

/// As many take part as `max_student_enrollments_allowed` lets in (reference openedx.md 5.3).
fn is_full(state: &State, key: &CourseKey) -> bool {
    let most =
        state.courses.get(key).and_then(|course| course.course_setting("max_student_enrollments_allowed"));
    let there = state.enrollments.iter().filter(|entry| entry.course == *key && entry.active).count();
    most.and_then(|most| most.parse::<usize>().ok()).is_some_and(|most| there >= most)
}

fn describe(state: &State, entry: &Enrollment) -> Option<Value> {
    Some(json!({
        "created": stamp(entry), "mode": entry.mode, "is_active": entry.active,
        "course_details": details(state.courses.get(&entry.course)?), "user": entry.username,
    }))
}

/// With microseconds, unlike most dates (recorded).
fn stamp(entry: &Enrollment) -> String {
    entry.created.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

fn details(course: &Course) -> Value {
    let root = BlockId::root();
    let mode = |(slug, name): (&str, &str)| {
        json!({
            "slug": slug, "name": name, "min_price": 0, "suggested_prices": "", "currency": "usd",
            "expiration_datetime": null, "description": null, "sku": null, "bulk_sku": null,
        })
    };
    json!({
        "course_id": course.key.to_string(),
        "course_name": course.title(),
        "enrollment_start": course.date(&root, "enrollment_start"),
        "enrollment_end": course.date(&root, "enrollment_end"),
        "course_start": course.start(),
        "course_end": course.date(&root, "end"),
        "invite_only": course.flag(&root, "invitation_only"),
        "course_modes": MODES.map(mode),
        "pacing_type": if course.flag(&root, "self_paced") { "Self Paced" } else { "Instructor Paced" },
    })
}
