// The hidden part of the examples in the documentation: a server with one course, its author and a
// learner. Examples include it with one line.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;
use lms_stepik::{Stepik, StepikBuilder};

/// Runs an example. Course 67 has sections 301 and 302, lessons 1001 and 1002 in units 401 and 402, and
/// steps 501 (text), 502 (choice), 503 (number, answer 4) and 504 (text entry, answer "sum").
pub fn run<Fut>(example: impl FnOnce(Arc<StepikEmulator>, Stepik, Stepik) -> Fut)
where
    Fut: Future<Output = lms_core::Result<()>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let load = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/course.json"))];
        let options =
            Options { load, page_size: 20, background_delay: Duration::from_millis(1), ..Options::default() };
        let server = StepikEmulator::start(options).await.expect("an emulator");
        assert_eq!(server.load_notes(), [] as [String; 0]);
        let who = server.credentials().clone();
        let application = StepikBuilder::new()
            .with_base_url(server.url())
            .with_client(&who.client_id, who.client_secret.as_str());
        let author = application.clone().build().expect("a provider");
        let learner = application.with_password(&who.learner_username, who.learner_password.as_str());
        let learner = learner.build().expect("a provider");
        let server = Arc::new(server);
        example(server.clone(), author, learner).await.expect("an example that works");
    });
}
