//! Putting a course together from its native objects (reference stepik.md 5.1).

use std::collections::{BTreeMap, HashMap, HashSet};

use lms_core::{
    Asset, AssetId, AssetRole, BlockId, Content, Course, Finding, Lesson, Markup, NativeCounts, Place,
    Section, Severity, Step,
};
use serde_json::Value;

use crate::Stepik;
use crate::convert::{Losses, media_path, read_course, read_lesson, read_section, read_step};
use crate::tree::Tree;
use crate::wire::{self, Attachment};

/// The whole course: what of its steps was found, and the files attached to it.
pub(crate) fn read(
    stepik: &Stepik,
    tree: &Tree,
    steps: HashMap<u64, wire::Step>,
    attached: &[Attachment],
) -> Content {
    Reader { stepik, tree, steps, findings: Vec::new(), native: NativeCounts::default() }.read(attached)
}

/// The course down to its steps, which are named by their ids and hold nothing.
pub(crate) fn outline(stepik: &Stepik, tree: &Tree) -> Course {
    let mut losses = Losses::default();
    let mut course = read_course(stepik.base(), &tree.course, &mut losses);
    course.sections = tree
        .sections
        .iter()
        .map(|section| {
            let lessons = tree.lessons_of(section).map(|(unit, lesson)| Lesson {
                steps: lesson.steps.iter().map(|id| Step::new(*id, "")).collect(),
                ..read_lesson(lesson, unit, course.language.as_deref())
            });
            Section { lessons: lessons.collect(), ..read_section(stepik.site(), section, &mut losses) }
        })
        .collect();
    course
}

struct Reader<'a> {
    stepik: &'a Stepik,
    tree: &'a Tree,
    steps: HashMap<u64, wire::Step>,
    findings: Vec<Finding>,
    native: NativeCounts,
}

impl Reader<'_> {
    fn read(mut self, attached: &[Attachment]) -> Content {
        let (tree, base) = (self.tree, self.stepik.base());
        let mut losses = Losses::default();
        let mut course = read_course(base, &tree.course, &mut losses);
        self.findings.extend(losses.findings("course"));
        let found: HashSet<u64> = tree.sections.iter().map(|section| section.id).collect();
        self.missing(
            "section",
            tree.course.sections.iter().filter(|id| !found.contains(id)),
            &Place::course(),
        );
        let mut lessons_seen = HashSet::new();
        for (s, section) in tree.sections.iter().enumerate() {
            let place = Place::course().child(s + 1, &section.title);
            let mut losses = Losses::default();
            let mut section_to = read_section(self.stepik.site(), section, &mut losses);
            self.findings.extend(losses.findings(&place.to_string()));
            let lost = section
                .units
                .iter()
                .filter(|id| tree.units.get(id).is_none_or(|unit| !tree.lessons.contains_key(&unit.lesson)));
            self.missing("unit or its lesson", lost, &place);
            for (l, (unit, lesson)) in tree.lessons_of(section).enumerate() {
                let place = place.child(l + 1, &lesson.title);
                let mut lesson_to = read_lesson(lesson, unit, course.language.as_deref());
                let copy = (!lessons_seen.insert(lesson.id)).then_some(unit.id);
                if copy.is_some() {
                    self.findings.push(
                        Finding::new(
                            Severity::Approximated,
                            place.to_string(),
                            format!("lesson {}", lesson.id),
                            "it stands in the course more than once",
                        )
                        .with_fallback("a copy"),
                    );
                }
                lesson_to.steps = self.lesson_steps(lesson, copy, &place);
                section_to.lessons.push(lesson_to);
            }
            course.sections.push(section_to);
        }
        course.assets = self.assets(&course.description, course.cover.as_ref(), attached);
        Content { course, findings: self.findings, native: self.native }
    }

    fn lesson_steps(&mut self, lesson: &wire::Lesson, copy: Option<u64>, place: &Place) -> Vec<Step> {
        let mut read = Vec::with_capacity(lesson.steps.len());
        let missing: Vec<u64> =
            lesson.steps.iter().copied().filter(|id| !self.steps.contains_key(id)).collect();
        self.missing("step", missing.iter(), place);
        for (t, id) in lesson.steps.iter().enumerate() {
            let Some(step) = self.steps.get(id) else { continue };
            self.native.block(step.name());
            if step.is_quiz() {
                self.native.exercise(step.name());
            }
            let block = match copy {
                None => BlockId::from(*id),
                Some(unit) => BlockId::from(format!("{id}@{unit}")),
            };
            let mut losses = Losses::default();
            let mut step_to = Step::new(block.as_str(), "");
            step_to.blocks.push(read_step(self.stepik.site(), &block, step, &mut losses));
            let path = place.child(t + 1, format!("{} {id}", step.name())).to_string();
            self.findings.extend(losses.findings(&path).map(|finding| finding.with_block(&block)));
            read.push(step_to);
        }
        read
    }

    /// The platform leaves out what may not be seen, without a word (reference stepik.md 2.5).
    fn missing<'i>(&mut self, what: &str, ids: impl Iterator<Item = &'i u64>, place: &Place) {
        for id in ids {
            self.findings.push(Finding::new(
                Severity::Dropped,
                place.to_string(),
                format!("{what} {id}"),
                "Stepik names it and does not give it out: deleted, or not to be seen by this account",
            ));
        }
    }

    fn assets(&self, description: &Markup, cover: Option<&AssetId>, attached: &[Attachment]) -> Vec<Asset> {
        let base = self.stepik.base();
        let mut assets: BTreeMap<AssetId, Asset> = BTreeMap::new();
        let mut add = |id: AssetId, name: Option<&str>, size: Option<f64>| {
            let name = name.map_or_else(|| file_name(id.as_str()), str::to_owned);
            let size = size.filter(|n| *n >= 0.0).map(|n| n as u64);
            let asset = Asset { id: id.clone(), name, media_type: None, size, role: AssetRole::Content };
            assets.entry(id).or_insert(asset);
        };
        for file in attached {
            if let Some(path) = media_path(base, &file.file) {
                add(path.into(), Some(&file.name).filter(|n| !n.is_empty()).map(String::as_str), file.size);
            }
        }
        for id in description.assets().into_iter().chain(cover.cloned()) {
            add(id, None, None);
        }
        let mut linked = Vec::new();
        for step in self.steps.values() {
            for value in step.block.values() {
                links(value, &mut linked);
            }
        }
        for link in linked {
            if let Some(path) = media_path(base, &link) {
                add(path.into(), None, None);
            }
        }
        assets.into_values().collect()
    }
}

/// The links in every text of a block.
fn links(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains("/media/") => {
            found.extend(Markup::from_html(text.as_str()).links())
        }
        Value::Array(items) => items.iter().for_each(|item| links(item, found)),
        Value::Object(of) => of.values().for_each(|item| links(item, found)),
        _ => {}
    }
}

/// The last part of a path, percent-decoded.
fn file_name(path: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or_default();
    let decoded = url::form_urlencoded::parse(format!("x={}", last.replace('+', "%2B")).as_bytes())
        .next()
        .map(|(_, name)| name.into_owned());
    decoded.filter(|name| !name.is_empty()).unwrap_or_else(|| "file".to_owned())
}
