//! The courses: the demo course, and the real ones that lie beside the project.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lms::inginious::FolderCourse;
use lms::migrate::Bundle;
use lms::openedx::{ArchiveForm, OlxArchive};
use lms::{CourseId, CoursesExt, LmsProvider, LmsProviderExt, Platform, Result};
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

/// A course on a platform, and what keeps it there.
pub(crate) struct Hosted {
    pub(crate) provider: Arc<dyn LmsProvider>,
    pub(crate) course: CourseId,
}

/// A place for a new course.
pub(crate) struct Place {
    pub(crate) provider: Arc<dyn LmsProvider>,
    /// What the emulator was asked; none for a folder.
    pub(crate) log: Option<RequestLog>,
    pub(crate) folder: TempDir,
    _server: Option<StepikEmulator>,
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
    Ok(Place { provider, log: server.as_ref().map(|s| s.log().clone()), folder, _server: server })
}

async fn stepik(options: Options) -> (StepikEmulator, Arc<dyn LmsProvider>) {
    let server = StepikEmulator::start(options).await.expect("the emulator starts");
    let who = server.credentials();
    let options = [("url", &who.url), ("client_id", &who.client_id), ("client_secret", &who.client_secret)];
    let options = options.map(|(key, value)| (key.to_owned(), value.clone()));
    let provider = lms::connect(Platform::Stepik, options).expect("the options are sound");
    (server, provider)
}
