//! Every way to sign in, and what becomes of tokens that end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use lms_core::*;
use lms_emulator::stepik::StepikEmulator;
use lms_emulator::{FaultKind, FaultRule, Options};
use lms_http::{
    Client, Grant, HttpOptions, Method, Redirects, Route, Safety, StoredTokens, TokenPlace, TokenStore,
    Tokens,
};
use lms_stepik::{Stepik, StepikBuilder};

use crate::{author, start};

async fn name(stepik: &Stepik) -> Result<String> {
    Ok(stepik.accounts().expect("accounts").me().await?.name.unwrap_or_default())
}

fn builder(server: &StepikEmulator) -> StepikBuilder {
    StepikBuilder::new().with_base_url(server.url())
}

fn application(server: &StepikEmulator) -> StepikBuilder {
    let who = server.credentials();
    builder(server).with_client(&who.client_id, who.client_secret.as_str())
}

/// What a browser does at the address of [`StepikBuilder::authorize`]: signs in, and is sent back.
async fn browser(server: &StepikEmulator, address: &str) -> String {
    let client = Client::builder(Platform::Stepik, server.url().parse().expect("an address"))
        .redirects(Redirects::Return)
        .build()
        .expect("a client");
    let who = server.credentials();
    let form = [("username", who.learner_username.as_str()), ("password", who.learner_password.as_str())];
    let request =
        client.request(Method::Post, Route::given(address), Safety::Once).expect(&[302]).form(&form);
    let answer = request.send().await.expect("a redirect");
    answer.header("location").expect("an address").to_owned()
}

#[derive(Debug, Default)]
struct Kept(Mutex<Vec<Tokens>>);

#[async_trait]
impl TokenStore for Kept {
    async fn load(&self, _name: &str) -> Result<Option<StoredTokens>> {
        Ok(None)
    }

    async fn save(&self, _name: &str, tokens: &StoredTokens) -> Result<()> {
        self.0.lock().expect("a list").push(tokens.tokens.clone());
        Ok(())
    }

    async fn forget(&self, _name: &str) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn an_application_signs_in_as_its_owner() {
    let server = start().await;
    assert_eq!(name(&author(&server)).await.expect("me"), "Ada Author");
    let wrong = builder(&server).with_client(&server.credentials().client_id, "not the secret");
    let refused = name(&wrong.build().expect("a provider")).await.expect_err("a wrong secret");
    assert_eq!(refused.kind(), ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn a_person_allows_it_in_the_browser_and_the_sign_in_is_renewed() {
    // Tokens that end soon, so that a later call renews.
    let options = Options { token_lifetime: Duration::from_millis(1_500), ..Options::default() };
    let server = StepikEmulator::start(options).await.expect("an emulator");
    const BACK: &str = "http://127.0.0.1:9/back";
    let begun = application(&server).authorize(BACK).expect("an address");
    assert!(!begun.url.as_str().contains("code_challenge"), "no PKCE: {}", begun.url);
    let back = browser(&server, begun.url.as_str()).await;
    // It checks that the browser brings back the `state` that was given.
    let Ok(Grant::AuthorizationCode { code, .. }) = begun.grant(&back) else { panic!("no code in {back}") };
    let kept = Arc::new(Kept::default());
    let tokens = Some(TokenPlace { store: kept.clone(), name: "stepik".to_owned() });
    let http = HttpOptions { tokens, ..HttpOptions::default() };
    let stepik = application(&server).with_code(code.clone(), BACK).with_http(http).build().expect("it");
    assert_eq!(name(&stepik).await.expect("me"), "Lea Learner");
    tokio::time::sleep(Duration::from_millis(1_600)).await;
    assert_eq!(name(&stepik).await.expect("renewed"), "Lea Learner");
    let tokens = kept.0.lock().expect("a list").clone();
    assert!(tokens.len() >= 2, "the code, then the refresh token");
    // A later run goes on with the newest refresh token; older ones and the code are spent.
    let last = tokens.last().and_then(|tokens| tokens.refresh.clone()).expect("a refresh token");
    let later = application(&server).with_refresh_token(last).build().expect("a provider");
    assert_eq!(name(&later).await.expect("me"), "Lea Learner");
    let again = application(&server).with_code(code, BACK).build().expect("a provider");
    assert_eq!(name(&again).await.expect_err("spent").kind(), ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn a_person_signs_in_with_a_password_or_a_session() {
    let server = start().await;
    let who = server.credentials();
    let password = application(&server).with_password(&who.learner_username, who.learner_password.as_str());
    assert_eq!(name(&password.build().expect("a provider")).await.expect("me"), "Lea Learner");
    let session = builder(&server).with_session(&who.learner_username, who.learner_password.as_str());
    let session = session.build().expect("a provider");
    assert_eq!(name(&session).await.expect("me"), "Lea Learner");
    assert!(session.requests().write >= 1, "the sign-in is counted");
    // Writes in a session carry the proof against forged ones.
    let id = session.authoring().expect("authoring");
    id.create_course(&Course::new("c", "Own"), &NewCourse::default()).await.expect("a course");
    for wrong in [
        application(&server).with_password(&who.learner_username, "wrong"),
        builder(&server).with_session(&who.learner_username, "wrong"),
    ] {
        let refused = name(&wrong.build().expect("a provider")).await.expect_err("a wrong password");
        assert_eq!(refused.kind(), ErrorKind::Unauthenticated);
        assert!(!format!("{refused:?}").contains("wrong\""), "{refused:?}");
    }
}

#[tokio::test]
async fn a_guest_is_found_out_though_the_platform_answers_200() {
    let server = start().await;
    for stranger in [builder(&server), builder(&server).with_token("made up")] {
        let stranger = stranger.build().expect("a provider");
        server.log().clear();
        let refused = name(&stranger).await.expect_err("a guest");
        assert_eq!(refused.kind(), ErrorKind::Unauthenticated);
        assert!(refused.message().contains("sign in"), "{refused}");
        assert!(server.log().entries().iter().any(|e| e.path == "/api/stepics/1" && e.status == 200));
    }
    // What guests may see they do see.
    let courses = builder(&server).build().expect("a provider");
    courses
        .courses()
        .expect("courses")
        .list(CourseQuery::new())
        .expect("a list")
        .all()
        .await
        .expect("courses");
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_the_call_made_again() {
    let server = start().await;
    let stepik = author(&server);
    name(&stepik).await.expect("me");
    server.log().clear();
    server.faults().inject(FaultRule::once(FaultKind::ExpireToken).on_path("/api/courses"));
    let courses = stepik.courses().expect("courses").list(CourseQuery::new()).expect("a list");
    courses.all().await.expect("renewed");
    assert_eq!(server.log().count("POST", "/oauth2/token/"), 1);
    let statuses: Vec<u16> = server
        .log()
        .entries()
        .iter()
        .filter(|entry| entry.path == "/api/courses")
        .map(|entry| entry.status)
        .collect();
    assert_eq!(statuses, [401, 200]);
}
