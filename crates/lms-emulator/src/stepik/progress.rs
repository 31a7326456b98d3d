//! Points: what a user has on a step, and the sums over lessons, sections, units and courses; the grade book; views.
//! (reference stepik.md 3.12, 3.13, 3.20)

use serde_json::{Map, Value, json};

use super::form::Form;
use super::read::scramble;
use super::rights::Caller;
use super::state::{Kind, State, StepProgress, unix_now, whole_seconds};
use super::tree::is_quiz;
use super::wire::{Ask, Object, Pager, Refusal, id_list, int, listed, one, text};

/// Books one graded submission. Points are score times cost; a later wrong try does not lower them.
/// (reference stepik.md 4.2)
pub(crate) fn record_submission(state: &mut State, user: i64, step: i64, score: f64) {
    let cost = cost(state, step) as f64;
    let tries = state.progress.get(&(user, step)).map_or(0, |held| held.submissions) + 1;
    let discount = discount(state, step, tries);
    let held = state.progress.entry((user, step)).or_default();
    held.submissions = tries;
    held.is_attempted = true;
    held.last_viewed = Some(unix_now());
    held.points = held.points.max(score * cost * discount);
    if score >= 1.0 {
        held.is_passed = true;
        held.first_success = held.first_success.or(Some(tries));
    }
}

/// The share of the points that try number `tries` can still get. The formula of `inverse` is unknown, 1/n is a
/// choice. (reference stepik.md 4.2, 6.3)
fn discount(state: &State, step: i64, tries: i64) -> f64 {
    let lesson = state.get(Kind::Steps, step).and_then(|s| int(s, "lesson"));
    let unit = lesson.and_then(|lesson| state.ids_where(Kind::Units, "lesson", lesson).first().copied());
    let section = unit.and_then(|unit| state.get(Kind::Units, unit)).and_then(|u| int(u, "section"));
    let policy = section.and_then(|s| state.get(Kind::Sections, s)).map(|s| text(s, "discounting_policy"));
    match policy {
        Some("first_one") if tries > 1 => 0.0,
        Some("first_three") if tries > 3 => 0.0,
        Some("inverse") => 1.0 / tries as f64,
        _ => 1.0,
    }
}

/// Points of a step; content steps have none, whatever their cost says. (choice)
fn cost(state: &State, step: i64) -> i64 {
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
    let held = state.progress.entry((user, step)).or_default();
    held.last_viewed = Some(unix_now());
    held.is_passed |= is_content;
    let id = state.other_id();
    let assignment = input.get("assignment").cloned().unwrap_or_default();
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
    let ids = pager.ask.ids().unwrap_or_default();
    let mut found: Vec<(i64, Value)> = ids
        .iter()
        .filter_map(|id| Some((id.split_once('-')?.1.parse().ok()?, progress(state, user, id)?)))
        .collect();
    scramble(&mut found);
    let found: Vec<Value> = found.into_iter().map(|(_, progress)| progress).collect();
    Ok(listed("progresses", found))
}

fn progress(state: &State, user: i64, id: &str) -> Option<Value> {
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
    Some(json!({
        "id": id, "last_viewed": last_viewed, "score": score,
        "cost": steps.iter().map(|step| cost(state, *step)).sum::<i64>(), "n_steps": steps.len(),
        "n_steps_attempted": attempted, "n_steps_passed": passed, "is_attempted": attempted > 0,
        "is_passed": !steps.is_empty() && passed == steps.len(), "is_exam_mode": false,
    }))
}

/// The grade book: teachers see all rows, others their own. (reference stepik.md 3.13, 6.1)
pub(crate) fn course_grades(
    state: &State,
    caller: Caller,
    pager: &Pager<'_>,
    id: Option<&str>,
) -> Result<Value, Refusal> {
    let user = caller.required()?;
    let ask = pager.ask;
    let wanted = |name: &str| ask.param(name).and_then(|value| value.parse::<i64>().ok());
    let sees = |course: i64, row: i64| row == user || state.may_teach_course(caller, course);
    let rows = state.enrollments.iter().filter(|((course, row), _)| sees(*course, *row));
    let mut rows: Vec<Value> = rows
        .filter(|((course, _), _)| wanted("course").is_none_or(|c| c == *course))
        .filter(|((_, row), _)| wanted("user").is_none_or(|u| u == *row))
        .filter(|((course, row), _)| {
            let is_teacher = state.may_teach_course(Caller(Some(*row)), *course);
            ask.param("is_teacher").is_none_or(|asked| asked.eq_ignore_ascii_case("true") == is_teacher)
        })
        .map(|((course, row), enrollment)| {
            grade_row(state, *course, *row, enrollment.grade_id, &enrollment.joined)
        })
        .collect();
    if let Some(id) = id {
        let row = rows.into_iter().find(|row| row.get("id").map(Value::to_string).as_deref() == Some(id));
        return Ok(one("course-grades", row.ok_or_else(Refusal::missing)?));
    }
    sort_rows(ask, &mut rows);
    pager.page("course-grades", rows)
}

fn sort_rows(ask: &Ask, rows: &mut [Value]) {
    let number = |row: &Value, key: &str| row.get(key).and_then(Value::as_f64).unwrap_or_default();
    rows.sort_by(|a, b| number(a, "id").total_cmp(&number(b, "id")));
    if ask.param("order").is_some_and(|order| order.starts_with("-score")) {
        rows.sort_by(|a, b| number(b, "score").total_cmp(&number(a, "score")));
    }
}

/// `results` is a map keyed `lesson-position` and covers attempted steps only; scores in it are points.
/// (reference stepik.md 3.13)
fn grade_row(state: &State, course: i64, user: i64, id: i64, joined: &str) -> Value {
    let (mut results, mut sum, mut last_viewed) = (Map::new(), 0.0, None);
    for unit in state.units_of(course) {
        let Some(lesson) = state.get(Kind::Units, unit).and_then(|u| int(u, "lesson")) else { continue };
        for step in state.steps_of(lesson) {
            let Some(held) = state.progress.get(&(user, step)) else { continue };
            last_viewed = last_viewed.max(held.last_viewed);
            if !held.is_attempted {
                continue;
            }
            let position = state.get(Kind::Steps, step).and_then(|s| int(s, "position")).unwrap_or_default();
            sum += held.points;
            results.insert(
                format!("{lesson}-{position}"),
                json!({
                    "step_id": step, "is_passed": held.is_passed, "first_success": held.first_success,
                    "total_submissions": held.submissions, "score": held.points,
                }),
            );
        }
    }
    let last_viewed =
        last_viewed.and_then(|at| jiff::Timestamp::from_second(at).ok()).map(|at| at.to_string());
    json!({
        "id": id, "course": course, "user": user, "results": results, "score": sum, "rank": null,
        "rank_max": null, "rank_position": null, "users_count": null,
        "is_teacher": state.may_teach_course(Caller(Some(user)), course), "date_joined": whole_seconds(joined),
        "last_viewed": last_viewed, "certificate_issue_date": null, "certificate_issue_regular_date": null,
        "certificate_issue_distinction_date": null, "certificate_update_date": null, "certificate_url": null,
    })
}
