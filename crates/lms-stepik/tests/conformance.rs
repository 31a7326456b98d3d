//! The conformance suite, on the emulator. `outcomes.txt` is what it gave; `LMS_UPDATE_OUTCOMES=1` writes it anew.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use lms_core::{LmsProvider, NewCourse};
use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;
use lms_stepik::StepikBuilder;
use lms_testkit::{Harness, World, seed};

struct Stepik;

#[async_trait]
impl Harness for Stepik {
    async fn world(&self) -> World {
        let folder = tempfile::tempdir().expect("a folder");
        let (seed, load) = seed::stepik(folder.path(), 7).expect("the seed is written");
        let options = Options { load, page_size: 3, ..Options::default() };
        let server = StepikEmulator::start(options).await.expect("the emulator starts");
        let who = server.credentials().clone();
        let connect = |secret: &str, account: Option<(&str, &str)>| -> Arc<dyn LmsProvider> {
            let mut builder =
                StepikBuilder::new().with_base_url(&who.url).with_client(&who.client_id, secret);
            if let Some((username, password)) = account {
                builder = builder.with_password(username, password);
            }
            Arc::new(builder.build().expect("the options are sound"))
        };
        World {
            author: connect(&who.client_secret, None),
            learner: connect(&who.client_secret, Some((&who.learner_username, &who.learner_password))),
            impostor: connect("not the secret", None),
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
    lms_testkit::run_against(&Stepik, &outcomes()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emulator_that_accepts_a_wrong_secret_fails_the_suite() {
    lms_testkit::notices_accepted_wrong_secrets(&Stepik).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_upload_gets_a_place_of_its_own() {
    let world = Stepik.world().await;
    let new = NewCourse::default();
    lms_testkit::uploads_know_what_they_write_over(world.author.as_ref(), &new).await.expect("they agree");
}
