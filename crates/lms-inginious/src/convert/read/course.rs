//! A course folder as a course.

use std::collections::{BTreeMap, BTreeSet};

use lms_core::{
    Asset, AssetId, AssetRole, Content, Course, CourseId, Error, Finding, Lesson, LessonId, Platform, Result,
    Section, SectionId, Severity, Step, Visibility,
};
use serde_json::{Map, Value};

use super::settings::Access;
use super::task::{TaskFiles, read_task};
use super::toc::{Holds, Toc, TocSection, read_toc};
use super::{Place, Reading, Shape, Sources, accessibility};
use crate::convert::catalogue::{is_broken, is_catalogue};
use crate::convert::comments::has_comments;
use crate::convert::script::{GENERATED, Grading};
use crate::folder::store::{Entry, MAX_DESCRIPTION, MAX_FILE, Store};
use crate::folder::yaml::{Data, Node, parse};

const COURSE_FILE: &str = "course.yaml";
/// The section of tasks that no section lists, unless the course has one of this id.
pub(crate) const UNLISTED: &str = "other-tasks";

/// Reads everything: the course file, all tasks, the list of files.
pub(crate) fn read_course(store: &Store, id: &CourseId) -> Result<Content> {
    let entries = store.list()?;
    let mut reading = Reading {
        course: id.to_string(),
        files: entries.iter().map(|entry| entry.path.clone()).collect(),
        ..Reading::default()
    };
    let mut course = Course::new(id.clone(), id.as_str());
    let node = read_head(&mut reading, store)?;
    let toc = match &node {
        Some(node) => {
            head(&mut reading, node, &mut course);
            read_toc(&mut reading, node, COURSE_FILE)
        }
        None => Toc::default(),
    };
    if !toc.rest.is_empty() {
        course.extras.set(Platform::Inginious, "dispenser_data", toc.rest.clone());
    }
    let mut hidden = BTreeSet::new();
    let mut steps = BTreeMap::new();
    let mut order: Vec<(i64, String)> = Vec::new();
    for task in task_ids(&entries) {
        let text = read_text(&mut reading, store, &format!("{task}/task.yaml"))?;
        let grading_file = format!("{task}/grading.json");
        let grading = match reading.files.contains(&grading_file) {
            true => Grading::parse(&store.read(&grading_file, MAX_DESCRIPTION)?),
            false => None,
        };
        if grading.is_some() {
            hidden.extend(GENERATED.map(|file| format!("{task}/{file}")));
        }
        let rank = parse(&text).ok().and_then(|n| n.get("order").and_then(Node::integer)).unwrap_or(i64::MAX);
        order.push((rank, task.clone()));
        let none = Map::new();
        let config = toc.config.as_ref().map(|config| config.get(&task).unwrap_or(&none));
        let files = TaskFiles { id: &task, source: &text, grading };
        let step = read_task(&mut reading, files, config);
        steps.insert(task, step);
    }
    order.sort();
    if toc.config.is_none() && !steps.is_empty() {
        reading.find(
            Severity::Exact,
            COURSE_FILE,
            "dispenser_data",
            "dates, weights and limits stand in the task files, as before 0.9; they are read from there",
        );
    }
    structure(&mut reading, &toc, steps, &order, &mut course);
    if reading.dates {
        reading.find(
            Severity::Approximated,
            COURSE_FILE,
            "dates",
            "dates have no time zone (local time of the server); they are read as UTC",
        );
    }
    broken_catalogues(&mut reading, store, &entries, &mut hidden);
    course.assets = entries.iter().filter_map(|entry| asset(entry, &course, &hidden)).collect();
    let Reading { findings, native, .. } = reading;
    Ok(Content { course, findings, native })
}

/// Leaves out the translations over which a site falls. Where their bytes are not at hand, they stay.
fn broken_catalogues(reading: &mut Reading, store: &Store, entries: &[Entry], hidden: &mut BTreeSet<String>) {
    for path in entries.iter().map(|entry| entry.path.as_str()).filter(|path| is_catalogue(path)) {
        if store.read(path, MAX_FILE).is_ok_and(|bytes| is_broken(&bytes)) {
            let why =
                "it is no catalogue that gettext compiled, and INGInious opens nothing that has such a one";
            let finding = Finding::new(Severity::Dropped, format!("file {path}"), "translations", why);
            reading
                .findings
                .push(finding.with_fallback("left out; compile it again in the source to have it"));
            hidden.insert(path.to_owned());
        }
    }
}

/// The ids of tasks: folders one level down that hold a `task.yaml`.
fn task_ids(entries: &[Entry]) -> Vec<String> {
    entries
        .iter()
        .filter_map(|entry| entry.path.strip_suffix("/task.yaml"))
        .filter(|folder| !folder.contains('/') && *folder != "$common")
        .map(str::to_owned)
        .collect()
}

fn read_text(reading: &mut Reading, store: &Store, file: &str) -> Result<String> {
    let bytes = store.read(file, MAX_DESCRIPTION)?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let line =
                error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count()
                    + 1;
            let why = "the text is not UTF-8; what cannot be read is replaced";
            reading.find(Severity::Approximated, format!("{file}:{line}"), file, why);
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        }
    })
}

fn read_head(reading: &mut Reading, store: &Store) -> Result<Option<Node>> {
    if !reading.files.contains(COURSE_FILE) {
        reading.find(
            Severity::Approximated,
            COURSE_FILE,
            COURSE_FILE,
            "there is no course file; the tasks are read, with the name of the folder as the title",
        );
        return Ok(None);
    }
    let text = read_text(reading, store, COURSE_FILE)?;
    if has_comments(&text) {
        // The structure in it grows while a course is written, so it is never written as it was.
        let why = "the course file is written anew, without its comments";
        reading.find(Severity::Approximated, COURSE_FILE, "comments", why);
    }
    match parse(&text) {
        Ok(node) if node.is_map() => Ok(Some(node)),
        Ok(_) => Err(Error::invalid("not a mapping; it should say `name: …`").on(format!("{COURSE_FILE}:1"))),
        Err(error) => Err(Error::invalid(format!("{}; correct the line and read again", error.message))
            .on(format!("{COURSE_FILE}:{}", error.line))),
    }
}

/// The keys that the neutral model has, or that the structure is made of.
const HEAD: [&str; 7] = [
    "name",
    "description",
    "accessible",
    "registration",
    "dispenser_data",
    "task_dispenser",
    "use_classrooms",
];

/// Settings that let people, and other platforms, into the course (reference inginious.md 9.4).
const SECRETS: [&str; 2] = ["registration_password", "lti_keys"];

fn head(reading: &mut Reading, node: &Node, course: &mut Course) {
    course.title = node.get("name").and_then(Node::text).unwrap_or_default();
    if let Some(description) = node.get("description") {
        let mut sources = Sources::default();
        let place = Place::new(COURSE_FILE, description.line);
        let source = description.text().unwrap_or_default();
        course.description = reading.text(&source, Shape::Flow, "description", &place, &mut sources);
        if !sources.0.is_empty() {
            course.extras.set(Platform::Inginious, "rst", sources.0);
        }
    }
    let mut rest: Map<String, Value> = node
        .entries()
        .iter()
        .filter(|(key, value)| !HEAD.contains(&key.as_str()) && !empty(value))
        // Where there is a structure of today, the old one is only a left-over.
        .filter(|(key, _)| key != "toc" || node.get("dispenser_data").is_some_and(|data| !data.is_null()))
        .map(|(key, value)| (key.clone(), value.to_json()))
        .collect();
    for key in SECRETS.into_iter().filter(|key| rest.contains_key(*key)) {
        let line = node.get(key).map_or(0, |n| n.line);
        let why = "a secret of this course stands in it";
        let finding = Finding::new(Severity::Exact, Place::new(COURSE_FILE, line).at(0), key, why);
        reading.findings.push(finding.with_fallback("whoever is given a copy of the course has it"));
    }
    let access = |key: &str| node.get(key).map_or(Value::Bool(true), Node::to_json);
    let (accessible, registration) = (access("accessible"), access("registration"));
    let mut open = true;
    match accessibility(&accessible) {
        Some(Access::Open(schedule)) => {
            course.schedule = schedule;
            reading.dates |= schedule != lms_core::Schedule::default();
        }
        Some(Access::Closed) => open = false,
        None => {
            let line = node.get("accessible").map_or(0, |n| n.line);
            let why = "no accessibility; INGInious cannot read the course";
            reading.find(Severity::Approximated, Place::new(COURSE_FILE, line).at(0), "accessible", why);
        }
    }
    let unread_date = node.get("accessible").is_some_and(|n| matches!(n.data, Data::Date(_)));
    if unread_date {
        let line = node.get("accessible").map_or(0, |n| n.line);
        let why = "a date without quotes; INGInious cannot read the course (it is written with quotes)";
        reading.find(Severity::Approximated, Place::new(COURSE_FILE, line).at(0), "accessible", why);
    }
    let free = accessibility(&registration).is_some_and(|access| matches!(access, Access::Open(_)))
        && node.get("registration_password").is_none_or(Node::is_null);
    course.visibility = if open && free { Visibility::Public } else { Visibility::Private };
    if !open {
        rest.insert("accessible".into(), accessible);
    }
    let written = Value::Bool(course.visibility == Visibility::Public);
    if registration != written {
        rest.insert("registration".into(), registration);
    }
    if let Some(dispenser) =
        node.get("task_dispenser").and_then(Node::text).filter(|d| d != "toc" && !d.is_empty())
    {
        reading.find(
            Severity::Approximated,
            COURSE_FILE,
            "task_dispenser",
            format!(
                "the dispenser `{dispenser}` chooses tasks for each learner; all tasks are read, in its order"
            ),
        );
        rest.insert("task_dispenser".into(), Value::from(dispenser));
    }
    if !rest.is_empty() {
        course.extras.set(Platform::Inginious, "course", rest);
    }
}

/// Whether a setting says nothing: the editor writes all of them.
fn empty(node: &Node) -> bool {
    match &node.data {
        Data::Null => true,
        Data::Str(text) => text.is_empty(),
        Data::Seq(items) => items.iter().all(|item| item.as_str().is_some_and(|t| t.trim().is_empty())),
        Data::Map(entries) => entries.is_empty(),
        _ => false,
    }
}

/// Sections, lessons and steps. What stands in no section gets one of its own.
fn structure(
    reading: &mut Reading,
    toc: &Toc,
    mut steps: BTreeMap<String, Step>,
    order: &[(i64, String)],
    course: &mut Course,
) {
    let mut ids = BTreeSet::new();
    for entry in &toc.sections {
        let mut section = Section::new(SectionId::new(unique(&entry.id, &mut ids)), entry.title.clone());
        if !entry.rest.is_empty() {
            section.extras.set(Platform::Inginious, "toc", entry.rest.clone());
        }
        match &entry.holds {
            Holds::Tasks(tasks) => {
                let mut lesson = Lesson::new(LessonId::new(section.id.as_str()), entry.title.clone());
                lesson.steps = take(reading, &mut steps, tasks, entry);
                section.lessons.push(lesson);
            }
            Holds::Sections(inner) => {
                for part in inner {
                    terminal(reading, part, String::new(), &mut steps, &mut ids, &mut section);
                }
            }
        }
        course.sections.push(section);
    }
    if steps.is_empty() {
        return;
    }
    let left: Vec<&String> = order.iter().map(|(_, id)| id).filter(|id| steps.contains_key(*id)).collect();
    let names = left.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
    reading.find(
        Severity::Approximated,
        COURSE_FILE,
        "tasks without a section",
        format!("learners reach {names} by address only; here they stand in a section of their own"),
    );
    let mut section = Section::new(SectionId::new(unique(UNLISTED, &mut ids)), "Other tasks");
    section.extras.set(Platform::Inginious, "unlisted", true);
    let mut lesson = Lesson::new(LessonId::new(section.id.as_str()), "Other tasks");
    lesson.steps =
        left.into_iter().cloned().collect::<Vec<_>>().iter().filter_map(|id| steps.remove(id)).collect();
    section.lessons.push(lesson);
    course.sections.push(section);
}

/// A nested section as a lesson; what is nested further becomes lessons with joined titles.
fn terminal(
    reading: &mut Reading,
    entry: &TocSection,
    above: String,
    steps: &mut BTreeMap<String, Step>,
    ids: &mut BTreeSet<String>,
    section: &mut Section,
) {
    let title = if above.is_empty() { entry.title.clone() } else { format!("{above} › {}", entry.title) };
    match &entry.holds {
        Holds::Tasks(tasks) => {
            let mut lesson = Lesson::new(LessonId::new(unique(&entry.id, ids)), title);
            if !entry.rest.is_empty() {
                lesson.extras.set(Platform::Inginious, "toc", entry.rest.clone());
            }
            lesson.steps = take(reading, steps, tasks, entry);
            section.lessons.push(lesson);
        }
        Holds::Sections(inner) => {
            let why = format!(
                "“{title}” is nested deeper than two levels; its parts become lessons with joined titles"
            );
            reading.find(Severity::Approximated, COURSE_FILE, "sections_list", why);
            for part in inner {
                terminal(reading, part, title.clone(), steps, ids, section);
            }
        }
    }
}

fn take(
    reading: &mut Reading,
    steps: &mut BTreeMap<String, Step>,
    tasks: &[String],
    entry: &TocSection,
) -> Vec<Step> {
    let mut taken = Vec::new();
    for task in tasks {
        match steps.remove(task) {
            Some(step) => taken.push(step),
            None => reading.find(
                Severity::Approximated,
                COURSE_FILE,
                task,
                format!("“{}” lists this task, but there is none (or it is listed before); INGInious passes over it", entry.title),
            ),
        }
    }
    taken
}

fn unique(id: &str, ids: &mut BTreeSet<String>) -> String {
    let free =
        (1..).map(|n| if n == 1 { id.to_owned() } else { format!("{id}-{n}") }).find(|id| !ids.contains(id));
    let id = free.unwrap_or_else(|| id.to_owned());
    ids.insert(id.clone());
    id
}

/// A file as an asset; `None` for those that the course itself is made of.
fn asset(entry: &Entry, course: &Course, hidden: &BTreeSet<String>) -> Option<Asset> {
    let path = entry.path.as_str();
    if path == COURSE_FILE || hidden.contains(path) {
        return None;
    }
    let (folder, inside) = path.split_once('/').unwrap_or(("", path));
    let is_task = course.steps().any(|step| step.id.as_str() == folder);
    if is_task && inside == "task.yaml" {
        return None;
    }
    let role = match (is_task || folder == "$common", inside) {
        (true, inside) if inside.starts_with("public/") => AssetRole::Content,
        (true, inside) if inside.starts_with("$i18n/") => AssetRole::Other,
        (true, _) => AssetRole::Grader,
        (false, _) => AssetRole::Other,
    };
    Some(Asset {
        id: AssetId::new(path),
        name: path.to_owned(),
        media_type: mime_guess::from_path(path).first_raw().map(str::to_owned),
        size: Some(entry.size),
        role,
    })
}
