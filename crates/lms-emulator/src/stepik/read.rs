//! Reading stored objects: by id, by ids[], and in filtered pages. (reference stepik.md 2.4-2.6, 2.11)

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::form::set;
use super::rights::Caller;
use super::state::{Kind, State, whole_seconds};
use super::steps;
use super::tree::block_name;
use super::wire::{Object, Pager, Refusal, flag, int, int_of, listed, one, text};

/// What the caller asks for: stored objects of a kind, under the name of an endpoint. Steps have two endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shelf {
    pub(crate) kind: Kind,
    pub(crate) name: &'static str,
}

impl Shelf {
    pub(crate) fn of(kind: Kind) -> Self {
        Self { kind, name: kind.name() }
    }

    pub(crate) fn step_sources() -> Self {
        Self { kind: Kind::Steps, name: "step-sources" }
    }

    fn is_author_form(self) -> bool {
        self.name == "step-sources"
    }
}

/// Whether an answer follows a write: then dates carry milliseconds and money is a number. (reference stepik.md 2.8)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    Read,
    Write,
}

pub(crate) fn by_id(state: &State, caller: Caller, shelf: Shelf, id: &str) -> Result<Value, Refusal> {
    let id: i64 = id.parse().map_err(|_| Refusal::missing())?;
    let object = state.get(shelf.kind, id).ok_or_else(Refusal::missing)?;
    if !visible(state, caller, shelf, id, object) {
        // A foreign step-source is refused, not hidden: the step itself can be seen. (reference stepik.md 6.4)
        let seen_as_step =
            shelf.is_author_form() && visible(state, caller, Shelf::of(Kind::Steps), id, object);
        return Err(if seen_as_step { Refusal::forbidden() } else { Refusal::missing() });
    }
    let shown = render(state, caller, shelf, id, object, Occasion::Read);
    Ok(with_side_lists(state, caller, shelf, one(shelf.name, shown)))
}

pub(crate) fn after_write(state: &State, caller: Caller, shelf: Shelf, id: i64) -> Result<Value, Refusal> {
    let object = state.get(shelf.kind, id).ok_or_else(Refusal::missing)?;
    let shown = render(state, caller, shelf, id, object, Occasion::Write);
    Ok(with_side_lists(state, caller, shelf, one(shelf.name, shown)))
}

pub(crate) fn list(state: &State, caller: Caller, shelf: Shelf, pager: &Pager<'_>) -> Result<Value, Refusal> {
    let ask = pager.ask;
    if shelf.kind == Kind::Submissions
        && let Some(step) = ask.param("step")
        && !step.parse().is_ok_and(|step| state.has(Kind::Steps, step))
    {
        // The submissions of a deleted step are a 404. (reference stepik.md 3.10)
        return Err(Refusal::missing());
    }
    let mut found: Vec<(i64, &Object)> = match ask.ids() {
        Some(ids) => ids
            .iter()
            .filter_map(|id| id.parse().ok())
            .filter_map(|id| Some((id, state.get(shelf.kind, id)?)))
            .filter(|(id, object)| visible(state, caller, shelf, *id, object))
            .collect(),
        None => state
            .all(shelf.kind)
            .filter(|(id, object)| visible(state, caller, shelf, *id, object))
            .filter(|(_, object)| {
                ask.query.iter().all(|(key, value)| matches(state, caller, shelf.kind, object, key, value))
            })
            .collect(),
    };
    if ask.ids().is_some() {
        scramble(&mut found);
        found.dedup_by_key(|(id, _)| *id);
        let shown: Vec<Value> =
            found.iter().map(|(id, o)| render(state, caller, shelf, *id, o, Occasion::Read)).collect();
        return Ok(with_side_lists(state, caller, shelf, listed(shelf.name, shown)));
    }
    sort(shelf.kind, &mut found, ask.param("order"), ask.param("step").is_some());
    let shown = found.iter().map(|(id, o)| render(state, caller, shelf, *id, o, Occasion::Read)).collect();
    Ok(with_side_lists(state, caller, shelf, pager.page(shelf.name, shown)?))
}

/// The order of a multi-get is not the asked one. (reference stepik.md 2.5) Multiplying by a large odd number gives
/// an order that is neither that of the ids nor that of the request, and the same in every run.
pub(crate) fn scramble<T>(found: &mut [(i64, T)]) {
    found.sort_by_key(|(id, _)| (id.wrapping_mul(0x5851_F42D_4C95_7F2D), *id));
}

fn sort(kind: Kind, found: &mut [(i64, &Object)], order: Option<&str>, by_step: bool) {
    match kind {
        // Newest first. (reference stepik.md 3.9)
        Kind::Attempts => found.reverse(),
        // With `step=` the order is ignored and the oldest come first. (reference stepik.md 3.10)
        Kind::Submissions if order == Some("desc") && !by_step => found.reverse(),
        Kind::Submissions => {}
        _ => {
            let fields: Vec<&str> =
                order.unwrap_or_default().split(',').filter(|field| !field.is_empty()).collect();
            found.sort_by(|(_, a), (_, b)| {
                fields.iter().map(|field| compare(a, b, field)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
            });
        }
    }
}

fn compare(a: &Object, b: &Object, field: &str) -> Ordering {
    let (name, descending) = field.strip_prefix('-').map_or((field, false), |name| (name, true));
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

fn visible(state: &State, caller: Caller, shelf: Shelf, id: i64, object: &Object) -> bool {
    match shelf.kind {
        Kind::Courses => state.may_see_course(caller, id),
        Kind::Sections => int(object, "course")
            .is_none_or(|c| !state.has(Kind::Courses, c) || state.may_see_course(caller, c)),
        Kind::Units => state
            .course_of_unit(object)
            .is_none_or(|c| !state.has(Kind::Courses, c) || state.may_see_course(caller, c)),
        Kind::Lessons => state.may_see_lesson(caller, id),
        Kind::Steps if shelf.is_author_form() => {
            !state.sourceless.contains(&id)
                && int(object, "lesson").is_some_and(|lesson| state.may_edit_lesson(caller, lesson))
        }
        Kind::Steps => state.may_see_step(caller, object),
        Kind::Attachments => match (int(object, "lesson"), int(object, "course")) {
            (Some(lesson), _) => state.may_see_lesson(caller, lesson),
            (None, Some(course)) => state.may_see_course(caller, course),
            (None, None) => false,
        },
        Kind::Attempts => owned_or_taught(state, caller, object),
        Kind::Submissions => int(object, "attempt")
            .and_then(|a| state.get(Kind::Attempts, a))
            .is_some_and(|a| owned_or_taught(state, caller, a)),
        Kind::Users => true,
        Kind::Members => int(object, "group").is_some_and(|group| administers_group(state, caller, group)),
        Kind::Videos => false,
    }
}

fn owned_or_taught(state: &State, caller: Caller, attempt: &Object) -> bool {
    let mine = caller.0.is_some() && int(attempt, "user") == caller.0;
    mine || int(attempt, "step").is_some_and(|step| state.may_teach_step(caller, step))
}

/// Members are seen and changed by those who administer the course or lesson of the group.
pub(crate) fn administers_group(state: &State, caller: Caller, group: i64) -> bool {
    const ROLES: [&str; 6] = [
        "teachers_group",
        "admins_group",
        "learners_group",
        "testers_group",
        "moderators_group",
        "assistants_group",
    ];
    let holds = |object: &Object| ROLES.iter().any(|role| int(object, role) == Some(group));
    let mut courses = state.all(Kind::Courses).filter(|(_, course)| holds(course));
    let mut lessons = state.all(Kind::Lessons).filter(|(_, lesson)| holds(lesson));
    courses.any(|(id, _)| state.may_edit_course(caller, id))
        || lessons.any(|(id, _)| state.may_edit_lesson(caller, id))
}

/// Whether `object` passes one filter of the query. An unknown filter is ignored. (reference stepik.md 2.11)
fn matches(state: &State, caller: Caller, kind: Kind, object: &Object, key: &str, value: &str) -> bool {
    let wanted = value.parse::<i64>().ok();
    let same = |field: &str| object.get(field).and_then(int_of) == wanted;
    let attempt = || int(object, "attempt").and_then(|id| state.get(Kind::Attempts, id));
    match (kind, key) {
        (Kind::Courses, "owner" | "language") | (Kind::Lessons, "owner" | "language") => {
            object.get(key).is_some_and(|held| held.as_str() == Some(value) || int_of(held) == wanted)
        }
        (
            Kind::Courses,
            "is_public" | "is_featured" | "is_idea_compatible" | "is_paid" | "is_popular" | "is_unsuitable",
        ) => flag(object, key) == value.eq_ignore_ascii_case("true"),
        (Kind::Courses, "enrolled") => {
            let mine =
                int(object, "id").zip(caller.0).is_some_and(|key| state.enrollments.contains_key(&key));
            mine == value.eq_ignore_ascii_case("true")
        }
        (Kind::Courses, "teacher") => wanted.is_some_and(|user| {
            state.may_teach_course(Caller(Some(user)), int(object, "id").unwrap_or_default())
        }),
        (Kind::Lessons, "teacher") => wanted.is_some_and(|user| {
            state.may_teach_lesson(Caller(Some(user)), int(object, "id").unwrap_or_default())
        }),
        (Kind::Lessons, "course") => wanted
            .is_some_and(|c| state.courses_of_lesson(int(object, "id").unwrap_or_default()).contains(&c)),
        (Kind::Units, "course") => state.course_of_unit(object) == wanted,
        (Kind::Sections, "course")
        | (Kind::Units, "lesson" | "section")
        | (Kind::Steps, "lesson")
        | (Kind::Attempts, "step" | "user")
        | (Kind::Submissions, "attempt")
        | (Kind::Members, "group" | "user")
        | (Kind::Attachments, "course" | "lesson") => same(key),
        (Kind::Submissions, "step" | "user") => attempt().is_some_and(|a| int(a, key) == wanted),
        (Kind::Submissions, "status") => text(object, "status") == value,
        // `?course=C` gives only the caller's own. (reference stepik.md 3.10)
        (Kind::Submissions, "course") => attempt().is_some_and(|a| {
            let lesson =
                int(a, "step").and_then(|s| state.get(Kind::Steps, s)).and_then(|s| int(s, "lesson"));
            let inside = lesson.zip(wanted).is_some_and(|(l, c)| state.courses_of_lesson(l).contains(&c));
            inside && int(a, "user") == caller.0
        }),
        (Kind::Submissions, "search") => {
            let user = value.strip_prefix("id:").and_then(|id| id.parse::<i64>().ok());
            attempt().is_some_and(|a| user.is_none_or(|user| int(a, "user") == Some(user)))
        }
        _ => true,
    }
}

/// The object as this caller sees it.
pub(crate) fn render(
    state: &State,
    caller: Caller,
    shelf: Shelf,
    id: i64,
    object: &Object,
    occasion: Occasion,
) -> Value {
    let mut shown = object.clone();
    match shelf.kind {
        Kind::Courses => course_for(state, caller, id, &mut shown, occasion),
        Kind::Lessons => {
            let is_author = state.may_edit_lesson(caller, id);
            set(&mut shown, "actions", lesson_actions(id, is_author));
            hide_staff_fields(&mut shown, is_author);
        }
        Kind::Steps => {
            let is_author = int(object, "lesson").is_some_and(|lesson| state.may_edit_lesson(caller, lesson));
            if !state.sourceless.contains(&id) {
                set(&mut shown, "actions", steps::actions(object, is_author));
            }
            if !shelf.is_author_form() {
                shown = steps::learner_view(shown);
            } else if block_name(object) == "code"
                && let Some(Value::Object(block)) = shown.get_mut("block")
            {
                set(block, "tests_archive", format!("/api/step-sources/{id}/tests"));
            }
        }
        _ => {}
    }
    if occasion == Occasion::Read {
        for key in ["create_date", "update_date", "time", "date_joined"] {
            if let Some(Value::String(date)) = shown.get_mut(key) {
                *date = whole_seconds(date);
            }
        }
    }
    Value::Object(shown)
}

fn course_for(state: &State, caller: Caller, id: i64, course: &mut Object, occasion: Occasion) {
    let is_author = state.may_edit_course(caller, id);
    let enrolled = caller.0.is_some_and(|user| state.enrollments.contains_key(&(id, user)));
    set(course, "enrollment", enrolled.then_some(id));
    // The creator is enrolled but not counted. (reference stepik.md 3.3)
    let members = state.enrollments.range((id, i64::MIN)..=(id, i64::MAX)).map(|((_, user), _)| *user);
    let learners = members.filter(|user| !state.may_edit_course(Caller(Some(*user)), id)).count();
    if learners > 0 {
        set(course, "learners_count", learners);
    }
    let own = caller.0.map(|_| format!("78-{id}"));
    set(course, "progress", own.clone());
    set(course, "last_step", own);
    set(course, "actions", course_actions(id, is_author));
    hide_staff_fields(course, is_author);
    // 7 in the answer to a POST, "7.00" in that to a GET. (reference stepik.md 3.3)
    if occasion == Occasion::Read && course.get("commission_basic").is_some_and(Value::is_number) {
        set(course, "commission_basic", "7.00");
        set(course, "commission_promo", "5.00");
    }
}

/// Groups are null for callers who are not staff (reference stepik.md 3.3, inference), and the LTI secret is none of
/// their business.
fn hide_staff_fields(object: &mut Object, is_author: bool) {
    if is_author {
        return;
    }
    for key in ["lti_consumer_key", "lti_secret_key"] {
        if let Some(value) = object.get_mut(key) {
            *value = "".into();
        }
    }
    for (_, value) in object.iter_mut().filter(|(key, _)| key.ends_with("_group")) {
        *value = Value::Null;
    }
}

/// A mix of `"#"`, paths and objects; absence means not allowed. (reference stepik.md 3.3)
fn course_actions(id: i64, is_author: bool) -> Value {
    if !is_author {
        return json!({});
    }
    let plan = json!({"enabled": false, "needs_plan": "enterprise"});
    json!({
        "view_reports": {"enabled": true, "needs_plan": null, "is_draft": false}, "view_grade_book_page": "#",
        "view_grade_book": "#", "edit_advanced_settings": "#", "manage_permissions": plan,
        "edit_course": format!("/course/{id}/edit-info"), "edit_syllabus": format!("/course/{id}/syllabus"),
        "view_statistics": format!("/course/{id}/statistics"), "attachments": "#", "create_announcements": "#",
        "can_publish": {"enabled": true}, "can_be_private": plan, "edit_permissions": "#",
        "can_be_deleted": {"enabled": true}, "edit_tags": "#",
    })
}

fn lesson_actions(id: i64, is_author: bool) -> Value {
    if !is_author {
        return json!({"learn_lesson": "#"});
    }
    json!({
        "learn_lesson": "#", "view_all_submissions": "#", "edit_lesson": "#",
        "view_statistics": format!("/lesson/{id}/stats/"), "attachments": "#", "clone_lesson": "#",
        "edit_permissions": "#", "delete_lesson": "#",
    })
}

/// Courses bring the caller's enrollments along. (reference stepik.md 2.6)
fn with_side_lists(state: &State, caller: Caller, shelf: Shelf, mut envelope: Value) -> Value {
    if shelf.kind == Kind::Courses
        && let Some(object) = envelope.as_object_mut()
    {
        let courses = object.get("courses").and_then(Value::as_array).into_iter().flatten();
        let shown = courses.filter_map(|course| course.get("id").and_then(Value::as_i64));
        let mine =
            shown.filter(|id| caller.0.is_some_and(|user| state.enrollments.contains_key(&(*id, user))));
        let list: Vec<Value> = mine.map(|id| json!({"id": id, "course": id})).collect();
        set(object, "enrollments", list);
    }
    envelope
}
