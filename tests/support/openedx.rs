//! An emulated Open edX and its author.

use std::sync::Arc;
use std::time::Duration;

use lms::{LmsProvider, Platform};
use lms_emulator::Options;
use lms_emulator::openedx::OpenEdxEmulator;

/// One, with more options of the author's.
pub(crate) async fn site(more: &[(&str, &str)]) -> (OpenEdxEmulator, Arc<dyn LmsProvider>) {
    let options = Options { background_delay: Duration::from_millis(1), ..Options::default() };
    let server = OpenEdxEmulator::start(options).await.expect("it starts");
    let who = server.credentials();
    let options = [
        ("lms_url", who.lms_url.as_str()),
        ("studio_url", &who.studio_url),
        ("client_id", &who.client_id),
        ("client_secret", &who.client_secret),
        ("username", &who.username),
        ("password", &who.password),
    ];
    let options = options.iter().chain(more).map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let provider = lms::connect(Platform::OpenEdx, options).expect("the options are sound");
    (server, provider)
}
