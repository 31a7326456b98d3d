//! The conformance suite, on the emulator. `outcomes.txt` is what it gave; `LMS_UPDATE_OUTCOMES=1` writes it anew.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use lms_core::{LmsProvider, NewCourse};
use lms_emulator::Options;
use lms_emulator::inginious::InginiousEmulator;
use lms_inginious::{FolderCourse, InginiousBuilder, InginiousKey, SubmitBy};
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

fn outcomes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outcomes.txt")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suite_gives_what_it_gave() {
    lms_testkit::run_against(&Inginious(SubmitBy::Web), &outcomes()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_sent_by_the_api_give_the_same() {
    lms_testkit::run_against(&Inginious(SubmitBy::Api), &outcomes()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emulator_that_accepts_a_wrong_password_fails_the_suite() {
    lms_testkit::notices_accepted_wrong_secrets(&Inginious(SubmitBy::Web)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_know_what_they_write_over() {
    let server = InginiousEmulator::start(Options::default()).await.expect("the emulator starts");
    let who = server.credentials();
    let builder = InginiousBuilder::new()
        .with_base_url(&who.url)
        .with_account(&who.username, who.password.as_str())
        .with_option(InginiousKey::WebdavUrl, &who.webdav_url);
    let site = builder.build().expect("the options are sound");
    let agree = lms_testkit::uploads_know_what_they_write_over(&site, &NewCourse::default()).await;
    agree.expect("they agree on a server");
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["files", "files.zip"] {
        let course = FolderCourse::create(folder.path().join(name)).expect("a place");
        let agree = lms_testkit::uploads_know_what_they_write_over(&course, &NewCourse::default()).await;
        agree.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    }
}
