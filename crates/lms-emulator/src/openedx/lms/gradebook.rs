//! `/api/grades/v1/gradebook/` and `/subsection/` (reference openedx.md 3.9; recorded: `gradebook`, `subsection`), for
//! course authors. The switch that a site needs for it is on here.
//!
//! Choices where no source speaks: `bulk-update` takes the graded points where they are given and all points where
//! not; the history of a subsection is empty.

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::grades::{graders, percent, section_points};
use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, CourseKey, parse_usage};
use crate::openedx::olx::Course;
use crate::openedx::state::{App, State};
use crate::openedx::{paging, reply};

/// The course, for one of its authors.
fn author(app: &App, call: &Call, id: &str) -> Result<CourseKey, Box<Response>> {
    let caller = require(app, call, View::Mixin)?;
    let key = CourseKey::parse(id)
        .ok_or_else(|| reply::developer_code(404, "Invalid course key", "invalid_course_key"))?;
    let state = app.lock();
    if !state.is_author(&caller, &key) {
        return Err(Box::new(reply::developer(403, reply::FORBIDDEN)));
    }
    if !state.courses.contains_key(&key) {
        let code = "user_or_course_does_not_exist";
        return Err(Box::new(reply::developer_code(404, "The course does not exist.", code)));
    }
    Ok(key)
}

/// `GET gradebook/{id}/`: a page by cursor, and with `username` one learner.
pub(crate) async fn list(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let key = match author(&app, &call, &id) {
        Ok(key) => key,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let Some(course) = state.courses.get(&key) else { return reply::not_found() };
    if let Some(username) = call.query("username").filter(|username| !username.is_empty()) {
        if !state.is_enrolled(username, &key) {
            let text = "The user matching the requested username is not enrolled in this course";
            let code =
                if state.users.contains_key(username) { "user_not_enrolled" } else { "user_does_not_exist" };
            return reply::developer_code(404, text, code);
        }
        return reply::ok(entry(&state, username, course));
    }
    let everybody: Vec<&str> = state
        .enrollments
        .iter()
        .filter(|entry| entry.course == key && entry.active)
        .map(|entry| entry.username.as_str())
        .collect();
    let part = call.query("user_contains").or(call.query("username_contains")).map(str::to_lowercase);
    let bound = |name: &str| call.query(name).and_then(|value| value.parse::<f64>().ok());
    let (least, most) = (bound("course_grade_min"), bound("course_grade_max"));
    let cohort = call.query("cohort_id");
    let mode = call.query("enrollment_mode");
    let fits = |username: &&&str| {
        let share = percent(&state, username, course) * 100.0;
        let enrolled = state.enrollment(username, &key);
        part.as_ref().is_none_or(|part| username.to_lowercase().contains(part))
            && least.is_none_or(|least| share >= least)
            && most.is_none_or(|most| share <= most)
            && mode.is_none_or(|mode| enrolled.is_some_and(|entry| entry.mode == mode))
            && cohort.is_none()
    };
    let found: Vec<&str> = everybody.iter().filter(fits).copied().collect();
    let (total, filtered) = (everybody.len(), found.len());
    let items = found.into_iter().map(|username| entry(&state, username, course)).collect();
    drop(state);
    let mut body = paging::by_cursor(&app, &call, items, paging::requested_size(&app, &call));
    body["total_users_count"] = total.into();
    body["filtered_users_count"] = filtered.into();
    reply::ok(body)
}

/// The graded sequentials with their type and the label of their place: `HW 01`.
fn graded(course: &Course) -> Vec<(BlockId, String, String)> {
    let mut counts = Map::new();
    let graders = graders(course);
    let sections = course.walk(&BlockId::root()).into_iter().filter(|id| id.kind == "sequential");
    sections
        .filter(|id| course.flag(id, "graded"))
        .filter_map(|id| {
            let kind = course.setting(&id, "format")?;
            let grader = graders.iter().find(|grader| grader.kind == kind)?;
            let number = counts.get(&kind).and_then(Value::as_u64).unwrap_or(0) + 1;
            counts.insert(kind.clone(), number.into());
            Some((id, kind, format!("{} {number:02}", grader.label)))
        })
        .collect()
}

fn entry(state: &State, username: &str, course: &Course) -> Value {
    let sections: Vec<Value> = graded(course)
        .into_iter()
        .map(|(id, category, label)| {
            let (earned, possible) = section_points(state, username, course, &id);
            let tried = course.walk(&id).into_iter().any(|id| {
                let place = (username.to_owned(), course.key.clone(), id);
                state.attempts.get(&place).is_some_and(|attempt| attempt.attempts > 0)
            });
            let share = if possible > 0.0 { (earned / possible * 100.0).round() / 100.0 } else { 0.0 };
            json!({
                "attempted": tried, "category": category, "label": label, "module_id": course.key.usage(&id),
                "percent": share, "score_earned": earned, "score_possible": possible,
                "subsection_name": course.display_name(&id),
            })
        })
        .collect();
    json!({
        "user_id": state.users.get(username).map(|user| user.id), "username": username, "email": "",
        "percent": percent(state, username, course), "section_breakdown": sections,
    })
}

/// `GET gradebook/{id}/grading-info?graded_only=true`.
pub(crate) async fn info(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let key = match author(&app, &call, &id) {
        Ok(key) => key,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let Some(course) = state.courses.get(&key) else { return reply::not_found() };
    let types: Map<String, Value> = graders(course)
        .into_iter()
        .map(|grader| {
            let body = json!({
                "type": grader.kind, "short_label": grader.label, "min_count": grader.min_count,
                "drop_count": grader.drop_count, "weight": grader.weight,
            });
            (grader.kind, body)
        })
        .collect();
    let of_type = graded(course);
    let only = call.query("graded_only").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let sections = course.walk(&BlockId::root()).into_iter().filter(|id| id.kind == "sequential");
    let sections: Vec<Value> = sections
        .filter_map(|id| {
            let known = of_type.iter().find(|(of, ..)| *of == id);
            (!only || known.is_some()).then(|| {
                json!({
                    "assignment_type": known.map(|(_, kind, _)| kind), "graded": known.is_some(),
                    "short_label": known.map(|(.., label)| label), "module_id": course.key.usage(&id),
                    "display_name": course.display_name(&id),
                })
            })
        })
        .collect();
    reply::ok(json!({
        "assignment_types": types, "subsections": sections, "grades_frozen": false,
        "can_see_bulk_management": false, "grade_cutoffs": course.grading["GRADE_CUTOFFS"],
    }))
}

/// `POST gradebook/{id}/bulk-update`: 202, or 422 where a row failed.
pub(crate) async fn update(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let key = match author(&app, &call, &id) {
        Ok(key) => key,
        Err(refused) => return *refused,
    };
    let Some(Value::Array(rows)) = call.json() else { return reply::developer(400, "a list is expected") };
    let mut state = app.lock();
    let mut all = true;
    let answers: Vec<Value> = rows
        .iter()
        .map(|row| {
            let done = set(&mut state, &key, row);
            all &= done.is_ok();
            json!({
                "user_id": row["user_id"], "usage_id": row["usage_id"], "success": done.is_ok(),
                "reason": done.err(),
            })
        })
        .collect();
    reply::json(if all { 202 } else { 422 }, &answers.into())
}

fn set(state: &mut State, key: &CourseKey, row: &Value) -> Result<(), &'static str> {
    let user = state.users.values().find(|user| Some(u64::from(user.id)) == row["user_id"].as_u64());
    let username = user.map(|user| user.username.clone()).ok_or("User matching query does not exist.")?;
    let (of, section) =
        row["usage_id"].as_str().and_then(parse_usage).ok_or("usage_id is not a valid UsageKey")?;
    let there =
        of == *key && state.courses.get(key).is_some_and(|course| course.blocks.contains_key(&section));
    if !there {
        return Err("usage_id does not exist in this course.");
    }
    let points = |kind: &str| {
        let of = |which: &str| row["grade"][format!("{kind}_{which}_override")].as_f64();
        of("graded").or_else(|| of("all"))
    };
    let (earned, possible) = points("earned").zip(points("possible")).ok_or("no points are given")?;
    state.overrides.insert((username, key.clone(), section), (earned, possible));
    Ok(())
}

/// `GET subsection/{usage}/?user_id=`.
pub(crate) async fn subsection(Ext(app): Ext<App>, Path(usage): Path<String>, call: Call) -> Response {
    let Some((key, id)) = parse_usage(&usage) else {
        return reply::developer_code(404, "Invalid usage key", "invalid_usage_key");
    };
    if let Err(refused) = author(&app, &call, &key.to_string()) {
        return *refused;
    }
    let state = app.lock();
    let wanted = call.query("user_id").and_then(|id| id.parse::<u32>().ok());
    let user = state.users.values().find(|user| Some(user.id) == wanted);
    let course = state.courses.get(&key).filter(|course| course.blocks.contains_key(&id));
    let (Some(user), Some(course)) = (user, course) else {
        return reply::developer_code(404, "Not found.", "user_or_course_does_not_exist");
    };
    let (earned, possible) = section_points(&state, &user.username, course, &id);
    let set = state.overrides.get(&(user.username.clone(), key.clone(), id.clone()));
    let set = set.map(|(earned, possible)| {
        json!({
            "earned_all_override": earned, "possible_all_override": possible,
            "earned_graded_override": earned, "possible_graded_override": possible,
        })
    });
    reply::ok(json!({
        "success": true, "subsection_id": usage, "user_id": user.id, "course_id": key.to_string(),
        "original_grade": {
            "earned_all": earned, "possible_all": possible, "earned_graded": earned, "possible_graded": possible,
        },
        "override": set, "history": [],
    }))
}
