//! An OLX folder or archive as a provider: it reads and writes one course, and has no people.

mod authoring;
mod courses;
mod drafts;
mod replace;
mod stage;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lms_core::{
    Authoring, Courses, Error, ErrorKind, LmsProvider, Platform, ProviderInfo, RequestCount, Result,
};
use tempfile::TempDir;

use self::stage::Stage;
use crate::check::{self, CheckOptions, Defect};
use crate::olx::archive;
use crate::olx::files::Files;
use crate::olx::native::Native;
use crate::temporary;

/// How an OLX course lies on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveForm {
    /// A folder with `course.xml` in it.
    Folder,
    /// A `.tar.gz`, as Studio exports and imports it.
    TarGz,
}

/// An OLX folder or archive.
///
/// Writing is staged beside the target and takes its place in one step when
/// [`Authoring::finish`] is called: a run that breaks off leaves the old course as it was.
pub struct OlxArchive {
    info: ProviderInfo,
    path: PathBuf,
    form: ArchiveForm,
    state: Mutex<State>,
}

impl fmt::Debug for OlxArchive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OlxArchive")
            .field("path", &self.path)
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
struct State {
    /// The course that is there, unpacked.
    source: Option<Source>,
    /// The course that is being written.
    stage: Option<Stage>,
}

/// A course on the disk; an unpacked archive goes when nobody reads it any more.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) files: Files,
    _unpacked: Option<Arc<TempDir>>,
}

impl OlxArchive {
    /// Opens an existing course: a folder with `course.xml` or `library.xml` in it (or in its only
    /// folder), or a `.tar.gz`.
    ///
    /// # Errors
    /// `NotFound` where nothing is there; `InvalidInput` where it is no OLX course or an archive that
    /// is not safe to unpack.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let form = if path.is_dir() { ArchiveForm::Folder } else { ArchiveForm::TarGz };
        let source = read_source(path, form)?;
        Ok(Self::new(path, form, Some(source)))
    }

    /// A place to write a course to. Nothing is written before [`Authoring::finish`]; what is there
    /// is replaced only where [`lms_core::NewCourse::existing`] says so.
    ///
    /// # Errors
    /// `NotFound` where the folder that `path` is to lie in is not there; `InvalidInput` where
    /// something else than a course is at `path`.
    pub fn create(path: impl AsRef<Path>, form: ArchiveForm) -> Result<Self> {
        let path = path.as_ref();
        let parent = parent_of(path);
        if !parent.is_dir() {
            let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(Error::io(parent.display(), missing));
        }
        let empty_folder =
            path.is_dir() && std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
        let source = if path.exists() && !empty_folder { Some(read_source(path, form)?) } else { None };
        Ok(Self::new(path, form, source))
    }

    /// What Open edX would refuse or lose of the course that is here, or show otherwise than meant; the worst
    /// first, then by file and line. Reads all files, sends nothing.
    ///
    /// ```
    /// use lms_openedx::{CheckOptions, Harm, OlxArchive};
    ///
    /// # fn example() -> lms_core::Result<()> {
    /// let course = OlxArchive::open("course.tar.gz")?;
    /// for defect in course.check(&CheckOptions::default())? {
    ///     if defect.harm >= Harm::Lost {
    ///         eprintln!("{defect}");
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound` where no course is here yet; what reading files gives. A file that is broken is a defect.
    pub fn check(&self, options: &CheckOptions) -> Result<Vec<Defect>> {
        let source =
            self.state().source.clone().ok_or_else(|| {
                Error::new(ErrorKind::NotFound, "no course is here").on(&self.info.location)
            })?;
        let mut defects = check::check(&source.files, options)?;
        if self.form == ArchiveForm::TarGz {
            let bytes = std::fs::metadata(&self.path).map_err(|e| Error::io(self.path.display(), e))?.len();
            defects.splice(0..0, check::size(&self.info.location, bytes, options));
        }
        Ok(defects)
    }

    /// How many different blocks of each type an import of this course makes.
    pub(crate) fn distinct_blocks(&self) -> Result<BTreeMap<String, usize>> {
        Ok(Native::read(&self.here()?.files)?.distinct())
    }

    pub(crate) fn here(&self) -> Result<Source> {
        self.state()
            .source
            .clone()
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "no course is here").on(&self.info.location))
    }

    fn new(path: &Path, form: ArchiveForm, source: Option<Source>) -> Self {
        let info = ProviderInfo { platform: Platform::OpenEdx, location: path.display().to_string() };
        Self { info, path: path.to_owned(), form, state: Mutex::new(State { source, stage: None }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a path is an OLX course: a folder with its root file, or a `.tar.gz` that holds one.
pub fn looks_like_olx(path: impl AsRef<Path>) -> bool {
    let path = path.as_ref();
    if path.is_dir() {
        return Files::find(path).is_ok();
    }
    let Ok(file) = File::open(path) else { return false };
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(file).take(64 << 20));
    let Ok(entries) = tar.entries() else { return false };
    entries.filter_map(std::result::Result::ok).any(|entry| {
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let mut parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let last = parts.pop();
        parts.len() <= 1 && matches!(last, Some("course.xml" | "library.xml"))
    })
}

fn parent_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn read_source(path: &Path, form: ArchiveForm) -> Result<Source> {
    match form {
        ArchiveForm::Folder => Ok(Source { files: Files::find(path)?, _unpacked: None }),
        ArchiveForm::TarGz => {
            let unpacked = temporary::folder()?;
            archive::unpack(path, unpacked.path())?;
            let files = Files::find(unpacked.path()).map_err(|e| e.on(path.display()))?;
            Ok(Source { files, _unpacked: Some(Arc::new(unpacked)) })
        }
    }
}

impl LmsProvider for OlxArchive {
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
