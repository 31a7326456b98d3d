//! The trees of whole courses, block by block.

use serde_json::Value;

use super::{COURSES, Replay};
use crate::openedx::tests::shared::shared;

/// Whole trees: the same blocks with the same children, and the values of the fields we compute.
#[tokio::test]
async fn trees_are_those_of_the_real_lms() {
    let Some(root) = shared("") else { return };
    let replay = Replay::start(&root).await;
    let mut wrong = Vec::new();
    let mut asked = 0;
    for (folder, record) in COURSES.iter().flat_map(|(folder, _)| {
        replay.read(&format!("blocks-{folder}")).into_iter().map(move |r| (folder, r))
    }) {
        asked += 1;
        let ours = by_id(replay.ask(&record).await.json.expect("JSON"));
        let real_blocks = &by_id(record["response"]["json"].clone());
        for (usage, block) in real_blocks {
            let mine = ours.get(usage).unwrap_or(&Value::Null);
            // Which problems a randomized block hands out is chance.
            if ODD.iter().any(|kind| usage.contains(kind)) || in_library(block, real_blocks) {
                continue;
            }
            if mine.is_null() {
                wrong.push(format!("{folder}: {usage} is missing"));
                continue;
            }
            for field in [
                "type",
                "block_id",
                "display_name",
                "children",
                "graded",
                "format",
                "due",
                "start",
                "has_score",
                "weight",
                "completion",
            ] {
                let odd = |value: &Value| ODD.iter().any(|kind| value.to_string().contains(kind));
                if field == "children" && (odd(block) || odd(mine)) {
                    continue;
                }
                let number = |value: &Value| value.get(field).and_then(Value::as_f64);
                let same = number(mine).is_some() && number(mine) == number(block);
                if mine.get(field) != block.get(field) && !same {
                    wrong.push(format!(
                        "{folder}: {usage}: {field} {:?}, real {:?}",
                        mine.get(field),
                        block.get(field)
                    ));
                }
            }
        }
        for (usage, block) in ours.iter().filter(|(usage, _)| !real_blocks.contains_key(*usage)) {
            if !ODD.iter().any(|kind| usage.contains(kind)) && !in_library(block, &ours) {
                wrong.push(format!("{folder}: {usage} is too much"));
            }
        }
    }
    assert_eq!(asked, 7, "a record is left out");
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

/// Kinds whose trees differ and may: blocks that the recorded instance could not read became `error` blocks, a
/// `recommender` among them; of a `split_test` a learner sees one branch in its place, which needs groups.
const ODD: [&str; 7] = [
    "type@error",
    "type@recommender",
    "type@split_test",
    "type@library_content",
    "171b4e83746b436296728f8e266b59e3",
    "2eeda4b3431e41fa9d09c791dee19f6f",
    "f4a364f8e0754f96b07ec2c7413f12fe",
];

fn in_library(block: &Value, all: &serde_json::Map<String, Value>) -> bool {
    let libraries = all.values().filter(|parent| parent["type"] == "library_content");
    libraries
        .flat_map(|parent| parent["children"].as_array().into_iter().flatten())
        .any(|child| *child == block["id"])
}

/// The blocks of an answer of either kind.
fn by_id(answer: Value) -> serde_json::Map<String, Value> {
    match answer {
        Value::Array(list) => {
            list.into_iter().map(|b| (b["id"].as_str().expect("an id").to_owned(), b)).collect()
        }
        mut answer => match answer["blocks"].take() {
            Value::Object(blocks) => blocks,
            other => panic!("no blocks: {other}"),
        },
    }
}
