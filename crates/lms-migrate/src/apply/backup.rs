//! Keeping a course as it was before anything in it is changed.

use std::path::PathBuf;

use lms_core::{
    CourseId, CoursesExt, Error, ErrorKind, ExistingCourse, LmsProvider, LmsProviderExt, NewCourse, Result,
};

use crate::journal::now;
use crate::sync::{Backup, Begin, Work};
use crate::{Bundle, Journal, private};

impl Work {
    /// Copies the course that is to be changed into a bundle beside the journal, where there is such a
    /// course, and answers where. One that no run has finished yet holds nothing of anybody's.
    pub(super) async fn back_up(
        &self,
        target: &dyn LmsProvider,
        journal: &Journal,
    ) -> Result<Option<PathBuf>> {
        if !journal.is_kept() || self.options.backup == Backup::Skip {
            return Ok(None);
        }
        let course = match &self.begin {
            Begin::GoOn(course) if journal.state().complete && self.decided.changes.writes() => {
                course.clone()
            }
            Begin::Anew(new) if new.existing == ExistingCourse::Replace => {
                match written_over(target, new).await? {
                    Some(course) => course,
                    None => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        let folder = journal.folder().join("backups");
        private::folder(&folder)?;
        let name = now().replace(':', "-");
        let mut path = folder.join(&name);
        let mut n = 1;
        while path.exists() {
            n += 1;
            path = folder.join(format!("{name}-{n}"));
        }
        Bundle::save(target, &course, &path).await.map_err(|error| {
            Error::new(
                error.kind(),
                "the course on the target cannot be saved before it is changed; --no-backup goes without",
            )
            .on(&course)
            .with_source(error)
        })?;
        Ok(Some(path))
    }
}

/// The course that will be written over, if it is there.
async fn written_over(target: &dyn LmsProvider, new: &NewCourse) -> Result<Option<CourseId>> {
    let courses = target.require_courses()?;
    let found = match &new.id {
        Some(id) => courses.get(id).await,
        // A path holds one course, whatever it is called; a site would make a new one.
        None if !target.info().location.contains("://") => courses.first_course().await,
        None => return Ok(None),
    };
    match found {
        Ok(course) => Ok(Some(course.id)),
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) => Ok(None),
        Err(e) => Err(e),
    }
}
