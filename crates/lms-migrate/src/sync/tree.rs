//! The nodes of a course as rows, with what tells them apart and what tells whether they changed.

use std::collections::HashMap;

use lms_core::{Course, Lesson, Place, Section, Step, StepId};

use super::fingerprint::{Hashes, of_lesson, of_section, of_step};
use crate::compare;
use crate::journal::record::{Key, Kind};
use crate::links::{linked_steps, map_block};

/// The node behind a row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Node<'a> {
    Section(&'a Section),
    Lesson(&'a Lesson),
    Step(&'a Step),
}

/// A section, lesson or step.
#[derive(Debug, Clone)]
pub(crate) struct Row<'a> {
    /// Its kind and id, unique in the course.
    pub(crate) key: Key,
    /// What it stands in.
    pub(crate) under: Key,
    /// Its place there, from 1.
    pub(crate) position: u32,
    /// Where it is, for people.
    pub(crate) path: String,
    pub(crate) print: String,
    pub(crate) node: Node<'a>,
}

impl Row<'_> {
    pub(crate) fn kind(&self) -> Kind {
        self.key.kind
    }

    pub(crate) fn title(&self) -> &str {
        match self.node {
            Node::Section(section) => &section.title,
            Node::Lesson(lesson) => &lesson.title,
            Node::Step(step) => &step.title,
        }
    }

    /// Whether a reader of `other` would find the same, as far as reading back can tell.
    pub(crate) fn reads_like(&self, other: &Row<'_>) -> bool {
        // What links to steps lead to shows in the whole course only.
        let links_steps = matches!(self.node, Node::Step(step) if step.blocks.iter().any(|block| !linked_steps(block).is_empty()));
        let bare = |node: Node<'_>| {
            let mut course = Course::new("", "");
            let mut section = Section::new("", "");
            let mut lesson = Lesson::new("", "");
            match node {
                Node::Section(own) => section = Section { lessons: Vec::new(), ..own.clone() },
                Node::Lesson(own) => {
                    lesson = Lesson { steps: Vec::new(), ..own.clone() };
                    section.lessons.push(lesson);
                }
                Node::Step(own) => {
                    let mut own = own.clone();
                    if links_steps {
                        own.blocks.iter_mut().for_each(|block| map_block(block, &|_| Some("link".into())));
                    }
                    lesson.steps.push(own);
                    section.lessons.push(lesson);
                }
            }
            course.sections.push(section);
            course
        };
        self.kind() == other.kind() && compare(&bare(self.node), &bare(other.node)).is_empty()
    }
}

/// All nodes from the first to the last, each before what is in it.
pub(crate) fn rows<'a>(course: &'a Course, files: &Hashes) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    let mut seen: HashMap<(Kind, &'a str), usize> = HashMap::new();
    let mut key = |kind: Kind, id: &'a str| {
        let times = seen.entry((kind, id)).or_default();
        *times += 1;
        Key { kind, id: if *times == 1 { id.to_owned() } else { format!("{id}#{times}") } }
    };
    let place = |id: &StepId| {
        let lessons = course.sections.iter().flat_map(|section| &section.lessons);
        let at = |lesson: &Lesson| lesson.steps.iter().position(|step| step.id == *id);
        lessons.into_iter().find_map(|lesson| at(lesson).map(|n| format!("{} {n}", lesson.id)))
    };
    for (s, section) in (1..).zip(&course.sections) {
        let at = Place::course().child(s as usize, &section.title);
        let section_key = key(Kind::Section, section.id.as_str());
        rows.push(Row {
            key: section_key.clone(),
            under: Key::course(),
            position: s,
            path: at.to_string(),
            print: of_section(section, files),
            node: Node::Section(section),
        });
        for (l, lesson) in (1..).zip(&section.lessons) {
            let at = at.child(l as usize, &lesson.title);
            let lesson_key = key(Kind::Lesson, lesson.id.as_str());
            rows.push(Row {
                key: lesson_key.clone(),
                under: section_key.clone(),
                position: l,
                path: at.to_string(),
                print: of_lesson(lesson),
                node: Node::Lesson(lesson),
            });
            for (t, step) in (1..).zip(&lesson.steps) {
                rows.push(Row {
                    key: key(Kind::Step, step.id.as_str()),
                    under: lesson_key.clone(),
                    position: t,
                    path: at.child(t as usize, &step.title).to_string(),
                    print: of_step(step, files, place),
                    node: Node::Step(step),
                });
            }
        }
    }
    rows
}
