//! A replay answers what was recorded and nothing else; a file is not lost by recording.

use lms_core::{Error, ErrorKind, Secret};
use lms_http::{Cassette, Client, Method, Safety};
use serde_json::json;

use crate::cassette::{Shelf, client, nowhere};
use crate::server::{Reply, Server};

/// Two reads and a write on file, and a client that replays them.
async fn replayed() -> (Shelf, Cassette, Client) {
    let server = Server::answering(|_, before| Reply::new(200, format!("[{before}]"))).await;
    let shelf = Shelf::new();
    let cassette = Cassette::record(&shelf.path).expect("new");
    let sender = client(&server.url, &cassette);
    sender.get("/courses?page=1&ids[]=5").send().await.expect("answered");
    sender.get("/courses?page=2&ids[]=5").send().await.expect("answered");
    let body = json!({"step": {"title": "A", "blocks": [1, 2]}, "at": 3});
    sender.request(Method::Post, "/steps", Safety::Once).json(&body).send().await.expect("answered");
    assert_eq!(cassette.save().expect("written"), 3);
    let cassette = Cassette::replay(&shelf.path).expect("a cassette");
    let client = client(&nowhere(), &cassette);
    (shelf, cassette, client)
}

fn post(client: &Client, body: &serde_json::Value) -> lms_http::RequestBuilder {
    client.request(Method::Post, "/steps", Safety::Once).json(body)
}

#[tokio::test]
async fn what_was_not_recorded_is_named_with_the_nearest_and_the_difference() {
    let (_shelf, cassette, client) = replayed().await;
    let get = |path: &'static str| client.get(path);
    let title = json!({"step": {"title": "B", "blocks": [1, 2]}, "at": 3});
    let blocks = json!({"at": 3, "step": {"title": "A", "blocks": [1]}});
    for (request, parts) in [
        (
            get("/courses?page=3&ids[]=5"),
            [
                "no answer to GET /courses?page=3&ids[]=5",
                "exchange 1",
                "`page` in the query was `1` and is `3`",
            ],
        ),
        (get("/courses?ids[]=5&page=1"), ["nothing was sent", "exchange 1", "another order"]),
        (get("/courses"), ["GET /courses;", "exchange 1", "the query had `page=1`"]),
        (
            get("/course?page=1&ids[]=5"),
            ["GET /course?", "exchange 1", "the path was `/courses` and is `/course`"],
        ),
        (post(&client, &title), ["POST /steps", "exchange 3", "the body at /step/title was `A` and is `B`"]),
        (
            post(&client, &blocks),
            ["POST /steps", "exchange 3", "the body at /step/blocks/1 was `2` and is `nothing`"],
        ),
        (
            client.request(Method::Put, "/steps", Safety::Repeatable).json(&json!({"at": 3})),
            ["PUT /steps", "exchange 3", "the method was `POST` and is `PUT`"],
        ),
        (
            get("/courses?page=1&ids[]=5").header("Accept", "text/html"),
            ["GET", "exchange 1", "the header accept was `nothing` and is `text/html`"],
        ),
    ] {
        let error = request.operation("test").send().await.expect_err("not recorded");
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Config, "test"));
        for part in parts {
            assert!(error.to_string().contains(part), "{part:?} in {error}");
        }
    }
    let error = cassette.finish().expect_err("nothing was used").to_string();
    for part in [
        "3 recorded exchanges were not used: 1, GET /courses?page=1&ids[]=5; 2,",
        "8 requests were not in it",
    ] {
        assert!(error.contains(part), "{part:?} in {error}");
    }
}

#[tokio::test]
async fn an_exchange_is_used_once_and_all_must_be() {
    let (shelf, cassette, client) = replayed().await;
    let one = || client.get("/courses?page=1&ids[]=5").send();
    assert_eq!(one().await.expect("recorded").text().await.expect("text"), "[0]");
    let error = one().await.expect_err("used").to_string();
    assert!(error.contains("exchange 1 is the same and was used already"), "{error}");
    // The order of fields is not the order of the recording.
    let body = json!({"at": 3, "step": {"blocks": [1, 2], "title": "A"}});
    post(&client, &body).send().await.expect("recorded");
    assert_eq!(cassette.finish().expect_err("one is left").kind(), ErrorKind::Config);
    client.get("/courses?page=2&ids[]=5").send().await.expect("recorded");
    let error = cassette.finish().expect_err("one too many was asked");
    assert!(error.to_string().contains("1 request was not in it: GET /courses?page=1&ids[]=5"), "{error}");
    assert_eq!(error.resource(), Some(&*shelf.path.display().to_string()));
    let empty = Cassette::replay(&shelf.path).expect("a cassette");
    assert!(empty.finish().expect_err("unused").to_string().contains("3 recorded"));
}

#[tokio::test]
async fn an_address_stands_for_the_same_person_all_along() {
    let server = Server::answering(|_, _| Reply::new(200, r#"{"email":"Ada@Example.org"}"#)).await;
    let shelf = Shelf::new();
    let cassette = Cassette::record(&shelf.path).expect("new");
    let sender = client(&server.url, &cassette);
    for who in ["ada@example.org", "bob@example.org", "ada@example.org"] {
        sender.get("/users").query("email", who).send().await.expect("answered");
    }
    cassette.save().expect("written");
    assert!(!shelf.text().to_lowercase().contains("@example.org"), "{}", shelf.text());
    let replay = || {
        let cassette = Cassette::replay(&shelf.path).expect("a cassette");
        (client(&nowhere(), &cassette), cassette)
    };
    let (sender, cassette) = replay();
    for who in ["eve@example.com", "fay@example.com", "Eve@Example.com"] {
        let body = sender.get("/users").query("email", who).send().await.expect(who).text().await;
        assert_eq!(body.expect("text"), r#"{"email":"person-1@example.invalid"}"#);
    }
    cassette.finish().expect("all of it");
    let (sender, _cassette) = replay();
    for who in ["eve@example.com", "fay@example.com"] {
        sender.get("/users").query("email", who).send().await.expect(who);
    }
    let third = sender.get("/users").query("email", "gil@example.com").send().await;
    let error = third.expect_err("neither of the two").to_string();
    assert!(error.contains("an e-mail address is another one"), "{error}");
    assert!(!error.contains("gil"), "{error}");
}

#[tokio::test]
async fn a_recording_overwrites_nothing_unless_told() {
    let (shelf, cassette, _client) = replayed().await;
    let before = shelf.text();
    let taken = |error: Error| assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error}");
    taken(Cassette::record(&shelf.path).expect_err("it is there"));
    assert_eq!(cassette.save().expect_err("a replay").kind(), ErrorKind::Config);

    let late = Shelf::new();
    let recording = Cassette::record(&late.path).expect("new");
    std::fs::create_dir_all(late.path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&late.path, "mine").expect("written");
    taken(recording.save().expect_err("somebody was faster"));
    assert_eq!(late.text(), "mine");
    assert_eq!(recording.finish().expect_err("a recording").kind(), ErrorKind::Config);

    let over = Cassette::record_over(&shelf.path);
    assert_eq!(shelf.text(), before, "nothing is touched before it is saved");
    assert_eq!(over.save().expect("told"), 0);
    assert_eq!(over.save().expect("its own"), 0);
    assert_ne!(shelf.text(), before);
    let left = std::fs::read_dir(shelf.path.parent().expect("a folder")).expect("a folder").count();
    assert_eq!(left, 1, "nothing is left beside it");
}

#[test]
fn a_file_that_is_no_cassette_is_refused_by_line() {
    let shelf = Shelf::new();
    let folder = shelf.path.parent().expect("a folder");
    std::fs::create_dir_all(folder).expect("a folder");
    let request = r#"{"method":"GET","origin":"http://a","url":"/"}"#;
    for (text, part) in [
        ("{\n\"version\": x".to_owned(), "line 2"),
        (r#"{"version":9,"origins":[],"exchanges":[]}"#.to_owned(), "version 9"),
        (r#"{"version":1,"origins":[],"exchanges":[],"colour":1}"#.to_owned(), "colour"),
        (format!(r#"{{"version":1,"origins":[],"exchanges":[{{"request":{request}}}]}}"#), "exchange 1"),
        (
            format!(
                r#"{{"version":1,"origins":[],"exchanges":[{{"request":{request},"response":{{"status":200,"body":{{"base64":"!"}}}}}}]}}"#
            ),
            "response 1",
        ),
    ] {
        std::fs::write(&shelf.path, text).expect("written");
        let error = Cassette::replay(&shelf.path).expect_err("no cassette");
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(part), "{part} in {error}");
    }
    std::fs::remove_file(&shelf.path).expect("removed");
    assert_eq!(Cassette::replay(&shelf.path).expect_err("gone").kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn hidden_words_and_rewritten_values_fit_in_replay() {
    let server = Server::answering(|got, _| Reply::new(200, got.body.clone())).await;
    let shelf = Shelf::new();
    let run = |cassette: Cassette, url: url::Url, nonce: &'static str| async move {
        let cassette = cassette
            .hide(Secret::new("Школа 57"))
            .rewrite(|name, value| (name == "nonce" && !value.is_empty()).then(|| "any".to_owned()));
        let sender = client(&url, &cassette);
        let request = sender.request(Method::Post, "/x/%D0%A8%D0%BA%D0%BE%D0%BB%D0%B0%2057", Safety::Once);
        let request = request.query("nonce", nonce).query("of", "Школа 57");
        let body = json!({"nonce": nonce, "title": "Курс, Школа 57!"});
        (request.json(&body).send().await.expect("answered").text().await.expect("text"), cassette)
    };
    let (_, cassette) =
        run(Cassette::record(&shelf.path).expect("new"), server.url.clone(), "nonce-one").await;
    cassette.save().expect("written");
    for canary in ["Школа", "%D0%A8", "nonce-one"] {
        assert!(!shelf.text().contains(canary), "{canary} in {}", shelf.text());
    }
    let (body, cassette) = run(Cassette::replay(&shelf.path).expect("there"), nowhere(), "nonce-two").await;
    cassette.finish().expect("all of it");
    assert_eq!(body, r#"{"nonce":"any","title":"Курс, secret-1!"}"#);
}
