//! `/api/v1/course_runs/` (reference openedx.md 3.13 b): JWT or session, global staff.

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, CourseKey};
use crate::openedx::olx::{Course, asset_name, iso_date};
use crate::openedx::state::App;
use crate::openedx::{paging, reply};

/// `GET`: the list.
pub(crate) async fn list(Ext(app): Ext<App>, call: Call) -> Response {
    if let Err(refused) = staff(&app, &call) {
        return *refused;
    }
    let state = app.lock();
    let items = state.courses.values().map(|course| describe(&app, course)).collect();
    drop(state);
    match paging::numbered(&app, &call, items, 100) {
        Some(page) => reply::ok(page.flat()),
        None => reply::detail(404, "Invalid page."),
    }
}

/// `GET {id}/`.
pub(crate) async fn read(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    if let Err(refused) = staff(&app, &call) {
        return *refused;
    }
    let state = app.lock();
    match CourseKey::parse(&id).and_then(|key| state.courses.get(&key)) {
        Some(course) => reply::ok(describe(&app, course)),
        None => reply::detail(404, "Not found."),
    }
}

/// `POST`: creates a course.
pub(crate) async fn create(Ext(app): Ext<App>, call: Call) -> Response {
    if let Err(refused) = staff(&app, &call) {
        return *refused;
    }
    let Some(Value::Object(body)) = call.json() else { return reply::detail(400, "JSON parse error") };
    let mut errors = Map::new();
    for name in ["title", "org", "number", "run"] {
        if body.get(name).and_then(Value::as_str).is_none_or(str::is_empty) {
            errors.insert(name.into(), json!(["This field is required."]));
        }
    }
    check(&app, &body, &mut errors);
    if !errors.is_empty() {
        return reply::json(400, &Value::Object(errors));
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let key = CourseKey::parse(&format!("course-v1:{}+{}+{}", text("org"), text("number"), text("run")));
    let Some(key) = key else {
        let text = "Invalid key supplied. Ensure there are no special characters in the Course Number.";
        return reply::json(400, &json!({"non_field_errors": [text]}));
    };
    let mut state = app.lock();
    // Nothing handles the duplicate, so it is a server error (reference openedx.md 3.13, inference).
    if state.has_course_like(&key) {
        return reply::html(500, "Studio Server Error");
    }
    let mut course = Course::new(key.clone(), text("title"));
    apply(&mut course, &body);
    let answer = describe(&app, &course);
    state.courses.insert(key, course);
    reply::json(201, &answer)
}

/// `PUT` and `PATCH {id}/`. A `PUT` without `team` removes the team (reference openedx.md 6.1, 21).
pub(crate) async fn update(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    if let Err(refused) = staff(&app, &call) {
        return *refused;
    }
    let Some(Value::Object(body)) = call.json() else { return reply::detail(400, "JSON parse error") };
    let mut errors = Map::new();
    check(&app, &body, &mut errors);
    if !errors.is_empty() {
        return reply::json(400, &Value::Object(errors));
    }
    let mut state = app.lock();
    let Some(course) = CourseKey::parse(&id).and_then(|key| state.courses.get_mut(&key)) else {
        return reply::detail(404, "Not found.");
    };
    if call.method == axum::http::Method::PUT && !body.contains_key("team") {
        course.team.clear();
    }
    apply(course, &body);
    reply::ok(describe(&app, course))
}

/// `POST {id}/rerun/`: a copy under another key (reference openedx.md 3.13 b). It is there at once, where the platform
/// copies in the background; the team is that of the request. A key of another form is a 400, as when creating.
pub(crate) async fn rerun(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    if let Err(refused) = staff(&app, &call) {
        return *refused;
    }
    let Some(Value::Object(body)) = call.json() else { return reply::detail(400, "JSON parse error") };
    let mut errors = Map::new();
    if body.get("run").and_then(Value::as_str).is_none_or(str::is_empty) {
        errors.insert("run".into(), json!(["This field is required."]));
    }
    check(&app, &body, &mut errors);
    if !errors.is_empty() {
        return reply::json(400, &Value::Object(errors));
    }
    let mut state = app.lock();
    let Some(source) = CourseKey::parse(&id).and_then(|key| state.courses.get(&key)).cloned() else {
        return reply::detail(404, "Not found.");
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let number = text("number").unwrap_or(&source.key.number);
    let run = text("run").unwrap_or_default();
    let Some(key) = CourseKey::parse(&format!("course-v1:{}+{number}+{run}", source.key.org)) else {
        let text = "Invalid key supplied. Ensure there are no special characters in the Course Number.";
        return reply::json(400, &json!({"non_field_errors": [text]}));
    };
    if state.has_course_like(&key) {
        return reply::json(400, &json!({"run": [format!("Course run {key} already exists")]}));
    }
    let mut course = Course { key: key.clone(), team: Vec::new(), ..source };
    apply(&mut course, &body);
    let answer = describe(&app, &course);
    state.courses.insert(key, course);
    reply::json(201, &answer)
}

fn staff(app: &App, call: &Call) -> Result<String, Box<Response>> {
    let username = require(app, call, View::Default)?;
    match app.lock().is_staff(&username) {
        true => Ok(username),
        false => Err(Box::new(reply::detail(403, reply::FORBIDDEN))),
    }
}

fn check(app: &App, body: &Map<String, Value>, errors: &mut Map<String, Value>) {
    if let Some(schedule) = body.get("schedule").and_then(Value::as_object) {
        for name in ["start", "end", "enrollment_start", "enrollment_end"] {
            let value = schedule.get(name).filter(|value| !value.is_null());
            if value.is_some_and(|value| value.as_str().and_then(iso_date).is_none()) {
                let text = "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";
                errors.insert("schedule".into(), json!({name: [text]}));
            }
        }
        if schedule.contains_key("start") != schedule.contains_key("end") {
            errors.insert(
                "schedule".into(),
                json!({"non_field_errors": ["start and end must be given together"]}),
            );
        }
    }
    if let Some(pacing) = body
        .get("pacing_type")
        .filter(|pacing| !matches!(pacing.as_str(), Some("instructor_paced" | "self_paced")))
    {
        errors.insert("pacing_type".into(), json!([format!("{pacing} is not a valid choice.")]));
    }
    let state = app.lock();
    for member in body.get("team").and_then(Value::as_array).into_iter().flatten() {
        let name = member["user"].as_str().unwrap_or_default();
        if !state.users.contains_key(name) {
            errors.insert(
                "team".into(),
                json!([{"user": [format!("Object with username={name} does not exist.")]}]),
            );
        }
    }
}

fn apply(course: &mut Course, body: &Map<String, Value>) {
    let title = body.get("title").and_then(Value::as_str);
    let pacing = body.get("pacing_type").and_then(Value::as_str);
    if let Some(root) = course.blocks.get_mut(&BlockId::root()) {
        if let Some(title) = title {
            root.element.set("display_name", title);
        }
        if let Some(pacing) = pacing {
            root.element.set("self_paced", (pacing == "self_paced").to_string());
        }
        for (name, value) in body.get("schedule").and_then(Value::as_object).into_iter().flatten() {
            match value.as_str().and_then(iso_date) {
                Some(date) => root.element.set(name, date),
                None => drop(root.element.remove(name)),
            }
        }
    }
    if let Some(team) = body.get("team").and_then(Value::as_array) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        course.team = team.iter().map(|member| (text(&member["user"]), text(&member["role"]))).collect();
    }
}

/// The recorded answer has neither `org`, `number` nor `run`.
fn describe(app: &App, course: &Course) -> Value {
    let root = BlockId::root();
    let image = course.course_setting("course_image").filter(|name| !name.is_empty());
    let image = course.key.asset(&asset_name(&image.unwrap_or_else(|| "images_course_image.jpg".into())));
    let team: Vec<Value> =
        course.team.iter().map(|(user, role)| json!({"user": user, "role": role})).collect();
    json!({
        "schedule": {
            "start": course.start(),
            "end": course.date(&root, "end"),
            "enrollment_start": course.date(&root, "enrollment_start"),
            "enrollment_end": course.date(&root, "enrollment_end"),
        },
        "pacing_type": if course.flag(&root, "self_paced") { "self_paced" } else { "instructor_paced" },
        "team": team,
        "id": course.key.to_string(),
        "title": course.title(),
        "images": {"card_image": format!("{}/{image}", app.studio_url())},
    })
}
