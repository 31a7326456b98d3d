//! `/api/courses/v1/courses/` (reference openedx.md 3.1).

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::{Value, json};

use crate::openedx::auth::{Caller, View, identify, require};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, CourseKey};
use crate::openedx::olx::{Course, asset_name};
use crate::openedx::state::{App, State};
use crate::openedx::{paging, reply};

/// `GET /api/courses/v1/courses/`. Without `username` it is the anonymous catalogue, whoever calls.
pub(crate) async fn list(Ext(app): Ext<App>, call: Call) -> Response {
    let caller = match identify(&app, &call, View::Mixin) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let username = call.query("username").unwrap_or_default();
    if let Err(refused) = may_view_as(&state, &caller, username) {
        return *refused;
    }
    let org = call.query("org").map(str::to_lowercase);
    let keys = call.query_list("course_keys");
    let permissions = call.query_list("permissions");
    let mut courses: Vec<&Course> = state
        .courses
        .values()
        .filter(|course| org.as_ref().is_none_or(|org| course.key.org.to_lowercase() == *org))
        .filter(|course| keys.is_empty() || keys.contains(&course.key.to_string().as_str()))
        .filter(|course| permissions.is_empty() || state.is_author(username, &course.key))
        .filter(|course| visibility(course) == "both" || state.is_author(username, &course.key))
        .collect();
    courses.sort_by_key(|course| course.key.to_string().to_lowercase());
    let items = courses.into_iter().map(|course| summary(&app, course)).collect();
    drop(state);
    match paging::numbered(&app, &call, items, 100) {
        Some(page) => reply::ok(page.namespaced()),
        None => reply::developer(404, "Invalid page."),
    }
}

/// `OPTIONS /api/courses/v1/courses/`: the view about itself.
pub(crate) async fn options(Ext(app): Ext<App>, call: Call) -> Response {
    match identify(&app, &call, View::Mixin) {
        Ok(_) => reply::ok(json!({
            "name": "Course List", "description": "The courses that the named user may see.",
            "renders": ["application/json"],
            "parses": ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"],
        })),
        Err(refused) => *refused,
    }
}

/// `GET /api/courses/v1/courses/{id}`, with or without a slash at the end.
pub(crate) async fn detail(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let caller = match identify(&app, &call, View::Mixin) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    // A key of the wrong form does not match the route (recorded: `detail, bad key`).
    let Some(key) = CourseKey::parse(&id) else { return reply::not_found() };
    let state = app.lock();
    let username = call.query("username").unwrap_or_default();
    if let Err(refused) = may_view_as(&state, &caller, username) {
        return *refused;
    }
    let course = state.courses.get(&key);
    let Some(course) =
        course.filter(|course| visibility(course) != "none" || state.is_author(username, &key))
    else {
        return reply::developer(404, "Course not found.");
    };
    let mut body = summary(&app, course);
    body["overview"] = course.about.get("overview").cloned().into();
    if !username.is_empty() {
        body["is_enrolled"] = state.is_enrolled(username, &key).into();
    }
    reply::ok(body)
}

/// `GET /api/courses/v1/course_ids/?role=staff`.
pub(crate) async fn ids(Ext(app): Ext<App>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Mixin) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let username = call.query("username").unwrap_or(&caller);
    if let Err(refused) = may_view_as(&state, &Caller(Some(caller.clone())), username) {
        return *refused;
    }
    let Some(role) = call.query("role") else {
        return reply::json(
            400,
            &json!({"field_errors": {"role": {"developer_message": "This field is required."}}}),
        );
    };
    let has_role = |course: &&Course| {
        state.is_staff(username) || course.team.iter().any(|(user, has)| user == username && has == role)
    };
    let mut ids: Vec<String> =
        state.courses.values().filter(has_role).map(|course| course.key.to_string()).collect();
    ids.sort_by_key(|id| id.to_lowercase());
    drop(state);
    match paging::numbered(&app, &call, ids.into_iter().map(Value::from).collect(), 1000) {
        Some(page) => reply::ok(page.namespaced()),
        None => reply::developer(404, "Invalid page."),
    }
}

/// Own name always, another name with global staff only (recorded: `list, another user`).
fn may_view_as(state: &State, caller: &Caller, username: &str) -> Result<(), Box<Response>> {
    if username.is_empty() || caller.is(username) {
        return Ok(());
    }
    if !caller.0.as_deref().is_some_and(|name| state.is_staff(name)) {
        return Err(Box::new(reply::developer(403, reply::FORBIDDEN)));
    }
    match state.users.contains_key(username) {
        true => Ok(()),
        false => Err(Box::new(reply::developer(404, "The user could not be found."))),
    }
}

fn visibility(course: &Course) -> String {
    course.course_setting("catalog_visibility").unwrap_or_else(|| "both".into())
}

pub(crate) fn summary(app: &App, course: &Course) -> Value {
    let key = &course.key;
    let root = BlockId::root();
    let lms = app.lms_url();
    let asset = |name: &str, default: &str| {
        let name =
            course.course_setting(name).filter(|name| !name.is_empty()).unwrap_or_else(|| default.into());
        format!("/{}", key.asset(&asset_name(&name)))
    };
    let banner = asset("banner_image", "images_course_image.jpg");
    let image = asset("course_image", "images_course_image.jpg");
    let absolute = format!("{lms}{image}");
    let about = |name: &str| course.about.get(name).map(|text| text.trim_end_matches('\n').to_owned());
    let advertised = course.course_setting("advertised_start").filter(|text| !text.is_empty());
    let start = course.start();
    let is_default = start == crate::openedx::olx::DEFAULT_START;
    let (start_type, start_display) = match &advertised {
        Some(text) => ("string", Some(text.clone())),
        None if is_default => ("empty", None),
        None => ("timestamp", month_day_year(&start)),
    };
    json!({
        "blocks_url": format!("{lms}/api/courses/v2/blocks/?course_id={}", key.quoted()),
        "effort": about("effort"),
        "end": course.date(&root, "end"),
        "enrollment_start": course.date(&root, "enrollment_start"),
        "enrollment_end": course.date(&root, "enrollment_end"),
        "id": key.to_string(),
        "media": {
            "banner_image": {"uri": banner, "uri_absolute": format!("{lms}{banner}")},
            "course_image": {"uri": image},
            "course_video": {"uri": video(course)},
            "image": {"raw": absolute, "small": absolute, "large": absolute},
        },
        // Escaped here, raw in the blocks API (reference openedx.md 6.1, 20).
        "name": escape(&course.title()),
        "number": key.number,
        "org": key.org,
        "short_description": about("short_description"),
        "start": start,
        "start_display": start_display,
        "start_type": start_type,
        "pacing": if course.flag(&root, "self_paced") { "self" } else { "instructor" },
        "mobile_available": course.flag(&root, "mobile_available"),
        "hidden": visibility(course) == "none",
        "invitation_only": course.flag(&root, "invitation_only"),
        "course_id": key.to_string(),
    })
}

fn video(course: &Course) -> Option<String> {
    let text = course.about.get("video")?;
    let (_, rest) = text.split_once("/embed/")?;
    let id: String = rest.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-')).collect();
    (!id.is_empty()).then(|| format!("http://www.youtube.com/watch?v={id}"))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;")
}

/// `Jan. 1, 2016`: Django's short months.
fn month_day_year(iso: &str) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec."];
    let date = iso.parse::<jiff::Timestamp>().ok()?.to_zoned(jiff::tz::TimeZone::UTC);
    let month = MONTHS.get(usize::try_from(date.month()).ok()?.checked_sub(1)?)?;
    Some(format!("{month} {}, {}", date.day(), date.year()))
}
