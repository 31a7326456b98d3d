//! Stored objects as one caller sees them. (reference stepik.md 2.6, 2.8, 3)

use std::time::Instant;

use serde_json::{Value, json};

use super::comments;
use super::form::set;
use super::read::{Occasion, Shelf};
use super::rights::Caller;
use super::state::{Kind, State, whole_seconds};
use super::steps;
use super::switches::{Numbers, Worth};
use super::tree::block_name;
use super::wire::{Object, int, text};

/// The object as this caller sees it.
pub(crate) fn render(
    state: &State,
    caller: Caller,
    shelf: Shelf,
    id: i64,
    object: &Object,
    occasion: Occasion,
) -> Value {
    let mut shown = state.complete(shelf.kind, id, object);
    match shelf.kind {
        Kind::Courses => course_for(state, caller, id, &mut shown, occasion),
        Kind::Sections | Kind::Units => inherit_dates(state, shelf.kind, &mut shown),
        Kind::Lessons => {
            let is_author = state.may_edit_lesson(caller, id);
            set(&mut shown, "actions", lesson_actions(id, is_author));
            hide_staff_fields(&mut shown, is_author);
        }
        Kind::Steps => shown = step_for(state, caller, shelf, id, shown),
        Kind::Comments => comments::show_for(state, caller, &mut shown),
        Kind::Attempts => {
            if let Some(ends) = state.secrets.get(&id).and_then(|secret| secret.ends) {
                let left = ends.saturating_duration_since(Instant::now()).as_secs();
                set(&mut shown, "time_left", left);
            }
        }
        _ => {}
    }
    loosen(state.switches.numbers, &mut shown);
    if occasion == Occasion::Read {
        for key in ["create_date", "update_date", "time", "last_time", "date_joined", "issue_date"] {
            if let Some(Value::String(date)) = shown.get_mut(key) {
                *date = whole_seconds(date);
            }
        }
    }
    Value::Object(shown)
}

/// Numbers that sources show as texts as well. (reference stepik.md 2.8)
pub(crate) fn loosen(numbers: Numbers, shown: &mut Object) {
    if numbers == Numbers::Plain {
        return;
    }
    for key in ["score", "eta", "time_left", "last_viewed", "grade", "commission_basic", "commission_promo"] {
        if let Some(value) = shown.get_mut(key).filter(|value| value.is_number()) {
            *value = value.to_string().into();
        }
    }
}

/// Without suffix = the result; `_source` = set here. What is not set here comes from the parent.
/// (reference stepik.md 3.3-3.5)
fn inherit_dates(state: &State, kind: Kind, shown: &mut Object) {
    for field in ["begin_date", "end_date", "soft_deadline", "hard_deadline"] {
        if shown.get(field).is_some_and(Value::is_null)
            && let Some(value) = inherited(state, kind, shown, field)
        {
            set(shown, field, value);
        }
    }
    let is_own = shown.get("grading_policy_source").is_some_and(|source| !source.is_null());
    if !is_own && let Some(value) = inherited(state, kind, shown, "grading_policy") {
        set(shown, "grading_policy", value);
    }
}

fn inherited(state: &State, kind: Kind, object: &Object, field: &str) -> Option<Value> {
    let parent_kind = if kind == Kind::Units { Kind::Sections } else { Kind::Courses };
    let key = if kind == Kind::Units { "section" } else { "course" };
    let parent = state.get(parent_kind, int(object, key)?)?;
    let source = format!("{field}_source");
    let own = parent.get(&source).or_else(|| parent.get(field)).filter(|value| !value.is_null()).cloned();
    own.or_else(|| if kind == Kind::Units { inherited(state, parent_kind, parent, field) } else { None })
}

fn step_for(state: &State, caller: Caller, shelf: Shelf, id: i64, mut shown: Object) -> Object {
    let is_author = int(&shown, "lesson").is_some_and(|lesson| state.may_edit_lesson(caller, lesson));
    if !state.sourceless.contains(&id) {
        // Whoever is not signed in can submit nothing. (reference stepik.md 3.7)
        let actions = if caller.0.is_some() { steps::actions(&shown, is_author) } else { json!({}) };
        set(&mut shown, "actions", actions);
    }
    if let Some(counts) = state.step_counts.get(&id) {
        set(&mut shown, "viewed_by", counts.viewed);
        set(&mut shown, "passed_by", counts.passed);
        if counts.submissions > 0 {
            set(&mut shown, "correct_ratio", counts.correct as f64 / counts.submissions as f64);
        }
    }
    if state.switches.worth == Worth::Cost && text(&shown, "status") == "ready" {
        let cost = int(&shown, "cost").unwrap_or(0);
        set(&mut shown, "worth", cost);
    }
    if !shelf.is_author_form() {
        return steps::learner_view(shown);
    }
    if block_name(&shown) == "code"
        && let Some(Value::Object(block)) = shown.get_mut("block")
    {
        set(block, "tests_archive", format!("/api/step-sources/{id}/tests"));
    }
    shown
}

fn course_for(state: &State, caller: Caller, id: i64, course: &mut Object, occasion: Occasion) {
    let is_author = state.may_edit_course(caller, id);
    let enrollment = caller.0.and_then(|user| state.enrollments.get(&(id, user)));
    set(course, "enrollment", enrollment.is_some().then_some(id));
    if let Some(certificate) = enrollment.and_then(|enrollment| enrollment.certificate) {
        set(course, "user_certificate", certificate);
        set(course, "is_certificate_issued", true);
    }
    if let Some(flags) = caller.0.and_then(|user| state.user_courses.get(&(user, id))) {
        for key in ["is_favorite", "is_archived"] {
            if let Some(value) = flags.get(key) {
                set(course, key, value.clone());
            }
        }
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
        "view_reports": {"enabled": true, "needs_plan": null, "is_draft": false},
        "edit_reports": {"enabled": false, "needs_plan": "pro"}, "view_grade_book_page": "#",
        "view_grade_book": "#", "edit_lti": "#", "edit_advanced_settings": "#", "manage_permissions": plan,
        "assist_course": "#", "view_instructor_dashboard": "#",
        "edit_course": format!("/course/{id}/edit-info"), "edit_syllabus": format!("/course/{id}/syllabus"),
        "view_statistics": format!("/course/{id}/statistics"), "attachments": "#", "create_announcements": "#",
        "clone_course": {"enabled": false, "needs_plan": "pro"}, "clone_module": {"enabled": false, "needs_plan": "pro"},
        "can_publish": {"enabled": true}, "can_be_private": plan, "admin_course": "#", "edit_permissions": "#",
        "edit_publish_settings": "#", "transfer_ownership": "#", "can_be_deleted": {"enabled": true},
        "edit_tags": "#",
    })
}

fn lesson_actions(id: i64, is_author: bool) -> Value {
    if !is_author {
        return json!({"learn_lesson": "#"});
    }
    json!({
        "learn_lesson": "#", "assist_lesson": "#", "view_all_submissions": "#", "edit_lesson": "#",
        "view_statistics": format!("/lesson/{id}/stats/"), "attachments": "#", "clone_lesson": "#",
        "admin_lesson": "#", "edit_permissions": "#", "delete_lesson": "#",
    })
}

/// Lists of other objects that an answer brings along. (reference stepik.md 2.6)
pub(crate) fn with_side_lists(state: &State, caller: Caller, shelf: Shelf, mut envelope: Value) -> Value {
    let Some(object) = envelope.as_object_mut() else { return envelope };
    match shelf.kind {
        // Courses bring the caller's enrollments along.
        Kind::Courses => {
            let courses = object.get("courses").and_then(Value::as_array).into_iter().flatten();
            let shown = courses.filter_map(|course| course.get("id").and_then(Value::as_i64));
            let mine =
                shown.filter(|id| caller.0.is_some_and(|user| state.enrollments.contains_key(&(*id, user))));
            let list: Vec<Value> = mine.map(|id| json!({"id": id, "course": id})).collect();
            set(object, "enrollments", list);
        }
        Kind::Comments => comments::add_side_lists(state, caller, object),
        _ => {}
    }
    envelope
}
