//! Every way of signing in, against the emulated LMS.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use lms_core::*;
use lms_emulator::Options;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_http::{
    Client, Csrf, HttpOptions, Method, Redirects, Route, Safety, Session, SignIn, StoredTokens, TokenPlace,
    TokenStore, Tokens,
};
use lms_openedx::{OpenEdx, OpenEdxBuilder, OpenEdxKey};

async fn start() -> OpenEdxEmulator {
    OpenEdxEmulator::start(Options::default()).await.expect("an emulator")
}

fn builder(server: &OpenEdxEmulator) -> OpenEdxBuilder {
    let who = server.credentials();
    OpenEdxBuilder::new()
        .with_option(OpenEdxKey::LmsUrl, &who.lms_url)
        .with_option(OpenEdxKey::ClientId, &who.client_id)
        .with_option(OpenEdxKey::ClientSecret, &who.client_secret)
}

async fn me(edx: &OpenEdx) -> Result<String> {
    Ok(edx.require_accounts()?.me().await?.id.to_string())
}

/// Notes every token that is kept, and gives none back.
#[derive(Debug, Default)]
struct Kept(Mutex<Vec<Tokens>>);

impl Kept {
    fn last(&self) -> Tokens {
        self.0.lock().expect("a lock").last().expect("tokens").clone()
    }

    fn refresh(&self) -> Secret {
        self.last().refresh.expect("a refresh token")
    }
}

#[async_trait]
impl TokenStore for Kept {
    async fn load(&self, _name: &str) -> Result<Option<StoredTokens>> {
        Ok(None)
    }

    async fn save(&self, _name: &str, tokens: &StoredTokens) -> Result<()> {
        self.0.lock().expect("a lock").push(tokens.tokens.clone());
        Ok(())
    }

    async fn forget(&self, _name: &str) -> Result<()> {
        Ok(())
    }
}

fn keeping(kept: &Arc<Kept>) -> HttpOptions {
    let tokens = Some(TokenPlace { store: kept.clone(), name: "test".into() });
    HttpOptions { tokens, ..HttpOptions::default() }
}

/// What a person does in the browser.
#[derive(Debug)]
struct Person(String, String);

#[async_trait]
impl SignIn for Person {
    async fn sign_in(&self, client: &Client) -> Result<()> {
        let form = [("email", self.0.as_str()), ("password", self.1.as_str())];
        let path = "/api/user/v1/account/login_session/";
        client.request(Method::Post, path, Safety::Repeatable).sensitive().form(&form).send().await.map(drop)
    }
}

/// Opens the address that the application gave, signs in, and gives the code that comes back.
async fn browse(server: &OpenEdxEmulator, address: &str) -> String {
    let who = server.credentials();
    let client = || {
        let base = who.lms_url.parse().expect("an address");
        Client::builder(Platform::OpenEdx, base).redirects(Redirects::Return)
    };
    let person = Person(who.learner_username.clone(), who.learner_password.clone());
    let session = Session::builder(client())
        .csrf(Csrf::django("/csrf/api/v1/token"))
        .sign_in(Arc::new(person))
        .build()
        .expect("a session");
    let answer =
        session.serve(client()).expect("a browser").get(Route::given(address)).expect(&[302]).send().await;
    let answer = answer.expect("sent back");
    let back = answer.header("location").expect("an address").to_owned();
    let (_, query) = back.split_once('?').expect("a query");
    let code = query.split('&').find_map(|pair| pair.strip_prefix("code=")).expect("a code");
    code.to_owned()
}

#[tokio::test]
async fn a_code_from_the_browser_signs_in_once_and_its_refresh_token_goes_on() {
    const BACK: &str = "http://127.0.0.1:7777/callback";
    let server = start().await;
    let begun = builder(&server).authorize(BACK).expect("an address");
    let code = browse(&server, begun.url.as_str()).await;
    let kept = Arc::new(Kept::default());
    let edx = builder(&server).with_code(code.as_str(), BACK).with_http(keeping(&kept));
    assert_eq!(me(&edx.build().expect("a provider")).await.expect("me"), "learner");
    let again = builder(&server).with_code(code.as_str(), BACK).build().expect("a provider");
    assert_eq!(me(&again).await.expect_err("used").kind(), ErrorKind::Unauthenticated);

    let first = kept.refresh();
    let resumed = |token: &Secret| {
        let builder = builder(&server).with_option(OpenEdxKey::RefreshToken, token.expose());
        builder.with_http(keeping(&kept)).build().expect("a provider")
    };
    assert_eq!(me(&resumed(&first)).await.expect("me"), "learner");
    // It works once, and the next one is kept.
    assert_eq!(me(&resumed(&first)).await.expect_err("used").kind(), ErrorKind::Unauthenticated);
    assert_ne!(kept.refresh().expose(), first.expose());
    assert_eq!(me(&resumed(&kept.refresh())).await.expect("me"), "learner");
}

#[tokio::test]
async fn a_code_counts_for_its_own_address_only() {
    let server = start().await;
    let begun = builder(&server).authorize("http://127.0.0.1:7777/callback").expect("an address");
    let code = browse(&server, begun.url.as_str()).await;
    let elsewhere = builder(&server).with_code(code.as_str(), "http://127.0.0.1:8888/").build();
    let error = me(&elsewhere.expect("a provider")).await.expect_err("another address");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn opaque_tokens_are_sent_as_bearer() {
    let server = start().await;
    let who = server.credentials();
    let builder = builder(&server)
        .with_option(OpenEdxKey::Username, &who.learner_username)
        .with_option(OpenEdxKey::Password, &who.learner_password)
        .with_option(OpenEdxKey::TokenScheme, "Bearer");
    let kept = Arc::new(Kept::default());
    let edx = builder.with_http(keeping(&kept)).build().expect("a provider");
    assert_eq!(me(&edx).await.expect("me"), "learner");
    let opaque = kept.last().access;
    assert!(!opaque.expose().contains('.'), "no JWT was asked for");
    // The same token under the other scheme is nobody's (reference openedx.md 1.3).
    let with = |scheme: &str| {
        let builder = OpenEdxBuilder::new()
            .with_option(OpenEdxKey::LmsUrl, &who.lms_url)
            .with_option(OpenEdxKey::Token, opaque.expose())
            .with_option(OpenEdxKey::TokenScheme, scheme);
        builder.build().expect("a provider")
    };
    assert_eq!(me(&with("Bearer")).await.expect("me"), "learner");
    assert_eq!(me(&with("JWT")).await.expect_err("the wrong scheme").kind(), ErrorKind::Unauthenticated);
}
