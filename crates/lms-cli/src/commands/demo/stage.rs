//! The three emulated platforms of the demo, and who signs in to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use lms_core::{CourseId, Error, ErrorKind, LmsProvider, Platform, Result};
use lms_emulator::Options;
use lms_emulator::inginious::InginiousEmulator;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_emulator::stepik::StepikEmulator;

use crate::places;

/// Three servers, and a folder for the course that goes to INGInious.
pub(super) struct Theatre {
    stepik: StepikEmulator,
    openedx: OpenEdxEmulator,
    inginious: InginiousEmulator,
    folder: tempfile::TempDir,
}

const FOLDER: &str = "measuring-the-world";

impl Theatre {
    pub(super) async fn open() -> Result<Self> {
        let options = || Options { page_size: 20, ..Options::default() };
        Ok(Self {
            stepik: StepikEmulator::start(options()).await.map_err(cannot_start)?,
            openedx: OpenEdxEmulator::start(options()).await.map_err(cannot_start)?,
            inginious: InginiousEmulator::start(options()).await.map_err(cannot_start)?,
            folder: places::temporary()?,
        })
    }

    pub(super) fn stepik_url(&self) -> &str {
        self.stepik.url()
    }

    pub(super) fn openedx_url(&self) -> &str {
        self.openedx.url()
    }

    pub(super) fn inginious_url(&self) -> &str {
        self.inginious.url()
    }

    /// The author, by the application's own credentials.
    pub(super) fn stepik_author(&self) -> Result<Arc<dyn LmsProvider>> {
        let who = self.stepik.credentials();
        connect(
            Platform::Stepik,
            &[("url", &who.url), ("client_id", &who.client_id), ("client_secret", &who.client_secret)],
        )
    }

    pub(super) fn stepik_learner(&self) -> Result<Arc<dyn LmsProvider>> {
        let who = self.stepik.credentials();
        connect(
            Platform::Stepik,
            &[
                ("url", &who.url),
                ("client_id", &who.client_id),
                ("client_secret", &who.client_secret),
                ("username", &who.learner_username),
                ("password", &who.learner_password),
            ],
        )
    }

    /// The author, by name and password: reading a whole course needs Studio's session.
    pub(super) fn openedx_author(&self) -> Result<Arc<dyn LmsProvider>> {
        let who = self.openedx.credentials();
        self.openedx_as(&who.username, &who.password)
    }

    pub(super) fn openedx_learner(&self) -> Result<Arc<dyn LmsProvider>> {
        let who = self.openedx.credentials();
        self.openedx_as(&who.learner_username, &who.learner_password)
    }

    fn openedx_as(&self, username: &str, password: &str) -> Result<Arc<dyn LmsProvider>> {
        let who = self.openedx.credentials();
        connect(
            Platform::OpenEdx,
            &[
                ("lms_url", &who.lms_url),
                ("studio_url", &who.studio_url),
                ("client_id", &who.client_id),
                ("client_secret", &who.client_secret),
                ("username", username),
                ("password", password),
            ],
        )
    }

    /// The folder that the INGInious course is written to.
    pub(super) fn course_folder(&self) -> Result<Arc<dyn LmsProvider>> {
        Ok(Arc::new(lms::inginious::FolderCourse::create(self.folder.path().join(FOLDER))?))
    }

    /// Puts the folder onto the server.
    pub(super) fn load_course_folder(&self) -> Result<CourseId> {
        let id = self.inginious.load_course(&self.folder.path().join(FOLDER)).map_err(cannot_start)?;
        Ok(id.into())
    }

    pub(super) fn inginious_learner(&self) -> Result<Arc<dyn LmsProvider>> {
        let who = self.inginious.credentials();
        connect(
            Platform::Inginious,
            &[("url", &who.url), ("username", &who.learner_username), ("password", &who.learner_password)],
        )
    }

    pub(super) async fn close(self) {
        self.stepik.stop().await;
        self.openedx.stop().await;
        self.inginious.stop().await;
    }
}

fn connect(platform: Platform, options: &[(&str, &str)]) -> Result<Arc<dyn LmsProvider>> {
    let options: BTreeMap<String, String> =
        options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    lms::connect(platform, options)
}

fn cannot_start(error: lms_emulator::EmulatorError) -> Error {
    Error::new(ErrorKind::Unavailable, "the emulator refused").with_source(error)
}
