//! A platform to migrate to, and the command that does it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use lms::openedx::{ArchiveForm, OlxArchive};
use lms_core::{Course, CourseId, CourseLink, LmsProvider, NewCourse, Platform};
use lms_emulator::inginious::InginiousEmulator;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_emulator::stepik::StepikEmulator;
use lms_emulator::{Faults, Options, RequestLog};
use lms_migrate::{Quiet, apply, plan};
use tokio::process::{Child, Command};

use crate::sample::Sample;

/// One emulator.
pub(crate) enum Site {
    Stepik(StepikEmulator),
    OpenEdx(OpenEdxEmulator),
    Inginious(InginiousEmulator),
}

impl Site {
    pub(crate) async fn start(platform: Platform) -> Self {
        let options =
            Options { page_size: 100, background_delay: Duration::from_millis(5), ..Options::default() };
        match platform {
            Platform::Stepik => Self::Stepik(StepikEmulator::start(options).await.expect("Stepik starts")),
            Platform::OpenEdx => {
                Self::OpenEdx(OpenEdxEmulator::start(options).await.expect("Open edX starts"))
            }
            _ => Self::Inginious(InginiousEmulator::start(options).await.expect("INGInious starts")),
        }
    }

    pub(crate) fn log(&self) -> &RequestLog {
        match self {
            Self::Stepik(site) => site.log(),
            Self::OpenEdx(site) => site.log(),
            Self::Inginious(site) => site.log(),
        }
    }

    pub(crate) fn faults(&self) -> &Faults {
        match self {
            Self::Stepik(site) => site.faults(),
            Self::OpenEdx(site) => site.faults(),
            Self::Inginious(site) => site.faults(),
        }
    }

    pub(crate) fn platform(&self) -> Platform {
        match self {
            Self::Stepik(_) => Platform::Stepik,
            Self::OpenEdx(_) => Platform::OpenEdx,
            Self::Inginious(_) => Platform::Inginious,
        }
    }

    /// The author's options, by key.
    pub(crate) fn options(&self) -> BTreeMap<String, String> {
        let pairs: Vec<(&str, String)> = match self {
            Self::Stepik(site) => {
                let who = site.credentials().clone();
                vec![("url", who.url), ("client_id", who.client_id), ("client_secret", who.client_secret)]
            }
            Self::OpenEdx(site) => {
                let who = site.credentials().clone();
                vec![
                    ("lms_url", who.lms_url),
                    ("studio_url", who.studio_url),
                    ("client_id", who.client_id),
                    ("client_secret", who.client_secret),
                    ("username", who.username),
                    ("password", who.password),
                ]
            }
            Self::Inginious(site) => {
                let who = site.credentials().clone();
                vec![
                    ("url", who.url),
                    ("username", who.username),
                    ("password", who.password),
                    ("webdav_url", who.webdav_url),
                ]
            }
        };
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    pub(crate) fn provider(&self) -> Arc<dyn LmsProvider> {
        lms::connect(self.platform(), self.options()).expect("a provider")
    }

    /// Where a new course goes.
    pub(crate) fn target(&self) -> String {
        format!("{}:", self.platform())
    }

    /// The command, as the author, with its state in `state`.
    pub(crate) fn lms(&self, state: &Path) -> Command {
        let mut command = lms(state);
        for (key, value) in self.options() {
            command.env(format!("LMS_{}_{}", self.platform(), key).to_uppercase(), value);
        }
        command
    }

    /// `lms migrate` of an archive, to its end.
    pub(crate) async fn migrate(&self, state: &Path, source: &Path, more: &[&str]) -> Output {
        let mut command = self.lms(state);
        command.arg("migrate").arg(source).arg(self.target()).args(more);
        command.output().await.expect("it runs")
    }

    fn begin_migration(&self, state: &Path, source: &Path, more: &[&str]) -> Child {
        let mut command = self.lms(state);
        command.arg("migrate").arg(source).arg(self.target()).arg("--no-verify").args(more);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
    }

    /// Begins a migration and kills it while one of its requests is held; `false` if it ended before.
    pub(crate) async fn killed(&self, state: &Path, source: &Path, more: &[&str]) -> bool {
        // Requests of those that were killed before are held on.
        let before = self.faults().held();
        let mut child = self.begin_migration(state, source, more);
        let held = loop {
            if self.faults().held() > before {
                break true;
            }
            if child.try_wait().expect("it can be asked").is_some() {
                break false;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        };
        child.kill().await.expect("SIGKILL");
        is_private(state);
        self.faults().clear();
        held
    }

    /// The only course that the author has, read back.
    pub(crate) async fn only_course(&self) -> Course {
        let provider = self.provider();
        let mut courses =
            provider.courses().expect("courses").list(Default::default()).expect("a list").items();
        let mut ids: Vec<CourseId> = Vec::new();
        while let Some(course) = futures::StreamExt::next(&mut courses).await {
            ids.push(course.expect("a course").id);
        }
        assert_eq!(ids.len(), 1, "one course and no other on {}: {ids:?}", self.platform());
        let courses = provider.courses().expect("courses");
        let mut course = courses.content(&ids[0]).await.expect("it can be read").course;
        // Pages have other addresses on each site.
        let whole = course.clone();
        let step = |link: &str| match courses.course_link(&whole, link)? {
            CourseLink::Step(id) => Some(id.link()),
            CourseLink::Elsewhere => None,
        };
        let lessons = course.sections.iter_mut().flat_map(|section| &mut section.lessons);
        for block in lessons.flat_map(|lesson| &mut lesson.steps).flat_map(|step| &mut step.blocks) {
            block.map_markup(&mut |markup| *markup = markup.map_links(step));
        }
        course
    }
}

pub(crate) fn lms(state: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lms"));
    command.env("TMPDIR", temporary(state));
    command.env("LMS_STATE", state).env("LMS_CONFIG", state.join("lms.toml")).env("NO_COLOR", "1");
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Where a run's temporary folders are: what a killed one leaves goes with the test's own folder.
fn temporary(state: &Path) -> PathBuf {
    let folder = state.join("tmp");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// What was left lies open to no other account: courses with their answers are in there.
#[cfg(unix)]
fn is_private(state: &Path) {
    use std::os::unix::fs::PermissionsExt;
    for left in std::fs::read_dir(temporary(state)).expect("a folder") {
        let left = left.expect("an entry");
        let mode = left.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", left.path().display());
    }
}

#[cfg(not(unix))]
fn is_private(_state: &Path) {}

/// The demo course as an archive.
pub(crate) async fn demo(folder: &Path) -> PathBuf {
    let path = folder.join("demo.tar.gz");
    let archive = OlxArchive::create(&path, ArchiveForm::TarGz).expect("a place");
    let planned = plan(&Sample::new(), &"measuring".into(), &archive).await.expect("a plan");
    apply(&planned, &Sample::new(), &archive, &NewCourse::default(), &Quiet).await.expect("written");
    path
}

pub(crate) fn said(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
