//! The recordings: answers with lists of objects, single objects, requests.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// One object of a recording.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    /// The list that the API has it in: `courses`, `steps`.
    pub(super) list: String,
    /// The file.
    pub(super) at: String,
    pub(super) object: Value,
}

/// Lists of the API that the provider reads. Other lists in the files are parts of tasks, or of
/// Hyperskill, a sister service (reference stepik.md 6.2a).
const LISTS: [&str; 10] = [
    "courses",
    "sections",
    "units",
    "lessons",
    "steps",
    "step-sources",
    "attempts",
    "submissions",
    "progresses",
    "users",
];

/// What holds JSON of its authors' own, not of the API.
const OPAQUE: [&str; 5] = ["block", "options", "source", "reply", "dataset"];

/// Every object of every file that comes from Stepik.
pub(super) fn recorded(shared: &Path) -> Vec<Recorded> {
    let folders = [
        "stepik/jetbrains-format",
        "stepik/jetbrains-hyperskill",
        "stepik/jetbrains-linked",
        "stepik/jetbrains-task-builder",
        "recordings/jetbrains-format",
        "recordings/jetbrains-hyperskill",
        "recordings/stepik-android-tests",
        "recordings/stepik-api-examples",
    ];
    let mut found = Vec::new();
    for folder in folders {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(shared.join(folder))
            .unwrap_or_else(|e| panic!("{folder}: {e}"))
            .filter_map(|file| Some(file.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|end| end == "json"))
            .collect();
        paths.sort();
        for path in paths {
            let at = format!("{folder}/{}", path.file_name().unwrap_or_default().to_string_lossy());
            let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{at}: {e}"));
            let json: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{at}: {e}"));
            if json.get("block").is_some() {
                found.push(Recorded { list: "steps".into(), at: at.clone(), object: json.clone() });
            }
            collect(&json, &at, &mut found);
        }
    }
    found
}

fn collect(value: &Value, at: &str, found: &mut Vec<Recorded>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, at, found)),
        Value::Object(of) => {
            for (key, item) in of.iter().filter(|(key, _)| !OPAQUE.contains(&key.as_str())) {
                // A request wraps the object in its singular (reference stepik.md 2.2).
                if let ("stepSource", Value::Object(_)) = (key.as_str(), item) {
                    found.push(Recorded { list: "steps".into(), at: at.to_owned(), object: item.clone() });
                }
                let objects = item.as_array().filter(|items| items.iter().all(Value::is_object));
                if let (true, Some(objects)) = (LISTS.contains(&key.as_str()), objects) {
                    let of = |object: &Value| Recorded {
                        list: key.clone(),
                        at: at.to_owned(),
                        object: object.clone(),
                    };
                    found.extend(objects.iter().map(of));
                }
                collect(item, at, found);
            }
        }
        _ => {}
    }
}
