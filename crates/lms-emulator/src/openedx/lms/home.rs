//! `/api/course_home/`: what the pages of a learner ask for. Keys, types and order are the recorded ones.

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::completion::all_complete;
use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, CourseKey};
use crate::openedx::olx::Course;
use crate::openedx::reply;
use crate::openedx::state::{App, State};

/// Where the learner's pages are on the recorded site; they are another application.
const PAGES: &str = "http://learning-mfe";

/// `GET outline/{id}`: course, chapters and sequentials. Units are not told.
pub(crate) async fn outline(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let username = match require(&app, &call, View::Plain) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let Some(course) = course(&state, &id) else { return reply::detail(404, "Not found.") };
    let lms = app.lms_url();
    let jump = |id: &BlockId| format!("{lms}/courses/{}/jump_to/{}", course.key, course.key.usage(id));
    let last = last_block(&state, &username, course);
    let mut on_the_way = last.as_ref().map(|id| course.ancestors(id)).unwrap_or_default();
    on_the_way.extend(last.clone());
    let mut blocks = Map::new();
    for id in course.walk(&BlockId::root()) {
        if !matches!(id.kind.as_str(), "course" | "chapter" | "sequential") {
            continue;
        }
        let usage = course.key.usage(&id);
        let children = course.blocks.get(&id).map(|block| block.children.as_slice()).unwrap_or_default();
        let children: Vec<String> = match id.kind.as_str() {
            "sequential" => Vec::new(),
            _ => children.iter().map(|child| course.key.usage(child)).collect(),
        };
        let format =
            course.setting(&id, "format").filter(|_| id.kind == "sequential" && course.flag(&id, "graded"));
        let block = json!({
            "children": children, "complete": all_complete(&state, &username, course, &id), "description": format,
            "display_name": course.display_name(&id), "due": course.date(&id, "due"), "effort_activities": null,
            "effort_time": null, "icon": format.as_ref().map(|_| "fa-pencil-square-o"), "id": usage,
            "lms_web_url": jump(&id), "legacy_web_url": format!("{}?experience=legacy", jump(&id)),
            "resume_block": on_the_way.contains(&id), "type": id.kind,
            "has_scheduled_content": (id == BlockId::root()).then_some(false),
        });
        blocks.insert(usage, block);
    }
    let enrollment = state.enrollment(&username, &course.key).filter(|entry| entry.active);
    let tool = |id: &str, title: &str, path: &str| json!({"analytics_id": id, "title": title, "url": format!("{lms}/courses/{}/{path}", course.key)});
    let page = |name: &str| course.pages.get(name).map(|text| String::from_utf8_lossy(text).into_owned());
    reply::ok(json!({
        "dates_banner_info": dates_banner(), "can_show_upgrade_sock": false, "verified_mode": null,
        "access_expiration": null, "cert_data": certificate(enrollment.map(|entry| entry.mode.as_str())),
        "course_blocks": {"blocks": blocks},
        "course_goals": {"selected_goal": null, "weekly_learning_goal_enabled": false},
        "course_tools": [
            tool("edx.bookmarks", "Bookmarks", "bookmarks/"), tool("edx.updates", "Updates", "course/updates"),
        ],
        "dates_widget": {
            "course_date_blocks": date_blocks(course), "dates_tab_link": format!("{PAGES}/course/{}/dates", course.key),
            "user_timezone": null,
        },
        "enroll_alert": {"can_enroll": true, "extra_text": null},
        "enrollment_mode": enrollment.map(|entry| &entry.mode), "enable_proctored_exams": false,
        "handouts_html": page("info/handouts.html"), "has_ended": has_ended(course), "offer": null,
        "resume_course": {
            "has_visited_course": last.is_some(), "url": jump(last.as_ref().unwrap_or(&BlockId::root())),
        },
        "welcome_message_html": page("info/updates.html"),
        "user_has_passing_grade": super::grades::passes(&state, &username, course),
    }))
}

/// `GET progress/{id}`: the recorded site does not show progress on its new pages.
pub(crate) async fn progress() -> Response {
    reply::detail(404, "Not found.")
}

/// `GET dates/{id}`.
pub(crate) async fn dates(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    if let Err(refused) = require(&app, &call, View::Plain) {
        return *refused;
    }
    let state = app.lock();
    let Some(course) = course(&state, &id) else { return reply::detail(404, "Not found.") };
    reply::ok(json!({
        "dates_banner_info": dates_banner(), "course_date_blocks": date_blocks(course), "has_ended": has_ended(course),
        "learner_is_full_access": true, "user_timezone": null,
    }))
}

/// `GET course_metadata/{id}`.
pub(crate) async fn metadata(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let username = match require(&app, &call, View::Plain) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let Some(course) = course(&state, &id) else { return reply::detail(404, "Not found.") };
    let (key, lms) = (&course.key, app.lms_url());
    let (staff, enrolled) = (state.is_author(&username, key), state.is_enrolled(&username, key));
    let tab = |id: &str, title: &str, url: String| json!({"tab_id": id, "title": title, "url": url});
    reply::ok(json!({
        "can_show_upgrade_sock": false, "verified_mode": null, "can_load_courseware": staff || enrolled,
        "celebrations": celebrations(), "course_access": access(staff || enrolled), "course_id": key.to_string(),
        "is_enrolled": enrolled, "is_self_paced": course.flag(&BlockId::root(), "self_paced"), "is_staff": staff,
        "number": key.number, "org": key.org, "original_user_is_staff": staff, "start": course.start(),
        "tabs": [
            tab("courseware", "Course", format!("{PAGES}/course/{key}/home")),
            tab("progress", "Progress", format!("{lms}/courses/{key}/progress")),
            tab("dates", "Dates", format!("{PAGES}/course/{key}/dates")),
        ],
        "title": course.title(), "username": username, "user_timezone": null,
    }))
}

fn course<'a>(state: &'a State, id: &str) -> Option<&'a Course> {
    CourseKey::parse(id).and_then(|key| state.courses.get(&key))
}

/// The problem that the learner answered last.
fn last_block(state: &State, username: &str, course: &Course) -> Option<BlockId> {
    let own = state.attempts.iter().filter(|((user, key, _), _)| user == username && *key == course.key);
    own.filter_map(|((.., id), attempt)| Some((attempt.last?, id))).max().map(|(_, id)| id.clone())
}

fn dates_banner() -> Value {
    json!({
        "missed_deadlines": false, "content_type_gating_enabled": false, "missed_gated_content": false,
        "verified_upgrade_link": null,
    })
}

pub(crate) fn celebrations() -> Value {
    json!({
        "first_section": false, "streak_length_to_celebrate": null, "streak_discount_enabled": false,
        "weekly_goal": false,
    })
}

pub(crate) fn access(granted: bool) -> Value {
    let code = (!granted).then_some("enrollment_required");
    json!({
        "has_access": granted, "error_code": code, "developer_message": null, "user_message": null,
        "additional_context_user_message": null, "user_fragment": null,
    })
}

/// Auditors get none, whatever their marks: the recorded learner failed and is `audit_passing`.
pub(crate) fn certificate(mode: Option<&str>) -> Value {
    let status = mode.map(|mode| if mode == "audit" { "audit_passing" } else { "unverified" });
    json!({
        "cert_status": status, "cert_web_view_url": null, "download_url": null, "certificate_available_date": null,
    })
}

fn date_blocks(course: &Course) -> Vec<Value> {
    let block = |date: String, kind: &str, title: &str| {
        json!({
            "assignment_type": null, "complete": null, "date": date, "date_type": kind, "description": "",
            "learner_has_access": true, "link": "", "link_text": "", "title": title, "extra_info": null,
            "first_component_block_id": "",
        })
    };
    let end = course.date(&BlockId::root(), "end").map(|end| block(end, "course-end-date", "Course ends"));
    std::iter::once(block(course.start(), "course-start-date", "Course starts")).chain(end).collect()
}

fn has_ended(course: &Course) -> bool {
    let end = course.date(&BlockId::root(), "end").and_then(|end| end.parse::<Timestamp>().ok());
    end.is_some_and(|end| end < Timestamp::now())
}
