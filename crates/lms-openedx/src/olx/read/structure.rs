//! chapter → section, sequential → lesson, vertical → step. What stands one level too high gets the
//! levels it lacks, marked as implied, so that it is written back where it was.

use lms_core::{Course, Extras, Lesson, Platform, Schedule, Section, Severity, Step};
use serde_json::{Map, Value, json};

use super::super::inherited::Inherited;
use super::super::native::{Native, State};
use super::super::origin::Origin;
use super::super::xml::Element;
use super::settings::OTHER_POLICIES;
use super::{Reader, settings};
use crate::olx::capa::plain_value;
use crate::olx::write::url_name;

/// Extras: the node is not in the files; its children stand in its parent.
pub(crate) const IMPLIED: &str = "implied";
/// Extras: attributes that the model has no place for, as they are written.
pub(crate) const ATTRIBUTES: &str = Extras::FIELDS;
/// Extras: the tag, where it is not the usual one.
pub(crate) const TAG: &str = "tag";
/// Extras: `url_name`, where writing would make another one of the id.
pub(crate) const URL_NAME: &str = "url_name";

const LESSONS: [&str; 4] = ["sequential", "videosequence", "problemset", "video_sequence"];

/// The course with a place for each block, what is in them still to be read.
pub(super) fn course(reader: &mut Reader<'_>, mut native: Native, root: &Element) -> Course {
    let children = std::mem::take(&mut native.children);
    let mut course = settings::course(reader, &native, root);
    let inherited = Inherited::of(&course);
    let mut implied: Option<Section> = None;
    for child in children {
        if child.tag == "chapter" {
            course.sections.extend(implied.take());
            course.sections.push(section(reader, child, inherited));
            continue;
        }
        let section = implied.get_or_insert_with(|| {
            let id = reader.unique("section", "section");
            let mut section =
                Section::new(id, if native.tag == "library" { course.title.clone() } else { String::new() });
            section.extras.set(Platform::OpenEdx, IMPLIED, true);
            section
        });
        into_section(reader, section, child, inherited);
    }
    course.sections.extend(implied);
    let others: Map<String, Value> = reader
        .around
        .policies
        .iter()
        .filter(|(key, _)| !reader.overlaid.contains(*key))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    if !others.is_empty() {
        course.extras.set(Platform::OpenEdx, OTHER_POLICIES, others);
    }
    course
}

fn section(reader: &mut Reader<'_>, native: Native, inherited: Inherited) -> Section {
    let node = node(reader, &native, "section", "chapter");
    let mut section = Section::new(node.id, node.title);
    (section.schedule, section.extras) = (node.schedule, node.extras);
    let inherited = inherited.within(&section.extras);
    for child in native.children {
        into_section(reader, &mut section, child, inherited);
    }
    section
}

fn into_section(reader: &mut Reader<'_>, section: &mut Section, child: Native, inherited: Inherited) {
    if LESSONS.contains(&child.tag.as_str()) {
        let lesson = lesson(reader, child, inherited);
        section.lessons.push(lesson);
        return;
    }
    let open = section.lessons.last_mut().filter(|lesson| is_implied(&lesson.extras));
    match open {
        Some(lesson) => into_lesson(reader, lesson, child, inherited),
        None => {
            let id = reader.unique("lesson", &format!("{}-lesson", section.id));
            let mut lesson = Lesson::new(id, section.title.clone());
            lesson.extras.set(Platform::OpenEdx, IMPLIED, true);
            into_lesson(reader, &mut lesson, child, inherited);
            section.lessons.push(lesson);
        }
    }
}

fn lesson(reader: &mut Reader<'_>, native: Native, inherited: Inherited) -> Lesson {
    let mut node = node(reader, &native, "lesson", "sequential");
    let graded = node.attributes.get("graded").and_then(Value::as_str).map(plain_value);
    let format = node.attributes.get("format").and_then(Value::as_str).map(plain_value).unwrap_or_default();
    let mut category = None;
    if graded.is_some_and(|graded| graded.eq_ignore_ascii_case("true")) && !format.is_empty() {
        category = Some(format.to_owned());
        node.attributes.remove("graded");
        node.attributes.remove("format");
        node.keep_attributes();
    }
    let mut lesson = Lesson::new(node.id, node.title);
    (lesson.schedule, lesson.extras, lesson.category) = (node.schedule, node.extras, category);
    let inherited = inherited.within(&lesson.extras);
    for child in native.children {
        into_lesson(reader, &mut lesson, child, inherited);
    }
    lesson
}

fn into_lesson(reader: &mut Reader<'_>, lesson: &mut Lesson, child: Native, inherited: Inherited) {
    if child.tag == "vertical" {
        let step = step(reader, child, inherited);
        lesson.steps.push(step);
        return;
    }
    let block = reader.leaf(child, inherited);
    match lesson.steps.last_mut().filter(|step| is_implied(&step.extras)) {
        Some(step) => step.blocks.push(block),
        None => {
            let id = reader.unique("step", &format!("{}-step", lesson.id));
            let mut step = Step::new(id, "");
            step.extras.set(Platform::OpenEdx, IMPLIED, true);
            step.blocks.push(block);
            lesson.steps.push(step);
        }
    }
}

fn step(reader: &mut Reader<'_>, native: Native, inherited: Inherited) -> Step {
    let node = node(reader, &native, "step", "vertical");
    let mut step = Step::new(node.id, node.title);
    (step.schedule, step.extras) = (node.schedule, node.extras);
    let inherited = inherited.within(&step.extras);
    step.blocks = native.children.into_iter().map(|child| reader.leaf(child, inherited)).collect();
    step
}

/// Whether a node stands for a level that the files do not have.
pub(crate) fn is_implied(extras: &Extras) -> bool {
    extras.get(Platform::OpenEdx, IMPLIED) == Some(&Value::Bool(true))
}

struct Node {
    id: String,
    title: String,
    schedule: Schedule,
    attributes: Map<String, Value>,
    extras: Extras,
}

impl Node {
    fn keep_attributes(&mut self) {
        self.extras.set(Platform::OpenEdx, ATTRIBUTES, Value::Object(self.attributes.clone()));
    }
}

/// What all containers have: id, title, dates, other attributes.
fn node(reader: &mut Reader<'_>, native: &Native, kind: &'static str, usual_tag: &str) -> Node {
    let name = native.known_as();
    let id = reader.unique(kind, &name);
    let mut extras = Extras::new();
    if native.tag != usual_tag {
        extras.set(Platform::OpenEdx, TAG, native.tag.as_str());
    }
    // A name that two have would be one block: only where the files say so twice, it is said twice.
    if name != url_name(&id) && (native.name.is_some() || name == id) {
        extras.set(Platform::OpenEdx, URL_NAME, &*name);
    }
    let what = || format!("{} {name}", native.tag);
    match &native.state {
        State::Whole => {}
        State::Missing(file) => {
            Origin::of(native).keep(&mut extras);
            let why = format!("{file} is not there: Open edX drops the block with everything in it");
            reader.find(Severity::Dropped, &native.place, what(), why);
        }
        State::Broken(fault) => {
            Origin::of(native).keep(&mut extras);
            let why = format!("not well-formed XML: {}", fault.what);
            reader.find(Severity::Dropped, &native.place, what(), why);
        }
    }
    let mut attributes: Map<String, Value> = settings::attributes(&native.element);
    settings::overlay(reader, native, &mut attributes);
    let title = settings::title(&mut attributes);
    let schedule = settings::schedule(reader, &native.place, &mut attributes, &["start", "due"]);
    let mut node = Node { id, title, schedule, attributes, extras };
    if !node.attributes.is_empty() {
        node.keep_attributes();
    }
    // A conditional's <show> and the like are not blocks; they never stand in these containers.
    if native.state == State::Whole {
        let odd: Vec<&str> = native
            .element
            .children
            .iter()
            .filter_map(|n| n.text().map(str::trim).filter(|text| !text.is_empty()))
            .collect();
        if !odd.is_empty() {
            let why = "text between the blocks, which no learner sees";
            reader.find(Severity::Dropped, &native.place, json!(odd).to_string(), why);
        }
    }
    node
}
