//! Filters and orders of listings. (reference stepik.md 2.11)

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::rights::Caller;
use super::state::{Kind, State};
use super::wire::{Ask, Object, Refusal, flag, id_list, int, int_of, text};

/// The objects that can pass the filters of a query, found without looking at all of them where a foreign key says so.
pub(crate) fn candidates<'a>(state: &'a State, kind: Kind, ask: &Ask) -> Vec<(i64, &'a Object)> {
    let found = ask.query.iter().find_map(|(key, value)| {
        let wanted = value.parse::<i64>().ok()?;
        let below = |kind: Kind, key: &str, of: Vec<i64>| -> Vec<i64> {
            of.into_iter().flat_map(|id| state.ids_where(kind, key, id)).collect()
        };
        match (kind, key.as_str()) {
            (Kind::Units, "course") => {
                Some(below(Kind::Units, "section", state.ids_where(Kind::Sections, "course", wanted)))
            }
            (Kind::Submissions, "step") => {
                Some(below(Kind::Submissions, "attempt", state.ids_where(Kind::Attempts, "step", wanted)))
            }
            _ => state.indexed(kind, key, wanted),
        }
    });
    match found {
        Some(mut ids) => {
            ids.sort_unstable();
            ids.into_iter().filter_map(|id| Some((id, state.get(kind, id)?))).collect()
        }
        None => state.all(kind).collect(),
    }
}

fn is_true(value: &str) -> bool {
    // `true` and `True` both work. (reference stepik.md 2.11)
    value.eq_ignore_ascii_case("true") || value == "1"
}

/// Whether `object` passes one filter of the query. An unknown filter is ignored. (reference stepik.md 2.11)
pub(crate) fn passes(
    state: &State,
    caller: Caller,
    kind: Kind,
    object: &Object,
    key: &str,
    value: &str,
) -> bool {
    let same = |field: &str| object.get(field).is_some_and(|held| equals(held, value));
    match (kind, key) {
        (Kind::Courses, _) => course_passes(state, caller, object, key, value),
        (Kind::Lessons, _) => lesson_passes(state, object, key, value),
        (Kind::Submissions, _) => submission_passes(state, caller, object, key, value),
        (Kind::Units, "course") => state.course_of_unit(object) == value.parse().ok(),
        (Kind::Sections, "course")
        | (Kind::Units, "lesson" | "section")
        | (Kind::Steps, "lesson")
        | (Kind::Attempts, "step" | "user")
        | (Kind::Members, "group" | "user")
        | (Kind::Attachments, "course" | "lesson")
        | (Kind::Certificates, "user" | "course")
        | (Kind::Comments, "user" | "parent" | "target")
        | (Kind::Users, "alias") => same(key),
        (Kind::Comments, "course") => {
            let lesson = int(object, "target")
                .and_then(|step| state.get(Kind::Steps, step))
                .and_then(|step| int(step, "lesson"));
            let course = value.parse().ok();
            lesson
                .zip(course)
                .is_some_and(|(lesson, course)| state.courses_of_lesson(lesson).contains(&course))
        }
        (Kind::Plain(plain), _) => plain.passes(state, object, key, value),
        _ => true,
    }
}

/// A value of the query against a value of an object; texts, numbers and truth values.
pub(crate) fn equals(held: &Value, value: &str) -> bool {
    match held {
        Value::String(held) => held == value,
        Value::Bool(held) => *held == is_true(value),
        Value::Array(held) => held.iter().any(|item| equals(item, value)),
        Value::Null => value.is_empty(),
        _ => int_of(held).is_some_and(|held| value.parse() == Ok(held)),
    }
}

fn course_passes(state: &State, caller: Caller, course: &Object, key: &str, value: &str) -> bool {
    let id = int(course, "id").unwrap_or_default();
    let wanted = value.parse::<i64>().ok();
    match key {
        "owner" | "language" | "schedule_type" => course.get(key).is_some_and(|held| equals(held, value)),
        "is_featured" | "is_idea_compatible" | "is_public" | "is_popular" | "is_unsuitable" | "is_paid"
        | "with_certificate" | "is_archived" | "is_promoted" => flag(course, key) == is_true(value),
        // What puts a course into the catalogue is not told; being public is a choice.
        "is_cataloged" => flag(course, "is_public") == is_true(value),
        "tag" => wanted.is_some_and(|tag| id_list(course, "tags").contains(&tag)),
        "exclude_ended" => !is_true(value) || !has_ended(course),
        "enrolled" => {
            let mine = caller.0.is_some_and(|user| state.enrollments.contains_key(&(id, user)));
            mine == is_true(value)
        }
        "teacher" => wanted.is_some_and(|user| state.may_teach_course(Caller(Some(user)), id)),
        _ => true,
    }
}

fn has_ended(course: &Object) -> bool {
    let is_past = |date: Timestamp| date < Timestamp::now();
    text(course, "schedule_type") == "ended"
        || text(course, "end_date").parse::<Timestamp>().is_ok_and(is_past)
}

fn lesson_passes(state: &State, lesson: &Object, key: &str, value: &str) -> bool {
    let id = int(lesson, "id").unwrap_or_default();
    let wanted = value.parse::<i64>().ok();
    match key {
        "owner" | "language" | "is_featured" => lesson.get(key).is_some_and(|held| equals(held, value)),
        "course" => wanted.is_some_and(|course| state.courses_of_lesson(id).contains(&course)),
        "teacher" => wanted.is_some_and(|user| state.may_teach_lesson(Caller(Some(user)), id)),
        _ => true,
    }
}

/// A submission has neither step nor user; both are those of its attempt. (reference stepik.md 3.10)
fn submission_passes(state: &State, caller: Caller, submission: &Object, key: &str, value: &str) -> bool {
    let wanted = value.parse::<i64>().ok();
    let Some(attempt) = int(submission, "attempt").and_then(|id| state.get(Kind::Attempts, id)) else {
        return false;
    };
    let user = int(attempt, "user");
    let name_has = |part: &str| {
        let name = user.and_then(|user| state.get(Kind::Users, user)).map(|user| text(user, "full_name"));
        name.is_some_and(|name| name.to_lowercase().contains(&part.to_lowercase()))
    };
    match key {
        "attempt" => int(submission, "attempt") == wanted,
        "step" | "user" => int(attempt, key) == wanted,
        "status" => text(submission, "status") == value,
        "user_name" => name_has(value),
        "search" => match value.strip_prefix("id:") {
            Some(id) => user == id.trim().parse().ok(),
            None => name_has(value),
        },
        // `awaiting` or `done`: either way only what went into a review, and the emulator opens none.
        "review_status" => submission.get("session").is_some_and(|session| !session.is_null()),
        "klass" => user.zip(wanted).is_some_and(|(user, class)| state.is_student(class, user)),
        // Only the caller's own. (reference stepik.md 3.10)
        "course" => {
            let lesson =
                int(attempt, "step").and_then(|s| state.get(Kind::Steps, s)).and_then(|s| int(s, "lesson"));
            let inside = lesson.zip(wanted).is_some_and(|(l, c)| state.courses_of_lesson(l).contains(&c));
            inside && user == caller.0
        }
        _ => true,
    }
}

/// The fields that an endpoint can be ordered by; `None` where the order is fixed. (reference stepik.md 2.11)
fn orders(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Courses => &["create_date", "update_date", "id", "popularity", "activity"],
        Kind::Lessons => &["id", "create_date", "update_date", "vote_epic", "vote_abuse", "vote_delta"],
        Kind::Steps => &["id", "create_date", "update_date"],
        Kind::Submissions => &["desc", "asc"],
        Kind::Certificates => &["id"],
        Kind::Comments => &["time", "id", "last_time", "vote_delta"],
        Kind::Users => &["id", "reputation", "knowledge", "reputation_rank", "knowledge_rank"],
        Kind::Plain(plain) => plain.orders(),
        _ => &[],
    }
}

/// Puts a listing in the asked order. `order=` takes fields, `-` for descending, commas for several.
pub(crate) fn sort(
    state: &State,
    kind: Kind,
    found: &mut [(i64, &Object)],
    ask: &Ask,
) -> Result<(), Refusal> {
    let asked: Vec<&str> =
        ask.param("order").unwrap_or_default().split(',').filter(|field| !field.is_empty()).collect();
    let known = orders(kind);
    if let Some(unknown) = asked.iter().find(|field| !known.contains(&field.trim_start_matches('-')))
        && state.switches.refuses_unknown_order
    {
        return Err(Refusal::field("order", format!("Unknown order `{unknown}`.")));
    }
    match kind {
        // Newest first. (reference stepik.md 3.9)
        Kind::Attempts => found.reverse(),
        Kind::Submissions => {
            // Sources disagree on what happens with `step=`. (reference stepik.md 3.10)
            let is_ignored = state.switches.ignores_order_with_step && ask.param("step").is_some();
            if asked.first() == Some(&"desc") && !is_ignored {
                found.reverse();
            }
        }
        _ => {
            let fields: Vec<&str> =
                asked.into_iter().filter(|field| known.contains(&field.trim_start_matches('-'))).collect();
            if !fields.is_empty() {
                found.sort_by(|(_, a), (_, b)| {
                    fields.iter().map(|f| compare(a, b, f)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
                });
            }
        }
    }
    Ok(())
}

/// Names of orders that are no field: what the platform counts for them is not told, so these are choices.
fn field_of(order: &str) -> &str {
    match order {
        "popularity" => "learners_count",
        "activity" => "update_date",
        "vote_epic" => "epic_count",
        "vote_abuse" => "abuse_count",
        other => other,
    }
}

pub(crate) fn compare(a: &Object, b: &Object, order: &str) -> Ordering {
    let (name, descending) = order.strip_prefix('-').map_or((order, false), |name| (name, true));
    let name = field_of(name);
    let order = match (a.get(name), b.get(name)) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => {
            a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal)
        }
        (Some(Value::String(a)), Some(Value::String(b))) => a.cmp(b),
        (Some(Value::Bool(a)), Some(Value::Bool(b))) => a.cmp(b),
        _ => Ordering::Equal,
    };
    if descending { order.reverse() } else { order }
}
