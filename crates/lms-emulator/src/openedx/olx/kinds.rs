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
const FILED: [&str; 9] = [
    "html",
    "problem",
    "video",
    "annotatable",
    "lti",
    "poll_question",
    "word_cloud",
    "textannotation",
    "videoannotation",
];

/// Pure XBlocks that the recorded instance had installed. A type in none of the three lists stops the
/// whole import, as it did there (`platform-toy`, `kitchen-sink`).
const PURE: [&str; 15] = [
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
    "error",
];

/// Pure XBlocks that write themselves: their attributes stay in order, without a family (seen: supported-components,
/// demo-test-course; `error`, which stands for a block that could not be read: cleaner-10).
const OWN_FORM: [&str; 4] = ["openassessment", "recommender", "ubcpi", "error"];

pub(super) fn writes_itself(kind: &str) -> bool {
    OWN_FORM.contains(&kind)
}

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

pub(crate) fn has_score(kind: &str) -> bool {
    matches!(
        kind,
        "problem"
            | "drag-and-drop-v2"
            | "openassessment"
            | "edx_sga"
            | "staffgradedxblock"
            | "ubcpi"
            | "done"
    )
}

/// Children of a container that are its own settings, not blocks.
pub(super) fn is_setting(parent: &str, child: &str) -> bool {
    match parent {
        "course" => {
            matches!(child, "wiki" | "textbook" | "pdf_textbook" | "html_textbook" | "grader" | "metadata")
        }
        "conditional" => child == "show",
        _ => matches!(child, "metadata"),
    }
}

/// Types whose repeated `url_name` is changed instead of overwritten (reference openedx.md 5.2).
pub(super) fn renames_duplicates(kind: &str) -> bool {
    matches!(kind, "problem" | "sequential" | "video" | "course" | "chapter" | "poll_question" | "vertical")
}

pub(super) fn default_name(id: &BlockId) -> String {
    let known = match id.kind.as_str() {
        "html" => "Text",
        "video" => "Video",
        "problem" => "Blank Advanced Problem",
        "discussion" => "Discussion",
        "drag-and-drop-v2" => "Drag and Drop",
        "openassessment" => "Open Response Assessment",
        "library_content" => "Randomized Content Block",
        "annotatable" => "Annotation",
        "poll" => "Poll",
        "survey" => "Survey",
        "ubcpi" => "Peer Instruction Question",
        "edx_sga" => "Staff Graded Assignment",
        "staffgradedxblock" => "Staff Graded Points",
        "done" => "Completion",
        "word_cloud" => "Word cloud",
        _ => return id.id.replace('_', " "),
    };
    known.to_owned()
}

/// Weight of a block that sets none (recorded).
pub(crate) fn default_weight(kind: &str) -> Option<f64> {
    matches!(kind, "drag-and-drop-v2" | "staffgradedxblock" | "lti" | "ubcpi").then_some(1.0)
}
