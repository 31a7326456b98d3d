//! Blocks one by one (reference openedx.md 3.15): `/api/contentstore/v0/xblock/{id}[/{usage}]` with a token, and
//! `/xblock/[{usage}]` with a session, which older releases have alone.
//!
//! Choices where no source speaks: an unknown block or course is a 404, not an author is a 403, problem XML that does
//! not parse is a 400, and a child that the level above does not hold in Studio's editor is a 400.

use axum::extract::{Path, State as Ext};
use axum::http::Method;
use axum::response::Response;
use serde_json::{Value, json};

use super::fields::{known, metadata, text_of};
use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, CourseKey, parse_usage};
use crate::openedx::olx::{Category, Course, category};
use crate::openedx::reply;
use crate::openedx::session::require_session;
use crate::openedx::state::App;
use crate::openedx::xml::Element;
use crate::random;

/// What the token's surface takes; anything else at the top is a 400 ([ep rest_api/v0/serializers/xblock]).
const TOP: [&str; 24] = [
    "id",
    "parent_locator",
    "display_name",
    "category",
    "data",
    "metadata",
    "children",
    "fields",
    "has_changes",
    "has_children",
    "published",
    "nullout",
    "graderType",
    "start",
    "graded",
    "due",
    "format",
    "publish",
    "isPrereq",
    "duplicate_source_locator",
    "move_source_locator",
    "target_index",
    "boilerplate",
    "staged_content",
];

pub(super) type Refused = Box<Response>;

/// `POST` and `PATCH /api/contentstore/v0/xblock/{id}`.
pub(crate) async fn rest_all(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let answer = || {
        let user = require(&app, &call, View::Mixin)?;
        let body = strict(&call)?;
        let Some(key) = CourseKey::parse(&id) else { return Err(Box::new(reply::not_found())) };
        collection(&app, &call, &user, &body, Some(&key))
    };
    answer().unwrap_or_else(|refused| *refused)
}

/// `/api/contentstore/v0/xblock/{id}/{usage}`.
pub(crate) async fn rest_one(
    Ext(app): Ext<App>,
    Path((id, usage)): Path<(String, String)>,
    call: Call,
) -> Response {
    let answer = || {
        let user = require(&app, &call, View::Mixin)?;
        let body = strict(&call)?;
        match (CourseKey::parse(&id), parse_usage(&usage)) {
            (Some(key), Some((of, block))) if key == of => one(&app, &call, &user, &body, &key, &block),
            _ => Err(Box::new(reply::not_found())),
        }
    };
    answer().unwrap_or_else(|refused| *refused)
}

/// `POST` and `PATCH /xblock/`.
pub(crate) async fn session_all(Ext(app): Ext<App>, call: Call) -> Response {
    let answer = || {
        let user = require_session(&app, &call)?;
        collection(&app, &call, &user, &call.json().unwrap_or_default(), None)
    };
    answer().unwrap_or_else(|refused| *refused)
}

/// `/xblock/{usage}`.
pub(crate) async fn session_one(Ext(app): Ext<App>, Path(usage): Path<String>, call: Call) -> Response {
    let answer = || {
        let user = require_session(&app, &call)?;
        if call.method == Method::GET && !call.wants_json() {
            return Err(Box::new(reply::empty(406)));
        }
        let (key, block) = parse_usage(&usage).ok_or_else(reply::not_found)?;
        one(&app, &call, &user, &call.json().unwrap_or_default(), &key, &block)
    };
    answer().unwrap_or_else(|refused| *refused)
}

fn strict(call: &Call) -> Result<Value, Refused> {
    let body = call.json().unwrap_or_default();
    let odd = body.as_object().into_iter().flatten().find(|(name, _)| !TOP.contains(&name.as_str()));
    match odd {
        Some((name, _)) => Err(Box::new(reply::json(400, &json!({name: ["This field is not expected."]})))),
        None => Ok(body),
    }
}

pub(super) fn may_write(app: &App, user: &str, key: &CourseKey) -> Result<(), Refused> {
    match app.lock().is_author(user, key) {
        true => Ok(()),
        false => Err(Box::new(reply::detail(403, reply::FORBIDDEN))),
    }
}

fn refuse(why: &str) -> Refused {
    Box::new(reply::json(400, &json!({"error": why})))
}

/// A new block, a copy, or a move.
fn collection(
    app: &App,
    call: &Call,
    user: &str,
    body: &Value,
    within: Option<&CourseKey>,
) -> Result<Response, Refused> {
    let parent = body["parent_locator"].as_str().and_then(parse_usage);
    let (key, parent) = parent.ok_or_else(|| refuse("parent_locator is missing or no usage key"))?;
    if within.is_some_and(|within| *within != key) {
        return Err(Box::new(reply::not_found()));
    }
    may_write(app, user, &key)?;
    let mut state = app.lock();
    let course = state.courses.get_mut(&key).filter(|course| course.studio_block(&parent).is_some());
    let course = course.ok_or_else(reply::not_found)?;
    if call.method == Method::PATCH {
        return relocate(course, &parent, body);
    }
    if let Some(source) = body["duplicate_source_locator"].as_str() {
        let (of, source) = parse_usage(source).ok_or_else(|| refuse("no usage key"))?;
        if of != key || course.studio_block(&source).is_none() {
            return Err(Box::new(reply::not_found()));
        }
        may_hold(&parent, &source.kind)?;
        let made = copy(course, &parent, &source);
        if let (Some(name), Some(block)) = (body["display_name"].as_str(), course.edit_block(&made)) {
            block.element.set("display_name", name);
        }
        return Ok(created(course, &made));
    }
    let kind = body["category"].as_str().unwrap_or_default();
    if category(kind).is_none() || kind == "course" {
        return Err(refuse(&format!("no block of the type '{kind}' can be made")));
    }
    may_hold(&parent, kind)?;
    let made = BlockId::new(kind, &new_name());
    course.add_block(&parent, made.clone(), body["display_name"].as_str());
    Ok(created(course, &made))
}

/// 32 hexadecimal digits, whatever the caller would like.
fn new_name() -> String {
    random::secret().chars().take(32).collect()
}

fn created(course: &Course, made: &BlockId) -> Response {
    reply::ok(json!({"locator": course.key.usage(made), "courseKey": course.key.to_string()}))
}

/// Course, chapter, sequential, vertical; blocks that hold blocks may stand in units.
fn may_hold(parent: &BlockId, kind: &str) -> Result<(), Refused> {
    let fits = match parent.kind.as_str() {
        "course" => kind == "chapter",
        "chapter" => kind == "sequential",
        "sequential" => kind == "vertical",
        above => {
            category(above) == Some(Category::Container)
                && !matches!(kind, "course" | "chapter" | "sequential" | "vertical")
        }
    };
    if fits { Ok(()) } else { Err(refuse(&format!("a {} cannot hold a {kind}", parent.kind))) }
}

fn copy(course: &mut Course, parent: &BlockId, source: &BlockId) -> BlockId {
    let made = BlockId::new(&source.kind, &new_name());
    let children = course.studio_children(source);
    let Some(mut block) = course.studio_block(source).cloned() else { return made };
    block.children.clear();
    block.parent = Some(parent.clone());
    course.put_block(parent, made.clone(), block);
    for child in children {
        copy(course, &made, &child);
    }
    made
}

fn relocate(course: &mut Course, parent: &BlockId, body: &Value) -> Result<Response, Refused> {
    let moved =
        body["move_source_locator"].as_str().and_then(parse_usage).filter(|(of, _)| *of == course.key);
    let (_, moved) = moved.ok_or_else(|| refuse("Invalid move source"))?;
    let old = course.studio_block(&moved).and_then(|block| block.parent.clone());
    let old = old.ok_or_else(|| refuse("Invalid move source"))?;
    may_hold(parent, &moved.kind)?;
    let index = course.studio_children(&old).iter().position(|child| *child == moved);
    let blocks: Vec<_> = course
        .studio_walk(&moved)
        .into_iter()
        .filter_map(|id| Some((id.clone(), course.studio_block(&id)?.clone())))
        .collect();
    course.remove_block(&moved);
    for (id, mut block) in blocks {
        let above = if id == moved { Some(parent.clone()) } else { block.parent.clone() };
        let Some(above) = above else { continue };
        block.children.clear();
        block.parent = Some(above.clone());
        course.put_block(&above, id, block);
    }
    if let Some(at) = body["target_index"].as_u64().and_then(|at| usize::try_from(at).ok()) {
        let mut order = course.studio_children(parent);
        order.retain(|child| *child != moved);
        order.insert(at.min(order.len()), moved.clone());
        course.reorder(parent, order);
    }
    Ok(reply::ok(json!({
        "move_source_locator": course.key.usage(&moved), "parent_locator": course.key.usage(parent),
        "source_index": index,
    })))
}

fn one(
    app: &App,
    call: &Call,
    user: &str,
    body: &Value,
    key: &CourseKey,
    id: &BlockId,
) -> Result<Response, Refused> {
    may_write(app, user, key)?;
    let mut state = app.lock();
    let course = state.courses.get_mut(key).filter(|course| course.studio_block(id).is_some());
    let course = course.ok_or_else(reply::not_found)?;
    match call.method {
        Method::GET => Ok(reply::ok(describe(course, id))),
        Method::DELETE if id.kind == "course" => Err(refuse("a course is not deleted here")),
        Method::DELETE => {
            course.remove_block(id);
            Ok(reply::empty(204))
        }
        _ => {
            update(course, id, body)?;
            Ok(reply::ok(json!({
                "id": course.key.usage(id), "data": data(course, id), "metadata": metadata(course, id),
            })))
        }
    }
}

fn update(course: &mut Course, id: &BlockId, body: &Value) -> Result<(), Refused> {
    // Everything is looked at before anything is changed.
    let problem = match (&body["data"], id.kind.as_str()) {
        (Value::String(text), "problem") => {
            Some(Element::parse(text).map_err(|why| refuse(&format!("the problem is no XML: {why}")))?)
        }
        _ => None,
    };
    let mut changes: Vec<(String, Option<String>)> = Vec::new();
    for (name, value) in body["metadata"].as_object().into_iter().flatten() {
        // A field that the block has not got is a server error.
        if !known(id, name) {
            return Err(Box::new(reply::html(500, "Studio Server Error")));
        }
        changes.push((name.clone(), text_of(name, value).map_err(|why| refuse(&why))?));
    }
    for (name, value) in body["fields"].as_object().into_iter().flatten() {
        changes.push((name.clone(), text_of(name, value).map_err(|why| refuse(&why))?));
    }
    for name in body["nullout"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        changes.push((name.to_owned(), Some("null".into())));
    }
    if let Some(grader) = body["graderType"].as_str().filter(|_| id.kind == "sequential") {
        let graded = !grader.eq_ignore_ascii_case("notgraded");
        changes.push(("graded".into(), Some(graded.to_string())));
        changes.push(("format".into(), graded.then(|| grader.to_owned())));
    }
    let order = match body["children"].as_array() {
        None => None,
        Some(list) => {
            let ids: Vec<BlockId> =
                list.iter().filter_map(|usage| Some(parse_usage(usage.as_str()?)?.1)).collect();
            let (mut given, mut have) = (ids.clone(), course.studio_children(id));
            given.sort();
            have.sort();
            if given != have || ids.len() != list.len() {
                return Err(refuse("Invalid data, possibly caused by concurrent authors."));
            }
            Some(ids)
        }
    };
    if let Some(block) = course.edit_block(id).filter(|_| problem.is_some() || body["data"].is_string()) {
        match (problem, &body["data"]) {
            (Some(root), _) => block.element.children = root.children,
            (None, Value::String(text)) if id.kind == "html" => block.html = Some(text.clone()),
            _ => {}
        }
    }
    if let Some(block) = course.edit_block(id).filter(|_| !changes.is_empty()) {
        for (name, value) in changes {
            match value {
                Some(value) => block.element.set(&name, value),
                None => drop(block.element.remove(&name)),
            }
        }
    }
    if let Some(order) = order {
        course.reorder(id, order);
    }
    match body["publish"].as_str() {
        Some("make_public" | "republish") => course.publish(id),
        Some("discard_changes") => course.discard(id),
        _ => {}
    }
    Ok(())
}

fn data(course: &Course, id: &BlockId) -> Value {
    let Some(block) = course.studio_block(id) else { return Value::Null };
    match (&block.html, id.kind.as_str()) {
        (Some(html), _) => html.as_str().into(),
        (None, "problem") => {
            let mut element = block.element.clone();
            element.attributes.clear();
            element.pretty().into()
        }
        _ => Value::Null,
    }
}

pub(super) fn describe(course: &Course, id: &BlockId) -> Value {
    let root = BlockId::root();
    let graders: Vec<&str> = course.grading["GRADER"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|g| g["type"].as_str())
        .collect();
    let children: Vec<String> = course.studio_children(id).iter().map(|id| course.key.usage(id)).collect();
    json!({
        "id": course.key.usage(id), "category": id.kind,
        "display_name": course.studio_block(id).and_then(|block| block.element.attribute("display_name")),
        "has_children": !children.is_empty(), "children": children,
        "data": data(course, id), "metadata": metadata(course, id),
        "published": course.blocks.contains_key(id), "has_changes": course.drafts.contains_key(id),
        "start": course.date(&root, "start"), "due": course.date(id, "due"), "graded": course.flag(id, "graded"),
        "format": course.setting(id, "format"), "course_graders": graders, "studio_url": null, "group_access": {},
        "visibility_state": if course.blocks.contains_key(id) { "ready" } else { "needs_attention" },
        "actions": {"draggable": true, "childAddable": true, "deletable": true, "duplicable": true},
    })
}
