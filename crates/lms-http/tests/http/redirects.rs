//! Redirects and cookies.

use std::sync::Arc;

use lms_core::{ErrorKind, Platform, Secret};
use lms_http::{Client, CookieJar, Cookies, Method, Redirects, Safety, StaticToken};

use crate::server::{Reply, Server};
use crate::{builder, client};

#[tokio::test]
async fn a_read_follows_and_says_where_it_ended() {
    let server =
        Server::scripted([Reply::redirect(302, "/b?x=1"), Reply::redirect(307, "c"), Reply::new(200, "{}")])
            .await;
    let (client, _) = client(&server);
    let answer = client.get("/a").send().await.expect("followed");
    assert_eq!(answer.url().path(), "/c");
    assert_eq!(server.lines(), ["GET /a", "GET /b?x=1", "GET /c"]);
    assert_eq!(client.stats().read, 3);
}

#[tokio::test]
async fn credentials_and_headers_stay_at_home() {
    let foreign = Server::scripted([Reply::new(200, "{}")]).await;
    let home = Server::scripted([Reply::redirect(302, foreign.url.as_str())]).await;
    let credential = Arc::new(StaticToken::bearer("tok"));
    let client = builder(&home).0.credential(credential).build().expect("client");
    client.get("/file").header("x-edx-api-key", "key").send().await.expect("followed");
    assert_eq!(home.got()[0].header("authorization"), Some("Bearer tok"));
    let there = &foreign.got()[0];
    assert_eq!((there.header("authorization"), there.header("x-edx-api-key")), (None, None));
}

#[tokio::test]
async fn a_circle_ends() {
    let server = Server::answering(|_, _| Reply::redirect(302, "/again")).await;
    let error = client(&server).0.get("/a").send().await.expect_err("a circle");
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert_eq!(server.lines().len(), 6);
}

#[tokio::test]
async fn a_redirect_to_elsewhere_than_http_is_refused() {
    let server = Server::scripted([Reply::redirect(302, "file:///etc/passwd")]).await;
    assert_eq!(client(&server).0.get("/a").send().await.expect_err("refused").kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn the_redirect_after_a_write_is_returned() {
    let server = Server::answering(|_, _| Reply::redirect(302, "/courselist")).await;
    let (client, _) = client(&server);
    let login = |statuses: &[u16]| {
        let request = client.request(Method::Post, "/signin", Safety::Repeatable);
        request.form(&[("login", "ada")]).expect(statuses).send()
    };
    let answer = login(&[302]).await.expect("expected");
    assert_eq!((answer.status(), answer.header("location")), (302, Some("/courselist")));
    // Nobody expected it, so it cannot pass for a success.
    assert_eq!(login(&[]).await.expect_err("unexpected").kind(), ErrorKind::Protocol);
    assert_eq!(server.lines(), ["POST /signin", "POST /signin"]);
}

#[tokio::test]
async fn reads_do_not_follow_when_asked_not_to() {
    let server = Server::answering(|_, _| Reply::redirect(302, "/login?next=/")).await;
    let returning = builder(&server).0.redirects(Redirects::Return).build().expect("client");
    assert_eq!(returning.get("/a").expect(&[302]).send().await.expect("returned").status(), 302);
    assert_eq!(client(&server).0.get("/a").expect(&[302]).send().await.expect("returned").status(), 302);
    assert_eq!(server.lines().len(), 2);
}

fn cookie_setter() -> impl Fn(&crate::server::Got, usize) -> Reply + Send + Sync {
    |_, _| {
        Reply::new(200, "{}")
            .header("set-cookie", "sessionid=abc; Path=/; HttpOnly")
            .header("set-cookie", "csrftoken=t0k")
    }
}

#[tokio::test]
async fn cookies_are_kept_read_and_shared_only_when_asked() {
    let server = Server::answering(cookie_setter()).await;
    let jar = CookieJar::new();
    let keeping = builder(&server).0.keep_cookies(Cookies::Shared(jar.clone())).build().expect("client");
    keeping.get("/one").send().await.expect("sets");
    keeping.get("/two").send().await.expect("sends");
    let other = Client::builder(Platform::Other, server.url.clone());
    let other = other.keep_cookies(Cookies::Shared(jar.clone())).build().expect("client");
    other.get("/three").send().await.expect("sends");
    let ignoring = client(&server).0;
    ignoring.get("/four").send().await.expect("ignores");
    ignoring.get("/five").send().await.expect("ignores");
    let sent: Vec<bool> = server
        .got()
        .iter()
        .map(|got| {
            got.header("cookie").is_some_and(|c| c.contains("sessionid=abc") && c.contains("csrftoken=t0k"))
        })
        .collect();
    assert_eq!(sent, [false, true, true, false, false]);
    assert_eq!(keeping.cookie("csrftoken").map(|c| c.expose().to_owned()).as_deref(), Some("t0k"));
    assert!(keeping.cookie("token").is_none() && ignoring.cookie("csrftoken").is_none());
    jar.set(&server.url, &Secret::new("csrftoken=restored; Path=/"));
    assert_eq!(keeping.cookie("csrftoken").map(|c| c.expose().to_owned()).as_deref(), Some("restored"));
}

#[tokio::test]
async fn cookies_of_other_hosts_stay_there() {
    let jar = CookieJar::new();
    let server = Server::answering(|_, _| Reply::new(200, "{}")).await;
    jar.set(&"http://elsewhere.example".parse().expect("URL"), &Secret::new("sessionid=abc; Path=/"));
    let client = builder(&server).0.keep_cookies(Cookies::Shared(jar)).build().expect("client");
    client.get("/").send().await.expect("answer");
    assert_eq!(server.got()[0].header("cookie"), None);
}
