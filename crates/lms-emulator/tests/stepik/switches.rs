//! Each switch about signing in and reading, turned away from its default.

use lms_emulator::stepik::{
    BadToken, ForeignSource, Numbers, Pkce, RefreshTokens, Registered, StepikEmulator, Switches,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, id, start_with};

async fn token(server: &StepikEmulator, form: &[(&str, &str)], secret: bool) -> (u16, Value) {
    let held = server.credentials();
    let mut request = reqwest::Client::new().post(format!("{}/oauth2/token/", server.url()));
    let mut form = form.to_vec();
    if secret {
        request = request.basic_auth(&held.client_id, Some(&held.client_secret));
    } else {
        form.push(("client_id", &held.client_id));
    }
    let answer = request.form(&form).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn refresh_tokens_may_stay_and_refusals_be_a_400() {
    let switches =
        Switches { refresh_tokens: RefreshTokens::Keep, bad_grant_status: 400, ..Switches::default() };
    let server = start_with(switches).await;
    let held = server.credentials();
    let sign_in = [("grant_type", "password"), ("username", &held.username), ("password", &held.password)];
    let (_, body) = token(&server, &sign_in, true).await;
    let refresh =
        [("grant_type", "refresh_token"), ("refresh_token", body["refresh_token"].as_str().unwrap())];
    for _ in 0..2 {
        let (status, body) = token(&server, &refresh, true).await;
        assert_eq!((status, body.get("refresh_token")), (200, None));
    }
    let (status, body) = token(&server, &[("grant_type", "password"), ("username", "x")], true).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
    assert_eq!(token(&server, &[("grant_type", "client_credentials")], false).await.0, 400);
}

#[tokio::test]
async fn a_public_client_has_no_secret() {
    let server = start_with(Switches { is_public_client: true, ..Switches::default() }).await;
    let held = server.credentials();
    let sign_in = [("grant_type", "password"), ("username", &held.username), ("password", &held.password)];
    let (status, body) = token(&server, &sign_in, false).await;
    assert_eq!(status, 200);
    let refresh =
        [("grant_type", "refresh_token"), ("refresh_token", body["refresh_token"].as_str().unwrap())];
    assert_eq!(token(&server, &refresh, false).await.0, 200);
    let (status, body) = token(&server, &[("grant_type", "client_credentials")], false).await;
    assert_eq!((status, &body["error"]), (400, &json!("unauthorized_client")));
}

#[tokio::test]
async fn a_challenge_may_be_ignored() {
    for (pkce, due) in [(Pkce::Ignored, 200), (Pkce::WhenOffered, 400)] {
        let server = start_with(Switches { pkce, ..Switches::default() }).await;
        let held = server.credentials();
        let stay = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().redirect(stay).build().unwrap();
        let back = "http://127.0.0.1:9/";
        let ask = [
            ("response_type", "code"),
            ("client_id", &held.client_id),
            ("redirect_uri", back),
            ("code_challenge", "abc"),
        ];
        let page =
            reqwest::Url::parse_with_params(&format!("{}/oauth2/authorize/", server.url()), ask).unwrap();
        let form = [("username", &held.username), ("password", &held.password)];
        let answer = http.post(page).form(&form).send().await.unwrap();
        let sent = reqwest::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        let code = sent.query_pairs().find(|(key, _)| key == "code").unwrap().1.into_owned();
        let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", back)];
        assert_eq!(token(&server, &form, true).await.0, due, "{pkce:?}");
    }
}

#[tokio::test]
async fn a_bad_token_may_be_refused_everywhere() {
    let server = start_with(Switches { bad_token: BadToken::Unauthorized, ..Switches::default() }).await;
    let mut client = Client::guest(&server);
    assert_eq!(client.get("/api/stepics/1").await["users"][0]["is_guest"], true);
    client.token = Some("stale".to_owned());
    assert_eq!(client.refused("/api/stepics/1").await, 401);
}

#[tokio::test]
async fn a_registration_may_say_nothing() {
    let server = start_with(Switches { registered: Registered::Empty, ..Switches::default() }).await;
    let url = server.url();
    let http = reqwest::Client::builder().cookie_store(true).build().unwrap();
    let home = http.get(format!("{url}/")).send().await.unwrap();
    let csrf = home.cookies().find(|cookie| cookie.name() == "csrftoken").unwrap().value().to_owned();
    let post = async |user: Value| {
        let request = http.post(format!("{url}/api/users")).header("x-csrftoken", &csrf);
        let answer =
            request.header("referer", format!("{url}/")).json(&json!({ "user": user })).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let user = json!({"first_name": "Zoe", "last_name": "Doe", "email": "zoe@example.test", "password": "s3cret-pass"});
    assert_eq!(post(user.clone()).await, (204, String::new()));
    let (status, body) = post(user).await;
    assert!(status == 400 && body.contains("email"), "{body}");
    let (status, body) =
        post(json!({"email": "no", "first_name": "x".repeat(40), "last_name": 5, "password": "a"})).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    for field in ["email", "first_name", "last_name", "password"] {
        assert_eq!((status, body[field].is_array()), (400, true), "{field}");
    }
    let form = [("grant_type", "password"), ("username", "zoe@example.test"), ("password", "s3cret-pass")];
    assert_eq!(token(&server, &form, true).await.0, 200);
    // The form says which field is wrong, and keeps what was typed.
    let page = format!("{url}/accounts/signup/?next=/");
    let form = [
        ("first_name", "Zo\"e"),
        ("email", "zoe@example.test"),
        ("password1", "a"),
        ("password2", "a"),
        ("csrfmiddlewaretoken", &csrf),
    ];
    let shown =
        http.post(&page).header("referer", &page).form(&form).send().await.unwrap().text().await.unwrap();
    for part in ["id=\"id_email_error\"", "id=\"id_password1_error\"", "value=\"Zo&quot;e\""] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert!(!shown.contains("id_first_name_error"));
}

#[tokio::test]
async fn a_foreign_step_source_may_be_hidden() {
    for (foreign_source, due) in
        [(ForeignSource::Forbidden, 403), (ForeignSource::NotFound, 404), (ForeignSource::EmptyList, 200)]
    {
        let server = start_with(Switches { foreign_source, ..Switches::default() }).await;
        let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
        let step = id(&author.step(author.lesson().await, json!({"name": "text", "text": "x"})).await);
        let (status, body) = learner.call(Method::GET, &format!("/api/step-sources/{step}"), None).await;
        assert_eq!(status, due);
        if due == 200 {
            assert_eq!(body["step-sources"], json!([]));
        }
        assert_eq!(learner.refused("/api/step-sources/5").await, 404);
        assert_eq!(learner.refused(&format!("/api/steps/{step}")).await, 200);
    }
}

#[tokio::test]
async fn numbers_may_be_texts() {
    let server = start_with(Switches { numbers: Numbers::Text, ..Switches::default() }).await;
    let client = Client::author(&server).await;
    let lesson = client.lesson().await;
    let block = json!({"name": "number", "source": {"options": [{"answer": "4", "max_error": "0"}]}});
    let made = client.create("step-sources", json!({"lesson": lesson, "block": block, "cost": 1})).await;
    let step = id(&client.prepared(id(&made)).await);
    let before = client.get(&format!("/api/progresses/77-{step}")).await["progresses"][0].clone();
    assert_eq!(before["score"], "0");
    let attempt = client.attempt(step).await;
    let sent = client.create("submissions", json!({"attempt": id(&attempt), "reply": {"number": "4"}})).await;
    assert_eq!((&sent["score"], &sent["eta"]), (&json!("0.0"), &json!("1")));
    tokio::time::sleep(std::time::Duration::from_millis(80)).await;
    let done = client.get(&format!("/api/progresses/77-{step}")).await["progresses"][0].clone();
    assert_eq!(
        (&done["score"], done["last_viewed"].is_string(), &done["cost"]),
        (&json!("1.0"), true, &json!(1))
    );
}
