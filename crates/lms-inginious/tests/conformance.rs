//! The conformance suite, on the emulator. `outcomes.txt` is what it gave; `LMS_UPDATE_OUTCOMES=1` writes it anew.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use lms_core::LmsProvider;
use lms_emulator::Options;
use lms_emulator::inginious::InginiousEmulator;
use lms_inginious::{InginiousBuilder, SubmitBy};
use lms_testkit::{Harness, World, seed};

struct Inginious(SubmitBy);

#[async_trait]
impl Harness for Inginious {
    async fn world(&self) -> World {
        let folder = tempfile::tempdir().expect("a folder");
        let (seed, load) = seed::inginious(folder.path(), 7).expect("the seed is written");
        let options = Options { load, page_size: 3, ..Options::default() };
        let server = InginiousEmulator::start(options).await.expect("the emulator starts");
        let who = server.credentials().clone();
        let connect = |name: &str, password: &str| -> Arc<dyn LmsProvider> {
            let builder = InginiousBuilder::new()
                .with_base_url(&who.url)
                .with_account(name, password)
                .with_submit(self.0);
            Arc::new(builder.build().expect("the options are sound"))
        };
        World {
            author: connect(&who.username, &who.password),
            learner: connect(&who.learner_username, &who.learner_password),
            impostor: connect(&who.username, "not the password"),
            seed,
            log: server.log().clone(),
            faults: server.faults().clone(),
            server: Box::new(server),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suite_gives_what_it_gave() {
    let table = lms_testkit::to_text(&lms_testkit::run(&Inginious(SubmitBy::Web)).await);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outcomes.txt");
    if std::env::var_os("LMS_UPDATE_OUTCOMES").is_some() {
        std::fs::write(&path, &table).expect("the table can be written");
    }
    assert_eq!(std::fs::read_to_string(&path).expect("the table is there"), table);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_sent_by_the_api_give_the_same() {
    let web = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outcomes.txt"));
    let api = lms_testkit::to_text(&lms_testkit::run(&Inginious(SubmitBy::Api)).await);
    assert_eq!(web.expect("the table is there"), api);
}

/// The suite itself must notice a platform that lets anybody in.
#[tokio::test(flavor = "multi_thread")]
async fn an_emulator_that_accepts_a_wrong_password_fails_the_suite() {
    let case =
        lms_testkit::CASES.iter().find(|c| c.name == "accounts/a_wrong_secret_is_refused").expect("the case");
    let harness = Inginious(SubmitBy::Web);
    (case.holds)(harness.world().await).await.expect("a wrong password is refused");
    let world = harness.world().await;
    world.faults.inject("accept-wrong-secret:times=99".parse().expect("a fault"));
    let error = (case.holds)(world).await.expect_err("the planted defect is noticed");
    assert!(error.to_string().contains("was not refused"), "{error}");
}
