//! Verification notices a change of any field of the model, except of those that are named here with a reason. A
//! field that is added to the model is looked at without being asked for.

use std::collections::BTreeSet;

use lms::Course;
use lms::migrate::compare;
use serde_json::{Value, json};

use crate::announced::alone;
use crate::course::course;

/// Fields whose change is no difference, or is seen by other means.
const SEEN_ELSEWHERE: &[(&str, &str)] = &[
    ("id", "ids are the platform's own"),
    ("task", "ids are the platform's own"),
    ("extras", "settings of one platform"),
    ("key", "compared by what it makes of answers"),
    ("assets", "compared by their bytes"),
    ("asset", "compared by their bytes"),
    ("cover", "compared by their bytes"),
    ("platform", "a native block is that of its platform"),
    ("format", "a native block is that of its platform"),
];

/// Words of the model's enums, to change one into another.
const WORDS: &[&str] = &[
    "single",
    "multiple",
    "all_or_nothing",
    "per_part",
    "every_decision",
    "halves",
    "public",
    "private",
    "key",
    "human",
    "entry",
    "2001-01-01T00:00:00Z",
];

fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, v)| leaves(v, &format!("{at}/{key}"), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, v)| leaves(v, &format!("{at}/{n}"), found))
        }
        _ => found.push(at.to_owned()),
    }
}

/// Other values in the place of one.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(flag) => vec![json!(!flag)],
        Value::Number(n) => {
            vec![json!(n.as_u64().unwrap_or_default() + 1), json!(n.as_f64().unwrap_or_default() + 0.5)]
        }
        Value::String(text) => {
            let words = WORDS.iter().filter(|word| *word != text).map(|word| json!(word));
            [json!(format!("{text} more"))].into_iter().chain(words).collect()
        }
        _ => Vec::new(),
    }
}

fn unseen(whole: &Course, found: &mut BTreeSet<String>, seen: &mut BTreeSet<String>) {
    let before = serde_json::to_value(whole).expect("JSON");
    let mut all = Vec::new();
    leaves(&before, "", &mut all);
    for at in all {
        let fields: Vec<&str> = at.split('/').filter(|part| part.parse::<usize>().is_err()).collect();
        if fields.iter().any(|field| SEEN_ELSEWHERE.iter().any(|(name, _)| name == field)) {
            continue;
        }
        let name = fields.join("/");
        let value = before.pointer(&at).unwrap_or(&Value::Null);
        // Files are compared by their bytes.
        if value.as_str().is_some_and(|text| text.starts_with("asset:")) {
            continue;
        }
        for other in others(value) {
            let mut after = before.clone();
            if let Some(leaf) = after.pointer_mut(&at) {
                *leaf = other;
            }
            let Ok(changed) = serde_json::from_value::<Course>(after) else { continue };
            if changed == *whole {
                continue;
            }
            let is_seen = !compare(whole, &changed).is_empty();
            if is_seen {
                seen.insert(name.clone())
            } else {
                found.insert(name.clone())
            };
            break;
        }
    }
}

#[test]
fn a_change_of_any_field_is_noticed() {
    let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for seed in 0..6 {
        let whole = course(seed);
        unseen(&whole.header(), &mut found, &mut seen);
        let mut bare = whole.clone();
        bare.assets.clear();
        for step in bare.sections.iter_mut().flat_map(|s| &mut s.lessons).flat_map(|l| &mut l.steps) {
            step.blocks.clear();
        }
        unseen(&bare, &mut found, &mut seen);
        for place in whole.blocks() {
            unseen(&alone(place.block.1), &mut found, &mut seen);
        }
    }
    assert!(seen.len() > 60, "{seen:?}");
    assert!(found.is_empty(), "no difference is seen when these change: {found:#?}");
}
