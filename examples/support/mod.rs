//! A platform to try the examples on: an emulator with a course of one question, whichever platform is
//! compiled in. With an account of your own, build the options yourself and leave this out.

use std::any::Any;
use std::path::PathBuf;

use lms::Platform;
use lms_emulator::Options;
use lms_emulator::inginious::InginiousEmulator;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_emulator::stepik::StepikEmulator;

/// A running emulator, and how to sign in to it.
pub(crate) struct Site {
    /// Which platform.
    pub(crate) platform: Platform,
    /// What `lms::connect` needs to sign a learner in.
    #[allow(dead_code, reason = "each example signs in as one of the two")]
    pub(crate) learner: Vec<(String, String)>,
    /// What it needs to sign the course's author in.
    #[allow(dead_code, reason = "each example signs in as one of the two")]
    pub(crate) author: Vec<(String, String)>,
    /// The server; it stops when this is dropped.
    _server: Box<dyn Any>,
}

/// Starts the emulator of the first platform that is compiled in.
pub(crate) async fn site() -> Site {
    let platform = lms::platforms().into_iter().next().expect("a platform feature is on");
    let course = |name: &str| {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/courses");
        Options { load: vec![folder.join(name)], ..Options::default() }
    };
    let (server, options, learner, author): (Box<dyn Any>, Vec<(&str, String)>, _, _) = match platform {
        Platform::Stepik => {
            let server = StepikEmulator::start(course("stepik.json")).await.expect("the emulator starts");
            let who = server.credentials().clone();
            let options =
                vec![("url", who.url), ("client_id", who.client_id), ("client_secret", who.client_secret)];
            let learner = (who.learner_username, who.learner_password);
            (Box::new(server), options, learner, (who.username, who.password))
        }
        Platform::OpenEdx => {
            let server = OpenEdxEmulator::start(course("openedx")).await.expect("the emulator starts");
            let who = server.credentials().clone();
            let options = vec![
                ("lms_url", who.lms_url),
                ("client_id", who.client_id),
                ("client_secret", who.client_secret),
            ];
            let learner = (who.learner_username, who.learner_password);
            (Box::new(server), options, learner, (who.username, who.password))
        }
        _ => {
            let server = InginiousEmulator::start(course("inginious")).await.expect("the emulator starts");
            let who = server.credentials().clone();
            let learner = (who.learner_username, who.learner_password);
            (Box::new(server), vec![("url", who.url)], learner, (who.username, who.password))
        }
    };
    let signed_in = |(username, password): (String, String)| {
        let account = [("username", username), ("password", password)];
        options.iter().cloned().chain(account).map(|(key, value)| (key.to_owned(), value)).collect()
    };
    Site { platform, learner: signed_in(learner), author: signed_in(author), _server: server }
}
