//! Courses, sections, units and lessons: create, change, delete. (reference stepik.md 3.3-3.6, 5.2)

use jiff::Timestamp;
use serde_json::Value;

use super::files;
use super::form::{Form, Takes, set};
use super::rights::Caller;
use super::state::{Kind, State, now};
use super::steps;
use super::switches::{ChildLists, Omitted};
use super::template;
use super::wire::{Object, Refusal, flag, id_list, int, text};

const DATES: [(&str, Takes); 5] = [
    ("begin_date_source", Takes::OptionalText),
    ("end_date_source", Takes::OptionalText),
    ("soft_deadline_source", Takes::OptionalText),
    ("hard_deadline_source", Takes::OptionalText),
    ("grading_policy_source", Takes::OptionalText),
];

const COURSE: [(&str, Takes); 27] = [
    ("summary", Takes::Text),
    ("description", Takes::Text),
    ("workload", Takes::Text),
    ("intro", Takes::Text),
    ("course_format", Takes::Text),
    ("target_audience", Takes::Text),
    ("requirements", Takes::Text),
    ("certificate", Takes::Text),
    ("learning_format", Takes::Text),
    ("language", Takes::Text),
    ("course_type", Takes::Text),
    ("lti_consumer_key", Takes::Text),
    ("lti_secret_key", Takes::Text),
    ("is_public", Takes::Flag),
    ("is_enabled", Takes::Flag),
    ("is_adaptive", Takes::Flag),
    ("is_idea_compatible", Takes::Flag),
    ("is_certificate_auto_issued", Takes::Flag),
    ("lti_private_profile", Takes::Flag),
    ("certificate_regular_threshold", Takes::OptionalInt),
    ("certificate_distinction_threshold", Takes::OptionalInt),
    ("difficulty", Takes::Any),
    ("intro_video", Takes::Any),
    ("authors", Takes::Any),
    ("instructors", Takes::Any),
    ("tags", Takes::Any),
    ("acquired_skills", Takes::Any),
];

const SECTION: [(&str, Takes); 11] = [
    ("position", Takes::Int),
    ("description", Takes::Text),
    ("discounting_policy", Takes::Text),
    ("required_section", Takes::OptionalInt),
    ("required_percent", Takes::Int),
    ("is_exam", Takes::Flag),
    ("exam_duration_minutes", Takes::Int),
    ("is_exam_without_progress", Takes::Flag),
    ("is_random_exam", Takes::Flag),
    ("random_exam_problems_course", Takes::OptionalInt),
    ("random_exam_problems_count", Takes::Int),
];

const LESSON: [(&str, Takes); 7] = [
    ("language", Takes::Text),
    ("lti_consumer_key", Takes::Text),
    ("lti_secret_key", Takes::Text),
    ("is_public", Takes::Flag),
    ("is_comments_enabled", Takes::Flag),
    ("lti_private_profile", Takes::Flag),
    ("cover_url", Takes::OptionalText),
];

/// Longest title, in characters. No source states the limit; this one is a choice.
const LONGEST_TITLE: usize = 255;

pub(crate) fn create(state: &mut State, caller: Caller, kind: Kind, input: &Object) -> Result<i64, Refusal> {
    let user = caller.required()?;
    let id = state.new_id(kind);
    let blank = match kind {
        Kind::Courses => template::course(id, user, state.other_id()),
        Kind::Sections => template::section(id),
        Kind::Units => template::unit(id),
        _ => template::lesson(id, user),
    };
    let mut object = filled(state, caller, kind, id, blank, input)?;
    if matches!(kind, Kind::Courses | Kind::Lessons) {
        state.add_groups(kind, &mut object, user);
        state.count_created(kind, user);
    }
    state.put(kind, id, object);
    if kind == Kind::Courses {
        // The creator is enrolled at once. (reference stepik.md 3.3)
        state.enroll(id, user);
    }
    link(state, kind, id);
    Ok(id)
}

/// A PUT needs the required fields again. Whether optional ones that are left out keep their value is unknown.
/// (reference stepik.md 5.2, 6.3)
pub(crate) fn update(
    state: &mut State,
    caller: Caller,
    kind: Kind,
    id: i64,
    input: &Object,
) -> Result<(), Refusal> {
    require_editor(state, caller, kind, id)?;
    let mut old =
        state.get(kind, id).map(|held| state.complete(kind, id, held)).ok_or_else(Refusal::missing)?;
    if state.switches.omitted == Omitted::Reset {
        reset(kind, id, &mut old);
    }
    let mut object = filled(state, caller, kind, id, old, input)?;
    set(&mut object, "update_date", now());
    let old_lesson =
        if kind == Kind::Units { state.get(kind, id).and_then(|u| int(u, "lesson")) } else { None };
    unlink(state, kind, id);
    state.put(kind, id, object);
    link(state, kind, id);
    if let Some(lesson) = old_lesson {
        state.relink_lesson(lesson);
    }
    if state.switches.child_lists == ChildLists::Reorder {
        reorder(state, kind, id, input);
    }
    Ok(())
}

/// Puts the writable fields back to what a new object has.
fn reset(kind: Kind, id: i64, object: &mut Object) {
    let (fresh, fields): (Object, &[(&str, Takes)]) = match kind {
        Kind::Courses => (template::course(id, 0, 0), &COURSE),
        Kind::Sections => (template::section(id), &SECTION),
        Kind::Units => (template::unit(id), &[("position", Takes::Int)]),
        _ => (template::lesson(id, 0), &LESSON),
    };
    for (field, _) in
        fields.iter().chain(&DATES).filter(|(field, _)| !matches!(*field, "authors" | "instructors"))
    {
        if let Some(value) = fresh.get(*field) {
            set(object, field, value.clone());
        }
    }
}

/// The meaning of the lists of children in a PUT is unknown. (reference stepik.md 3.6)
fn reorder(state: &mut State, kind: Kind, id: i64, input: &Object) {
    let (list, children) = match kind {
        Kind::Courses => ("sections", Kind::Sections),
        Kind::Sections => ("units", Kind::Units),
        Kind::Lessons => ("steps", Kind::Steps),
        _ => return,
    };
    if !input.contains_key(list) {
        return;
    }
    let held = state.get(kind, id).map(|object| id_list(object, list)).unwrap_or_default();
    let mut order: Vec<i64> = id_list(input, list);
    order.retain(|child| held.contains(child));
    order.extend(held.iter().filter(|child| !id_list(input, list).contains(child)));
    for (place, child) in order.iter().enumerate() {
        if let Some(child) = state.get_mut(children, *child) {
            set(child, "position", place + 1);
        }
    }
    if let Some(object) = state.get_mut(kind, id) {
        set(object, list, order);
    }
}

/// Deleting a course takes its sections and units along, deleting a section its units; lessons stay as orphans.
/// Deleting a lesson takes its steps and placements along. (reference stepik.md 3.4, 5.2; the last is a choice)
pub(crate) fn delete(state: &mut State, caller: Caller, kind: Kind, id: i64) -> Result<(), Refusal> {
    require_editor(state, caller, kind, id)?;
    remove(state, kind, id);
    Ok(())
}

fn remove(state: &mut State, kind: Kind, id: i64) {
    match kind {
        Kind::Courses => {
            for section in state.ids_where(Kind::Sections, "course", id) {
                remove(state, Kind::Sections, section);
            }
            state.enrollments.retain(|(course, _), _| *course != id);
            state.user_courses.retain(|(_, course), _| *course != id);
            state.drop_groups(kind, id);
            files::forget_attachments(state, "course", id);
        }
        Kind::Sections => {
            for unit in state.ids_where(Kind::Units, "section", id) {
                remove(state, Kind::Units, unit);
            }
        }
        Kind::Lessons => {
            for unit in state.ids_where(Kind::Units, "lesson", id) {
                remove(state, Kind::Units, unit);
            }
            for step in state.ids_where(Kind::Steps, "lesson", id) {
                steps::forget(state, step);
            }
            state.drop_groups(kind, id);
            files::forget_attachments(state, "lesson", id);
        }
        _ => {}
    }
    unlink(state, kind, id);
    let gone = state.remove(kind, id);
    if let (Kind::Units, Some(unit)) = (kind, gone)
        && let Some(lesson) = int(&unit, "lesson")
    {
        state.relink_lesson(lesson);
    }
}

fn require_editor(state: &State, caller: Caller, kind: Kind, id: i64) -> Result<(), Refusal> {
    caller.required()?;
    let object = state.get(kind, id).ok_or_else(Refusal::missing)?;
    let course = match kind {
        Kind::Courses => Some(id),
        Kind::Sections => int(object, "course"),
        Kind::Units => state.course_of_unit(object),
        _ => return state.require_lesson_editor(caller, id),
    };
    state.require_course_editor(caller, course.ok_or_else(Refusal::forbidden)?)
}

/// `object` with what the client wrote, checked.
fn filled(
    state: &State,
    caller: Caller,
    kind: Kind,
    id: i64,
    mut object: Object,
    input: &Object,
) -> Result<Object, Refusal> {
    let mut form = Form::new(input);
    let mut new_parent_course = None;
    match kind {
        Kind::Courses => form.copy(&mut object, &COURSE),
        Kind::Sections => {
            let course = form.required_key("course", |id| state.has(Kind::Courses, id));
            set(&mut object, "course", course);
            form.copy(&mut object, &SECTION);
            new_parent_course = Some(course);
        }
        Kind::Units => {
            let section = form.required_key("section", |id| state.has(Kind::Sections, id));
            let lesson = form.required_key("lesson", |id| state.may_see_lesson(caller, id));
            set(&mut object, "section", section);
            set(&mut object, "lesson", lesson);
            form.copy(&mut object, &[("position", Takes::Int)]);
            new_parent_course = state.get(Kind::Sections, section).and_then(|s| int(s, "course"));
        }
        _ => form.copy(&mut object, &LESSON),
    }
    if kind != Kind::Units {
        let title = form.required_text("title", LONGEST_TITLE);
        set(&mut object, "slug", template::slug(&title, id));
        set(&mut object, "title", title);
    }
    if kind != Kind::Lessons {
        form.copy(&mut object, &DATES);
        form.dates(&DATES.map(|(field, _)| field)[..4]);
        form.one_of("grading_policy_source", &["no_deadlines", "halved", "linear"]);
        inherit(&mut object);
    }
    if kind == Kind::Sections {
        // What was loaded may point to what was not loaded: that may stay.
        let stands = |field: &str, other| state.get(kind, id).and_then(|s| int(s, field)) == Some(other);
        form.optional_key("required_section", |other| {
            state.has(Kind::Sections, other) || stands("required_section", other)
        });
        form.optional_key("random_exam_problems_course", |other| {
            state.has(Kind::Courses, other) || stands("random_exam_problems_course", other)
        });
        form.one_of("discounting_policy", &["no_discount", "inverse", "first_one", "first_three"]);
    }
    if kind == Kind::Courses {
        schedule(&mut object);
    }
    form.finish()?;
    match new_parent_course {
        Some(course) => state.require_course_editor(caller, course)?,
        None if kind == Kind::Units => return Err(Refusal::forbidden()),
        None => {}
    }
    Ok(object)
}

/// `schedule_type` follows from the dates, and publishing is noted. (reference stepik.md 3.3, 5.1; when it is `active`
/// is a choice)
fn schedule(course: &mut Object) {
    let date = |key: &str| text(course, key).parse::<Timestamp>().ok();
    let (begin, end, now_at) = (date("begin_date"), date("end_date"), Timestamp::now());
    let kind = match (begin, end) {
        (None, None) => "self_paced",
        (_, Some(end)) if end < now_at => "ended",
        (Some(begin), _) if begin > now_at => "upcoming",
        _ => "active",
    };
    set(course, "schedule_type", kind);
    set(course, "is_self_paced", kind == "self_paced");
    if flag(course, "is_public") && course.get("became_published_at").is_none_or(Value::is_null) {
        set(course, "became_published_at", now());
    }
}

/// Without suffix = the result; `_source` = set here. What is inherited from the parent is added when it is shown.
/// (reference stepik.md 3.3)
fn inherit(object: &mut Object) {
    for (source, _) in DATES {
        let Some(value) = object.get(source).cloned() else { continue };
        let target = source.trim_end_matches("_source");
        if !(target == "grading_policy" && value.is_null()) {
            set(object, target, value);
        }
    }
}

fn link(state: &mut State, kind: Kind, id: i64) {
    let Some(object) = state.get(kind, id) else { return };
    match kind {
        Kind::Sections => {
            let course = int(object, "course").unwrap_or_default();
            state.list_child(Kind::Courses, course, "sections", Kind::Sections, id);
            state.relink_course(course);
            relink_lessons_of(state, id);
        }
        Kind::Units => {
            let (section, lesson) = (int(object, "section"), int(object, "lesson"));
            state.list_child(Kind::Sections, section.unwrap_or_default(), "units", Kind::Units, id);
            if let Some(lesson) = lesson {
                state.relink_lesson(lesson);
            }
        }
        _ => {}
    }
}

fn unlink(state: &mut State, kind: Kind, id: i64) {
    let Some(object) = state.get(kind, id) else { return };
    match kind {
        Kind::Sections => {
            if let Some(course) = int(object, "course") {
                state.unlist_child(Kind::Courses, course, "sections", id);
                state.relink_course(course);
            }
        }
        Kind::Units => {
            if let Some(section) = int(object, "section") {
                let course = state.course_of_unit(object);
                state.unlist_child(Kind::Sections, section, "units", id);
                if let Some(course) = course {
                    state.relink_course(course);
                }
            }
        }
        _ => {}
    }
}

fn relink_lessons_of(state: &mut State, section: i64) {
    let units = state.get(Kind::Sections, section).map(|s| id_list(s, "units")).unwrap_or_default();
    let lessons: Vec<i64> =
        units.iter().filter_map(|u| state.get(Kind::Units, *u)).filter_map(|u| int(u, "lesson")).collect();
    for lesson in lessons {
        state.relink_lesson(lesson);
    }
}
