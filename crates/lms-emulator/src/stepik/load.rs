//! Taking in what the platform itself returned: JSON files of API objects. (reference stepik.md 2.1)
//!
//! A file is one JSON object whose keys are endpoint names and whose values are lists of objects, exactly as the API
//! answers them; `meta` and keys of endpoints that the emulator does not store are named in the notes. A folder is
//! all its `*.json` files, sub-folders included. Ids that lead nowhere are kept: such a course is truncated, and a
//! client should say so.
//!
//! Attempts, submissions and progresses are shown to the author's account, as to whoever saved them; no reply can be
//! sent for such an attempt. A file may also be one step without an envelope.
//!
//! What the signed-in account may edit: a lesson whose steps came as step-sources (an author's own export) or that is
//! empty and has `actions.edit_lesson`; a course with such a lesson or with `actions.edit_course`. Everything else is
//! read-only, as a foreign course is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::form::set;
use super::plain::Plain;
use super::state::{Job, Kind, State};
use super::wire::{Object, id_list, int, int_of, object, text};
use crate::error::EmulatorError;

const KINDS: [(&str, Kind); 16] = [
    ("courses", Kind::Courses),
    ("sections", Kind::Sections),
    ("units", Kind::Units),
    ("lessons", Kind::Lessons),
    ("users", Kind::Users),
    ("step-sources", Kind::Steps),
    ("steps", Kind::Steps),
    ("attachments", Kind::Attachments),
    ("attempts", Kind::Attempts),
    ("submissions", Kind::Submissions),
    ("certificates", Kind::Certificates),
    ("comments", Kind::Comments),
    ("course-reviews", Kind::Plain(Plain::CourseReviews)),
    ("tags", Kind::Plain(Plain::Tags)),
    ("course-lists", Kind::Plain(Plain::CourseLists)),
    ("social-profiles", Kind::Plain(Plain::SocialProfiles)),
];

/// Lists that are held in another form: progress ids are texts, and enrollments are those of whoever saved the file.
const OTHERS: [&str; 2] = ["progresses", "enrollments"];

/// Loads files and folders, together, since one may hold what another lists. Gives back notes on what was left out
/// or taken with a gap.
pub(crate) fn load(state: &mut State, paths: &[PathBuf], author: i64) -> Result<Vec<String>, EmulatorError> {
    let mut notes = Vec::new();
    let mut loaded = BTreeSet::new();
    for path in paths {
        for file in files_of(path)? {
            let shown = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match read_document(&file) {
                Ok(document) => take_document(state, &shown, &document, &mut loaded, &mut notes),
                // A folder may hold other things; a file that was named on its own may not.
                Err(EmulatorError::Load { what, .. }) if path.is_dir() => {
                    notes.push(format!("{shown}: left out: {what}"));
                }
                Err(error) => return Err(error),
            }
        }
    }
    settle_rights(state, &loaded, author, &mut notes);
    note_gaps(state, &loaded, &mut notes);
    Ok(notes)
}

fn read_document(file: &Path) -> Result<Object, EmulatorError> {
    let bytes =
        std::fs::read(file).map_err(|source| EmulatorError::Read { path: file.to_owned(), source })?;
    let fail = |what: String| EmulatorError::Load { path: file.to_owned(), field: ".".to_owned(), what };
    match serde_json::from_slice::<Value>(&bytes) {
        // One step on its own, without an envelope.
        Ok(Value::Object(document)) if document.contains_key("block") && document.contains_key("id") => {
            Ok(object(json!({ "steps": [document] })))
        }
        Ok(Value::Object(document))
            if known_names().any(|name| document.get(name).is_some_and(Value::is_array)) =>
        {
            Ok(document)
        }
        Ok(Value::Object(document)) => {
            let names: Vec<&String> = document.keys().filter(|name| *name != "meta").take(5).collect();
            Err(fail(format!(
                "no list of Stepik objects such as courses, lessons, step-sources or steps, only {names:?}"
            )))
        }
        Ok(_) => Err(fail("the document must be an object with lists such as `courses`".to_owned())),
        Err(error) => Err(fail(error.to_string())),
    }
}

fn known_names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, _)| *name).chain(OTHERS)
}

fn files_of(path: &Path) -> Result<Vec<PathBuf>, EmulatorError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
        let entry =
            entry.map_err(|error| EmulatorError::Read { path: path.to_owned(), source: error.into() })?;
        if entry.file_type().is_file()
            && entry.path().extension().is_some_and(|extension| extension == "json")
        {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

fn take_document(
    state: &mut State,
    file: &str,
    document: &Object,
    loaded: &mut BTreeSet<(Kind, i64)>,
    notes: &mut Vec<String>,
) {
    for name in document.keys().filter(|name| *name != "meta" && !known_names().any(|known| known == *name)) {
        let count = document.get(name).and_then(Value::as_array).map(Vec::len);
        if count != Some(0) {
            notes.push(format!("{file}: `{name}` is not held by the emulator and was left out"));
        }
    }
    take_others(state, document);
    for (name, kind) in KINDS {
        let objects = document.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (index, value) in objects.iter().enumerate() {
            let held = object(value.clone());
            let Some(id) = int(&held, "id").filter(|id| *id > 0) else {
                notes.push(format!("{file}: {name}[{index}] has no id and was left out"));
                continue;
            };
            if kind == Kind::Steps && !held.get("block").is_some_and(Value::is_object) {
                notes.push(format!("{file}: {name}[{index}] (id {id}) has no block and was left out"));
                continue;
            }
            let is_source = name == "step-sources";
            let held = complete(kind, id, held);
            let was_learner_form = kind == Kind::Steps && state.sourceless.contains(&id);
            let completes = is_source && was_learner_form;
            if loaded.contains(&(kind, id)) && !completes {
                let is_known = state.get(kind, id) == Some(&held);
                let is_learner_form = kind == Kind::Steps && !is_source && !was_learner_form;
                if !is_known && !is_learner_form {
                    notes.push(format!("{file}: {name}[{index}] repeats id {id} and was left out"));
                }
                continue;
            }
            if is_source {
                state.sourceless.remove(&id);
            } else if kind == Kind::Steps {
                state.sourceless.insert(id);
            }
            let is_preparing = is_source && text(&held, "status") == "preparing";
            loaded.insert((kind, id));
            if matches!(kind, Kind::Attempts | Kind::Submissions) {
                state.recorded.insert((kind, id));
            }
            state.put(kind, id, held);
            if is_preparing {
                state.later(Job::PrepareStep(id));
            }
        }
    }
}

fn take_others(state: &mut State, document: &Object) {
    let rows = |name: &str| document.get(name).and_then(Value::as_array).into_iter().flatten();
    for progress in rows("progresses").cloned().map(object) {
        if let Some(id) = progress.get("id").and_then(Value::as_str) {
            state.recorded_progresses.insert(id.to_owned(), progress);
        }
    }
    let owner = state.keyring.application_owner;
    for course in rows("enrollments").filter_map(|row| row.get("course")).filter_map(int_of) {
        state.enroll(course, owner);
    }
}

/// Recordings are older than the newest fields; only what the emulator itself relies on is filled in. The groups of
/// the recording mean nothing here.
fn complete(kind: Kind, id: i64, mut held: Object) -> Object {
    for (_, group) in held.iter_mut().filter(|(key, _)| key.ends_with("_group")) {
        *group = Value::Null;
    }
    let mut default = |key: &str, value: Value| {
        held.entry(key.to_owned()).or_insert(value);
    };
    match kind {
        Kind::Courses => default("sections", Value::Array(Vec::new())),
        Kind::Sections => default("units", Value::Array(Vec::new())),
        Kind::Units => default("progress", format!("80-{id}").into()),
        Kind::Lessons => default("steps", Value::Array(Vec::new())),
        Kind::Steps => {
            default("status", "ready".into());
            default("position", 1.into());
        }
        _ => {}
    }
    held
}

/// Hands the author's own export to the account that can sign in.
fn settle_rights(state: &mut State, loaded: &BTreeSet<(Kind, i64)>, author: i64, notes: &mut Vec<String>) {
    let of = |kind: Kind| loaded.iter().filter(move |(held, _)| *held == kind).map(|(_, id)| *id);
    let mut own_lessons = BTreeSet::new();
    for lesson in of(Kind::Lessons) {
        let steps = state.steps_of(lesson);
        let are_sources = steps.iter().all(|step| !state.sourceless.contains(step));
        if are_sources && (!steps.is_empty() || allows(state, Kind::Lessons, lesson, "edit_lesson")) {
            own_lessons.insert(lesson);
            give(state, Kind::Lessons, lesson, author);
        } else if !steps.is_empty() {
            notes.push(format!("lesson {lesson}: read-only, its steps were given without their sources"));
        }
        place(state, lesson);
    }
    for course in of(Kind::Courses) {
        let units = state.units_of(course);
        let lessons: Vec<i64> = units
            .iter()
            .filter_map(|u| state.get(Kind::Units, *u))
            .filter_map(|u| int(u, "lesson"))
            .collect();
        if allows(state, Kind::Courses, course, "edit_course")
            || lessons.iter().any(|lesson| own_lessons.contains(lesson))
        {
            give(state, Kind::Courses, course, author);
            state.enroll(course, author);
        } else {
            notes.push(format!("course {course}: read-only, none of its lessons came with step-sources"));
        }
    }
}

/// Whether whoever saved the object was allowed to do this with it.
fn allows(state: &State, kind: Kind, id: i64, action: &str) -> bool {
    let actions = state.get(kind, id).and_then(|held| held.get("actions"));
    actions.is_some_and(|actions| actions.get(action).is_some())
}

fn give(state: &mut State, kind: Kind, id: i64, author: i64) {
    let Some(mut held) = state.get(kind, id).cloned() else { return };
    set(&mut held, "owner", author);
    state.add_groups(kind, &mut held, author);
    state.put(kind, id, held);
}

/// Old recordings of lessons do not say where they are placed.
fn place(state: &mut State, lesson: i64) {
    let units = state.ids_where(Kind::Units, "lesson", lesson);
    let courses: Vec<i64> = state.courses_of_lesson(lesson).into_iter().collect();
    if let Some(held) = state.get_mut(Kind::Lessons, lesson) {
        if !held.contains_key("units") {
            set(held, "units", units);
        }
        if !held.contains_key("courses") {
            set(held, "courses", courses);
        }
    }
}

fn note_gaps(state: &State, loaded: &BTreeSet<(Kind, i64)>, notes: &mut Vec<String>) {
    let lists = [
        (Kind::Courses, "sections", Kind::Sections),
        (Kind::Sections, "units", Kind::Units),
        (Kind::Lessons, "steps", Kind::Steps),
    ];
    let mut missing: BTreeMap<String, usize> = BTreeMap::new();
    for (kind, id) in loaded {
        let Some(held) = state.get(*kind, *id) else { continue };
        for (_, key, children) in lists.iter().filter(|(parent, ..)| parent == kind) {
            let gone = id_list(held, key).iter().filter(|child| !state.has(*children, **child)).count();
            if gone > 0 {
                missing.insert(format!("{} {id}: {key}", kind.name()), gone);
            }
        }
        if *kind == Kind::Units && int(held, "lesson").is_none_or(|lesson| !state.has(Kind::Lessons, lesson))
        {
            missing.insert(format!("units {id}: lesson"), 1);
        }
    }
    notes.extend(
        missing.into_iter().map(|(place, count)| format!("{place}: {count} listed but not in any file")),
    );
}
