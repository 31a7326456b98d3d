//! Courses as Open edX holds them: a tree of blocks, pages, settings and files (reference openedx.md 5).

mod edit;
mod kinds;
mod load;
mod names;
mod old;
mod rekey;
mod save;
mod selection;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::archive::Files;
use super::keys::{BlockId, CourseKey};
use super::xml::Element;

pub(crate) use kinds::{Category, category, default_weight, has_score};
pub(crate) use load::load;
pub(crate) use names::asset_name;
pub(crate) use save::{block_olx, save};

/// One block of the published or the draft tree.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// The definition without child blocks; attributes are the block's own settings.
    pub(crate) element: Element,
    /// Body of an `html` block, which need not be well-formed.
    pub(crate) html: Option<String>,
    pub(crate) children: Vec<BlockId>,
    pub(crate) parent: Option<BlockId>,
}

/// A static file.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    pub(crate) display_name: String,
    /// Path below `static/` it came from; export puts it back there.
    pub(crate) import_path: String,
    pub(crate) content_type: String,
    pub(crate) locked: bool,
    pub(crate) data: Vec<u8>,
}

/// One course run.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    pub(crate) key: CourseKey,
    pub(crate) blocks: BTreeMap<BlockId, Block>,
    pub(crate) drafts: BTreeMap<BlockId, Block>,
    /// What an import has cut off the tree; Studio still has it (recorded: `olx export api of a unit`, of a course that
    /// was replaced before).
    pub(crate) orphans: BTreeMap<BlockId, Block>,
    /// Children as Studio's editor has them, where the published ones differ: units that were never published.
    pub(crate) arranged: BTreeMap<BlockId, Vec<BlockId>>,
    /// Settings of the course that only `policy.json` holds.
    pub(crate) policy: Map<String, Value>,
    pub(crate) grading: Value,
    pub(crate) about: BTreeMap<String, String>,
    /// `info/` and `tabs/` as they came.
    pub(crate) pages: Files,
    pub(crate) assets: BTreeMap<String, Asset>,
    /// User name and role.
    pub(crate) team: Vec<(String, String)>,
    /// When it came to be what it is now.
    pub(crate) published: jiff::Timestamp,
}

/// Settings that hold for everything below the block that has them (reference openedx.md 5.3).
const INHERITED: [&str; 13] = [
    "graded",
    "start",
    "due",
    "visible_to_staff_only",
    "showanswer",
    "show_correctness",
    "rerandomize",
    "max_attempts",
    "show_reset_button",
    "graceperiod",
    "self_paced",
    "days_early_for_beta",
    "hide_from_toc",
];

/// Start of a course that sets none: invisible to learners (reference openedx.md 5.3).
pub(crate) const DEFAULT_START: &str = "2030-01-01T00:00:00Z";

impl Course {
    /// A course as Studio creates it.
    pub(crate) fn new(key: CourseKey, title: &str) -> Self {
        let mut element = Element::new(if key.is_library() { "library" } else { "course" });
        element.set("display_name", title);
        if !key.is_library() {
            furnish(&key, &mut element);
        }
        let root = Block { element, html: None, children: Vec::new(), parent: None };
        Self {
            blocks: BTreeMap::from([(BlockId::root(), root)]),
            drafts: BTreeMap::new(),
            orphans: BTreeMap::new(),
            arranged: BTreeMap::new(),
            policy: Map::new(),
            grading: default_grading(),
            about: BTreeMap::new(),
            pages: Files::new(),
            assets: BTreeMap::new(),
            team: Vec::new(),
            published: jiff::Timestamp::now(),
            key,
        }
    }

    pub(crate) fn root(&self) -> Option<&Block> {
        self.blocks.get(&BlockId::root())
    }

    /// A setting of the block itself, as text.
    pub(crate) fn own(&self, id: &BlockId, name: &str) -> Option<String> {
        self.blocks.get(id)?.element.attribute(name).map(plain).filter(|value| value != "null")
    }

    /// A setting of the block or, for inheritable ones, of the nearest ancestor that has it.
    pub(crate) fn setting(&self, id: &BlockId, name: &str) -> Option<String> {
        let inherited = INHERITED.contains(&name);
        let mut next = Some(id);
        while let Some(id) = next {
            let block = self.blocks.get(id)?;
            // `null` is a value too: it ends the inheritance.
            if block.element.attribute(name).is_some() {
                return self.own(id, name);
            }
            next = block.parent.as_ref().filter(|_| inherited);
        }
        None
    }

    pub(crate) fn flag(&self, id: &BlockId, name: &str) -> bool {
        self.setting(id, name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A date setting in the form of the REST answers.
    pub(crate) fn date(&self, id: &BlockId, name: &str) -> Option<String> {
        self.setting(id, name).and_then(|value| iso_date(&value))
    }

    pub(crate) fn course_setting(&self, name: &str) -> Option<String> {
        self.own(&BlockId::root(), name)
    }

    pub(crate) fn start(&self) -> String {
        self.date(&BlockId::root(), "start").unwrap_or_else(|| DEFAULT_START.to_owned())
    }

    pub(crate) fn title(&self) -> String {
        self.course_setting("display_name").unwrap_or_else(|| "Empty".to_owned())
    }

    pub(crate) fn display_name(&self, id: &BlockId) -> String {
        self.own(id, "display_name").unwrap_or_else(|| kinds::default_name(id))
    }

    /// This block and everything below it, parents first, each once.
    pub(crate) fn walk(&self, from: &BlockId) -> Vec<BlockId> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut stack = vec![from.clone()];
        while let Some(id) = stack.pop() {
            let Some(block) = self.blocks.get(&id) else { continue };
            if !seen.insert(id.clone()) {
                continue;
            }
            stack.extend(block.children.iter().rev().cloned());
            found.push(id);
        }
        found
    }

    pub(crate) fn ancestors(&self, id: &BlockId) -> Vec<BlockId> {
        let mut found: Vec<BlockId> = Vec::new();
        let mut next = self.blocks.get(id).and_then(|block| block.parent.clone());
        while let Some(id) = next.filter(|id| !found.contains(id)) {
            next = self.blocks.get(&id).and_then(|block| block.parent.clone());
            found.push(id);
        }
        found
    }
}

/// What Studio gives a new course.
fn furnish(key: &CourseKey, element: &mut Element) {
    element.set("language", "en");
    element.set("cert_html_view_enabled", "true");
    let mut wiki = Element::new("wiki");
    wiki.set("slug", format!("{}.{}.{}", key.org, key.number, key.run));
    element.children.push(super::xml::Node::Element(wiki));
}

/// Attributes may hold JSON strings, `"&quot;2025-09-01T00:00:00Z&quot;"` (reference openedx.md 5.3).
pub(crate) fn plain(value: &str) -> String {
    match value.starts_with('"').then(|| serde_json::from_str::<String>(value)) {
        Some(Ok(text)) => text,
        _ => value.to_owned(),
    }
}

/// `YYYY-MM-DDTHH:MM:SSZ`; a date without a zone is UTC.
pub(crate) fn iso_date(text: &str) -> Option<String> {
    let text = text.trim();
    let stamp = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let local = text.parse::<jiff::civil::DateTime>().ok()?;
        Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })?;
    Some(stamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// The policy that Studio ships (reference openedx.md 3.9).
fn default_grading() -> Value {
    json!({
        "GRADER": [
            {"type": "Homework", "short_label": "HW", "min_count": 12, "drop_count": 2, "weight": 0.15},
            {"type": "Lab", "min_count": 12, "drop_count": 2, "weight": 0.15},
            {"type": "Midterm Exam", "short_label": "Midterm", "min_count": 1, "drop_count": 0, "weight": 0.3},
            {"type": "Final Exam", "short_label": "Final", "min_count": 1, "drop_count": 0, "weight": 0.4},
        ],
        "GRADE_CUTOFFS": {"Pass": 0.5},
    })
}
