//! A site that says what was recorded.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use lms_http::{HttpOptions, Pace};

use super::Record;
use crate::{OpenEdx, OpenEdxBuilder, OpenEdxKey};

/// The addresses of the two hosts when they were recorded.
const HOSTS: [&str; 2] = ["http://127.0.0.1:18000", "http://127.0.0.1:18010"];

/// A request that came.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) query: String,
    pub(super) authorization: String,
    pub(super) body: String,
}

struct Answer {
    at: usize,
    name: String,
    method: String,
    path: String,
    status: u16,
    kind: String,
    body: String,
    given: bool,
}

struct Tape {
    /// Who is asking.
    user: String,
    answers: Vec<Answer>,
    asked: Vec<Asked>,
}

/// The site. Each answer is given once, in order, to who asks for its address; beside them it knows who is signed in,
/// gives CSRF tokens and lets learners leave.
pub(super) struct Player {
    url: String,
    tape: Arc<Mutex<Tape>>,
}

impl Player {
    /// For these records; `user` is signed in.
    pub(super) async fn start<'a>(user: &str, records: impl IntoIterator<Item = &'a Record>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let answers = records.into_iter().map(|record| answer(record, &url)).collect();
        let tape = Arc::new(Mutex::new(Tape { user: user.to_owned(), answers, asked: Vec::new() }));
        let app = Router::new().fallback(play).with_state(tape.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, tape }
    }

    /// Both hosts are here; nothing holds the client back.
    pub(super) fn builder(&self) -> OpenEdxBuilder {
        OpenEdxBuilder::new()
            .with_option(OpenEdxKey::LmsUrl, &self.url)
            .with_option(OpenEdxKey::StudioUrl, &self.url)
            .with_http(HttpOptions { pace: Some(Pace::default()), ..HttpOptions::default() })
    }

    /// A client with a token.
    pub(super) fn client(&self) -> OpenEdx {
        self.builder().with_option(OpenEdxKey::Token, "token").build().expect("a provider")
    }

    /// What came so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        lock(&self.tape).asked.clone()
    }

    /// Every answer was asked for.
    pub(super) fn end(self, seen: &mut BTreeSet<usize>) {
        let tape = lock(&self.tape);
        let left: Vec<&str> = tape.answers.iter().filter(|a| !a.given).map(|a| a.name.as_str()).collect();
        assert!(left.is_empty(), "nobody asked for {left:?}; asked was {:#?}", tape.asked);
        seen.extend(tape.answers.iter().map(|answer| answer.at));
    }
}

fn lock(tape: &Mutex<Tape>) -> MutexGuard<'_, Tape> {
    tape.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(record: &Record, url: &str) -> Answer {
    let kind = record.headers().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let body = HOSTS.iter().fold(record.body(), |body, host| body.replace(host, url));
    let target = record.target();
    Answer {
        at: record.at,
        name: record.name.clone(),
        method: record.method().to_owned(),
        path: address(target.split_once('?').map_or(target, |(path, _)| path)),
        status: record.status(),
        kind: kind.map_or("text/html", |(_, kind)| kind).to_owned(),
        body,
        given: false,
    }
}

/// An address without what clients may write differently: percent signs, the last slash, and the version where the answers
/// of two are the same (reference openedx.md 1.4, 3.2).
fn address(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [a, b, ..]) => {
                std::str::from_utf8(&[*a, *b]).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok())
            }
            _ => None,
        };
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    let path = String::from_utf8(bytes).expect("UTF-8");
    let path = path.trim_end_matches('/');
    path.replace("/api/courses/v2/blocks", "/api/courses/v1/blocks").replace("/api/user/v2/", "/api/user/v1/")
}

async fn play(State(tape): State<Arc<Mutex<Tape>>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 24).await.unwrap_or_default();
    let path = address(parts.uri.path());
    let authorization = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    let mut tape = lock(&tape);
    tape.asked.push(Asked {
        path: path.clone(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        authorization: authorization.unwrap_or_default().to_owned(),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let method = parts.method.as_str();
    let found = tape.answers.iter_mut().find(|a| !a.given && a.method == method && a.path == path);
    if let Some(answer) = found {
        answer.given = true;
        return said(answer.status, &answer.kind, answer.body.clone());
    }
    let user = tape.user.clone();
    match (method, path.as_str()) {
        ("GET", "/api/user/v1/me") => {
            said(200, "application/json", serde_json::json!({"username": user}).to_string())
        }
        ("GET", "/csrf/api/v1/token") => {
            let mut answer = said(200, "application/json", r#"{"csrfToken": "abc"}"#.to_owned());
            answer.headers_mut().insert("set-cookie", "csrftoken=abc; Path=/".parse().expect("a header"));
            answer
        }
        ("POST", "/change_enrollment") => said(200, "text/html", String::new()),
        _ => said(404, "text/html", format!("nothing was recorded for {method} {path}")),
    }
}

fn said(status: u16, kind: &str, body: String) -> Response<Body> {
    let status = StatusCode::from_u16(status).expect("a status");
    Response::builder().status(status).header("content-type", kind).body(Body::from(body)).expect("an answer")
}
