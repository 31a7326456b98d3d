//! Courses given at the start.

use std::path::Path;

use super::archive::{self, Files};
use super::keys::CourseKey;
use super::olx::{self, Course};
use super::xml::Element;
use crate::EmulatorError;

/// The course of an OLX folder or `.tar.gz`, under the key that its `course.xml` names.
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
    let files = archive::course_folder(&files).ok_or_else(|| fail("course.xml", "there is none".into()))?;
    let key = key(&files).map_err(|what| fail("course.xml", what))?;
    olx::load(&files, &key).map_err(|what| fail("course.xml", what))
}

fn key(files: &Files) -> Result<CourseKey, String> {
    let content = files.get("course.xml").map(Vec::as_slice).unwrap_or_default();
    let root = Element::parse(&String::from_utf8_lossy(content))?;
    let part = |name: &str, default: &str| root.attribute(name).unwrap_or(default).replace(' ', "_");
    let run = ["url_name", "slug", "name"].iter().find_map(|name| root.attribute(name)).unwrap_or_default();
    let text =
        format!("course-v1:{}+{}+{}", part("org", "edx"), part("course", "course"), run.replace(' ', "_"));
    CourseKey::parse(&text).ok_or_else(|| format!("org, course and url_name make no key: {text}"))
}
