//! In what an object that was read and written anew may differ from the recording, and why.

use std::collections::BTreeSet;

use serde_json::Value;

/// Fields that the provider decodes nothing of. `Stepik::native` gives them as they are.
const UNUSED: [(&str, &[&str]); 5] = [
    ("attempts", &["time", "time_left"]),
    ("progresses", &["is_exam_mode", "n_steps", "n_steps_attempted", "n_steps_passed"]),
    // A review session, a file, and what Hyperskill adds (reference stepik.md 6.2a).
    (
        "submissions",
        &[
            "reply_url",
            "session",
            "can_download_test_set",
            "failed_test_number",
            "is_confirmed",
            "is_downloaded_test",
            "is_free_test",
            "is_samples_test",
            "next_free_test_available_at",
            "next_test_available_at",
            "step",
        ],
    ),
    (
        "users",
        &[
            "avatar",
            "city",
            "cover",
            "created_courses_count",
            "created_lessons_count",
            "details",
            "is_active",
            "is_guest",
            "is_organization",
            "is_private",
            "issued_certificates_count",
            "join_date",
            "knowledge",
            "knowledge_rank",
            "level",
            "level_title",
            "profile",
            "reputation",
            "reputation_rank",
            "short_bio",
            "social_profiles",
            "solved_steps_count",
            "tag_progresses",
        ],
    ),
    // What the platform counts and links (reference stepik.md 3.7), and what Hyperskill adds.
    (
        "steps",
        &[
            "actions",
            "bloom_level",
            "can_abandon",
            "can_see_admin_toolbar",
            "can_skip",
            "check_profile",
            "comments_statistics",
            "content_created_at",
            "content_updated_at",
            "correct_ratio",
            "create_date",
            "created_at",
            "discussion_proxy",
            "discussion_threads",
            "discussions_count",
            "error_issues",
            "error_issues_count",
            "instruction",
            "is_abandoned",
            "is_beta",
            "is_completed",
            "is_cribbed",
            "is_deprecated",
            "is_enabled",
            "is_ide_compatible",
            "is_next",
            "is_recommended",
            "is_remote_tested",
            "is_skipped",
            "last_completed_at",
            "lesson",
            "lesson_stepik_id",
            "likes_statistics",
            "needs_plan",
            "passed_by",
            "popular_ide",
            "position",
            "progress",
            "progress_updated_at",
            "project",
            "readiness",
            "seconds_to_complete",
            "session",
            "solved_by",
            "stage",
            "stepik_id",
            "subscriptions",
            "success_rate",
            "title",
            "topic",
            "topic_theory",
            "type",
            "update_date",
            "updated_at",
            "variation",
            "variations_count",
            "viewed_by",
            "warning_issues",
            "warning_issues_count",
            "worth",
        ],
    ),
];

/// Fields that can be written and are not, with the reason (reference stepik.md 3.3–3.8 lists what can).
const LEFT_OUT: [(&str, &str, &str); 11] = [
    ("courses", "authors", "people of that site; a course's creator is its first author"),
    ("courses", "instructors", "as the authors"),
    ("courses", "tags", "numbers of that site"),
    ("courses", "sections", "written one by one"),
    ("courses", "is_enabled", "the platform's word on whether a course is open"),
    ("sections", "units", "written one by one"),
    ("lessons", "steps", "written one by one"),
    ("units", "assignments", "filled in by the platform"),
    ("block", "options", "derived from the source by the platform"),
    ("block", "subtitle_files", "filled in by the platform"),
    ("block", "animation", "old, and null (reference stepik.md 4.1)"),
];

/// What can be written of each object (reference stepik.md 3.3–3.8); all else only the platform sets.
const WRITABLE: [(&str, &[&str]); 6] = [
    (
        "courses",
        &[
            "title",
            "summary",
            "description",
            "workload",
            "intro",
            "course_format",
            "target_audience",
            "requirements",
            "certificate",
            "language",
            "is_public",
            "is_enabled",
            "is_adaptive",
            "is_idea_compatible",
            "intro_video",
            "authors",
            "instructors",
            "tags",
            "sections",
            "is_certificate_auto_issued",
            "certificate_regular_threshold",
            "certificate_distinction_threshold",
            "begin_date_source",
            "end_date_source",
            "soft_deadline_source",
            "hard_deadline_source",
            "grading_policy_source",
            "lti_consumer_key",
            "lti_secret_key",
            "lti_private_profile",
            "course_type",
            "acquired_skills",
            "learning_format",
            "difficulty",
        ],
    ),
    (
        "sections",
        &[
            "course",
            "title",
            "position",
            "description",
            "units",
            "discounting_policy",
            "required_section",
            "required_percent",
            "is_exam",
            "exam_duration_minutes",
            "begin_date_source",
            "end_date_source",
            "soft_deadline_source",
            "hard_deadline_source",
            "grading_policy_source",
            "is_exam_without_progress",
            "is_random_exam",
            "random_exam_problems_course",
            "random_exam_problems_count",
        ],
    ),
    (
        "units",
        &[
            "section",
            "lesson",
            "position",
            "assignments",
            "begin_date_source",
            "end_date_source",
            "soft_deadline_source",
            "hard_deadline_source",
            "grading_policy_source",
        ],
    ),
    (
        "lessons",
        &[
            "title",
            "is_public",
            "language",
            "steps",
            "cover_url",
            "is_comments_enabled",
            "lti_consumer_key",
            "lti_secret_key",
            "lti_private_profile",
        ],
    ),
    (
        "steps",
        &[
            "lesson",
            "position",
            "cost",
            "is_solutions_unlocked",
            "solutions_unlocked_attempts",
            "has_submissions_restrictions",
            "max_submissions_count",
        ],
    ),
    (
        "step-sources",
        &[
            "lesson",
            "position",
            "cost",
            "is_solutions_unlocked",
            "solutions_unlocked_attempts",
            "has_submissions_restrictions",
            "max_submissions_count",
        ],
    ),
];

/// Settings as they are where nobody set them, which are not written.
const USUAL: [(&str, &str); 11] = [
    ("discounting_policy", "\"no_discount\""),
    ("required_percent", "100"),
    ("exam_duration_minutes", "60"),
    ("is_comments_enabled", "true"),
    ("is_public", "true"),
    ("grading_policy_source", "\"no_deadlines\""),
    ("is_exam", "false"),
    ("is_certificate_auto_issued", "false"),
    ("is_adaptive", "false"),
    ("is_idea_compatible", "false"),
    ("lti_private_profile", "false"),
];

/// Whether a field is empty, or has what it has where nobody set it.
pub(super) fn is_unset(key: &str, value: &Value) -> bool {
    match USUAL.iter().find(|(usual, _)| *usual == key) {
        Some((_, usual)) => value.is_null() || serde_json::from_str(usual).ok().as_ref() == Some(value),
        None => says_the_same(&Value::Null, value),
    }
}

/// Whether two fields say the same: numbers by value, whether written as text or not, and null as what
/// is empty (reference stepik.md 2.8, 3.3).
pub(super) fn says_the_same(a: &Value, b: &Value) -> bool {
    let empty = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(of) => of.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    };
    match (a, b) {
        (Value::Null, other) | (other, Value::Null) => empty(other),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| says_the_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| says_the_same(a, b)))
        }
        (a, b) => a == b || crate::wire::number(a).is_some_and(|a| crate::wire::number(b) == Some(a)),
    }
}

/// What was found to differ.
#[derive(Debug, Default)]
pub(super) struct Differences {
    news: Vec<String>,
    met: BTreeSet<(String, String)>,
    /// Blocks that came with their source.
    pub(super) sources: usize,
}

impl Differences {
    /// A field that is not decoded.
    pub(super) fn unused(&mut self, list: &str, key: &str, at: &str) {
        let list = if list == "step-sources" { "steps" } else { list };
        let known = UNUSED.iter().any(|(of, keys)| *of == list && keys.contains(&key));
        if !known {
            self.news.push(format!("{at}: {list}.{key} is neither decoded nor known to be unused"));
        }
    }

    /// A field that can be written and is not.
    pub(super) fn left_out(&mut self, list: &str, key: &str, at: &str) {
        let writable = match WRITABLE.iter().find(|(of, _)| *of == list) {
            Some((_, keys)) => keys.contains(&key),
            // Of a block, everything.
            None => true,
        };
        let known = LEFT_OUT.iter().any(|(of, left, _)| (*of, *left) == (list, key));
        self.met.insert((list.to_owned(), key.to_owned()));
        if writable && !known {
            self.news.push(format!("{at}: {list}.{key} is not written"));
        }
    }

    /// A field that is written otherwise than it was recorded.
    pub(super) fn changed(&mut self, list: &str, key: &str, at: &str, was: &Value, is: &Value) {
        if LEFT_OUT.iter().any(|(of, left, _)| (*of, *left) == (list, key)) {
            self.met.insert((list.to_owned(), key.to_owned()));
            return;
        }
        self.news.push(format!("{at}: {list}.{key} was\n    {was}\n  and is written as\n    {is}"));
    }

    /// No difference that is not listed, and none listed as left out that is not there.
    pub(super) fn check(self) {
        assert!(self.news.is_empty(), "{} differences:\n{}", self.news.len(), self.news.join("\n"));
        let never = LEFT_OUT.iter().filter(|(list, key, _)| {
            let met = |(l, k): &(String, String)| l == list && k == key;
            !self.met.iter().any(met)
        });
        assert_eq!(never.collect::<Vec<_>>(), Vec::<&(&str, &str, &str)>::new(), "these do not differ");
    }
}
