use lms_emulator::{FaultKind, FaultRule};
use reqwest::Method;
use serde_json::json;

use crate::client::{Client, ids, start};

#[tokio::test]
async fn a_lost_answer_still_wrote() {
    let server = start().await;
    let client = Client::author(&server).await;
    server
        .faults()
        .inject(FaultRule::once(FaultKind::DropAfterCommit).on_path("/api/lessons").on_method("post"));
    assert!(
        client
            .request(Method::POST, "/api/lessons")
            .json(&json!({"lesson": {"title": "T"}}))
            .send()
            .await
            .is_err()
    );
    assert_eq!(client.get("/api/lessons").await["lessons"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_thrown_away_token_must_be_renewed() {
    let server = start().await;
    let client = Client::author(&server).await;
    server.faults().inject("expire-token".parse().unwrap());
    assert_eq!(client.call(Method::GET, "/api/courses", None).await.0, 401);
    assert_eq!(client.call(Method::GET, "/api/courses", None).await.0, 401);
    assert_eq!(Client::author(&server).await.call(Method::GET, "/api/courses", None).await.0, 200);
}

#[tokio::test]
async fn pages_that_lie() {
    let server = start().await;
    let client = Client::author(&server).await;
    for _ in 0..10 {
        client.lesson().await;
    }
    server.faults().inject("empty-page".parse().unwrap());
    assert_eq!(client.get("/api/lessons?page=3").await["lessons"].as_array().unwrap().len(), 2);
    let middle = client.get("/api/lessons?page=2").await;
    assert_eq!((&middle["lessons"], &middle["meta"]["has_next"]), (&json!([]), &json!(true)));
    server.faults().inject("repeat-cursor".parse().unwrap());
    let first = client.get("/api/lessons").await;
    let repeated = client.get("/api/lessons?page=2").await;
    assert_eq!((ids(&repeated["lessons"]), &repeated["meta"]["page"]), (ids(&first["lessons"]), &json!(1)));
}

#[tokio::test]
async fn the_planted_defect_takes_any_secret() {
    let server = start().await;
    let wrong = async || {
        let form = [("grant_type", "client_credentials")];
        let request = reqwest::Client::new().post(format!("{}/oauth2/token/", server.url())).form(&form);
        request.basic_auth(&server.credentials().client_id, Some("x")).send().await.unwrap().status().as_u16()
    };
    assert_eq!(wrong().await, 401);
    server.faults().inject("accept-wrong-secret".parse().unwrap());
    assert_eq!((wrong().await, wrong().await), (200, 200));
    server.faults().clear();
    assert_eq!(wrong().await, 401);
}
