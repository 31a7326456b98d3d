//! The courses: the demo course, and the real ones that lie beside the project.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lms::inginious::FolderCourse;
use lms::migrate::Bundle;
use lms::openedx::OlxArchive;
use lms::{CoursesExt, LmsProvider, LmsProviderExt, Platform, Result};
use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;

use crate::place::{Hosted, stepik};
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
