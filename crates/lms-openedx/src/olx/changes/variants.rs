//! All that can be otherwise in a node.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Other values for a value.
fn others(value: &Value) -> Vec<Value> {
    const WORDS: [[&str; 4]; 5] = [
        ["all_or_nothing", "every_decision", "halves", "per_part"],
        ["single", "multiple", "", ""],
        ["exact", "substring", "regex", "regex_search"],
        ["key", "human", "", ""],
        ["public", "private", "", ""],
    ];
    match value {
        Value::String(text) if text.ends_with('>') => {
            vec![json!(format!("{text}<p>More &amp; more</p>")), json!("")]
        }
        Value::String(text) => {
            let enumerated: Vec<Value> = WORDS
                .iter()
                .filter(|words| words.contains(&text.as_str()))
                .flat_map(|words| words.map(Value::from))
                .collect();
            if !enumerated.is_empty() {
                return enumerated;
            }
            let more = [format!("{text}1"), format!("{text} &amp; more"), String::new()];
            let own = ["2031-05-06T07:08:09Z", "b.png"].map(str::to_owned);
            more.into_iter().chain(own).map(Value::from).collect()
        }
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            vec![json!(number as u64 + 1), json!(number + 0.25), json!(0)]
        }
        Value::Bool(is) => vec![json!(!is)],
        Value::Array(list) => {
            let fewer = list.get(1..).unwrap_or_default().to_vec();
            vec![Value::Array(fewer), Value::Array(list.iter().rev().cloned().collect())]
        }
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

/// Values that may be absent.
fn absent() -> Vec<(&'static str, Value)> {
    let page = || json!("<p>New &amp; true</p>");
    vec![
        ("title", json!("New <title>")),
        ("prompt", page()),
        ("hints", json!(["<p>New</p>"])),
        ("feedback", page()),
        ("feedback", json!({ "correct": "<p>Right</p>" })),
        ("feedback", json!({ "incorrect": "<p>Wrong</p>" })),
        ("feedback", json!({ "explanation": "<p>So</p>" })),
        ("feedback_unselected", page()),
        ("correct", page()),
        ("incorrect", page()),
        ("explanation", page()),
        ("attempts", json!(7)),
        ("suffix", json!("kg")),
        ("shown", json!(2)),
        ("seconds", json!(12.5)),
        ("youtube", json!("xyz")),
        ("poster", json!("asset:b.png")),
        ("caption", page()),
        ("sources", json!(["https://example.org/other.mp4"])),
        ("transcripts", json!([{ "language": "fr", "asset": "de.srt" }])),
        ("start", json!("2030-05-06T07:08:09Z")),
        ("due", json!("2030-05-06T07:08:09Z")),
        ("end", json!("2030-05-06T07:08:09Z")),
        ("category", json!("Exam")),
        ("language", json!("de")),
        ("summary", json!("Brief")),
        ("description", page()),
        ("cover", json!("b.png")),
        ("short_label", json!("X")),
    ]
}

/// What a value is with one part of it changed, for every part: where, and the whole.
fn variants(value: &Value) -> Vec<(String, Value)> {
    let mut found: Vec<(String, Value)> =
        others(value).into_iter().map(|other| (format!(" = {other}"), other)).collect();
    match value {
        Value::Object(map) => {
            for (key, part) in map.iter().filter(|(key, _)| !SAME.contains(&key.as_str())) {
                for (place, other) in variants(part) {
                    let mut map = map.clone();
                    map.insert(key.clone(), other);
                    found.push((format!(".{key}{place}"), Value::Object(map)));
                }
                let mut without = map.clone();
                without.remove(key);
                found.push((format!(".{key} goes"), Value::Object(without)));
            }
            for (key, part) in absent().into_iter().filter(|(key, _)| !map.contains_key(*key)) {
                let mut map = map.clone();
                map.insert(key.to_owned(), part);
                found.push((format!(".{key} comes"), Value::Object(map)));
            }
        }
        Value::Array(list) => {
            for (n, part) in list.iter().enumerate() {
                for (place, other) in variants(part) {
                    let mut list = list.clone();
                    if let Some(slot) = list.get_mut(n) {
                        *slot = other;
                    }
                    found.push((format!("[{n}]{place}"), Value::Array(list)));
                }
            }
        }
        _ => {}
    }
    found
}

/// Who a node is, what stands in it (tried on its own), and what only Open edX knows.
const SAME: [&str; 10] =
    ["id", "task", "extras", "sections", "lessons", "steps", "blocks", "assets", "kind", "source"];

/// The changed forms of a node.
pub(super) fn changed<T: Serialize + DeserializeOwned + PartialEq>(node: &T) -> Vec<(String, T)> {
    let value = serde_json::to_value(node).expect("JSON");
    let typed = variants(&value).into_iter().filter_map(|(place, other)| {
        let other: T = serde_json::from_value(other).ok()?;
        (other != *node).then_some((place, other))
    });
    typed.collect()
}
