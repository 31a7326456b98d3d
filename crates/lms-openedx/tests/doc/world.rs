// The hidden part of the examples in the documentation: a site with one course, its author and a learner who takes part.
// Examples include it with one line.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lms_core::{EnrollOptions, LmsProviderExt, Subject};
use lms_emulator::Options;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_openedx::{OpenEdx, OpenEdxBuilder, OpenEdxKey};

/// Runs an example. The course is `course-v1:Example+ONE+demo`: chapter `sums`, sequential `seven`, vertical `question`
/// with the page `intro` and the problem `answer`, a choice of which the second is right.
pub fn run<Fut>(example: impl FnOnce(Arc<OpenEdxEmulator>, OpenEdx, OpenEdx) -> Fut)
where
    Fut: Future<Output = lms_core::Result<()>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let load = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/courses/openedx"))];
        let options = Options { load, background_delay: Duration::from_millis(1), ..Options::default() };
        let server = OpenEdxEmulator::start(options).await.expect("an emulator");
        let who = server.credentials().clone();
        let site = OpenEdxBuilder::new()
            .with_option(OpenEdxKey::LmsUrl, &who.lms_url)
            .with_option(OpenEdxKey::StudioUrl, &who.studio_url)
            .with_option(OpenEdxKey::ClientId, &who.client_id)
            .with_option(OpenEdxKey::ClientSecret, &who.client_secret);
        let signed_in = |username: &str, password: &str| {
            let site = site.clone().with_option(OpenEdxKey::Username, username);
            site.with_option(OpenEdxKey::Password, password).build().expect("a provider")
        };
        let author = signed_in(&who.username, &who.password);
        let learner = signed_in(&who.learner_username, &who.learner_password);
        let people = learner.require_enrollments().expect("enrollments");
        let course = "course-v1:Example+ONE+demo".into();
        people.enroll(&course, &Subject::Me, &EnrollOptions::default()).await.expect("enrolled");
        let server = Arc::new(server);
        example(server.clone(), author, learner).await.expect("an example that works");
    });
}
