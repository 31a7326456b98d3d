//! The conformance suite, on the emulator. `outcomes.txt` is what it gave; `LMS_UPDATE_OUTCOMES=1` writes it anew.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use lms_core::{LmsProvider, NewCourse};
use lms_emulator::Options;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_openedx::{ArchiveForm, OlxArchive, OpenEdxBuilder, OpenEdxKey};
use lms_testkit::{Harness, World, seed};

struct OpenEdx;

#[async_trait]
impl Harness for OpenEdx {
    async fn world(&self) -> World {
        let folder = tempfile::tempdir().expect("a folder");
        // More than the hundred courses that a page holds.
        let (seed, load) = seed::openedx(folder.path(), 103).expect("the seed is written");
        let options = Options { load, ..Options::default() };
        let server = OpenEdxEmulator::start(options).await.expect("the emulator starts");
        let who = server.credentials().clone();
        let connect = |secret: &str, username: &str, password: &str| -> Arc<dyn LmsProvider> {
            let builder = OpenEdxBuilder::new()
                .with_option(OpenEdxKey::LmsUrl, &who.lms_url)
                .with_option(OpenEdxKey::StudioUrl, &who.studio_url)
                .with_option(OpenEdxKey::ClientId, &who.client_id)
                .with_option(OpenEdxKey::ClientSecret, secret)
                .with_option(OpenEdxKey::Username, username)
                .with_option(OpenEdxKey::Password, password);
            Arc::new(builder.build().expect("the options are sound"))
        };
        World {
            author: connect(&who.client_secret, &who.username, &who.password),
            learner: connect(&who.client_secret, &who.learner_username, &who.learner_password),
            impostor: connect("not the secret", &who.username, &who.password),
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
    lms_testkit::run_against(&OpenEdx, &outcomes()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emulator_that_accepts_a_wrong_secret_fails_the_suite() {
    lms_testkit::notices_accepted_wrong_secrets(&OpenEdx).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_know_what_they_write_over() {
    let server = OpenEdxEmulator::start(Options::default()).await.expect("the emulator starts");
    let who = server.credentials();
    for write_by in ["archive", "blocks"] {
        let builder = OpenEdxBuilder::new()
            .with_option(OpenEdxKey::LmsUrl, &who.lms_url)
            .with_option(OpenEdxKey::StudioUrl, &who.studio_url)
            .with_option(OpenEdxKey::ClientId, &who.client_id)
            .with_option(OpenEdxKey::ClientSecret, &who.client_secret)
            .with_option(OpenEdxKey::Username, &who.username)
            .with_option(OpenEdxKey::Password, &who.password)
            .with_option(OpenEdxKey::WriteBy, write_by);
        let site = builder.build().expect("the options are sound");
        let agree = lms_testkit::uploads_know_what_they_write_over(&site, &NewCourse::default()).await;
        agree.unwrap_or_else(|error| panic!("by {write_by}: {error:?}"));
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (name, form) in [("course", ArchiveForm::Folder), ("course.tar.gz", ArchiveForm::TarGz)] {
        let archive = OlxArchive::create(folder.path().join(name), form).expect("a place");
        let agree = lms_testkit::uploads_know_what_they_write_over(&archive, &NewCourse::default()).await;
        agree.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    }
}
