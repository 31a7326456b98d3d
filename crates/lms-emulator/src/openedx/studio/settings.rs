//! Details and grading of a course (reference openedx.md 3.17): by token `/api/contentstore/v1/course_details/{id}`,
//! `/api/contentstore/v1/course_grading/{id}` and `/api/contentstore/v0/course_grading/{id}`, by session
//! `/settings/details/{id}` and `/settings/grading/{id}`.
//!
//! Choices where no source speaks: of a write without a date the date is emptied, texts that are not named stay; the
//! reading of the grading by token has the model under `course_details`; an unknown course is a 404.

use axum::extract::{Path, State as Ext};
use axum::http::Method;
use axum::response::Response;
use serde_json::{Value, json};

use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, CourseKey};
use crate::openedx::olx::{Course, asset_name, iso_date};
use crate::openedx::reply;
use crate::openedx::session::require_session;
use crate::openedx::state::App;

/// Pages of `about/`.
const ABOUT: [&str; 9] = [
    "about_sidebar_html",
    "description",
    "duration",
    "effort",
    "overview",
    "short_description",
    "subtitle",
    "syllabus",
    "title",
];
const DATES: [(&str, &str); 4] = [
    ("start_date", "start"),
    ("end_date", "end"),
    ("enrollment_start", "enrollment_start"),
    ("enrollment_end", "enrollment_end"),
];

type Refused = Box<Response>;

/// `GET|PUT /api/contentstore/v1/course_details/{id}`.
pub(crate) async fn details(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    answer(&app, &call, require(&app, &call, View::Mixin), &id, serve_details)
}

/// `GET|POST /settings/details/{id}`.
pub(crate) async fn session_details(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    answer(&app, &call, require_session(&app, &call), &id, serve_details)
}

/// `GET /api/contentstore/v1/course_grading/{id}`.
pub(crate) async fn grading(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    answer(&app, &call, require(&app, &call, View::Mixin), &id, |_, course| {
        Ok(json!({
            "course_assignment_lists": {}, "course_details": graders(course),
            "show_credit_eligibility": false, "is_credit_course": false,
        }))
    })
}

/// `POST /api/contentstore/v0/course_grading/{id}`.
pub(crate) async fn write_grading(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    answer(&app, &call, require(&app, &call, View::Mixin), &id, serve_grading)
}

/// `GET|POST /settings/grading/{id}`.
pub(crate) async fn session_grading(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    answer(&app, &call, require_session(&app, &call), &id, serve_grading)
}

fn answer(
    app: &App,
    call: &Call,
    user: Result<String, Refused>,
    id: &str,
    serve: impl FnOnce(&Call, &mut Course) -> Result<Value, Refused>,
) -> Response {
    let user = match user {
        Ok(user) => user,
        Err(refused) => return *refused,
    };
    let Some(key) = CourseKey::parse(id) else { return reply::not_found() };
    let mut state = app.lock();
    if !state.is_author(&user, &key) {
        return reply::detail(403, reply::FORBIDDEN);
    }
    let Some(course) = state.courses.get_mut(&key) else { return reply::not_found() };
    match serve(call, course) {
        Ok(body) => reply::ok(body),
        Err(refused) => *refused,
    }
}

fn serve_details(call: &Call, course: &mut Course) -> Result<Value, Refused> {
    if call.method != Method::GET {
        let body = call.json().filter(Value::is_object);
        let body = body.ok_or_else(|| Box::new(reply::detail(400, "JSON parse error")))?;
        write_details(course, &body)?;
    }
    Ok(describe(course))
}

fn write_details(course: &mut Course, body: &Value) -> Result<(), Refused> {
    for (name, _) in DATES {
        if body[name].as_str().is_some_and(|text| iso_date(text).is_none()) {
            let text = "Datetime has wrong format.";
            return Err(Box::new(reply::json(400, &json!({name: [text]}))));
        }
    }
    for name in ABOUT {
        match body.get(name) {
            None => {}
            Some(Value::String(text)) => drop(course.about.insert(name.to_owned(), text.clone())),
            Some(_) => drop(course.about.remove(name)),
        }
    }
    // What was read as a default and comes back is no setting of the course's own (`course_details.py` of edx-platform
    // sets what differs).
    let before = describe(course);
    let Some(root) = course.blocks.get_mut(&BlockId::root()) else { return Ok(()) };
    for (name, setting) in DATES.into_iter().filter(|(name, _)| body[*name] != before[*name]) {
        match body[name].as_str().and_then(iso_date) {
            Some(date) => root.element.set(setting, date),
            None => drop(root.element.remove(setting)),
        }
    }
    for (name, setting) in [
        ("language", "language"),
        ("course_image_name", "course_image"),
        ("banner_image_name", "banner_image"),
    ] {
        if let Some(text) = body[name].as_str().filter(|_| body[name] != before[name]) {
            root.element.set(setting, text);
        }
    }
    if let Some(paced) = body["self_paced"].as_bool() {
        root.element.set("self_paced", paced.to_string());
    }
    Ok(())
}

fn describe(course: &Course) -> Value {
    let root = BlockId::root();
    let about = |name: &str| course.about.get(name).cloned();
    let text = |name: &str| about(name).unwrap_or_default();
    let image =
        |setting: &str| course.course_setting(setting).unwrap_or_else(|| "images_course_image.jpg".into());
    let path = |setting: &str| format!("/{}", course.key.asset(&asset_name(&image(setting))));
    json!({
        "about_sidebar_html": about("about_sidebar_html"), "banner_image_name": image("banner_image"),
        "banner_image_asset_path": path("banner_image"), "certificate_available_date": null,
        "certificates_display_behavior": "end", "course_id": course.key.number,
        "course_image_asset_path": path("course_image"), "course_image_name": image("course_image"),
        "description": text("description"), "duration": text("duration"), "effort": about("effort"),
        "end_date": course.date(&root, "end"), "enrollment_end": course.date(&root, "enrollment_end"),
        "enrollment_start": course.date(&root, "enrollment_start"), "entrance_exam_enabled": "",
        "entrance_exam_id": "", "entrance_exam_minimum_score_pct": "50", "instructor_info": {"instructors": []},
        "intro_video": null, "language": course.course_setting("language"), "learning_info": [], "license": null,
        "org": course.key.org, "overview": text("overview"), "pre_requisite_courses": [], "run": course.key.run,
        "self_paced": course.flag(&root, "self_paced"), "short_description": text("short_description"),
        "start_date": course.start(), "subtitle": text("subtitle"), "syllabus": about("syllabus"),
        "title": text("title"), "video_thumbnail_image_asset_path": path("course_image"),
        "video_thumbnail_image_name": image("course_image"),
    })
}

fn serve_grading(call: &Call, course: &mut Course) -> Result<Value, Refused> {
    if call.method == Method::GET {
        return Ok(graders(course));
    }
    let body = call.json().filter(|body| body["graders"].is_array() && body["grade_cutoffs"].is_object());
    let body = body.ok_or_else(|| Box::new(reply::detail(400, "graders and grade_cutoffs are required")))?;
    let list = body["graders"].as_array().into_iter().flatten().map(|grader| {
        json!({
            "type": grader["type"], "short_label": grader["short_label"], "min_count": grader["min_count"],
            "drop_count": grader["drop_count"], "weight": grader["weight"].as_f64().unwrap_or(0.0) / 100.0,
        })
    });
    course.grading = json!({"GRADER": list.collect::<Vec<_>>(), "GRADE_CUTOFFS": body["grade_cutoffs"]});
    Ok(graders(course))
}

/// Weights in whole percents here, as fractions everywhere else (reference openedx.md 6.1, 19).
fn graders(course: &Course) -> Value {
    let list = course.grading["GRADER"].as_array().into_iter().flatten().enumerate().map(|(id, grader)| {
        json!({
            "id": id, "type": grader["type"], "short_label": grader["short_label"],
            "min_count": grader["min_count"], "drop_count": grader["drop_count"],
            "weight": (grader["weight"].as_f64().unwrap_or(0.0) * 100.0).round(),
        })
    });
    json!({
        "graders": list.collect::<Vec<_>>(), "grade_cutoffs": course.grading["GRADE_CUTOFFS"],
        "grace_period": null, "minimum_grade_credit": 0.8,
    })
}
