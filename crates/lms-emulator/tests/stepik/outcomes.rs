//! What becomes of work: certificates, counts, where one was last.

use serde_json::{Value, json};

use crate::client::{Client, id, ids, start};

#[tokio::test]
async fn certificates_are_issued_and_raised() {
    let server = start().await;
    let (author, learner, guest) =
        (Client::author(&server).await, Client::learner(&server).await, Client::guest(&server));
    let lesson = author.lesson().await;
    let block = json!({"name": "number", "source": {"options": [{"answer": "4", "max_error": "0"}]}});
    let mut steps = Vec::new();
    for _ in 0..2 {
        steps.push(id(&author.step(lesson, block.clone()).await));
    }
    let (course, ..) = author.course_with(lesson).await;
    let rules = json!({"course": {"title": "Course", "is_certificate_auto_issued": true,
        "certificate_regular_threshold": 50, "certificate_distinction_threshold": 100}});
    assert_eq!(author.put(&format!("/api/courses/{course}"), rules).await.0, 200);
    learner.create("enrollments", json!({ "course": course })).await;
    let me = learner.me().await;
    let held = async || {
        guest.get(&format!("/api/certificates?user={me}&course={course}")).await["certificates"].clone()
    };
    let solve = async |step: i64| {
        let attempt = learner.attempt(step).await;
        learner.submit(&attempt, json!({"number": "4"})).await;
    };
    assert_eq!(held().await, json!([]));
    solve(steps[0]).await;
    let first = held().await[0].clone();
    assert_eq!(
        (&first["type"], &first["grade"], &first["saved_fullname"]),
        (&json!("regular"), &json!("50"), &json!("Lea Learner"))
    );
    solve(steps[1]).await;
    let second = held().await[0].clone();
    assert_eq!(
        (id(&second), &second["type"], &second["grade"]),
        (id(&first), &json!("distinction"), &json!("100"))
    );
    let shown = learner.get(&format!("/api/courses/{course}")).await["courses"][0].clone();
    assert_eq!((&shown["user_certificate"], &shown["is_certificate_issued"]), (&second["id"], &json!(true)));
    assert_eq!(shown["certificates_count"], 1);
    let row = learner.get(&format!("/api/course-grades?course={course}")).await["course-grades"][0].clone();
    assert_eq!(row["certificate_issue_distinction_date"], second["issue_date"]);
    assert_eq!(
        (&row["certificate_issue_regular_date"], &row["certificate_url"]),
        (&Value::Null, &second["url"])
    );
    // The holder corrects the name once and may hide it.
    let path = format!("/api/certificates/{}", id(&first));
    let put = json!({"certificate": {"saved_fullname": "Dr Lea", "is_public": false}});
    assert_eq!(author.put(&path, put.clone()).await.0, 403);
    assert_eq!(learner.put(&path, put).await.1["certificates"][0]["edits_count"], 1);
    let again = json!({"certificate": {"saved_fullname": "Prof Lea"}});
    assert_eq!(learner.put(&path, again).await.0, 400);
    assert_eq!(held().await, json!([]));
    assert_eq!(
        ids(&author.get(&format!("/api/certificates?course={course}")).await["certificates"]),
        [id(&first)]
    );
}

#[tokio::test]
async fn steps_count_their_learners_and_courses_remember_the_last_step() {
    let server = start().await;
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    let lesson = author.lesson().await;
    let reading = id(&author.step(lesson, json!({"name": "text", "text": "x"})).await);
    let block = json!({"name": "number", "source": {"options": [{"answer": "4", "max_error": "0"}]}});
    let step = id(&author.step(lesson, block).await);
    let (course, _, unit) = author.course_with(lesson).await;
    learner.create("enrollments", json!({ "course": course })).await;
    let last = format!("/api/last-steps?ids[]=78-{course}");
    assert_eq!(learner.get(&last).await["last-steps"], json!([]));
    let assignment = learner.get(&format!("/api/units/{unit}")).await["units"][0]["assignments"][0].clone();
    learner.create("views", json!({"step": reading, "assignment": assignment})).await;
    learner.create("views", json!({"step": reading, "assignment": null})).await;
    let (status, body) =
        learner.post("/api/views", json!({"view": {"step": reading, "assignment": 5}})).await;
    assert_eq!((status, body["assignment"].is_array()), (400, true));
    let counts = async |step: i64| {
        let held = author.get(&format!("/api/steps/{step}")).await["steps"][0].clone();
        (held["viewed_by"].clone(), held["passed_by"].clone(), held["correct_ratio"].clone())
    };
    assert_eq!(counts(reading).await, (json!(1), json!(1), Value::Null));
    for number in ["5", "4"] {
        let attempt = learner.attempt(step).await;
        learner.submit(&attempt, json!({ "number": number })).await;
    }
    assert_eq!(counts(step).await, (json!(1), json!(1), json!(0.5)));
    // Without ids: what was touched, in pages.
    let touched = learner.get("/api/progresses").await;
    let named: Vec<&Value> = touched["progresses"].as_array().unwrap().iter().map(|p| &p["id"]).collect();
    assert_eq!(named, [&json!(format!("77-{reading}")), &json!(format!("77-{step}"))]);
    assert_eq!(touched["meta"]["page"], 1);
    let guest = Client::guest(&server);
    assert_eq!(guest.get(&format!("/api/steps/{step}")).await["steps"][0]["actions"], json!({}));
    let due = json!([{"id": format!("78-{course}"), "unit": unit, "lesson": lesson, "step": step}]);
    assert_eq!(learner.get(&last).await["last-steps"], due);
    let mine = learner.get("/api/user-courses?order=-last_viewed&can_be_reviewed=true").await["user-courses"]
        .clone();
    assert_eq!((mine[0]["course"].clone(), mine[0]["last_viewed"].is_string()), (json!(course), true));
    assert_eq!(
        ids(&learner.get(&format!("/api/user-courses?ids[]={}", id(&mine[0]))).await["user-courses"]),
        [id(&mine[0])]
    );
    assert_eq!(author.get("/api/user-courses?is_draft=true").await["user-courses"], json!([]));
}
