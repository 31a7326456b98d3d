//! Courses given at the start.

use std::path::Path;

use super::archive::{self, Files};
use super::keys::CourseKey;
use super::olx::{self, Course};
use super::xml::Element;
use crate::EmulatorError;

/// The course or library of an OLX folder or `.tar.gz`, under the key that its `course.xml` or `library.xml` names.
pub(crate) fn course(path: &Path) -> Result<Course, EmulatorError> {
    let fail = |field: &str, what: String| EmulatorError::Load {
        path: path.to_owned(),
        field: field.to_owned(),
        what,
    };
    let files = if path.is_dir() {
        archive::read_folder(path).map_err(|what| fail(".", what))?
    } else {
        let data =
            std::fs::read(path).map_err(|source| EmulatorError::Read { path: path.to_owned(), source })?;
        archive::unpack(&data).map_err(|what| fail(".", what))?
    };
    let found = ["course.xml", "library.xml"].into_iter().find_map(|root| {
        let files = archive::top_folder(&files, root)?;
        Some((root, files))
    });
    let (root, files) = found.ok_or_else(|| fail("course.xml", "there is none, nor a library.xml".into()))?;
    let key = key(&files, root).map_err(|what| fail(root, what))?;
    olx::load(&files, &key).map_err(|what| fail(root, what))
}

fn key(files: &Files, root: &str) -> Result<CourseKey, String> {
    let content = files.get(root).map(Vec::as_slice).unwrap_or_default();
    let root = Element::parse(&String::from_utf8_lossy(content))?;
    let part = |name: &str, default: &str| root.attribute(name).unwrap_or(default).replace(' ', "_");
    if root.name == "library" {
        let text = format!("library-v1:{}+{}", part("org", "edx"), part("library", "library"));
        return CourseKey::parse(&text).ok_or_else(|| format!("org and library make no key: {text}"));
    }
    let run = ["url_name", "slug", "name"].iter().find_map(|name| root.attribute(name)).unwrap_or_default();
    let text =
        format!("course-v1:{}+{}+{}", part("org", "edx"), part("course", "course"), run.replace(' ', "_"));
    CourseKey::parse(&text).ok_or_else(|| format!("org, course and url_name make no key: {text}"))
}
