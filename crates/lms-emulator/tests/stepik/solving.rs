use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, id, ids, start};

fn choice(is_multiple: bool) -> Value {
    let options: Vec<Value> = ["2", "3", "4", "5", "6"]
        .iter()
        .map(|text| json!({"is_correct": *text == "4", "text": text, "feedback": format!("not {text}")}))
        .collect();
    json!({"name": "choice", "text": "2+2?", "feedback_correct": "Yes", "source": {
        "is_multiple_choice": is_multiple, "is_always_correct": false, "sample_size": 4, "preserve_order": false,
        "is_html_enabled": true, "is_options_feedback": false, "options": options}})
}

/// A reply that ticks the options with these texts.
fn tick(attempt: &Value, wanted: &[&str]) -> Value {
    let options = attempt["dataset"]["options"].as_array().unwrap();
    json!({"choices": options.iter().map(|o| wanted.contains(&o.as_str().unwrap())).collect::<Vec<_>>()})
}

#[tokio::test]
async fn from_attempt_to_points() {
    let server = start().await;
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    let lesson = author.lesson().await;
    let reading = id(&author.step(lesson, json!({"name": "text", "text": "Read"})).await);
    let step = id(&author.step(lesson, choice(false)).await);
    let (course, section, unit) = author.course_with(lesson).await;
    learner.create("enrollments", json!({"course": course})).await;
    assert_eq!(
        learner.get(&format!("/api/steps/{step}")).await["steps"][0]["actions"],
        json!({"submit": "#"})
    );
    let progress =
        async |id: String| learner.get(&format!("/api/progresses/{id}")).await["progresses"][0].clone();
    let before = progress(format!("77-{step}")).await;
    assert_eq!((before["score"].to_string(), &before["last_viewed"]), ("0".to_owned(), &Value::Null));
    assert_eq!(learner.post("/api/attempts", json!({"attempt": {"step": reading}})).await.0, 400);
    assert_eq!(learner.post("/api/attempts", json!({"attempt": {"step": 1}})).await.0, 400);
    assert_eq!(Client::guest(&server).post("/api/attempts", json!({"attempt": {"step": step}})).await.0, 401);

    let first = learner.attempt(step).await;
    let wrong = first["dataset"]["options"].as_array().unwrap().iter().find(|o| **o != "4").unwrap().clone();
    let wrong = wrong.as_str().unwrap();
    let verdict = learner.submit(&first, tick(&first, &[wrong])).await;
    assert_eq!(
        (&verdict["status"], &verdict["score"], &verdict["eta"]),
        (&json!("wrong"), &json!(0.0), &json!(0))
    );
    let mut told: Vec<&str> = verdict["feedback"].as_str().unwrap().split('\n').collect();
    told.sort_unstable();
    let mut due = ["not 4".to_owned(), format!("not {wrong}")];
    due.sort_unstable();
    assert_eq!(told, due);
    // A choice attempt is good for one reply; the next attempt cleans it up.
    let again = json!({"submission": {"attempt": id(&first), "reply": tick(&first, &["4"])}});
    assert_eq!(learner.post("/api/submissions", again.clone()).await.0, 400);
    let second = learner.attempt(step).await;
    assert_eq!(learner.post("/api/submissions", again).await.0, 400);
    let listed = learner.get(&format!("/api/attempts?step={step}")).await;
    assert_eq!(ids(&listed["attempts"]), [id(&second), id(&first)]);
    assert_eq!(
        (&listed["attempts"][0]["status"], &listed["attempts"][1]["status"]),
        (&json!("active"), &json!("cleanedup"))
    );
    let verdict = learner.submit(&second, tick(&second, &["4"])).await;
    assert_eq!((&verdict["status"], &verdict["hint"]), (&json!("correct"), &json!("Yes")));

    let done = progress(format!("77-{step}")).await;
    assert_eq!((&done["score"], &done["cost"], &done["is_passed"]), (&json!(4.0), &json!(4), &json!(true)));
    assert_eq!(progress(format!("80-{unit}")).await["is_passed"], false);
    learner.create("views", json!({"step": reading, "assignment": null})).await;
    for whole in
        [format!("76-{lesson}"), format!("78-{course}"), format!("79-{section}"), format!("80-{unit}")]
    {
        let sum = progress(whole).await;
        assert_eq!(
            (&sum["n_steps"], &sum["n_steps_passed"], &sum["is_passed"]),
            (&json!(2), &json!(2), &json!(true))
        );
        assert_eq!((&sum["score"], &sum["cost"]), (&json!(4.0), &json!(4)));
    }
    let many = learner.get(&format!("/api/progresses?ids[]=77-{step}&ids[]=77-{reading}&ids[]=77-1")).await;
    assert_eq!(many["progresses"].as_array().unwrap().len(), 2);

    // Teachers see every row and every submission, learners their own.
    let path = format!("/api/course-grades?course={course}");
    assert_eq!(author.get(&path).await["course-grades"].as_array().unwrap().len(), 2);
    let rows = learner.get(&path).await["course-grades"].clone();
    assert_eq!((rows.as_array().unwrap().len(), &rows[0]["score"]), (1, &json!(4.0)));
    let result = &rows[0]["results"][format!("{lesson}-2")];
    assert_eq!(
        (&result["step_id"], &result["first_success"], &result["total_submissions"]),
        (&json!(step), &json!(2), &json!(2))
    );
    let path = format!("/api/submissions?step={step}");
    let seen = author.get(&path).await["submissions"].clone();
    assert_eq!((&seen[0]["status"], &seen[1]["status"]), (&json!("wrong"), &json!("correct")));
    assert!(seen[0].get("step").is_none() && seen[0].get("user").is_none());
    author.attempt(step).await;
    assert_eq!(
        learner.get(&format!("/api/attempts?step={step}")).await["attempts"].as_array().unwrap().len(),
        2
    );
    assert_eq!(
        author.get(&format!("/api/attempts?step={step}")).await["attempts"].as_array().unwrap().len(),
        3
    );
}

#[tokio::test]
async fn replies_are_checked_before_grading_and_tries_can_be_limited() {
    let server = start().await;
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    let lesson = author.lesson().await;
    let step = id(&author.step(lesson, choice(false)).await);
    let attempt = learner.attempt(step).await;
    for reply in [
        json!({}),
        json!({"choices": [true]}),
        json!({"choices": [true, true, false, false]}),
        json!({"choices": [1, 0, 0, 0]}),
    ] {
        let (status, body) = learner
            .post("/api/submissions", json!({"submission": {"attempt": id(&attempt), "reply": reply}}))
            .await;
        assert_eq!((status, body["reply"].is_array()), (400, true), "{reply}");
    }
    let stranger = json!({"submission": {"attempt": id(&attempt), "reply": tick(&attempt, &["4"])}});
    assert_eq!(author.post("/api/submissions", stranger).await.0, 400);
    let (status, body) = learner.post("/api/submissions", json!({"submission": {}})).await;
    assert_eq!((status, &body["attempt"][0]), (400, &json!("This field is required.")));

    let block = json!({"name": "string", "text": "?", "source": {"pattern": "42", "use_re": false,
        "match_substring": false, "case_sensitive": false, "code": ""}});
    let limited = json!({"lesson": lesson, "position": 2, "block": block, "cost": 1,
        "has_submissions_restrictions": true, "max_submissions_count": 2});
    let step = id(&author.create("step-sources", limited).await);
    author.prepared(step).await;
    let attempt = learner.attempt(step).await;
    for _ in 0..2 {
        assert_eq!(learner.submit(&attempt, json!({"text": "41"})).await["status"], "wrong");
    }
    let third = json!({"submission": {"attempt": id(&attempt), "reply": {"text": "42"}}});
    assert_eq!(learner.post("/api/submissions", third).await.0, 400);
    let newest =
        learner.get(&format!("/api/submissions?attempt={}&order=desc", id(&attempt))).await["submissions"]
            .clone();
    assert!(id(&newest[0]) > id(&newest[1]));
    assert_eq!(learner.call(Method::GET, "/api/submissions/5", None).await.0, 404);
}

#[tokio::test]
async fn a_changed_step_ends_its_attempts() {
    let server = start().await;
    let client = Client::author(&server).await;
    let lesson = client.lesson().await;
    let step = id(&client.step(lesson, choice(true)).await);
    let attempt = client.attempt(step).await;
    let put = json!({"stepSource": {"lesson": lesson, "position": 1, "block": choice(true)}});
    assert_eq!(client.put(&format!("/api/step-sources/{step}"), put).await.0, 200);
    client.prepared(step).await;
    let late = json!({"submission": {"attempt": id(&attempt), "reply": tick(&attempt, &["4"])}});
    assert_eq!(client.post("/api/submissions", late).await.0, 400);
}

#[tokio::test]
async fn a_section_may_discount_later_tries() {
    let server = start().await;
    let client = Client::author(&server).await;
    for (policy, points) in [("no_discount", 4.0), ("first_one", 0.0), ("first_three", 4.0), ("inverse", 2.0)]
    {
        let lesson = client.lesson().await;
        let block = json!({"name": "number", "source": {"options": [{"answer": "4", "max_error": "0"}]}});
        let step = id(&client.step(lesson, block).await);
        let (course, section, _) = client.course_with(lesson).await;
        let put = json!({"section": {"title": "S", "course": course, "discounting_policy": policy}});
        assert_eq!(client.put(&format!("/api/sections/{section}"), put).await.0, 200);
        let attempt = client.attempt(step).await;
        client.submit(&attempt, json!({"number": "5"})).await;
        client.submit(&attempt, json!({"number": "4"})).await;
        let progress = client.get(&format!("/api/progresses/77-{step}")).await["progresses"][0].clone();
        assert_eq!((&progress["score"], &progress["is_passed"]), (&json!(points), &json!(true)), "{policy}");
    }
}

#[tokio::test]
async fn many_clients_at_once_lose_nothing() {
    let server = start().await;
    let author = Client::author(&server).await;
    let lesson = author.lesson().await;
    let writers = (0..8).map(|_| async {
        let client = Client::author(&server).await;
        for _ in 0..10 {
            let block = json!({"name": "text", "text": "x"});
            client.create("step-sources", json!({"lesson": lesson, "position": 1, "block": block})).await;
        }
    });
    futures::future::join_all(writers).await;
    let steps = ids(&author.get(&format!("/api/lessons/{lesson}")).await["lessons"][0]["steps"]);
    assert_eq!(steps.len(), 80);
    for (place, step) in steps.iter().enumerate() {
        assert_eq!(author.get(&format!("/api/steps/{step}")).await["steps"][0]["position"], place + 1);
    }
}
