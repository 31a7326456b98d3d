//! Tokens: how they are asked for, shared, renewed and replaced.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use lms_core::{ErrorKind, Platform, Retry, Secret};
use lms_http::testing::ManualClock;
use lms_http::{Allow, Client, ClientAuth, Clock, Grant, OAuth, OAuthBuilder, Pace, RetryPolicy, Tokens};
use url::Url;

use crate::chain;
use crate::server::{Got, Reply, Server};

/// Issues `tok-1`, `tok-2`, … that live for `seconds`; each replaces the refresh token.
pub(crate) fn issue(n: usize, seconds: i64, refresh: bool) -> Reply {
    let refresh = if refresh { format!(r#","refresh_token":"ref-{n}""#) } else { String::new() };
    Reply::new(
        200,
        format!(
            r#"{{"access_token":"tok-{n}","expires_in":{seconds},"token_type":"Bearer","scope":"read"{refresh}}}"#
        ),
    )
}

/// Counts up with each token request; other requests need the token that is current.
async fn platform(seconds: i64, refresh: bool) -> Server {
    let issued = Mutex::new(0);
    Server::answering(move |got, _| {
        let mut issued = issued.lock().expect("counter");
        if got.line == "POST /oauth2/token/" {
            *issued += 1;
            return issue(*issued, seconds, refresh);
        }
        match got.header("authorization") {
            Some(header) if header == format!("Bearer tok-{issued}") => Reply::new(200, "{}"),
            _ => Reply::new(401, r#"{"detail":"Invalid token"}"#),
        }
    })
    .await
}

pub(crate) fn oauth(server: &Server, clock: &Arc<ManualClock>) -> OAuthBuilder {
    let token_url = server.url.join("/oauth2/token/").expect("URL");
    OAuth::builder(Platform::Stepik, token_url, "app")
        .client_secret(Secret::new("s3cret"))
        .clock(clock.clone())
}

pub(crate) fn client(server: &Server, clock: &Arc<ManualClock>, oauth: OAuthBuilder) -> (Client, OAuth) {
    let oauth = oauth.build().expect("credential");
    let client = Client::builder(Platform::Stepik, server.url.clone()).credential(Arc::new(oauth.clone()));
    (
        client
            .clock(clock.clone())
            .pace(Pace { concurrency: 200, ..Pace::default() })
            .build()
            .expect("client"),
        oauth,
    )
}

pub(crate) fn token_requests(server: &Server) -> Vec<Got> {
    server.got().into_iter().filter(|got| got.line == "POST /oauth2/token/").collect()
}

pub(crate) fn password() -> Grant {
    Grant::Password { username: "ada@example.org".into(), password: Secret::new("pass word") }
}

#[tokio::test]
async fn each_grant_is_asked_for_as_rfc_6749_says() {
    let clock = Arc::new(ManualClock::default());
    let code = |pkce: Option<&str>| Grant::AuthorizationCode {
        code: Secret::new("c0de"),
        redirect_uri: "http://127.0.0.1:9/cb".into(),
        pkce_verifier: pkce.map(Secret::new),
    };
    let refresh = Grant::RefreshToken { token: Secret::new("ref-0") };
    for (grant, expected) in [
        (Grant::ClientCredentials, "grant_type=client_credentials"),
        (password(), "grant_type=password&username=ada%40example.org&password=pass+word"),
        (refresh, "grant_type=refresh_token&refresh_token=ref-0"),
        (code(None), "grant_type=authorization_code&code=c0de&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcb"),
    ] {
        let server = platform(3600, true).await;
        oauth(&server, &clock).grant(grant).build().expect("credential").tokens().await.expect("token");
        let got = &token_requests(&server)[0];
        assert_eq!(got.text(), expected);
        assert_eq!(got.header("authorization"), Some("Basic YXBwOnMzY3JldA=="));
        assert_eq!(got.header("content-type"), Some("application/x-www-form-urlencoded"));
    }
    let server = platform(3600, true).await;
    let body = oauth(&server, &clock)
        .client_auth(ClientAuth::Body)
        .param("token_type", "jwt")
        .scope("read")
        .scope("write");
    body.grant(code(Some("verifier"))).build().expect("credential").tokens().await.expect("token");
    let got = &token_requests(&server)[0];
    assert_eq!(got.header("authorization"), None);
    for part in ["client_id=app", "client_secret=s3cret", "token_type=jwt", "code_verifier=verifier"] {
        assert!(got.text().split('&').any(|pair| pair == part), "{part} in {}", got.text());
    }
    let server = platform(3600, true).await;
    let scoped = oauth(&server, &clock).scope("read").scope("write").build().expect("credential");
    scoped.tokens().await.expect("token");
    assert!(token_requests(&server)[0].text().contains("scope=read+write"));
}

#[tokio::test]
async fn a_hundred_calls_at_once_ask_for_one_token() {
    let (server, clock) = (platform(3600, false).await, Arc::new(ManualClock::default()));
    let (client, _) = client(&server, &clock, oauth(&server, &clock));
    let calls: Vec<_> = (0..100).map(|_| tokio::spawn(client.get("/api/courses").send())).collect();
    for call in calls {
        call.await.expect("task").expect("answer");
    }
    assert_eq!(token_requests(&server).len(), 1);
    assert_eq!(server.lines().len(), 101);
}

#[tokio::test]
async fn a_hundred_calls_with_a_token_that_died_ask_for_one_more() {
    let (server, clock) = (platform(3600, true).await, Arc::new(ManualClock::default()));
    let (client, oauth) = client(
        &server,
        &clock,
        oauth(&server, &clock).tokens(Tokens {
            access: Secret::new("revoked"),
            refresh: Some(Secret::new("ref-0")),
            expires_at: Some(clock.now() + Duration::from_secs(3600)),
        }),
    );
    let calls: Vec<_> = (0..100).map(|_| tokio::spawn(client.get("/api/courses").send())).collect();
    for call in calls {
        call.await.expect("task").expect("replayed");
    }
    assert_eq!(token_requests(&server).len(), 1);
    assert_eq!(token_requests(&server)[0].text(), "grant_type=refresh_token&refresh_token=ref-0");
    assert_eq!(oauth.tokens().await.expect("held").refresh.expect("new").expose(), "ref-1");
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let (server, clock) = (platform(3600, false).await, Arc::new(ManualClock::default()));
    let (client, _) = client(&server, &clock, oauth(&server, &clock).early(Duration::from_secs(300)));
    for (forward, tokens) in [(0, 1), (3299, 1), (1, 2), (3299, 2), (1, 3)] {
        clock.advance(Duration::from_secs(forward));
        client.get("/x").send().await.expect("answer");
        assert_eq!(token_requests(&server).len(), tokens, "after {forward} s more");
    }
}

#[tokio::test]
async fn a_short_life_is_not_spent_on_renewals() {
    let (server, clock) = (platform(60, false).await, Arc::new(ManualClock::default()));
    let (client, _) = client(&server, &clock, oauth(&server, &clock).early(Duration::from_secs(300)));
    for _ in 0..5 {
        client.get("/x").send().await.expect("answer");
        clock.advance(Duration::from_secs(5));
    }
    assert_eq!(token_requests(&server).len(), 1);
}

#[tokio::test]
async fn a_failed_early_renewal_leaves_the_old_token_in_use() {
    let clock = Arc::new(ManualClock::default());
    let server = Server::answering(|got, before| match (got.line.as_str(), before) {
        ("POST /oauth2/token/", 0) => issue(1, 3600, false),
        ("POST /oauth2/token/", _) => Reply::new(503, ""),
        _ => Reply::new(200, "{}"),
    })
    .await;
    let oauth = oauth(&server, &clock).retry(RetryPolicy::never()).early(Duration::from_secs(300));
    let (client, _) = client(&server, &clock, oauth);
    client.get("/x").send().await.expect("first");
    clock.advance(Duration::from_secs(3400));
    for _ in 0..3 {
        client.get("/x").send().await.expect("the old token still holds");
    }
    assert_eq!(token_requests(&server).len(), 2, "the failure is not repeated for each call");
    clock.advance(Duration::from_secs(300));
    assert_eq!(client.get("/x").send().await.expect_err("ended").kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn refresh_tokens_rotate() {
    let (server, clock) = (platform(3600, true).await, Arc::new(ManualClock::default()));
    let grant = Grant::RefreshToken { token: Secret::new("ref-0") };
    let (client, _) = client(&server, &clock, oauth(&server, &clock).grant(grant));
    for _ in 0..3 {
        client.get("/x").send().await.expect("answer");
        clock.advance(Duration::from_secs(3600));
    }
    let asked: Vec<String> = token_requests(&server).iter().map(|got| got.text()).collect();
    let expected =
        ["ref-0", "ref-1", "ref-2"].map(|token| format!("grant_type=refresh_token&refresh_token={token}"));
    assert_eq!(asked, expected);
}

/// Refuses refresh tokens.
async fn unrefreshing() -> Server {
    Server::answering(|got, before| match got.line.as_str() {
        "POST /oauth2/token/" if got.text().contains("refresh_token=") => {
            Reply::new(400, r#"{"error":"invalid_grant","error_description":"Expired."}"#)
        }
        "POST /oauth2/token/" => issue(before + 1, 3600, true),
        _ => Reply::new(200, "{}"),
    })
    .await
}

#[tokio::test]
async fn a_dead_refresh_token_falls_back_to_the_password() {
    let (server, clock) = (unrefreshing().await, Arc::new(ManualClock::default()));
    let (client, _) = client(&server, &clock, oauth(&server, &clock).grant(password()));
    client.get("/x").send().await.expect("first");
    clock.advance(Duration::from_secs(3600));
    client.get("/x").send().await.expect("signed in again");
    let grants: Vec<bool> =
        token_requests(&server).iter().map(|got| got.text().contains("grant_type=password")).collect();
    assert_eq!(grants, [true, false, true]);
}

#[tokio::test]
async fn a_code_is_spent_once_and_a_dead_sign_in_is_said_so() {
    let (server, clock) = (unrefreshing().await, Arc::new(ManualClock::default()));
    let redirect_uri = "http://127.0.0.1:9/cb".to_owned();
    let grant = Grant::AuthorizationCode { code: Secret::new("c0de"), redirect_uri, pkce_verifier: None };
    let (client, _) = client(&server, &clock, oauth(&server, &clock).grant(grant));
    client.get("/x").send().await.expect("first");
    clock.advance(Duration::from_secs(3600));
    let refused = client.get("/x").send().await.expect_err("the refresh token is dead");
    assert_eq!((refused.kind(), refused.status()), (ErrorKind::Unauthenticated, Some(400)));
    assert!(refused.to_string().contains("invalid_grant (Expired.)"), "{refused}");
    assert!(refused.to_string().contains("sign in again"), "{refused}");
    let ended = client.get("/x").send().await.expect_err("nothing left");
    assert!(ended.to_string().contains("sign in again"), "{ended}");
    assert_eq!(token_requests(&server).len(), 2);
}

#[tokio::test]
async fn a_code_without_refresh_token_is_not_sent_twice() {
    let clock = Arc::new(ManualClock::default());
    let server = Server::answering(|got, before| match (got.line.as_str(), before) {
        ("POST /oauth2/token/", _) => issue(1, 3600, false),
        (_, 1) => Reply::new(200, "{}"),
        _ => Reply::new(401, "{}"),
    })
    .await;
    let redirect_uri = "http://127.0.0.1:9/cb".to_owned();
    let grant = Grant::AuthorizationCode { code: Secret::new("c0de"), redirect_uri, pkce_verifier: None };
    let (client, _) = client(&server, &clock, oauth(&server, &clock).grant(grant));
    client.get("/x").send().await.expect("signed in");
    let revoked = client.get("/x").send().await.expect_err("revoked");
    assert_eq!((revoked.kind(), revoked.status()), (ErrorKind::Unauthenticated, Some(401)));
    let ended = client.get("/x").send().await.expect_err("nothing left");
    assert!(ended.to_string().contains("sign in again"), "{ended}");
    assert_eq!(server.lines(), ["POST /oauth2/token/", "GET /x", "GET /x"]);
}

#[tokio::test]
async fn refusals_have_their_kinds() {
    let clock = Arc::new(ManualClock::default());
    for (reply, kind) in [
        (Reply::new(401, r#"{"error":"invalid_client"}"#), ErrorKind::Unauthenticated),
        (Reply::new(400, r#"{"error":"invalid_grant"}"#), ErrorKind::Unauthenticated),
        (Reply::new(400, r#"{"error":"unsupported_grant_type"}"#), ErrorKind::Config),
        (Reply::new(400, r#"{"error":"unauthorized_client"}"#), ErrorKind::Config),
        (Reply::new(400, r#"{"error":"invalid_scope"}"#), ErrorKind::Config),
        (Reply::new(401, r#"{"detail":"No."}"#), ErrorKind::Unauthenticated),
        (Reply::html(403, "<html>Forbidden</html>"), ErrorKind::Unauthenticated),
        (Reply::new(404, "not to be quoted"), ErrorKind::NotFound),
        (Reply::redirect(302, "/login"), ErrorKind::Protocol),
        (Reply::html(200, "<html>Welcome</html>"), ErrorKind::Protocol),
        (Reply::new(200, r#"{"access_token":7}"#), ErrorKind::Protocol),
        (Reply::new(200, ""), ErrorKind::Protocol),
        // Open edX marks the tokens of restricted applications so (reference openedx.md 1.2).
        (issue(1, -1, false), ErrorKind::Unauthenticated),
    ] {
        let server = Server::scripted([reply]).await;
        let error = oauth(&server, &clock).build().expect("credential").tokens().await.expect_err("refused");
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!chain(&error).contains("not to be quoted"), "{error}");
        assert_eq!((error.platform(), error.operation()), (Some(Platform::Stepik), "oauth.token"));
        assert_eq!(server.lines().len(), 1);
    }
}

#[tokio::test]
async fn a_throttled_token_endpoint_is_waited_for() {
    let clock = Arc::new(ManualClock::default());
    let server =
        Server::scripted([Reply::new(429, "{}").header("retry-after", "7"), issue(1, 3600, false)]).await;
    oauth(&server, &clock).build().expect("credential").tokens().await.expect("second attempt");
    assert_eq!(clock.pauses(), [Duration::from_secs(7)]);
}

#[tokio::test]
async fn those_who_waited_share_the_failure() {
    let clock = Arc::new(ManualClock::default());
    let server = Server::answering(|_, _| Reply::new(401, r#"{"error":"invalid_client"}"#)).await;
    let oauth = oauth(&server, &clock).build().expect("credential");
    let errors = futures::future::join_all((0..50).map(|_| oauth.tokens())).await;
    assert!(errors.iter().all(|e| e.as_ref().is_err_and(|e| e.kind() == ErrorKind::Unauthenticated)));
    assert_eq!(server.lines().len(), 1);
    oauth.tokens().await.expect_err("asked anew, refused anew");
    assert_eq!(server.lines().len(), 2);
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_lose_the_new_refresh_token() {
    let clock = Arc::new(ManualClock::default());
    let server = platform(3600, true).await;
    let grant = Grant::RefreshToken { token: Secret::new("ref-0") };
    let oauth = oauth(&server, &clock).grant(grant).build().expect("credential");
    {
        let mut impatient = Box::pin(oauth.tokens());
        while token_requests(&server).is_empty() {
            let _ = futures::poll!(&mut impatient);
            tokio::task::yield_now().await;
        }
    }
    let tokens = oauth.tokens().await.expect("kept");
    assert_eq!(
        (tokens.access.expose(), tokens.refresh.as_ref().map(Secret::expose)),
        ("tok-1", Some("ref-1"))
    );
    assert_eq!(token_requests(&server).len(), 1);
}

#[test]
fn settings_are_checked_before_anything_is_sent() {
    let start = |url: &str, id: &str| OAuth::builder(Platform::Stepik, Url::parse(url).expect("URL"), id);
    for (builder, word) in [
        (start("http://lms.example.org/t", "app"), "https"),
        (start("https://lms.example.org/t", ""), "client id"),
    ] {
        let error = builder.build().expect_err(word);
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Config, Retry::Never));
        assert!(error.to_string().contains(word), "{error}");
    }
    assert!(start("http://lms.example.org/t", "app").allow_plain_http(Allow::Yes).build().is_ok());
}
