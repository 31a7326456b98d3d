//! The kinds of operation, and what one of them comes to.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::StreamExt;
use lms_core::{Error, ErrorKind, Platform, Result, Retry, Secret};
use lms_http::testing::ManualClock;
use lms_http::{
    Allow, Cassette, Client, CookieJar, Cookies, FileStore, Grant, HttpOptions, Limits, Method, OAuth,
    Paging, Route, Safety, TokenPlace, Tokens,
};
use serde_json::json;
use url::Url;

use super::fault::{Fault, MOST};
use super::secret::*;
use super::server::{Answer, Seen, Server, refusing};
use crate::chain;

/// No cell may take longer than this, in real time.
const CAP: Duration = Duration::from_secs(30);
/// Pages after which a listing of the matrix is taken to be endless.
const MOST_PAGES: u32 = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Read,
    Repeatable,
    Once,
    Listing,
    Token,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [Self::Read, Self::Repeatable, Self::Once, Self::Listing, Self::Token];
}

/// How long a fault is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lasts {
    /// For one request.
    Once,
    ForEver,
}

/// What came of an operation.
#[derive(Debug)]
pub(crate) struct Observed {
    /// Pages that a listing brought before its end or error.
    pub(crate) pages: usize,
    pub(crate) error: Option<Error>,
    /// Requests that the server read.
    pub(crate) seen: Vec<Seen>,
    /// Token requests, where they are not what is looked at.
    pub(crate) tokens: Vec<Seen>,
    /// What went to the other origin.
    pub(crate) foreign: Vec<Seen>,
    pub(crate) pauses: Vec<Duration>,
    /// Everything printed about it on the way.
    pub(crate) printed: Vec<String>,
    /// What was left in the user's folder: cassette and tokens.
    pub(crate) files: Vec<Left>,
}

/// A file that was left behind.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) name: String,
    pub(crate) text: String,
    /// Nobody but its owner may read it; not known on systems without modes.
    pub(crate) private: bool,
}

#[derive(Debug, serde::Deserialize)]
struct Person {
    #[expect(dead_code, reason = "only its shape matters")]
    id: u64,
}

/// Does one operation while `fault` is there; `None` where they have nothing to do with one another.
pub(crate) async fn observe(kind: Kind, fault: Fault, lasts: Lasts) -> Option<Observed> {
    let apart = match (kind, lasts) {
        (_, Lasts::Once) if fault.is_of_the_address() || fault.is_of_listings() => true,
        (Kind::Listing, _) => false,
        _ => fault.is_of_listings(),
    };
    if apart {
        return None;
    }
    let observed = tokio::time::timeout(CAP, run(kind, fault, lasts)).await;
    Some(observed.unwrap_or_else(|_| panic!("{kind:?}, {fault}, {lasts:?}: it hangs")))
}

async fn run(kind: Kind, fault: Fault, lasts: Lasts) -> Observed {
    let clock = Arc::new(ManualClock::default());
    let foreign = Server::start(|_| super::server::Act::Normal, |_| good()).await;
    // Another host, not only another port: cookies know no ports (RFC 6265, 8.5).
    let away = format!("http://localhost:{}", foreign.address.port());
    // The first page of a listing is always good: what matters is what becomes of it.
    let first = if kind == Kind::Listing && !fault.is_of_listings() { 1 } else { 0 };
    let (acting, to) = (Arc::clone(&clock), away.clone());
    let faulty = Server::start(
        move |n| match lasts {
            Lasts::Once if n != first => super::server::Act::Normal,
            _ if n < first => super::server::Act::Normal,
            _ => fault.act(&acting, &to),
        },
        move |request| normal(kind, fault, request, &away),
    )
    .await;
    let healthy = Server::start(
        |_| super::server::Act::Normal,
        move |_| {
            if kind == Kind::Token { good() } else { token() }
        },
    )
    .await;
    let (_port, refused) = refusing();
    let broken: Url = match fault {
        Fault::Refused => format!("http://{refused}"),
        // Longer than a label may be, so that no resolver is asked; and never sent to a proxy.
        Fault::NoSuchName => format!("http://{}.localhost:{}", "x".repeat(64), faulty.address.port()),
        Fault::NoTls => format!("https://{}", faulty.address),
        _ => faulty.url().to_string(),
    }
    .parse()
    .expect("an address");
    let (api, token_url) = match (kind, fault.is_of_the_address()) {
        (Kind::Token, _) => (healthy.url(), broken.join("/oauth2/token").expect("an address")),
        (_, true) => (broken, healthy.url()),
        (_, false) => (faulty.url(), healthy.url()),
    };
    let mut printed = Vec::new();
    let limits = Limits {
        per_attempt: if fault.is_timed() { CAP / 12 } else { CAP / 2 },
        max_body: MOST,
        ..Limits::default()
    };
    let folder = tempfile::tempdir().expect("a folder");
    let cassette = Cassette::record(folder.path().join("cassette.json")).expect("new");
    let store = Arc::new(FileStore::new(folder.path().join("tokens.json")));
    let options = HttpOptions {
        limits,
        plain_http: Allow::Yes,
        clock: clock.clone(),
        cassette: Some(cassette.clone()),
        tokens: Some(TokenPlace { store, name: "remote".to_owned() }),
        ..HttpOptions::default()
    };
    let client = client(kind, fault, api, token_url, &options, &mut printed);
    let (pages, error) = match kind {
        Kind::Listing => list(&client, fault, &mut printed).await,
        _ => (0, call(&client, kind, &mut printed).await.err()),
    };
    printed.extend(error.as_ref().map(|error| chain(error)));
    printed.push(format!("{options:?}"));
    cassette.save().expect("written");
    let (seen, tokens) = match kind {
        Kind::Token => (faulty.seen(), Vec::new()),
        _ => (faulty.seen(), healthy.seen()),
    };
    let (foreign, pauses, files) = (foreign.seen(), clock.pauses(), files(folder.path()));
    Observed { pages, error, seen, tokens, foreign, pauses, printed, files }
}

fn client(
    kind: Kind,
    fault: Fault,
    api: Url,
    token_url: Url,
    options: &HttpOptions,
    printed: &mut Vec<String>,
) -> Client {
    let oauth = OAuth::builder(Platform::Other, token_url, CLIENT_ID)
        .client_secret(Secret::new(CLIENT_SECRET))
        .grant(Grant::Password { username: EMAIL.to_owned(), password: Secret::new(PASSWORD) })
        .options(options);
    let oauth = match (kind, fault) {
        // Nothing in hand, so that one has to be asked for.
        (Kind::Token, fault) if fault != Fault::ExpiredToken => oauth,
        (kind, _) => oauth.tokens(Tokens {
            access: Secret::new(ACCESS),
            refresh: Some(Secret::new(REFRESH)),
            expires_at: (kind == Kind::Token).then_some(std::time::SystemTime::UNIX_EPOCH),
        }),
    };
    printed.push(format!("{oauth:?}"));
    let oauth = oauth.build().expect("a credential");
    let jar = CookieJar::new();
    jar.set(&api, &Secret::new(format!("sessionid={SESSION}; Path=/")));
    jar.set(&api, &Secret::new(format!("csrftoken={CSRF}; Path=/")));
    printed.push(format!("{oauth:?} {jar:?}"));
    let builder = Client::builder(Platform::Other, api)
        .credential(Arc::new(oauth))
        .keep_cookies(Cookies::Shared(jar))
        .options(options);
    printed.push(format!("{builder:?}"));
    let client = builder.build().expect("a client");
    printed.push(format!("{client:?}"));
    client
}

async fn call(client: &Client, kind: Kind, printed: &mut Vec<String>) -> Result<()> {
    let person = Route::new("/api/people/{email}").id(EMAIL);
    let request = match kind {
        Kind::Repeatable => client
            .request(Method::Put, person, Safety::Repeatable)
            .json(&json!({"email": EMAIL, "password": PASSWORD})),
        Kind::Once => client
            .request(Method::Post, "/api/people", Safety::Once)
            .form(&[("email", EMAIL), ("password", PASSWORD)]),
        Kind::Read | Kind::Token | Kind::Listing => client.get(person),
    };
    let request = request.query("email", EMAIL).query("token", ACCESS);
    let request = request.header("x-csrftoken", CSRF).header("x-edx-api-key", API_KEY);
    let request = request.operation("people.call");
    printed.push(format!("{request:?}"));
    let answer = request.send().await?;
    printed.push(format!("{answer:?}"));
    answer.json::<Person>().await.map(drop)
}

async fn list(client: &Client, fault: Fault, printed: &mut Vec<String>) -> (usize, Option<Error>) {
    let paging = match fault {
        Fault::SamePageForEver | Fault::EmptyPagesForEver | Fault::NewPagesForEver => {
            Paging::numbered("items")
        }
        _ => Paging::next_link(),
    };
    let client = client.clone();
    let listing = paging.most_pages(MOST_PAGES).list::<Person, _, _>(None, move || {
        let request = client.get("/api/people").query("email", EMAIL).header("x-edx-api-key", API_KEY);
        let request = request.operation("people.list");
        async move { Ok(request) }
    });
    printed.push(format!("{listing:?}"));
    let mut pages = listing.pages();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => {
                printed.push(format!("{page:?}"));
                count += 1;
            }
            Err(error) => return (count, Some(error)),
        }
    }
    (count, None)
}

fn good() -> Answer {
    let body = json!({"id": 7, "email": EMAIL, "results": [], "next": null});
    Answer::json(200, body).header("set-cookie", format!("sessionid={NEW_SESSION}; Path=/"))
}

fn token() -> Answer {
    let body = json!({
        "access_token": NEW_ACCESS, "refresh_token": NEW_REFRESH, "token_type": "Bearer", "expires_in": 3600,
    });
    Answer::json(200, body)
}

/// What the server does where there is no fault, or where the fault is in what it says.
fn normal(kind: Kind, fault: Fault, request: &Seen, foreign: &str) -> Answer {
    let content_type = if fault == Fault::OtherType { "text/html" } else { "application/json" };
    if kind == Kind::Token {
        let answer = token();
        return Answer::new(200, content_type, answer.body);
    }
    if kind != Kind::Listing {
        return Answer { headers: vec![("content-type".into(), content_type.into())], ..good() };
    }
    let number = |name: &str| {
        let (_, rest) = request.line.split_once(&format!("{name}="))?;
        rest.split('&').next()?.parse::<u64>().ok()
    };
    let page = number("page").or_else(|| number("cursor")).unwrap_or(1);
    let item = |id: u64| json!([{ "id": id, "email": EMAIL }]);
    let numbered = |items| json!({"meta": {"page": page, "has_next": true}, "items": items});
    let link = |to: u64| format!("/api/people?email={EMAIL}&cursor={to}");
    let body = match fault {
        Fault::SamePageForEver => numbered(item(1)),
        Fault::EmptyPagesForEver => numbered(json!([])),
        Fault::NewPagesForEver => numbered(item(page)),
        Fault::ForeignNext => json!({"results": item(page), "next": format!("{foreign}{}", link(page + 1))}),
        Fault::RepeatedCursor => json!({"results": item(page), "next": link(2)}),
        _ => json!({"results": item(page), "next": (page < 3).then(|| link(page + 1))}),
    };
    Answer::new(200, content_type, body.to_string())
}

fn files(folder: &Path) -> Vec<Left> {
    let files = std::fs::read_dir(folder).expect("the folder").map(|entry| {
        let path = entry.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        #[cfg(unix)]
        let private = {
            use std::os::unix::fs::PermissionsExt;
            std::fs::metadata(&path).expect("a file").permissions().mode() & 0o077 == 0
        };
        #[cfg(not(unix))]
        let private = true;
        Left {
            name,
            text: String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned(),
            private,
        }
    });
    files.collect()
}

impl Observed {
    /// In one line, for the table: pages, outcome, status, requests, advice.
    pub(crate) fn cell(&self, kind: Kind) -> String {
        let mut parts = Vec::new();
        if kind == Kind::Listing {
            parts.push(format!("{} page{}", self.pages, if self.pages == 1 { "" } else { "s" }));
        }
        parts.push(match &self.error {
            None => "ok".to_owned(),
            Some(error) => match error.status() {
                Some(status) => format!("{:?} [{status}]", error.kind()),
                None => format!("{:?}", error.kind()),
            },
        });
        let tokens = if self.tokens.is_empty() { String::new() } else { format!("+{}", self.tokens.len()) };
        parts.push(format!("×{}{tokens}", self.seen.len()));
        parts.extend(self.error.as_ref().map(|error| match error.retry() {
            Retry::Never => "never".to_owned(),
            Retry::Now => "now".to_owned(),
            Retry::After(pause) => format!("after {} s", pause.as_secs()),
            Retry::Exhausted { attempts } => format!("exhausted {attempts}"),
            other => format!("{other:?}"),
        }));
        parts.join(" ")
    }

    pub(crate) fn kind(&self) -> Option<ErrorKind> {
        self.error.as_ref().map(Error::kind)
    }
}
