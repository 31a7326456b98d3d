//! Static files: upload, list, delete, and download on either host (reference openedx.md 3.16).

use axum::extract::{Path, State as Ext};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::openedx::auth::{View, identify, require};
use crate::openedx::call::Call;
use crate::openedx::keys::{CourseKey, parse_asset};
use crate::openedx::olx::{Asset, Course, asset_name};
use crate::openedx::session::require_session;
use crate::openedx::state::App;
use crate::openedx::{paging, reply};

/// The default `MAX_ASSET_UPLOAD_FILE_SIZE_IN_MB`.
const UPLOAD_LIMIT: usize = 20 << 20;

/// `GET|POST /assets/{id}/` with a session.
pub(crate) async fn legacy(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    match require_session(&app, &call) {
        Ok(username) => serve(&app, &call, &username, &id).await,
        Err(refused) => *refused,
    }
}

/// `GET|POST /api/contentstore/v0/file_assets/{id}` with a token.
pub(crate) async fn rest(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    match require(&app, &call, View::Mixin) {
        Ok(username) => serve(&app, &call, &username, &id).await,
        Err(refused) => *refused,
    }
}

async fn serve(app: &App, call: &Call, username: &str, id: &str) -> Response {
    let Some(key) = CourseKey::parse(id) else { return reply::not_found() };
    if !app.lock().is_author(username, &key) {
        return reply::html(403, "403 Forbidden");
    }
    if call.method != Method::POST {
        return list(app, call, &key);
    }
    let upload = call.multipart().await.into_iter().find(|part| part.name == "file");
    let Some((file, data)) = upload.and_then(|part| Some((part.file?, part.data))) else {
        return reply::json(400, &json!({"error": "No file given"}));
    };
    if data.len() > UPLOAD_LIMIT {
        return reply::json(413, &json!({"error": format!("File {file} exceeds maximum size of 20 MB.")}));
    }
    let name = asset_name(&file);
    let asset = Asset {
        display_name: file.clone(),
        import_path: file,
        content_type: mime_guess::from_path(&name).first_or_octet_stream().to_string(),
        locked: false,
        data: data.to_vec(),
    };
    let mut state = app.lock();
    let Some(course) = state.courses.get_mut(&key) else { return reply::not_found() };
    let body = describe(app, &course.key, &name, &asset);
    course.assets.insert(name, asset);
    reply::ok(json!({"asset": body, "msg": "Upload completed"}))
}

fn list(app: &App, call: &Call, key: &CourseKey) -> Response {
    if !call.wants_json() {
        return reply::html(200, "Files & Uploads");
    }
    let state = app.lock();
    let Some(course) = state.courses.get(key) else { return reply::not_found() };
    let size = paging::requested_size(app, call);
    let page = call.query("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(0);
    let search = call.query("text_search").unwrap_or_default().to_lowercase();
    let all: Vec<Value> = course
        .assets
        .iter()
        .filter(|(_, asset)| asset.display_name.to_lowercase().contains(&search))
        .map(|(name, asset)| describe(app, key, name, asset))
        .collect();
    let start = page.saturating_mul(size).min(all.len());
    let end = start.saturating_add(size).min(all.len());
    reply::ok(json!({
        "start": start, "end": end, "page": page, "pageSize": size, "totalCount": all.len(),
        "assets": all[start..end], "sort": call.query("sort").unwrap_or("date_added"),
        "direction": call.query("direction").unwrap_or("desc"), "assetTypes": [], "textSearch": search,
    }))
}

/// `DELETE` and `PUT|POST /assets/{id}/{asset key}` with a session.
pub(crate) async fn change(
    Ext(app): Ext<App>,
    Path((id, asset)): Path<(String, String)>,
    call: Call,
) -> Response {
    let username = match require_session(&app, &call) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let known = CourseKey::parse(&id).zip(parse_asset(&asset));
    let Some((key, (_, name))) = known.filter(|(key, (owner, _))| key == owner) else {
        return reply::not_found();
    };
    let mut state = app.lock();
    if !state.is_author(&username, &key) {
        return reply::html(403, "403 Forbidden");
    }
    let Some(course) = state.courses.get_mut(&key) else { return reply::not_found() };
    if call.method == Method::DELETE {
        return reply::empty(if course.assets.remove(&name).is_some() { 204 } else { 404 });
    }
    let Some(found) = course.assets.get_mut(&name) else { return reply::not_found() };
    found.locked = call.json().and_then(|body| body["locked"].as_bool()).unwrap_or(found.locked);
    let body = describe(&app, &key, &name, found);
    reply::json(201, &body)
}

/// `GET /asset-v1:…`: public unless locked; a locked one needs enrollment.
pub(crate) fn download(app: &App, call: &Call, key: &str) -> Response {
    let Some((key, name)) = parse_asset(key) else { return reply::not_found() };
    let caller = identify(app, call, View::Plain).ok().and_then(|caller| caller.0);
    let state = app.lock();
    let Some(asset) = state.courses.get(&key).and_then(|course: &Course| course.assets.get(&name)) else {
        return reply::not_found();
    };
    let may = |user: &String| state.is_enrolled(user, &key) || state.is_author(user, &key);
    if asset.locked && !caller.as_ref().is_some_and(may) {
        return reply::html(403, "403 Forbidden");
    }
    let mut response = asset.data.clone().into_response();
    if let Ok(kind) = HeaderValue::from_str(&asset.content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}

fn describe(app: &App, key: &CourseKey, name: &str, asset: &Asset) -> Value {
    let id = key.asset(name);
    json!({
        "display_name": asset.display_name,
        "content_type": asset.content_type,
        "date_added": Timestamp::now().strftime("%b %d, %Y at %H:%M UTC").to_string(),
        "url": format!("/{id}"),
        "external_url": format!("{}/{id}", app.lms_url()),
        "portable_url": format!("/static/{name}"),
        "thumbnail": null,
        "locked": asset.locked,
        "static_full_url": format!("/{id}"),
        "id": id,
        "file_size": asset.data.len(),
        "usage_locations": {},
    })
}
