//! Recordings of the real platform: what was recorded is what is served.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;
use serde_json::{Value, json};

use crate::client::{Client, id};
use crate::shared::shared;

/// Every object of a list in the files of these folders, the first of each id.
fn recorded(folders: &[PathBuf], name: &str) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for folder in folders {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        for file in files {
            let Ok(document) = serde_json::from_slice::<Value>(&std::fs::read(&file).unwrap()) else {
                continue;
            };
            for object in document[name].as_array().into_iter().flatten().filter(|object| object.is_object())
            {
                found.entry(object["id"].to_string()).or_insert_with(|| object.clone());
            }
        }
    }
    found
}

#[tokio::test]
async fn attempts_submissions_and_progresses_are_served_as_recorded() {
    let Some(shared) = shared("") else { return };
    let folders: Vec<PathBuf> =
        ["jetbrains-format", "jetbrains-fragments", "stepik-android-tests", "stepik-api-examples"]
            .iter()
            .map(|name| shared.join("courses/recordings").join(name))
            .collect();
    let server =
        StepikEmulator::start(Options { load: folders.clone(), ..Options::default() }).await.unwrap();
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    for (name, least) in [("attempts", 21), ("submissions", 20), ("progresses", 52), ("users", 1)] {
        let recorded = recorded(&folders, name);
        assert!(recorded.len() >= least, "{name}: {}", recorded.len());
        for object in recorded.values() {
            let key = object["id"].as_str().map_or_else(|| object["id"].to_string(), str::to_owned);
            let served = author.get(&format!("/api/{name}?ids[]={key}")).await[name][0].clone();
            assert_eq!(&served, object, "{name} {key}");
        }
    }
    // They were somebody's own: another account does not see them, and nobody can go on with them.
    let attempt = recorded(&folders, "attempts").into_values().next().unwrap();
    assert_eq!(learner.refused(&format!("/api/attempts/{}", id(&attempt))).await, 404);
    let reply = json!({"submission": {"attempt": id(&attempt), "reply": {"text": "x"}}});
    assert_eq!(author.post("/api/submissions", reply).await.0, 400);
    let found = author.get(&format!("/api/attempts?step={}&user={}", attempt["step"], attempt["user"])).await;
    assert!(found["attempts"].as_array().unwrap().iter().any(|found| found["id"] == attempt["id"]));
}

#[tokio::test]
async fn a_step_without_an_envelope_is_a_step() {
    let Some(shared) = shared("") else { return };
    let file = shared.join("courses/recordings/stepik-android-tests/StepTest-readyStatusJson.json");
    let recorded: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let server = StepikEmulator::start(Options { load: vec![file], ..Options::default() }).await.unwrap();
    let served =
        Client::author(&server).await.get(&format!("/api/steps/{}", id(&recorded))).await["steps"][0].clone();
    assert_eq!(served["block"], recorded["block"]);
    assert_eq!(served["status"], recorded["status"]);
}
