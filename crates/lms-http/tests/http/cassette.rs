//! What was recorded comes back without a server, and nothing else does.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt;
use futures::future::join_all;
use lms_core::{Error, Platform};
use lms_http::testing::ManualClock;
use lms_http::{
    Cassette, Client, HttpOptions, Limits, Method, Pace, Part, RequestBuilder, RetryPolicy, Route, Safety,
};
use tempfile::TempDir;
use url::Url;

use crate::server::{Got, Reply, Server};

/// A folder with one cassette.
pub(crate) struct Shelf {
    _folder: TempDir,
    pub(crate) path: PathBuf,
}

impl Shelf {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("tapes/one.json");
        Self { _folder: folder, path }
    }

    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(&self.path).expect("the cassette")
    }
}

pub(crate) fn options(cassette: &Cassette) -> HttpOptions {
    HttpOptions {
        cassette: Some(cassette.clone()),
        clock: Arc::new(match cassette.recorded_at() {
            Some(then) => ManualClock::new(then),
            None => ManualClock::default(),
        }),
        limits: Limits { max_body: 100_000, ..Limits::default() },
        retry: RetryPolicy { attempts: 3, ..RetryPolicy::default() },
        pace: Some(Pace { concurrency: 100, ..Pace::default() }),
        ..HttpOptions::default()
    }
}

pub(crate) fn client(url: &Url, cassette: &Cassette) -> Client {
    Client::builder(Platform::Stepik, url.clone()).options(&options(cassette)).build().expect("client")
}

/// A host where nobody listens: whoever sends gets an error that no recording has.
pub(crate) fn nowhere() -> Url {
    Url::parse("http://127.0.0.1:9").expect("a constant")
}

/// Runs the same against `server` and against what was recorded of it.
async fn both<T, F>(server: &Server, run: impl Fn(Client) -> F) -> (T, T, Shelf)
where
    F: Future<Output = T>,
{
    let shelf = Shelf::new();
    let cassette = Cassette::record(&shelf.path).expect("new");
    let recorded = run(client(&server.url, &cassette)).await;
    let saved = cassette.save().expect("written");
    let silent = Server::scripted([]).await;
    let cassette = Cassette::replay(&shelf.path).expect("a cassette");
    let replayed = run(client(&silent.url, &cassette)).await;
    assert!(silent.lines().is_empty(), "nothing is sent in replay: {:?}", silent.lines());
    assert_eq!(cassette.finish().expect("all of it"), saved);
    (recorded, replayed, shelf)
}

/// All that a caller can see of an answer.
async fn outcome(request: RequestBuilder) -> String {
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => return seen(&error),
    };
    let head = format!(
        "{} {:?} {} {:?}",
        answer.status(),
        answer.content_type(),
        answer.url().path(),
        answer.header("retry-after")
    );
    match answer.text().await {
        Ok(text) => format!("{head} {text}"),
        Err(error) => format!("{head} {}", seen(&error)),
    }
}

fn seen(error: &Error) -> String {
    format!("{error:?} {:?} {:?} {:?}", error.retry(), error.request_id(), error.fields())
}

fn script(got: &Got, before: usize) -> Reply {
    match got.line.split(' ').next_back().unwrap_or_default() {
        "/json" => Reply::new(200, r#"{"id":7,"title":"Ж","big":18446744073709551615,"x":0.1}"#),
        "/page" => {
            Reply::html(404, "<html><title>Not here</title><p>gone</p></html>").header("x-request-id", "r-1")
        }
        "/throttled" if before.is_multiple_of(2) => Reply::new(429, "{}").header("retry-after", "7"),
        "/dated" if before.is_multiple_of(2) => {
            Reply::new(503, "busy").header("retry-after", "Mon, 01 Sep 2025 00:00:30 GMT")
        }
        "/failed" => Reply::new(500, r#"{"detail":"no"}"#),
        "/from" => Reply::redirect(302, "/to?x=1"),
        "/to?x=1" => Reply::new(200, "[1]"),
        "/loop" => Reply::redirect(302, "/loop"),
        "/broken" => Reply::BreakOff(200),
        "/refused" => Reply::BreakOff(400),
        "/dropped" => Reply::Drop,
        "/hung" => Reply::Hang,
        "/half" => Reply::new(200, r#"{"id": "#),
        "/long" => Reply::new(200, vec![b'x'; 100_001]),
        "/longpage" => Reply::new(400, vec![b'x'; 100_001]),
        "/empty" => Reply::new(204, ""),
        "/latin" => {
            Reply::Answer(200, vec![("content-type".into(), "text/plain".into())], vec![0xe9, 0, 255].into())
        }
        _ => Reply::new(200, "{}"),
    }
}

const PATHS: [&str; 17] = [
    "/json",
    "/page",
    "/throttled",
    "/dated",
    "/failed",
    "/from",
    "/loop",
    "/broken",
    "/refused",
    "/dropped",
    "/hung",
    "/half",
    "/long",
    "/longpage",
    "/empty",
    "/latin",
    "/other",
];

/// What is never answered is not waited for.
fn hurried(request: RequestBuilder, path: &str) -> RequestBuilder {
    if path == "/hung" { request.per_attempt(Duration::from_millis(200)) } else { request }
}

#[tokio::test]
async fn answers_failures_and_redirects_come_back_as_they_were() {
    let server = Server::answering(script).await;
    let (recorded, replayed, _) = both(&server, |client| async move {
        let mut seen = Vec::new();
        for path in PATHS {
            seen.push(outcome(hurried(client.get(path).operation("test.read"), path)).await);
        }
        for path in ["/failed", "/dropped", "/hung", "/throttled", "/from"] {
            let request = client.request(Method::Post, path, Safety::Once).json(&[1]);
            seen.push(outcome(hurried(request.operation("test.write"), path)).await);
        }
        seen.push(format!("{:?}", client.stats()));
        seen
    })
    .await;
    assert_eq!(recorded, replayed);
    let all = recorded.join("\n");
    for sign in
        ["18446744073709551615", "timed out", "outcome unknown", "r-1", "100000 bytes", "redirects in a row"]
    {
        assert!(all.contains(sign), "{sign} in {all}");
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_recorded_as_such() {
    let shelf = Shelf::new();
    let run = |cassette: Cassette, url: Url| async move {
        let client = client(&url, &cassette);
        // Surely not sent, so that even this is repeated.
        outcome(client.request(Method::Post, "/x", Safety::Once)).await
    };
    let cassette = Cassette::record(&shelf.path).expect("new");
    let recorded = run(cassette.clone(), nowhere()).await;
    assert_eq!(cassette.save().expect("written"), 3, "each attempt is an exchange");
    let cassette = Cassette::replay(&shelf.path).expect("a cassette");
    let elsewhere = Server::scripted([]).await;
    assert_eq!(run(cassette.clone(), elsewhere.url.clone()).await, recorded);
    assert!(recorded.contains("cannot be reached"), "{recorded}");
    assert!(elsewhere.lines().is_empty());
    cassette.finish().expect("all of it");
}

#[tokio::test]
async fn links_lead_to_the_host_of_now() {
    let server = Server::answering(|got, _| {
        let host = format!("http://{}", got.header("host").unwrap_or_default());
        match got.line.as_str() {
            "GET /list" => Reply::new(200, format!(r#"{{"next":"{host}/list?page=2","n":1}}"#)),
            "GET /moved" => Reply::redirect(302, &format!("{host}/list?page=2")),
            _ => Reply::new(200, r#"{"next":null,"n":2}"#),
        }
    })
    .await;
    let (recorded, replayed, _) = both(&server, |client| async move {
        let first: serde_json::Value = client.get("/list").send_json().await.expect("page 1");
        let next = first["next"].as_str().expect("a link").to_owned();
        assert!(next.starts_with(client.base_url().as_str()), "{next}");
        let form = [("back", next.as_str())];
        let second: serde_json::Value =
            client.get(Route::given(next.clone())).send_json().await.expect("page 2");
        client.request(Method::Post, "/x", Safety::Once).form(&form).send().await.expect("posted");
        let moved = client.get("/moved").send().await.expect("moved");
        (first["n"].clone(), second["n"].clone(), moved.url().path().to_owned())
    })
    .await;
    assert_eq!(recorded, replayed);
}

#[tokio::test]
async fn files_forms_and_streams_come_back_to_the_byte() {
    let server = Server::answering(|got, _| match got.line.as_str() {
        "GET /file.json" => Reply::new(200, "{ \"a\":  1.50 }\n"),
        "GET /file.bin" => Reply::new(200, (0..200_000u32).map(|n| n as u8).collect::<Vec<u8>>()),
        "GET /cut" => Reply::BreakOff(200),
        _ => Reply::new(200, got.body.len().min(1).to_string()),
    })
    .await;
    let (recorded, replayed, shelf) = both(&server, |client| async move {
        let mut bodies: Vec<Result<Vec<u8>, String>> = Vec::new();
        for path in ["/file.json", "/file.bin", "/cut"] {
            let request = client.get(path).max_body(1 << 20).streaming();
            let stream = request.send().await.expect("begins").stream();
            let pieces: Result<Vec<_>, Error> = stream.try_collect().await;
            bodies.push(pieces.map(|pieces| pieces.concat()).map_err(|e| seen(&e)));
        }
        let parts = || {
            vec![
                Part::text("title", "Ж\nж"),
                Part::file("file", "a.tar.gz", "application/gzip", vec![31, 139, 0, 255]),
                Part::file("table", "a.csv", "text/csv", "a,b\n1,2\n"),
            ]
        };
        bodies.push(Ok(outcome(client.request(Method::Post, "/up", Safety::Once).multipart(parts()))
            .await
            .into()));
        let raw = client.request(Method::Put, "/raw", Safety::Repeatable);
        bodies.push(Ok(outcome(raw.body(vec![0u8, 1, 2], "application/octet-stream")).await.into()));
        bodies
    })
    .await;
    assert_eq!(recorded, replayed);
    assert_eq!(recorded[0].as_deref(), Ok(&b"{ \"a\":  1.50 }\n"[..]));
    assert_eq!(recorded[1].as_ref().map(Vec::len), Ok(200_000));
    assert!(recorded[2].is_err());
    let text = shelf.text();
    for sign in ["a.tar.gz", "\"a,b\"", "\"base64\": \"AAEC\"", "\"broke_off\""] {
        assert!(text.contains(sign), "{sign} in the file");
    }
}

#[tokio::test]
async fn who_asks_at_once_gets_what_is_theirs() {
    let server = Server::answering(|got, before| {
        let n = got.line.rsplit('/').next().unwrap_or_default().to_owned();
        Reply::new(200, format!(r#"{{"asked":"{n}","before":{}}}"#, if n == "same" { before } else { 0 }))
    })
    .await;
    let (recorded, mut replayed, _) = both(&server, |client| async move {
        let requests = (0..60).map(|n| {
            let path = if n % 3 == 0 { "/items/same".to_owned() } else { format!("/items/{n}") };
            outcome(client.get(Route::given(path)))
        });
        join_all(requests).await
    })
    .await;
    for (n, (then, now)) in recorded.iter().zip(&replayed).enumerate().filter(|(n, _)| n % 3 != 0) {
        assert_eq!(then, now, "{n}");
    }
    // Equal requests get the recorded answers, each once, whoever of them asks first.
    let mut recorded = recorded;
    recorded.sort();
    replayed.sort();
    assert_eq!(recorded, replayed);
}

#[tokio::test]
async fn an_answer_that_nobody_waited_for_need_not_be_asked_for() {
    let server =
        Server::answering(
            |got, _| if got.line.ends_with("slow") { Reply::Hang } else { Reply::new(200, "{}") },
        )
        .await;
    let (recorded, replayed, shelf) = both(&server, |client| async move {
        let slow = tokio::time::timeout(Duration::from_millis(50), client.get("/slow").send()).await;
        (slow.is_ok(), outcome(client.get("/quick")).await)
    })
    .await;
    assert_eq!((recorded.0, &recorded.1), (false, &replayed.1));
    assert!(shelf.text().contains("abandoned"));
    let cassette = Cassette::replay(&shelf.path).expect("a cassette");
    assert_eq!(outcome(client(&nowhere(), &cassette).get("/quick")).await, recorded.1);
    assert_eq!(cassette.finish().expect("the other may be left out"), 1);
}
