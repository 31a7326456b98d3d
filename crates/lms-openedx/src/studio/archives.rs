//! Courses and libraries as archives, as they are (reference openedx.md 3.14).

use std::path::Path;
use std::time::Duration;

use lms_core::{CourseId, Error, ErrorKind, Patience, Platform, Result};
use lms_http::{Part, Route, Safety};

use crate::OpenEdx;
use crate::keys::{CourseKey, is_library};
use crate::provider::STUDIO;
use crate::wire::{ImportMessage, ImportStarted, ImportState};

const OPERATION: &str = "studio.import";

/// An archive that Studio is taking in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportTask {
    /// The course or library that it goes into.
    pub course: CourseId,
    /// The platform's name for the task.
    pub id: String,
    /// The name that the archive was sent under; asking for the task needs it.
    pub file: String,
}

/// How far an import has come.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportStage {
    /// It has not begun.
    Pending,
    /// It is under way: `Unpacking`, `Verifying`, `Updating`, in the platform's words.
    Running(String),
    /// All is in. Blocks that could not be read are missing all the same: look at the outline.
    Succeeded,
    /// It was refused, or was stopped.
    Failed {
        /// Why, where the platform told: that takes a session.
        why: Option<String>,
    },
}

impl OpenEdx {
    /// Exports a course, or a library (`library-v1:ORG+NAME`), into a file, a `.tar.gz` as Studio makes it. Calls
    /// `POST /export/{key}`, `GET /export_status/{key}`, and the address that it names; in a session, since no token
    /// opens these.
    ///
    /// # Errors
    /// `Config` without the account's name and password; `NotFound`; `Unavailable` with the platform's reason where the
    /// export failed; `Timeout` after ten minutes.
    pub async fn export_archive(&self, course: &CourseId, to: impl AsRef<Path>) -> Result<()> {
        if !is_library(course) {
            CourseKey::parse(course)?;
        }
        self.export_to(course, to.as_ref()).await
    }

    /// Sends an archive on disk to be imported into a course that is there, or into a library, and does not wait. An import
    /// replaces the tree and all settings and publishes at once; files are added. Calls
    /// `POST /api/courses/v0/import/{key}/`. Nothing of the archive is checked: [`crate::OlxArchive::check`] does.
    ///
    /// # Errors
    /// `InvalidInput` for what is no key; `Io`; `PermissionDenied`. Whether the course is there shows in the task only.
    pub async fn start_import(&self, course: &CourseId, archive: impl AsRef<Path>) -> Result<ImportTask> {
        if !is_library(course) {
            CourseKey::parse(course)?;
        }
        let route = Route::new("/api/courses/v0/import/{course}/").id(course);
        // Importing the same archive twice gives the same course, so a lost answer may be repeated. The
        // name is the course's own: parallel imports under one name can collide.
        let file = format!("{}.tar.gz", course.as_str().replace([':', '+'], "-"));
        let started: ImportStarted = self
            .studio()?
            .request(lms_http::Method::Post, route, Safety::Repeatable)
            .operation(OPERATION)
            .resource(course)
            .multipart(vec![Part::file_at("course_data", &file, "application/gzip", archive.as_ref())])
            .send_json()
            .await?;
        Ok(ImportTask { course: course.clone(), id: started.task_id, file })
    }

    /// How far an import has come. Calls `GET /api/courses/v0/import/{key}/?task_id=&filename=`, and for the reason of
    /// a failure `GET /import_status/{key}/{file}`, where the account's name and password are known.
    ///
    /// # Errors
    /// What sending may bring; `Unavailable` for a task that the platform does not know.
    pub async fn import_stage(&self, task: &ImportTask) -> Result<ImportStage> {
        let state: ImportState = self
            .studio()?
            .get(Route::new("/api/courses/v0/import/{course}/").id(&task.course))
            .query("task_id", &task.id)
            .query("filename", &task.file)
            .operation(OPERATION)
            .resource(&task.course)
            .send_json()
            .await?;
        Ok(match settled(&state.state) {
            Some(true) => ImportStage::Succeeded,
            Some(false) => ImportStage::Failed { why: self.why_refused(task).await },
            None if state.state == "Pending" => ImportStage::Pending,
            None => ImportStage::Running(state.state),
        })
    }

    /// Waits until an import is over.
    ///
    /// # Errors
    /// `InvalidInput` with the platform's reason, where it tells one, when the archive was refused; `OutcomeUnknown`
    /// when patience ends first: the import goes on.
    pub async fn finish_import(&self, task: &ImportTask, patience: Patience) -> Result<()> {
        let mut polling = STUDIO.begin(patience.total);
        let failed = |kind, message: String| {
            Err(Error::new(kind, message).at(Platform::OpenEdx, OPERATION).on(&task.course))
        };
        loop {
            match self.import_stage(task).await? {
                ImportStage::Succeeded => return Ok(()),
                ImportStage::Failed { why } => {
                    let why = why.unwrap_or_else(|| "its own page on the import says why".into());
                    return failed(ErrorKind::InvalidInput, format!("Studio refused the archive: {why}"));
                }
                _ if polling.pause().await => {}
                _ => {
                    let minutes = patience.total.as_secs().div_ceil(60);
                    let message = format!("Studio has not finished the import in {minutes} minutes");
                    return failed(ErrorKind::OutcomeUnknown, message);
                }
            }
        }
    }

    /// The session's view tells the reason of the newest task of this account for the file. Without one, or
    /// where the view fails too, it is not known.
    async fn why_refused(&self, task: &ImportTask) -> Option<String> {
        let studio = self.studio_session(OPERATION).ok()?;
        let route = Route::new("/import_status/{course}/{file}").id(&task.course).id(&task.file);
        let request = studio.get(route).operation(OPERATION).resource(&task.course);
        let said: ImportMessage = request.per_attempt(Duration::from_secs(30)).send_json().await.ok()?;
        said.message.filter(|why| !why.is_empty())
    }
}

/// Whether a task has ended, and well (reference openedx.md 3.14).
fn settled(state: &str) -> Option<bool> {
    match state {
        "Succeeded" => Some(true),
        "Failed" | "Canceled" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_that_was_stopped_is_not_waited_for() {
        assert_eq!(settled("Succeeded"), Some(true));
        for state in ["Failed", "Canceled"] {
            assert_eq!(settled(state), Some(false), "{state}");
        }
        for state in ["Pending", "In Progress", "Unpacking", "Verifying", "Updating", "Retrying"] {
            assert_eq!(settled(state), None, "{state}");
        }
    }
}
