//! The portable bundle: a course in the neutral model as a folder that reads well in `git diff`.
//!
//! `docs/bundle.md` describes the folder; [`SCHEMA`] is its JSON Schema, against which every file is
//! held when it is read. Writing is staged beside the target and takes its place in one step when
//! [`lms_core::Authoring::finish`] is called: a run that breaks off leaves the old bundle as it was.

mod authoring;
mod courses;
mod lay;
mod layout;
mod line;
mod read;
mod replace;
mod schema;
mod stage;
mod text;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lms_core::{
    Authoring, Content, CourseId, Courses, Error, ErrorKind, ExistingCourse, LmsProvider, LmsProviderExt,
    NewCourse, Platform, ProviderInfo, RequestCount, Result,
};

pub(crate) use self::authoring::hex;
use self::read::Files;
use self::stage::Stage;

/// The JSON Schema (draft 2020-12) of a bundle's files: one of `$defs` for each kind of file.
pub const SCHEMA: &str = include_str!("schema.json");

/// A bundle as a provider: it reads and writes one course, and has no people. Whatever the model holds, a bundle
/// holds: nothing is lost on the way in or out.
pub struct Bundle {
    info: ProviderInfo,
    path: PathBuf,
    /// The course that is being written.
    stage: Mutex<Option<Stage>>,
    /// Where the bytes of files are, by the last reading: asking for many files reads the list once.
    files: Mutex<Option<(CourseId, Files)>>,
}

impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bundle").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Bundle {
    /// Opens a bundle that is there. Only its `bundle.json` is looked at.
    ///
    /// # Errors
    /// `NotFound` where nothing is there; `InvalidInput` where it is no bundle, or one of a newer format.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        if !path.exists() {
            return Err(Error::new(ErrorKind::NotFound, "there is no such folder").on(path.display()));
        }
        read::version(path)?;
        Ok(Self::new(path))
    }

    /// A place to write a bundle to. Nothing is written before [`Authoring::finish`]; a bundle that is there is
    /// replaced only where [`NewCourse::existing`] says so, and what is not of the bundle (`.git`, a README) stays.
    ///
    /// # Errors
    /// `NotFound` where the folder that `path` is to lie in is not there; `InvalidInput` where something else than
    /// a bundle or an empty folder is at `path`.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let parent = layout::parent_of(path);
        if !parent.is_dir() {
            let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(Error::io(parent.display(), missing));
        }
        if path.exists() && !is_empty_folder(path) {
            read::version(path)?;
        }
        Ok(Self::new(path))
    }

    /// Copies a course as it was read, files included, into a new bundle at `path`: what to do before a course is
    /// changed. Answers what was read; files that the provider lists and does not give are not in the bundle.
    ///
    /// # Errors
    /// What reading the course gives, and what writing files gives; `AlreadyExists` where a bundle is at `path`.
    pub async fn save(
        provider: &dyn LmsProvider,
        course: &CourseId,
        path: impl AsRef<Path>,
    ) -> Result<Content> {
        let courses = provider.require_courses()?;
        let content = courses.content(course).await?;
        let bundle = Self::create(path)?;
        let header = content.course.header();
        let new = NewCourse { id: None, existing: ExistingCourse::Refuse };
        bundle.create_course(&header, &new).await?;
        for asset in &content.course.assets {
            match courses.read_asset(course, &asset.id).await {
                Ok(body) => {
                    bundle.put_asset(&header.id, asset, body).await?;
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        bundle.staged(&header.id, |stage| {
            stage.course.sections.clone_from(&content.course.sections);
            Ok(())
        })?;
        bundle.finish(&header.id, &header, &lms_core::AssetLinks::new()).await?;
        Ok(content)
    }

    fn new(path: &Path) -> Self {
        let info = ProviderInfo { platform: Platform::Bundle, location: path.display().to_string() };
        Self { info, path: path.to_owned(), stage: Mutex::new(None), files: Mutex::new(None) }
    }

    fn stage(&self) -> MutexGuard<'_, Option<Stage>> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known_files(&self) -> MutexGuard<'_, Option<(CourseId, Files)>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_there(&self) -> bool {
        self.path.exists() && !is_empty_folder(&self.path)
    }
}

/// Whether a path is a bundle: a folder with a `bundle.json` that says so.
pub fn looks_like_bundle(path: impl AsRef<Path>) -> bool {
    match read::version(path.as_ref()) {
        Ok(()) => true,
        // One of a newer format is a bundle too; opening it says what is the matter.
        Err(error) => error.kind() == ErrorKind::InvalidInput && error.message().contains("newer"),
    }
}

fn is_empty_folder(path: &Path) -> bool {
    path.is_dir() && std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

impl LmsProvider for Bundle {
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
