//! Imports, units, runs, validation.

use std::collections::BTreeSet;

use serde_json::Value;

use super::player::Player;
use super::{Record, named, when};
use crate::{ImportStage, ImportTask};

pub(super) async fn play(records: &[Record], seen: &mut BTreeSet<usize>) {
    imports(records, seen).await;
    units(records, seen).await;
    runs(records, seen).await;
    validation(records, seen).await;
}

async fn imports(records: &[Record], seen: &mut BTreeSet<usize>) {
    let folder = tempfile::tempdir().expect("a folder");
    let archive = folder.path().join("course.tar.gz");
    std::fs::write(&archive, "an archive").expect("a file");
    let course = |record: &Record| {
        let path = record.target().split_once("/import/").expect("a course").1;
        lms_core::CourseId::from(path.split_once('/').expect("a course").0)
    };
    for record in records.iter().filter(|record| record.json()["task_id"].is_string()) {
        let player = Player::start("staff", [record]).await;
        let task = player.client().start_import(&course(record), &archive).await.expect("begun");
        assert_eq!(task.id, record.json()["task_id"], "{}", record.name);
        assert!(player.asked()[0].body.contains("an archive"), "{}", record.name);
        player.end(seen);
    }
    let states =
        records.iter().filter(|r| r.name.starts_with("studio-import") && r.json()["state"].is_string());
    for record in states {
        let player = Player::start("staff", [record]).await;
        let query = url::Url::parse(&format!("http://x{}", record.target())).expect("an address");
        let of =
            |name: &str| query.query_pairs().find(|(key, _)| key == name).expect("a value").1.into_owned();
        let task = ImportTask { course: course(record), id: of("task_id"), file: of("filename") };
        let found = player.client().import_stage(&task).await.expect("a stage");
        let wanted = match record.json()["state"].as_str().expect("a state") {
            "Succeeded" => ImportStage::Succeeded,
            "Failed" => ImportStage::Failed { why: None },
            state => panic!("{}: {state}", record.name),
        };
        assert_eq!(found, wanted, "{}", record.name);
        assert_eq!(player.asked()[0].query, query.query().unwrap_or_default(), "{}", record.name);
        player.end(seen);
    }
}

/// What Studio says of one block, as the incremental writing reads it.
async fn units(records: &[Record], seen: &mut BTreeSet<usize>) {
    for record in records.iter().filter(|r| r.name.starts_with("studio: olx export") && r.status() == 200) {
        let player = Player::start("staff", [record]).await;
        let root = record.json()["root_block_id"].as_str().expect("a key");
        let (title, blocks) = player.client().unit_in_short(&root.into()).await.expect("a unit");
        let olx = record.json()["blocks"][root]["olx"].as_str().expect("OLX");
        let wanted =
            olx.split_once("display_name=\"").and_then(|(_, rest)| rest.split_once('"')).expect("a title").0;
        assert_eq!(title.as_deref(), Some(wanted), "{}", record.name);
        let listed = olx.matches("<xblock-include ").count();
        assert_eq!(blocks.len(), listed, "{}", record.name);
        for (kind, name) in &blocks {
            assert!(olx.contains(&format!("definition=\"{kind}/{name}\"")), "{}: {kind} {name}", record.name);
        }
        player.end(seen);
    }
}

async fn runs(records: &[Record], seen: &mut BTreeSet<usize>) {
    let record = named(records, "studio: course runs");
    let player = Player::start("admin", [record]).await;
    let found = player.client().course_runs(None).expect("a listing").all().await.expect("runs");
    let wanted = record.json()["results"].as_array().expect("a list");
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert_eq!(found.id.as_str(), wanted["id"]);
        assert_eq!(found.title, wanted["title"]);
        assert_eq!(found.self_paced, wanted["pacing_type"] == "self_paced");
        let dates = &wanted["schedule"];
        assert_eq!((found.start, found.end), (when(&dates["start"]), when(&dates["end"])));
        let team: Vec<Value> =
            found.team.iter().map(|(user, role)| serde_json::json!({"user": user, "role": role})).collect();
        assert_eq!(Value::Array(team), wanted["team"]);
    }
    player.end(seen);
}

async fn validation(records: &[Record], seen: &mut BTreeSet<usize>) {
    let record = named(records, "studio: validation");
    let player = Player::start("staff", [record]).await;
    let found =
        player.client().course_validation(&"course-v1:Oracle+Import+R1".into()).await.expect("a report");
    let wanted = record.json();
    assert_eq!(found.self_paced, wanted["is_self_paced"]);
    assert_eq!((found.dates.start, found.dates.end), (false, false));
    assert_eq!(Some(found.assignments.total), wanted["assignments"]["total_number"].as_u64());
    assert_eq!(Some(found.assignments.visible), wanted["assignments"]["total_visible"].as_u64());
    assert_eq!(found.assignments.before_start, []);
    assert_eq!(found.grades.has_policy, wanted["grades"]["has_grading_policy"]);
    assert_eq!(Some(found.grades.weights), wanted["grades"]["sum_of_weights"].as_f64());
    assert_eq!(found.certificates.enabled, wanted["certificates"]["is_enabled"]);
    assert_eq!(found.updates.any, wanted["updates"]["has_update"]);
    player.end(seen);
}
