//! Tokens in a recording: asked for, refused, renewed and replaced, and none of them in the file.

use std::sync::{Arc, Mutex};

use lms_core::{Platform, Secret};
use lms_http::{Cassette, Client, ClientAuth, Grant, OAuth};
use url::Url;

use crate::cassette::{Shelf, nowhere, options};
use crate::server::{Reply, Server};

/// Issues tokens that live for two requests; each replaces the refresh token.
async fn platform() -> Server {
    let state = Mutex::new((0, 0));
    Server::answering(move |got, _| {
        let (issued, uses) = &mut *state.lock().expect("state");
        if got.line == "POST /oauth2/token/" {
            let form = got.text();
            if form.contains("password=wrong") {
                let refusal = r#"{"error":"invalid_grant","error_description":"Invalid credentials given."}"#;
                return Reply::new(400, refusal);
            }
            (*issued, *uses) = (*issued + 1, 2);
            return Reply::new(
                200,
                format!(
                    r#"{{"access_token":"canary-access-{issued}","refresh_token":"canary-refresh-{issued}","expires_in":36000,"token_type":"Bearer","scope":"read"}}"#
                ),
            );
        }
        if got.header("authorization") != Some(&*format!("Bearer canary-access-{issued}")) || *uses == 0 {
            return Reply::new(401, r#"{"detail":"Authentication credentials were not provided."}"#);
        }
        *uses -= 1;
        Reply::new(200, format!(r#"{{"issued":{issued},"left":{uses}}}"#))
    })
    .await
}

async fn run(url: Url, cassette: &Cassette, password: &'static str, secret: &'static str) -> Vec<String> {
    let mut seen = Vec::new();
    for (client_auth, password) in
        [(ClientAuth::Basic, password), (ClientAuth::Body, password), (ClientAuth::Body, "wrong")]
    {
        let grant =
            Grant::Password { username: "canary@example.org".into(), password: Secret::new(password) };
        let oauth = OAuth::builder(Platform::Stepik, url.join("/oauth2/token/").expect("URL"), "kept-app")
            .options(&options(cassette))
            .client_secret(Secret::new(secret))
            .client_auth(client_auth)
            .grant(grant)
            .build()
            .expect("credential");
        let client = Client::builder(Platform::Stepik, url.clone()).options(&options(cassette));
        let client = client.credential(Arc::new(oauth)).build().expect("client");
        for _ in 0..5 {
            seen.push(match client.get("/api/courses").operation("courses.list").send().await {
                Ok(answer) => answer.text().await.expect("text"),
                Err(error) => format!("{error:?}"),
            });
        }
    }
    seen
}

#[tokio::test]
async fn tokens_are_renewed_in_replay_as_they_were() {
    let server = platform().await;
    let shelf = Shelf::new();
    let cassette = Cassette::record(&shelf.path).expect("new");
    let recorded = run(server.url.clone(), &cassette, "canary-password", "canary-secret").await;
    cassette.save().expect("written");
    let text = shelf.text();
    assert!(!text.contains("canary"), "{text}");
    for kept in ["refresh_token", "invalid_grant", "\"expires_in\": 36000", "\"password\"", "/api/courses"] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert!(recorded.iter().any(|seen| seen.contains("Invalid credentials given")), "{recorded:?}");
    assert!(recorded.iter().any(|seen| seen.contains(r#""issued":4"#)), "{recorded:?}");
    let cassette = Cassette::replay(&shelf.path).expect("a cassette");
    // Stand-ins for the secrets, which are words as well.
    let replayed = run(nowhere(), &cassette, "access", "secret").await;
    cassette.finish().expect("all of it");
    assert_eq!(recorded, replayed);
}
