//! The grade book: teachers see all rows, others their own. (reference stepik.md 3.13, 6.1)

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::read::in_multi_get_order;
use super::render::loosen;
use super::rights::Caller;
use super::state::{Enrollment, Kind, State, whole_seconds};
use super::wire::{Ask, Object, Pager, Refusal, int, listed, object, one, text};

/// GET /api/course-grades, with the filters course, user, is_teacher, klass and search. (reference stepik.md 2.11)
pub(crate) fn course_grades(
    state: &State,
    caller: Caller,
    pager: &Pager<'_>,
    id: Option<&str>,
) -> Result<Value, Refusal> {
    let user = caller.required()?;
    let ask = pager.ask;
    let sees = |course: i64, row: i64| row == user || state.may_teach_course(caller, course);
    let mut rows: Vec<(i64, i64, &Enrollment)> = state
        .enrollments
        .iter()
        .map(|((course, row), held)| (*course, *row, held))
        .filter(|(course, row, _)| sees(*course, *row))
        .collect();
    let shown = |rows: &[(i64, i64, &Enrollment)]| -> Vec<Value> {
        rows.iter().map(|(course, row, held)| grade_row(state, *course, *row, held)).collect()
    };
    if let Some(id) = id {
        rows.retain(|(_, _, held)| id.parse() == Ok(held.grade_id));
        return Ok(one("course-grades", shown(&rows).pop().ok_or_else(Refusal::missing)?));
    }
    if let Some(ids) = ask.ids() {
        rows.retain(|(_, _, held)| ids.iter().any(|id| id.parse() == Ok(held.grade_id)));
        let mut rows: Vec<(i64, Value)> =
            rows.iter().map(|(c, row, held)| (held.grade_id, grade_row(state, *c, *row, held))).collect();
        in_multi_get_order(state, &mut rows);
        return Ok(listed("course-grades", rows.into_iter().map(|(_, row)| row).collect()));
    }
    rows.retain(|(course, row, _)| passes(state, ask, *course, *row));
    rows.sort_by_key(|(_, _, held)| held.grade_id);
    let fields: Vec<&str> =
        ask.param("order").unwrap_or_default().split(',').filter(|field| !field.is_empty()).collect();
    // Scores cost a walk through the course for each row, so only an order by them looks at all rows.
    if fields.iter().any(|field| field.ends_with("score")) {
        let mut scored: Vec<(f64, (i64, i64, &Enrollment))> =
            rows.iter().map(|row| (score(state, row.0, row.1), *row)).collect();
        scored.sort_by(|a, b| compare(&fields, (a.0, a.1.2.grade_id), (b.0, b.1.2.grade_id)));
        rows = scored.into_iter().map(|(_, row)| row).collect();
    } else if fields.contains(&"-id") {
        rows.reverse();
    }
    let cut = pager.cut(rows.len())?;
    Ok(cut.answer("course-grades", shown(rows.get(cut.range.clone()).unwrap_or_default())))
}

fn passes(state: &State, ask: &Ask, course: i64, user: i64) -> bool {
    let number = |name: &str| ask.param(name).and_then(|value| value.parse::<i64>().ok());
    let name_has = |part: &str| {
        let name = state.get(Kind::Users, user).map(|user| text(user, "full_name").to_lowercase());
        name.is_some_and(|name| name.contains(&part.to_lowercase()))
    };
    number("course").is_none_or(|wanted| wanted == course)
        && number("user").is_none_or(|wanted| wanted == user)
        && number("klass").is_none_or(|class| state.is_student(class, user))
        && ask.param("is_teacher").is_none_or(|asked| {
            asked.eq_ignore_ascii_case("true") == state.may_teach_course(Caller(Some(user)), course)
        })
        && ask.param("search").is_none_or(|asked| match asked.strip_prefix("id:") {
            Some(id) => id.trim().parse() == Ok(user),
            None => name_has(asked),
        })
}

fn compare(fields: &[&str], a: (f64, i64), b: (f64, i64)) -> Ordering {
    let by = |field: &&str| match *field {
        "score" => a.0.total_cmp(&b.0),
        "-score" => b.0.total_cmp(&a.0),
        "id" => a.1.cmp(&b.1),
        "-id" => b.1.cmp(&a.1),
        _ => Ordering::Equal,
    };
    fields.iter().map(by).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// The points of a user in a course.
pub(crate) fn score(state: &State, course: i64, user: i64) -> f64 {
    steps_of(state, course)
        .filter_map(|(_, step)| state.progress.get(&(user, step)))
        .map(|held| held.points)
        .sum()
}

/// The points that a course has to give.
pub(crate) fn cost(state: &State, course: i64) -> i64 {
    steps_of(state, course).map(|(_, step)| super::progress::cost(state, step)).sum()
}

fn steps_of(state: &State, course: i64) -> impl Iterator<Item = (i64, i64)> {
    let units = state.units_of(course).into_iter().filter_map(|unit| state.get(Kind::Units, unit));
    let lessons = units.filter_map(|unit| int(unit, "lesson"));
    lessons.flat_map(|lesson| state.steps_of(lesson).into_iter().map(move |step| (lesson, step)))
}

/// `results` is a map keyed `lesson-position` and covers attempted steps only; scores in it are points.
/// (reference stepik.md 3.13)
fn grade_row(state: &State, course: i64, user: i64, enrollment: &Enrollment) -> Value {
    let (mut results, mut sum, mut last_viewed) = (Map::new(), 0.0, None);
    for (lesson, step) in steps_of(state, course) {
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
    let last_viewed =
        last_viewed.and_then(|at| jiff::Timestamp::from_second(at).ok()).map(|at| at.to_string());
    let certificate = enrollment.certificate.and_then(|id| state.get(Kind::Certificates, id));
    let of =
        |key: &str| certificate.and_then(|held| held.get(key)).and_then(Value::as_str).map(whole_seconds);
    let is_type = |kind: &str| certificate.is_some_and(|held| text(held, "type") == kind);
    let issued = of("issue_date");
    let mut row: Object = object(json!({
        "id": enrollment.grade_id, "course": course, "user": user, "results": results, "score": sum,
        "rank": null, "rank_max": null, "rank_position": null, "users_count": null,
        "is_teacher": state.may_teach_course(Caller(Some(user)), course),
        "date_joined": whole_seconds(&enrollment.joined), "last_viewed": last_viewed,
        "certificate_issue_date": issued,
        "certificate_issue_regular_date": issued.clone().filter(|_| is_type("regular")),
        "certificate_issue_distinction_date": issued.clone().filter(|_| is_type("distinction")),
        "certificate_update_date": of("update_date"),
        "certificate_url": certificate.and_then(|held| held.get("url")),
    }));
    // Dates of a row are texts, so only its score is loosened.
    loosen(state.switches.numbers, &mut row);
    Value::Object(row)
}
