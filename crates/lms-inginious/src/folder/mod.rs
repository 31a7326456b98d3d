//! Course folders, plain or in a `.zip`, as a provider.

mod authoring;
mod courses;
mod pack;
pub(crate) mod store;
pub(crate) mod yaml;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use lms_core::{
    Authoring, CourseId, Courses, Error, LmsProvider, Platform, ProviderInfo, RequestCount, Result,
};

use authoring::Working;
use store::{Store, holds_course};

/// An INGInious course folder, or a `.zip` of one. The course's id is the name of the folder.
///
/// It reads and writes the structure of INGInious 0.9 and also reads those of 0.6 to 0.8. Nothing but
/// files: who takes part and what they hand in is not in it.
#[derive(Debug)]
pub struct FolderCourse {
    info: ProviderInfo,
    id: CourseId,
    path: PathBuf,
    working: Mutex<Option<Working>>,
}

/// Whether a path holds an INGInious course: `course.yaml`, or a folder with a `task.yaml`; for a
/// `.zip`, the same inside it.
pub fn looks_like_folder(path: &Path) -> bool {
    holds_course(path)
}

impl FolderCourse {
    /// Opens a course that is there, to be read or written over.
    ///
    /// # Errors
    /// `NotFound`; `InvalidInput` where the path holds no course.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Store::open(path)?;
        if !holds_course(path) {
            let why = "no INGInious course: there is no course.yaml and no folder with a task.yaml";
            return Err(Error::invalid(why).on(path.display()));
        }
        Self::create(path)
    }

    /// A place for a course: a `.zip` where the name ends so, a folder otherwise. Writes nothing until
    /// the course is created.
    ///
    /// # Errors
    /// `InvalidInput` where the path has no name that can be the course's id.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let whole = std::path::absolute(path).map_err(|e| Error::io(path.display(), e))?;
        let name = if pack::is_zip(&whole) { whole.file_stem() } else { whole.file_name() };
        let Some(name) = name.and_then(|name| name.to_str()) else {
            return Err(Error::invalid("the path has no name that can be the course's id").on(path.display()));
        };
        Ok(Self {
            info: ProviderInfo { platform: Platform::Inginious, location: path.display().to_string() },
            id: CourseId::new(name),
            path: whole.clone(),
            working: Mutex::new(None),
        })
    }
}

impl LmsProvider for FolderCourse {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    fn requests(&self) -> RequestCount {
        RequestCount::default()
    }

    fn planned(&self, _operation: &str, _calls: u64) -> std::time::Duration {
        std::time::Duration::ZERO
    }

    fn courses(&self) -> Option<&dyn Courses> {
        Some(self)
    }

    fn authoring(&self) -> Option<&dyn Authoring> {
        Some(self)
    }
}
