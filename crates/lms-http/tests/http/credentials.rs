//! Who sends, and where credentials do not go.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use async_trait::async_trait;
use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::{Allow, Client, Cookies, Credential, Method, Outgoing, Route, Safety, StaticToken};
use url::Url;

use crate::server::{Reply, Server};
use crate::{builder, client};

fn token() -> Arc<StaticToken> {
    Arc::new(StaticToken::bearer("tok-1"))
}

#[tokio::test]
async fn a_static_token_is_sent_and_replaces_what_the_caller_set() {
    let server = Server::scripted([Reply::new(200, "{}"), Reply::new(200, "{}")]).await;
    let client = builder(&server).0.credential(token()).build().expect("client");
    client.get("/a").header("authorization", "mine").header("x-extra", "kept").send().await.expect("answer");
    client.get("/b").anonymous().send().await.expect("answer");
    let got = server.got();
    assert_eq!(got[0].header("authorization"), Some("Bearer tok-1"));
    assert_eq!(got[0].header("x-extra"), Some("kept"));
    assert_eq!(got[1].header("authorization"), None);
}

/// Counts up: `tok-1`, `tok-2`, … with each rejection.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

#[async_trait]
impl Credential for Counting {
    async fn apply(&self, request: &mut Outgoing) -> Result<()> {
        let n = self.0.load(SeqCst) + 1;
        request.set_mark(n);
        request.set_header("authorization", &Secret::new(format!("Bearer tok-{n}")))
    }

    async fn rejected(&self, sent: &Outgoing) -> bool {
        let used = sent.mark();
        let _ = self.0.compare_exchange(used - 1, used, SeqCst, SeqCst);
        true
    }
}

#[tokio::test]
async fn a_401_is_replayed_once_even_for_a_once() {
    let server = Server::answering(|got, _| match got.header("authorization") {
        Some("Bearer tok-2") => Reply::new(201, "{}"),
        _ => Reply::new(401, r#"{"detail":"expired"}"#),
    })
    .await;
    let (builder, clock) = builder(&server);
    let client = builder.credential(Arc::new(Counting::default())).build().expect("client");
    let answer = client.request(Method::Post, "/x", Safety::Once).json(&1).send().await.expect("replayed");
    assert_eq!(answer.status(), 201);
    assert_eq!(server.lines().len(), 2);
    assert!(clock.pauses().is_empty(), "a replay does not wait");
}

#[tokio::test]
async fn a_second_401_is_the_answer() {
    // A third one would be let in.
    let server =
        Server::scripted([Reply::new(401, "{}"), Reply::new(401, "{}"), Reply::new(200, "{}")]).await;
    let client = builder(&server).0.credential(Arc::new(Counting::default())).build().expect("client");
    let error = client.get("/x").send().await.expect_err("refused twice");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthenticated, Some(401)));
    assert_eq!(server.lines().len(), 2);
}

#[tokio::test]
async fn nothing_is_replayed_without_a_better_credential() {
    let server = Server::answering(|_, _| Reply::new(401, "{}")).await;
    for request in [
        builder(&server).0.credential(token()).build().expect("client").get("/static"),
        client(&server).0.get("/nobody"),
        builder(&server)
            .0
            .credential(Arc::new(Counting::default()))
            .build()
            .expect("client")
            .get("/n")
            .anonymous(),
    ] {
        request.send().await.expect_err("refused");
    }
    assert_eq!(server.lines().len(), 3);
}

#[tokio::test]
async fn an_expected_401_is_no_error_and_no_replay() {
    let server = Server::answering(|_, _| Reply::new(401, "{}")).await;
    let client = builder(&server).0.credential(Arc::new(Counting::default())).build().expect("client");
    assert_eq!(client.get("/x").expect(&[401]).send().await.expect("expected").status(), 401);
    assert_eq!(server.lines().len(), 1);
}

/// Has nothing to give.
#[derive(Debug)]
struct Empty;

#[async_trait]
impl Credential for Empty {
    async fn apply(&self, _: &mut Outgoing) -> Result<()> {
        Err(Error::new(ErrorKind::Unauthenticated, "sign in first"))
    }

    async fn rejected(&self, _: &Outgoing) -> bool {
        false
    }
}

#[tokio::test]
async fn without_credentials_nothing_is_sent() {
    let server = Server::answering(|_, _| Reply::new(200, "{}")).await;
    let client = builder(&server).0.credential(Arc::new(Empty)).build().expect("client");
    let error = client.get("/x").operation("courses.list").send().await.expect_err("nothing to send");
    assert_eq!(error.to_string(), "other courses.list: sign in first (GET /x)");
    assert!(server.lines().is_empty());
}

#[tokio::test]
async fn a_next_link_to_another_origin_is_refused_unsent() {
    let (home, foreign) = (Server::scripted([]).await, Server::scripted([]).await);
    let client = builder(&home).0.credential(token()).build().expect("client");
    let next = format!("{}api/courses?page=2", foreign.url);
    let error = client.get(Route::given(&next)).operation("courses.list").send().await.expect_err("foreign");
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Protocol, "courses.list"));
    assert!(home.lines().is_empty() && foreign.lines().is_empty());
    let own = format!("{}api/courses?page=2&x=a%2Bb", home.url);
    client.get(Route::given(&own)).expect(&[404]).send().await.expect("own link");
    assert_eq!(home.lines(), ["GET /api/courses?page=2&x=a%2Bb"]);
}

#[test]
fn credentials_and_cookies_do_not_travel_over_plain_http() {
    let start = || Client::builder(Platform::Stepik, Url::parse("http://lms.example.org").expect("URL"));
    for refused in [start().credential(token()), start().keep_cookies(Cookies::Keep)] {
        let error = refused.build().expect_err("plain http");
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("use https"), "{error}");
    }
    assert!(start().build().is_ok(), "nothing secret travels");
    assert!(start().credential(token()).allow_plain_http(Allow::Yes).build().is_ok());
}
