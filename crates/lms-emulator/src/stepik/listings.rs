//! Read-only rows that follow from other objects. (reference stepik.md 2.11, 3.2, 3.14, 3.19, 3.20)

use serde_json::{Value, json};

use super::comments;
use super::filters::compare;
use super::people;
use super::rights::Caller;
use super::state::{Kind, State, whole_seconds};
use super::user_courses;
use super::wire::{Ask, Object, Refusal, int, int_of, object, text};

/// Endpoints whose answers are computed, or that only write.
const KNOWN: [&str; 17] = [
    "progresses",
    "course-grades",
    "views",
    "groups",
    "profiles",
    "enrollments",
    "user-courses",
    "course-images",
    "profile-images",
    "videos",
    "votes",
    "assignments",
    "user-lessons",
    "search-results",
    "last-steps",
    "course-review-summaries",
    "discussion-proxies",
];

/// Endpoints of things that the emulator never holds: peer reviews, reports, notifications. A listing of them is
/// truthfully empty.
const EMPTY: [&str; 10] = [
    "notifications",
    "review-sessions",
    "reviews",
    "instructions",
    "rubrics",
    "long-tasks",
    "user-activities",
    "exam-sessions",
    "events",
    "wish-lists",
];

pub(crate) fn is_known(name: &str) -> bool {
    name == "discussion-threads" || KNOWN.contains(&name) || EMPTY.contains(&name)
}

/// One row by its id, or `None` when there is none that the caller may see.
pub(crate) fn row(state: &State, caller: Caller, name: &str, id: &str) -> Result<Option<Value>, Refusal> {
    let number = || id.parse::<i64>().ok();
    Ok(match name {
        "discussion-proxies" | "discussion-threads" => comments::discussion(state, caller, name, id),
        "course-review-summaries" => number().and_then(|id| review_summary(state, caller, id)),
        "last-steps" => user_courses::last_step(state, caller.required()?, id),
        "profiles" => {
            number().and_then(|id| state.get(Kind::Users, id)).map(|user| people::profile_of(state, user))
        }
        "groups" => {
            caller.required()?;
            number().and_then(|id| people::group_row(state, caller, id))
        }
        "enrollments" => {
            let user = caller.required()?;
            let course = number().filter(|course| state.enrollments.contains_key(&(*course, user)));
            course.map(|course| json!({ "id": course, "course": course }))
        }
        "assignments" => {
            caller.required()?;
            let held = number().and_then(|id| state.assignments.iter().find(|(_, held)| **held == id));
            held.and_then(|((unit, step), id)| assignment(state, caller, *unit, *step, *id))
        }
        _ => {
            let found = all(state, caller, name, None)?;
            found.into_iter().find(|row| row.get("id").and_then(int_of) == number() && number().is_some())
        }
    })
}

/// All rows that the caller may see and that pass the query.
pub(crate) fn rows(state: &State, caller: Caller, name: &str, ask: &Ask) -> Result<Vec<Value>, Refusal> {
    let mut rows = all(state, caller, name, Some(ask))?;
    let order = ask.param("order").unwrap_or_default();
    let empty = Object::new();
    rows.sort_by(|a, b| {
        let (a, b) = (a.as_object().unwrap_or(&empty), b.as_object().unwrap_or(&empty));
        let mut fields = order.split(',').filter(|field| !field.is_empty()).map(|field| compare(a, b, field));
        fields.find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });
    Ok(rows)
}

fn all(state: &State, caller: Caller, name: &str, ask: Option<&Ask>) -> Result<Vec<Value>, Refusal> {
    // Searching and reading what is public needs no account.
    Ok(match name {
        "search-results" => search_results(state, caller, ask),
        "course-review-summaries" => state
            .all(Kind::Courses)
            .filter_map(|(_, course)| review_summary(state, caller, int(course, "review_summary")?))
            .collect(),
        "assignments" => {
            caller.required()?;
            let rows = state.assignments.iter();
            rows.filter_map(|((unit, step), id)| assignment(state, caller, *unit, *step, *id)).collect()
        }
        "user-lessons" => user_lessons(state, caller, caller.required()?, ask),
        // Listing enrollments without an id gave nothing useful. (reference stepik.md 3.11)
        _ => {
            caller.required()?;
            Vec::new()
        }
    })
}

/// One per step of each unit; the prefix of their progress ids is unknown, so that of steps is used.
/// (reference stepik.md 2.7)
fn assignment(state: &State, caller: Caller, unit: i64, step: i64, id: i64) -> Option<Value> {
    let held = state.get(Kind::Units, unit)?;
    let course = state.course_of_unit(held)?;
    let held = state.complete(Kind::Units, unit, held);
    let dates = |key: &str| whole_seconds(text(&held, key));
    (state.has(Kind::Steps, step) && state.may_see_course(caller, course)).then(|| {
        json!({
            "id": id, "unit": unit, "step": step, "progress": format!("77-{step}"),
            "create_date": dates("create_date"), "update_date": dates("update_date"),
        })
    })
}

/// The author's own lessons are found with `is_moderator=true`. (reference stepik.md 3.20)
fn user_lessons(state: &State, caller: Caller, user: i64, ask: Option<&Ask>) -> Vec<Value> {
    let asked = ask.and_then(|ask| ask.param("is_moderator"));
    let is_moderated = asked.is_some_and(|asked| asked.eq_ignore_ascii_case("true"));
    let lessons = state.all(Kind::Lessons).filter(|(id, _)| {
        if is_moderated { state.may_edit_lesson(caller, *id) } else { state.may_see_lesson(caller, *id) }
    });
    lessons
        .map(|(id, lesson)| {
            let lesson = state.complete(Kind::Lessons, id, lesson);
            json!({
                "id": id, "user": user, "lesson": id, "is_favorite": false, "is_pinned": false,
                "is_archived": false, "last_viewed": lesson.get("update_date"),
            })
        })
        .collect()
}

/// The id is that of the course's `review_summary`, not of the course. (reference stepik.md 3.3, 3.20)
fn review_summary(state: &State, caller: Caller, id: i64) -> Option<Value> {
    use super::plain::Plain;
    let mut courses = state.all(Kind::Courses);
    let (course, _) = courses.find(|(_, course)| int(course, "review_summary") == Some(id))?;
    if !state.may_see_course(caller, course) {
        return None;
    }
    let reviews = state.ids_where(Kind::Plain(Plain::CourseReviews), "course", course);
    let kind = Kind::Plain(Plain::CourseReviews);
    let scores: Vec<i64> = reviews
        .iter()
        .filter_map(|id| state.get(kind, *id))
        .filter_map(|review| int(review, "score"))
        .collect();
    let counted = |stars: i64| scores.iter().filter(|score| **score == stars).count();
    let average =
        if scores.is_empty() { 0.0 } else { scores.iter().sum::<i64>() as f64 / scores.len() as f64 };
    let distribution: Vec<usize> = (1..=5).map(counted).collect();
    Some(json!({
        "id": id, "course": course, "average": average, "count": scores.len(), "distribution": distribution,
    }))
}

/// Courses whose title or summary has the words of `query`, in any case: what the real search takes for a
/// match is not known, and this is a choice. Rows are flat. (reference stepik.md 3.20)
fn search_results(state: &State, caller: Caller, ask: Option<&Ask>) -> Vec<Value> {
    let param = |name: &str| ask.and_then(|ask| ask.param(name));
    let query = param("query").unwrap_or_default().to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    if param("type").is_some_and(|kind| kind != "course") {
        return Vec::new();
    }
    let is_asked = |course: &Object| {
        ["language", "is_popular", "tag", "course"].iter().all(|key| {
            let Some(value) = param(key) else { return true };
            match *key {
                "course" => int(course, "id") == value.parse().ok(),
                key => super::filters::passes(state, caller, Kind::Courses, course, key, value),
            }
        })
    };
    let courses = state.all(Kind::Courses).filter(|(id, course)| {
        let said = format!("{} {}", text(course, "title"), text(course, "summary")).to_lowercase();
        state.may_see_course(caller, *id)
            && !words.is_empty()
            && words.iter().all(|word| said.contains(word))
            && is_asked(course)
    });
    courses
        .zip(1i64..)
        .map(|((id, course), position)| {
            let mut row = object(json!({
                "id": position, "position": position, "score": "1.0", "target_id": id, "target_type": "course",
                "course": id, "course_owner": course.get("owner"), "course_title": course.get("title"),
                "course_slug": course.get("slug"), "course_cover": course.get("cover"),
            }));
            for key in [
                "lesson", "lesson_owner", "lesson_title", "lesson_slug", "lesson_cover_url", "step", "step_position",
                "comment", "comment_parent", "comment_user", "comment_text",
            ] {
                row.insert(key.to_owned(), Value::Null);
            }
            Value::Object(row)
        })
        .collect()
}
