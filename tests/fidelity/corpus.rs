//! The courses: the demo course, and the real ones that lie beside the project.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lms::inginious::FolderCourse;
use lms::migrate::Bundle;
use lms::openedx::{ArchiveForm, OlxArchive};
use lms::{CourseId, CoursesExt, LmsProvider, LmsProviderExt, Platform, Result};
use lms_emulator::inginious::InginiousEmulator;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_emulator::stepik::StepikEmulator;
use lms_emulator::{Options, RequestLog};
use tempfile::TempDir;

use crate::shared::{folders, shared};

/// The platforms, in the order of the table.
pub(crate) const PLATFORMS: [Platform; 3] = [Platform::Stepik, Platform::OpenEdx, Platform::Inginious];

/// Courses that are broken on purpose, so that nothing can be read of them.
const UNREADABLE: [&str; 2] = ["cleaner-02", "cleaner-03"];

/// A course, where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    pub(crate) name: String,
    pub(crate) native: Platform,
    path: PathBuf,
}

/// A course on a platform.
#[derive(Debug, Clone)]
pub(crate) struct Hosted {
    pub(crate) provider: Arc<dyn LmsProvider>,
    pub(crate) course: CourseId,
}

/// How courses come to Open edX and INGInious. Stepik has no files: it is always its interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// As OLX and as a course folder.
    Files,
    /// By the interfaces of LMS and Studio, and of INGInious with WebDAV.
    Interfaces,
}

/// A place for a new course.
pub(crate) struct Place {
    pub(crate) provider: Arc<dyn LmsProvider>,
    /// What the emulator was asked; none for a folder.
    pub(crate) log: Option<RequestLog>,
    pub(crate) folder: TempDir,
    _server: Option<Server>,
}

/// Kept while it is used.
#[expect(dead_code, reason = "a server ends with its value")]
enum Server {
    Stepik(StepikEmulator),
    OpenEdx(OpenEdxEmulator),
    Inginious(InginiousEmulator),
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The demo course, as the bundle among the examples.
pub(crate) fn demo() -> Course {
    let path = root().join("examples/courses/measuring");
    Course { name: "measuring".into(), native: Platform::Bundle, path }
}

/// The real courses; none where they are not there.
pub(crate) fn real() -> Vec<Course> {
    let mut courses = Vec::new();
    for (native, kind) in [(Platform::OpenEdx, "openedx"), (Platform::Inginious, "inginious")] {
        for path in folders(&format!("courses/{kind}")) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !UNREADABLE.contains(&name.as_str()) {
                courses.push(Course { name, native, path });
            }
        }
    }
    if let Some(path) = shared("courses/stepik/jetbrains-linked/course-238.json") {
        courses.push(Course { name: "jetbrains-linked".into(), native: Platform::Stepik, path });
    }
    courses
}

impl Course {
    /// The course where it is at home.
    pub(crate) async fn open(&self) -> Result<(Hosted, Option<StepikEmulator>)> {
        let (provider, server): (Arc<dyn LmsProvider>, _) = match self.native {
            Platform::Stepik => {
                let (server, provider) =
                    stepik(Options { load: vec![self.path.clone()], ..Options::default() }).await;
                (provider, Some(server))
            }
            Platform::OpenEdx => (Arc::new(OlxArchive::open(&self.path)?), None),
            Platform::Inginious => (Arc::new(FolderCourse::open(&self.path)?), None),
            _ => (Arc::new(Bundle::open(&self.path)?), None),
        };
        let course = provider.require_courses()?.first_course().await?.id;
        Ok((Hosted { provider, course }, server))
    }
}

/// A place for a new course on a platform.
pub(crate) async fn place(platform: Platform, way: Way) -> Result<Place> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("course");
    let kept = |provider, log: &RequestLog, server| (provider, Some(log.clone()), Some(server));
    let options = Options { page_size: 20, background_delay: Duration::from_millis(1), ..Options::default() };
    let (provider, log, server): (Arc<dyn LmsProvider>, _, _) = match (platform, way) {
        (Platform::Stepik, _) => {
            let (server, provider) = stepik(options).await;
            kept(provider, &server.log().clone(), Server::Stepik(server))
        }
        (Platform::OpenEdx, Way::Files) => {
            (Arc::new(OlxArchive::create(&path, ArchiveForm::Folder)?), None, None)
        }
        (_, Way::Files) => (Arc::new(FolderCourse::create(&path)?), None, None),
        (Platform::OpenEdx, Way::Interfaces) => {
            let server = OpenEdxEmulator::start(options).await.expect("the emulator starts");
            let who = server.credentials();
            let options = [
                ("lms_url", &who.lms_url),
                ("studio_url", &who.studio_url),
                ("client_id", &who.client_id),
                ("client_secret", &who.client_secret),
                ("username", &who.username),
                ("password", &who.password),
            ];
            kept(connect(platform, &options), &server.log().clone(), Server::OpenEdx(server))
        }
        (_, Way::Interfaces) => {
            let server = InginiousEmulator::start(options).await.expect("the emulator starts");
            let who = server.credentials();
            let options = [
                ("url", &who.url),
                ("username", &who.username),
                ("password", &who.password),
                ("webdav_url", &who.webdav_url),
            ];
            kept(connect(platform, &options), &server.log().clone(), Server::Inginious(server))
        }
    };
    Ok(Place { provider, log, folder, _server: server })
}

fn connect(platform: Platform, options: &[(&str, &String)]) -> Arc<dyn LmsProvider> {
    let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).clone()));
    lms::connect(platform, options).expect("the options are sound")
}

async fn stepik(options: Options) -> (StepikEmulator, Arc<dyn LmsProvider>) {
    let server = StepikEmulator::start(options).await.expect("the emulator starts");
    let who = server.credentials();
    let options = [("url", &who.url), ("client_id", &who.client_id), ("client_secret", &who.client_secret)];
    let provider = connect(Platform::Stepik, &options);
    (server, provider)
}
