//! Canaries: secrets planted wherever one may be are not in the file, and the replay works without them.

use std::sync::Arc;

use async_trait::async_trait;
use lms_core::{Platform, Result, Secret};
use lms_http::{
    Cassette, Client, CookieJar, Cookies, Csrf, Method, Part, Safety, Session, SignIn, StaticToken,
};
use serde_json::json;
use url::Url;

use crate::cassette::{Shelf, nowhere, options};
use crate::server::{Got, Reply, Server};

const CANARY: &str = "canary";

/// A page with a secret in each place that pages have for them.
const PAGE: &str = r#"<!DOCTYPE html><html><head><title>Course of canary-title@example.org</title>
<meta name="csrf-token" content="canary&amp;meta">
<script>var csrfToken = 'canary-script'; let o = {"access_token": "canary-object", "page": "kept-page"};</script></head>
<body data-session-id="canary-data"><form action="/login?code=canary-action&amp;step=kept-step">
<input name="csrfmiddlewaretoken" type="hidden" value="canary-hidden"><input name=next value=kept-next>
<input type="password" name="password" value='canary-typed'></form>
<p>Write to <a href="mailto:canary%40example.org">canary@example.org</a>, and keep kept-prose.
The password is canary-typed.</p></body></html>"#;

fn answer(got: &Got, _before: usize) -> Reply {
    match got.line.split([' ', '?']).nth(1).unwrap_or_default() {
        "/page" => Reply::html(200, PAGE).header("set-cookie", "csrftoken=canary-cookie-csrf; Path=/"),
        "/json" => Reply::new(
            200,
            r#"{"users":[{"email":"canary-a@example.org","api_key":"canary-key","id":"kept-id"}],
               "canary-b@example.org":{"session":"canary-session"},"next":"/json?cursor=kept-cursor&token=canary-next",
               "tokens":{"access":["canary-nested"]},"token_type":"kept-type","password":271828,
               "html":"<div><input type='hidden' name='csrf' value='canary-fragment'>kept-html</div>",
               "echo":"the token was canary-object, by canary-a@example.org"}"#,
        )
        .header("set-cookie", "sessionid=canary-cookie-session; Path=/; HttpOnly")
        .header("x-internal", "canary-header"),
        "/broken" => Reply::new(200, r#"{"password": "canary-broken", "title": "kept-title", "#),
        "/plain" => Reply::Answer(
            200,
            vec![("content-type".into(), "text/plain".into())],
            "registration_password: canary-setting\nto: canary-c@example.org\nkept-line\n".into(),
        ),
        "/moved" => Reply::redirect(302, "/json?access_token=canary-moved&page=kept-moved"),
        "/private" => Reply::new(
            200,
            r#"{"value":"canary in plain words","n":5,"success":true,"error_code":"kept-code","deep":[{"x":"canary-deep"}]}"#,
        ),
        "/privatepage" => {
            Reply::html(400, "<html><body><p class=kept-class>kept words: canary-word</p><script>canary()</script></body></html>")
        }
        "/binary" => Reply::Answer(
            200,
            vec![("content-type".into(), "application/octet-stream".into())],
            [&b"\xff\x00"[..], b"canary-token", b"\x00"].concat().into(),
        ),
        _ => Reply::new(200, r#"{"echo":"kept-echo"}"#),
    }
}

/// Sends secrets in all places of a request; gives what is seen of the answers.
async fn send_everything(url: Url, cassette: Cassette) -> Vec<String> {
    let jar = CookieJar::new();
    jar.set(&url, &Secret::new("remember=canary-cookie-remember-1; Path=/"));
    let client = Client::builder(Platform::OpenEdx, url)
        .options(&options(&cassette))
        .credential(Arc::new(StaticToken::new("JWT", Secret::new("canary-token"))))
        .keep_cookies(Cookies::Shared(jar))
        .build()
        .expect("client");
    let post = |path: &'static str| {
        client.request(Method::Post, path, Safety::Repeatable).header("X-CSRFToken", "canary-csrf-header")
    };
    let mut seen = Vec::new();
    for request in [
        client.get("/page?token=canary-query&page=kept-query&email=canary-q%40example.org"),
        client.get("/users/canary-path@example.org/courses"),
        client.get("/json").header("x-edx-api-key", "canary-api-key").header("Accept", "kept/accept"),
        client.get("/moved"),
        client.get("/broken"),
        client.get("/plain"),
        client.get("/binary"),
        post("/x").json(&json!({
            "password": "canary-password", "client_secret": "canary-client", "to": ["canary-j@example.org"],
            "deep": {"auth_token": {"value": "canary-inner"}}, "text": "kept-text and canary-token",
        })),
        post("/x").form(&[
            ("password", "canary-form"),
            ("csrfmiddlewaretoken", "canary-csrf"),
            ("to", "canary-f@example.org"),
            ("kept-name", "kept-field"),
        ]),
        post("/x").multipart(vec![
            Part::text("password", "canary-part"),
            Part::text("title", "kept-part"),
            Part::file("roster", "kept-roster.csv", "text/csv", "canary-roster@example.org,kept-row\n"),
            Part::file("meta", "m.json", "application/json", r#"{"secret":"canary-file"}"#),
        ]),
        post("/x").body("api_key=canary-raw; kept-raw", "text/plain"),
        post("/private").sensitive().form(&[
            ("login", "canary-login"),
            ("passwd", "canary-passwd"),
            ("kept-shape", "canary-shape"),
        ]),
        post("/private").sensitive().json(&json!({"kept-key": ["canary-value", 3, true]})),
        post("/private").sensitive().body("canary-text", "text/plain"),
        post("/privatepage").sensitive(),
        client.get("/y?note=canary-passwd"),
    ] {
        seen.push(match request.send().await {
            Ok(answer) => answer.status().to_string(),
            Err(error) => error.kind().name().to_owned(),
        });
    }
    seen
}

#[tokio::test]
async fn no_secret_is_in_the_file_and_what_is_no_secret_is() {
    let server = Server::answering(answer).await;
    let shelf = Shelf::new();
    let cassette = Cassette::record(&shelf.path).expect("new");
    let recorded = send_everything(server.url.clone(), cassette.clone()).await;
    let debug = format!("{cassette:?}");
    cassette.save().expect("written");
    let text = shelf.text();
    for (n, line) in (1..).zip(text.lines()) {
        assert!(!line.contains(CANARY) && !line.contains("271828"), "line {n}: {line}");
    }
    assert!(!text.contains(&base64(b"canary-token")) && !debug.contains(CANARY));
    for kept in [
        "kept-page",
        "kept-step",
        "kept-next",
        "kept-prose",
        "kept-id",
        "kept-cursor",
        "kept-type",
        "kept-html",
        "kept-title",
        "kept-line",
        "kept-moved",
        "kept-code",
        "kept-class",
        "kept words",
        "kept-query",
        "kept/accept",
        "kept-text",
        "kept-name",
        "kept-field",
        "kept-part",
        "kept-roster.csv",
        "kept-row",
        "kept-raw",
        "kept-shape",
        "kept-key",
        "kept-echo",
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    let cassette = Cassette::replay(&shelf.path).expect("a cassette");
    assert_eq!(send_everything(nowhere(), cassette.clone()).await, recorded);
    cassette.finish().expect("all of it");
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[derive(Debug)]
struct Account(&'static str);

#[async_trait]
impl SignIn for Account {
    async fn sign_in(&self, client: &Client) -> Result<()> {
        let form = [("email", self.0), ("password", "canary-password")];
        let request = client.request(Method::Post, "/login", Safety::Repeatable).sensitive().form(&form);
        request.operation("session.sign_in").send().await.map(drop)
    }
}

/// Signs two people in, whose sessions only their cookies tell apart.
async fn two_sessions(url: Url, cassette: &Cassette, names: [&'static str; 2]) -> Vec<String> {
    let builder = Client::builder(Platform::OpenEdx, url).options(&options(cassette));
    let mut seen = Vec::new();
    let clients = names.map(|name| {
        let session =
            Session::builder(builder.clone()).csrf(Csrf::django("/csrf")).sign_in(Arc::new(Account(name)));
        session.build().and_then(|session| session.serve(builder.clone())).expect("a session")
    });
    for client in &clients {
        client.get("/me").send().await.expect("signed in");
    }
    // The token comes back in a form, as pages do it: the second asks first.
    for client in clients.iter().rev() {
        let token = client.cookie("csrftoken").expect("a token");
        let form = [("csrfmiddlewaretoken", token.expose())];
        let request = client.request(Method::Post, "/vote", Safety::Once).form(&form);
        seen.push(request.send().await.expect("accepted").text().await.expect("text"));
    }
    seen
}

#[tokio::test]
async fn a_session_is_replayed_without_its_secrets() {
    let server = Server::answering(|got, before| {
        let line = got.line.as_str();
        let cookies = got.header("cookie").unwrap_or_default();
        match line {
            "GET /csrf" => Reply::new(200, r#"{"csrfToken":"canary-csrf-0"}"#)
                .header("set-cookie", "csrftoken=canary-csrf-0; Path=/; Max-Age=31449600"),
            "POST /login" => Reply::new(200, r#"{"success":true}"#)
                .header("set-cookie", &format!("sessionid=canary-session-{before}; Path=/"))
                .header("set-cookie", &format!("csrftoken=canary-csrf-{before}; Path=/; Domain=127.0.0.1")),
            _ if !cookies.contains("sessionid=canary-session") => Reply::new(401, "{}"),
            _ => Reply::new(200, format!("[{before}]")),
        }
    })
    .await;
    let shelf = Shelf::new();
    let cassette = Cassette::record(&shelf.path).expect("new");
    let people = ["canary-a@example.org", "canary-b@example.org"];
    let recorded = two_sessions(server.url.clone(), &cassette, people).await;
    cassette.save().expect("written");
    assert!(!shelf.text().contains(CANARY), "{}", shelf.text());
    let cassette = Cassette::replay(&shelf.path).expect("a cassette");
    let replayed = two_sessions(nowhere(), &cassette, ["x", "y"]).await;
    cassette.finish().expect("all of it");
    assert_eq!(recorded, replayed);
}
