//! Courses, their blocks, accounts.

use std::collections::BTreeSet;

use lms_core::{CourseQuery, LmsProviderExt, Subject, TaskQuery, unescape};
use serde_json::Value;

use super::player::Player;
use super::{Record, named, text, when};
use crate::{BlocksFor, CatalogCourse, CatalogQuery, Depth, Outline, OutlineQuery, TeamRole, Viewer};

pub(super) async fn play(records: &[Record], seen: &mut BTreeSet<usize>) {
    lists(records, seen).await;
    details(records, seen).await;
    blocks(records, seen).await;
    accounts(records, seen).await;
}

async fn lists(records: &[Record], seen: &mut BTreeSet<usize>) {
    let pages = ["first page of two", "second page", "third page"];
    let pages = pages.map(|page| named(records, &format!("courses: list, {page}")));
    let alone = ["anonymous", "page_size over the limit", "org", "username, jwt"];
    let alone = alone.map(|name| vec![named(records, &format!("courses: list, {name}"))]);
    for tape in alone.into_iter().chain([pages.to_vec()]) {
        let wanted: Vec<&Value> =
            tape.iter().flat_map(|page| page.json()["results"].as_array().expect("a list")).collect();
        assert!(!wanted.is_empty());
        let player = Player::start("learner", tape.iter().copied()).await;
        let found = player.client().catalog(CatalogQuery::default()).expect("a listing").all().await;
        let found = found.unwrap_or_else(|error| panic!("{}: {error}", tape[0].name));
        assert_eq!(found.len(), wanted.len(), "{}", tape[0].name);
        found.iter().zip(&wanted).for_each(|(course, wanted)| same_course(course, wanted, &tape[0].name));
        player.end(seen);
        // The same through the trait.
        let player = Player::start("learner", tape.iter().copied()).await;
        let site = player.client();
        let listing = site.require_courses().expect("courses").list(CourseQuery::new()).expect("a listing");
        let found = listing.all().await.expect("courses");
        let of = |course: &Value| {
            let title = unescape(course["name"].as_str().expect("a name"));
            (course["id"].as_str().expect("an id").to_owned(), title, text(&course["short_description"]))
        };
        let found: Vec<_> = found.into_iter().map(|c| (c.id.to_string(), c.title, c.summary)).collect();
        assert_eq!(found, wanted.into_iter().map(of).collect::<Vec<_>>(), "{}", tape[0].name);
    }
    let ids = named(records, "courses: course ids");
    let player = Player::start("staff", [ids]).await;
    let found = player.client().courses_with_role(TeamRole::Staff).all().await.expect("keys");
    let found: Vec<&str> = found.iter().map(lms_core::CourseId::as_str).collect();
    assert_eq!(serde_json::json!(found), ids.json()["results"]);
    assert!(player.asked().iter().any(|asked| asked.query.contains("role=staff")));
    player.end(seen);
}

async fn details(records: &[Record], seen: &mut BTreeSet<usize>) {
    for record in records.iter().filter(|r| r.name.starts_with("courses: detail") && r.status() == 200) {
        let player = Player::start("learner", [record]).await;
        let id = record.json()["id"].as_str().expect("an id").into();
        let found = player.client().course_detail(&id, &Viewer::Me).await.expect("a course");
        same_course(&found, record.json(), &record.name);
        assert_eq!(found.overview.as_deref(), record.json()["overview"].as_str(), "{}", record.name);
        player.end(seen);
    }
}

fn same_course(found: &CatalogCourse, wanted: &Value, name: &str) {
    let flag = |key: &str| wanted[key].as_bool().expect("a flag");
    assert_eq!(found.id.as_str(), wanted["id"], "{name}");
    assert_eq!(found.title, unescape(wanted["name"].as_str().expect("a name")), "{name}");
    assert_eq!(
        (found.org.as_str(), found.number.as_str()),
        pair(&wanted["org"], &wanted["number"]),
        "{name}"
    );
    assert_eq!(found.short_description, text(&wanted["short_description"]), "{name}");
    assert_eq!(found.effort, text(&wanted["effort"]), "{name}");
    assert_eq!((found.start, found.end), (when(&wanted["start"]), when(&wanted["end"])), "{name}");
    let enrollment = (when(&wanted["enrollment_start"]), when(&wanted["enrollment_end"]));
    assert_eq!((found.enrollment_start, found.enrollment_end), enrollment, "{name}");
    assert_eq!((found.hidden, found.invitation_only), (flag("hidden"), flag("invitation_only")), "{name}");
    assert_eq!(found.self_paced, wanted["pacing"] == "self", "{name}");
    let address = |url: &str| url.split_once("/asset-v1").map(|(_, rest)| rest.to_owned());
    let image = wanted["media"]["image"]["raw"].as_str().and_then(address);
    assert_eq!(found.image.as_deref().and_then(address), image, "{name}");
    assert_eq!(found.enrolled, wanted.get("is_enrolled").and_then(Value::as_bool), "{name}");
}

fn pair<'a>(a: &'a Value, b: &'a Value) -> (&'a str, &'a str) {
    (a.as_str().expect("a text"), b.as_str().expect("a text"))
}

async fn blocks(records: &[Record], seen: &mut BTreeSet<usize>) {
    let maps = records.iter().filter(|record| {
        record.name.starts_with("blocks") && record.status() == 200 && record.json()["root"].is_string()
    });
    for record in maps {
        let course = record.json()["root"].as_str().and_then(course_of).expect("a course");
        let player = Player::start("learner", [record]).await;
        let whole = record.target().contains("depth=all");
        let depth = if whole { Depth::All } else { Depth::Levels(0) };
        let query = OutlineQuery { viewer: BlocksFor::Me, depth, ..OutlineQuery::default() };
        let found = player.client().outline(&course.clone().into(), &query).await;
        same_outline(&found.unwrap_or_else(|e| panic!("{}: {e}", record.name)), record.json(), &record.name);
        player.end(seen);
        if whole {
            same_tasks(record, &course).await;
        }
    }
}

/// `course-v1:…` of a block's key.
fn course_of(usage: &str) -> Option<String> {
    Some(format!("course-v1:{}", usage.strip_prefix("block-v1:")?.split_once("+type@")?.0))
}

fn same_outline(found: &Outline, wanted: &Value, name: &str) {
    assert_eq!(found.root.as_str(), wanted["root"], "{name}");
    let blocks = wanted["blocks"].as_object().expect("blocks");
    assert_eq!(found.blocks.len(), blocks.len(), "{name}");
    for (id, wanted) in blocks {
        let block = found.blocks.get(&id.as_str().into()).unwrap_or_else(|| panic!("{name}: no {id}"));
        assert_eq!(block.id.as_str(), wanted["id"], "{name}");
        assert_eq!(block.name, wanted["block_id"], "{name}: {id}");
        assert_eq!(block.kind, wanted["type"], "{name}: {id}");
        assert_eq!(block.title.as_deref(), wanted["display_name"].as_str(), "{name}: {id}");
        assert_eq!(
            block.url.as_deref(),
            wanted["lms_web_url"].as_str().map(|_| block.url.as_deref().unwrap_or(""))
        );
        let children: Vec<&str> = block.children.iter().map(lms_core::BlockId::as_str).collect();
        let listed = wanted["children"].as_array().into_iter().flatten().filter_map(Value::as_str);
        assert_eq!(children, listed.collect::<Vec<_>>(), "{name}: {id}");
        let known = ["id", "block_id", "type", "display_name", "lms_web_url", "children"];
        for (key, value) in
            wanted.as_object().expect("a block").iter().filter(|(k, _)| !known.contains(&k.as_str()))
        {
            let kept = block.fields.get(key).unwrap_or_else(|| panic!("{name}: {id} has lost {key}"));
            // Addresses lead to the player.
            assert!(
                kept == value || value.to_string().contains("http://"),
                "{name}: {key} of {id} is {kept}"
            );
        }
    }
}

/// The problems of the same answer, as tasks.
async fn same_tasks(record: &Record, course: &str) {
    let player = Player::start("learner", [record]).await;
    let site = player.client();
    let listing = site.require_tasks().expect("tasks").list(&course.into(), TaskQuery::default());
    let mut found: Vec<(String, String)> = listing
        .expect("a listing")
        .all()
        .await
        .expect("tasks")
        .into_iter()
        .map(|t| (t.id.to_string(), t.title))
        .collect();
    let blocks = record.json()["blocks"].as_object().expect("blocks").values();
    let mut wanted: Vec<(String, String)> = blocks
        .filter_map(|block| {
            let id = match block["type"].as_str()? {
                "problem" => &block["block_id"],
                "drag-and-drop-v2" | "openassessment" => &block["id"],
                _ => return None,
            };
            Some((id.as_str()?.to_owned(), block["display_name"].as_str()?.to_owned()))
        })
        .collect();
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted, "{}", record.name);
}

async fn accounts(records: &[Record], seen: &mut BTreeSet<usize>) {
    for name in ["users: account", "users: account of another"] {
        let record = named(records, name);
        let player = Player::start("learner", [record]).await;
        let who = Subject::User(record.json()["username"].as_str().expect("a name").into());
        let found = player.client();
        let found = found.require_accounts().expect("accounts").get(&who).await.expect("an account");
        assert_eq!(found.id.as_str(), record.json()["username"]);
        assert_eq!((found.name, found.email), (text(&record.json()["name"]), text(&record.json()["email"])));
        player.end(seen);
    }
}
