use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;
use reqwest::Method;
use serde_json::json;

use crate::client::{Client, id, ids, start};

#[tokio::test]
async fn listings_are_paged_and_page_size_is_ignored() {
    let server = StepikEmulator::start(Options { page_size: 3, ..Options::default() }).await.unwrap();
    let client = Client::author(&server).await;
    let mut made = Vec::new();
    for number in 0..7 {
        made.push(id(&client.create("courses", json!({"title": format!("C{number}")})).await));
    }
    let mut seen = Vec::new();
    for page in 1..=3 {
        let body = client.get(&format!("/api/courses?page={page}&page_size=100")).await;
        assert_eq!(body["meta"], json!({"page": page, "has_next": page < 3, "has_previous": page > 1}));
        seen.extend(ids(&body["courses"]));
        assert_eq!(ids(&body["enrollments"]), ids(&body["courses"]));
    }
    assert_eq!(seen, made);
    let (status, body) = client.call(Method::GET, "/api/courses?page=4", None).await;
    assert_eq!((status, body["detail"].is_string(), body.get("courses")), (404, true, None));
    let backwards = client.get("/api/courses?order=-id").await;
    assert_eq!(ids(&backwards["courses"]), made.iter().rev().take(3).copied().collect::<Vec<_>>());
    assert_eq!(client.get("/api/courses?is_public=true").await["courses"], json!([]));
    // Ids have holes.
    assert!(made.windows(2).any(|pair| pair[1] - pair[0] > 1));
}

#[tokio::test]
async fn a_multi_get_is_unordered_unpaged_and_silently_incomplete() {
    let server = start().await;
    let client = Client::author(&server).await;
    let mut made = Vec::new();
    for _ in 0..12 {
        made.push(client.lesson().await);
    }
    let mut query: Vec<String> = made.iter().map(|id| format!("ids%5B%5D={id}")).collect();
    query.push("ids[]=1".to_owned());
    query.push(format!("ids[]={}", made[0]));
    let body = client.get(&format!("/api/lessons?page=1&{}", query.join("&"))).await;
    let mut seen = ids(&body["lessons"]);
    assert_eq!((seen.len(), &body["meta"]["has_next"]), (12, &json!(false)));
    assert_ne!(seen, made, "the order must not be the asked one");
    assert!(!seen.is_sorted() && !seen.iter().rev().is_sorted());
    seen.sort_unstable();
    assert_eq!(seen, made);
    let long = vec!["ids[]=1234567"; 1000].join("&");
    assert_eq!(client.call(Method::GET, &format!("/api/lessons?{long}"), None).await.0, 414);
}

#[tokio::test]
async fn private_things_are_invisible_and_public_ones_open_to_guests() {
    let server = start().await;
    let (author, learner, guest) =
        (Client::author(&server).await, Client::learner(&server).await, Client::guest(&server));
    let lesson = id(&author.create("lessons", json!({"title": "L", "is_public": false})).await);
    let step = id(&author.step(lesson, json!({"name": "text", "text": "secret"})).await);
    let (course, section, unit) = author.course_with(lesson).await;
    let paths = [format!("/api/lessons/{lesson}"), format!("/api/steps/{step}")];
    for path in &paths {
        assert_eq!(learner.call(Method::GET, path, None).await.0, 404, "{path}");
        assert_eq!(author.call(Method::GET, path, None).await.0, 200, "{path}");
    }
    let seen = guest.get(&format!("/api/courses/{course}")).await["courses"][0].clone();
    assert_eq!(
        (&seen["progress"], &seen["enrollment"], &seen["actions"]),
        (&json!(null), &json!(null), &json!({}))
    );
    assert_eq!(seen["learners_group"], json!(null));
    for path in [format!("/api/sections/{section}"), format!("/api/units/{unit}")] {
        assert_eq!(guest.call(Method::GET, &path, None).await.0, 200, "{path}");
    }
    learner.create("enrollments", json!({"course": course.to_string()})).await;
    for path in &paths {
        assert_eq!(learner.call(Method::GET, path, None).await.0, 200, "{path}");
    }
    let (status, _) = author
        .put(&format!("/api/courses/{course}"), json!({"course": {"title": "T", "is_public": false}}))
        .await;
    assert_eq!(status, 200);
    assert_eq!(guest.call(Method::GET, &format!("/api/sections/{section}"), None).await.0, 404);
    assert_eq!(guest.get(&format!("/api/units?ids[]={unit}")).await["units"], json!([]));
    assert_eq!(learner.call(Method::GET, &format!("/api/sections/{section}"), None).await.0, 200);
}

#[tokio::test]
async fn own_lessons_and_assignments_are_listed() {
    let server = start().await;
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    let lesson = author.lesson().await;
    let step = id(&author.step(lesson, json!({"name": "text", "text": "x"})).await);
    let (_, _, unit) = author.course_with(lesson).await;
    let path = "/api/user-lessons?is_moderator=true&order=-is_pinned,-last_viewed&page=1";
    assert_eq!(author.get(path).await["user-lessons"][0]["lesson"], lesson);
    assert_eq!(learner.get(path).await["user-lessons"], json!([]));
    let assignments = ids(&author.get(&format!("/api/units/{unit}")).await["units"][0]["assignments"]);
    let shown =
        author.get(&format!("/api/assignments?ids[]={}", assignments[0])).await["assignments"].clone();
    assert_eq!((&shown[0]["unit"], &shown[0]["step"]), (&json!(unit), &json!(step)));
    assert_eq!(author.call(Method::GET, "/api/submissions?step=17", None).await.0, 404);
}
