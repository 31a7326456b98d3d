//! The settings that blocks have, as far as the reference lists them: a single request that names another one fails,
//! where an archive may hold any attribute (reference openedx.md 3.15, 5.3).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::xml::Element;

/// What every block has, set on it or on one above it (reference openedx.md 5.3).
const ANY: [&str; 27] = [
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
];
const SEQUENTIAL: [&str; 9] = [
    "format",
    "hide_after_due",
    "is_time_limited",
    "default_time_limit_minutes",
    "is_proctored_enabled",
    "is_practice_exam",
    "is_onboarding_exam",
    "exam_review_rules",
    "is_entrance_exam",
];
/// (Reference openedx.md 3.10.)
const PROBLEM: [&str; 7] = [
    "weight",
    "markdown",
    "markdown_edited",
    "source_code",
    "submission_wait_seconds",
    "attempts_before_showanswer_button",
    "grading_method",
];
/// (Reference openedx.md 5.6.)
const VIDEO: [&str; 16] = [
    "youtube_id_0_75",
    "youtube_id_1_0",
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
];
/// Of every block; the platform's own writing, no settings.
const NEVER: [&str; 10] = [
    "url_name",
    "slug",
    "name",
    "org",
    "course",
    "filename",
    "xblock-family",
    "parent_url",
    "index_in_children_list",
    "xml_attributes",
];

/// Whether an attribute only says where and how a block stands in its files.
pub(crate) fn is_writing(name: &str) -> bool {
    NEVER.contains(&name)
}

/// Whether a block of this type has a setting. Of types that the reference does not list any name may be one.
pub(crate) fn has(kind: &str, name: &str) -> bool {
    let own: &[&str] = match kind {
        "chapter" => &["highlights"],
        "sequential" => &SEQUENTIAL,
        "vertical" => &["discussion_enabled"],
        "html" => &["editor"],
        "problem" => &PROBLEM,
        "video" => &VIDEO,
        _ => return !is_writing(name),
    };
    ANY.contains(&name) || own.contains(&name)
}

/// The settings that a definition says, by the names of the fields: what a video says in `youtube` and in its children
/// is there too.
pub(crate) fn settings(element: &Element, title: &str) -> BTreeMap<String, String> {
    let kind = element.name.as_str();
    let said = element.attributes.iter().filter(|(name, _)| has(kind, name));
    let mut settings: BTreeMap<String, String> = said.cloned().collect();
    if !title.is_empty() {
        settings.entry("display_name".into()).or_insert_with(|| title.to_owned());
    }
    if kind == "video" {
        video(element, &mut settings);
    }
    settings
}

fn video(element: &Element, settings: &mut BTreeMap<String, String>) {
    let mut say = |name: String, value: String| {
        settings.entry(name).or_insert(value);
    };
    let speeds = element.get("youtube").unwrap_or_default().split(',');
    for (speed, id) in speeds.filter_map(|pair| pair.trim().split_once(':')) {
        let name = match speed {
            "0.75" => "youtube_id_0_75",
            "1.00" | "1.0" => "youtube_id_1_0",
            "1.25" => "youtube_id_1_25",
            "1.50" | "1.5" => "youtube_id_1_5",
            _ => continue,
        };
        say(name.into(), id.into());
    }
    let sources: Vec<Value> = element.named("source").filter_map(|e| Some(e.get("src")?.into())).collect();
    if !sources.is_empty() {
        say("html5_sources".into(), Value::Array(sources).to_string());
    }
    let transcripts: Map<String, Value> = element
        .named("transcript")
        .filter_map(|e| Some((e.get("language")?.to_owned(), e.get("src")?.into())))
        .collect();
    if !transcripts.is_empty() {
        say("transcripts".into(), Value::Object(transcripts).to_string());
    }
    for name in ["track", "handout"] {
        if let Some(file) = element.first(name).and_then(|e| e.get("src")) {
            say(name.into(), file.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::olx::xml::parse;

    #[test]
    fn a_video_says_its_settings_in_several_ways() {
        let of = |text: &str| settings(&parse(text).expect("XML"), "T");
        let said = of("<video url_name='v' youtube='0.75:a,1.00:b' odd='x'><source src='s.mp4'/>\
             <transcript language='en' src='t.srt'/><handout src='/static/h.pdf'/></video>");
        let pairs: Vec<(&str, &str)> =
            said.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let wanted = [
            ("display_name", "T"),
            ("handout", "/static/h.pdf"),
            ("html5_sources", "[\"s.mp4\"]"),
            ("transcripts", "{\"en\":\"t.srt\"}"),
            ("youtube_id_0_75", "a"),
            ("youtube_id_1_0", "b"),
        ];
        assert_eq!(pairs, wanted);
        assert_eq!(of("<video youtube_id_1_0='c' youtube='1.00:b'/>")["youtube_id_1_0"], "c");
    }
}
