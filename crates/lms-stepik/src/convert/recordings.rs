//! Recorded answers of the platform, where they are at hand: every object is decoded, what the provider
//! reads of it is what it says, and what can be written comes out as it went in.

mod differences;
mod files;
#[path = "../../../../tests/support/shared.rs"]
mod shared;

use std::collections::BTreeMap;

use lms_core::{BlockBody, BlockId, Visibility};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::*;
use crate::wire::{self, get};
use differences::{Differences, says_the_same};
use files::{Recorded, recorded};
use shared::shared;

fn base() -> Url {
    Url::parse("https://stepik.org").expect("a URL")
}

/// Decodes an object and holds every field that was decoded against the recording. A field that is
/// neither decoded nor among the unused ones is news.
fn decoded<T: DeserializeOwned + Serialize>(of: &Recorded, differences: &mut Differences) -> T {
    let read: T = serde_json::from_value(of.object.clone()).unwrap_or_else(|e| panic!("{}: {e}", of.at));
    let again = serde_json::to_value(&read).expect("JSON");
    let again = again.as_object().expect("an object");
    for (key, value) in of.object.as_object().expect("an object") {
        match again.get(key) {
            Some(read) if says_the_same(value, read) => {}
            Some(read) => panic!("{}: {key} is {value} and was read as {read}", of.at),
            None => differences.unused(&of.list, key, &of.at),
        }
    }
    read
}

/// Holds what would be written against what was recorded.
fn written(of: &Recorded, payload: &Value, differences: &mut Differences) {
    let original = of.object.as_object().expect("an object");
    for (key, value) in payload.as_object().expect("an object") {
        if let Some(original) = original.get(key)
            && !says_the_same(original, value)
        {
            differences.changed(&of.list, key, &of.at, original, value);
        }
    }
    for (key, value) in original {
        if payload.get(key).is_none() && !differences::is_unset(key, value) {
            differences.left_out(&of.list, key, &of.at);
        }
    }
}

#[test]
fn every_recorded_object_is_decoded_and_what_can_be_written_comes_out_as_it_went_in() {
    let Some(shared) = shared("courses") else { return };
    let mut differences = Differences::default();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for of in recorded(&shared) {
        *counts.entry(of.list.clone()).or_default() += 1;
        let d = &mut differences;
        match of.list.as_str() {
            "courses" => course(&of, d),
            "sections" => {
                let native: wire::Section = decoded(&of, d);
                let section = read_section(&Site::new(base()), &native, &mut Losses::default());
                let course = get::number(of.object.as_object().expect("an object"), "course");
                let payload = section_payload(&section, course.unwrap_or_default() as u64, position(&of));
                written(&of, &Value::Object(payload), d);
            }
            "units" => {
                let native: wire::Unit = decoded(&of, d);
                let lesson =
                    serde_json::from_value(serde_json::json!({"id": native.lesson})).expect("a lesson");
                let lesson = read_lesson(&lesson, &native, None);
                let payload = unit_payload(
                    &lesson.schedule,
                    &lesson.extras,
                    native.section,
                    native.lesson,
                    position(&of),
                );
                written(&of, &Value::Object(payload), d);
            }
            "lessons" => {
                let native: wire::Lesson = decoded(&of, d);
                let unit =
                    serde_json::from_value(serde_json::json!({"id": 1, "section": 1, "lesson": native.id}));
                let lesson = read_lesson(&native, &unit.expect("a unit"), None);
                written(&of, &Value::Object(lesson_payload(&lesson, None)), d);
            }
            "steps" | "step-sources" => step(&of, d),
            "attempts" => drop::<wire::Attempt>(decoded(&of, d)),
            "submissions" => submission(&of, d),
            "progresses" => drop::<wire::Progress>(decoded(&of, d)),
            "users" => drop::<wire::User>(decoded(&of, d)),
            other => panic!("{}: the provider has no use for {other}", of.at),
        }
    }
    assert_eq!(differences.sources, 13, "blocks with their source");
    differences.check();
    let expected = [
        ("attempts", 21),
        ("courses", 9),
        ("lessons", 8),
        ("progresses", 52),
        ("sections", 2),
        ("step-sources", 1),
        ("steps", 133),
        ("submissions", 54),
        ("units", 2),
        ("users", 2),
    ];
    let counts: Vec<(&str, usize)> = counts.iter().map(|(list, count)| (list.as_str(), *count)).collect();
    assert_eq!(counts, expected);
}

fn position(of: &Recorded) -> u32 {
    get::number(of.object.as_object().expect("an object"), "position").unwrap_or(1.0) as u32
}

fn course(of: &Recorded, differences: &mut Differences) {
    let native: wire::Course = decoded(of, differences);
    let course = read_course(&base(), &native, &mut Losses::default());
    assert_eq!(course.visibility == Visibility::Public, native.is_public);
    written(of, &Value::Object(course_payload(&course)), differences);
}

/// A block with its source goes back as it was; of a learner's view, what is there does.
fn step(of: &Recorded, differences: &mut Differences) {
    let native: wire::Step = decoded(of, differences);
    let site = Site::new(base());
    let block = read_step(&site, &BlockId::from("b"), &native, &mut Losses::default());
    let lesson = get::number(of.object.as_object().expect("an object"), "lesson").unwrap_or_default() as u64;
    let original = Value::Object(native.block.clone());
    let has_source = get::object(&native.block, "source").is_some();
    if let BlockBody::Foreign(foreign) = &block.body {
        assert_eq!(serde_json::from_str::<Value>(&foreign.source).expect("JSON"), original, "{}", of.at);
        assert_eq!(foreign.name, native.name(), "{}", of.at);
    }
    let mut losses = Losses::default();
    let payload = write_block(&block, &mut losses).payload(lesson, position(of));
    let mut settings = of.object.as_object().expect("an object").clone();
    settings.remove("block");
    let settings = Recorded { object: Value::Object(settings), ..of.clone() };
    written(&settings, &payload, differences);
    // Without its source a quiz cannot be written as it was, and that is said.
    if native.is_quiz() && !has_source {
        assert!(payload["block"]["name"] != native.name() && !losses.0.is_empty(), "{}", of.at);
        return;
    }
    assert_eq!(losses.0, [], "{}", of.at);
    // To the letter, but for what the platform derives.
    for (key, value) in &native.block {
        if payload["block"].get(key) != Some(value) {
            let written = payload["block"].get(key).unwrap_or(&Value::Null);
            differences.changed("block", key, &of.at, value, written);
        }
    }
    differences.sources += usize::from(has_source);
}

/// What was answered is kept, in the neutral form or in the platform's.
fn submission(of: &Recorded, differences: &mut Differences) {
    let native: wire::Submission = decoded(of, differences);
    if native.reply.is_object() {
        let kept = read_reply("a kind of its own", &native.reply);
        assert_eq!(kept, Some(lms_core::Response::Native { reply: native.reply.clone() }), "{}", of.at);
    }
}

/// How often each kind of block is in each list.
type Counts = BTreeMap<String, BTreeMap<String, u64>>;

#[test]
fn every_recorded_block_is_found() {
    let Some(shared) = shared("courses") else { return };
    let all = recorded(&shared);
    for set in ["format", "hyperskill", "linked", "task-builder"] {
        let folder = format!("stepik/jetbrains-{set}/");
        let mut counts = Counts::new();
        for of in all.iter().filter(|of| of.at.starts_with(&folder) && of.object.get("block").is_some()) {
            let step: wire::Step = serde_json::from_value(of.object.clone()).expect("a step");
            *counts.entry(of.list.clone()).or_default().entry(step.name().to_owned()).or_default() += 1;
        }
        let file = shared.join(format!("counts/stepik-jetbrains-{set}.json"));
        let expected = std::fs::read(file).expect("an independent count");
        let expected: Value = serde_json::from_slice(&expected).expect("JSON");
        let expected: Counts = serde_json::from_value(expected["steps_by_block"].clone()).expect("counts");
        assert_eq!(counts, expected, "{set}");
    }
}

#[test]
fn recorded_replies_of_every_kind_are_read_and_sent_as_they_were() {
    let Some(shared) = shared("courses") else { return };
    let folder = shared.join("recordings/jetbrains-fragments");
    let read = |file: &str| -> Value {
        let text = std::fs::read_to_string(folder.join(file)).expect(file);
        serde_json::from_str(&text).expect(file)
    };
    for (name, file) in [
        ("string", "guessReplyStringTask.json"),
        ("number", "guessReplyNumberTask.json"),
        ("code", "guessReplyCodeTask.json"),
        ("dataset", "guessReplyDataTask.json"),
        ("choice", "guessReplyChoiceTask.json"),
        ("table", "guessReplyTableTask.json"),
        ("pycharm", "guessReplyEduTask.json"),
    ] {
        let recorded = read(file);
        let answer = read_reply(name, &recorded).expect(file);
        // What an attempt would offer to such a reply.
        let offered = recorded.get("choices").and_then(Value::as_array).map_or(0, Vec::len);
        let dataset =
            wire::object(serde_json::json!({"options": vec![""; offered], "rows": vec![""; offered]}));
        let step =
            serde_json::from_value(serde_json::json!({"id": 1, "block": {"name": name}})).expect("a step");
        let quiz = view(&Site::new(base()), &step, &wire::Object::new());
        let sent = reply(&Site::new(base()), name, quiz.as_ref(), &answer, &dataset).expect(file);
        // `version` is the JetBrains plugin's own, and no other client sends it (reference stepik.md 4.15).
        for (key, value) in
            recorded.as_object().expect("an object").iter().filter(|(key, _)| *key != "version")
        {
            assert_eq!(sent.get(key), Some(value), "{file}: {key}");
        }
    }
    // A reply that the platform would refuse: places are counted from 0 (reference stepik.md 4.9).
    let sorted = read("guessReplySortingBasedTask.json");
    let answer = read_reply("sorting", &sorted).expect("an answer");
    check_answer("sorting", None, &answer).expect_err("no permutation of 0..n-1");
}
