//! The fields of blocks: which there are, and how they look as JSON (reference openedx.md 3.10, 5.3, 5.6).

use serde_json::{Map, Value};

use crate::openedx::keys::BlockId;
use crate::openedx::olx::{Course, plain};

/// What every block has, set on it or on one above it.
const ANY: [&str; 28] = [
    "display_name",
    "graded",
    "start",
    "due",
    "relative_weeks_due",
    "visible_to_staff_only",
    "group_access",
    "showanswer",
    "show_correctness",
    "rerandomize",
    "max_attempts",
    "show_reset_button",
    "graceperiod",
    "days_early_for_beta",
    "static_asset_path",
    "use_latex_compiler",
    "matlab_api_key",
    "user_partitions",
    "video_speed_optimizations",
    "edxnotes",
    "edxnotes_visibility",
    "in_entrance_exam",
    "self_paced",
    "hide_from_toc",
    "course_edit_method",
    "giturl",
    "xqa_key",
    "tags",
];

const PROBLEM: [&str; 8] = [
    "weight",
    "markdown",
    "markdown_edited",
    "source_code",
    "submission_wait_seconds",
    "attempts_before_showanswer_button",
    "grading_method",
    "use_latex_compiler",
];
const VIDEO: [&str; 18] = [
    "youtube_id_1_0",
    "youtube_id_0_75",
    "youtube_id_1_25",
    "youtube_id_1_5",
    "html5_sources",
    "transcripts",
    "sub",
    "track",
    "source",
    "download_video",
    "download_track",
    "handout",
    "start_time",
    "end_time",
    "edx_video_id",
    "show_captions",
    "only_on_web",
    "transcript_language",
];
const SEQUENTIAL: [&str; 10] = [
    "format",
    "hide_after_due",
    "is_time_limited",
    "default_time_limit_minutes",
    "is_proctored_enabled",
    "is_practice_exam",
    "is_onboarding_exam",
    "exam_review_rules",
    "is_entrance_exam",
    "position",
];

/// Whether a block has this field. Of XBlocks whose fields no source lists, every name is taken.
pub(super) fn known(id: &BlockId, name: &str) -> bool {
    let own: &[&str] = match id.kind.as_str() {
        "problem" => &PROBLEM,
        "video" => &VIDEO,
        "sequential" => &SEQUENTIAL,
        "chapter" => &["highlights"],
        "vertical" => &["discussion_enabled"],
        "html" => &["editor", "use_latex_compiler"],
        _ => return true,
    };
    ANY.contains(&name) || own.contains(&name)
}

/// The attribute for a value: `None` for a null, which resets the field. The sentence says what is wrong.
pub(super) fn text_of(name: &str, value: &Value) -> Result<Option<String>, String> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let number = matches!(name, "max_attempts" | "weight" | "submission_wait_seconds");
    match number && !text.is_empty() && text.parse::<f64>().is_err() {
        true => Err(format!("Invalid data ({name}: {text} is not a number)")),
        false => Ok(Some(text)),
    }
}

/// The block's own settings.
pub(super) fn metadata(course: &Course, id: &BlockId) -> Value {
    let Some(block) = course.studio_block(id) else { return Value::Null };
    let settings: Map<String, Value> = block
        .element
        .attributes
        .iter()
        .map(|(name, value)| {
            let text = name.contains("name")
                || name.starts_with("youtube")
                || matches!(name.as_str(), "format" | "sub");
            let parsed = if text { None } else { serde_json::from_str(value).ok() };
            (name.clone(), parsed.unwrap_or_else(|| plain(value).into()))
        })
        .collect();
    settings.into()
}
