//! The neutral model → a course folder.
//!
//! It takes what [`crate::convert::adapt`] leaves. A block that came from OLX and has not changed is
//! written as it stood there; its extras tell how.

mod kept;
mod leaves;
mod settings;
pub(crate) mod spelling;
mod video;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::Path;

use lms_core::{Course, Error, ErrorKind, Extras, Lesson, Platform, Result, Schedule, Section, Step};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::files::{Files, is_inside};
use super::inherited::Inherited;
use super::origin::Origin;
use super::read::{ATTRIBUTES, OTHER_POLICIES, TAG, URL_NAME, is_implied};
use super::xml::escape_attribute;
use crate::convert::markup::{OUTSIDE, Statics};

pub(crate) use kept::{Around, followers, kept};
pub(crate) use settings::CourseKey;

/// Writes a course into an empty folder: all but the assets' bytes, which go to
/// [`super::read::path_of`] their ids. `asset:ID` in texts means the course's own assets.
///
/// # Errors
/// `InvalidInput` for a block that was not adapted to Open edX; `Conflict` where a file of the course that is no block's
/// lies in the place of one; what writing files gives.
pub(crate) fn write(course: &Course, dir: &Path) -> Result<()> {
    write_anew(course, dir, None)
}

/// The same for a course that is there as `before`: files that say the same stay as they are spelled there.
///
/// # Errors
/// As [`write`].
pub(crate) fn write_anew(course: &Course, dir: &Path, before: Option<&Files>) -> Result<()> {
    let mut writer = Writer {
        statics: Statics::of(course),
        taken: taken(course),
        files: BTreeMap::new(),
        containers: containers(course),
        policies: policies(course),
        inherited: Inherited::of(course),
    };
    let mut children = Vec::new();
    for section in &course.sections {
        writer.inherited = Inherited::of(course);
        children.extend(writer.section(section)?);
    }
    settings::course(&mut writer, course, &children)?;
    for (path, text) in &writer.files {
        if writer.taken.contains(path) {
            let why = "a file that belongs to no block lies where this part of the course is to be written: move it away, or \
                       give the other one another url_name";
            return Err(Error::new(ErrorKind::Conflict, why).on(path));
        }
        let there = before.and_then(|files| files.text(path)?.ok());
        let text =
            there.as_deref().filter(|there| spelling::says_the_same(path, there, text)).unwrap_or(text);
        let full = dir.join(path);
        if let Some(parent) = full.parent() {
            fs::create_dir_all(parent).map_err(|e| Error::io(parent.display(), e))?;
        }
        fs::write(&full, text).map_err(|e| Error::io(full.display(), e))?;
    }
    Ok(())
}

struct Writer {
    statics: Statics,
    /// Files of the course that no block is made of: somebody's, and not to be written over.
    taken: HashSet<String>,
    files: BTreeMap<String, String>,
    /// The names of sections, lessons and steps, which blocks must not have.
    containers: BTreeSet<String>,
    /// What `policy.json` will set of single blocks.
    policies: Map<String, Value>,
    /// What the node under way inherits.
    inherited: Inherited,
}

/// What `policy.json` sets of single blocks.
pub(crate) fn policies(course: &Course) -> Map<String, Value> {
    course
        .extras
        .get(Platform::OpenEdx, OTHER_POLICIES)
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

fn containers(course: &Course) -> BTreeSet<String> {
    let name =
        |id: &str, extras: &Extras| text_extra(extras, URL_NAME).map_or_else(|| url_name(id), str::to_owned);
    let lessons = || course.sections.iter().flat_map(|section| &section.lessons);
    let sections = course.sections.iter().map(|section| name(section.id.as_str(), &section.extras));
    let steps = lessons().flat_map(|lesson| &lesson.steps).map(|step| name(step.id.as_str(), &step.extras));
    sections.chain(lessons().map(|lesson| name(lesson.id.as_str(), &lesson.extras))).chain(steps).collect()
}

impl Writer {
    fn section(&mut self, section: &Section) -> Result<Vec<String>> {
        let mut children = Vec::new();
        let inherited = self.inherited.within(&section.extras);
        for lesson in &section.lessons {
            self.inherited = inherited;
            children.extend(self.lesson(lesson)?);
        }
        let node = Node {
            id: section.id.as_str(),
            title: &section.title,
            schedule: &section.schedule,
            extras: &section.extras,
        };
        self.container(&node, "chapter", &[], children)
    }

    fn lesson(&mut self, lesson: &Lesson) -> Result<Vec<String>> {
        let mut children = Vec::new();
        let inherited = self.inherited.within(&lesson.extras);
        for step in &lesson.steps {
            self.inherited = inherited;
            children.extend(self.step(step)?);
        }
        let node = Node {
            id: lesson.id.as_str(),
            title: &lesson.title,
            schedule: &lesson.schedule,
            extras: &lesson.extras,
        };
        let graded: &[(&str, &str)] = match &lesson.category {
            Some(category) => &[("graded", "true"), ("format", category.as_str())],
            None => &[],
        };
        self.container(&node, "sequential", graded, children)
    }

    fn step(&mut self, step: &Step) -> Result<Vec<String>> {
        self.inherited = self.inherited.within(&step.extras);
        let children = self.blocks(&step.blocks)?;
        let node =
            Node { id: step.id.as_str(), title: &step.title, schedule: &step.schedule, extras: &step.extras };
        self.container(&node, "vertical", &[], children)
    }

    /// Writes a container's file; gives the tags for its parent: its own, or its children's where it
    /// is implied.
    fn container(
        &mut self,
        node: &Node<'_>,
        usual_tag: &str,
        more: &[(&str, &str)],
        children: Vec<String>,
    ) -> Result<Vec<String>> {
        if is_implied(node.extras) {
            return Ok(children);
        }
        if let Some(origin) = Origin::kept(node.extras).filter(|_| children.is_empty()) {
            return self.as_it_was(&origin, &origin.source).map(|tag| vec![tag]);
        }
        let tag = text_extra(node.extras, TAG).unwrap_or(usual_tag);
        let wanted = text_extra(node.extras, URL_NAME).map_or_else(|| url_name(node.id), str::to_owned);
        let mut attributes = attributes(node.extras);
        if !node.title.is_empty() {
            attributes.insert("display_name".into(), node.title.to_owned());
        }
        for (key, date) in [("start", node.schedule.start), ("due", node.schedule.due)] {
            if let Some(date) = date {
                attributes.insert(key.into(), date.to_string());
            }
        }
        attributes.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let text = element_text(tag, &attributes, &children);
        let name = self.put_named(tag, &wanted, "xml", text);
        Ok(vec![pointer(tag, &name)])
    }

    /// Writes a node as it stood in its files; gives the tag for its parent. Where a file has been written for another
    /// use of the same block that says something else by now, this one gets a file of its own.
    fn as_it_was(&mut self, origin: &Origin, source: &str) -> Result<String> {
        if let Some(file) = &origin.file
            && (self.taken.contains(file) || self.files.get(file).is_some_and(|there| there != source))
        {
            self.others(origin)?;
            let wanted = if origin.name.is_empty() { &origin.tag } else { &origin.name };
            let name = self.put_named(&origin.tag, wanted, "xml", source.to_owned());
            return Ok(pointer(&origin.tag, &name));
        }
        self.others(origin)?;
        if let Some(file) = &origin.file {
            self.keep_file(file, source)?;
        }
        Ok(origin.reference.clone().unwrap_or_else(|| source.to_owned()))
    }

    /// The other files of a node: bodies, blocks in it.
    fn others(&mut self, origin: &Origin) -> Result<()> {
        origin.files.iter().try_for_each(|(file, text)| self.keep_file(file, text))
    }

    fn keep_file(&mut self, file: &str, text: &str) -> Result<()> {
        if !is_inside(file) {
            return Err(Error::invalid("a block's file would lie outside the course").on(file));
        }
        let there = self.files.entry(file.to_owned()).or_insert_with(|| text.to_owned());
        if there != text {
            let why = "two blocks have this file, with different texts: give one of them another url_name";
            return Err(Error::invalid(why).on(file));
        }
        Ok(())
    }

    /// Writes `tag/name.ending`, under another name where that one holds something else. Gives the
    /// name.
    fn put_named(&mut self, tag: &str, wanted: &str, ending: &str, text: String) -> String {
        let mut name = wanted.to_owned();
        let mut n = 1;
        loop {
            let path = file_of(tag, &name, ending);
            match self.files.get(&path) {
                Some(there) if *there == text => return name,
                None if !self.taken.contains(&path) => {
                    self.files.insert(path, text);
                    return name;
                }
                _ => {
                    n += 1;
                    name = format!("{wanted}-{n}");
                }
            }
        }
    }
}

/// The file that a block of this name is in (reference openedx.md 5.1).
pub(crate) fn file_of(tag: &str, name: &str, ending: &str) -> String {
    format!("{tag}/{}.{ending}", name.replace(':', "/"))
}

/// The files of a course that no block is made of, where blocks may come to lie.
fn taken(course: &Course) -> HashSet<String> {
    let ids = course.assets.iter().map(|asset| asset.id.as_str());
    ids.filter_map(|id| id.strip_prefix(OUTSIDE)).map(str::to_owned).collect()
}

struct Node<'a> {
    id: &'a str,
    title: &'a str,
    schedule: &'a Schedule,
    extras: &'a Extras,
}

pub(crate) fn text_extra<'a>(extras: &'a Extras, key: &str) -> Option<&'a str> {
    extras.get(Platform::OpenEdx, key).and_then(Value::as_str)
}

/// The attributes kept in extras, sorted by name as Studio writes them.
fn attributes(extras: &Extras) -> BTreeMap<String, String> {
    let kept = extras.get(Platform::OpenEdx, ATTRIBUTES).and_then(Value::as_object);
    kept.into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect()
}

/// The tag for a block in a file of its own.
pub(crate) fn pointer(tag: &str, name: &str) -> String {
    format!("<{tag} url_name=\"{}\"/>", escape_attribute(name))
}

/// An element whose children are text already.
fn element_text(tag: &str, attributes: &BTreeMap<String, String>, children: &[String]) -> String {
    let attributes: String =
        attributes.iter().map(|(key, value)| format!(" {key}=\"{}\"", escape_attribute(value))).collect();
    if children.is_empty() {
        return format!("<{tag}{attributes}/>\n");
    }
    let children: String = children.iter().map(|child| format!("  {}\n", child.trim_end())).collect();
    format!("<{tag}{attributes}>\n{children}</{tag}>\n")
}

/// An id as a `url_name`: only characters that Open edX takes (reference openedx.md 4). The same id
/// always gives the same name, so that importing again updates instead of doubling.
pub(crate) fn url_name(id: &str) -> String {
    const LONGEST: usize = 80;
    let taken = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '~' | '.');
    if id.len() <= LONGEST && id.chars().all(taken) && id.chars().any(|c| c != '.') {
        return id.to_owned();
    }
    let clean: String = id.chars().take(LONGEST).map(|c| if taken(c) { c } else { '-' }).collect();
    let hash: String =
        Sha256::digest(id.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{hash}", clean.trim_matches(['-', '.']))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_stay_readable_where_they_can() {
        assert_eq!(url_name("week_1.intro"), "week_1.intro");
        assert!(url_name("неделя 1").starts_with("1-"));
        assert_ne!(url_name("a b"), url_name("a-b"));
    }

    proptest! {
        #[test]
        fn names_are_valid_and_differ(ids in prop::collection::hash_set(".{0,6}", 2..6)) {
            let names: HashSet<String> = ids.iter().map(|id| url_name(id)).collect();
            prop_assert_eq!(names.len(), ids.len());
            for name in names {
                prop_assert!(is_inside(&format!("{name}.xml")) && !name.contains('/'), "{}", name);
            }
        }
    }
}
