//! The retry loop: what is sent again, when, and what the caller learns.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use lms_core::{Error, ErrorKind, Platform, Retry};
use lms_http::testing::ManualClock;
use lms_http::{
    Answer, Client, Clock, Dialect, Limits, Method, Observer, Pace, PlainDialect, RequestEvent, RetryPolicy,
    Safety, Stats,
};
use tokio::sync::Semaphore;

use crate::server::{Reply, Server};
use crate::{builder, client};

async fn send(client: &Client, safety: Safety) -> Result<u16, Error> {
    let request = client.request(Method::Post, "/api/courses", safety).operation("authoring.put_course");
    request.json(&serde_json::json!({"title": "Physics"})).send().await.map(|answer| answer.status())
}

#[tokio::test]
async fn the_lost_answer_of_a_once_is_unknown_and_never_sent_again() {
    let server = Server::scripted([Reply::Drop, Reply::new(201, "{}")]).await;
    let (client, clock) = client(&server);
    let error = send(&client, Safety::Once).await.expect_err("lost");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::OutcomeUnknown, Retry::Never));
    assert_eq!(error.operation(), "authoring.put_course");
    assert_eq!(error.resource(), Some("POST /api/courses"));
    assert_eq!(server.lines().len(), 1);
    assert!(clock.pauses().is_empty());
}

#[tokio::test]
async fn a_once_that_broke_off_or_failed_is_unknown_too() {
    for (reply, status) in
        [(Reply::BreakOff(201), 201), (Reply::new(500, ""), 500), (Reply::new(503, ""), 503)]
    {
        let server = Server::scripted([reply, Reply::new(201, "{}")]).await;
        let error = send(&client(&server).0, Safety::Once).await.expect_err("unknown");
        assert_eq!((error.kind(), error.status()), (ErrorKind::OutcomeUnknown, Some(status)));
        assert_eq!(server.lines().len(), 1);
    }
}

#[tokio::test]
async fn no_answer_in_time_to_a_once_is_unknown() {
    let server = Server::scripted([Reply::Hang]).await;
    let limits = Limits { per_attempt: Duration::from_secs(1), ..Limits::default() };
    let client = builder(&server).0.limits(limits).build().expect("client");
    assert_eq!(send(&client, Safety::Once).await.expect_err("late").kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(server.lines().len(), 1);
}

#[tokio::test]
async fn one_request_may_have_a_bound_of_its_own() {
    let server = Server::answering(|_, _| Reply::Hang).await;
    let (builder, clock) = builder(&server);
    let client =
        builder.retry(RetryPolicy { attempts: 2, ..RetryPolicy::default() }).build().expect("client");
    let error =
        client.get("/export").per_attempt(Duration::from_millis(30)).send().await.expect_err("late twice");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Timeout, Retry::Exhausted { attempts: 2 }));
    assert_eq!(clock.pauses().len(), 1);
}

#[tokio::test]
async fn lost_answers_of_the_others_are_fetched_again_with_the_same_body() {
    let server =
        Server::scripted([Reply::Drop, Reply::BreakOff(200), Reply::new(502, ""), Reply::new(200, "{}")])
            .await;
    let (client, clock) = client(&server);
    assert_eq!(send(&client, Safety::Repeatable).await.expect("in the end"), 200);
    let bodies: Vec<String> = server.got().iter().map(|got| got.text()).collect();
    assert_eq!(bodies, [r#"{"title":"Physics"}"#; 4]);
    let pauses = clock.pauses();
    assert_eq!(pauses.len(), 3);
    assert!(pauses[0] >= Duration::from_millis(250) && pauses[2] >= Duration::from_secs(1), "{pauses:?}");
    assert_eq!(client.stats(), Stats { read: 0, write: 4 });
}

#[tokio::test]
async fn retry_after_is_obeyed_in_seconds_and_as_a_date_for_every_safety() {
    for safety in [Safety::Read, Safety::Repeatable, Safety::Once] {
        // The clock of the test starts at midnight.
        for asked in ["42", "Mon, 01 Sep 2025 00:00:42 GMT"] {
            let server =
                Server::scripted([Reply::new(429, "{}").header("retry-after", asked), Reply::new(201, "{}")])
                    .await;
            let (client, clock) = client(&server);
            assert_eq!(send(&client, safety).await.expect("second attempt"), 201);
            assert_eq!(clock.pauses(), [Duration::from_secs(42)], "{safety:?} {asked}");
        }
    }
}

#[tokio::test]
async fn a_date_in_the_past_means_now() {
    let past = httpdate::fmt_http_date(UNIX_EPOCH);
    let server =
        Server::scripted([Reply::new(503, "").header("retry-after", &past), Reply::new(200, "{}")]).await;
    let (client, clock) = client(&server);
    send(&client, Safety::Read).await.expect("second attempt");
    assert!(clock.pauses()[0] <= Duration::from_millis(500));
}

#[tokio::test]
async fn what_the_server_asks_beyond_patience_is_left_to_the_caller() {
    let server = Server::scripted([Reply::new(429, "{}").header("retry-after", "3600")]).await;
    let error = send(&client(&server).0, Safety::Once).await.expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(3600)));
    assert_eq!(server.lines().len(), 1);
}

/// Lets nobody sleep to the end before it is told to.
#[derive(Debug, Default)]
struct Held {
    inner: ManualClock,
    asleep: AtomicUsize,
    release: Closed,
}

#[async_trait]
impl Clock for Held {
    fn now(&self) -> SystemTime {
        self.inner.now()
    }

    async fn sleep(&self, _: Duration) {
        self.asleep.fetch_add(1, SeqCst);
        self.release.0.acquire().await.expect("open").forget();
    }
}

#[tokio::test]
async fn a_throttled_client_holds_its_other_requests_back() {
    let server = Server::answering(|got, before| match (got.line.as_str(), before) {
        ("GET /limited", 0) => Reply::new(429, "{}").header("retry-after", "30"),
        _ => Reply::new(200, "{}"),
    })
    .await;
    let clock = Arc::new(Held::default());
    let client =
        Client::builder(Platform::Other, server.url.clone()).clock(clock.clone()).build().expect("client");
    let limited = tokio::spawn(client.get("/limited").send());
    until(|| clock.asleep.load(SeqCst) == 1).await;
    let other = tokio::spawn(client.get("/other").send());
    until(|| clock.asleep.load(SeqCst) == 2).await;
    assert_eq!(server.lines(), ["GET /limited"], "the other request waits as well");
    clock.inner.advance(Duration::from_secs(30));
    clock.release.0.add_permits(1_000);
    assert!(limited.await.expect("task").is_ok() && other.await.expect("task").is_ok());
    assert_eq!(server.lines().len(), 3);
}

/// Waits, but not for ever, for what other tasks are about to do.
async fn until(done: impl Fn() -> bool) {
    let wait = async {
        while !done() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), wait).await.expect("it happens soon");
}

/// Closed at first.
#[derive(Debug)]
struct Closed(Semaphore);

impl Default for Closed {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

#[tokio::test]
async fn those_in_the_queue_do_not_run_into_a_known_limit() {
    let server = Server::answering(|_, before| match before {
        0 => Reply::new(429, "{}").header("retry-after", "30"),
        _ => Reply::new(200, "{}"),
    })
    .await;
    let clock = Arc::new(Held::default());
    let builder = Client::builder(Platform::Other, server.url.clone()).clock(clock.clone());
    let client = builder.pace(Pace { concurrency: 1, ..Pace::default() }).build().expect("client");
    let calls: Vec<_> = (0..20).map(|_| tokio::spawn(client.get("/x").send())).collect();
    // The one that met the limit, and the next in the queue, which waits for all that come after it.
    until(|| clock.asleep.load(SeqCst) == 2).await;
    assert_eq!(server.lines().len(), 1);
    clock.inner.advance(Duration::from_secs(30));
    clock.release.0.add_permits(1_000);
    for call in calls {
        call.await.expect("task").expect("served");
    }
    assert_eq!(server.lines().len(), 21);
}

#[tokio::test]
async fn attempts_are_counted_in_the_error() {
    let server = Server::answering(|_, _| Reply::new(503, "{}").header("x-request-id", "r-17")).await;
    let error = send(&client(&server).0, Safety::Read).await.expect_err("down");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Exhausted { attempts: 5 }));
    assert_eq!((error.status(), error.request_id()), (Some(503), Some("r-17")));
    assert_eq!(server.lines().len(), 5);
}

#[tokio::test]
async fn a_refused_connection_was_surely_not_used() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port").local_addr().expect("bound");
    let clock = Arc::new(ManualClock::default());
    let nowhere = Client::builder(Platform::Other, format!("http://{free}").parse().expect("URL"))
        .clock(clock.clone())
        .retry(RetryPolicy { attempts: 3, ..RetryPolicy::default() });
    let error = send(&nowhere.build().expect("client"), Safety::Once).await.expect_err("nobody there");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Exhausted { attempts: 3 }));
    assert_eq!(clock.pauses().len(), 2);
}

#[tokio::test]
async fn the_whole_call_is_bounded() {
    let server = Server::answering(|_, _| Reply::new(429, "{}").header("retry-after", "40")).await;
    let limits = Limits { overall: Duration::from_secs(100), ..Limits::default() };
    let (builder, clock) = builder(&server);
    let error =
        send(&builder.limits(limits).build().expect("client"), Safety::Read).await.expect_err("bounded");
    assert_eq!(
        (error.kind(), error.retry()),
        (ErrorKind::RateLimited, Retry::After(Duration::from_secs(40)))
    );
    assert_eq!(clock.pauses(), [Duration::from_secs(40); 2]);
}

/// Knows that this platform refuses a second submission with a 500, and throttles with 497.
#[derive(Debug)]
struct Knowing;

impl Dialect for Knowing {
    fn read(&self, answer: &Answer<'_>) -> Option<Error> {
        match answer.json() {
            Some(serde_json::Value::String(text)) => Some(Error::new(ErrorKind::Conflict, text)),
            _ => PlainDialect.read(answer),
        }
    }

    fn throttled(&self, answer: &Answer<'_>) -> Option<Option<Duration>> {
        (answer.status() == 497).then_some(Some(Duration::from_secs(5)))
    }
}

#[tokio::test]
async fn a_dialect_may_vouch_that_a_5xx_did_nothing_and_name_its_own_throttling() {
    let server =
        Server::scripted([Reply::new(497, ""), Reply::new(500, r#""A submission is pending""#)]).await;
    let (builder, clock) = builder(&server);
    let client = builder.dialect(Arc::new(Knowing)).build().expect("client");
    let error = send(&client, Safety::Once).await.expect_err("refused");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Conflict, "A submission is pending"));
    assert_eq!(clock.pauses(), [Duration::from_secs(5)]);
}

#[derive(Debug, Default)]
struct Watcher(Mutex<Vec<RequestEvent>>);

impl Observer for Watcher {
    fn request(&self, event: &RequestEvent) {
        self.0.lock().expect("watcher").push(event.clone());
    }
}

#[tokio::test]
async fn the_observer_sees_every_attempt() {
    let server = Server::scripted([Reply::new(503, ""), Reply::new(200, "[1,2]")]).await;
    let watcher = Arc::new(Watcher::default());
    let client = builder(&server).0.observer(watcher.clone()).build().expect("client");
    client.get("/api/courses?page=2").operation("courses.list").send().await.expect("second attempt");
    let events = watcher.0.lock().expect("watcher").clone();
    let seen: Vec<_> =
        events.iter().map(|e| (e.route.as_str(), e.status, e.attempt, e.wait.is_some(), e.bytes)).collect();
    assert_eq!(seen, [("/api/courses", Some(503), 1, true, 0), ("/api/courses", Some(200), 2, false, 5)]);
    assert_eq!(
        (events[1].operation, events[1].safety, events[1].method),
        ("courses.list", Safety::Read, Method::Get)
    );
    assert_eq!(client.stats(), Stats { read: 2, write: 0 });
}

#[tokio::test]
async fn only_so_many_requests_are_under_way_at_once() {
    for bound in [1, 3] {
        let server = Server::answering(|_, _| Reply::Slow).await;
        let client =
            builder(&server).0.pace(Pace { concurrency: bound, ..Pace::default() }).build().expect("client");
        let calls = (0..12).map(|_| client.get("/x").send());
        assert!(futures::future::join_all(calls).await.iter().all(Result::is_ok));
        assert_eq!(server.most_at_once(), bound);
    }
}
