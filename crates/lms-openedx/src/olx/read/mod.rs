//! A course folder → the neutral model.

mod assets;
mod leaves;
mod settings;
mod structure;

use std::collections::HashSet;
use std::fmt;

use lms_core::{Block, BlockBody, Content, Course, CourseId, Finding, NativeCounts, Result, Severity, Text};
use serde_json::{Map, Value};

use self::assets::BrokenLinks;
use super::files::Files;
use super::inherited::Inherited;
use super::native::Native;
use super::threads;
use super::xml::Element;
use crate::convert::markup::Statics;

pub(crate) use assets::path_of;
pub(crate) use leaves::{INPUT, PART_OF, overlaid, prompts, read_html, read_problem, read_video, title_of};
pub(crate) use settings::{GRADING, OTHER_POLICIES, POLICY, ROOT, SETTINGS, policy};
pub(crate) use structure::{ATTRIBUTES, IMPLIED, TAG, URL_NAME, is_implied};

/// Reads the course that files are. Its assets' bytes are at [`path_of`] their ids, below [`Files::root`].
///
/// # Errors
/// `InvalidInput` with file and line where nothing can be read; what is broken further down is
/// named in the findings.
pub(crate) fn read(files: &Files) -> Result<Content> {
    let (native, root) = Native::read_with_root(files)?;
    let mut counts = NativeCounts::default();
    native.count(&mut counts);
    let sources = assets::sources(&native);
    let run = native.name.clone();
    let mut reader = Reader::new(files);
    let mut course = structure::course(&mut reader, native, &root);
    let links = reader.read_leaves(&mut course);
    course.assets = assets::list(&mut reader, sources, run.as_deref());
    assets::name_broken(&mut reader, &course, &links);
    Ok(Content { course, findings: reader.findings, native: counts })
}

/// The course without sections and files, from no more of its files than that takes.
///
/// # Errors
/// As [`read`].
pub(crate) fn header(files: &Files) -> Result<Course> {
    let (native, root) = Native::read_root(files)?;
    Ok(settings::course(&mut Reader::new(files), &native, &root))
}

/// Reads a folder.
#[cfg(test)]
pub(crate) fn read_folder(path: &std::path::Path) -> Result<Content> {
    read(&Files::find(path)?)
}

/// The id of the course whose root file has this element.
fn course_id(native: &Native, root: &Element) -> CourseId {
    let org = root.get("org").unwrap_or("edx");
    let run = native.name.as_deref().unwrap_or("course");
    if native.tag == "library" {
        let library = root.get("library").unwrap_or(run);
        return CourseId::new(format!("library-v1:{org}+{library}"));
    }
    let number = root.get("course").unwrap_or("course");
    CourseId::new(format!("course-v1:{org}+{number}+{run}"))
}

/// What all of reading needs.
struct Reader<'a> {
    files: &'a Files,
    around: Around,
    findings: Vec<Finding>,
    ids: HashSet<(&'static str, String)>,
    /// Settings in `policy.json` that became attributes of the node they are about.
    overlaid: HashSet<String>,
    leaves: Vec<Leaf>,
}

/// What is around a block and needed to read it.
struct Around {
    statics: Statics,
    /// Settings of single blocks in `policy.json`, by `tag/url_name`.
    policies: Map<String, Value>,
}

/// A block whose place in the course is known. What is in it is read when all places are, by several threads.
struct Leaf {
    native: Native,
    id: String,
    inherited: Inherited,
    /// How many findings come before its own.
    after: usize,
}

impl<'a> Reader<'a> {
    fn new(files: &'a Files) -> Self {
        let around = Around {
            statics: Statics::new(files.list().filter_map(|path| path.strip_prefix("static/"))),
            policies: Map::new(),
        };
        let (findings, leaves) = (Vec::new(), Vec::new());
        Self { files, around, findings, ids: HashSet::new(), overlaid: HashSet::new(), leaves }
    }

    /// An id that no other node of its kind has: a second use of a name gets `~2`.
    fn unique(&mut self, kind: &'static str, name: &str) -> String {
        let mut id = name.to_owned();
        let mut n = 1;
        while !self.ids.insert((kind, id.clone())) {
            n += 1;
            id = format!("{name}~{n}");
        }
        id
    }

    fn find(
        &mut self,
        severity: Severity,
        path: impl fmt::Display,
        what: impl Into<String>,
        why: impl Into<String>,
    ) {
        self.findings.push(Finding::new(severity, path.to_string(), what, why));
    }

    /// Keeps a place for a block.
    fn leaf(&mut self, native: Native, inherited: Inherited) -> Block {
        let id = self.unique("block", &[&native.tag, "/", &*native.known_as()].concat());
        self.leaves.push(Leaf { native, id, inherited, after: self.findings.len() });
        Block::new("", BlockBody::Text(Text::default()))
    }

    /// Puts what the blocks are into the places kept for them, and gives back their broken links.
    fn read_leaves(&mut self, course: &mut Course) -> Vec<BrokenLinks> {
        // They are not given to the threads: what one thread allocated and many free, they wait for each other to free.
        let leaves = std::mem::take(&mut self.leaves);
        let read = threads::map(leaves.iter().collect(), |leaf| leaves::read(leaf, &self.around));
        let (mut findings, mut links, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
        let mut outer = std::mem::take(&mut self.findings).into_iter();
        let mut taken = 0;
        for (leaf, read) in leaves.iter().zip(read) {
            findings.extend(outer.by_ref().take(leaf.after - taken));
            taken = leaf.after;
            findings.extend(read.findings);
            links.extend(read.links);
            blocks.push(read.blocks);
        }
        findings.extend(outer);
        self.findings = findings;
        let mut blocks = blocks.into_iter();
        let lessons = course.sections.iter_mut().flat_map(|section| &mut section.lessons);
        for step in lessons.flat_map(|lesson| &mut lesson.steps) {
            let places = step.blocks.len();
            step.blocks = blocks.by_ref().take(places).flatten().collect();
        }
        links
    }
}
