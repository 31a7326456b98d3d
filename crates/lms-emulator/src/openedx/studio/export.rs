//! Course export with a session, and the OLX of single blocks by token (reference openedx.md 3.14).

use axum::extract::{Path, State as Ext};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, CourseKey, parse_usage};
use crate::openedx::olx::{self, Course};
use crate::openedx::session::require_session;
use crate::openedx::state::{App, Export};
use crate::openedx::{archive, reply};
use crate::random;

/// `POST /export/{id}`.
pub(crate) async fn start(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let key = match author(&app, &call, &id) {
        Ok(key) => key,
        Err(refused) => return *refused,
    };
    app.lock().exports.insert(key.clone(), Export { done: None });
    tokio::spawn(async move {
        tokio::time::sleep(app.delay()).await;
        let files = app.lock().edited(&key).map(olx::save);
        let files = files.ok_or_else(|| format!("Course {key} does not exist"));
        let top = if key.is_library() { "library" } else { "course" };
        let done = files.and_then(|files| archive::pack(&files, top).map_err(|error| error.to_string()));
        app.lock().exports.insert(key, Export { done: Some(done) });
    });
    reply::ok(json!({"ExportStatus": 1}))
}

/// `GET /export/{id}`: a page for people; anything but HTML is 406.
pub(crate) async fn page(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    match author(&app, &call, &id) {
        Err(refused) => *refused,
        Ok(_) if call.header("accept").is_none_or(|accept| !accept.contains("text/html")) => {
            reply::empty(406)
        }
        Ok(_) => reply::html(200, "Course Export"),
    }
}

/// `GET /export_status/{id}`.
pub(crate) async fn status(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let key = match author(&app, &call, &id) {
        Ok(key) => key,
        Err(refused) => return *refused,
    };
    match app.lock().exports.get(&key).map(|export| &export.done) {
        None => reply::ok(json!({"ExportStatus": 0})),
        Some(None) => reply::ok(json!({"ExportStatus": 1})),
        Some(Some(Ok(_))) => {
            reply::ok(json!({"ExportStatus": 3, "ExportOutput": format!("/export_output/{id}")}))
        }
        Some(Some(Err(why))) => reply::ok(json!({"ExportStatus": -2, "ExportError": {"raw_error_msg": why}})),
    }
}

/// `GET /export_output/{id}`.
pub(crate) async fn output(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let key = match author(&app, &call, &id) {
        Ok(key) => key,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let Some(Some(Ok(data))) = state.exports.get(&key).map(|export| &export.done) else {
        return reply::not_found();
    };
    let mut response = data.clone().into_response();
    let name = format!("attachment; filename=course.{}.tar.gz", &random::secret()[..8]);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-tgz"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

/// `GET /api/olx-export/v1/xblock/{usage}/`: verticals and what is below them.
pub(crate) async fn block(Ext(app): Ext<App>, Path(usage): Path<String>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Plain) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let Some((key, id)) = parse_usage(&usage) else { return reply::detail(404, "Invalid usage key") };
    let state = app.lock();
    if !state.is_author(&caller, &key) {
        return reply::detail(
            403,
            "You must be a member of the course team in Studio to export OLX using this API.",
        );
    }
    if matches!(id.kind.as_str(), "course" | "chapter" | "sequential") {
        return reply::json(
            400,
            &json!(["Requested XBlock tree is too large - export verticals or their children only"]),
        );
    }
    // An HTML page with status 500, as recorded (`olx export api of an unknown block`).
    let known = state.edited(&key).filter(|course| find(course, &id).is_some());
    let Some(course) = known else { return reply::html(500, "Studio Server Error") };
    let mut blocks = Map::new();
    collect(&app, course, &id, &mut blocks);
    reply::ok(json!({"root_block_id": key.usage(&id), "blocks": blocks}))
}

fn find<'a>(course: &'a Course, id: &BlockId) -> Option<&'a olx::Block> {
    course.studio_block(id)
}

fn collect(app: &App, course: &Course, id: &BlockId, blocks: &mut Map<String, Value>) {
    let Some(text) = olx::block_olx(course, id).filter(|_| !blocks.contains_key(&course.key.usage(id)))
    else {
        return;
    };
    let mut files = Map::new();
    for name in static_names(&text) {
        if course.assets.contains_key(&olx::asset_name(&name)) {
            let url = format!("{}/{}", app.studio_url(), course.key.asset(&olx::asset_name(&name)));
            files.insert(name, json!({"url": url}));
        }
    }
    let mut entry = json!({"olx": text});
    if !files.is_empty() {
        entry["static_files"] = Value::Object(files);
    }
    blocks.insert(course.key.usage(id), entry);
    for child in find(course, id).map(|block| block.children.clone()).unwrap_or_default() {
        collect(app, course, &child, blocks);
    }
}

/// Names after `/static/`, in order.
fn static_names(text: &str) -> Vec<String> {
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ')' | '<' | '>' | '?' | '#' | '&' | '\\');
    let names =
        text.split("/static/").skip(1).map(|rest| rest.split(ends).next().unwrap_or_default().to_owned());
    names.filter(|name| !name.is_empty()).collect()
}

fn author(app: &App, call: &Call, id: &str) -> Result<CourseKey, Box<Response>> {
    let username = require_session(app, call)?;
    let key = CourseKey::parse(id).ok_or_else(reply::not_found)?;
    let state = app.lock();
    if !state.is_author(&username, &key) {
        return Err(Box::new(reply::html(403, "403 Forbidden")));
    }
    if state.edited(&key).is_none() {
        return Err(Box::new(reply::not_found()));
    }
    Ok(key)
}
