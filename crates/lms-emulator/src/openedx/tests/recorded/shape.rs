//! Every recorded request: same status, same keys, same types.

use serde_json::Value;

use super::{PYTHON, Replay, claims};
use crate::openedx::tests::shared::shared;

/// In the order in which they were recorded. The trees of whole courses have a test of their own.
const FILES: [&str; 15] = [
    "oauth",
    "users",
    "session",
    "courses",
    "blocks",
    "enrollment",
    "problems",
    "grades",
    "home",
    "completion",
    "xblock",
    "misc",
    "limits",
    "studio-import",
    "studio",
];

/// Records of `trees.rs`.
const TREES: usize = 7;

/// What is otherwise here, and why.
const EXCEPTIONS: [(&str, &str); 3] = [
    ("blocks: from one unit", "a 500 of that instance; a unit is answered with its blocks"),
    ("misc: heartbeat", "that instance lacked a search service; there is no such service here"),
    ("studio: quality", "a 500 of that instance; there is no such view here"),
];

#[tokio::test]
async fn every_recorded_request_is_answered_alike() {
    let Some(root) = shared("") else { return };
    let replay = Replay::start(&root).await;
    let (mut asked, mut wrong) = (0, Vec::new());
    for file in FILES {
        for record in replay.read(file) {
            let name = format!("{file}: {}", record["name"].as_str().expect("name"));
            if EXCEPTIONS.iter().any(|(known, _)| *known == name) {
                continue;
            }
            replay.prepare(file);
            asked += 1;
            compare(&replay, &record, &name, &mut wrong).await;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(asked + EXCEPTIONS.len() + TREES, 257, "a record is left out");
}

async fn compare(replay: &Replay, record: &Value, name: &str, wrong: &mut Vec<String>) {
    let mut ours = replay.ask(record).await;
    let real = &record["response"];
    // A task of the recording had ended when it was asked about.
    while name.ends_with(": status") && running(ours.json.as_ref()) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        ours = replay.ask(record).await;
    }
    if u64::from(ours.status) != real["status"].as_u64().unwrap_or(0) {
        wrong.push(format!("{name}: status {}, real {}", ours.status, real["status"]));
        return;
    }
    if name.ends_with(": status") && ours.json.as_ref() != real.get("json") {
        wrong.push(format!("{name}: {:?}, real {}", ours.json, real["json"]));
    }
    let named = |header: &str| real["headers"].as_array().into_iter().flatten().any(|pair| pair[0] == header);
    if ours.retry_after != named("Retry-After") {
        wrong.push(format!("{name}: Retry-After {}, real {}", ours.retry_after, !ours.retry_after));
    }
    // What Python says of an answer cannot be known here.
    let scripted = name.starts_with("problems: check") && PYTHON.iter().any(|word| name.contains(word));
    match (real.get("json"), &ours.json) {
        (Some(_), Some(_)) if scripted => {}
        (Some(real), Some(ours)) => {
            differences(ours, real, &format!("{name}: "), wrong);
            if let (Some(ours), Some(real)) = (jwt(ours), jwt(real)) {
                differences(&claims(ours), &claims(real), &format!("{name}: claims"), wrong);
            }
        }
        (Some(_), None) => wrong.push(format!("{name}: is no JSON")),
        (None, Some(_)) => wrong.push(format!("{name}: is JSON")),
        (None, None) => {}
    }
}

fn running(body: Option<&Value>) -> bool {
    let state = body.and_then(|body| body["state"].as_str());
    state.is_some_and(|state| !matches!(state, "Succeeded" | "Failed"))
}

fn jwt(body: &Value) -> Option<&str> {
    (body["token_type"] == "JWT").then(|| body["access_token"].as_str())?
}

/// Same keys and types; a null fits anything, and the first entry of a list stands for all.
fn differences(ours: &Value, real: &Value, at: &str, wrong: &mut Vec<String>) {
    match (ours, real) {
        (Value::Object(ours), Value::Object(real)) => {
            // `user_attendance` is an addition of the recorded copy.
            for key in real.keys().filter(|key| !ours.contains_key(*key) && *key != "user_attendance") {
                wrong.push(format!("{at}.{key} is missing"));
            }
            for (key, value) in ours {
                match real.get(key) {
                    Some(real) => differences(value, real, &format!("{at}.{key}"), wrong),
                    None => wrong.push(format!("{at}.{key} is too much")),
                }
            }
        }
        (Value::Array(ours), Value::Array(real)) => match (ours.as_slice(), real.as_slice()) {
            ([], []) => {}
            ([], _) | (_, []) => wrong.push(format!("{at}: {} entries, real {}", ours.len(), real.len())),
            (ours, [first, ..]) => {
                for (n, entry) in ours.iter().enumerate() {
                    differences(entry, first, &format!("{at}[{n}]"), wrong);
                }
            }
        },
        (Value::Null, _) | (_, Value::Null) => {}
        (ours, real) if std::mem::discriminant(ours) == std::mem::discriminant(real) => {}
        (ours, real) => wrong.push(format!("{at}: {ours}, real {real}")),
    }
}
