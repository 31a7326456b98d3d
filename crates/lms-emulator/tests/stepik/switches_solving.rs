//! Each switch about attempts and submissions, turned away from its default.

use lms_emulator::stepik::{InverseDiscount, PartialCredit, Switches};
use serde_json::{Value, json};

use crate::client::{Client, id, ids, start_with};

fn number() -> Value {
    json!({"name": "number", "source": {"options": [{"answer": "4", "max_error": "0"}]}})
}

#[tokio::test]
async fn old_attempts_may_stay_open() {
    let switches = Switches {
        new_attempt_cleans_up: false,
        step_change_cleans_up: false,
        takes_used_attempts: true,
        ..Switches::default()
    };
    let server = start_with(switches).await;
    let client = Client::author(&server).await;
    let lesson = client.lesson().await;
    let block = json!({"name": "simple-choice", "source": {"options": [{"text": "a", "is_correct": true}]}});
    let step = id(&client.step(lesson, block.clone()).await);
    let (first, second) = (client.attempt(step).await, client.attempt(step).await);
    for reply in [false, true] {
        let verdict = client.submit(&first, json!({ "choices": [reply] })).await;
        assert_eq!(verdict["status"], if reply { "correct" } else { "wrong" });
    }
    let put = json!({"stepSource": {"lesson": lesson, "position": 1, "block": block}});
    assert_eq!(client.put(&format!("/api/step-sources/{step}"), put).await.0, 200);
    client.prepared(step).await;
    let held = client.get(&format!("/api/attempts?step={step}")).await["attempts"].clone();
    assert_eq!(ids(&held), [id(&second), id(&first)]);
    assert!(held.as_array().unwrap().iter().all(|attempt| attempt["status"] == "active"));
}

#[tokio::test]
async fn teachers_may_be_spared_the_limit() {
    for (limit_spares_teachers, due) in [(true, 201), (false, 400)] {
        let server = start_with(Switches { limit_spares_teachers, ..Switches::default() }).await;
        let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
        let lesson = author.lesson().await;
        let step = json!({"lesson": lesson, "block": number(), "has_submissions_restrictions": true, "max_submissions_count": 1});
        let step = id(&author.prepared(id(&author.create("step-sources", step).await)).await);
        for (client, due) in [(&author, due), (&learner, 400)] {
            let attempt = client.attempt(step).await;
            client.submit(&attempt, json!({"number": "5"})).await;
            let again = json!({"submission": {"attempt": id(&attempt), "reply": {"number": "4"}}});
            assert_eq!(client.post("/api/submissions", again).await.0, due);
        }
    }
}

#[tokio::test]
async fn partial_credit_and_inverse_discount() {
    for (partial_credit, inverse_discount, status, points) in [
        (PartialCredit::PartiallyCorrect, InverseDiscount::Reciprocal, "partially_correct", 4.0 / 3.0),
        (PartialCredit::Correct, InverseDiscount::Halving, "correct", 1.0),
    ] {
        let server = start_with(Switches { partial_credit, inverse_discount, ..Switches::default() }).await;
        let client = Client::author(&server).await;
        let lesson = client.lesson().await;
        let input = json!({"type": "input", "text": "", "options": [{"text": "4", "is_correct": true}]});
        let source = json!({"components": [input, input], "is_case_sensitive": false, "is_detailed_feedback": true,
            "is_partially_correct": true});
        let blanks = id(&client.step(lesson, json!({"name": "fill-blanks", "source": source})).await);
        let attempt = client.attempt(blanks).await;
        let verdict = client.submit(&attempt, json!({"blanks": ["4", "5"]})).await;
        assert_eq!((&verdict["status"], &verdict["score"]), (&json!(status), &json!(0.5)));
        assert_eq!(verdict["feedback"], json!({"blanks_feedback": [true, false]}));

        let step = id(&client.step(lesson, number()).await);
        let (course, section, _) = client.course_with(lesson).await;
        let put = json!({"section": {"title": "S", "course": course, "discounting_policy": "inverse"}});
        assert_eq!(client.put(&format!("/api/sections/{section}"), put).await.0, 200);
        let attempt = client.attempt(step).await;
        for tried in ["1", "2", "4"] {
            client.submit(&attempt, json!({ "number": tried })).await;
        }
        let held = client.get(&format!("/api/progresses/77-{step}")).await["progresses"][0]["score"].clone();
        assert!((held.as_f64().unwrap() - points).abs() < 1e-9, "{held} is not {points}");
    }
}

#[tokio::test]
async fn an_attachment_may_be_too_large() {
    use reqwest::multipart::{Form, Part};
    let server = start_with(Switches { largest_attachment: 10, ..Switches::default() }).await;
    let client = Client::author(&server).await;
    let lesson = client.lesson().await;
    for (size, due) in [(10, 201), (11, 400)] {
        let form = Form::new()
            .part("file", Part::bytes(vec![b'x'; size]).file_name("a"))
            .text("lesson", lesson.to_string());
        let sent =
            client.request(reqwest::Method::POST, "/api/attachments").multipart(form).send().await.unwrap();
        assert_eq!(sent.status(), due);
    }
}
