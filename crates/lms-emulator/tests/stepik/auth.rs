use std::time::Duration;

use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Client, start};

async fn token(server: &StepikEmulator, form: &[(&str, &str)], basic: Option<(&str, &str)>) -> (u16, Value) {
    let mut request = reqwest::Client::new().post(format!("{}/oauth2/token/", server.url())).form(form);
    if let Some((id, secret)) = basic {
        request = request.basic_auth(id, Some(secret));
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn grants_and_refusals() {
    let server = start().await;
    let held = server.credentials();
    let (id, secret) = (held.client_id.as_str(), held.client_secret.as_str());
    let owner = [("grant_type", "client_credentials")];
    let (status, body) = token(&server, &owner, Some((id, secret))).await;
    assert_eq!((status, &body["expires_in"], &body["token_type"]), (200, &json!(36000), &json!("Bearer")));
    assert!(body.get("refresh_token").is_none());
    let in_body = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    assert_eq!(token(&server, &in_body, None).await.0, 200);
    let (status, body) = token(&server, &owner, Some((id, "wrong"))).await;
    assert_eq!((status, &body["error"]), (401, &json!("invalid_client")));
    assert_eq!(token(&server, &owner, None).await.0, 401);

    let learner = |password| {
        [("grant_type", "password"), ("username", held.learner_username.as_str()), ("password", password)]
    };
    let (status, body) = token(&server, &learner("wrong"), Some((id, secret))).await;
    assert_eq!((status, &body["error"]), (401, &json!("invalid_grant")));
    let (status, body) = token(&server, &learner(&held.learner_password), Some((id, secret))).await;
    assert_eq!(status, 200);
    let refresh = body["refresh_token"].as_str().unwrap();
    let again = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let (status, body) = token(&server, &again, Some((id, secret))).await;
    assert_eq!(status, 200);
    assert_ne!(body["refresh_token"], refresh);
    // A refresh token is good once.
    assert_eq!(token(&server, &again, Some((id, secret))).await.0, 401);
    assert_eq!(
        token(&server, &[("grant_type", "magic")], Some((id, secret))).await.1["error"],
        "unsupported_grant_type"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_bad_token_is_a_guest_on_stepics_and_refused_elsewhere() {
    let server = start().await;
    let mut client = Client::author(&server).await;
    let me = client.get("/api/stepics/1").await;
    assert!(me.get("meta").is_none());
    assert_eq!(me["users"][0]["is_guest"], false);
    assert_eq!(me["stepics"][0]["user"], me["profiles"][0]["id"]);
    client.token = Some("stale".to_owned());
    assert_eq!(client.get("/api/stepics/1").await["users"][0]["is_guest"], true);
    let (status, body) = client.call(Method::GET, "/api/courses", None).await;
    assert_eq!((status, body["detail"].is_string()), (401, true));
    client.token = None;
    assert_eq!(client.call(Method::GET, "/api/courses", None).await.0, 200);
    assert_eq!(client.post("/api/courses", json!({"course": {"title": "T"}})).await.0, 401);
    let http = reqwest::Client::new();
    let wrong_scheme = http.get(format!("{}/api/courses", server.url())).header("authorization", "Token abc");
    assert_eq!(wrong_scheme.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn tokens_expire() {
    let options = Options { token_lifetime: Duration::from_millis(150), ..Options::default() };
    let server = StepikEmulator::start(options).await.unwrap();
    let client = Client::author(&server).await;
    assert_eq!(client.call(Method::GET, "/api/courses", None).await.0, 200);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(client.call(Method::GET, "/api/courses", None).await.0, 401);
}

#[tokio::test]
async fn authorization_code_flow_with_pkce() {
    let server = start().await;
    let held = server.credentials();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let redirect = "http://127.0.0.1:9/callback";
    // S256 of the verifier below, from RFC 7636 appendix B.
    let (verifier, challenge) =
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let url = reqwest::Url::parse_with_params(
        &format!("{}/oauth2/authorize/", server.url()),
        [
            ("response_type", "code"),
            ("client_id", &held.client_id),
            ("redirect_uri", redirect),
            ("state", "s 1"),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
        ],
    )
    .unwrap();
    let shown = http.get(url.clone()).send().await.unwrap();
    assert!(shown.text().await.unwrap().contains("<form"));
    let wrong = http.post(url.clone()).form(&[("username", held.username.as_str()), ("password", "x")]);
    assert_eq!(wrong.send().await.unwrap().status(), StatusCode::OK);
    let mut codes = Vec::new();
    for _ in 0..2 {
        let right =
            http.post(url.clone()).form(&[("username", &held.username), ("password", &held.password)]);
        let answer = right.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FOUND);
        let back = reqwest::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        let query: std::collections::HashMap<_, _> = back.query_pairs().into_owned().collect();
        assert_eq!(query["state"], "s 1");
        codes.push(query["code"].clone());
    }
    let form = |code: &str, verifier: &str| {
        [
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", redirect.to_owned()),
            ("code_verifier", verifier.to_owned()),
            ("client_id", held.client_id.clone()),
            ("client_secret", held.client_secret.clone()),
        ]
    };
    let token = format!("{}/oauth2/token/", server.url());
    let refused = http.post(&token).form(&form(&codes[0], "wrong")).send().await.unwrap();
    assert_eq!(refused.status(), 400);
    let taken = http.post(&token).form(&form(&codes[1], verifier)).send().await.unwrap();
    assert_eq!(taken.status(), 200);
    assert!(taken.json::<Value>().await.unwrap()["refresh_token"].is_string());
    let elsewhere = url.as_str().replace("127.0.0.1%3A9", "evil.example");
    assert_eq!(http.get(elsewhere).send().await.unwrap().status(), 400);
}
