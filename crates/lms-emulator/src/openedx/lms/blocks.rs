//! The blocks API, v1 and v2 (reference openedx.md 3.2).

use std::collections::BTreeMap;

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::completion::is_complete;
use crate::openedx::auth::{Caller, View, identify};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, CourseKey, parse_usage};
use crate::openedx::olx::{Category, Course, category, default_weight, has_score};
use crate::openedx::reply;
use crate::openedx::state::{App, State};

/// `GET /api/courses/v{1,2}/blocks/?course_id=`.
pub(crate) async fn course(Ext(app): Ext<App>, call: Call) -> Response {
    let caller = match identify(&app, &call, View::Mixin) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let Some(id) = call.query("course_id") else { return reply::developer(400, "course_id is required.") };
    let Some(key) = CourseKey::parse(id) else {
        return reply::developer(400, &format!("'{id}' is not a valid course key."));
    };
    answer(&app, &call, &caller, &key, &BlockId::root())
}

/// `GET /api/courses/v{1,2}/blocks/{usage}`.
pub(crate) async fn subtree(Ext(app): Ext<App>, Path(usage): Path<String>, call: Call) -> Response {
    let caller = match identify(&app, &call, View::Mixin) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let Some((key, block)) = parse_usage(&usage) else {
        return reply::developer(400, &format!("'{usage}' is not a valid usage key."));
    };
    answer(&app, &call, &caller, &key, &block)
}

fn answer(app: &App, call: &Call, caller: &Caller, key: &CourseKey, from: &BlockId) -> Response {
    let state = app.lock();
    let viewer = match viewer(&state, call, caller, key) {
        Ok(viewer) => viewer,
        Err(refused) => return *refused,
    };
    let depth = match call.query("depth") {
        None | Some("") => Some(0),
        Some("all") => None,
        Some(text) => match text.parse::<usize>() {
            Ok(depth) => Some(depth),
            Err(_) => {
                let text = format!("'{text}' is not a valid depth value.");
                return reply::json(400, &json!({"field_errors": {"depth": {"developer_message": text}}}));
            }
        },
    };
    let Some(course) = state.courses.get(key).filter(|course| course.blocks.contains_key(from)) else {
        // An HTML page with status 500, as the recorded LMS answers (`unknown block`).
        return reply::html(500, "Server Error");
    };
    let username = call.query("username").filter(|name| !name.is_empty());
    let view = Fields { app, state: &state, username, course, call, see_all: viewer.see_all };
    let types = call.query_list("block_types_filter");
    let mut blocks: BTreeMap<String, Value> = BTreeMap::new();
    let mut order = Vec::new();
    let mut level = vec![from.clone()];
    let mut at = 0;
    while !level.is_empty() && depth.is_none_or(|depth| at <= depth) {
        let mut next = Vec::new();
        for id in level.into_iter().filter(|id| view.visible(id)) {
            let usage = key.usage(&id);
            if blocks.contains_key(&usage) {
                continue;
            }
            next.extend(view.children(&id));
            if types.is_empty() || types.contains(&id.kind.as_str()) {
                blocks.insert(usage.clone(), view.describe(&id, depth.map(|depth| depth - at)));
                order.push(usage);
            }
        }
        level = next;
        at += 1;
    }
    if call.query("return_type") == Some("list") {
        // Children come before their parents (recorded: `all blocks, staff, list`).
        let list: Vec<Value> = order.iter().rev().filter_map(|usage| blocks.remove(usage)).collect();
        return reply::ok(list.into());
    }
    reply::ok(json!({"root": key.usage(from), "blocks": blocks}))
}

struct Viewer {
    see_all: bool,
}

/// The refusals in the order of the recorded LMS.
fn viewer(state: &State, call: &Call, caller: &Caller, key: &CourseKey) -> Result<Viewer, Box<Response>> {
    let name = caller.0.as_deref();
    let all = call.query("all_blocks").is_some_and(|value| matches!(value, "true" | "True" | "1"));
    if all {
        let Some(name) = name else {
            return Err(Box::new(reply::developer(
                403,
                "Anonymous users do not have permission to access all blocks.",
            )));
        };
        if !state.is_author(name, key) {
            let text = format!("'{name}' does not have permission to access all blocks in '{key}'.");
            return Err(Box::new(reply::developer(403, &text)));
        }
        return Ok(Viewer { see_all: true });
    }
    let Some(username) = call.query("username") else {
        let text = "This field is required unless all_blocks is requested.";
        return Err(Box::new(reply::json(
            400,
            &json!({"field_errors": {"username": {"developer_message": text}}}),
        )));
    };
    let denied = |who: &str| reply::developer(403, &format!("Course blocks for '{who}' cannot be accessed."));
    if username.is_empty() {
        let public = state.courses.get(key).and_then(|course| course.course_setting("course_visibility"));
        return match public.as_deref() {
            Some("public" | "public_outline") => Ok(Viewer { see_all: false }),
            _ => Err(Box::new(denied(""))),
        };
    }
    let Some(name) = name else {
        return Err(Box::new(reply::developer(403, "Anonymous users cannot access another user's blocks.")));
    };
    if name != username {
        if !state.is_author(name, key) {
            let text = format!("'{name}' does not have permission to access view for '{username}'.");
            return Err(Box::new(reply::developer(403, &text)));
        }
        if !state.users.contains_key(username) {
            return Err(Box::new(reply::developer(
                404,
                &format!("Requested user '{username}' does not exist."),
            )));
        }
    }
    // An unknown course is a 403 for whoever has no rights in it (recorded: `unknown course`).
    if !state.courses.contains_key(key) {
        return Err(Box::new(denied(username)));
    }
    let author = state.is_author(username, key);
    if !author && !state.is_enrolled(username, key) {
        return Err(Box::new(denied(username)));
    }
    Ok(Viewer { see_all: author })
}

struct Fields<'a> {
    app: &'a App,
    state: &'a State,
    /// Whose view it is.
    username: Option<&'a str>,
    course: &'a Course,
    call: &'a Call,
    see_all: bool,
}

impl Fields<'_> {
    /// Learners see neither staff-only nor unreleased blocks.
    fn visible(&self, id: &BlockId) -> bool {
        let released = || {
            let start = self.course.date(id, "start").unwrap_or_else(|| self.course.start());
            start.parse::<jiff::Timestamp>().is_ok_and(|start| start <= jiff::Timestamp::now())
        };
        // Nobody is in a content group here, so a block kept for groups is nobody's.
        let grouped = || self.course.own(id, "group_access").is_some_and(|groups| groups.contains('['));
        self.see_all || (!self.course.flag(id, "visible_to_staff_only") && released() && !grouped())
    }

    /// Children that the viewer gets; of a randomized block those that were drawn.
    fn children(&self, id: &BlockId) -> Vec<BlockId> {
        let mut children = match self.see_all {
            true => self.course.blocks.get(id).map(|block| block.children.clone()).unwrap_or_default(),
            false => self.course.drawn(self.username.unwrap_or_default(), id),
        };
        children.retain(|child| self.visible(child));
        children
    }

    fn describe(&self, id: &BlockId, depth_left: Option<usize>) -> Value {
        let (course, lms) = (self.course, self.app.lms_url());
        let usage = course.key.usage(id);
        let jump = format!("{lms}/courses/{}/jump_to/{usage}", course.key);
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| {
            // A field without a value is left out (reference openedx.md 3.2).
            if !value.is_null() {
                body.insert(name.to_owned(), value);
            }
        };
        put("id", usage.as_str().into());
        put("block_id", id.id.as_str().into());
        put("lms_web_url", jump.as_str().into());
        put("legacy_web_url", format!("{jump}?experience=legacy").into());
        put("student_view_url", format!("{lms}/xblock/{usage}").into());
        let wanted = self.call.query_list("requested_fields");
        if wanted.contains(&"lti_url") {
            put("lti_url", format!("{lms}/lti_provider/courses/{}/{usage}", course.key).into());
        }
        put("type", id.kind.as_str().into());
        put("display_name", course.display_name(id).into());
        for field in wanted {
            put(field, self.field(id, field, depth_left));
        }
        let counted = self.call.query_list("block_counts");
        if !counted.is_empty() {
            let below = course.walk(id);
            let count =
                |kind: &str| below.iter().filter(|block| block.kind == kind && self.visible(block)).count();
            let counts = counted.iter().map(|kind| ((*kind).to_owned(), count(kind).into())).collect();
            put("block_counts", Value::Object(counts));
        }
        Value::Object(body)
    }

    fn field(&self, id: &BlockId, name: &str, depth_left: Option<usize>) -> Value {
        let course = self.course;
        match name {
            "graded" => course.flag(id, "graded").into(),
            "format" => course.setting(id, "format").into(),
            "start" => course.date(id, "start").unwrap_or_else(|| course.start()).into(),
            "due" => course.date(id, "due").into(),
            "has_score" => (has_score(&id.kind) || course.flag(id, "has_score")).into(),
            "weight" => {
                let own = course.own(id, "weight").and_then(|weight| weight.parse::<f64>().ok());
                own.or_else(|| default_weight(&id.kind)).into()
            }
            "show_correctness" => {
                course.setting(id, "show_correctness").unwrap_or_else(|| "always".into()).into()
            }
            "visible_to_staff_only" => course.flag(id, "visible_to_staff_only").into(),
            "hide_from_toc" => course.flag(id, "hide_from_toc").into(),
            "student_view_multi_device" => matches!(id.kind.as_str(), "html" | "problem" | "video").into(),
            "children" => {
                // Blocks below the depth are cut off, and the links to them with them.
                let children = if depth_left == Some(0) { Vec::new() } else { self.children(id) };
                let children: Vec<String> = children.iter().map(|child| course.key.usage(child)).collect();
                if children.is_empty() { Value::Null } else { children.into() }
            }
            "student_view_data" => self.student_view_data(id),
            "completion" => self.completion(id),
            "complete" => self.complete(id),
            _ => Value::Null,
        }
    }

    /// How far a leaf is completed, 0 to 1. What holds others is 1 when all in it is, else 0; of an empty one and of a
    /// discussion nothing is told (recorded).
    fn completion(&self, id: &BlockId) -> Value {
        let Some(username) = self.username.filter(|_| id.kind != "discussion") else { return Value::Null };
        if category(&id.kind) == Some(Category::Container) {
            let children = self.children(id);
            let is_done = |child: &BlockId| {
                child.kind == "discussion"
                    || self.completion(child).as_f64().is_some_and(|share| share >= 1.0)
            };
            let done = children.iter().all(is_done);
            return if children.is_empty() { Value::Null } else { i32::from(done).into() };
        }
        if is_complete(self.state, username, &self.course.key, id) {
            return 1.0.into();
        }
        let place = (username.to_owned(), self.course.key.clone(), id.clone());
        self.state.completions.get(&place).copied().unwrap_or(0.0).into()
    }

    /// True of what is completed, and else left out (`blocks/transformers/block_completion.py` of edx-platform).
    fn complete(&self, id: &BlockId) -> Value {
        let done = self.completion(id).as_f64().is_some_and(|share| share >= 1.0);
        if done { true.into() } else { Value::Null }
    }

    /// Never problem XML: answers show nowhere in this API.
    fn student_view_data(&self, id: &BlockId) -> Value {
        if !self.call.query_list("student_view_data").contains(&id.kind.as_str()) {
            return Value::Null;
        }
        let Some(block) = self.course.blocks.get(id) else { return Value::Null };
        match id.kind.as_str() {
            "html" => {
                // Off unless a site turns it on (recorded).
                let text = "To enable, set FEATURES[\"ENABLE_HTML_XBLOCK_STUDENT_VIEW_DATA\"]";
                json!({"enabled": false, "message": text})
            }
            "video" => {
                let sources: Vec<&str> = block
                    .element
                    .elements()
                    .filter(|element| element.name == "source")
                    .filter_map(|element| element.attribute("src"))
                    .collect();
                json!({
                    "only_on_web": false, "duration": null, "transcripts": {}, "encoded_videos": {},
                    "all_sources": sources, "saved_video_position": 0.0, "speed": null,
                    "save_state_url": "", "save_completion": true,
                })
            }
            _ => Value::Null,
        }
    }
}
