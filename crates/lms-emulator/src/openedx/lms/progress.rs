//! `/api/course_home/v1/progress/` (reference openedx.md 3.12).
//!
//! Choices where no source speaks: the staff's view of an unknown learner is a 404; everything is unlocked; certificates
//! and verification are as for a course that has neither.

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::{Value, json};

use super::completion::is_complete;
use super::grades::{grade, graders, section_points};
use super::problems::points;
use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, CourseKey};
use crate::openedx::olx::{Category, Course, category};
use crate::openedx::reply;
use crate::openedx::state::{App, State};

/// `GET progress/{id}`: the caller's own.
pub(crate) async fn own(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Plain) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    answer(&app, &state, &id, &caller)
}

/// `GET progress/{id}/{student_id}/`: a learner's, for staff; 404 for others.
pub(crate) async fn of(
    Ext(app): Ext<App>,
    Path((id, student)): Path<(String, String)>,
    call: Call,
) -> Response {
    let caller = match require(&app, &call, View::Plain) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let user = state.users.values().find(|user| user.id.to_string() == student);
    let may = |username: &str| {
        username == caller || CourseKey::parse(&id).is_some_and(|key| state.is_author(&caller, &key))
    };
    match user.map(|user| user.username.clone()).filter(|username| may(username)) {
        Some(username) => answer(&app, &state, &id, &username),
        None => reply::detail(404, "Not found."),
    }
}

fn answer(app: &App, state: &State, id: &str, username: &str) -> Response {
    let Some(course) = CourseKey::parse(id).and_then(|key| state.courses.get(&key)) else {
        return reply::detail(404, "Not found.");
    };
    // A 401 whose body is a sentence, not an object.
    if !state.is_enrolled(username, &course.key) && !state.is_author(username, &course.key) {
        return reply::json(401, &json!("User not enrolled."));
    }
    reply::ok(describe(app, state, course, username))
}

fn describe(app: &App, state: &State, course: &Course, username: &str) -> Value {
    let root = BlockId::root();
    let leaves: Vec<BlockId> = course
        .walk_as(username, &root)
        .into_iter()
        .filter(|id| category(&id.kind) != Some(Category::Container) && id.kind != "discussion")
        .collect();
    let complete = leaves.iter().filter(|id| is_complete(state, username, &course.key, id)).count();
    let mark = grade(state, username, course);
    let policies: Vec<Value> = graders(course)
        .into_iter()
        .map(|grader| {
            json!({
                "num_droppable": grader.drop_count, "num_total": grader.min_count,
                "short_label": grader.label, "type": grader.kind, "weight": grader.weight,
            })
        })
        .collect();
    let children =
        |id: &BlockId| course.blocks.get(id).map(|block| block.children.clone()).unwrap_or_default();
    let sections: Vec<Value> = children(&root)
        .iter()
        .map(|chapter| {
            let below: Vec<Value> = children(chapter)
                .iter()
                .map(|section| subsection(app, state, course, username, section))
                .collect();
            json!({"display_name": course.display_name(chapter), "subsections": below})
        })
        .collect();
    json!({
        "access_expiration": null, "certificate_data": null,
        "completion_summary": {
            "complete_count": complete, "incomplete_count": leaves.len() - complete, "locked_count": 0,
        },
        "course_grade": {
            "letter_grade": mark["letter_grade"], "percent": mark["percent"], "is_passing": mark["passed"],
        },
        "credit_course_requirements": null, "end": course.date(&root, "end"),
        "enrollment_mode": state.enrollment(username, &course.key).map(|entry| entry.mode.as_str()),
        "grading_policy": {
            "assignment_policies": policies, "grade_range": course.grading["GRADE_CUTOFFS"],
        },
        "has_scheduled_content": false, "section_scores": sections, "studio_url": null, "username": username,
        "user_has_passing_grade": mark["passed"],
        "verification_data": {"link": null, "status": "none", "status_date": null}, "verified_mode": null,
    })
}

fn subsection(app: &App, state: &State, course: &Course, username: &str, id: &BlockId) -> Value {
    let scores: Vec<(f64, f64)> = course
        .walk_as(username, id)
        .into_iter()
        .filter_map(|id| points(state, username, course, &id))
        .collect();
    let (earned, possible) = section_points(state, username, course, id);
    let graded = course.flag(id, "graded");
    let scores: Vec<Value> = scores
        .into_iter()
        .map(|(earned, possible)| json!({"earned": earned, "possible": possible}))
        .collect();
    json!({
        "assignment_type": course.setting(id, "format"), "block_key": course.key.usage(id),
        "display_name": course.display_name(id), "due": course.date(id, "due"), "has_graded_assignment": graded,
        "override": null, "learner_has_access": true, "num_points_earned": earned,
        "num_points_possible": possible,
        "percent_graded": if graded && possible > 0.0 { earned / possible } else { 0.0 },
        "problem_scores": scores, "show_correctness": "always", "show_grades": true,
        "url": format!("{}/courses/{}/jump_to/{}", app.lms_url(), course.key, course.key.usage(id)),
    })
}
