//! What is sent and what comes back.

use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use lms_core::{Error, ErrorKind, Result};
use lms_http::{Answer, Dialect, Limits, Method, Part, RetryPolicy, Route, Safety};
use serde::Deserialize;

use crate::server::{Reply, Server};
use crate::{builder, client};

#[tokio::test]
async fn a_form_and_a_query_are_escaped() {
    let server = Server::answering(|_, _| Reply::new(200, "{}")).await;
    let (client, _) = client(&server);
    client
        .request(Method::Other("PROPFIND"), "/dav?depth=1", Safety::Read)
        .query("ids[]", 2)
        .query("ids[]", 67)
        .query("q", "a&b")
        .form(&[("name", "Ада Л"), ("a&b", "=")])
        .send()
        .await
        .expect("answer");
    let got = &server.got()[0];
    assert_eq!(got.line, "PROPFIND /dav?depth=1&ids%5B%5D=2&ids%5B%5D=67&q=a%26b");
    assert_eq!(got.text(), "name=%D0%90%D0%B4%D0%B0+%D0%9B&a%26b=%3D");
    assert_eq!(got.header("content-type"), Some("application/x-www-form-urlencoded"));
}

#[tokio::test]
async fn a_get_names_no_content_type() {
    // INGInious chooses the format of its answer by it (reference inginious.md 2.2).
    let server = Server::answering(|_, _| Reply::new(200, "{}")).await;
    client(&server).0.get("/api/v0/courses").send().await.expect("answer");
    assert_eq!(server.got()[0].header("content-type"), None);
}

#[tokio::test]
async fn a_repeated_multipart_is_sent_in_full() {
    let server = Server::scripted([Reply::new(503, ""), Reply::Drop, Reply::new(200, "{}")]).await;
    let file = Part::file("file", "задача.zip", "application/zip", Bytes::from(vec![7; 300_000]));
    let on_disk = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(on_disk.path(), vec![8; 200_000]).expect("written");
    let large = Part::file_at("large", "large.bin", "application/octet-stream", on_disk.path());
    let request = client(&server).0.request(Method::Post, "/import", Safety::Repeatable);
    request.multipart(vec![Part::text("mode", "replace"), file, large]).send().await.expect("third attempt");
    let got = server.got();
    assert_eq!(got.len(), 3);
    assert!(got.iter().all(|got| got.body.iter().filter(|byte| **byte == 8).count() == 200_000));
    for got in &got {
        let length: usize =
            got.header("content-length").and_then(|n| n.parse().ok()).expect("a known length");
        assert_eq!(got.body.len(), length);
        assert!(length > 300_000);
        let text = got.text();
        assert!(text.contains("name=\"mode\"\r\n\r\nreplace"), "{}", text.get(..300).unwrap_or(&text));
        assert!(text.contains("filename=") && text.contains("application/zip"));
    }
}

#[derive(Debug, Deserialize)]
struct Course {
    id: u64,
}

#[tokio::test]
async fn json_is_read_under_any_media_type_and_its_faults_are_placed() {
    let mut odd = Reply::new(200, r#"[{"id":7}]"#);
    if let Reply::Answer(_, headers, _) = &mut odd {
        headers[0].1 = "text/json; charset=utf-8".into();
    }
    let server = Server::scripted([odd, Reply::new(200, r#"[{"id":7},{"id":null}]"#)]).await;
    let (client, _) = client(&server);
    let courses: Vec<Course> = client.get("/courses").send_json().await.expect("JSON");
    assert_eq!(courses[0].id, 7);
    let error =
        client.get("/courses").operation("courses.list").send_json::<Vec<Course>>().await.expect_err("null");
    assert_eq!(
        (error.kind(), error.status(), error.operation()),
        (ErrorKind::Protocol, Some(200), "courses.list")
    );
    assert!(error.to_string().contains("at [1].id"), "{error}");
}

#[tokio::test]
async fn an_html_page_is_named_not_quoted() {
    let page = "<!DOCTYPE html><html><head><title>Bad gateway</title></head><body>inner</body></html>";
    let server = Server::answering(move |got, _| match got.line.as_str() {
        "GET /login" => Reply::html(200, page),
        _ => Reply::html(404, page),
    })
    .await;
    let (client, _) = client(&server);
    let refused = client.get("/x").send().await.expect_err("404");
    assert_eq!((refused.kind(), refused.status()), (ErrorKind::NotFound, Some(404)));
    let misread = client.get("/login").send_json::<Vec<Course>>().await.expect_err("not JSON");
    assert_eq!(misread.kind(), ErrorKind::Protocol);
    for error in [refused, misread] {
        let text = error.to_string();
        assert!(text.contains("an HTML page titled “Bad gateway”") && !text.contains("inner"), "{text}");
    }
}

#[derive(Debug)]
struct ErrorKey;

impl Dialect for ErrorKey {
    fn read(&self, answer: &Answer<'_>) -> Option<Error> {
        // Overlooks every status, which must not make successes of them.
        let text = answer.json()?.get("error")?.as_str()?.to_owned();
        Some(Error::new(ErrorKind::InvalidInput, text))
    }
}

#[tokio::test]
async fn the_dialect_may_refuse_a_200_but_cannot_overlook_an_error_status() {
    let server =
        Server::scripted([Reply::new(200, r#"{"error":"wrong method"}"#), Reply::new(403, "{}")]).await;
    let client = builder(&server).0.dialect(Arc::new(ErrorKey)).build().expect("client");
    let error = client.get("/x").send().await.expect_err("an error in a 200");
    assert_eq!(
        (error.kind(), error.status(), error.message()),
        (ErrorKind::InvalidInput, Some(200), "wrong method")
    );
    assert_eq!(client.get("/x").send().await.expect_err("403").kind(), ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn the_length_of_an_answer_is_bounded() {
    let server = Server::answering(|got, _| {
        Reply::new(if got.line.ends_with("fail") { 400 } else { 200 }, vec![b'x'; 5000])
    })
    .await;
    let limits = Limits { max_body: 1000, ..Limits::default() };
    let (builder, clock) = builder(&server);
    let client = builder.limits(limits).build().expect("client");
    let error = client.get("/long").send().await.expect_err("too long");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Protocol, Some(200)));
    assert!(error.to_string().contains("longer than 1000 bytes"), "{error}");
    assert!(clock.pauses().is_empty(), "fetching it again would bring the same");
    // A long explanation of a refusal is cut, and the refusal stands.
    assert_eq!(client.get("/fail").send().await.expect_err("400").kind(), ErrorKind::InvalidInput);
    assert_eq!(
        client.get("/long").max_body(5000).send().await.expect("raised").bytes().await.expect("body").len(),
        5000
    );
    let stream = client.get("/long").streaming().send().await.expect("begins").stream();
    assert_eq!(stream.try_collect::<Vec<_>>().await.expect_err("too long").kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn a_stream_brings_everything_or_an_error() {
    let server = Server::scripted([
        Reply::new(200, vec![b'x'; 200_000]),
        Reply::BreakOff(200),
        Reply::new(404, r#"{"detail":"none"}"#),
        Reply::new(200, r#"{"id":7}"#),
    ])
    .await;
    let (client, _) = client(&server);
    let get = || client.get("/export").operation("archive.get").streaming().send();
    let pieces: Vec<Bytes> = get().await.expect("begins").stream().try_collect().await.expect("all of it");
    assert_eq!(pieces.iter().map(Bytes::len).sum::<usize>(), 200_000);
    let broken: Result<Vec<Bytes>> = get().await.expect("begins").stream().try_collect().await;
    let error = broken.expect_err("broke off");
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Unavailable, "archive.get"));
    assert_eq!(get().await.expect_err("404").kind(), ErrorKind::NotFound);
    assert_eq!(get().await.expect("begins").json::<Course>().await.expect("JSON").id, 7);
}

#[tokio::test]
async fn a_refusal_that_breaks_off_is_still_a_refusal() {
    let server = Server::scripted([Reply::BreakOff(400)]).await;
    let request = client(&server).0.request(Method::Post, "/x", Safety::Once);
    assert_eq!(request.send().await.expect_err("refused").kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn mistakes_in_the_making_are_reported_unsent() {
    let server = Server::scripted([]).await;
    let (client, _) = client(&server);
    for request in [
        client.get("/x").header("bad name", "v"),
        client.get("/x").header("name", "line\nbreak"),
        client.get("/x").body("b", "bad\ntype"),
        client.request(Method::Other("BAD METHOD"), "/x", Safety::Read),
        client.get("/courses/../users"),
        client.get("/x").multipart(vec![Part::file("f", "n", "not a type", "b")]),
        client.get("/x").multipart(vec![Part::file_at("f", "n", "text/plain", "/no/such/file")]),
    ] {
        let error = request.operation("raw").send().await.expect_err("a mistake");
        assert!(
            matches!(error.kind(), ErrorKind::Config | ErrorKind::InvalidInput | ErrorKind::NotFound),
            "{error:?}"
        );
        assert_eq!(error.operation(), "raw");
    }
    assert!(server.lines().is_empty());
}

#[tokio::test]
async fn plain_statuses_have_their_kinds() {
    use ErrorKind::*;
    let server = Server::answering(|got, _| {
        let status = got.line.rsplit('/').next().and_then(|n| n.parse().ok()).unwrap_or(500);
        Reply::new(status, "{}")
    })
    .await;
    let client = builder(&server).0.retry(RetryPolicy::never()).build().expect("client");
    for (status, kind) in [
        (400, InvalidInput),
        (401, Unauthenticated),
        (403, PermissionDenied),
        (404, NotFound),
        (405, Unsupported),
        (409, Conflict),
        (410, NotFound),
        (422, InvalidInput),
        (429, RateLimited),
        (500, Unavailable),
        (501, Unavailable),
        (503, Unavailable),
        (304, Protocol),
    ] {
        let error = client.get(Route::given(format!("/{status}"))).send().await.expect_err("an error status");
        assert_eq!((error.kind(), error.status()), (kind, Some(status)));
    }
}
