//! The course as its files say it: pointers followed, bodies found, nothing interpreted yet.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use lms_core::{Error, NativeCounts, Result};

use super::excerpt::{Excerpt, Place};
use super::files::{Files, is_inside};
use super::loaded::{Loaded, Texts};
use super::xml::{Element, Fault, parse};

/// Their children are blocks; the children of every other block are its own content.
pub(crate) const CONTAINERS: [&str; 14] = [
    "course",
    "chapter",
    "sequential",
    "vertical",
    "split_test",
    "conditional",
    "library_content",
    "randomize",
    "wrapper",
    "itembank",
    "library",
    "videosequence",
    "problemset",
    "video_sequence",
];

/// Blocks that never stand as `<tag url_name="x"/>` alone: without their file they are missing.
const NEEDS_FILE: [&str; 7] =
    ["html", "video", "problem", "annotatable", "about", "static_tab", "course_info"];

/// Children of `<course>` that are settings.
pub(crate) const COURSE_SETTINGS: [&str; 5] = ["wiki", "textbook", "grading_policy", "license", "syllabus"];

/// A pointer chain longer than this goes in a circle.
const MAX_DEPTH: usize = 40;

/// What became of a block's definition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum State {
    /// It was read.
    Whole,
    /// It points to a file that is not there.
    Missing(String),
    /// Its file cannot be read as XML.
    Broken(Fault),
}

/// One block of the native tree.
#[derive(Debug, Clone)]
pub(crate) struct Native {
    /// Its type, by the tag in its parent.
    pub(crate) tag: String,
    /// Its `url_name`, where it has one.
    pub(crate) name: Option<String>,
    /// Its definition.
    pub(crate) element: Element,
    /// The definition's text: its whole file, or its place in the parent's.
    pub(crate) source: Excerpt,
    /// The tag in the parent, where the definition is in a file of its own.
    pub(crate) reference: Option<Excerpt>,
    /// The file the definition is in, where it has one of its own.
    pub(crate) file: Option<Arc<str>>,
    /// The body of `html` and its like, and the file it is in.
    pub(crate) body: Option<(String, Arc<str>)>,
    /// What became of the definition.
    pub(crate) state: State,
    /// Where the definition stands.
    pub(crate) place: Place,
    /// Where the tag in the parent stands.
    pub(crate) at: Place,
    /// The blocks in it.
    pub(crate) children: Vec<Native>,
}

impl Native {
    /// The course or library in a folder.
    ///
    /// # Errors
    /// `InvalidInput` with file and line where the root cannot be read.
    pub(crate) fn read(files: &Files) -> Result<Self> {
        Ok(Self::read_with_root(files)?.0)
    }

    /// The same, and the element of `course.xml` or `library.xml`, which names the organization and may be no more than a
    /// pointer.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(crate) fn read_with_root(files: &Files) -> Result<(Self, Element)> {
        Self::walk(Walk { files, texts: Texts::load(files), read: HashSet::new(), whole: true })
    }

    /// The same without the blocks in it.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(crate) fn read_root(files: &Files) -> Result<(Self, Element)> {
        Self::walk(Walk { files, texts: Texts::default(), read: HashSet::new(), whole: false })
    }

    fn walk(mut walk: Walk<'_>) -> Result<(Self, Element)> {
        let start = if walk.files.has("course.xml") { "course.xml" } else { "library.xml" };
        let Loaded { text, root } =
            walk.texts.take(walk.files, start).ok_or_else(|| Error::invalid("no such file").on(start))?;
        let text = text?;
        let root = root.unwrap_or_else(|| parse(&text)).map_err(|fault| unreadable(start, &fault))?;
        let native = walk
            .resolve(&root, &Text { file: start.into(), text: text.into() }, 0)
            .ok_or_else(|| Error::invalid("the root is empty").on(start))?;
        match &native.state {
            State::Broken(fault) => Err(unreadable(native.file.as_deref().unwrap_or(start), fault)),
            _ => Ok((native, root)),
        }
    }

    /// The name that Open edX gives it: without a `url_name` or `slug` it is made of its title (reference openedx.md 5.2;
    /// an export of Studio has `Here_s_a_discussion`). Without a title it is a hash that only Open edX can make, so
    /// ours is another one.
    pub(crate) fn known_as(&self) -> Cow<'_, str> {
        Self::name_of(self.name.as_deref(), &self.tag, &self.element)
    }

    /// The same of a definition.
    pub(crate) fn name_of<'a>(name: Option<&'a str>, tag: &str, element: &Element) -> Cow<'a, str> {
        let titled = || ["name", "display_name"].iter().find_map(|key| element.get(key));
        match (name, titled().filter(|title| !title.is_empty())) {
            (Some(name), _) => name.into(),
            (None, Some(title)) => clean(title).into(),
            (None, None) => format!("{tag}_1").into(),
        }
    }

    /// How many blocks and responses of each name can be reached.
    pub(crate) fn count(&self, counts: &mut NativeCounts) {
        if matches!(self.state, State::Broken(_)) {
            counts.block(&format!("{} (unparsable)", self.tag));
            return;
        }
        counts.block(&self.tag);
        if self.tag == "problem" {
            for element in self.element.descendants() {
                if element.name.ends_with("response") {
                    counts.exercise(&element.name);
                }
            }
        }
        for child in &self.children {
            child.count(counts);
        }
    }

    /// How many different blocks of each type are whole: tags with one name are one block.
    pub(crate) fn distinct(&self) -> BTreeMap<String, usize> {
        let (mut seen, mut counts) = (BTreeSet::new(), BTreeMap::new());
        self.gather(&mut seen, &mut counts);
        counts
    }

    fn gather(&self, seen: &mut BTreeSet<(String, String)>, counts: &mut BTreeMap<String, usize>) {
        if self.state != State::Whole {
            return;
        }
        if self.name.as_ref().is_none_or(|name| seen.insert((self.tag.clone(), name.clone()))) {
            *counts.entry(self.tag.clone()).or_default() += 1;
        }
        self.children.iter().for_each(|child| child.gather(seen, counts));
    }

    /// Every file that this block and those in it are read from, with its text; `own` with the
    /// block's own definition.
    pub(crate) fn texts(&self, own: bool) -> BTreeMap<&str, &str> {
        let mut found = BTreeMap::new();
        self.collect(own, &mut found);
        found
    }

    fn collect<'a>(&'a self, own: bool, found: &mut BTreeMap<&'a str, &'a str>) {
        if let (true, Some(file)) = (own, &self.file) {
            found.insert(file, &self.source);
        }
        if let Some((file, text)) = &self.body {
            found.insert(file, text);
        }
        self.children.iter().for_each(|child| child.collect(true, found));
    }
}

fn unreadable(file: &str, fault: &Fault) -> Error {
    Error::invalid(format!("the file is not well-formed XML: {}; mend it and try again", fault.what))
        .on(format!("{file}:{}", fault.line))
}

/// A file that blocks are defined in.
#[derive(Clone)]
struct Text {
    file: Arc<str>,
    text: Excerpt,
}

struct Walk<'a> {
    files: &'a Files,
    texts: Texts,
    read: HashSet<Arc<str>>,
    /// Whether blocks in blocks are followed.
    whole: bool,
}

impl Walk<'_> {
    /// Follows one tag; `None` where a circle was gone around.
    fn resolve(&mut self, reference: &Element, within: &Text, depth: usize) -> Option<Native> {
        if depth > MAX_DEPTH {
            return None;
        }
        let tag = reference.name.clone();
        let name = reference.get("url_name").or_else(|| reference.get("slug")).filter(|n| !n.is_empty());
        let raw = within.text.part(&reference.span);
        let at = Place { file: Arc::clone(&within.file), line: reference.line };
        let file = pointed_to(reference);
        let mut native = Native {
            name: name.map(str::to_owned),
            element: Element::default(),
            source: raw.clone(),
            reference: None,
            file: None,
            body: None,
            state: State::Whole,
            place: at.clone(),
            at,
            children: Vec::new(),
            tag,
        };
        let mut within = within.clone();
        let mut opened = false;
        if let Some(path) = file {
            if self.files.has(&path) {
                within = self.open(&mut native, path.into(), &raw)?;
                opened = native.state == State::Whole;
            } else if CONTAINERS.contains(&native.tag.as_str()) || NEEDS_FILE.contains(&native.tag.as_str()) {
                native.state = State::Missing(path);
            }
        }
        if !opened {
            native.element = reference.clone();
        }
        if native.state == State::Whole {
            within = self.follow_filename(&mut native, within, &raw)?;
        }
        if self.whole && native.state == State::Whole && CONTAINERS.contains(&native.tag.as_str()) {
            let blocks = native.element.elements().filter(|child| is_block(&native.tag, child));
            native.children = blocks.filter_map(|child| self.resolve(child, &within, depth + 1)).collect();
        }
        Some(native)
    }

    /// `filename="x"`: the definition is `tag/x.xml`; for html and its like the body is `tag/x.html`.
    fn follow_filename(&mut self, native: &mut Native, within: Text, raw: &Excerpt) -> Option<Text> {
        let Some(filename) = native.element.get("filename").filter(|_| native.element.is_bare()) else {
            return Some(within);
        };
        let filename = filename.replace(':', "/");
        if matches!(native.tag.as_str(), "html" | "about" | "static_tab" | "course_info") {
            let name = if filename.ends_with(".html") { filename } else { filename + ".html" };
            // The body lies beside the file that names it.
            let beside = native
                .file
                .as_ref()
                .and_then(|file| file.rsplit_once('/'))
                .map(|(dir, _)| [dir, "/", &name].concat());
            let usual = || [&native.tag, "/", &name].concat();
            let body = beside.filter(|path| self.files.has(path)).unwrap_or_else(usual);
            match self.texts.take(self.files, &body).map(|loaded| loaded.text) {
                Some(Ok(text)) => {
                    native.body = Some((body, text));
                }
                Some(Err(error)) => {
                    let fault = Fault { line: 1, what: error.message().to_owned() };
                    native.state = State::Broken(fault);
                }
                None => native.state = State::Missing(body),
            }
            return Some(within);
        }
        let path = [&native.tag, "/", &filename, ".xml"].concat();
        if !self.files.has(&path) || self.read.contains(path.as_str()) {
            return Some(within);
        }
        let attributes = native.element.attributes.clone();
        let within = self.open(native, path.into(), raw)?;
        // What the referring tag says wins over the file (reference openedx.md 5.2).
        for (key, value) in attributes.iter().filter(|(key, _)| key != "filename") {
            native.element.set(key, value.clone());
        }
        Some(within)
    }

    fn open(&mut self, native: &mut Native, path: Arc<str>, raw: &Excerpt) -> Option<Text> {
        self.read.insert(Arc::clone(&path));
        native.reference.get_or_insert_with(|| raw.clone());
        native.file = Some(Arc::clone(&path));
        let Loaded { text, root } = self.texts.take(self.files, &path)?;
        let place = |line| Place { file: Arc::clone(&path), line };
        let text = match text {
            Ok(text) => text,
            Err(error) => {
                // The file stays a file of the course: its bytes cannot be kept as text.
                (native.reference, native.file) = (None, None);
                native.place = place(1);
                native.state = State::Broken(Fault { line: 1, what: error.message().to_owned() });
                return Some(Text { text: Excerpt::default(), file: path });
            }
        };
        match root.unwrap_or_else(|| parse(&text)) {
            Ok(element) => {
                native.place = place(element.line);
                native.element = element;
            }
            Err(fault) => {
                native.place = place(fault.line);
                native.state = State::Broken(fault);
            }
        }
        native.source = text.into();
        Some(Text { text: native.source.clone(), file: path })
    }
}

/// A title as a name: what is no part of a name becomes `_`, and several of these one.
fn clean(title: &str) -> String {
    let mut name = String::new();
    for c in title.chars() {
        let c = if c.is_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' };
        if c != '_' || !name.ends_with('_') {
            name.push(c);
        }
    }
    name
}

/// The file that holds the definition, where the tag is no more than a pointer: no content, and no attribute but
/// `url_name` (`org` and `course`, too, on the root).
fn pointed_to(element: &Element) -> Option<String> {
    let is_name = |key: &str| matches!(key, "url_name" | "slug" | "org" | "course");
    if !element.is_bare() || !element.attributes.iter().all(|(key, _)| is_name(key)) {
        return None;
    }
    let name = element.get("url_name").or_else(|| element.get("slug"))?.replace(':', "/");
    is_inside(&name).then(|| [&element.name, "/", &name, ".xml"].concat())
}

fn is_block(parent: &str, child: &Element) -> bool {
    match parent {
        "course" => !COURSE_SETTINGS.contains(&child.name.as_str()),
        "conditional" => child.name != "show",
        _ => true,
    }
}
