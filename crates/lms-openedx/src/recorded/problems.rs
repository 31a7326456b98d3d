//! Problems: read, answered, saved, reset, shown.

use std::collections::{BTreeMap, BTreeSet};

use lms_core::{Response, SubmissionState, Submissions, TaskAnswer, TaskRef, Tasks};
use serde_json::Value;

use super::player::Player;
use super::{Record, named};
use crate::problem_page::{Input, ProblemPage};
use crate::submissions::latest_of;

pub(super) async fn play(records: &[Record], seen: &mut BTreeSet<usize>) {
    let of = |record: &&Record, what: &str| {
        record.name.starts_with(what) && record.json()["attempts_used"].is_u64()
    };
    let mut pages: BTreeMap<&str, &Record> = BTreeMap::new();
    for record in records.iter().filter(|record| of(record, "problems: get: ")) {
        pages.insert(block(record), record);
        read(record, seen).await;
    }
    let (mut answered, mut looked_at) = (0, 0);
    for record in records.iter().filter(|record| of(record, "problems: check")) {
        let page = pages[block(record)];
        answered += u32::from(answer(page, record, seen).await);
        looked_at += 1;
    }
    // The others are choices with none chosen, which the client does not send, and inputs of scripts.
    assert!(answered >= 30, "{answered} of {looked_at} answers given through the client");
    for record in records.iter().filter(|record| of(record, "problems: show: ")) {
        shown(record, seen).await;
    }
    saved_and_reset(records, &pages, seen).await;
}

/// The name of the block that was asked.
fn block(record: &Record) -> &str {
    let after = record.target().split_once("+block@").expect("a block").1;
    after.split_once('/').map_or(after, |(block, _)| block)
}

fn task(record: &Record) -> TaskRef {
    TaskRef::new("course-v1:OpenedX+DemoX+DemoCourse", block(record))
}

/// Marks of inputs, counted in the page's text.
fn marks(record: &Record, mark: &str) -> usize {
    let json = record.json();
    let page = json["html"].as_str().or(json["contents"].as_str()).expect("a page");
    page.matches(&format!(r#"class="status {mark}" id="status_{}"#, block(record))).count()
}

async fn read(record: &Record, seen: &mut BTreeSet<usize>) {
    let (json, place) = (record.json(), task(record));
    let player = Player::start("learner", [record]).await;
    let found = player.client().problem(&place).await.unwrap_or_else(|e| panic!("{}: {e}", record.name));
    assert_eq!(Some(u64::from(found.attempts_used)), json["attempts_used"].as_u64(), "{}", record.name);
    assert_eq!(found.earned, json["current_score"].as_f64(), "{}", record.name);
    assert_eq!(found.possible, json["total_possible"].as_f64(), "{}", record.name);
    let unanswered = found.inputs.iter().filter(|input| input.status == "unanswered").count();
    assert_eq!(unanswered, marks(record, "unanswered"), "{}", record.name);
    player.end(seen);
    let player = Player::start("learner", [record]).await;
    let found = Tasks::get(&player.client(), &place).await.expect("a task");
    let page = json["html"].as_str().expect("a page");
    let title = page
        .split_once("tabindex=\"-1\">")
        .and_then(|(_, rest)| rest.split_once("</h3>"))
        .expect("a title")
        .0;
    assert_eq!(found.summary.title, lms_core::unescape(title.trim()), "{}", record.name);
    assert_eq!(found.summary.points, json["total_possible"].as_f64(), "{}", record.name);
    // Nothing was answered yet, so there is no submission.
    let player = Player::start("learner", [record]).await;
    let listing = Submissions::list(&player.client(), &place, lms_core::SubmissionQuery::default());
    assert_eq!(listing.expect("a listing").all().await.expect("submissions").len(), 0, "{}", record.name);
}

/// What the answer to a `problem_check` says; `true` where the same answer went through the client.
async fn answer(page: &Record, record: &Record, seen: &mut BTreeSet<usize>) -> bool {
    let (json, place) = (record.json(), task(record));
    let said = serde_json::from_value(json.clone()).expect("an answer");
    let after = ProblemPage::read(&said, block(record)).expect("a page");
    let found = latest_of(&place, &after, &said).expect("a submission");
    assert_eq!(found.state, SubmissionState::Judged, "{}", record.name);
    let verdict = found.verdict.expect("a verdict");
    let (earned, possible) = (json["current_score"].as_f64(), json["total_possible"].as_f64());
    let share = earned.zip(possible).map(|(earned, possible)| earned / possible);
    assert_eq!(Some(verdict.score), share, "{}", record.name);
    assert_eq!(verdict.correct, json["success"] == "correct" && share == Some(1.0), "{}", record.name);
    let right = verdict.parts.iter().filter(|(_, right)| *right).count();
    assert_eq!(right, marks(record, "correct"), "{}", record.name);
    seen.insert(record.at);

    let before = serde_json::from_value(page.json().clone()).expect("an answer");
    let before = ProblemPage::read(&before, block(record)).expect("a page");
    let mut sent: Vec<(String, String)> =
        url::form_urlencoded::parse(record.sent().as_bytes()).into_owned().collect();
    let responses: Option<BTreeMap<_, _>> =
        before.inputs.iter().map(|input| Some((input.id.as_str().into(), response(input, &sent)?))).collect();
    let Some(responses) = responses.filter(|responses| !responses.is_empty()) else { return false };
    let player = Player::start("learner", [page, record]).await;
    let id = player.client().submit(&place, &TaskAnswer(responses)).await;
    let id = id.unwrap_or_else(|e| panic!("{}: {e}", record.name));
    assert_eq!(id.as_str(), json["attempts_used"].to_string(), "{}", record.name);
    let asked = player.asked();
    let form = &asked.iter().find(|asked| asked.path.ends_with("problem_check")).expect("sent").body;
    let mut form: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    form.sort();
    sent.sort();
    assert_eq!(form, sent, "{}: the same fields as were recorded", record.name);
    player.end(seen);
    true
}

/// What was sent for an input; `None` where nothing was.
fn response(input: &Input, sent: &[(String, String)]) -> Option<Response> {
    let name = input.field();
    let values: Vec<&str> =
        sent.iter().filter(|(key, _)| *key == name).map(|(_, value)| value.as_str()).collect();
    match input.kind() {
        "checkbox" => Some(Response::choices(places(input, &values)?)),
        "radio" | "select" if values.is_empty() => None,
        "radio" | "select" => Some(Response::choices(places(input, &values)?)),
        _ => Some(Response::text((*values.first()?).to_owned())),
    }
}

fn places(input: &Input, values: &[&str]) -> Option<Vec<usize>> {
    let offered = input.offered();
    values.iter().map(|value| offered.iter().position(|offer| offer == value)).collect()
}

async fn shown(record: &Record, seen: &mut BTreeSet<usize>) {
    let player = Player::start("learner", [record]).await;
    let found = player.client().show_answers(&task(record)).await;
    let found = found.unwrap_or_else(|e| panic!("{}: {e}", record.name));
    let wanted = record.json()["answers"].as_object().expect("answers");
    let solutions = wanted.keys().filter(|id| id.contains("_solution_")).count();
    assert_eq!(found.solutions.len(), solutions, "{}", record.name);
    assert_eq!(found.answers.len() + solutions, wanted.len(), "{}", record.name);
    for (id, values) in &found.answers {
        let wanted = match &wanted[id.as_str()] {
            Value::Array(values) => values.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
            Value::String(text) => vec![text.clone()],
            other => vec![other.to_string()],
        };
        assert_eq!(*values, wanted, "{}: {id}", record.name);
    }
    player.end(seen);
}

async fn saved_and_reset(records: &[Record], pages: &BTreeMap<&str, &Record>, seen: &mut BTreeSet<usize>) {
    let save = named(records, "problems: save");
    let player = Player::start("learner", [pages[block(save)], save]).await;
    let answer = TaskAnswer([(format!("{}_2_1", block(save)).into(), Response::choices([1]))].into());
    player.client().save_answer(&task(save), &answer).await.expect("saved");
    let asked = player.asked();
    assert!(asked.iter().any(|asked| asked.path.ends_with("problem_save") && asked.body == save.sent()));
    player.end(seen);

    let reset = named(records, "problems: reset");
    let player = Player::start("learner", [reset]).await;
    let found = player.client().reset_problem(&task(reset)).await.expect("reset");
    assert_eq!(Some(u64::from(found.attempts_used)), reset.json()["attempts_used"].as_u64());
    assert_eq!((found.earned, found.possible), (Some(0.0), reset.json()["total_possible"].as_f64()));
    assert_eq!(
        found.inputs.iter().filter(|input| input.status == "unanswered").count(),
        marks(reset, "unanswered")
    );
    player.end(seen);
}
