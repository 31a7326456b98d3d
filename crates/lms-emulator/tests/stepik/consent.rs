//! The page on which a user approves or refuses an application.

use std::collections::HashMap;

use lms_emulator::stepik::{LoginThrottle, Pkce, StepikEmulator, Switches};
use reqwest::{StatusCode, Url};
use serde_json::Value;

use crate::client::{start, start_with};

const BACK: &str = "http://127.0.0.1:9/callback";

fn http() -> reqwest::Client {
    let stay = reqwest::redirect::Policy::none();
    reqwest::Client::builder().cookie_store(true).redirect(stay).build().unwrap()
}

fn page(server: &StepikEmulator, more: &[(&str, &str)]) -> Url {
    let mut pairs = vec![("client_id", server.credentials().client_id.as_str()), ("redirect_uri", BACK)];
    pairs.push(("state", "s 1"));
    pairs.extend(more);
    Url::parse_with_params(&format!("{}/oauth2/authorize/", server.url()), pairs).unwrap()
}

/// Where the browser is sent, as (query, fragment).
async fn sent(answer: reqwest::Response) -> (HashMap<String, String>, HashMap<String, String>) {
    assert_eq!(answer.status(), StatusCode::FOUND);
    let back = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    assert!(back.as_str().starts_with(BACK), "{back}");
    let fragment = back.fragment().unwrap_or_default().as_bytes().to_vec();
    (back.query_pairs().into_owned().collect(), url::form_urlencoded::parse(&fragment).into_owned().collect())
}

fn account(server: &StepikEmulator) -> [(&'static str, String); 3] {
    let held = server.credentials();
    [
        ("username", held.learner_username.clone()),
        ("password", held.learner_password.clone()),
        ("allow", "Authorize".to_owned()),
    ]
}

#[tokio::test]
async fn a_browser_approves_or_refuses() {
    let server = start().await;
    let code = page(&server, &[("response_type", "code"), ("scope", "read")]);
    let shown = http().get(code.clone()).send().await.unwrap();
    assert!(shown.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let html = shown.text().await.unwrap();
    for part in [
        "<form method=\"post\">",
        "name=\"username\"",
        "name=\"password\"",
        "name=\"deny\"",
        "It asks for: read<",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    let refused = http().post(code.clone()).form(&[("deny", "Cancel")]).send().await.unwrap();
    let (query, _) = sent(refused).await;
    assert_eq!((query["error"].as_str(), query["state"].as_str()), ("access_denied", "s 1"));
    let wrong = http().post(code.clone()).form(&[("username", "x"), ("password", "y")]).send().await.unwrap();
    assert_eq!(wrong.status(), 200);
    assert!(wrong.text().await.unwrap().contains("incorrect"));
    let (query, _) = sent(http().post(code.clone()).form(&account(&server)).send().await.unwrap()).await;
    assert!(query.contains_key("code"));

    // The implicit grant gives the token in the fragment.
    let implicit = page(&server, &[("response_type", "token")]);
    let (query, fragment) = sent(http().post(implicit).form(&account(&server)).send().await.unwrap()).await;
    assert!(!query.contains_key("access_token"));
    assert_eq!((fragment["token_type"].as_str(), fragment["expires_in"].as_str()), ("Bearer", "36000"));
    let me = http().get(format!("{}/api/stepics/1", server.url())).bearer_auth(&fragment["access_token"]);
    let me: Value = me.send().await.unwrap().json().await.unwrap();
    assert_eq!(me["users"][0]["first_name"], "Lea");
    let other = page(&server, &[("response_type", "magic")]);
    assert_eq!(sent(http().get(other).send().await.unwrap()).await.0["error"], "unsupported_response_type");
}

#[tokio::test]
async fn an_application_may_be_held_to_one_grant_and_to_pkce() {
    let switches = Switches {
        only_grant: Some("authorization_code"),
        pkce: Pkce::Required,
        login_throttle: Some(LoginThrottle { after: 1, status: 497 }),
        ..Switches::default()
    };
    let server = start_with(switches).await;
    let bare = page(&server, &[("response_type", "code")]);
    assert_eq!(sent(http().get(bare).send().await.unwrap()).await.0["error"], "invalid_request");
    let implicit = page(&server, &[("response_type", "token")]);
    assert_eq!(sent(http().get(implicit).send().await.unwrap()).await.1["error"], "unauthorized_client");
    let token = format!("{}/oauth2/token/", server.url());
    let held = server.credentials();
    let ask = async |form: &[(&str, &str)]| {
        let request = http().post(&token).basic_auth(&held.client_id, Some(&held.client_secret)).form(form);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["error"].clone())
    };
    assert_eq!(ask(&[("grant_type", "client_credentials")]).await, (400, "unauthorized_client".into()));

    // The throttle counts wrong passwords at every door.
    let pkce = page(&server, &[("response_type", "code"), ("code_challenge", "x")]);
    let wrong = [("username", held.username.as_str()), ("password", "no")];
    assert_eq!(http().post(pkce.clone()).form(&wrong).send().await.unwrap().status(), 200);
    let right = [("username", held.username.as_str()), ("password", held.password.as_str())];
    assert_eq!(http().post(pkce.clone()).form(&right).send().await.unwrap().status(), 200);
    let (query, _) = sent(http().post(pkce).form(&account(&server)).send().await.unwrap()).await;
    assert!(query.contains_key("code"));
}

#[tokio::test]
async fn too_many_wrong_passwords_close_an_account() {
    for status in [429, 497] {
        let throttle = LoginThrottle { after: 2, status };
        let server = start_with(Switches { login_throttle: Some(throttle), ..Switches::default() }).await;
        let held = server.credentials();
        let token = async |user: &str, password: &str| {
            let form = [("grant_type", "password"), ("username", user), ("password", password)];
            let request = http().post(format!("{}/oauth2/token/", server.url())).form(&form);
            let request = request.basic_auth(&held.client_id, Some(&held.client_secret));
            request.send().await.unwrap().status().as_u16()
        };
        let name = held.username.as_str();
        assert_eq!((token(name, "x").await, token(name, "y").await), (401, 401));
        assert_eq!(token(name, &held.password).await, status);
        assert_eq!(token(&held.learner_username, &held.learner_password).await, 200);
    }
}

#[tokio::test]
async fn a_session_is_asked_once_or_never() {
    for skips_consent in [false, true] {
        let server = start_with(Switches { skips_consent, ..Switches::default() }).await;
        let (held, http, url) = (server.credentials(), http(), server.url());
        let home = http.get(format!("{url}/")).send().await.unwrap();
        let csrf = home.cookies().find(|c| c.name() == "csrftoken").unwrap().value().to_owned();
        let login = http.post(format!("{url}/api/users/login")).header("x-csrftoken", csrf);
        let login = login.header("referer", format!("{url}/"));
        let body = serde_json::json!({"email": held.username, "password": held.password});
        assert_eq!(login.json(&body).send().await.unwrap().status(), 204);
        let answer = http.get(page(&server, &[("response_type", "code")])).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), if skips_consent { 302 } else { 200 });
        if skips_consent {
            assert!(sent(answer).await.0.contains_key("code"));
        }
        // Signed out, the same page asks for a password again.
        let cookies = http.get(format!("{url}/api/stepics/1")).send().await.unwrap();
        assert_eq!(cookies.json::<Value>().await.unwrap()["users"][0]["is_guest"], false);
    }
}

#[tokio::test]
async fn a_social_network_may_vouch() {
    let server = start().await;
    let held = server.credentials();
    let learner = crate::client::Client::learner(&server).await;
    learner.create("social-accounts", serde_json::json!({"provider": "vk", "uid": "u1"})).await;
    let ask = async |fields: &[(&str, &str)]| {
        let mut form = vec![("provider", "vk"), ("grant_type", "authorization_code"), ("redirect_uri", BACK)];
        form.extend(fields);
        let request = http().post(format!("{}/oauth2/social-token/", server.url())).form(&form);
        let request = request.basic_auth(&held.client_id, Some(&held.client_secret));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, body) = ask(&[("code", "u1"), ("scope", "read")]).await;
    assert_eq!((status, &body["scope"], body["refresh_token"].is_string()), (200, &"read".into(), true));
    assert_eq!(ask(&[("code", "u2")]).await.1["error"], "social_signup_without_email");
    let known = held.username.as_str();
    let (status, body) = ask(&[("code", "u2"), ("email", known)]).await;
    assert_eq!((status, &body["error"]), (401, &"social_signup_with_existing_email".into()));
    assert_eq!((&body["email"], &body["provider"]), (&known.into(), &"vk".into()));
    assert_eq!(ask(&[("code", "u2"), ("email", "new@example.test")]).await.0, 200);
    // The second time the account is there.
    assert_eq!(ask(&[("code", "u2")]).await.0, 200);
    let stranger = http().post(format!("{}/oauth2/social-token/", server.url())).form(&[("code", "u1")]);
    assert_eq!(stranger.send().await.unwrap().status(), 401);
}
