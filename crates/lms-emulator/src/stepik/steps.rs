//! Step sources: create, change, delete; and the learner's form of a step. (reference stepik.md 3.7, 3.8, 4.1)

use serde_json::{Value, json};

use super::form::{Form, Takes, set};
use super::progress;
use super::quiz;
use super::rights::Caller;
use super::state::{Job, Kind, State, now};
use super::template;
use super::tree::is_quiz;
use super::wire::{Object, Refusal, id_list, int, object, text};

const STEP: [(&str, Takes); 4] = [
    ("is_solutions_unlocked", Takes::Flag),
    ("solutions_unlocked_attempts", Takes::Int),
    ("has_submissions_restrictions", Takes::Flag),
    ("max_submissions_count", Takes::Int),
];

/// What only authors see, in the step and in its block. (reference stepik.md 3.8, 4.1)
const AUTHOR_ONLY: [&str; 4] = ["reason_of_failure", "error", "warnings", "cost"];
const AUTHOR_ONLY_BLOCK: [&str; 5] =
    ["source", "subtitles", "tests_archive", "feedback_correct", "feedback_wrong"];

pub(crate) fn create(state: &mut State, caller: Caller, input: &Object) -> Result<i64, Refusal> {
    caller.required()?;
    let (lesson, position, block, rest) = read_form(state, caller, input)?;
    let id = state.new_id(Kind::Steps);
    let mut step = template::step(id, lesson);
    step.extend(rest);
    set(&mut step, "position", position);
    set(&mut step, "block", block);
    if is_quiz(&step) {
        // Quiz steps have a second thread, for solutions. (reference stepik.md 2.7)
        set(&mut step, "discussion_threads", vec![format!("77-{id}-1"), format!("77-{id}-2")]);
    }
    if state.switches.shifts_steps {
        state.open_gap(lesson, position);
    }
    state.put(Kind::Steps, id, step);
    state.list_child(Kind::Lessons, lesson, "steps", Kind::Steps, id);
    state.relink_lesson(lesson);
    state.later(Job::PrepareStep(id));
    Ok(id)
}

/// A PUT replaces: a cost that is left out falls back to 0, a position to 1. (reference stepik.md 3.8)
pub(crate) fn update(state: &mut State, caller: Caller, id: i64, input: &Object) -> Result<(), Refusal> {
    caller.required()?;
    let old = state.get(Kind::Steps, id).map(|held| state.complete(Kind::Steps, id, held));
    let old = old.ok_or_else(Refusal::missing)?;
    let old_lesson = int(&old, "lesson").ok_or_else(Refusal::missing)?;
    state.require_lesson_editor(caller, old_lesson)?;
    let (lesson, position, block, rest) = read_form(state, caller, input)?;
    let mut step = template::step(id, lesson);
    for kept in ["create_date", "discussion_threads", "discussions_count"] {
        set(&mut step, kept, old.get(kept).cloned().unwrap_or_default());
    }
    step.extend(rest);
    set(&mut step, "block", block);
    set(&mut step, "update_date", now());
    let old_position = int(&old, "position").unwrap_or(1);
    set(&mut step, "position", position);
    if (old_lesson, old_position) != (lesson, position) {
        take_out(state, id, old_lesson, old_position);
        if state.switches.shifts_steps {
            state.open_gap(lesson, position);
        }
    }
    let (old_cost, new_cost) = (int(&old, "cost").unwrap_or(0), int(&step, "cost").unwrap_or(0));
    state.put(Kind::Steps, id, step);
    progress::rescale(state, id, old_cost, new_cost);
    state.sourceless.remove(&id);
    state.list_child(Kind::Lessons, lesson, "steps", Kind::Steps, id);
    state.relink_lesson(lesson);
    // Attempts on the old wording cannot be answered any more. (unknown, reference stepik.md 6.3)
    if state.switches.step_change_cleans_up {
        for attempt in state.ids_where(Kind::Attempts, "step", id) {
            if let Some(attempt) = state.get_mut(Kind::Attempts, attempt) {
                set(attempt, "status", "cleanedup");
            }
        }
    }
    state.later(Job::PrepareStep(id));
    Ok(())
}

/// When the last step of a lesson goes, the platform puts a text step in its place. (reference stepik.md 3.8)
pub(crate) fn delete(state: &mut State, caller: Caller, id: i64) -> Result<(), Refusal> {
    caller.required()?;
    let step = state.get(Kind::Steps, id).cloned().ok_or_else(Refusal::missing)?;
    let lesson = int(&step, "lesson").ok_or_else(Refusal::missing)?;
    state.require_lesson_editor(caller, lesson)?;
    forget(state, id);
    take_out(state, id, lesson, int(&step, "position").unwrap_or(1));
    if state.get(Kind::Lessons, lesson).is_some_and(|l| id_list(l, "steps").is_empty()) {
        let block = json!({"name": "text", "text": "<p>All steps of this lesson have been deleted.</p>"});
        let placeholder = json!({ "lesson": lesson, "position": 1, "block": block });
        create(state, caller, &object(placeholder))?;
    }
    state.relink_lesson(lesson);
    Ok(())
}

/// Removes a step and the discussion about it. Attempts and submissions stay, but their list is a 404 from now on.
/// (reference stepik.md 3.10)
pub(crate) fn forget(state: &mut State, id: i64) {
    state.remove(Kind::Steps, id);
    state.step_counts.remove(&id);
    state.sourceless.remove(&id);
    for comment in state.ids_where(Kind::Comments, "target", id) {
        state.remove(Kind::Comments, comment);
    }
}

fn take_out(state: &mut State, id: i64, lesson: i64, position: i64) {
    state.unlist_child(Kind::Lessons, lesson, "steps", id);
    if state.switches.shifts_steps {
        state.close_gap(lesson, position);
    }
    state.relink_lesson(lesson);
}

/// Lesson, position, block and the other writable fields of a written step.
fn read_form(state: &State, caller: Caller, input: &Object) -> Result<(i64, i64, Object, Object), Refusal> {
    let mut form = Form::new(input);
    let lesson = form.required_key("lesson", |id| state.has(Kind::Lessons, id));
    let position = form.int_or("position", 1);
    let cost = form.int_or("cost", 0);
    let given = form.required_object("block");
    let name = text(&given, "name");
    if input.get("block").is_some_and(Value::is_object) {
        if name.is_empty() {
            form.fail("block", "`name` is required.");
        } else if !quiz::is_known(name) {
            form.fail("block", format!("Unknown step type: {name}."));
        }
    }
    if cost < 0 {
        form.fail("cost", "Ensure this value is greater than or equal to 0.");
    }
    let mut rest = Object::new();
    form.copy(&mut rest, &STEP);
    set(&mut rest, "cost", cost);
    form.finish()?;
    state.require_lesson_editor(caller, lesson)?;
    Ok((lesson, position, stored_block(given), rest))
}

/// The block as the platform answers it: `options` are derived, so what the client sent there is dropped.
fn stored_block(given: Object) -> Object {
    let or = |key: &str, default: Value| given.get(key).filter(|v| !v.is_null()).cloned().unwrap_or(default);
    object(json!({
        "name": or("name", Value::Null), "text": or("text", json!("")), "video": or("video", Value::Null),
        "options": {}, "subtitle_files": [], "is_deprecated": false, "source": or("source", json!({})),
        "subtitles": or("subtitles", json!({})), "tests_archive": null,
        "feedback_correct": or("feedback_correct", json!("")), "feedback_wrong": or("feedback_wrong", json!("")),
    }))
}

/// The step as a learner sees it: nothing from which the answer could be read. (reference stepik.md 4.1)
pub(crate) fn learner_view(mut step: Object) -> Object {
    for key in AUTHOR_ONLY {
        step.remove(key);
    }
    if let Some(Value::Object(block)) = step.get_mut("block") {
        for key in AUTHOR_ONLY_BLOCK {
            block.remove(key);
        }
    }
    step
}

/// What the caller may do. Recorded learner views: `{}` for text, `{"submit": "#"}` for quizzes; authors also
/// comment and edit instructions. (reference stepik.md 3.7)
pub(crate) fn actions(step: &Object, is_author: bool) -> Value {
    match (is_quiz(step), is_author) {
        (false, false) => json!({}),
        (true, false) => json!({"submit": "#"}),
        (false, true) => json!({"comment": "#"}),
        (true, true) => json!({"edit_instructions": "#", "submit": "#", "comment": "#"}),
    }
}
