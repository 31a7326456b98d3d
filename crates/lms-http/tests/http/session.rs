//! Sessions: opened once for all, closed when the platform forgot them, and no forged writes.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::testing::ManualClock;
use lms_http::{
    Answer, Client, ClientBuilder, Csrf, Dialect, Method, Pace, PlainDialect, Redirects, Safety, Session,
    SignIn, StaticToken,
};

use crate::server::{Got, Reply, Server};

/// Signs in by a form; the site refuses with 400.
#[derive(Debug)]
struct Form;

#[async_trait]
impl SignIn for Form {
    async fn sign_in(&self, client: &Client) -> Result<()> {
        let form = [("email", "ada@example.org"), ("password", "pass word")];
        let request = client.request(Method::Post, "/login", Safety::Repeatable).sensitive().form(&form);
        match request.operation("session.sign_in").send().await {
            Err(error) if error.kind() == ErrorKind::InvalidInput => {
                Err(Error::new(ErrorKind::Unauthenticated, "wrong password").with_status(400))
            }
            result => result.map(drop),
        }
    }
}

/// A site like Django's: `sessionid` counts sign-ins, `csrftoken` changes with each, and writes need
/// it twice. `forgotten` sessions are answered with 401.
#[derive(Clone, Default)]
struct Site {
    forgotten: Arc<AtomicUsize>,
    opened: Arc<AtomicUsize>,
    refuse: Arc<AtomicUsize>,
}

impl Site {
    fn answer(&self, got: &Got) -> Reply {
        let number = |name: &str| cookie(got, name).and_then(|value| value.parse::<usize>().ok());
        if got.line == "GET /csrf" {
            return Reply::new(200, "{}").header("set-cookie", "csrftoken=0; Path=/");
        }
        let write = !got.line.starts_with("GET ");
        let proof = (number("csrftoken"), got.header("x-csrftoken").and_then(|value| value.parse().ok()));
        if write && (proof.0.is_none() || proof.0 != proof.1) {
            return Reply::html(403, "<html><title>CSRF verification failed</title></html>");
        }
        if got.line == "POST /login" {
            if self.refuse.load(SeqCst) > 0 {
                return Reply::new(400, r#"{"success":false}"#);
            }
            let n = self.opened.fetch_add(1, SeqCst) + 1;
            let reply =
                Reply::new(200, "{}").header("set-cookie", &format!("sessionid={n}; Path=/; HttpOnly"));
            return reply.header("set-cookie", &format!("csrftoken={}; Path=/", n * 100));
        }
        match number("sessionid") {
            Some(n) if n > self.forgotten.load(SeqCst) => Reply::new(200, "{}"),
            _ => Reply::new(401, r#"{"detail":"Authentication credentials were not provided."}"#),
        }
    }

    async fn start(&self) -> Server {
        let site = self.clone();
        Server::answering(move |got, _| site.answer(got)).await
    }
}

fn cookie(got: &Got, name: &str) -> Option<String> {
    let pairs = got.header("cookie")?.split("; ");
    pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, v)| v.to_owned())
}

fn start(server: &Server) -> ClientBuilder {
    let clock = Arc::new(ManualClock::default());
    Client::builder(Platform::OpenEdx, server.url.clone())
        .clock(clock)
        .pace(Pace { concurrency: 200, ..Pace::default() })
}

fn session(server: &Server) -> (Session, Client) {
    let session = Session::builder(start(server))
        .csrf(Csrf::django("/csrf"))
        .sign_in(Arc::new(Form))
        .build()
        .expect("session");
    let client = session.serve(start(server)).expect("client");
    (session, client)
}

fn count(server: &Server, line: &str) -> usize {
    server.lines().iter().filter(|got| *got == line).count()
}

#[tokio::test]
async fn a_hundred_requests_open_one_session() {
    let server = Site::default().start().await;
    let (session, client) = session(&server);
    let calls: Vec<_> = (0..100).map(|_| tokio::spawn(client.get("/api/courses").send())).collect();
    for call in calls {
        call.await.expect("task").expect("answer");
    }
    assert_eq!(server.lines()[..2], ["GET /csrf", "POST /login"]);
    assert_eq!((count(&server, "POST /login"), server.lines().len()), (1, 102));
    assert_eq!((session.stats().read, session.stats().write), (1, 1));
    assert_eq!(client.stats().read, 100);
}

#[tokio::test]
async fn a_write_repeats_the_token_that_holds_now_and_a_read_none() {
    let server = Site::default().start().await;
    let (_, client) = session(&server);
    client.get("/a").send().await.expect("answer");
    client.request(Method::Post, "/b", Safety::Once).json(&1).send().await.expect("answer");
    client.request(Method::Delete, "/c", Safety::Repeatable).send().await.expect("answer");
    let got = server.got();
    let login = got.iter().find(|got| got.line == "POST /login").expect("signed in");
    let root = format!("{}/", server.url.origin().ascii_serialization());
    assert_eq!((login.header("x-csrftoken"), login.header("referer")), (Some("0"), Some(root.as_str())));
    let headers = |line: &str| {
        let got = got.iter().find(|got| got.line == line).expect("sent");
        (got.header("x-csrftoken").map(str::to_owned), got.header("referer").map(str::to_owned))
    };
    assert_eq!(headers("GET /a"), (None, None));
    for line in ["POST /b", "DELETE /c"] {
        assert_eq!(headers(line), (Some("100".to_owned()), Some(root.clone())), "{line}");
    }
}

#[tokio::test]
async fn a_session_that_ended_is_opened_once_more_for_all() {
    let site = Site::default();
    let server = site.start().await;
    let (_, client) = session(&server);
    client.get("/first").send().await.expect("answer");
    site.forgotten.store(1, SeqCst);
    let send = |n: usize| match n % 2 {
        0 => client.get("/read").send(),
        _ => client.request(Method::Post, "/write", Safety::Once).send(),
    };
    for answer in futures::future::join_all((0..100).map(send)).await {
        answer.expect("replayed");
    }
    assert_eq!(count(&server, "POST /login"), 2);
}

#[tokio::test]
async fn a_refusal_of_an_older_session_does_not_close_a_newer_one() {
    let site = Site::default();
    let server = site.start().await;
    let (session, client) = session(&server);
    client.get("/first").send().await.expect("answer");
    // As if a request of the first session were answered only after the second was opened.
    site.forgotten.store(1, SeqCst);
    client.get("/second").send().await.expect("replayed");
    assert_eq!(count(&server, "POST /login"), 2);
    let late = Arc::new(Late { session: session.clone(), held: Mutex::default() });
    let late_client = start(&server).credential(late).build().expect("client");
    late_client.get("/late").send().await.expect_err("has no cookies, so it is refused twice");
    session.open().await.expect("still open");
    assert_eq!(count(&server, "POST /login"), 2, "the newer session was not closed");
}

/// Claims that its request was sent in the first session.
#[derive(Debug)]
struct Late {
    session: Session,
    held: Mutex<u64>,
}

#[async_trait]
impl lms_http::Credential for Late {
    async fn apply(&self, request: &mut lms_http::Outgoing) -> Result<()> {
        self.session.apply(request).await?;
        *self.held.lock().expect("mark") = request.mark();
        request.set_mark(1);
        Ok(())
    }

    async fn rejected(&self, sent: &lms_http::Outgoing) -> bool {
        assert_eq!((sent.mark(), *self.held.lock().expect("mark")), (1, 2));
        self.session.rejected(sent).await
    }
}

#[tokio::test]
async fn a_session_that_is_not_taken_is_not_opened_forever() {
    let site = Site::default();
    let server = site.start().await;
    site.forgotten.store(usize::MAX, SeqCst);
    let (_, client) = session(&server);
    let error = client.get("/x").send().await.expect_err("refused twice");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthenticated, Some(401)));
    assert_eq!((count(&server, "POST /login"), count(&server, "GET /x")), (2, 2));
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_for_all_who_wait() {
    let site = Site::default();
    let server = site.start().await;
    site.refuse.store(1, SeqCst);
    let (session, client) = session(&server);
    let answers = futures::future::join_all((0..50).map(|_| client.get("/x").send())).await;
    for answer in answers {
        let error = answer.expect_err("refused");
        assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthenticated, Some(400)), "{error}");
    }
    assert_eq!((count(&server, "POST /login"), count(&server, "GET /x")), (1, 0));
    site.refuse.store(0, SeqCst);
    session.open().await.expect("those who come later try anew");
}

#[tokio::test]
async fn a_guest_fetches_the_token_first_and_signs_in_nowhere() {
    let server = Server::answering(|got, _| match got.line.as_str() {
        "GET /accounts/signup/?next=/" => {
            let page = Reply::html(200, "<html><title>Sign up</title></html>");
            page.header("set-cookie", "csrftoken=t0k; Path=/").header("set-cookie", "sessionid=guest; Path=/")
        }
        _ => Reply::new(201, "{}"),
    })
    .await;
    let guest = Session::builder(start(&server)).csrf(Csrf::django("/accounts/signup/?next=/"));
    let client = guest.build().expect("session").serve(start(&server)).expect("client");
    let sends = (0..10).map(|_| client.request(Method::Post, "/api/users", Safety::Once).json(&1).send());
    for answer in futures::future::join_all(sends).await {
        answer.expect("opened");
    }
    assert_eq!(count(&server, "GET /accounts/signup/?next=/"), 1);
    let posted = server.got().into_iter().find(|got| got.line == "POST /api/users").expect("sent");
    assert_eq!(
        (posted.header("x-csrftoken"), cookie(&posted, "sessionid").as_deref()),
        (Some("t0k"), Some("guest"))
    );
}

#[tokio::test]
async fn a_site_without_the_cookie_is_told_apart_and_the_write_stays_unsent() {
    let server = Server::answering(|_, _| Reply::new(200, "{}")).await;
    let guest = Session::builder(start(&server)).csrf(Csrf::django("/csrf")).build().expect("session");
    let client = guest.serve(start(&server)).expect("client");
    let sends = (0..10).map(|_| client.request(Method::Post, "/x", Safety::Once).send());
    for answer in futures::future::join_all(sends).await {
        let error = answer.expect_err("no token");
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(error.to_string().contains("`csrftoken`"), "{error}");
    }
    assert_eq!(server.lines(), ["GET /csrf"]);
}

/// Reads a redirect to the sign-in page as what it means.
#[derive(Debug)]
struct Browser;

impl Dialect for Browser {
    fn read(&self, answer: &Answer<'_>) -> Option<Error> {
        match (answer.status(), answer.header("location")) {
            (302, Some(page)) if page.contains("/signin") => {
                Some(Error::new(ErrorKind::Unauthenticated, "sign in first"))
            }
            _ => PlainDialect.read(answer),
        }
    }
}

/// Signs in at the second host by redirects through the first one.
#[derive(Debug)]
struct ByRedirects;

#[async_trait]
impl SignIn for ByRedirects {
    async fn sign_in(&self, client: &Client) -> Result<()> {
        let landed = client.get("/login/").operation("session.sign_in").send().await?;
        match landed.url().origin() == client.base_url().origin() {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Unauthenticated, "the other host knows no session")),
        }
    }
}

/// The first host, which also speaks for the second: `/authorize` sends back those whom it knows.
async fn two_hosts(site: &Site) -> (Server, Server) {
    let second = Arc::new(Mutex::new(String::new()));
    let (first_site, there) = (site.clone(), Arc::clone(&second));
    let first = Server::answering(move |got, _| match (got.line.as_str(), first_site.answer(got)) {
        ("GET /authorize", Reply::Answer(401, ..)) => Reply::redirect(302, "/signin"),
        ("GET /authorize", _) => Reply::redirect(302, &format!("{}complete", there.lock().expect("address"))),
        ("GET /signin", _) => Reply::html(200, "<html><title>Sign in</title></html>"),
        (_, reply) => reply,
    })
    .await;
    let authorize = format!("{}authorize", first.url);
    let mut studio = Server::answering(move |got, _| match (got.line.as_str(), cookie(got, "studio")) {
        ("GET /login/", _) => Reply::redirect(302, &authorize),
        ("GET /complete", _) => Reply::redirect(302, "/home").header("set-cookie", "studio=1; Path=/"),
        ("GET /forget", _) => {
            Reply::redirect(302, "/signin").header("set-cookie", "studio=; Path=/; Max-Age=0")
        }
        (_, Some(_)) => Reply::new(200, "{}"),
        _ => Reply::redirect(302, "/signin"),
    })
    .await;
    // By another name, so that the hosts' cookies are apart as they are on real sites.
    studio.url.set_host(Some("localhost")).expect("host");
    *second.lock().expect("address") = studio.url.to_string();
    (first, studio)
}

#[tokio::test]
async fn a_second_host_is_entered_through_the_first_and_again_when_both_have_forgotten() {
    let site = Site::default();
    let (lms, studio) = two_hosts(&site).await;
    let (first, _) = session(&lms);
    let second = Session::builder(start(&studio)).sign_in(Arc::new(ByRedirects)).through(&first);
    let second = second.build().expect("session");
    let browser = start(&studio).redirects(Redirects::Return).dialect(Arc::new(Browser));
    let client = second.serve(browser).expect("client");
    client.get("/course").send().await.expect("entered");
    assert_eq!((count(&lms, "POST /login"), count(&studio, "GET /login/")), (1, 1));
    // The second host forgets alone.
    client.get("/forget").send().await.expect_err("never lets in");
    client.get("/course").send().await.expect("entered");
    assert_eq!(count(&lms, "POST /login"), 1);
    // Both forget: the first is only found out through the second.
    site.forgotten.store(1, SeqCst);
    client.get("/forget").send().await.expect_err("never lets in");
    client.get("/course").send().await.expect("entered");
    assert_eq!(count(&lms, "POST /login"), 2);
}

#[tokio::test]
async fn two_hosts_can_share_one_session() {
    let site = Site::default();
    // Ports do not separate cookies, so these two are as hosts of one cookie domain.
    let (lms, studio) = (site.start().await, site.start().await);
    let (session, first) = session(&lms);
    let second = session.serve(start(&studio)).expect("client");
    first.get("/a").send().await.expect("answer");
    second.request(Method::Put, "/b", Safety::Repeatable).send().await.expect("answer");
    assert_eq!((count(&lms, "POST /login"), studio.lines()), (1, vec!["PUT /b".to_owned()]));
    let root = format!("{}/", studio.url.origin().ascii_serialization());
    assert_eq!(studio.got()[0].header("referer"), Some(root.as_str()));
}

#[tokio::test]
async fn a_session_needs_no_credential_and_takes_none() {
    let server = Site::default().start().await;
    let with_token = start(&server).credential(Arc::new(StaticToken::bearer(Secret::new("tok"))));
    let error = Session::builder(with_token).build().expect_err("two credentials");
    assert_eq!(error.kind(), ErrorKind::Config);
}
