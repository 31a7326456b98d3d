//! A place for a course on each platform: Stepik's emulator, an OLX folder, a folder of tasks.

use std::sync::Arc;

use lms::inginious::FolderCourse;
use lms::openedx::{ArchiveForm, OlxArchive};
use lms::{CourseId, LmsProvider, Platform, Result};
use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;
use tempfile::TempDir;

/// A course on a platform, and what keeps it there.
pub(crate) struct Hosted {
    pub(crate) provider: Arc<dyn LmsProvider>,
    pub(crate) course: CourseId,
}

/// A place for a new course.
pub(crate) struct Place {
    pub(crate) provider: Arc<dyn LmsProvider>,
    _folder: TempDir,
    _server: Option<StepikEmulator>,
}

/// A place for a new course on a platform.
pub(crate) async fn place(platform: Platform) -> Result<Place> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("course");
    let (provider, server): (Arc<dyn LmsProvider>, _) = match platform {
        Platform::Stepik => {
            let (server, provider) = stepik(Options { page_size: 20, ..Options::default() }).await;
            (provider, Some(server))
        }
        Platform::OpenEdx => (Arc::new(OlxArchive::create(&path, ArchiveForm::Folder)?), None),
        _ => (Arc::new(FolderCourse::create(&path)?), None),
    };
    Ok(Place { provider, _folder: folder, _server: server })
}

async fn stepik(options: Options) -> (StepikEmulator, Arc<dyn LmsProvider>) {
    let server = StepikEmulator::start(options).await.expect("the emulator starts");
    let who = server.credentials();
    let options = [("url", &who.url), ("client_id", &who.client_id), ("client_secret", &who.client_secret)];
    let options = options.map(|(key, value)| (key.to_owned(), value.clone()));
    let provider = lms::connect(Platform::Stepik, options).expect("the options are sound");
    (server, provider)
}
