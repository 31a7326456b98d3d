//! A hundred calls whose token has ended: one token request, whatever the token endpoint does.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use lms_core::{Error, ErrorKind, Secret};
use lms_http::testing::ManualClock;
use lms_http::{Client, Clock, Grant, RetryPolicy, Tokens};

use crate::oauth::{client, issue, oauth, password, token_requests};
use crate::server::{Got, Reply, Server};

/// Accepts the newest access token and the newest refresh token, each of which ends the one before.
/// `fault` may answer a token request, of which this many came before it, in place of the platform; with
/// `Lose`, the platform has answered and the answer is lost.
pub(crate) enum Fault {
    None,
    Instead(Reply),
    Lose,
    Late,
}

#[derive(Default)]
struct State {
    asked: usize,
    issued: usize,
    refresh: String,
}

pub(crate) async fn rotating(
    fault: impl Fn(usize) -> Fault + Send + Sync + 'static,
    refused: impl Fn(&Got) + Send + Sync + 'static,
) -> Server {
    let state = Mutex::new(State { refresh: "ref-0".into(), ..State::default() });
    Server::answering(move |got, _| {
        let mut state = state.lock().expect("state");
        if got.line != "POST /oauth2/token/" {
            let current = format!("Bearer tok-{}", state.issued);
            let good = got.header("authorization") == Some(current.as_str());
            return if good {
                Reply::new(200, "{}")
            } else {
                Reply::new(401, r#"{"detail":"Invalid token"}"#)
            };
        }
        state.asked += 1;
        let fault = fault(state.asked - 1);
        if let Fault::Instead(reply) = fault {
            return reply;
        }
        let text = got.text();
        let token = text.split('&').find_map(|pair| pair.strip_prefix("refresh_token="));
        if token.is_some_and(|token| token != state.refresh) {
            refused(got);
            return Reply::new(400, r#"{"error":"invalid_grant"}"#);
        }
        state.issued += 1;
        state.refresh = format!("ref-{}", state.issued);
        let reply = issue(state.issued, 3600, true);
        match fault {
            Fault::Lose => Reply::Drop,
            Fault::Late => Reply::Late(Duration::from_millis(100), Box::new(reply)),
            Fault::None | Fault::Instead(_) => reply,
        }
    })
    .await
}

pub(crate) fn ended(clock: &ManualClock) -> Tokens {
    Tokens {
        access: Secret::new("tok-0"),
        refresh: Some(Secret::new("ref-0")),
        expires_at: Some(clock.now() - Duration::from_secs(1)),
    }
}

async fn a_hundred(client: &Client) -> Vec<Result<(), Error>> {
    let calls: Vec<_> = (0..100).map(|_| tokio::spawn(client.get("/api/courses").send())).collect();
    let mut results = Vec::new();
    for call in calls {
        results.push(call.await.expect("task").map(drop));
    }
    results
}

/// Token requests, and calls that were refused, of a hundred calls with a token that has ended.
async fn storm(
    fault: impl Fn(usize) -> Fault + Send + Sync + 'static,
    retry: RetryPolicy,
) -> (Vec<String>, usize) {
    let (server, clock) = (rotating(fault, |_| ()).await, Arc::new(ManualClock::default()));
    let oauth = oauth(&server, &clock).grant(password()).retry(retry).tokens(ended(&clock));
    let (client, _) = client(&server, &clock, oauth);
    let failed = a_hundred(&client).await.into_iter().filter(Result::is_err).count();
    let others = server.lines().len() - token_requests(&server).len();
    assert_eq!(others, 100 - failed, "nothing was sent with the token that had ended");
    (token_requests(&server).iter().map(Got::text).collect(), failed)
}

const REFRESH: &str = "grant_type=refresh_token&refresh_token=ref-0";

#[tokio::test]
async fn one_request_for_a_token_that_ended() {
    assert_eq!(storm(|_| Fault::None, RetryPolicy::default()).await, (vec![REFRESH.to_owned()], 0));
}

#[tokio::test]
async fn one_request_when_the_endpoint_is_slow() {
    assert_eq!(storm(|_| Fault::Late, RetryPolicy::default()).await, (vec![REFRESH.to_owned()], 0));
}

#[tokio::test]
async fn one_request_and_its_repetition_when_the_endpoint_fails_once() {
    let fails_once = |n| if n == 0 { Fault::Instead(Reply::new(503, "")) } else { Fault::None };
    assert_eq!(storm(fails_once, RetryPolicy::default()).await, (vec![REFRESH.to_owned(); 2], 0));
}

#[tokio::test]
async fn one_request_when_it_fails_and_nobody_repeats_it() {
    let fails = |_| Fault::Instead(Reply::new(503, ""));
    assert_eq!(storm(fails, RetryPolicy::never()).await, (vec![REFRESH.to_owned()], 100));
}

#[tokio::test]
async fn one_request_at_each_end_when_refresh_tokens_rotate() {
    let (server, clock) = (rotating(|_| Fault::Late, |_| ()).await, Arc::new(ManualClock::default()));
    let (client, _) = client(&server, &clock, oauth(&server, &clock).tokens(ended(&clock)));
    for round in 1..=3 {
        assert!(a_hundred(&client).await.iter().all(Result::is_ok));
        assert_eq!(token_requests(&server).len(), round);
        let expected = format!("grant_type=refresh_token&refresh_token=ref-{}", round - 1);
        assert_eq!(token_requests(&server)[round - 1].text(), expected);
        clock.advance(Duration::from_secs(3600));
    }
}

#[tokio::test]
async fn a_lost_answer_that_rotated_the_token_is_followed_by_the_password() {
    // The platform has replaced `ref-0`, but nobody knows by what.
    let lost = |n| if n == 0 { Fault::Lose } else { Fault::None };
    let (asked, failed) = storm(lost, RetryPolicy::default()).await;
    assert_eq!(failed, 0);
    let password = "grant_type=password&username=ada%40example.org&password=pass+word";
    assert_eq!(asked, [REFRESH, REFRESH, password]);
}

#[tokio::test]
async fn a_lost_answer_without_a_grant_to_fall_back_on_asks_to_sign_in_again() {
    let lost = |n| if n == 0 { Fault::Lose } else { Fault::None };
    let (server, clock) = (rotating(lost, |_| ()).await, Arc::new(ManualClock::default()));
    let grant = Grant::RefreshToken { token: Secret::new("ref-0") };
    let (client, _) = client(&server, &clock, oauth(&server, &clock).grant(grant));
    let error = client.get("/x").send().await.expect_err("the refresh token is dead");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthenticated, Some(400)));
    assert!(error.to_string().contains("sign in again"), "{error}");
    assert_eq!(server.lines(), ["POST /oauth2/token/"; 2]);
    client.get("/x").send().await.expect_err("nothing left");
    assert_eq!(server.lines().len(), 2, "a dead token is not sent again");
}
