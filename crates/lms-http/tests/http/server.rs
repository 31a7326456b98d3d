//! A server that answers what it is told to, and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use futures::stream;
use url::Url;

/// What the server does with a request.
pub(crate) enum Reply {
    /// Answers in full.
    Answer(u16, Vec<(String, String)>, Bytes),
    /// Sends status and the beginning of the body, then closes the connection.
    BreakOff(u16),
    /// Closes the connection without a word.
    Drop,
    /// Answers 200 after a moment, in which others may come.
    Slow,
    /// Gives another reply, but late.
    Late(Duration, Box<Reply>),
    /// Never answers.
    Hang,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self::Answer(status, vec![("content-type".into(), "application/json".into())], body.into())
    }

    pub(crate) fn html(status: u16, body: &'static str) -> Self {
        Self::Answer(status, vec![("content-type".into(), "text/html".into())], Bytes::from(body))
    }

    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::new(status, "").header("location", to)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        if let Self::Answer(_, headers, _) = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

type Answering = dyn Fn(&Got, usize) -> Reply + Send + Sync;

#[derive(Clone)]
struct Script {
    answering: Arc<Answering>,
    got: Arc<Mutex<Vec<Got>>>,
    /// Slow answers under way, and the most that there ever were.
    slow: Arc<Mutex<(usize, usize)>>,
}

pub(crate) struct Server {
    pub(crate) url: Url,
    script: Script,
}

impl Server {
    /// Gives these replies in order, and 404 after the last.
    pub(crate) async fn scripted(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies = Mutex::new(replies.into_iter().collect::<VecDeque<_>>());
        Self::answering(move |_, _| {
            let next = replies.lock().expect("script").pop_front();
            next.unwrap_or_else(|| Reply::new(404, r#"{"detail":"the script is over"}"#))
        })
        .await
    }

    /// Answers each request, of which this many came before it, by calling `answering`.
    pub(crate) async fn answering(answering: impl Fn(&Got, usize) -> Reply + Send + Sync + 'static) -> Self {
        let script = Script { answering: Arc::new(answering), got: Arc::default(), slow: Arc::default() };
        let app = Router::new().fallback(answer).with_state(script.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url: Url::parse(&format!("http://{address}")).expect("address"), script }
    }

    /// All requests so far.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.script.got.lock().expect("log").clone()
    }

    /// The most [`Reply::Slow`] that were under way at once.
    pub(crate) fn most_at_once(&self) -> usize {
        self.script.slow.lock().expect("count").1
    }

    /// Their first lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.got().into_iter().map(|got| got.line).collect()
    }
}

async fn answer(State(script): State<Script>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("the request's body");
    let got = Got { line: format!("{} {}", head.method, head.uri), headers: head.headers, body };
    let before = {
        let mut log = script.got.lock().expect("log");
        log.push(got.clone());
        log.len() - 1
    };
    let reply = match (script.answering)(&got, before) {
        Reply::Late(wait, reply) => {
            tokio::time::sleep(wait).await;
            *reply
        }
        reply => reply,
    };
    match reply {
        Reply::Answer(status, headers, body) => {
            let response = Response::builder().status(status);
            let response = headers.into_iter().fold(response, |r, (name, value)| r.header(name, value));
            response.body(Body::from(body)).expect("a reply of the test")
        }
        Reply::BreakOff(status) => {
            let response = Response::builder().status(status).header("content-length", "1000");
            // The pause lets the beginning leave before the connection ends.
            let pieces = stream::unfold(0, |n| async move {
                if n == 0 {
                    return Some((Ok(Bytes::from_static(b"{\"detail\":")), 1));
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
                Some((Err(std::io::Error::other("broken off")), n + 1))
            });
            response.body(Body::from_stream(pieces)).expect("a reply of the test")
        }
        // Ends the task of this connection, as a crash would.
        Reply::Drop => std::panic::resume_unwind(Box::new("dropped")),
        Reply::Slow => {
            {
                let mut slow = script.slow.lock().expect("count");
                slow.0 += 1;
                slow.1 = slow.1.max(slow.0);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            script.slow.lock().expect("count").0 -= 1;
            Response::new(Body::from("{}"))
        }
        Reply::Hang | Reply::Late(..) => std::future::pending().await,
    }
}
