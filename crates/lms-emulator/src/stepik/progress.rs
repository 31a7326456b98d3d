//! Points: what a user has on a step, and the sums over lessons, sections, units and courses; views.
//! (reference stepik.md 3.12, 3.20)

use serde_json::{Value, json};

use super::certificates;
use super::form::Form;
use super::read::in_multi_get_order;
use super::render::loosen;
use super::rights::Caller;
use super::state::{Kind, State, StepProgress, now, unix_now};
use super::switches::{CostEdit, InverseDiscount};
use super::tree::is_quiz;
use super::wire::{Object, Pager, Refusal, id_list, int, int_of, listed, object as object_of, one, text};

/// Books one graded submission. Points are score times cost; a later wrong try does not lower them.
/// (reference stepik.md 4.2)
pub(crate) fn record_submission(state: &mut State, user: i64, step: i64, score: f64) {
    let cost = cost(state, step) as f64;
    let tries = state.progress.get(&(user, step)).map_or(0, |held| held.submissions) + 1;
    let discount = discount(state, step, tries);
    let held = state.progress.entry((user, step)).or_default();
    let (was_viewed, was_passed) = (held.last_viewed.is_some(), held.is_passed);
    held.submissions = tries;
    held.is_attempted = true;
    held.last_viewed = Some(unix_now());
    held.points = held.points.max(score * cost * discount);
    if score >= 1.0 {
        held.is_passed = true;
        held.first_success = held.first_success.or(Some(tries));
    }
    let counts = state.step_counts.entry(step).or_default();
    counts.submissions += 1;
    counts.correct += i64::from(score >= 1.0);
    counts.viewed += i64::from(!was_viewed);
    counts.passed += i64::from(score >= 1.0 && !was_passed);
    note_last_step(state, user, step);
    certificates::issue_after(state, user, step);
}

fn note_last_step(state: &mut State, user: i64, step: i64) {
    let lesson = state.get(Kind::Steps, step).and_then(|s| int(s, "lesson"));
    for course in lesson.map(|lesson| state.courses_of_lesson(lesson)).unwrap_or_default() {
        state.last_steps.insert((user, course), (step, now()));
    }
}

/// The share of the points that try number `tries` can still get. The formula of `inverse` is unknown.
/// (reference stepik.md 4.2, 6.3)
fn discount(state: &State, step: i64, tries: i64) -> f64 {
    let lesson = state.get(Kind::Steps, step).and_then(|s| int(s, "lesson"));
    let unit = lesson.and_then(|lesson| state.ids_where(Kind::Units, "lesson", lesson).first().copied());
    let section = unit.and_then(|unit| state.get(Kind::Units, unit)).and_then(|u| int(u, "section"));
    let policy = section.and_then(|s| state.get(Kind::Sections, s)).map(|s| text(s, "discounting_policy"));
    match (policy, state.switches.inverse_discount) {
        (Some("first_one"), _) if tries > 1 => 0.0,
        (Some("first_three"), _) if tries > 3 => 0.0,
        (Some("inverse"), InverseDiscount::Reciprocal) => 1.0 / tries as f64,
        (Some("inverse"), InverseDiscount::Halving) => 0.5f64.powf(tries as f64 - 1.0),
        _ => 1.0,
    }
}

/// Points after the cost of a step changed. (unknown, reference stepik.md 6.3)
pub(crate) fn rescale(state: &mut State, step: i64, old_cost: i64, new_cost: i64) {
    if state.switches.cost_edit == CostEdit::KeepsPoints || old_cost <= 0 || old_cost == new_cost {
        return;
    }
    for ((_, of), held) in &mut state.progress {
        if *of == step {
            held.points *= new_cost as f64 / old_cost as f64;
        }
    }
}

/// Points of a step; content steps have none, whatever their cost says. (choice)
pub(crate) fn cost(state: &State, step: i64) -> i64 {
    let step = state.get(Kind::Steps, step).filter(|step| is_quiz(step));
    step.and_then(|step| int(step, "cost")).unwrap_or(0)
}

/// POST /api/views: a content step becomes passed by being seen. (reference stepik.md 3.12)
pub(crate) fn view(state: &mut State, caller: Caller, input: &Object) -> Result<Value, Refusal> {
    let user = caller.required()?;
    let mut form = Form::new(input);
    let step = form.required_key("step", |id| {
        state.get(Kind::Steps, id).is_some_and(|step| state.may_see_step(caller, step))
    });
    form.finish()?;
    let is_content = state.get(Kind::Steps, step).is_some_and(|step| !is_quiz(step));
    let assignment = input.get("assignment").cloned().unwrap_or_default();
    if let Some(asked) = int_of(&assignment)
        && !state.assignments.iter().any(|((_, of), id)| *of == step && *id == asked)
    {
        return Err(Refusal::field("assignment", format!("Invalid pk '{asked}' - object does not exist.")));
    }
    let held = state.progress.entry((user, step)).or_default();
    let (was_viewed, was_passed) = (held.last_viewed.is_some(), held.is_passed);
    held.last_viewed = Some(unix_now());
    held.is_passed |= is_content;
    let counts = state.step_counts.entry(step).or_default();
    counts.viewed += i64::from(!was_viewed);
    counts.passed += i64::from(is_content && !was_passed);
    note_last_step(state, user, step);
    certificates::issue_after(state, user, step);
    let id = state.other_id();
    Ok(one("views", json!({ "id": id, "step": step, "assignment": assignment })))
}

/// Progress ids are composite strings; only the caller's own progress is answered. (reference stepik.md 2.7, 3.12)
pub(crate) fn progresses(
    state: &State,
    caller: Caller,
    pager: &Pager<'_>,
    id: Option<&str>,
) -> Result<Value, Refusal> {
    let user = caller.required()?;
    if let Some(id) = id {
        return Ok(one("progresses", progress(state, user, id).ok_or_else(Refusal::missing)?));
    }
    let Some(ids) = pager.ask.ids() else {
        // Without ids an ordinary listing, not an empty one. (reference stepik.md 2.5, inference)
        let mut steps: Vec<i64> =
            state.progress.keys().filter(|(of, _)| *of == user).map(|(_, step)| *step).collect();
        steps.sort_unstable();
        let rows = steps.iter().filter_map(|step| progress(state, user, &format!("77-{step}")));
        return pager.page("progresses", rows.collect());
    };
    let mut found: Vec<(i64, Value)> = ids
        .iter()
        .filter_map(|id| {
            let (prefix, object) = id.split_once('-')?;
            // Progresses of unlike objects may share the number, so the prefix counts as well.
            let key = object.parse::<i64>().ok()?.checked_mul(100)?.checked_add(prefix.parse().ok()?)?;
            Some((key, progress(state, user, id)?))
        })
        .collect();
    in_multi_get_order(state, &mut found);
    let found: Vec<Value> = found.into_iter().map(|(_, progress)| progress).collect();
    Ok(listed("progresses", found))
}

fn progress(state: &State, user: i64, id: &str) -> Option<Value> {
    let computed = compute(state, user, id);
    // What was loaded stands until the account does something itself.
    let is_untouched =
        computed.as_ref().is_none_or(|held| held.get("last_viewed").is_none_or(Value::is_null));
    let recorded = state.recorded_progresses.get(id).filter(|_| user == state.keyring.application_owner);
    recorded.filter(|_| is_untouched).cloned().map(Value::Object).or(computed)
}

fn compute(state: &State, user: i64, id: &str) -> Option<Value> {
    let (prefix, object) = id.split_once('-')?;
    let object: i64 = object.parse().ok()?;
    let lesson_of = |unit: &i64| state.get(Kind::Units, *unit).and_then(|u| int(u, "lesson"));
    let lessons: Vec<i64> = match prefix {
        "76" => vec![object],
        "77" => Vec::new(),
        "78" => state.units_of(object).iter().filter_map(lesson_of).collect(),
        "79" => {
            let units = state.get(Kind::Sections, object).map(|s| id_list(s, "units"))?;
            units.iter().filter_map(lesson_of).collect()
        }
        "80" => vec![lesson_of(&object)?],
        _ => return None,
    };
    let kind = match prefix {
        "76" => Kind::Lessons,
        "77" => Kind::Steps,
        "78" => Kind::Courses,
        "79" => Kind::Sections,
        _ => Kind::Units,
    };
    if !state.has(kind, object) {
        return None;
    }
    let steps: Vec<i64> =
        if prefix == "77" { vec![object] } else { lessons.iter().flat_map(|l| state.steps_of(*l)).collect() };
    let nothing = StepProgress::default();
    let held: Vec<&StepProgress> =
        steps.iter().map(|step| state.progress.get(&(user, *step)).unwrap_or(&nothing)).collect();
    let last_viewed = held.iter().filter_map(|p| p.last_viewed).max();
    let points: f64 = held.iter().map(|p| p.points).sum();
    let passed = held.iter().filter(|p| p.is_passed).count();
    let attempted = held.iter().filter(|p| p.is_attempted).count();
    // Never opened: the integer 0; opened: 0.0. (reference stepik.md 3.12)
    let score = if last_viewed.is_some() { json!(points) } else { json!(0) };
    let mut shown = object_of(json!({
        "id": id, "last_viewed": last_viewed, "score": score,
        "cost": steps.iter().map(|step| cost(state, *step)).sum::<i64>(), "n_steps": steps.len(),
        "n_steps_attempted": attempted, "n_steps_passed": passed, "is_attempted": attempted > 0,
        "is_passed": !steps.is_empty() && passed == steps.len(), "is_exam_mode": false,
    }));
    loosen(state.switches.numbers, &mut shown);
    Some(Value::Object(shown))
}

/// How many steps of a course a user has passed, and how many there are.
pub(crate) fn steps_passed(state: &State, user: i64, course: i64) -> (usize, usize) {
    let lessons = state.units_of(course).into_iter().filter_map(|unit| state.get(Kind::Units, unit));
    let steps: Vec<i64> =
        lessons.filter_map(|unit| int(unit, "lesson")).flat_map(|lesson| state.steps_of(lesson)).collect();
    let is_passed = |step: &&i64| state.progress.get(&(user, **step)).is_some_and(|held| held.is_passed);
    (steps.iter().filter(is_passed).count(), steps.len())
}
