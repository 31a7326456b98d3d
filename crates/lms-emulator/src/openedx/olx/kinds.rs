//! What Studio knows about block types.

use crate::openedx::keys::BlockId;

/// Blocks whose XML children are blocks.
const CONTAINERS: [&str; 10] = [
    "course",
    "chapter",
    "sequential",
    "vertical",
    "conditional",
    "split_test",
    "randomize",
    "library_content",
    "wrapper",
    "itembank",
];

/// Blocks with a file of their own. The others are pure XBlocks, written into their parent
/// (reference openedx.md 5.6).
const FILED: [&str; 9] =
    ["html", "problem", "video", "annotatable", "lti", "poll_question", "word_cloud", "textannotation", "videoannotation"];

/// Pure XBlocks that the recorded instance had installed. A type in none of the three lists stops the
/// whole import, as it did there (`platform-toy`, `kitchen-sink`).
const PURE: [&str; 14] = [
    "discussion",
    "drag-and-drop-v2",
    "openassessment",
    "poll",
    "survey",
    "edx_sga",
    "staffgradedxblock",
    "ubcpi",
    "recommender",
    "done",
    "google-calendar",
    "google-document",
    "lti_consumer",
    "library_sourced",
];

/// How a type is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    Container,
    Filed,
    Pure,
}

/// `None` for a type that is not installed.
pub(crate) fn category(kind: &str) -> Option<Category> {
    if CONTAINERS.contains(&kind) {
        Some(Category::Container)
    } else if FILED.contains(&kind) {
        Some(Category::Filed)
    } else if PURE.contains(&kind) {
        Some(Category::Pure)
    } else {
        None
    }
}

pub(crate) fn is_container(kind: &str) -> bool {
    category(kind) == Some(Category::Container)
}

pub(crate) fn has_score(kind: &str) -> bool {
    matches!(
        kind,
        "problem" | "drag-and-drop-v2" | "openassessment" | "edx_sga" | "staffgradedxblock" | "ubcpi" | "library_content"
    )
}

/// Children of a container that are its own settings, not blocks.
pub(super) fn is_setting(parent: &str, child: &str) -> bool {
    match parent {
        "course" => matches!(child, "wiki" | "textbook" | "pdf_textbook" | "html_textbook" | "grader" | "metadata"),
        "conditional" => child == "show",
        _ => matches!(child, "metadata"),
    }
}

/// Types whose repeated `url_name` is changed instead of overwritten (reference openedx.md 5.2).
pub(super) fn renames_duplicates(kind: &str) -> bool {
    matches!(kind, "problem" | "sequential" | "video" | "course" | "chapter" | "poll_question" | "vertical")
}

pub(super) fn default_name(id: &BlockId) -> String {
    match id.kind.as_str() {
        "html" => "Text".into(),
        "video" => "Video".into(),
        "problem" => "Blank Advanced Problem".into(),
        "discussion" => "Discussion".into(),
        "drag-and-drop-v2" => "Drag and Drop".into(),
        "openassessment" => "Open Response Assessment".into(),
        _ => id.id.replace('_', " "),
    }
}
