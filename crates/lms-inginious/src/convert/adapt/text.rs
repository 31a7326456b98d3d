//! Texts as INGInious will give them back.

use lms_core::{Extras, Markup, Platform};
use serde_json::{Map, Value};

use crate::convert::rst::{self, Shape};

/// How INGInious links to a file of the course: `task/public/a.png` is at `task/a.png`.
pub(crate) fn native_link(path: &str) -> Option<String> {
    let (folder, rest) = path.split_once('/')?;
    rest.strip_prefix("public/").map(|inside| format!("{folder}/{inside}"))
}

/// The reStructuredText that a text was read from, where it still says the same.
pub(crate) fn source_of<'a>(
    markup: &Markup,
    shape: Shape,
    sources: &'a Map<String, Value>,
    key: &str,
) -> Option<&'a str> {
    let source = sources.get(key)?.as_str()?;
    (rst::to_html(source, shape).html == markup.html()).then_some(source)
}

/// The texts of one node, and the sources of those that are kept as they were.
pub(super) struct Texts {
    sources: Map<String, Value>,
    kept: Map<String, Value>,
}

impl Texts {
    pub(super) fn of(extras: &Extras) -> Self {
        let sources = extras.get(Platform::Inginious, "rst").and_then(Value::as_object).cloned();
        Self { sources: sources.unwrap_or_default(), kept: Map::new() }
    }

    /// A text as it is read back.
    pub(super) fn fit(&mut self, markup: &Markup, shape: Shape, key: &str) -> Markup {
        let linked = markup.map_links(|link| link.strip_prefix("asset:").and_then(native_link));
        if let Some(source) = source_of(&linked, shape, &self.sources, key) {
            self.kept.insert(key.to_owned(), Value::from(source));
            return markup.clone();
        }
        settle(markup, shape)
    }

    /// Keeps the sources that still hold.
    pub(super) fn store(self, extras: &mut Extras) {
        let mut rest = Extras::new();
        for (key, value) in extras.of(Platform::Inginious) {
            if key != "rst" {
                rest.set(Platform::Inginious, key, value.clone());
            }
        }
        if !self.kept.is_empty() {
            rest.set(Platform::Inginious, "rst", self.kept);
        }
        *extras = rest;
    }
}

/// The text after it was written and read. Names of files are not touched on the way.
pub(super) fn settle(markup: &Markup, shape: Shape) -> Markup {
    let mut names: Vec<String> = Vec::new();
    let masked = markup.map_links(|link| {
        let id = link.strip_prefix("asset:")?;
        names.push(id.to_owned());
        Some(format!("asset:{}", names.len() - 1))
    });
    let html = rst::to_html(&rst::from_html(masked.html()), shape).html;
    Markup::from_html(html).map_links(|link| {
        let n: usize = link.strip_prefix("asset:")?.parse().ok()?;
        names.get(n).map(|name| format!("asset:{name}"))
    })
}
