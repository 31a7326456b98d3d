//! From what a user calls a course to a provider and an id.

use std::path::Path;
use std::sync::Arc;

use lms::openedx::{ArchiveForm, OlxArchive};
use lms_core::{CourseId, CoursesExt, Error, ErrorKind, LmsProvider, LmsProviderExt, Result};

use lms_migrate::{Bundle, looks_like_bundle};

use crate::config::Config;
use crate::connect;
use crate::exit::Failure;
use crate::locator::{Format, Locator};
use crate::places::home;

/// A provider, and the course that the locator names.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) provider: Arc<dyn LmsProvider>,
    pub(crate) course: CourseId,
}

/// A course that is there.
pub(crate) async fn course(text: &str) -> Result<Opened, Failure> {
    match text.parse()? {
        Locator::Remote { name, course: Some(course) } => {
            let provider = connect::by_name(&name)?;
            Ok(Opened { provider, course: course.into() })
        }
        Locator::Remote { name, course: None } => {
            // A bare word is as likely the name of a file that is not there.
            Config::load()?.platform_of(&name).map_err(|error| {
                Failure::Advised(
                    error,
                    "If a path is meant: there is no file or folder of this name.".to_owned(),
                )
            })?;
            Err(Failure::Usage(format!(
                "which course of {name}? Say {name}:COURSE; `lms courses {name}` lists them"
            )))
        }
        Locator::Path { path, format } => {
            let path = home(&path);
            let provider = open_path(&path, format)?;
            let course = provider.require_courses()?.first_course().await?.id;
            Ok(Opened { provider, course })
        }
    }
}

/// A course with people in it, which only platforms have.
pub(crate) async fn platform_course(text: &str) -> Result<Opened, Failure> {
    only_platforms(text)?;
    course(text).await
}

/// A platform, for what folders and archives do not have.
pub(crate) fn platform(text: &str) -> Result<Arc<dyn LmsProvider>, Failure> {
    only_platforms(text)?;
    remote(text)
}

fn only_platforms(text: &str) -> Result<(), Failure> {
    match text.parse()? {
        Locator::Remote { .. } => Ok(()),
        Locator::Path { path, .. } => Err(Failure::Usage(format!(
            "{} is a path, and only platforms have people; say a remote, such as stepik:67. `lms remotes` lists them",
            path.display()
        ))),
    }
}

/// A remote or a path, for what is not about one course.
pub(crate) fn remote(text: &str) -> Result<Arc<dyn LmsProvider>, Failure> {
    match text.parse()? {
        Locator::Remote { name, .. } => Ok(connect::by_name(&name)?),
        Locator::Path { path, format } => Ok(open_path(&home(&path), format)?),
    }
}

/// Where a course is to be written, and the id it is to have.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) provider: Arc<dyn LmsProvider>,
    pub(crate) id: Option<CourseId>,
}

/// A place for a new course.
pub(crate) fn target(text: &str) -> Result<Target, Failure> {
    match text.parse()? {
        Locator::Remote { name, course } => match connect::by_name(&name) {
            Ok(provider) => Ok(Target { provider, id: course.map(CourseId::from) }),
            // A bare word is as likely meant to be a new folder.
            Err(error) if !text.contains(':') && error.kind() == ErrorKind::Config => Err(Failure::Advised(
                error,
                format!(
                    "If a path is meant: olx:{text}, folder:{text} or bundle:{text} writes a new course there."
                ),
            )),
            Err(error) => Err(error.into()),
        },
        Locator::Path { path, format } => {
            let path = home(&path);
            let format = match format {
                Some(format) => format,
                None => recognise(&path).ok_or_else(|| {
                    Failure::Usage(format!(
                        "{} could be anything: say olx:{0}, folder:{0} or bundle:{0} for a new course",
                        path.display()
                    ))
                })?,
            };
            Ok(Target { provider: create_path(&path, format)?, id: None })
        }
    }
}

fn open_path(path: &Path, format: Option<Format>) -> Result<Arc<dyn LmsProvider>> {
    if !path.exists() {
        return Err(Error::new(ErrorKind::NotFound, "there is no such file or folder").on(path.display()));
    }
    match format.or_else(|| recognise(path)) {
        Some(Format::Olx) => Ok(Arc::new(OlxArchive::open(path)?)),
        Some(Format::Folder) => Ok(Arc::new(lms::inginious::FolderCourse::open(path)?)),
        Some(Format::Bundle) => Ok(Arc::new(Bundle::open(path)?)),
        None => Err(Error::invalid(
            "this is neither an OLX folder or .tar.gz (course.xml) nor an INGInious course folder or .zip (task.yaml) \
             nor a bundle (bundle.json); say olx:PATH, folder:PATH or bundle:PATH if it is",
        )
        .on(path.display())),
    }
}

fn create_path(path: &Path, format: Format) -> Result<Arc<dyn LmsProvider>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        let why = "there is no such folder to write the course into; nothing was done";
        return Err(Error::new(ErrorKind::NotFound, why).on(folder.display()));
    }
    match format {
        Format::Olx => {
            let name = path.to_string_lossy();
            let packed = name.ends_with(".tar.gz") || name.ends_with(".tgz");
            let form = if packed { ArchiveForm::TarGz } else { ArchiveForm::Folder };
            Ok(Arc::new(OlxArchive::create(path, form)?))
        }
        Format::Folder => Ok(Arc::new(lms::inginious::FolderCourse::create(path)?)),
        Format::Bundle => Ok(Arc::new(Bundle::create(path).map_err(|error| match error.kind() {
            // Of what is to be written, not read.
            ErrorKind::InvalidInput if !looks_like_bundle(path) => {
                let why = "something else is there, and is not written over; name a new folder, an empty one, or a bundle";
                Error::invalid(why).on(path.display())
            }
            _ => error,
        })?)),
    }
}

fn recognise(path: &Path) -> Option<Format> {
    if looks_like_bundle(path) {
        Some(Format::Bundle)
    } else if lms::openedx::looks_like_olx(path) {
        Some(Format::Olx)
    } else if lms::inginious::looks_like_folder(path) {
        Some(Format::Folder)
    } else {
        None
    }
}
