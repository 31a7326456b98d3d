//! Large synthetic courses, and how few requests read one.

use std::collections::HashMap;

use lms_emulator::stepik::StepikEmulator;
use lms_emulator::{Options, Scale};
use serde_json::{Value, json};

use crate::client::{Client, id, ids};

async fn many(client: &Client, name: &str, wanted: &[i64]) -> Vec<Value> {
    let mut found = Vec::new();
    for ids in wanted.chunks(100) {
        let query: Vec<String> = ids.iter().map(|id| format!("ids[]={id}")).collect();
        found.extend(
            client.get(&format!("/api/{name}?{}", query.join("&"))).await[name].as_array().unwrap().clone(),
        );
    }
    let places: HashMap<i64, usize> = wanted.iter().enumerate().map(|(place, id)| (*id, place)).collect();
    found.sort_by_cached_key(|object| places[&id(object)]);
    found
}

fn children(parents: &[Value], key: &str) -> Vec<i64> {
    parents.iter().flat_map(|parent| ids(&parent[key])).collect()
}

#[tokio::test]
async fn a_course_is_read_in_few_requests_by_author_and_learner() {
    for (scale, most) in [(Scale::M, 20), (Scale::L, 80)] {
        let server =
            StepikEmulator::start(Options { scale: Some(scale), ..Options::default() }).await.unwrap();
        let course = server.synthetic_course().unwrap();
        for (client, name) in
            [(Client::author(&server).await, "step-sources"), (Client::learner(&server).await, "steps")]
        {
            server.log().clear();
            let held = client.get(&format!("/api/courses/{course}")).await["courses"][0].clone();
            let sections = many(&client, "sections", &ids(&held["sections"])).await;
            let units = many(&client, "units", &children(&sections, "units")).await;
            let lessons: Vec<i64> = units.iter().map(|unit| unit["lesson"].as_i64().unwrap()).collect();
            let lessons = many(&client, "lessons", &lessons).await;
            let steps = many(&client, name, &children(&lessons, "steps")).await;
            assert_eq!(
                (sections.len(), lessons.len(), steps.len()),
                (scale.sections(), scale.lessons(), scale.steps())
            );
            assert!(server.log().reads() <= most, "{scale} {name}: {}", server.log().reads());
            assert_eq!(server.log().count("GET", &format!("/api/{name}")), scale.steps() / 100);
            assert_eq!(server.log().writes(), 0);
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn an_object_that_is_held_in_part_is_shown_whole_and_can_be_changed() {
    let server =
        StepikEmulator::start(Options { scale: Some(Scale::M), ..Options::default() }).await.unwrap();
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    let course = server.synthetic_course().unwrap();
    let held = author.get(&format!("/api/courses/{course}")).await["courses"][0].clone();
    let lesson = held["first_lesson"].as_i64().unwrap();
    // The same keys as an object that was written by hand.
    let own = author.lesson().await;
    let step = author.step(own, json!({"name": "text", "text": "x"})).await;
    let (_, section, unit) = author.course_with(own).await;
    let steps = ids(&author.get(&format!("/api/lessons/{lesson}")).await["lessons"][0]["steps"]);
    for (name, written, made) in [
        ("sections", section, held["sections"][0].as_i64().unwrap()),
        ("units", unit, held["first_unit"].as_i64().unwrap()),
        ("lessons", own, lesson),
        ("step-sources", id(&step), steps[0]),
        ("steps", id(&step), steps[0]),
    ] {
        let keys = async |id: i64| {
            let object = author.get(&format!("/api/{name}/{id}")).await[name][0].clone();
            let mut keys: Vec<String> = object.as_object().unwrap().keys().cloned().collect();
            keys.extend(
                object["block"]
                    .as_object()
                    .into_iter()
                    .flat_map(|block| block.keys().map(|key| format!("block.{key}"))),
            );
            // Lessons of a synthetic course have no groups of their own.
            keys.retain(|key| !key.ends_with("_group"));
            keys.sort();
            keys
        };
        assert_eq!(keys(written).await, keys(made).await, "{name}");
    }
    let first = author.get(&format!("/api/step-sources/{}", steps[0])).await["step-sources"][0].clone();
    assert_eq!(first["block"]["options"], json!({"is_multiple_choice": false}));
    let number = first["block"]["source"]["options"][0]["text"].clone();
    let attempt = learner.attempt(steps[0]).await;
    let ticks: Vec<bool> =
        attempt["dataset"]["options"].as_array().unwrap().iter().map(|option| *option == number).collect();
    assert_eq!(learner.submit(&attempt, json!({ "choices": ticks })).await["status"], "correct");

    let mut block = first["block"].clone();
    block["text"] = json!("Changed");
    let put = json!({"stepSource": {"lesson": lesson, "position": 2, "block": block, "cost": 3}});
    assert_eq!(author.put(&format!("/api/step-sources/{}", steps[0]), put).await.0, 200);
    let changed = author.prepared(steps[0]).await;
    assert_eq!(
        (&changed["block"]["text"], &changed["position"], &changed["cost"]),
        (&json!("Changed"), &json!(2), &json!(3))
    );
    assert_eq!(changed["create_date"], first["create_date"]);
    let order = ids(&author.get(&format!("/api/lessons/{lesson}")).await["lessons"][0]["steps"]);
    assert_eq!(order[..2], [steps[1], steps[0]]);
    assert_eq!(author.delete(&format!("/api/lessons/{lesson}")).await, 204);
    let after = author.get(&format!("/api/courses/{course}")).await["courses"][0].clone();
    assert_eq!(after["total_units"], Scale::M.lessons() - 1);
    assert_ne!(after["first_lesson"], lesson);
}
