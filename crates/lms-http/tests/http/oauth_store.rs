//! Tokens that outlive the process: saved first, shared with other processes, never mixed up.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::testing::ManualClock;
use lms_http::{
    Cassette, Client, Clock, FileStore, Grant, HttpOptions, OAuth, OAuthBuilder, StoredTokens, TokenPlace,
    TokenStore, Tokens,
};

use crate::oauth::{client, oauth, password, token_requests};
use crate::oauth_flight::{Fault, rotating};
use crate::server::Server;

#[derive(Debug, Default)]
struct Memory {
    kept: Mutex<BTreeMap<String, StoredTokens>>,
    saves: Mutex<Vec<String>>,
    full: AtomicBool,
}

impl Memory {
    fn put(&self, access: &str, refresh: Option<&str>, like: impl FnOnce(&StoredTokens) -> StoredTokens) {
        let mut kept = self.kept.lock().expect("store");
        let old = kept.get("stepik").expect("there");
        let mut new = like(old);
        new.tokens.access = Secret::new(access);
        new.tokens.refresh = refresh.map(Secret::new);
        kept.insert("stepik".into(), new);
    }

    fn saves(&self) -> Vec<String> {
        self.saves.lock().expect("saves").clone()
    }
}

/// The same, but issued later.
fn later(old: &StoredTokens) -> StoredTokens {
    let mut new = old.clone();
    new.issued_at += Duration::from_secs(1);
    new.tokens.expires_at = old.tokens.expires_at.map(|at| at + Duration::from_secs(3600));
    new
}

#[async_trait]
impl TokenStore for Memory {
    async fn load(&self, name: &str) -> Result<Option<StoredTokens>> {
        Ok(self.kept.lock().expect("store").get(name).cloned())
    }

    async fn save(&self, name: &str, tokens: &StoredTokens) -> Result<()> {
        // Long enough for a request that does not wait to get ahead.
        tokio::time::sleep(Duration::from_millis(20)).await;
        if self.full.load(SeqCst) {
            return Err(Error::new(ErrorKind::Io, "the disk is full").on("tokens.json"));
        }
        self.saves.lock().expect("saves").push(tokens.tokens.access.expose().to_owned());
        self.kept.lock().expect("store").insert(name.to_owned(), tokens.clone());
        Ok(())
    }

    async fn forget(&self, name: &str) -> Result<()> {
        self.kept.lock().expect("store").remove(name);
        Ok(())
    }
}

struct Bench {
    server: Server,
    clock: Arc<ManualClock>,
    store: Arc<Memory>,
}

impl Bench {
    async fn new() -> Self {
        let (server, clock) = (rotating(|_| Fault::None, |_| ()).await, Arc::new(ManualClock::default()));
        Self { server, clock, store: Arc::default() }
    }

    fn builder(&self, grant: Grant) -> OAuthBuilder {
        oauth(&self.server, &self.clock).grant(grant).store(self.store.clone(), "stepik")
    }

    /// A process of its own, as far as tokens are concerned.
    fn process(&self, grant: Grant) -> Client {
        client(&self.server, &self.clock, self.builder(grant)).0
    }

    fn asked(&self) -> usize {
        token_requests(&self.server).len()
    }
}

fn refresh() -> Grant {
    Grant::RefreshToken { token: Secret::new("ref-0") }
}

fn code() -> Grant {
    let redirect_uri = "http://127.0.0.1:9/cb".to_owned();
    Grant::AuthorizationCode { code: Secret::new("c0de"), redirect_uri, pkce_verifier: None }
}

#[tokio::test]
async fn nothing_is_sent_with_a_token_before_it_is_saved() {
    let bench = Bench::new().await;
    bench.store.full.store(true, SeqCst);
    let client = bench.process(refresh());
    for _ in 0..2 {
        let error = client.get("/x").send().await.expect_err("not saved");
        assert_eq!((error.kind(), error.platform()), (ErrorKind::Io, Some(Platform::Stepik)));
        let text = error.to_string();
        assert!(text.contains("could not be saved") && text.contains("disk is full (tokens.json)"), "{text}");
    }
    assert_eq!(bench.server.lines(), ["POST /oauth2/token/"], "asked once, and no call with the token");
    bench.store.full.store(false, SeqCst);
    client.get("/x").send().await.expect("saved at last");
    assert_eq!((bench.asked(), bench.store.saves()), (1, vec!["tok-1".to_owned()]));
}

#[tokio::test]
async fn the_next_run_goes_on_with_the_token_of_the_last() {
    let bench = Bench::new().await;
    for grant in [password(), password()] {
        bench.process(grant).get("/x").send().await.expect("answer");
        bench.clock.advance(Duration::from_secs(60));
    }
    assert_eq!(bench.asked(), 1);
    bench.clock.advance(Duration::from_secs(3600));
    bench.process(password()).get("/x").send().await.expect("answer");
    let asked = token_requests(&bench.server);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].text(), "grant_type=refresh_token&refresh_token=ref-1", "not the password again");
}

#[tokio::test]
async fn tokens_of_another_account_or_application_are_not_used() {
    let bench = Bench::new().await;
    bench.process(password()).get("/x").send().await.expect("answer");
    let grace = Grant::Password { username: "grace@example.org".into(), password: Secret::new("p") };
    let scoped = bench.builder(password()).scope("read");
    let jwt = bench.builder(password()).param("token_type", "jwt");
    let token_url = bench.server.url.join("/oauth2/token/").expect("URL");
    let app = OAuth::builder(Platform::Stepik, token_url, "other").grant(password());
    let app = app.clock(bench.clock.clone()).store(bench.store.clone(), "stepik");
    let others = [bench.builder(grace), bench.builder(Grant::ClientCredentials), scoped, jwt, app];
    for (n, other) in others.into_iter().enumerate() {
        other.build().expect("credential").tokens().await.expect("a token of its own");
        assert_eq!(bench.asked(), n + 2);
    }
    let stored = bench.builder(Grant::Stored).build().expect("credential");
    let error = stored.tokens().await.expect_err("nobody signed in with the browser");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(error.to_string().contains("sign in again"), "{error}");
}

#[tokio::test]
async fn a_code_is_a_new_sign_in_and_later_runs_need_none() {
    let bench = Bench::new().await;
    for sign_ins in 1..=2 {
        // The second one is perhaps another person's: what the first one left is not used.
        bench.process(code()).get("/x").send().await.expect("signed in");
        assert_eq!(bench.asked(), sign_ins);
    }
    let client = bench.process(Grant::Stored);
    client.get("/x").send().await.expect("goes on");
    assert_eq!(bench.asked(), 2);
    bench.clock.advance(Duration::from_secs(3600));
    client.get("/x").send().await.expect("renewed");
    assert_eq!(token_requests(&bench.server)[2].text(), "grant_type=refresh_token&refresh_token=ref-2");
}

#[tokio::test]
async fn a_token_that_another_process_renewed_is_taken_over() {
    let bench = Bench::new().await;
    let (one, two) = (bench.process(refresh()), bench.process(refresh()));
    one.get("/x").send().await.expect("answer");
    two.get("/x").send().await.expect("answer");
    assert_eq!(bench.asked(), 1, "the second found the token of the first");
    bench.clock.advance(Duration::from_secs(3600));
    one.get("/x").send().await.expect("renewed");
    two.get("/x").send().await.expect("found again");
    assert_eq!(bench.asked(), 2);
    assert_eq!(bench.store.saves(), ["tok-1", "tok-2"]);
}

#[tokio::test]
async fn a_refresh_token_used_up_by_another_process_is_looked_for_once_more() {
    // The other process has the answer to our refresh token, and saves it while ours is refused.
    let (store, clock) = (Arc::new(Memory::default()), Arc::new(ManualClock::default()));
    let seen = Arc::clone(&store);
    let server = rotating(|_| Fault::None, move |_| seen.put("tok-2", Some("ref-2"), later)).await;
    let bench = Bench { server, clock, store };
    let client = bench.process(refresh());
    client.get("/x").send().await.expect("answer");
    // What the other process does at the platform.
    bench.clock.advance(Duration::from_secs(3600));
    let grant = Grant::RefreshToken { token: Secret::new("ref-1") };
    let other = oauth(&bench.server, &bench.clock).grant(grant).build().expect("credential");
    other.tokens().await.expect("first");
    client.get("/x").send().await.expect("with the token of the other process");
    let asked: Vec<String> = token_requests(&bench.server).iter().map(|got| got.text()).collect();
    let expected = ["ref-0", "ref-1", "ref-1"].map(|t| format!("grant_type=refresh_token&refresh_token={t}"));
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn a_dead_refresh_token_is_looked_for_twice_and_then_given_up() {
    let bench = Bench::new().await;
    bench.process(code()).get("/x").send().await.expect("signed in");
    bench.store.put("tok-1", Some("dead"), Clone::clone);
    bench.clock.advance(Duration::from_secs(3600));
    let client = bench.process(Grant::Stored);
    let error = client.get("/x").send().await.expect_err("dead");
    assert!(error.to_string().contains("sign in again (no token was issued: invalid_grant)"), "{error}");
    assert_eq!(bench.clock.pauses(), [Duration::from_secs(1)], "a moment for another process to save");
    assert_eq!(bench.asked(), 2);
    let again = client.get("/x").send().await.expect_err("nothing left");
    assert!(again.to_string().contains("sign in again"), "{again}");
    assert_eq!((bench.asked(), bench.clock.pauses().len()), (2, 1), "a dead token is not sent again");
}

#[tokio::test]
async fn a_refused_token_is_not_taken_from_the_store_again_but_a_newer_one_is() {
    let bench = Bench::new().await;
    bench.process(code()).get("/x").send().await.expect("signed in");
    bench.store.put("revoked", None, later);
    bench.clock.advance(Duration::from_secs(2));
    let client = bench.process(Grant::Stored);
    let error = client.get("/x").send().await.expect_err("revoked, and no refresh token");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthenticated, Some(401)));
    let again = client.get("/x").send().await.expect_err("nothing left");
    assert!(again.to_string().contains("sign in again"), "{again}");
    let sent = bench.server.lines().len();
    // Somebody signs in anew, elsewhere.
    bench.store.put("tok-1", None, later);
    client.get("/x").send().await.expect("found");
    assert_eq!(bench.server.lines().len(), sent + 1);
}

#[tokio::test]
async fn a_file_open_to_others_stops_the_call_and_options_name_the_store() {
    let bench = Bench::new().await;
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("tokens.json");
    let place = TokenPlace { store: Arc::new(FileStore::new(&path)), name: "stepik".into() };
    let options = HttpOptions { tokens: Some(place), clock: bench.clock.clone(), ..HttpOptions::default() };
    let start = || oauth(&bench.server, &bench.clock).options(&options).grant(refresh());
    client(&bench.server, &bench.clock, start()).0.get("/x").send().await.expect("answer");
    let text = std::fs::read_to_string(&path).expect("saved");
    assert!(text.contains("tok-1") && text.contains("ref-1") && !text.contains("ref-0"), "{text}");
    #[cfg(unix)]
    {
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        std::fs::set_permissions(&path, open).expect("mode");
        let sent = bench.server.lines().len();
        let error = client(&bench.server, &bench.clock, start()).0.get("/x").send().await.expect_err("open");
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("chmod 600"), "{error}");
        assert_eq!(bench.server.lines().len(), sent, "nothing was sent");
    }
}

#[tokio::test]
async fn what_a_cassette_replays_is_not_saved() {
    let bench = Bench::new().await;
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("tape.json");
    let cassette = Cassette::record(&path).expect("a new one");
    let tokens = TokenPlace { store: bench.store.clone(), name: "stepik".into() };
    let mut options = HttpOptions {
        tokens: Some(tokens),
        clock: bench.clock.clone(),
        cassette: Some(cassette.clone()),
        ..HttpOptions::default()
    };
    let start = |options: &HttpOptions| {
        let builder = oauth(&bench.server, &bench.clock).options(options).grant(password());
        builder.build().expect("credential")
    };
    start(&options).tokens().await.expect("recorded");
    assert_eq!(bench.store.saves(), ["tok-1"], "a recording has real tokens");
    cassette.save().expect("written");
    bench.store.forget("stepik").await.expect("forgotten");
    let replayed = Cassette::replay(&path).expect("readable");
    options.cassette = Some(replayed.clone());
    let tokens = start(&options).tokens().await.expect("replayed");
    assert_ne!(tokens.access.expose(), "tok-1", "hidden in the recording");
    assert_eq!((replayed.finish().expect("all used"), bench.store.saves().len(), bench.asked()), (1, 1, 1));
}

#[tokio::test]
async fn stored_tokens_need_a_store() {
    let bench = Bench::new().await;
    let error = oauth(&bench.server, &bench.clock).grant(Grant::Stored).build().expect_err("no store");
    assert_eq!(error.kind(), ErrorKind::Config);
    let given = Tokens {
        access: Secret::new("tok-0"),
        refresh: Some(Secret::new("ref-0")),
        expires_at: Some(bench.clock.now() + Duration::from_secs(7200)),
    };
    let oauth = bench.builder(Grant::Stored).tokens(given).build().expect("credential");
    assert_eq!(oauth.tokens().await.expect("given").access.expose(), "tok-0");
    bench.clock.advance(Duration::from_secs(7200));
    assert_eq!(oauth.tokens().await.expect("renewed").access.expose(), "tok-1");
    assert_eq!(bench.store.saves(), ["tok-1"]);
}
