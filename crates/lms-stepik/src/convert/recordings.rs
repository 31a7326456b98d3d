//! Recorded answers of the platform, where they are at hand: every block is read, and what can be
//! written back comes out as it went in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lms_core::{BlockBody, BlockId};
use serde_json::Value;
use url::Url;

use super::{Losses, Site, read_step, write_block};
use crate::wire::{Step, get};

/// The folder with courses and counts, which is no part of the project.
fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("LMS_SHARED").map_or(beside, PathBuf::from).join("courses");
    folder.is_dir().then_some(folder)
}

/// The objects in lists of steps, at any depth.
fn steps<'a>(value: &'a Value, found: &mut Vec<(&'a str, &'a Value)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| steps(item, found)),
        Value::Object(of) => {
            for (key, item) in of {
                if let ("steps" | "step-sources", Some(list)) = (key.as_str(), item.as_array()) {
                    found.extend(
                        list.iter()
                            .filter(|step| step.get("block").is_some())
                            .map(|step| (key.as_str(), step)),
                    );
                } else if key != "block" {
                    steps(item, found);
                }
            }
        }
        _ => {}
    }
}

type Counts = BTreeMap<String, BTreeMap<String, u64>>;

#[test]
fn every_recorded_block_is_read_and_counted() {
    let Some(shared) = shared() else {
        eprintln!("skipped: no recordings; LMS_SHARED names their folder");
        return;
    };
    let site = Site::new(Url::parse("https://stepik.org").expect("a URL"));
    let mut sources = 0;
    for folder in std::fs::read_dir(shared.join("stepik")).expect("recordings").flatten() {
        if !folder.path().is_dir() {
            continue;
        }
        let name = folder.file_name().into_string().expect("a name");
        let mut counts = Counts::new();
        for file in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
            let Ok(text) = std::fs::read_to_string(file.path()) else { continue };
            let Ok(answer) = serde_json::from_str::<Value>(&text) else { continue };
            let mut found = Vec::new();
            steps(&answer, &mut found);
            for (kind, step) in found {
                let native: Step = serde_json::from_value(step.clone()).expect("a step");
                *counts.entry(kind.to_owned()).or_default().entry(native.name().to_owned()).or_default() += 1;
                sources += usize::from(goes_back(&site, &native, &file.path()));
            }
        }
        let expected = std::fs::read(shared.join(format!("counts/stepik-{name}.json"))).expect("counts");
        let expected: Value = serde_json::from_slice(&expected).expect("JSON");
        let expected: Counts = serde_json::from_value(expected["steps_by_block"].clone()).expect("counts");
        assert_eq!(counts, expected, "{name}");
    }
    assert_eq!(sources, 12, "blocks with their source");
}

/// Whether the block has a source; it is written back as it was.
fn goes_back(site: &Site, native: &Step, path: &Path) -> bool {
    let block = read_step(site, &BlockId::from("b"), native, &mut Losses::default());
    let readable = !matches!(&block.body, BlockBody::Foreign(foreign) if foreign.name.is_empty());
    assert!(readable, "{}", path.display());
    let mut losses = Losses::default();
    let payload = write_block(&block, &mut losses).payload(1, 1);
    let Some(source) = get::object(&native.block, "source") else { return false };
    assert_eq!(payload["block"]["source"], Value::Object(source.clone()), "{}", path.display());
    assert_eq!(losses.0, [], "{}", path.display());
    true
}
