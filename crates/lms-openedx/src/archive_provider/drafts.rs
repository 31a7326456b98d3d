//! Units that were never published, and changes to others that are not: somebody's work, which no reader of the published
//! course sees, and which would go with what it stands in (reference openedx.md 5.1).

use std::fs;
use std::path::Path;

use lms_core::{Error, ErrorKind, Platform};

use crate::olx::write::file_of;
use crate::olx::xml::parse;

const UNITS: &str = "drafts/vertical";

/// The draft of a unit, in the folder of a course.
pub(super) fn of(course: &Path, unit: &str) -> Option<String> {
    let file = format!("drafts/{}", file_of("vertical", unit, "xml"));
    course.join(&file).is_file().then_some(file)
}

/// The draft of a unit that stands in a lesson.
pub(super) fn within(course: &Path, lesson: &str) -> Option<String> {
    let files = fs::read_dir(course.join(UNITS)).ok()?.flatten();
    let mut names: Vec<String> = files.filter_map(|file| file.file_name().into_string().ok()).collect();
    names.sort();
    names.into_iter().map(|name| format!("{UNITS}/{name}")).find(|file| {
        let unit = fs::read_to_string(course.join(file)).ok().and_then(|text| parse(&text).ok());
        let above = unit.as_ref().and_then(|unit| unit.get("parent_url"));
        // `block-v1:…+block@NAME`, of old `i4x://…/NAME`.
        above.and_then(|above| above.rsplit(['@', '/']).next()) == Some(lesson)
    })
}

/// That something is not deleted for the sake of a draft.
pub(super) fn held(id: impl std::fmt::Display, draft: &str) -> Error {
    let why =
        format!("it would take with it what is not published ({draft}): publish that first, or remove it");
    Error::new(ErrorKind::Conflict, why).at(Platform::OpenEdx, "authoring.delete").on(id)
}
