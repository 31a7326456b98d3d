//! From course folders to the neutral model.

mod course;
mod problem;
mod settings;
mod task;
mod toc;

use std::collections::HashSet;

use lms_core::{Finding, Markup, NativeCounts, Severity};
use serde_json::{Map, Value};

use super::rst::{self, Shape};

pub(crate) use course::{UNLISTED, read_course};
pub(crate) use problem::{Decider, read_problem};
pub(crate) use settings::{Access, Settings, accessibility, accessibility_of, config_of};
pub(crate) use task::{TaskFiles, container, mcq, read_task};
pub(crate) use toc::{Holds, Toc, TocSection, read_toc};

/// What reading a course needs and gathers.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// The id of the course, for links of the form `/course/ID/…`.
    pub(crate) course: String,
    /// The files of the course.
    pub(crate) files: HashSet<String>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) native: NativeCounts,
    /// Whether a date was read.
    pub(crate) dates: bool,
}

impl Reading {
    pub(crate) fn find(
        &mut self,
        severity: Severity,
        path: impl Into<String>,
        what: &str,
        why: impl Into<String>,
    ) {
        self.findings.push(Finding::new(severity, path, what, why));
    }

    /// A text in the neutral form. Its source goes to `sources` where it would not come back as it is.
    pub(crate) fn text(
        &mut self,
        source: &str,
        shape: Shape,
        key: &str,
        place: &Place,
        sources: &mut Sources,
    ) -> Markup {
        let rendered = rst::to_html(source, shape);
        for note in &rendered.notes {
            let path = place.at(note.line.saturating_sub(1));
            self.find(Severity::Approximated, path, key, note.text.clone());
        }
        if rst::from_html(&rendered.html) != source {
            sources.0.insert(key.to_owned(), Value::from(source));
        }
        Markup::from_html(rendered.html).map_links(|link| self.file_link(link))
    }

    /// `task/figure.svg`, as it is linked in a text, to the file it stands for.
    fn file_link(&self, link: &str) -> Option<String> {
        let own = format!("/course/{}/", self.course);
        let inside = link.strip_prefix(&own).unwrap_or(link);
        let inside = inside.split(['?', '#']).next().unwrap_or(inside);
        let (folder, rest) = inside.split_once('/')?;
        [format!("{folder}/public/{rest}"), format!("{folder}/public/{}", percent_decoded(rest))]
            .into_iter()
            .find(|file| self.files.contains(file))
            .map(|file| format!("asset:{file}"))
    }
}

pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = (*first == b'%').then(|| tail.get(..2)).flatten();
        let value =
            hex.and_then(|h| std::str::from_utf8(h).ok()).and_then(|h| u8::from_str_radix(h, 16).ok());
        match value {
            Some(value) => {
                bytes.push(value);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The reStructuredText of texts that would come back in another spelling, by what they are.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Sources(pub(crate) Map<String, Value>);

/// A file and a line in it, for findings.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: usize,
}

impl Place {
    pub(crate) fn new(file: impl Into<String>, line: usize) -> Self {
        Self { file: file.into(), line }
    }

    /// `file:line`, some lines further on.
    pub(crate) fn at(&self, further: usize) -> String {
        if self.line == 0 { self.file.clone() } else { format!("{}:{}", self.file, self.line + further) }
    }
}

/// The entries of `found` that writing would not produce by itself.
pub(crate) fn remainder(found: Map<String, Value>, written: &Map<String, Value>) -> Map<String, Value> {
    found.into_iter().filter(|(key, value)| written.get(key) != Some(value)).collect()
}
