//! Tokens, sessions, and who is refused.

use serde_json::Value;

use super::Bench;
use crate::{FaultKind, FaultRule};

async fn ask(bench: &Bench, form: &[(&str, &str)]) -> (u16, Value) {
    let answer = bench.http.post(bench.lms("/oauth2/access_token")).form(form).send().await.expect("answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn wrong_credentials_are_refused_with_the_platforms_codes() {
    let bench = Bench::new().await;
    let c = bench.edx.credentials().clone();
    let (id, secret) = (c.client_id.as_str(), c.client_secret.as_str());
    let cc = [("grant_type", "client_credentials"), ("client_id", id)];
    let (status, body) = ask(&bench, &[cc[0], cc[1], ("client_secret", "nope")]).await;
    assert_eq!((status, &body["error"]), (401, &"invalid_client".into()));
    let (status, _) = ask(&bench, &[cc[0], ("client_id", "ghost"), ("client_secret", secret)]).await;
    assert_eq!(status, 401);
    let (status, body) =
        ask(&bench, &[("grant_type", "magic"), ("client_id", id), ("client_secret", secret)]).await;
    assert_eq!((status, &body["error"]), (400, &"unsupported_grant_type".into()));
    let password =
        [("grant_type", "password"), ("client_id", id), ("client_secret", secret), ("username", "learner")];
    let (status, body) = ask(&bench, &[&password[..], &[("password", "wrong")]].concat()).await;
    assert_eq!((status, &body["error"]), (400, &"invalid_grant".into()));
    let (status, body) =
        ask(&bench, &[&password[..], &[("password", c.learner_password.as_str())]].concat()).await;
    assert_eq!((status, &body["token_type"]), (200, &"Bearer".into()));
    let refresh = body["refresh_token"].as_str().expect("refresh token").to_owned();
    let again = [
        ("grant_type", "refresh_token"),
        ("client_id", id),
        ("client_secret", secret),
        ("refresh_token", &*refresh),
    ];
    assert_eq!(ask(&bench, &again).await.0, 200);
    assert_eq!(ask(&bench, &again).await.0, 400);
    bench.edx.faults().inject(FaultRule::once(FaultKind::AcceptWrongSecret));
    assert_eq!(ask(&bench, &[cc[0], cc[1], ("client_secret", "nope")]).await.0, 200);
}

#[tokio::test]
async fn the_prefix_must_fit_the_token() {
    let bench = Bench::new().await;
    let opaque = super::token(&bench.edx, &bench.http, &[("grant_type", "client_credentials")]).await;
    let me =
        |header: String| bench.http.get(bench.lms("/api/user/v1/me")).header("Authorization", header).send();
    assert_eq!(me(format!("JWT {}", bench.token)).await.expect("answer").status(), 200);
    assert_eq!(me(format!("jwt {}", bench.token)).await.expect("answer").status(), 200);
    assert_eq!(me(format!("Bearer {opaque}")).await.expect("answer").status(), 200);
    let wrong = me(format!("Bearer {}", bench.token)).await.expect("answer");
    assert_eq!(wrong.status(), 401);
    assert_eq!(wrong.headers()["www-authenticate"], "JWT realm=\"api\"");
    assert_eq!(wrong.json::<Value>().await.expect("JSON")["error_code"], "token_nonexistent");
    assert_eq!(me(format!("JWT {opaque}")).await.expect("answer").status(), 401);
    // Views with default authentication do not look at Bearer at all.
    let runs = bench
        .http
        .get(bench.studio("/api/v1/course_runs/"))
        .header("Authorization", format!("Bearer {opaque}"));
    assert_eq!(runs.send().await.expect("answer").status(), 401);
    bench.edx.faults().inject(FaultRule::once(FaultKind::ExpireToken));
    assert_eq!(me(format!("JWT {}", bench.token)).await.expect("answer").status(), 401);
    assert_eq!(me(format!("JWT {}", bench.token)).await.expect("answer").status(), 401);
}

#[tokio::test]
async fn sessions_need_csrf_and_studio_has_its_own() {
    let bench = Bench::new().await;
    let c = bench.edx.credentials().clone();
    let login = bench.lms("/api/user/v1/account/login_session/");
    let form = [("email", c.username.as_str()), ("password", c.password.as_str())];
    assert_eq!(bench.http.post(&login).form(&form).send().await.expect("answer").status(), 403);
    let csrf = bench.csrf().await;
    let bad = [("email", c.username.as_str()), ("password", "bad")];
    let answer =
        bench.http.post(&login).header("X-CSRFToken", &csrf).form(&bad).send().await.expect("answer");
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.json::<Value>().await.expect("JSON")["error_code"], "incorrect-email-or-password");
    bench.sign_in().await;
    let me = bench.http.get(bench.lms("/api/user/v1/me")).send().await.expect("answer");
    assert_eq!(me.json::<Value>().await.expect("JSON")["username"], "author");
    // Without a session Studio's own pages lead to the sign-in page, which is a 200 of HTML.
    let other = reqwest::Client::builder().cookie_store(true).build().expect("client");
    let page = other.get(bench.studio("/home/")).send().await.expect("answer");
    assert!(page.url().path().starts_with("/login"), "{}", page.url());
    assert_eq!(page.status(), 200);
}
