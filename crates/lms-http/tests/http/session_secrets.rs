//! Canaries of sessions and stores, for [`crate::secrets`]: all that is printed on the way.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use async_trait::async_trait;
use lms_core::{Platform, Result, Secret};
use lms_http::testing::ManualClock;
use lms_http::{
    Client, Csrf, FileStore, Grant, HttpOptions, Limits, Method, OAuth, RetryPolicy, Safety, Session, SignIn,
    StoredTokens, TokenPlace, TokenStore, Tokens,
};

use crate::chain;
use crate::server::{Reply, Server};

#[derive(Debug)]
struct Account {
    password: Secret,
}

#[async_trait]
impl SignIn for Account {
    async fn sign_in(&self, client: &Client) -> Result<()> {
        let form = [("email", "canary@example.org"), ("password", self.password.expose())];
        let request = client.request(Method::Post, "/login", Safety::Repeatable).sensitive().form(&form);
        request.operation("session.sign_in").send().await.map(drop)
    }
}

/// A session whose site does `reply` to everything, or to everything after a good sign-in.
pub(crate) async fn sessions(reply: fn() -> Reply, limits: &Limits, retry: &RetryPolicy) -> Vec<String> {
    let mut printed = Vec::new();
    for lets_in in [false, true] {
        let server = Server::answering(move |got, _| match got.line.as_str() {
            "GET /csrf" if lets_in => Reply::new(200, r#"{"csrfToken":"canary-csrf"}"#)
                .header("set-cookie", "csrftoken=canary-csrf; Path=/"),
            "POST /login" if lets_in => {
                let reply = Reply::new(200, "{}").header("set-cookie", "sessionid=canary-session; Path=/");
                reply.header("set-cookie", "csrftoken=canary-csrf-2; Path=/; Domain=elsewhere.example")
            }
            _ => reply(),
        })
        .await;
        let builder = Client::builder(Platform::OpenEdx, server.url.clone())
            .clock(Arc::new(ManualClock::default()))
            .limits(limits.clone())
            .retry(retry.clone());
        let start = Session::builder(builder.clone())
            .csrf(Csrf::django("/csrf"))
            .sign_in(Arc::new(Account { password: Secret::new("canary-password") }));
        printed.push(format!("{start:?}"));
        let session = start.build().expect("session");
        printed.extend(session.open().await.err().map(|e| chain(&e)));
        let client = session.serve(builder).expect("client");
        for request in [
            client.get("/courses").operation("courses.list"),
            client.request(Method::Post, "/courses", Safety::Once).operation("courses.create"),
        ] {
            printed.push(format!("{request:?}"));
            match request.send().await {
                Err(error) => printed.push(chain(&error)),
                Ok(answer) => printed.push(format!("{answer:?}")),
            }
        }
        printed.push(format!("{session:?} {client:?} {:?}", session.cookies()));
    }
    printed
}

/// Tokens saved, read, used and refused.
pub(crate) async fn stores(server: &Server, limits: &Limits, retry: &RetryPolicy) -> Vec<String> {
    let folder = tempfile::tempdir().expect("folder");
    let store = Arc::new(FileStore::new(folder.path().join("tokens.json")));
    let tokens = Tokens {
        access: Secret::new("canary-access"),
        refresh: Some(Secret::new("canary-refresh")),
        expires_at: None,
    };
    let stored = StoredTokens { tokens, holder: "holder".into(), issued_at: UNIX_EPOCH };
    store.save("stepik", &stored).await.expect("saved");
    let place = TokenPlace { store, name: "stepik".into() };
    let options = HttpOptions {
        tokens: Some(place),
        clock: Arc::new(ManualClock::default()),
        limits: limits.clone(),
        retry: retry.clone(),
        ..HttpOptions::default()
    };
    let url = server.url.join("/oauth2/token/").expect("URL");
    let grant = Grant::Password { username: "canary@example.org".into(), password: Secret::new("canary-pw") };
    let builder = OAuth::builder(Platform::Stepik, url, "app").options(&options).grant(grant);
    let mut printed = vec![format!("{stored:?} {options:?} {builder:?}")];
    let oauth = builder.build().expect("credential");
    printed.extend(oauth.tokens().await.err().map(|e| chain(&e)));
    printed.push(format!("{oauth:?}"));
    printed
}
