//! `/api/courseware/`, `/api/learning_sequences/` and the list of the mobile application. Keys and types are the
//! recorded ones.

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::completion::all_complete;
use super::{courses, home};
use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, CourseKey, parse_usage};
use crate::openedx::olx::Course;
use crate::openedx::reply;
use crate::openedx::state::{App, State};

/// `GET /api/courseware/course/{id}`.
pub(crate) async fn course(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let username = match require(&app, &call, View::Plain) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let Some(course) = CourseKey::parse(&id).and_then(|key| state.courses.get(&key)) else {
        return reply::detail(404, "Not found.");
    };
    let summary = courses::summary(&app, course);
    let enrollment = state.enrollment(&username, &course.key);
    let active = enrollment.filter(|entry| entry.active);
    reply::ok(json!({
        "access_expiration": null, "can_show_upgrade_sock": false, "content_type_gating_enabled": false,
        "course_goals": {"selected_goal": null, "weekly_learning_goal_enabled": false}, "effort": summary["effort"],
        "end": summary["end"],
        "enrollment": {"mode": enrollment.map(|entry| &entry.mode), "is_active": active.is_some()},
        "enrollment_start": summary["enrollment_start"], "enrollment_end": summary["enrollment_end"],
        "entrance_exam_data": {
            "entrance_exam_current_score": 0.0, "entrance_exam_enabled": false, "entrance_exam_id": "",
            "entrance_exam_minimum_score_pct": 0.65, "entrance_exam_passed": true,
        },
        "id": course.key.to_string(), "license": null,
        "media": {
            "course_image": summary["media"]["course_image"], "course_video": summary["media"]["course_video"],
            "image": summary["media"]["image"],
        },
        "name": course.title(), "offer": null, "related_programs": null,
        "short_description": summary["short_description"], "start": summary["start"],
        "start_display": summary["start_display"], "start_type": summary["start_type"], "pacing": summary["pacing"],
        "user_timezone": null, "show_calculator": course.flag(&BlockId::root(), "show_calculator"),
        "can_view_legacy_courseware": false, "can_access_proctored_exams": false,
        "notes": {"enabled": false, "visible": true}, "marketing_url": null, "celebrations": home::celebrations(),
        "user_has_passing_grade": super::grades::passes(&state, &username, course),
        "course_exit_page_is_active": false,
        "certificate_data": home::certificate(active.map(|entry| entry.mode.as_str())), "verify_identity_url": null,
        "verification_status": "none", "linkedin_add_to_profile_url": null, "is_integrity_signature_enabled": false,
        "user_needs_integrity_signature": false,
    }))
}

/// `GET /api/courseware/sequence/{usage}`: the units of a sequential.
pub(crate) async fn sequence(Ext(app): Ext<App>, Path(usage): Path<String>, call: Call) -> Response {
    let username = match require(&app, &call, View::Plain) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let place = parse_usage(&usage).filter(|(_, id)| id.kind == "sequential");
    let Some((course, id)) = place.and_then(|(key, id)| Some((state.courses.get(&key)?, id))) else {
        return reply::detail(404, "Not found.");
    };
    let Some(block) = course.blocks.get(&id) else { return reply::detail(404, "Not found.") };
    let items: Vec<Value> = block.children.iter().map(|unit| item(&state, &username, course, unit)).collect();
    let title = course.display_name(&id);
    reply::ok(json!({
        "items": items, "element_id": id.id, "item_id": usage,
        "is_time_limited": course.flag(&id, "is_time_limited"), "is_proctored": course.flag(&id, "is_proctored_enabled"),
        "position": null, "tag": "sequential", "next_url": null, "prev_url": null, "banner_text": null,
        "save_position": true, "show_completion": true,
        "gated_content": {
            "prereq_id": null, "prereq_url": null, "prereq_section_name": null, "gated": false,
            "gated_section_name": title,
        },
        "sequence_name": title, "exclude_units": true, "gated_sequence_paywall": null, "display_name": title,
        "format": course.setting(&id, "format"), "is_hidden_after_due": false,
    }))
}

/// The icon of a unit is that of its weightiest part.
fn item(state: &State, username: &str, course: &Course, unit: &BlockId) -> Value {
    let below = course.walk(unit);
    let has = |kind: &str| below.iter().any(|id| id.kind == kind);
    let kind = ["problem", "video"].into_iter().find(|kind| has(kind)).unwrap_or("other");
    let mut path: Vec<String> = course
        .ancestors(unit)
        .iter()
        .filter(|id| **id != BlockId::root())
        .map(|id| course.display_name(id))
        .collect();
    path.reverse();
    path.push(course.display_name(unit));
    json!({
        "content": "", "page_title": course.display_name(unit), "type": kind, "id": course.key.usage(unit),
        "bookmarked": false, "path": path.join(" > "), "graded": course.flag(unit, "graded"),
        "contains_content_type_gated_content": false, "href": "", "complete": all_complete(state, username, course, unit),
    })
}

/// `GET /api/learning_sequences/v1/course_outline/{id}`: of oneself.
pub(crate) async fn sequences(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let username = match require(&app, &call, View::Plain) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let Some(course) = CourseKey::parse(&id).and_then(|key| state.courses.get(&key)) else {
        return reply::detail(404, "Not found.");
    };
    let root = BlockId::root();
    let version: String = Sha256::digest(course.published.to_string())
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let begins = |id: &BlockId| course.date(id, "start").unwrap_or_else(|| course.start());
    let own_start =
        |id: &BlockId| course.own(id, "start").and_then(|date| crate::openedx::olx::iso_date(&date));
    let (mut sections, mut sequences) = (Vec::new(), Map::new());
    for chapter in course.blocks.get(&root).map(|block| block.children.as_slice()).unwrap_or_default() {
        let below = course.blocks.get(chapter).map(|block| block.children.as_slice()).unwrap_or_default();
        let below: Vec<&BlockId> = below.iter().filter(|id| id.kind == "sequential").collect();
        for id in &below {
            let usage = course.key.usage(id);
            let sequence = json!({
                "id": usage, "title": course.display_name(id), "accessible": true, "inaccessible_after_due": false,
                "start": own_start(id), "effective_start": begins(id), "due": course.date(id, "due"),
            });
            sequences.insert(usage, sequence);
        }
        sections.push(json!({
            "id": course.key.usage(chapter), "title": course.display_name(chapter),
            "sequence_ids": below.iter().map(|id| course.key.usage(id)).collect::<Vec<_>>(),
            "start": own_start(chapter), "effective_start": begins(chapter),
        }));
    }
    reply::ok(json!({
        "course_key": course.key.to_string(), "course_start": course.start(), "course_end": course.date(&root, "end"),
        "title": course.title(), "published_at": moment(course.published), "published_version": version,
        "entrance_exam_id": null, "days_early_for_beta": null, "self_paced": course.flag(&root, "self_paced"),
        "username": username, "user_id": state.users.get(&username).map(|user| user.id),
        "at_time": moment(Timestamp::now()), "outline": {"sections": sections, "sequences": sequences},
    }))
}

/// `GET /api/mobile/v1/users/{username}/course_enrollments/`: one's own, newest first.
pub(crate) async fn mobile(Ext(app): Ext<App>, Path(username): Path<String>, call: Call) -> Response {
    match require(&app, &call, View::Plain) {
        Ok(caller) if caller == username => {}
        Ok(_) => return reply::detail(403, reply::FORBIDDEN),
        Err(refused) => return *refused,
    }
    let state = app.lock();
    let own = state.enrollments.iter().rev().filter(|entry| entry.username == username && entry.active);
    let entries = own.filter_map(|entry| {
        let course = state.courses.get(&entry.course)?;
        Some(json!({
            "audit_access_expires": null, "created": moment(entry.created), "mode": entry.mode, "is_active": true,
            "course": mobile_course(&app, course), "certificate": {},
        }))
    });
    reply::ok(entries.collect::<Vec<_>>().into())
}

fn mobile_course(app: &App, course: &Course) -> Value {
    let (summary, lms) = (courses::summary(app, course), app.lms_url());
    let id = course.key.to_string();
    let image = &summary["media"]["course_image"]["uri"];
    let shared = |name: &str, source: &str| {
        format!("utm_medium=social&utm_campaign=social-sharing-{name}&utm_source={source}")
    };
    let info = |what: &str| format!("{lms}/api/mobile/v1/course_info/{id}/{what}");
    json!({
        "id": id, "name": course.title(), "number": course.key.number, "org": course.key.org,
        "start": summary["start"], "start_display": summary["start_display"], "start_type": summary["start_type"],
        "end": summary["end"], "dynamic_upgrade_deadline": null,
        "subscription_id": format!("course_{}", base32(id.as_bytes())), "courseware_access": home::access(true),
        "media": {"course_image": {"uri": image, "name": "Course Image"}}, "course_image": image,
        "course_about": format!("{lms}/courses/{id}/about"),
        "course_sharing_utm_parameters": {"facebook": shared("db", "facebook"), "twitter": shared("db", "twitter")},
        "course_updates": info("updates"), "course_handouts": info("handouts"), "discussion_url": null,
        "video_outline": null, "is_self_paced": course.flag(&BlockId::root(), "self_paced"),
    })
}

/// RFC 4648, filled up with `_` (recorded).
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    for chunk in bytes.chunks(5) {
        let bits = (0..5).fold(0_u64, |bits, at| bits << 8 | u64::from(chunk.get(at).copied().unwrap_or(0)));
        let used = (chunk.len() * 8).div_ceil(5);
        text.extend((0..8).map(|at| match at < used {
            true => char::from(LETTERS[(bits >> (35 - 5 * at) & 31) as usize]),
            false => '_',
        }));
    }
    text
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_name_of_the_channel_is_the_recorded_one() {
        let recorded = "MNXXK4TTMUWXMMJ2J5YGK3TFMRMCWRDFNVXVQK2EMVWW6Q3POVZHGZI_";
        assert_eq!(super::base32(b"course-v1:OpenedX+DemoX+DemoCourse"), recorded);
    }
}
