//! A course folder → the neutral model.

mod assets;
mod leaves;
mod settings;
mod structure;

use std::collections::HashSet;
use std::rc::Rc;

use lms_core::{Content, CourseId, Finding, NativeCounts, Result, Severity};
use serde_json::{Map, Value};

use super::files::Files;
use super::native::Native;
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
    let native = Native::read(files)?;
    let mut counts = NativeCounts::default();
    native.count(&mut counts);
    let statics = Rc::new(Statics::new(files.list().filter_map(|path| path.strip_prefix("static/"))));
    let mut reader = Reader {
        files,
        statics,
        findings: Vec::new(),
        ids: HashSet::new(),
        policies: Map::new(),
        overlaid: HashSet::new(),
    };
    let mut course = structure::course(&mut reader, &native);
    course.assets = assets::list(&mut reader, &native);
    assets::check_links(&mut reader, &course);
    Ok(Content { course, findings: reader.findings, native: counts })
}

/// The same of a folder.
#[cfg(test)]
pub(crate) fn read_folder(path: &std::path::Path) -> Result<Content> {
    read(&Files::find(path)?)
}

/// The id of the course in a folder, without reading all of it.
pub(crate) fn course_id(native: &Native, root: &super::xml::Element) -> CourseId {
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
pub(super) struct Reader<'a> {
    files: &'a Files,
    statics: Rc<Statics>,
    findings: Vec<Finding>,
    ids: HashSet<String>,
    /// Settings of single blocks in `policy.json`, by `tag/url_name`.
    policies: Map<String, Value>,
    /// Those of them that became attributes of the node they are about.
    overlaid: HashSet<String>,
}

impl Reader<'_> {
    /// An id that no other node of its kind has: a second use of a name gets `~2`.
    fn unique(&mut self, kind: &str, name: &str) -> String {
        let mut id = name.to_owned();
        let mut n = 1;
        while !self.ids.insert(format!("{kind}\0{id}")) {
            n += 1;
            id = format!("{name}~{n}");
        }
        id
    }

    fn find(&mut self, severity: Severity, path: &str, what: impl Into<String>, why: impl Into<String>) {
        self.findings.push(Finding::new(severity, path, what, why));
    }
}
