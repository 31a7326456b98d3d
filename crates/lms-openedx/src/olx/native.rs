//! The course as its files say it: pointers followed, bodies found, nothing interpreted yet.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use lms_core::{Error, NativeCounts, Result};

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
    pub(crate) source: String,
    /// The tag in the parent, where the definition is in a file of its own.
    pub(crate) reference: Option<String>,
    /// The file the definition is in, where it has one of its own.
    pub(crate) file: Option<String>,
    /// The body of `html` and its like, and the file it is in.
    pub(crate) body: Option<(String, String)>,
    /// What became of the definition.
    pub(crate) state: State,
    /// `file:line` of the definition, for people.
    pub(crate) place: String,
    /// `file:line` of the tag in the parent.
    pub(crate) at: String,
    /// The blocks in it.
    pub(crate) children: Vec<Native>,
}

impl Native {
    /// The course or library in a folder.
    ///
    /// # Errors
    /// `InvalidInput` with file and line where the root cannot be read.
    pub(crate) fn read(files: &Files) -> Result<Self> {
        let start = if files.has("course.xml") { "course.xml" } else { "library.xml" };
        let mut texts = Texts::load(files);
        let Loaded { text, root } =
            texts.take(files, start).ok_or_else(|| Error::invalid("no such file").on(start))?;
        let text = text?;
        let root = root.unwrap_or_else(|| parse(&text)).map_err(|fault| unreadable(start, &fault))?;
        let mut walk = Walk { files, texts, read: BTreeSet::new() };
        let native = walk
            .resolve(&root, &Rc::new(Text { file: start.to_owned(), text }), 0)
            .ok_or_else(|| Error::invalid("the root is empty").on(start))?;
        match &native.state {
            State::Broken(fault) => Err(unreadable(native.file.as_deref().unwrap_or(start), fault)),
            _ => Ok(native),
        }
    }

    /// The name that Open edX gives it: without a `url_name` or `slug` it is made of its title (reference openedx.md 5.2;
    /// an export of Studio has `Here_s_a_discussion`). Without a title it is a hash that only Open edX can make, so
    /// ours is another one.
    pub(crate) fn known_as(&self) -> String {
        Self::name_of(self.name.as_deref(), &self.tag, &self.element)
    }

    /// The same of a definition.
    pub(crate) fn name_of(name: Option<&str>, tag: &str, element: &Element) -> String {
        let titled = || ["name", "display_name"].iter().find_map(|key| element.get(key));
        match (name, titled().filter(|title| !title.is_empty())) {
            (Some(name), _) => name.to_owned(),
            (None, Some(title)) => clean(title),
            (None, None) => format!("{tag}_1"),
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
struct Text {
    file: String,
    text: String,
}

struct Walk<'a> {
    files: &'a Files,
    texts: Texts,
    read: BTreeSet<String>,
}

impl Walk<'_> {
    /// Follows one tag; `None` where a circle was gone around.
    fn resolve(&mut self, reference: &Element, within: &Rc<Text>, depth: usize) -> Option<Native> {
        if depth > MAX_DEPTH {
            return None;
        }
        let tag = reference.name.clone();
        let name = reference.get("url_name").or_else(|| reference.get("slug")).filter(|n| !n.is_empty());
        let raw = within.text.get(reference.span.clone()).unwrap_or_default().to_owned();
        let mut native = Native {
            name: name.map(str::to_owned),
            element: reference.clone(),
            source: raw.clone(),
            reference: None,
            file: None,
            body: None,
            state: State::Whole,
            place: format!("{}:{}", within.file, reference.line),
            at: format!("{}:{}", within.file, reference.line),
            children: Vec::new(),
            tag,
        };
        let mut within = Rc::clone(within);
        if let Some(name) = name.filter(|_| is_pointer(reference)) {
            let path = format!("{}/{}.xml", native.tag, name.replace(':', "/"));
            if self.files.has(&path) {
                within = self.open(&mut native, &path, &raw)?;
            } else if CONTAINERS.contains(&native.tag.as_str()) || NEEDS_FILE.contains(&native.tag.as_str()) {
                native.state = State::Missing(path);
            }
        }
        if native.state == State::Whole {
            within = self.follow_filename(&mut native, within, &raw)?;
        }
        if native.state == State::Whole && CONTAINERS.contains(&native.tag.as_str()) {
            let children: Vec<Element> =
                native.element.elements().filter(|c| is_block(&native.tag, c)).cloned().collect();
            native.children =
                children.iter().filter_map(|child| self.resolve(child, &within, depth + 1)).collect();
        }
        Some(native)
    }

    /// `filename="x"`: the definition is `tag/x.xml`; for html and its like the body is `tag/x.html`.
    fn follow_filename(&mut self, native: &mut Native, within: Rc<Text>, raw: &str) -> Option<Rc<Text>> {
        let Some(filename) = native.element.get("filename").filter(|_| native.element.is_bare()) else {
            return Some(within);
        };
        let filename = filename.replace(':', "/");
        if matches!(native.tag.as_str(), "html" | "about" | "static_tab" | "course_info") {
            let name = if filename.ends_with(".html") { filename } else { format!("{filename}.html") };
            // The body lies beside the file that names it.
            let beside = native
                .file
                .as_ref()
                .and_then(|file| file.rsplit_once('/'))
                .map(|(dir, _)| format!("{dir}/{name}"));
            let usual = format!("{}/{name}", native.tag);
            let body = beside.filter(|path| self.files.has(path)).unwrap_or(usual);
            match self.texts.take(self.files, &body).map(|loaded| loaded.text) {
                Some(Ok(text)) => {
                    self.read.insert(body.clone());
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
        let path = format!("{}/{filename}", native.tag);
        let path = format!("{path}.xml");
        if !self.files.has(&path) || self.read.contains(&path) {
            return Some(within);
        }
        let attributes = native.element.attributes.clone();
        let within = self.open(native, &path, raw)?;
        // What the referring tag says wins over the file (reference openedx.md 5.2).
        for (key, value) in attributes.iter().filter(|(key, _)| key != "filename") {
            native.element.set(key, value.clone());
        }
        Some(within)
    }

    fn open(&mut self, native: &mut Native, path: &str, raw: &str) -> Option<Rc<Text>> {
        self.read.insert(path.to_owned());
        native.reference.get_or_insert_with(|| raw.to_owned());
        native.file = Some(path.to_owned());
        let Loaded { text, root } = self.texts.take(self.files, path)?;
        let text = match text {
            Ok(text) => text,
            Err(error) => {
                // The file stays a file of the course: its bytes cannot be kept as text.
                (native.reference, native.file) = (None, None);
                native.place = format!("{path}:1");
                native.state = State::Broken(Fault { line: 1, what: error.message().to_owned() });
                return Some(Rc::new(Text { file: path.to_owned(), text: String::new() }));
            }
        };
        match root.unwrap_or_else(|| parse(&text)) {
            Ok(element) => {
                native.place = format!("{path}:{}", element.line);
                native.element = element;
            }
            Err(fault) => {
                native.place = format!("{path}:{}", fault.line);
                native.state = State::Broken(fault);
            }
        }
        native.source.clone_from(&text);
        Some(Rc::new(Text { file: path.to_owned(), text }))
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

/// No content, and no attribute but `url_name` (`org` and `course`, too, on the root).
fn is_pointer(element: &Element) -> bool {
    element.is_bare()
        && element
            .attributes
            .iter()
            .all(|(key, _)| matches!(key.as_str(), "url_name" | "slug" | "org" | "course"))
        && element
            .get("url_name")
            .or_else(|| element.get("slug"))
            .is_some_and(|name| is_inside(&name.replace(':', "/")))
}

fn is_block(parent: &str, child: &Element) -> bool {
    match parent {
        "course" => !COURSE_SETTINGS.contains(&child.name.as_str()),
        "conditional" => child.name != "show",
        _ => true,
    }
}
