//! How fast a client asks, how long it insists, and what it says of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use lms_core::{ErrorKind, Platform, Result, Retry};
use lms_http::testing::ManualClock;
use lms_http::{Client, HttpOptions, Method, Pace, Quota, Rate, RetryPolicy, Route, Safety, Session, SignIn};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::builder;
use crate::server::{Reply, Server};

#[derive(Debug)]
struct Door;

#[async_trait]
impl SignIn for Door {
    async fn sign_in(&self, client: &Client) -> Result<()> {
        client.request(Method::Post, "/signin", Safety::Repeatable).sensitive().send().await.map(drop)
    }
}

#[tokio::test]
async fn a_sign_in_does_not_wait_for_those_who_wait_for_it() {
    let server = Server::answering(|_, _| Reply::new(200, "{}")).await;
    let options = HttpOptions {
        pace: Some(Pace { concurrency: 1, ..Pace::default() }),
        clock: Arc::new(ManualClock::default()),
        ..HttpOptions::default()
    };
    // Both on one lane with one slot.
    let client = || Client::builder(Platform::Other, server.url.clone()).options(&options);
    let session = Session::builder(client()).sign_in(Arc::new(Door)).build().expect("a session");
    let client = session.serve(client()).expect("a client");
    let calls = futures::future::join_all((0..20).map(|_| client.get("/x").send()));
    let answers = tokio::time::timeout(Duration::from_secs(20), calls).await.expect("no deadlock");
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(server.lines().iter().filter(|line| *line == "POST /signin").count(), 1);
}

#[tokio::test]
async fn a_dying_server_is_not_hammered() {
    let server = Server::answering(|_, _| Reply::new(500, "{}")).await;
    let retry = RetryPolicy { reserve: 10, ..RetryPolicy::default() };
    let client = builder(&server).0.retry(retry).build().expect("a client");
    for call in 0..100 {
        let error = client.get("/x").send().await.expect_err("it is down");
        let attempts = if call < 2 { 5 } else { 1 };
        assert_eq!((error.kind(), error.status()), (ErrorKind::Unavailable, Some(500)));
        // The third call spends what is left of the reserve.
        if call != 2 {
            assert_eq!(error.retry(), Retry::Exhausted { attempts });
        }
    }
    assert_eq!(server.lines().len(), 110, "a hundred calls and ten retries");
}

#[tokio::test]
async fn successes_earn_retries() {
    let server =
        Server::answering(|_, before| Reply::new(if before % 6 == 5 { 500 } else { 200 }, "{}")).await;
    let retry = RetryPolicy { reserve: 2, earned_percent: 20, ..RetryPolicy::default() };
    let client = builder(&server).0.retry(retry).build().expect("a client");
    for _ in 0..100 {
        client.get("/x").send().await.expect("one failure in six is borne for ever");
    }
}

#[tokio::test]
async fn a_server_that_says_how_long_it_is_away_is_left_alone_by_all() {
    let server = Server::answering(|_, before| match before {
        0 => Reply::new(503, "{}").header("retry-after", "30"),
        _ => Reply::new(200, "{}"),
    })
    .await;
    let (builder, clock) = builder(&server);
    let client = builder.retry(RetryPolicy::never()).build().expect("a client");
    let error = client.get("/a").send().await.expect_err("away");
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(30)));
    assert!(clock.pauses().is_empty());
    client.request(Method::Post, "/b", Safety::Once).send().await.expect("a write that was not lost");
    assert_eq!(clock.pauses(), [Duration::from_secs(30)]);
}

#[tokio::test]
async fn what_a_quota_holds_back_for_too_long_is_not_sent() {
    let server = Server::answering(|_, _| Reply::new(200, "{}")).await;
    let week = Duration::from_secs(7 * 24 * 3600);
    let quota = Quota { operations: &["register"], rate: Rate { requests: 2, per: week } };
    let pace = Pace { quotas: vec![quota], ..Pace::default() };
    let (builder, clock) = builder(&server);
    let client = builder.pace(pace).build().expect("a client");
    let register = || client.request(Method::Post, "/users", Safety::Once).operation("register").send();
    register().await.expect("the first");
    clock.advance(Duration::from_secs(3600));
    register().await.expect("the second");
    let error = register().await.expect_err("in a week");
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry(), Retry::After(week - Duration::from_secs(3600)));
    client.get("/users").send().await.expect("other operations go on");
    assert_eq!(server.lines().len(), 3);
    assert_eq!(client.planned("register", 3), 2 * week - Duration::from_secs(3600));
    clock.advance(week);
    register().await.expect("a week later");
}

#[tokio::test]
async fn clients_of_one_origin_share_its_lane() {
    let server = Server::answering(|_, _| Reply::Slow).await;
    let options =
        HttpOptions { pace: Some(Pace { concurrency: 2, ..Pace::default() }), ..HttpOptions::default() };
    let client = || Client::builder(Platform::Other, server.url.clone()).options(&options).build();
    let (one, two) = (client().expect("a client"), client().expect("a client"));
    let calls = (0..12).map(|n| if n % 2 == 0 { one.get("/x").send() } else { two.get("/x").send() });
    assert!(futures::future::join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(server.most_at_once(), 2);
}

/// The fields of the spans that ended, as text.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<(String, String)>>>);

impl Visit for Spans {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.lock().expect("spans").push((field.name().to_owned(), format!("{value:?}")));
    }
}

impl<S: tracing::Subscriber> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        if attributes.metadata().name() == "http" {
            attributes.record(&mut self.clone());
        }
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        values.record(&mut self.clone());
    }
}

#[tokio::test]
async fn a_span_tells_how_a_request_went_and_of_whom_it_was_nothing() {
    let spans = Spans::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(spans.clone()));
    let server = Server::scripted([Reply::new(503, "{}"), Reply::new(200, "[1,2]")]).await;
    let client = builder(&server).0.build().expect("a client");
    let route = Route::new("/api/accounts/{username}").id("canary@example.org");
    let request = client.get(route).operation("accounts.get").query("email", "canary@example.org");
    request.query("page", 2).send().await.expect("the second attempt");
    let fields = spans.0.lock().expect("spans").clone();
    let last =
        |name: &str| fields.iter().rev().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    for (name, value) in [
        ("method", "GET"),
        ("route", "\"/api/accounts/{username}\""),
        ("operation", "\"accounts.get\""),
        ("query", "\"email=…&page=2\""),
        ("status", "200"),
        ("attempts", "2"),
        ("bytes", "5"),
    ] {
        assert_eq!(last(name), Some(value), "{fields:?}");
    }
    let waited: u64 = last("waited_ms").and_then(|ms| ms.parse().ok()).expect("a number");
    assert!(waited >= 250, "{waited}");
    assert!(!format!("{fields:?}").contains("canary"), "{fields:?}");
}

#[tokio::test]
async fn a_pause_beyond_patience_holds_nobody_else_back() {
    let server = Server::answering(|got, _| match got.line.as_str() {
        "POST /register" => Reply::new(429, "{}").header("retry-after", "604800"),
        _ => Reply::new(200, "{}"),
    })
    .await;
    let (builder, clock) = builder(&server);
    let client = builder.build().expect("a client");
    let error = client.request(Method::Post, "/register", Safety::Once).send().await.expect_err("a week");
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(604_800)));
    client.get("/courses").send().await.expect("other things go on");
    assert!(clock.pauses().iter().sum::<Duration>() < Duration::from_secs(10));
}
