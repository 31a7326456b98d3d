//! Small read-only listings that follow from other objects. (reference stepik.md 3.2, 3.20)

use serde_json::{Value, json};

use super::rights::Caller;
use super::state::{Kind, State, whole_seconds};
use super::wire::{Pager, Refusal, one, text};

/// All rows that the caller may see, filtered by the query.
pub(crate) fn rows(
    state: &State,
    caller: Caller,
    name: &str,
    pager: &Pager<'_>,
) -> Result<Vec<Value>, Refusal> {
    // Searching needs no account, as reading public courses does not.
    if name == "search-results" {
        return Ok(search_results(state, caller, pager));
    }
    let user = caller.required()?;
    let rows: Vec<Value> = match name {
        "assignments" => assignments(state, caller),
        "user-lessons" => user_lessons(state, caller, user, pager),
        _ => email_addresses(state, user),
    };
    let ids: Option<Vec<i64>> =
        pager.ask.ids().map(|ids| ids.iter().filter_map(|id| id.parse().ok()).collect());
    let asked = |row: &Value| ids.as_ref().is_none_or(|ids| id_of(row).is_some_and(|id| ids.contains(&id)));
    Ok(rows.into_iter().filter(asked).collect())
}

pub(crate) fn by_id(name: &str, rows: Vec<Value>, id: &str) -> Result<Value, Refusal> {
    let id: i64 = id.parse().map_err(|_| Refusal::missing())?;
    let row = rows.into_iter().find(|row| id_of(row) == Some(id));
    Ok(one(name, row.ok_or_else(Refusal::missing)?))
}

fn id_of(row: &Value) -> Option<i64> {
    row.get("id").and_then(Value::as_i64)
}

/// One per step of each unit; the prefix of their progress ids is unknown, so that of steps is used.
/// (reference stepik.md 2.7)
fn assignments(state: &State, caller: Caller) -> Vec<Value> {
    let rows = state.assignments.iter().filter_map(|((unit, step), id)| {
        let held = state.get(Kind::Units, *unit)?;
        let course = state.course_of_unit(held)?;
        let dates = |key: &str| whole_seconds(text(held, key));
        (state.has(Kind::Steps, *step) && state.may_see_course(caller, course)).then(|| {
            json!({
                "id": id, "unit": unit, "step": step, "progress": format!("77-{step}"),
                "create_date": dates("create_date"), "update_date": dates("update_date"),
            })
        })
    });
    rows.collect()
}

/// The author's own lessons are found with `is_moderator=true`. (reference stepik.md 3.20)
fn user_lessons(state: &State, caller: Caller, user: i64, pager: &Pager<'_>) -> Vec<Value> {
    let moderated = pager.ask.param("is_moderator").is_some_and(|asked| asked.eq_ignore_ascii_case("true"));
    let lessons = state.all(Kind::Lessons).filter(|(id, _)| {
        if moderated { state.may_edit_lesson(caller, *id) } else { state.may_see_lesson(caller, *id) }
    });
    lessons
        .map(|(id, lesson)| {
            json!({
                "id": id, "user": user, "lesson": id, "is_favorite": false, "is_pinned": false,
                "is_archived": false, "last_viewed": lesson.get("update_date"),
            })
        })
        .collect()
}

/// Courses whose title or summary has the words of `query`, in any case: what the real search takes for a
/// match is not known, and this is a choice. Rows are flat. (reference stepik.md 3.20)
fn search_results(state: &State, caller: Caller, pager: &Pager<'_>) -> Vec<Value> {
    let query = pager.ask.param("query").unwrap_or_default().to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let courses = state.all(Kind::Courses).filter(|(id, course)| {
        let said = format!("{} {}", text(course, "title"), text(course, "summary")).to_lowercase();
        state.may_see_course(caller, *id) && !words.is_empty() && words.iter().all(|word| said.contains(word))
    });
    courses
        .zip(1i64..)
        .map(|((id, course), position)| {
            json!({
                "id": position, "position": position, "score": "1.0", "target_id": id, "target_type": "course",
                "course": id, "course_owner": course.get("owner"), "course_title": course.get("title"),
                "course_slug": course.get("slug"), "course_cover": course.get("cover"),
                "lesson": null, "step": null, "comment": null,
            })
        })
        .collect()
}

fn email_addresses(state: &State, user: i64) -> Vec<Value> {
    let own = state.keyring.accounts.iter().filter(|account| account.user == user);
    own.map(|account| json!({"id": user, "user": user, "email": account.email, "is_verified": true, "is_primary": true}))
        .collect()
}
