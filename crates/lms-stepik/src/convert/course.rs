//! Course, section and lesson without what is in them.

use lms_core::{AssetId, Course, Extras, Lesson, Platform, Schedule, Section, Timestamp, Visibility};
use serde_json::{Value, json};

use super::{Losses, Site, media_path, verbatim};
use crate::wire::{self, Object, get, object};

/// Settings kept in extras, with what they are where nobody set them (reference stepik.md 3.3–3.6).
fn course_settings() -> [(&'static str, Value); 17] {
    [
        ("workload", Value::Null),
        ("intro", Value::Null),
        ("course_format", Value::Null),
        ("target_audience", Value::Null),
        ("requirements", Value::Null),
        ("certificate", Value::Null),
        ("learning_format", Value::Null),
        ("difficulty", Value::Null),
        ("end_date_source", Value::Null),
        ("certificate_regular_threshold", Value::Null),
        ("certificate_distinction_threshold", Value::Null),
        ("is_certificate_auto_issued", json!(false)),
        ("is_adaptive", json!(false)),
        ("is_idea_compatible", json!(false)),
        ("course_type", json!("basic")),
        ("acquired_skills", json!([])),
        ("grading_policy_source", json!("no_deadlines")),
    ]
}

fn section_settings() -> [(&'static str, Value); 9] {
    [
        ("discounting_policy", json!("no_discount")),
        ("required_percent", json!(100)),
        ("is_exam", json!(false)),
        ("is_exam_without_progress", json!(false)),
        ("exam_duration_minutes", json!(60)),
        ("is_random_exam", json!(false)),
        ("random_exam_problems_count", json!(20)),
        ("end_date_source", Value::Null),
        ("grading_policy_source", Value::Null),
    ]
}

fn lesson_settings() -> [(&'static str, Value); 3] {
    [("is_public", json!(true)), ("is_comments_enabled", json!(true)), ("cover_url", Value::Null)]
}

fn unit_settings() -> [(&'static str, Value); 2] {
    [("end_date_source", Value::Null), ("grading_policy_source", Value::Null)]
}

fn keep(extras: &mut Extras, from: &Object, settings: &[(&'static str, Value)]) {
    for (key, usual) in settings {
        if let Some(value) = from.get(*key)
            && value != usual
            && !value.is_null()
            && *value != json!("")
        {
            extras.set(Platform::Stepik, *key, value.clone());
        }
    }
}

fn restore(payload: &mut Object, extras: &Extras, settings: &[(&'static str, Value)]) {
    for (key, _) in settings {
        if let Some(value) = extras.get(Platform::Stepik, key) {
            payload.insert((*key).to_owned(), value.clone());
        }
    }
}

/// Dates as they were set here; those without `_source` may be inherited (reference stepik.md 3.3).
fn read_schedule(from: &Object) -> Schedule {
    let date = |key: &str| -> Option<Timestamp> { get::text(from, key).parse().ok() };
    Schedule {
        start: date("begin_date_source"),
        due: date("soft_deadline_source"),
        end: date("hard_deadline_source"),
    }
}

fn write_schedule(payload: &mut Object, schedule: &Schedule) {
    let Schedule { start, due, end } = schedule;
    for (key, date) in
        [("begin_date_source", start), ("soft_deadline_source", due), ("hard_deadline_source", end)]
    {
        payload.insert(key.into(), date.map_or(Value::Null, |date| json!(date.to_string())));
    }
}

/// The course without its sections and files.
pub(crate) fn read_course(base: &url::Url, course: &wire::Course, losses: &mut Losses) -> Course {
    let site = Site::new(base.clone());
    let mut read = Course::new(course.id, course.title.as_str());
    read.summary = Some(course.summary.clone()).filter(|s| !s.trim().is_empty());
    read.description = site.read(&course.description);
    read.language = Some(course.language.clone()).filter(|s| !s.is_empty());
    read.cover = course.cover.as_deref().and_then(|cover| media_path(base, cover)).map(AssetId::from);
    read.visibility = if course.is_public { Visibility::Public } else { Visibility::Private };
    read.schedule = read_schedule(&course.rest);
    keep(&mut read.extras, &course.rest, &course_settings());
    verbatim::keep_text(&mut read.extras, &site, "description", &course.description);
    if course.rest.get("intro_video").is_some_and(|video| !video.is_null()) {
        losses.dropped("introductory video", "the neutral model has none for a course");
    }
    read
}

/// The object of a `courses` write. The cover goes another way.
pub(crate) fn course_payload(course: &Course) -> Object {
    let mut payload = object(json!({
        "title": course.title,
        "summary": course.summary.as_deref().unwrap_or_default(),
        "description": verbatim::text(&course.extras, "description", &course.description),
        "is_public": course.visibility == Visibility::Public,
    }));
    if let Some(language) = &course.language {
        payload.insert("language".into(), json!(language));
    }
    write_schedule(&mut payload, &course.schedule);
    payload.insert("grading_policy_source".into(), json!("no_deadlines"));
    restore(&mut payload, &course.extras, &course_settings());
    payload
}

/// The section without its lessons.
pub(crate) fn read_section(site: &Site, section: &wire::Section, losses: &mut Losses) -> Section {
    let mut read = Section::new(section.id, section.title.as_str());
    read.description = site.read(&section.description);
    read.schedule = read_schedule(&section.rest);
    keep(&mut read.extras, &section.rest, &section_settings());
    verbatim::keep_text(&mut read.extras, site, "description", &section.description);
    if section.rest.get("required_section").is_some_and(|required| !required.is_null()) {
        losses.dropped("required section", "the neutral model has no conditions between sections");
    }
    if let Some(policy) = read.extras.get(Platform::Stepik, "discounting_policy").and_then(Value::as_str) {
        let what = format!("points that depend on the try: {policy}");
        losses.exact(&what, "kept for Stepik; on another platform a later try may earn more than here");
    }
    read
}

/// The object of a `sections` write.
pub(crate) fn section_payload(section: &Section, course: u64, position: u32) -> Object {
    let mut payload = object(json!({
        "course": course,
        "position": position,
        "title": section.title,
        "description": verbatim::text(&section.extras, "description", &section.description),
    }));
    write_schedule(&mut payload, &section.schedule);
    restore(&mut payload, &section.extras, &section_settings());
    payload
}

/// The lesson without its steps, as it stands in `unit`.
pub(crate) fn read_lesson(lesson: &wire::Lesson, unit: &wire::Unit, language: Option<&str>) -> Lesson {
    let mut read = Lesson::new(lesson.id, lesson.title.as_str());
    read.schedule = read_schedule(&unit.rest);
    keep(&mut read.extras, &lesson.rest, &lesson_settings());
    keep(&mut read.extras, &lesson.rest, &[("language", json!(language.unwrap_or("en")))]);
    keep(&mut read.extras, &unit.rest, &unit_settings());
    read
}

/// The object of a `lessons` write.
pub(crate) fn lesson_payload(lesson: &Lesson, language: Option<&str>) -> Object {
    let mut payload = object(json!({"title": lesson.title, "language": language.unwrap_or("en")}));
    restore(&mut payload, &lesson.extras, &lesson_settings());
    restore(&mut payload, &lesson.extras, &[("language", Value::Null)]);
    payload
}

/// The object of a `units` write: the dates of a lesson are those of its place.
pub(crate) fn unit_payload(
    schedule: &Schedule,
    extras: &Extras,
    section: u64,
    lesson: u64,
    position: u32,
) -> Object {
    let mut payload = object(json!({"section": section, "lesson": lesson, "position": position}));
    write_schedule(&mut payload, schedule);
    restore(&mut payload, extras, &unit_settings());
    payload
}
