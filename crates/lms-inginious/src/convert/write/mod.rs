//! From the neutral model to course folders. Takes adapted courses only.

mod course;
mod edit;
mod task;

pub(crate) use course::Draft;
pub(crate) use edit::{asset_path, deleted_with, free, missing, refuse_without_files, written_over};
pub(crate) use task::{WrittenTask, left_by_us, write_task};

use lms_core::{AssetLinks, Markup};
use serde_json::{Map, Value};

use super::adapt::{native_link, source_of};
use super::rst::{self, Shape};

/// Writes texts: links first, then reStructuredText, or the source where the text was read from one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub(crate) links: &'a AssetLinks,
}

impl Writer<'_> {
    pub(crate) fn rst(
        &self,
        markup: &Markup,
        shape: Shape,
        sources: Option<&Map<String, Value>>,
        key: &str,
    ) -> String {
        let linked = markup.map_links(|link| {
            self.links.resolve(link).or_else(|| link.strip_prefix("asset:").and_then(native_link))
        });
        match sources.and_then(|sources| source_of(&linked, shape, sources, key)) {
            Some(source) => source.to_owned(),
            None => rst::from_html(linked.html()),
        }
    }

    /// The text with the target's names for files.
    pub(crate) fn named(&self, markup: &Markup) -> Markup {
        markup.map_links(|link| {
            let id = lms_core::AssetId::from(link.strip_prefix("asset:")?);
            self.links.get(&id).map(|link| format!("asset:{}", link.id))
        })
    }
}

/// An id that INGInious takes, made of any id: `[A-Za-z0-9._-]+` (reference inginious.md 9.1).
pub(crate) fn plain_id(id: &str) -> String {
    let last = id.rsplit(['/', '@']).find(|part| !part.is_empty()).unwrap_or(id);
    let plain: String = last
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' })
        .collect();
    let plain = plain.trim_start_matches('.').to_owned();
    if plain.is_empty() { "task".to_owned() } else { plain }
}
