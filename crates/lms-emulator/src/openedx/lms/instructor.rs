//! The instructor dashboard on single problems: `POST /courses/{id}/instructor/api/{action}` (reference openedx.md 3.6; the
//! checks and their order are those of `lms/djangoapps/instructor/views/api.py` of edx-platform).
//!
//! Choices where no source speaks: tasks are done at once; a learner who has not answered is left out of a rescore of all.

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::json;

use crate::openedx::auth::{View, require};
use crate::openedx::call::{Call, field};
use crate::openedx::capa::{Problem, grade};
use crate::openedx::keys::{BlockId, CourseKey, parse_usage};
use crate::openedx::reply;
use crate::openedx::state::{App, State};

type Refused = Box<Response>;

/// `reset_student_attempts`, `rescore_problem`, `override_problem_score`.
pub(crate) async fn call(
    Ext(app): Ext<App>,
    Path((id, action)): Path<(String, String)>,
    call: Call,
) -> Response {
    let form = call.any_form().await;
    answer(&app, &call, &id, &action, &form).unwrap_or_else(|refused| *refused)
}

fn answer(
    app: &App,
    call: &Call,
    id: &str,
    action: &str,
    form: &[(String, String)],
) -> Result<Response, Refused> {
    let caller = require(app, call, View::Default)?;
    let mut state = app.lock();
    let key = CourseKey::parse(id).filter(|key| state.courses.contains_key(key));
    let key = key.ok_or_else(|| Box::new(reply::not_found()))?;
    if !state.is_author(&caller, &key) {
        return Err(Box::new(reply::detail(403, reply::FORBIDDEN)));
    }
    let flag = |name: &str| field(form, name).is_some_and(|value| matches!(value, "true" | "True"));
    let bad = |text: &str| Box::new(reply::text(400, text));
    let usage = field(form, "problem_to_reset").unwrap_or_default();
    let (of, block) = parse_usage(usage).ok_or_else(|| bad(""))?;
    let identifier = field(form, "unique_student_identifier").filter(|name| !name.is_empty());
    let everybody = flag("all_students");
    if everybody && (identifier.is_some() || flag("delete_module")) {
        return Err(bad("all_students and unique_student_identifier are mutually exclusive."));
    }
    let learner = match identifier.map(|name| state.find_user(name).map(|user| user.username.clone())) {
        Some(None) => return Err(bad("User does not exist.")),
        found => found.flatten(),
    };
    let people: Vec<String> = match (&learner, everybody) {
        (Some(name), _) => vec![name.clone()],
        (None, true) => {
            state.attempts.keys().filter(|(_, k, b)| *k == of && *b == block).map(|p| p.0.clone()).collect()
        }
        (None, false) => return Err(bad("")),
    };
    for name in people {
        let place = (name, key.clone(), block.clone());
        let done = match action {
            "reset_student_attempts" if flag("delete_module") => state.attempts.remove(&place).is_some(),
            "reset_student_attempts" => match state.attempts.get_mut(&place) {
                Some(attempt) => {
                    attempt.forget_attempts();
                    true
                }
                None => false,
            },
            "rescore_problem" => rescore(&mut state, &place, flag("only_if_higher")),
            "override_problem_score" => set(&mut state, &place, field(form, "score")).map_err(bad)?,
            _ => return Err(Box::new(reply::not_found())),
        };
        if !done && !everybody {
            return Err(bad("Module does not exist."));
        }
    }
    let mut body = json!({"problem_to_reset": usage});
    body["student"] = identifier.unwrap_or("All Students").into();
    // A reset of one learner is done at once; everything else is a task.
    if action != "reset_student_attempts" || everybody {
        body["task"] = "created".into();
    }
    Ok(reply::ok(body))
}

type Place = (String, CourseKey, BlockId);

/// The problem as it is now, and the answer as it was given.
fn rescore(state: &mut State, place: &Place, only_if_higher: bool) -> bool {
    let (_, key, id) = place;
    let block = state.courses.get(key).and_then(|course| course.blocks.get(id));
    let (Some(block), Some(attempt)) = (block, state.attempts.get(place).filter(|attempt| attempt.done))
    else {
        return false;
    };
    let table = state.accepted.of(key, id);
    let Ok(outcomes) = grade(&Problem::new(&id.id, &block.element), &attempt.answers, &table) else {
        return false;
    };
    if let Some(attempt) = state.attempts.get_mut(place) {
        attempt.regrade(outcomes, only_if_higher);
    }
    true
}

/// The score is weighted, as learners see it; it lies between nothing and all there is.
fn set(state: &mut State, place: &Place, score: Option<&str>) -> Result<bool, &'static str> {
    let (_, key, id) = place;
    let score: f64 = score.and_then(|text| text.parse().ok()).ok_or("The score must be a number.")?;
    let Some(course) = state.courses.get(key) else { return Ok(false) };
    let Some(block) = course.blocks.get(id) else { return Ok(false) };
    let possible = Problem::new(&id.id, &block.element).possible();
    let weight: Option<f64> = course.own(id, "weight").and_then(|text| text.parse().ok());
    let most = weight.unwrap_or(possible);
    if !(0.0..=most).contains(&score) {
        return Err("Scores must be between 0 and the value of the problem.");
    }
    let raw = if most > 0.0 { score * possible / most } else { 0.0 };
    state.attempts.entry(place.clone()).or_default().set_points(raw, possible);
    Ok(true)
}
