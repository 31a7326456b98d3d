//! Canaries: recognisable secrets planted everywhere, looked for in everything that is printed.

use std::sync::Arc;
use std::time::Duration;

use lms_core::{Error, Platform, Secret};
use lms_http::testing::ManualClock;
use lms_http::{
    Client, ClientAuth, CookieJar, Cookies, Grant, Limits, Method, OAuth, Part, RetryPolicy, Safety,
    StaticToken, Tokens,
};

use crate::server::{Reply, Server};
use crate::session_secrets;
use crate::{capture, chain};

const CANARY: &str = "canary";

/// A body with a secret of its own in every place where one may be.
const BODY: &str = r#"{"access_token":"canary-answer","session":"canary-answer","detail":"no"}"#;

type Fault = (&'static str, fn() -> Reply);

/// What a server may do to a request that carries secrets.
const FAULTS: [Fault; 10] = [
    ("refused", || Reply::new(400, BODY)),
    ("unauthenticated", || Reply::new(401, BODY)),
    ("failed", || Reply::html(500, "<html><title>Error</title><body>token=canary-answer</body></html>")),
    ("throttled", || Reply::new(429, BODY).header("retry-after", "3600")),
    ("not JSON", || Reply::new(200, r#"{"password":"canary-answer","#)),
    ("not the shape", || Reply::new(200, r#"{"id":{"token":"canary-answer"}}"#)),
    ("redirected", || {
        Reply::redirect(302, "/login?code=canary-answer").header("set-cookie", "sessionid=canary-set")
    }),
    ("dropped", || Reply::Drop),
    ("broken off", || Reply::BreakOff(200)),
    ("hung", || Reply::Hang),
];

#[derive(Debug, serde::Deserialize)]
struct Course {
    #[expect(dead_code, reason = "only its shape matters")]
    id: u64,
}

/// Sends one request of each sort with secrets in URL, headers, cookies and body, and gives back
/// all that was printed on the way.
async fn print_everything(reply: fn() -> Reply) -> Vec<String> {
    let server = Server::answering(move |_, _| reply()).await;
    let clock = Arc::new(ManualClock::default());
    let limits = Limits { per_attempt: Duration::from_millis(30), ..Limits::default() };
    let retry = RetryPolicy { attempts: 2, ..RetryPolicy::default() };
    let jar = CookieJar::new();
    jar.set(&server.url, &Secret::new("sessionid=canary-cookie; Path=/"));
    let credential = Arc::new(StaticToken::new("JWT", Secret::new("canary-token")));
    let mut printed = vec![format!("{credential:?} {jar:?}")];
    let builder = Client::builder(Platform::OpenEdx, server.url.clone()).credential(credential);
    let builder = builder.clock(clock.clone()).limits(limits.clone()).retry(retry.clone());
    let builder = builder.keep_cookies(Cookies::Shared(jar));
    printed.push(format!("{builder:?}"));
    let client = builder.build().expect("client");
    printed.push(format!("{client:?}"));
    for safety in [Safety::Read, Safety::Once] {
        let start = || {
            let request = client.request(Method::Post, "/api/users?code=canary-path", safety);
            request
                .query("email", "canary-query")
                .header("x-edx-api-key", "canary-header")
                .operation("accounts.create")
        };
        for request in [
            start().json(&serde_json::json!({"password": "canary-body"})),
            start().form(&[("password", "canary-body")]),
            start().multipart(vec![Part::text("password", "canary-body")]),
            start().sensitive().body("canary-body", "text/plain"),
            client.get("/api/users?token=canary-path").operation("accounts.get"),
        ] {
            printed.push(format!("{request:?}"));
            match request.send().await {
                Err(error) => printed.push(chain(&error)),
                Ok(answer) => {
                    printed.push(format!("{answer:?}"));
                    printed.extend(answer.json::<Course>().await.err().map(|e| chain(&e)));
                }
            }
        }
    }
    printed.extend(sign_in(&server, &clock, limits.clone(), retry.clone()).await);
    printed.extend(session_secrets::sessions(reply, &limits, &retry).await);
    printed.extend(session_secrets::stores(&server, &limits, &retry).await);
    printed
}

async fn sign_in(
    server: &Server,
    clock: &Arc<ManualClock>,
    limits: Limits,
    retry: RetryPolicy,
) -> Vec<String> {
    let secret = |name: &str| Secret::new(format!("canary-{name}"));
    let redirect_uri = "http://127.0.0.1:9/cb".to_owned();
    let mut printed = Vec::new();
    for grant in [
        Grant::ClientCredentials,
        Grant::Password { username: "canary@example.org".into(), password: secret("password") },
        Grant::RefreshToken { token: secret("refresh") },
        Grant::AuthorizationCode {
            code: secret("code"),
            redirect_uri,
            pkce_verifier: Some(secret("verifier")),
        },
    ] {
        for client_auth in [ClientAuth::Basic, ClientAuth::Body] {
            let url = server.url.join("/oauth2/token/").expect("URL");
            let builder = OAuth::builder(Platform::OpenEdx, url, "app")
                .client_secret(secret("client"))
                .grant(grant.clone());
            let builder = builder
                .client_auth(client_auth)
                .clock(clock.clone())
                .limits(limits.clone())
                .retry(retry.clone());
            printed.push(format!("{builder:?}"));
            let oauth = builder.build().expect("credential");
            let answer: Result<Tokens, Error> = oauth.tokens().await;
            printed.push(format!("{oauth:?} {answer:?}"));
            printed.extend(answer.err().map(|e| chain(&e)));
        }
    }
    printed
}

#[tokio::test]
async fn no_secret_is_ever_printed() {
    let log = capture::log();
    for (fault, reply) in FAULTS {
        for line in print_everything(reply).await {
            assert!(!line.contains(CANARY), "{fault}: {line}");
        }
    }
    let log = log.text();
    let ours: Vec<&str> = log.lines().filter(|line| line.contains("lms_http")).collect();
    assert!(ours.len() > 100, "the log was on: {} lines", ours.len());
    assert!(log.contains("starting new connection"), "`log` was on: reqwest says so");
    for line in log.lines() {
        assert!(!line.contains(CANARY), "{line}");
    }
}

#[tokio::test]
async fn the_answer_to_a_sensitive_request_is_quoted_nowhere() {
    let server = Server::answering(|_, before| {
        Reply::new(if before < 2 { 400 } else { 200 }, "canary, in plain words")
    })
    .await;
    let client = Client::builder(Platform::Stepik, server.url.clone()).build().expect("client");
    let open = client.get("/x").send().await.expect_err("refused");
    assert!(open.to_string().contains("in plain words"), "others are: {open}");
    let refused = client.get("/x").sensitive().send().await.expect_err("refused");
    let misread = client.get("/x").sensitive().send_json::<Course>().await.expect_err("no JSON");
    for error in [refused, misread] {
        assert!(!chain(&error).contains(CANARY), "{error}");
    }
}
