//! The client, held against answers of a real LMS and a real Studio.
//!
//! Each record is an error that the dialect has to see ([`errors`]), or it is played to the client, which asks for it
//! through its public methods and has to see what the record says; the rest is [`NOT_ASKED`] for, with the reason.

mod errors;
mod learners;
mod lms;
mod pages;
mod player;
mod problems;
mod sign_in;
mod studio;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lms_core::Timestamp;
use lms_http::testing::Recorded;
use serde_json::Value;

use crate::shared::shared;

/// Answers that the client never asks for, with the reason.
const NOT_ASKED: &[(&str, &str)] = &[
    (
        "blocks-demo-course: all blocks, staff, list",
        "a list has no order and no root; the client asks for the map",
    ),
    ("blocks-platform-test-unicode: all blocks, staff, list", "the same"),
    ("blocks: filter by type", "the same; the filter is asked for with the map"),
    ("home: outline", "the course's home page; the blocks of the course are asked for in its stead"),
    ("home: dates", "the same; dates stand in the blocks"),
    ("home: metadata", "the same: tabs and banners of a page"),
    ("home: courseware", "the same"),
    ("home: sequence", "the same"),
    ("home: learning sequences outline", "for global staff, and without units; the blocks have all of it"),
    ("home: mobile enrollments", "the app's list; the enrollment API has the same for every client"),
    ("misc: options", "a view about itself"),
    (
        "oauth: client credentials, HTTP basic",
        "the credentials go in the body: some releases look there alone",
    ),
    ("problems: GET instead of POST", "the client posts"),
    ("problems: unknown action", "the client's actions are all known"),
    ("session: login without CSRF token", "the client sends one"),
    ("session: me by session", "who one is is asked with the token"),
    (
        "xblock: chromeless page of a problem",
        "a page for a browser; the handler gives the problem without it",
    ),
];

/// What was asked, and what was answered.
struct Record {
    /// Its place among all.
    at: usize,
    /// `file: name`; some names come twice.
    name: String,
    record: Value,
}

impl Record {
    fn method(&self) -> &str {
        self.record["request"]["method"].as_str().unwrap_or_default()
    }

    /// Path and query.
    fn target(&self) -> &str {
        self.record["request"]["path"].as_str().unwrap_or_default()
    }

    /// What was sent.
    fn sent(&self) -> &str {
        self.record["request"]["body"].as_str().unwrap_or_default()
    }

    /// What came back; null where it was no JSON.
    fn json(&self) -> &Value {
        &self.record["response"]["json"]
    }

    fn body(&self) -> String {
        match self.record["response"].get("json") {
            Some(json) => json.to_string(),
            None => self.record["response"]["text"].as_str().unwrap_or_default().to_owned(),
        }
    }

    fn status(&self) -> u16 {
        self.record["response"]["status"]
            .as_u64()
            .and_then(|status| status.try_into().ok())
            .expect("a status")
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.record["response"]["headers"].as_array().into_iter().flatten();
        all.map(|header| (header[0].as_str().unwrap_or_default(), header[1].as_str().unwrap_or_default()))
    }

    /// For the dialect.
    fn recorded(&self) -> Recorded {
        let answer = Recorded::new(self.status(), self.body());
        self.headers().fold(answer, |answer, (name, value)| answer.header(name, value))
    }
}

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("a recording");
    serde_json::from_str(&text).expect("JSON")
}

/// Every record; `None` where the recordings are not at hand.
fn records() -> Option<Vec<Record>> {
    let folder = shared("courses/recordings/openedx-lms")?;
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let mut found = Vec::new();
    for file in files.into_iter().filter(|f| f.extension().is_some_and(|e| e == "json")) {
        let stem = file.file_stem().expect("a name").to_string_lossy().into_owned();
        for record in json(&file).as_array().expect("a list") {
            let name = format!("{stem}: {}", record["name"].as_str().expect("a name"));
            found.push(Record { at: found.len(), name, record: record.clone() });
        }
    }
    Some(found)
}

/// The record of this name.
fn named<'a>(records: &'a [Record], name: &str) -> &'a Record {
    records.iter().find(|record| record.name == name).unwrap_or_else(|| panic!("no record {name}"))
}

/// A text, where the answer has one that is not empty.
fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A date of an answer.
fn when(value: &Value) -> Option<Timestamp> {
    value.as_str().map(|text| text.parse().expect("a date"))
}

#[tokio::test]
async fn every_recorded_answer_becomes_what_it_says() {
    let Some(records) = records() else { return };
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    sign_in::play(&records, &mut seen).await;
    lms::play(&records, &mut seen).await;
    learners::play(&records, &mut seen).await;
    problems::play(&records, &mut seen).await;
    studio::play(&records, &mut seen).await;
    let errors: BTreeSet<&str> = errors::ERRORS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let not_asked: BTreeSet<&str> = NOT_ASKED.iter().map(|(name, _)| *name).collect();
    let (mut played, mut refused, mut left) = (0, 0, Vec::new());
    for record in &records {
        let name = record.name.as_str();
        match (seen.contains(&record.at), errors.contains(name), not_asked.contains(name)) {
            (true, false, false) => played += 1,
            (false, true, false) => refused += 1,
            (false, false, true) => {}
            place => left.push(format!("{name}: (played, an error, not asked for) is {place:?}")),
        }
    }
    assert!(left.is_empty(), "{}", left.join("\n"));
    assert_eq!(played + refused + NOT_ASKED.len(), records.len());
    eprintln!(
        "{} records: {played} played, {refused} errors, {} not asked for",
        records.len(),
        NOT_ASKED.len()
    );
}
