//! What a user has to do with a course, and where they stopped. (reference stepik.md 3.20)

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::filters::compare;
use super::form::{Form, Takes};
use super::progress;
use super::read::in_multi_get_order;
use super::rights::Caller;
use super::state::{Kind, State};
use super::wire::{Object, Pager, Refusal, flag, int, listed, object, one};

/// user-courses: one row for each course that the caller is enrolled in; flags change by PUT.
/// (reference stepik.md 3.20)
pub(crate) fn user_courses(state: &State, caller: Caller, pager: &Pager<'_>) -> Result<Value, Refusal> {
    let user = caller.required()?;
    let wanted = pager.ask.param("course").and_then(|course| course.parse::<i64>().ok());
    let mine = state
        .enrollments
        .iter()
        .filter(|((course, row), _)| *row == user && wanted.is_none_or(|w| w == *course));
    let mut rows: Vec<(i64, Value)> = mine
        .map(|((course, _), held)| (held.grade_id, user_course(state, user, *course, held.grade_id)))
        .collect();
    if let Some(ids) = pager.ask.ids() {
        rows.retain(|(id, _)| ids.iter().any(|asked| asked.parse() == Ok(*id)));
        in_multi_get_order(state, &mut rows);
        return Ok(listed("user-courses", rows.into_iter().map(|(_, row)| row).collect()));
    }
    let passes = |row: &Value| {
        ["is_favorite", "is_archived", "can_be_reviewed", "is_draft"].iter().all(|key| {
            let asked = pager.ask.param(key).map(|asked| asked.eq_ignore_ascii_case("true"));
            asked.is_none_or(|asked| row.get(*key).and_then(Value::as_bool) == Some(asked))
        })
    };
    let mut rows: Vec<Value> = rows.into_iter().map(|(_, row)| row).filter(passes).collect();
    sort(&mut rows, pager.ask.param("order").unwrap_or_default());
    pager.page("user-courses", rows)
}

/// By course, id, is_favorite or last_viewed. (reference stepik.md 2.11)
fn sort(rows: &mut [Value], order: &str) {
    let empty = Object::new();
    rows.sort_by(|a, b| {
        let (a, b) = (a.as_object().unwrap_or(&empty), b.as_object().unwrap_or(&empty));
        let fields = order.split(',').filter(|field| !field.is_empty());
        fields.map(|field| compare(a, b, field)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    });
}

fn user_course(state: &State, user: i64, course: i64, id: i64) -> Value {
    let mut row = object(json!({
        "id": id, "user": user, "course": course, "is_favorite": false, "is_pinned": false, "is_archived": false,
        "last_viewed": null, "can_be_reviewed": false, "is_draft": false,
    }));
    let viewed = state.last_steps.get(&(user, course)).map(|(_, at)| at.clone());
    row.insert("last_viewed".to_owned(), viewed.into());
    // A course can be reviewed once most of it is done; the share is a choice.
    let (passed, all) = progress::steps_passed(state, user, course);
    row.insert("can_be_reviewed".to_owned(), (all > 0 && passed * 5 >= all * 4).into());
    let is_draft = state.get(Kind::Courses, course).is_some_and(|course| !flag(course, "is_public"));
    row.insert("is_draft".to_owned(), is_draft.into());
    row.extend(state.user_courses.get(&(user, course)).cloned().unwrap_or_default());
    Value::Object(row)
}

/// GET or PUT /api/user-courses/{id}.
pub(crate) fn one_user_course(
    state: &mut State,
    caller: Caller,
    id: &str,
    input: Option<&Object>,
) -> Result<Value, Refusal> {
    let user = caller.required()?;
    let id: i64 = id.parse().map_err(|_| Refusal::missing())?;
    let mine =
        state.enrollments.iter().find(|((_, row), enrollment)| *row == user && enrollment.grade_id == id);
    let course = mine.map(|((course, _), _)| *course).ok_or_else(Refusal::missing)?;
    if let Some(input) = input {
        let mut form = Form::new(input);
        let mut changed = state.user_courses.get(&(user, course)).cloned().unwrap_or_default();
        form.copy(
            &mut changed,
            &["is_favorite", "is_pinned", "is_archived"].map(|field| (field, Takes::Flag)),
        );
        form.finish()?;
        state.user_courses.insert((user, course), changed);
    }
    Ok(one("user-courses", user_course(state, user, course, id)))
}

/// GET /api/last-steps/78-{course}: where the caller was last. (reference stepik.md 3.20)
pub(crate) fn last_step(state: &State, user: i64, id: &str) -> Option<Value> {
    let course: i64 = id.strip_prefix("78-")?.parse().ok()?;
    let (step, _) = state.last_steps.get(&(user, course))?;
    let lesson = state.get(Kind::Steps, *step).and_then(|step| int(step, "lesson"));
    let unit = state
        .units_of(course)
        .into_iter()
        .find(|unit| state.get(Kind::Units, *unit).and_then(|unit| int(unit, "lesson")) == lesson);
    Some(json!({ "id": id, "unit": unit, "lesson": lesson, "step": step }))
}
