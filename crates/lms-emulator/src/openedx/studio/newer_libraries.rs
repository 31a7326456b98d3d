//! Content libraries of the newer kind, `lib:ORG:NAME`: `/api/libraries/v2/` with a token or a session
//! (`openedx/core/djangoapps/content_libraries/rest_api` of edx-platform).
//!
//! Choices where no source speaks: an unreadable key is a 404, who is not global staff sees the own libraries alone, the
//! XML of a new block is its empty tag, and publishing keeps no second version.

use std::collections::BTreeMap;

use axum::extract::{Path, State as Ext};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::state::{App, State};
use crate::openedx::xml::Element;
use crate::openedx::{paging, reply};

/// The largest file that the interface takes.
const MOST: usize = 20 << 20;

/// A library.
#[derive(Debug, Clone)]
pub(crate) struct NewerLibrary {
    owner: String,
    title: String,
    description: String,
    blocks: Vec<LibraryBlock>,
    changed: bool,
}

#[derive(Debug, Clone)]
struct LibraryBlock {
    usage: String,
    kind: String,
    olx: String,
    files: BTreeMap<String, Vec<u8>>,
}

type Refused = Box<Response>;

/// Runs `work` for a caller who may see the library; `usage` is its key or that of a block of it.
fn with<T>(
    app: &App,
    call: &Call,
    usage: &str,
    work: impl FnOnce(&mut NewerLibrary) -> Result<T, Refused>,
) -> Result<T, Refused> {
    let caller = require(app, call, View::Mixin)?;
    let mut state = app.lock();
    let staff = state.is_staff(&caller);
    let mut parts = usage.split(':');
    let key = match (parts.next(), parts.next(), parts.next()) {
        (Some("lib" | "lb"), Some(org), Some(name)) => format!("lib:{org}:{name}"),
        _ => String::new(),
    };
    let Some(library) = state.newer_libraries.get_mut(&key) else {
        return Err(Box::new(reply::detail(404, "Not found.")));
    };
    if !staff && library.owner != caller {
        return Err(Box::new(reply::detail(403, reply::FORBIDDEN)));
    }
    work(library)
}

fn block<'a>(library: &'a mut NewerLibrary, usage: &str) -> Result<&'a mut LibraryBlock, Refused> {
    let found = library.blocks.iter_mut().find(|block| block.usage == usage);
    found.ok_or_else(|| Box::new(reply::detail(404, "Not found.")))
}

fn about(key: &str, library: &NewerLibrary) -> Value {
    let mut parts = key.split(':').skip(1);
    json!({
        "id": key, "org": parts.next(), "slug": parts.next(), "title": library.title,
        "description": library.description, "num_blocks": library.blocks.len(), "allow_lti": false,
        "allow_public_learning": false, "allow_public_read": false, "has_unpublished_changes": library.changed,
        "has_unpublished_deletes": false, "license": "", "can_edit_library": true,
    })
}

/// `GET /api/libraries/v2/`: a bare list unless `pagination=true`.
pub(crate) async fn list(Ext(app): Ext<App>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Mixin) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let org = call.query("org");
    let state = app.lock();
    let staff = state.is_staff(&caller);
    let found: Vec<Value> = state
        .newer_libraries
        .iter()
        .filter(|(key, library)| {
            (staff || library.owner == caller)
                && org.is_none_or(|org| key.starts_with(&format!("lib:{org}:")))
        })
        .map(|(key, library)| about(key, library))
        .collect();
    drop(state);
    if call.query("pagination").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return page(&app, &call, found);
    }
    reply::ok(found.into())
}

fn page(app: &App, call: &Call, items: Vec<Value>) -> Response {
    match paging::numbered(app, call, items, 100) {
        Some(page) => reply::ok(page.flat()),
        None => reply::detail(404, "Invalid page."),
    }
}

/// `POST /api/libraries/v2/`.
pub(crate) async fn create(Ext(app): Ext<App>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Mixin) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let body = call.json().unwrap_or_default();
    for field in ["org", "slug", "title", "description"] {
        if !body[field].is_string() {
            return reply::json(400, &json!({field: ["This field is required."]}));
        }
    }
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let plain =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    if !plain(&text("slug")) || !plain(&text("org")) {
        return reply::json(400, &json!({"slug": ["Enter a valid slug."]}));
    }
    let key = format!("lib:{}:{}", text("org"), text("slug"));
    let mut state = app.lock();
    let State { newer_libraries, .. } = &mut *state;
    if newer_libraries.contains_key(&key) {
        return reply::json(400, &json!({"slug": "A library with that ID already exists."}));
    }
    let library = NewerLibrary {
        owner: caller,
        title: text("title"),
        description: text("description"),
        blocks: Vec::new(),
        changed: false,
    };
    let answer = about(&key, &library);
    newer_libraries.insert(key, library);
    reply::ok(answer)
}

/// `GET /api/libraries/v2/{id}/`.
pub(crate) async fn read(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    with(&app, &call, &id, |library| Ok(reply::ok(about(&id, library)))).unwrap_or_else(|refused| *refused)
}

/// `GET /api/libraries/v2/{id}/blocks/`, always in pages.
pub(crate) async fn blocks(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let found = with(&app, &call, &id, |library| Ok(library.blocks.iter().map(described).collect()));
    match found {
        Ok(items) => page(&app, &call, items),
        Err(refused) => *refused,
    }
}

fn described(block: &LibraryBlock) -> Value {
    let element = Element::parse(&block.olx).ok();
    let title = element.and_then(|element| element.attribute("display_name").map(str::to_owned));
    json!({
        "id": block.usage, "block_type": block.kind, "display_name": title.unwrap_or_default(), "tags_count": 0,
        "has_unpublished_changes": false, "can_stand_alone": true, "collections": [],
    })
}

/// `POST /api/libraries/v2/{id}/blocks/`.
pub(crate) async fn add(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let body = call.json().unwrap_or_default();
    let answer = with(&app, &call, &id, |library| {
        let (Some(kind), Some(name)) = (body["block_type"].as_str(), body["definition_id"].as_str()) else {
            return Err(Box::new(reply::json(400, &json!({"definition_id": ["This field is required."]}))));
        };
        let usage = format!("{}:{kind}:{name}", id.replacen("lib:", "lb:", 1));
        if library.blocks.iter().any(|block| block.usage == usage) {
            let text = format!("An XBlock with ID '{usage}' already exists");
            return Err(Box::new(reply::json(400, &json!([text]))));
        }
        let block =
            LibraryBlock { usage, kind: kind.to_owned(), olx: format!("<{kind}/>"), files: BTreeMap::new() };
        let answer = reply::ok(described(&block));
        library.blocks.push(block);
        library.changed = true;
        Ok(answer)
    });
    answer.unwrap_or_else(|refused| *refused)
}

/// `POST /api/libraries/v2/{id}/commit/`.
pub(crate) async fn commit(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let answer = with(&app, &call, &id, |library| {
        library.changed = false;
        Ok(reply::ok(json!({})))
    });
    answer.unwrap_or_else(|refused| *refused)
}

/// `GET /api/libraries/v2/blocks/{usage}/olx/`.
pub(crate) async fn olx(Ext(app): Ext<App>, Path(usage): Path<String>, call: Call) -> Response {
    let answer =
        with(&app, &call, &usage, |library| Ok(reply::ok(json!({"olx": block(library, &usage)?.olx}))));
    answer.unwrap_or_else(|refused| *refused)
}

/// `POST /api/libraries/v2/blocks/{usage}/olx/`: the root has to be of the block's type.
pub(crate) async fn set_olx(Ext(app): Ext<App>, Path(usage): Path<String>, call: Call) -> Response {
    let body = call.json().unwrap_or_default();
    let answer = with(&app, &call, &usage, |library| {
        let Some(olx) = body["olx"].as_str() else {
            return Err(Box::new(reply::json(400, &json!({"olx": ["This field is required."]}))));
        };
        let found = block(library, &usage)?;
        match Element::parse(olx) {
            Ok(element) if element.name == found.kind => {}
            Ok(element) => {
                let text = format!("Invalid OLX: <{}> is no {}", element.name, found.kind);
                return Err(Box::new(reply::json(400, &json!([text]))));
            }
            Err(why) => return Err(Box::new(reply::json(400, &json!([why.to_string()])))),
        }
        olx.clone_into(&mut found.olx);
        library.changed = true;
        Ok(reply::ok(json!({"olx": olx, "version_num": 2})))
    });
    answer.unwrap_or_else(|refused| *refused)
}

/// `GET /api/libraries/v2/blocks/{usage}/assets/`.
pub(crate) async fn files(Ext(app): Ext<App>, Path(usage): Path<String>, call: Call) -> Response {
    let studio = app.studio_url().to_owned();
    let answer = with(&app, &call, &usage, |library| {
        let files = block(library, &usage)?.files.iter();
        let files: Vec<Value> =
            files.map(|(path, data)| file_entry(&studio, &usage, path, data.len())).collect();
        Ok(reply::ok(json!({"files": files})))
    });
    answer.unwrap_or_else(|refused| *refused)
}

fn file_entry(studio: &str, usage: &str, path: &str, size: usize) -> Value {
    json!({"path": path, "url": format!("{studio}/library_assets/blocks/{usage}/{path}"), "size": size})
}

/// `PUT /api/libraries/v2/blocks/{usage}/assets/{path}`, multipart `content`.
pub(crate) async fn put_file(
    Ext(app): Ext<App>,
    Path((usage, path)): Path<(String, String)>,
    call: Call,
) -> Response {
    let sent = call.multipart().await.into_iter().find(|part| part.name == "content");
    let studio = app.studio_url().to_owned();
    let answer = with(&app, &call, &usage, |library| {
        let Some(sent) = sent else {
            return Err(Box::new(reply::json(400, &json!({"content": ["No file was submitted."]}))));
        };
        if sent.data.len() > MOST {
            return Err(Box::new(reply::json(400, &json!(["File too big"]))));
        }
        let path = path.replace(' ', "_");
        let answer = reply::ok(file_entry(&studio, &usage, &path, sent.data.len()));
        block(library, &usage)?.files.insert(path, sent.data.to_vec());
        Ok(answer)
    });
    answer.unwrap_or_else(|refused| *refused)
}

/// `GET /library_assets/blocks/{usage}/{path}`.
pub(crate) async fn file(
    Ext(app): Ext<App>,
    Path((usage, path)): Path<(String, String)>,
    call: Call,
) -> Response {
    let answer = with(&app, &call, &usage, |library| {
        let data = block(library, &usage)?.files.get(&path).cloned();
        data.map(IntoResponse::into_response).ok_or_else(|| Box::new(reply::not_found()))
    });
    answer.unwrap_or_else(|refused| *refused)
}
