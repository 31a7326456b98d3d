//! Block by block.

use std::collections::{HashMap, HashSet};

use lms_core::{Error, Result};

use super::{CheckOptions, Defect, Harm, Rule, capa, files};
use crate::convert::markup::{Statics, to_neutral};
use crate::olx::files::Files;
use crate::olx::native::{CONTAINERS, Native, State};
use crate::olx::xml::{Element, Node};

/// What a stock Open edX has: the platform's own types, and those of the packages that it is shipped with
/// (drag-and-drop-v2, poll and the others as seen on a real Studio, which took courses with them). Not
/// among them are `videosequence` and `abtest`, for which it refused whole courses.
const USUAL: [&str; 54] = [
    "about",
    "annotatable",
    "book",
    "chapter",
    "conditional",
    "course",
    "course_info",
    "custom_tag_template",
    "customtag",
    "discuss",
    "discussion",
    "done",
    "drag-and-drop-v2",
    "edx_sga",
    "error",
    "google-calendar",
    "google-document",
    "hidden",
    "html",
    "image",
    "itembank",
    "library",
    "library_content",
    "library_sourced",
    "lti",
    "lti_consumer",
    "nonstaff_error",
    "openassessment",
    "poll",
    "poll_question",
    "problem",
    "randomize",
    "recommender",
    "scorm",
    "sequential",
    "slides",
    "split_test",
    "staffgradedxblock",
    "static_tab",
    "survey",
    "ubcpi",
    "unit",
    "vertical",
    "video",
    "videoalpha",
    "videodev",
    "word_cloud",
    "wrapper",
    "acid",
    "acid_parent",
    "imageannotation",
    "textannotation",
    "videoannotation",
    "library_tools",
];

/// Elements of HTML that authors leave between blocks, where each is taken for a block.
const HTML: [&str; 26] = [
    "a",
    "b",
    "blockquote",
    "br",
    "center",
    "code",
    "div",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "iframe",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "span",
    "strong",
    "table",
];

/// A second definition of these types under a name that is taken gets a name made of a hash (reference
/// openedx.md 5.2).
const RENAMED: [&str; 7] =
    ["problem", "sequential", "video", "course", "chapter", "poll_question", "vertical"];

/// Whether a site is taken to have a block type.
pub(crate) fn is_known(tag: &str, options: &CheckOptions) -> bool {
    USUAL.contains(&tag) || options.block_types.contains(tag)
}

/// All that is wrong with a course folder.
pub(crate) fn check(folder: &Files, options: &CheckOptions) -> Result<Vec<Defect>> {
    let mut checker = Checker {
        files: folder,
        options,
        statics: Statics::new(folder.list().filter_map(|path| path.strip_prefix("static/"))),
        defects: Vec::new(),
        names: HashMap::new(),
        links: HashSet::new(),
    };
    match Native::read(folder) {
        Ok(root) => {
            checker.root(&root);
            checker.block(&root, None);
            let run = root.name.as_deref().unwrap_or_default();
            files::policies(&mut checker, run);
        }
        Err(error) => checker.unreadable(error)?,
    }
    files::statics(&mut checker);
    let mut defects = checker.defects;
    defects.sort_by(|a, b| {
        (b.harm, &a.file, a.line, a.rule, &a.message).cmp(&(a.harm, &b.file, b.line, b.rule, &b.message))
    });
    Ok(defects)
}

pub(super) struct Checker<'a> {
    pub(super) files: &'a Files,
    options: &'a CheckOptions,
    statics: Statics,
    defects: Vec<Defect>,
    /// Where each name of a type was first, and what stood there.
    names: HashMap<(String, String), (String, String)>,
    links: HashSet<(String, String)>,
}

impl Checker<'_> {
    pub(super) fn find(
        &mut self,
        rule: Rule,
        harm: Harm,
        file: &str,
        line: usize,
        message: impl Into<String>,
    ) {
        self.defects.push(Defect { rule, harm, file: file.to_owned(), line, message: message.into() });
    }

    /// The root, or the file it points to, is no XML. What went wrong in the file system is an error.
    fn unreadable(&mut self, error: Error) -> Result<()> {
        let place = error.resource().unwrap_or_default().to_owned();
        let Some((file, line)) = place.rsplit_once(':').and_then(|(f, l)| Some((f, l.parse().ok()?))) else {
            return Err(error);
        };
        self.find(Rule::UnparsableXml, Harm::Refused, file, line, error.message());
        Ok(())
    }

    fn root(&mut self, root: &Native) {
        let (file, line) = place(root);
        if root.name.is_none() && root.tag == "course" {
            let message = "the course has no url_name, which is its run: give it one";
            self.find(Rule::NoRun, Harm::Refused, file, line, message);
        }
    }

    fn block(&mut self, native: &Native, parent: Option<&Native>) {
        let (file, line) = place(native);
        let harm = if parent.is_none() { Harm::Refused } else { Harm::Lost };
        match &native.state {
            State::Missing(target) => {
                let message = format!(
                    "<{}> points to {target}, which is not there: add the file or take the tag away",
                    native.tag
                );
                self.find(Rule::DanglingPointer, harm, file, line, message);
            }
            State::Broken(fault) => {
                let message = format!("{}; the block and all in it would be left out", fault.what);
                self.find(Rule::UnparsableXml, harm, file, line, message);
            }
            State::Whole => {}
        }
        if let Some(parent) = parent {
            self.type_and_place(native, parent);
        }
        self.name(native);
        if native.state != State::Whole {
            return;
        }
        if CONTAINERS.contains(&native.tag.as_str()) {
            self.bare_text(native, file);
        } else {
            self.links(native, file);
            if native.tag == "problem" {
                for (line, message) in capa::faults(&native.element) {
                    self.find(Rule::BrokenProblem, Harm::Lost, file, line, message);
                }
            }
        }
        for child in &native.children {
            self.block(child, Some(native));
        }
    }

    fn type_and_place(&mut self, native: &Native, parent: &Native) {
        let (file, line) = split(&native.at);
        let tag = native.tag.as_str();
        if HTML.contains(&tag) {
            let message = format!("<{tag}> stands where a block must stand: put the text into an html block");
            return self.find(Rule::BareText, Harm::Refused, file, line, message);
        }
        if !is_known(tag, self.options) {
            let message = format!(
                "<{tag}> is no usual block type, and one that the site has not makes the whole import fail: \
                 name it in block_types if the site has it"
            );
            return self.find(Rule::UnknownBlock, Harm::Refused, file, line, message);
        }
        let usual = match parent.tag.as_str() {
            "course" => tag == "chapter",
            "chapter" => tag == "sequential",
            "sequential" => tag == "vertical",
            _ => !matches!(tag, "course" | "chapter" | "library"),
        };
        if !usual {
            let message = format!("<{tag}> in <{}>: Studio does not show it there", parent.tag);
            self.find(Rule::OddPlace, Harm::Doubtful, file, line, message);
        }
    }

    fn name(&mut self, native: &Native) {
        let Some(name) = &native.name else { return };
        let (file, line) = split(&native.at);
        // Of other characters than ASCII a real Studio took more than letters.
        let takes = |c: char| {
            c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '~' | '.' | ':' | '%') || !c.is_ascii()
        };
        if let Some(odd) = name.chars().find(|c| !takes(*c)) {
            let message = format!("the url_name {name:?} has a {odd:?}, which no usage key can hold");
            self.find(Rule::BadUrlName, Harm::Lost, file, line, message);
        }
        let said = native.body.as_ref().map_or(&native.source, |(_, body)| body).clone();
        let key = (native.tag.clone(), name.clone());
        let Some((first, was)) = self.names.get(&key).cloned() else {
            self.names.insert(key, (format!("{file}:{line}"), said));
            return;
        };
        let (harm, what) = match RENAMED.contains(&native.tag.as_str()) {
            // Seen on a real Studio: the block then has two places in the tree.
            _ if was == said => (Harm::Doubtful, "both are one block, with one state for each learner"),
            true => (Harm::Doubtful, "the second gets a name of its own, another one after each change"),
            // Seen there, too.
            false => (Harm::Lost, "both show what the last one says"),
        };
        let message = format!("the {} {name} is there already ({first}): {what}", native.tag);
        self.find(Rule::DuplicateUrlName, harm, file, line, message);
    }

    fn bare_text(&mut self, native: &Native, file: &str) {
        let mut from = native.element.span.start;
        let mut found = Vec::new();
        for node in &native.element.children {
            match node {
                Node::Element(element) => from = element.span.end,
                Node::Text(text) | Node::CData(text) if !text.trim().is_empty() => {
                    found.push((from, text.trim().to_owned()));
                }
                _ => {}
            }
        }
        if found.is_empty() {
            return;
        }
        let whole = self.files.text(file).and_then(Result::ok).unwrap_or_default();
        for (from, text) in found {
            let word = text.split_whitespace().next().unwrap_or_default();
            let rest = whole.get(from..).unwrap_or_default();
            let at = from + rest.find(word).unwrap_or(0);
            let line = 1 + whole.bytes().take(at).filter(|byte| *byte == b'\n').count();
            let start: String = text.chars().take(40).collect();
            let message = format!(
                "the text {start:?} stands in <{}> where a block must stand, and nobody would see it: put it \
                 into an html block",
                native.tag
            );
            self.find(Rule::BareText, Harm::Lost, file, line, message);
        }
    }

    /// Files that a block names and that are not there.
    fn links(&mut self, native: &Native, file: &str) {
        if let Some((body, text)) = &native.body {
            for link in to_neutral(text, &self.statics).links() {
                let at = text.find(&link).unwrap_or(0);
                let line = 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
                self.link(&link, body, line);
            }
        }
        for element in native.element.descendants() {
            for (_, value) in &element.attributes {
                self.link(value, file, element.line);
            }
            if native.tag == "video" {
                self.transcripts(element, file);
            }
        }
    }

    fn transcripts(&mut self, element: &Element, file: &str) {
        let listed = element.get("transcripts").and_then(|text| serde_json::from_str(text).ok());
        let listed: serde_json::Map<String, serde_json::Value> = listed.unwrap_or_default();
        let of_element = element.get("src").filter(|_| element.name == "transcript").map(str::to_owned);
        let names = listed.values().filter_map(|name| name.as_str().map(str::to_owned)).chain(of_element);
        for name in names.filter(|name| !name.is_empty() && !name.contains('/')).collect::<Vec<_>>() {
            self.link(&format!("/static/{name}"), file, element.line);
        }
    }

    fn link(&mut self, link: &str, file: &str, line: usize) {
        let Some(name) = link.strip_prefix("/static/") else { return };
        let name = name.split(['?', '#']).next().unwrap_or_default();
        // Parts of names are filled in by scripts.
        if name.is_empty() || name.contains('$') || self.statics.find(name).is_some() {
            return;
        }
        if self.links.insert((file.to_owned(), name.to_owned())) {
            let message = format!("static/{name} is not there: learners would meet a broken link");
            self.find(Rule::MissingStatic, Harm::Doubtful, file, line, message);
        }
    }
}

fn place(native: &Native) -> (&str, usize) {
    split(&native.place)
}

fn split(place: &str) -> (&str, usize) {
    match place.rsplit_once(':') {
        Some((file, line)) => (file, line.parse().unwrap_or(0)),
        None => (place, 0),
    }
}
