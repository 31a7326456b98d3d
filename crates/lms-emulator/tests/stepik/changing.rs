//! What a PUT changes, and what it leaves alone.

use lms_emulator::stepik::{ChildLists, CostEdit, Omitted, Switches, Worth};
use serde_json::{Value, json};

use crate::client::{Client, id, ids, start, start_with};

fn text(words: &str) -> Value {
    json!({"name": "text", "text": words})
}

async fn one(client: &Client, name: &str, id: i64) -> Value {
    client.get(&format!("/api/{name}/{id}")).await[name][0].clone()
}

#[tokio::test]
async fn a_put_keeps_ids_children_and_what_it_does_not_name() {
    for (omitted, summary, language) in [(Omitted::Kept, "Old", "ru"), (Omitted::Reset, "", "en")] {
        let server = start_with(Switches { omitted, ..Switches::default() }).await;
        let client = Client::author(&server).await;
        let lesson = client.lesson().await;
        let (course, section, unit) = client.course_with(lesson).await;
        let path = format!("/api/courses/{course}");
        let first = json!({"course": {"title": "A", "summary": "Old", "language": "ru", "is_public": true}});
        assert_eq!(client.put(&path, first).await.0, 200);
        assert_eq!(client.put(&path, json!({"course": {"title": "B", "sections": []}})).await.0, 200);
        let held = one(&client, "courses", course).await;
        assert_eq!(
            (&held["title"], &held["summary"], &held["language"]),
            (&json!("B"), &json!(summary), &json!(language))
        );
        assert_eq!(held["sections"], json!([section]), "{omitted:?}");
        assert_eq!((&held["owner"], &held["id"]), (&json!(client.me().await), &json!(course)));
        assert!(held["learners_group"].is_i64() && held["authors"] == json!([client.me().await]));
        let moved = json!({"unit": {"section": section, "lesson": lesson}});
        assert_eq!(client.put(&format!("/api/units/{unit}"), moved).await.0, 200);
        assert_eq!(one(&client, "sections", section).await["units"], json!([unit]));
        let (status, body) = client.put(&path, json!({"course": {"summary": "x"}})).await;
        assert_eq!((status, body["title"].is_array()), (400, true));
    }
}

#[tokio::test]
async fn lists_of_children_reorder_only_when_the_switch_says_so() {
    for (child_lists, reorders) in [(ChildLists::Ignored, false), (ChildLists::Reorder, true)] {
        let server = start_with(Switches { child_lists, ..Switches::default() }).await;
        let client = Client::author(&server).await;
        let lesson = client.lesson().await;
        let mut steps = Vec::new();
        for words in ["a", "b", "c"] {
            steps.push(id(&client.step(lesson, text(words)).await));
        }
        let order = json!([steps[2], steps[0], 5]);
        let put = json!({"lesson": {"title": "L", "steps": order}});
        assert_eq!(client.put(&format!("/api/lessons/{lesson}"), put).await.0, 200);
        let due = if reorders { json!([steps[2], steps[0], steps[1]]) } else { json!(steps) };
        assert_eq!(one(&client, "lessons", lesson).await["steps"], due);
        let place = one(&client, "steps", steps[2]).await["position"].clone();
        assert_eq!(place, if reorders { 1 } else { 3 });
    }
}

#[tokio::test]
async fn sections_and_units_go_where_their_position_says() {
    let server = start().await;
    let client = Client::author(&server).await;
    let course = id(&client.create("courses", json!({"title": "C"})).await);
    let mut sections = Vec::new();
    for position in 1..=3 {
        let section = json!({"course": course, "title": "S", "position": position});
        sections.push(id(&client.create("sections", section).await));
    }
    for (section, position) in [(sections[2], 1), (sections[0], 2), (sections[1], 3)] {
        let put = json!({"section": {"course": course, "title": "S", "position": position}});
        assert_eq!(client.put(&format!("/api/sections/{section}"), put).await.0, 200);
    }
    let due = json!([sections[2], sections[0], sections[1]]);
    assert_eq!(one(&client, "courses", course).await["sections"], due);
    // A lesson moves to another section with its unit; the unit keeps its id, the lesson its steps.
    let lesson = client.lesson().await;
    let step = id(&client.step(lesson, text("x")).await);
    let unit = id(&client.create("units", json!({"section": sections[0], "lesson": lesson})).await);
    let put = json!({"unit": {"section": sections[1], "lesson": lesson, "position": 1}});
    assert_eq!(client.put(&format!("/api/units/{unit}"), put).await.0, 200);
    assert_eq!(one(&client, "sections", sections[0]).await["units"], json!([]));
    assert_eq!(one(&client, "sections", sections[1]).await["units"], json!([unit]));
    assert_eq!(one(&client, "lessons", lesson).await["steps"], json!([step]));
    assert_eq!(one(&client, "courses", course).await["total_units"], 1);
    // A section moves to another course.
    let other = id(&client.create("courses", json!({"title": "D"})).await);
    let put = json!({"section": {"course": other, "title": "S", "position": 1}});
    assert_eq!(client.put(&format!("/api/sections/{}", sections[1]), put).await.0, 200);
    assert_eq!(one(&client, "lessons", lesson).await["courses"], json!([other]));
    assert_eq!(ids(&client.get(&format!("/api/lessons?course={other}")).await["lessons"]), [lesson]);
}

#[tokio::test]
async fn dates_come_from_the_parent_unless_they_are_set() {
    let server = start().await;
    let client = Client::author(&server).await;
    let lesson = client.lesson().await;
    let (course, section, unit) = client.course_with(lesson).await;
    let put = json!({"course": {"title": "C", "begin_date_source": "2030-01-01T00:00:00Z", "grading_policy_source": "halved"}});
    assert_eq!(client.put(&format!("/api/courses/{course}"), put).await.0, 200);
    assert_eq!(one(&client, "courses", course).await["schedule_type"], "upcoming");
    for (name, id) in [("sections", section), ("units", unit)] {
        let held = one(&client, name, id).await;
        assert_eq!(
            (&held["begin_date"], &held["begin_date_source"]),
            (&json!("2030-01-01T00:00:00Z"), &Value::Null)
        );
        assert_eq!(
            (&held["grading_policy"], &held["grading_policy_source"]),
            (&json!("halved"), &Value::Null)
        );
    }
    let put =
        json!({"section": {"title": "S", "course": course, "begin_date_source": "2031-01-01T00:00:00Z"}});
    assert_eq!(client.put(&format!("/api/sections/{section}"), put).await.0, 200);
    assert_eq!(one(&client, "units", unit).await["begin_date"], "2031-01-01T00:00:00Z");
    for (field, value) in [
        ("begin_date_source", json!("tomorrow")),
        ("discounting_policy", json!("first_third")),
        ("grading_policy_source", json!("none")),
        ("position", json!("one")),
        ("is_exam", json!("yes")),
        ("required_section", json!([])),
        ("required_section", json!("17")),
        ("random_exam_problems_course", json!(17)),
    ] {
        let mut section = json!({"title": "S", "course": course});
        section[field] = value;
        let (status, body) = client.post("/api/sections", json!({ "section": section })).await;
        assert_eq!((status, body[field].is_array()), (400, true), "{field}: {body}");
    }
}

#[tokio::test]
async fn costs_and_worth_follow_their_switches() {
    for (cost_edit, worth, points, shown) in
        [(CostEdit::KeepsPoints, Worth::Zero, 4.0, 0), (CostEdit::Rescales, Worth::Cost, 8.0, 8)]
    {
        let server = start_with(Switches { cost_edit, worth, ..Switches::default() }).await;
        let client = Client::author(&server).await;
        let lesson = client.lesson().await;
        let block = json!({"name": "number", "source": {"options": [{"answer": "4", "max_error": "0"}]}});
        let step = id(&client.step(lesson, block.clone()).await);
        let attempt = client.attempt(step).await;
        client.submit(&attempt, json!({"number": "4"})).await;
        let put = json!({"step_source": {"lesson": lesson, "position": 1, "block": block, "cost": 8}});
        assert_eq!(client.put(&format!("/api/step-sources/{step}"), put).await.0, 200);
        client.prepared(step).await;
        let held = client.get(&format!("/api/progresses?ids[]=77-{step}")).await["progresses"][0].clone();
        assert_eq!((&held["score"], &held["cost"]), (&json!(points), &json!(8)));
        assert_eq!(one(&client, "steps", step).await["worth"], shown);
    }
}

#[tokio::test]
async fn steps_may_share_a_position_when_nothing_shifts() {
    let server = start_with(Switches { shifts_steps: false, ..Switches::default() }).await;
    let client = Client::author(&server).await;
    let lesson = client.lesson().await;
    let mut made = Vec::new();
    for position in [1, 1, 0] {
        let step = json!({"lesson": lesson, "position": position, "block": text("x")});
        made.push(id(&client.create("step-sources", step).await));
    }
    assert_eq!(one(&client, "lessons", lesson).await["steps"], json!([made[2], made[0], made[1]]));
    assert_eq!(one(&client, "steps", made[1]).await["position"], 1);
    assert_eq!(client.delete(&format!("/api/step-sources/{}", made[2])).await, 204);
    assert_eq!(one(&client, "steps", made[0]).await["position"], 1);
}

#[tokio::test]
async fn a_lesson_is_cloned_with_its_steps() {
    let server = start().await;
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    let lesson = author.lesson().await;
    let step = id(&author.step(lesson, text("Copy me")).await);
    let path = format!("/api/lessons/{lesson}/clone");
    assert_eq!(learner.post(&path, json!({})).await.0, 403);
    let (status, body) = author.post(&path, json!({})).await;
    assert_eq!(status, 201);
    let copy = body["lessons"][0].clone();
    assert!(id(&copy) != lesson && copy["steps"] != json!([step]));
    let copied = one(&author, "steps", copy["steps"][0].as_i64().unwrap()).await;
    assert_eq!(copied["block"]["text"], "Copy me");
}
