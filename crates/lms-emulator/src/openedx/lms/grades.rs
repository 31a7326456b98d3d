//! `/api/grades/v1/` (reference openedx.md 3.9). Grades are computed when they are asked for.

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::{Value, json};

use super::problems::points;
use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, CourseKey};
use crate::openedx::olx::Course;
use crate::openedx::state::{App, State};
use crate::openedx::{paging, reply};

/// `GET courses/?course_id=`.
pub(crate) async fn by_query(Ext(app): Ext<App>, call: Call) -> Response {
    let id = call.query("course_id").unwrap_or_default().to_owned();
    answer(&app, &call, &id)
}

/// `GET courses/{id}/`.
pub(crate) async fn course(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    answer(&app, &call, &id)
}

fn answer(app: &App, call: &Call, id: &str) -> Response {
    let caller = match require(app, call, View::Mixin) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let Some(key) = CourseKey::parse(id) else {
        let text = "The provided course key cannot be parsed.";
        return reply::developer_code(404, text, "invalid_course_key");
    };
    let Some(course) = state.courses.get(&key) else {
        return reply::developer_code(
            404,
            &format!("Requested grade for unknown course {id}"),
            "course_does_not_exist",
        );
    };
    if let Some(username) = call.query("username").filter(|username| !username.is_empty()) {
        if username != caller && !state.is_author(&caller, &key) {
            return reply::developer(403, reply::FORBIDDEN);
        }
        if !state.users.contains_key(username) {
            let text = "The user matching the requested username does not exist.";
            return reply::developer_code(404, text, "user_does_not_exist");
        }
        if !state.is_enrolled(username, &key) {
            let text = "The user matching the requested username is not enrolled in this course";
            return reply::developer_code(404, text, "user_not_enrolled");
        }
        return reply::ok(json!([grade(&state, username, course)]));
    }
    // Everybody's grades: global staff (recorded: course staff get 403).
    if !state.is_staff(&caller) {
        return reply::developer(403, reply::FORBIDDEN);
    }
    let active = state.enrollments.iter().filter(|entry| entry.course == key && entry.active);
    let items = active.map(|entry| grade(&state, &entry.username, course)).collect();
    drop(state);
    let size = paging::requested_size(app, call);
    reply::ok(paging::by_cursor(app, call, items, size))
}

/// `GET policy/courses/{id}/`: course staff.
pub(crate) async fn policy(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Mixin) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let Some(key) = CourseKey::parse(&id) else {
        return reply::developer_code(400, "Invalid course key", "invalid_course_key");
    };
    let state = app.lock();
    if !state.is_author(&caller, &key) {
        return reply::developer_code(403, "The course does not exist.", "user_or_course_does_not_exist");
    }
    let Some(course) = state.courses.get(&key) else {
        return reply::developer_code(404, "The course does not exist.", "user_or_course_does_not_exist");
    };
    let entries = graders(course).into_iter().map(|grader| {
        json!({"assignment_type": grader.kind, "count": grader.min_count, "dropped": grader.drop_count, "weight": grader.weight})
    });
    reply::ok(entries.collect::<Vec<_>>().into())
}

/// One line of the grading policy.
pub(super) struct Grader {
    pub(super) kind: String,
    /// Before the number of an assignment; the type where the policy has none.
    pub(super) label: String,
    pub(super) min_count: usize,
    pub(super) drop_count: usize,
    pub(super) weight: f64,
}

pub(super) fn graders(course: &Course) -> Vec<Grader> {
    let list = course.grading["GRADER"].as_array().into_iter().flatten();
    let count = |value: &Value| value.as_u64().unwrap_or(0) as usize;
    list.map(|grader| Grader {
        kind: grader["type"].as_str().unwrap_or_default().to_owned(),
        label: grader["short_label"].as_str().or(grader["type"].as_str()).unwrap_or_default().to_owned(),
        min_count: count(&grader["min_count"]),
        drop_count: count(&grader["drop_count"]),
        weight: grader["weight"].as_f64().unwrap_or(0.0),
    })
    .collect()
}

/// Whether the learner would pass now.
pub(crate) fn passes(state: &State, username: &str, course: &Course) -> bool {
    grade(state, username, course)["passed"] == true
}

pub(super) fn grade(state: &State, username: &str, course: &Course) -> Value {
    let percent = percent(state, username, course);
    let cutoffs = course.grading["GRADE_CUTOFFS"].as_object();
    let mut cutoffs: Vec<(&str, f64)> = cutoffs
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_f64()?)))
        .collect();
    cutoffs.sort_by(|a, b| b.1.total_cmp(&a.1));
    let letter = cutoffs.iter().find(|(_, cutoff)| percent >= *cutoff).map(|(name, _)| *name);
    let lowest = cutoffs.iter().rev().find(|(_, cutoff)| *cutoff > 0.0);
    json!({
        "username": username, "email": "", "course_id": course.key.to_string(),
        "passed": lowest.is_some_and(|(_, cutoff)| percent >= *cutoff), "percent": percent, "letter_grade": letter,
    })
}

/// Whole percents with a bonus of 0.05 points before rounding (reference openedx.md 3.9).
pub(super) fn percent(state: &State, username: &str, course: &Course) -> f64 {
    let total: f64 = graders(course)
        .into_iter()
        .map(|grader| {
            grader.weight * type_score(&grader, &assignments(state, username, course, &grader.kind))
        })
        .sum();
    (total * 100.0 + 0.05).round() / 100.0
}

/// Score of every graded sequential of one type, 0 to 1.
fn assignments(state: &State, username: &str, course: &Course, kind: &str) -> Vec<f64> {
    let sections = course.walk(&BlockId::root()).into_iter().filter(|id| id.kind == "sequential");
    sections
        .filter(|id| course.flag(id, "graded") && course.setting(id, "format").as_deref() == Some(kind))
        .map(|id| {
            let (earned, possible) = section_points(state, username, course, &id);
            if possible > 0.0 { earned / possible } else { 0.0 }
        })
        .collect()
}

/// Points earned and possible in one sequential; what an instructor set in their place counts instead.
pub(super) fn section_points(
    state: &State,
    username: &str,
    course: &Course,
    section: &BlockId,
) -> (f64, f64) {
    let place = (username.to_owned(), course.key.clone(), section.clone());
    if let Some(set) = state.overrides.get(&place) {
        return *set;
    }
    let scores =
        course.walk_as(username, section).into_iter().filter_map(|id| points(state, username, course, &id));
    scores.fold((0.0, 0.0), |sum, score| (sum.0 + score.0, sum.1 + score.1))
}

/// Missing assignments count as zero, then the lowest are dropped of all; zeros need no adding up.
fn type_score(grader: &Grader, scores: &[f64]) -> f64 {
    let slots = grader.min_count.max(scores.len());
    let Some(kept) = slots.checked_sub(grader.drop_count).filter(|kept| *kept > 0) else { return 0.0 };
    let mut scores = scores.to_vec();
    scores.sort_by(|a, b| b.total_cmp(a));
    scores.iter().take(kept).sum::<f64>() / kept as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_of_all_slots_are_dropped() {
        let grader = |min_count, drop_count| Grader {
            kind: String::new(),
            label: String::new(),
            min_count,
            drop_count,
            weight: 1.0,
        };
        assert_eq!(type_score(&grader(2, 0), &[1.0]), 0.5);
        assert_eq!(type_score(&grader(2, 1), &[1.0]), 1.0);
        assert_eq!(type_score(&grader(1, 1), &[1.0]), 0.0);
        assert_eq!(type_score(&grader(1, 0), &[1.0, 0.5]), 0.75);
    }
}
