//! Comments, votes and discussions.

use serde_json::{Value, json};

use crate::client::{Client, id, ids, start};

#[tokio::test]
async fn a_discussion_from_proxy_to_vote() {
    let server = start().await;
    let (author, learner, guest) =
        (Client::author(&server).await, Client::learner(&server).await, Client::guest(&server));
    let lesson = author.lesson().await;
    let source = json!({"options": [{"answer": "4", "max_error": "0"}]});
    let step = id(&author.step(lesson, json!({"name": "number", "source": source})).await);
    let reading = id(&author.step(lesson, json!({"name": "text", "text": "x"})).await);
    let (status, body) = learner.post("/api/comments", json!({"comment": {"target": 5, "text": "?"}})).await;
    assert_eq!((status, &body["target"][0]), (400, &json!("Invalid pk '5' - object does not exist.")));
    assert_eq!(guest.post("/api/comments", json!({"comment": {"target": step, "text": "?"}})).await.0, 401);
    let first = learner.create("comments", json!({"target": step, "text": "<p>Why?</p>"})).await;
    let reply = json!({"target": step, "text": "Because.", "parent": id(&first)});
    let reply = author.create("comments", reply).await;
    assert_eq!((&first["user_role"], &reply["user_role"]), (&json!("student"), &json!("teacher")));

    let proxy = format!("77-{step}-1");
    let seen = guest.get(&format!("/api/discussion-proxies?ids[]={proxy}&ids[]=77-5-1")).await;
    assert_eq!(seen["discussion-proxies"].as_array().unwrap().len(), 1);
    assert_eq!(seen["discussion-proxies"][0]["discussions"], json!([id(&first)]));
    let threads = guest
        .get(&format!("/api/discussion-threads?ids[]=77-{step}-1&ids[]=77-{step}-2&ids[]=77-{reading}-2"))
        .await;
    let mut named: Vec<(String, Value)> = threads["discussion-threads"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| (t["id"].as_str().unwrap().to_owned(), t["thread"].clone()))
        .collect();
    named.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(named, [(proxy.clone(), json!("default")), (format!("77-{step}-2"), json!("solutions"))]);
    let shown = learner.get(&format!("/api/comments?ids[]={}", id(&first))).await;
    assert_eq!(shown["comments"][0]["replies"], json!([id(&reply)]));
    assert_eq!(
        (ids(&shown["users"]), shown["votes"].as_array().unwrap().len()),
        (vec![learner.me().await], 1)
    );
    assert!(shown.get("submissions").is_none());
    assert_eq!(author.get(&format!("/api/steps/{step}")).await["steps"][0]["discussions_count"], 2);

    // A solution brings its attempt and submission along.
    let attempt = learner.attempt(step).await;
    let submission = learner.submit(&attempt, json!({"number": "4"})).await;
    let solution = json!({"target": step, "text": "Mine", "submission": id(&submission)});
    let solution = learner.create("comments", solution).await;
    let shown = learner.get(&format!("/api/comments/{}", id(&solution))).await;
    assert_eq!(
        (ids(&shown["attempts"]), ids(&shown["submissions"])),
        (vec![id(&attempt)], vec![id(&submission)])
    );
    assert_eq!(shown["comments"][0]["thread"], "solutions");

    let vote = first["vote"].as_str().unwrap();
    let put = async |value: Value| {
        author.put(&format!("/api/votes/{vote}"), json!({"vote": {"id": vote, "value": value}})).await
    };
    assert_eq!(put(json!("great")).await.0, 400);
    assert_eq!(put(json!("epic")).await.1["votes"][0]["value"], "epic");
    let counts = async || {
        guest.get(&format!("/api/comments/{}", id(&first))).await["comments"][0]["epic_count"].clone()
    };
    assert_eq!(counts().await, 1);
    put(Value::Null).await;
    assert_eq!(counts().await, 0);

    let listed = async |query: &str| ids(&guest.get(&format!("/api/comments?{query}")).await["comments"]);
    assert_eq!(listed(&format!("target={step}&order=-id")).await, [id(&solution), id(&reply), id(&first)]);
    assert_eq!(listed(&format!("parent={}", id(&first))).await, [id(&reply)]);
    assert_eq!(listed(&format!("user={}", author.me().await)).await, [id(&reply)]);
    let path = format!("/api/comments/{}", id(&reply));
    let put = json!({"comment": {"target": step, "text": "Never mind"}});
    assert_eq!(learner.put(&path, put.clone()).await.0, 403);
    assert_eq!(author.put(&path, put).await.1["comments"][0]["text"], "Never mind");
    assert_eq!(learner.delete(&path).await, 403);
    assert_eq!(author.delete(&format!("/api/comments/{}", id(&first))).await, 204);
    assert_eq!(listed(&format!("target={step}")).await, [id(&solution)]);
}
