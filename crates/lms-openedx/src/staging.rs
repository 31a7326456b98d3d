//! Courses that are written as archives: taken up as they were read, imported, and looked for.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lms_core::{CourseId, CoursesExt, Error, ErrorKind, LmsProviderExt, Patience, Platform, Result};
use lms_http::Rhythm;

use crate::check::refusal;
use crate::olx::archive;
use crate::provider::Staged;
use crate::temporary;
use crate::{OlxArchive, OpenEdx};

/// Types that every site shows to its staff; discussions are left out by newer ones, and a type that is
/// not installed is shown under another name (reference openedx.md 3.2, 5.6).
const COUNTED: [&str; 6] = ["chapter", "sequential", "vertical", "html", "problem", "video"];

const IMPORT_PATIENCE: Duration = Duration::from_secs(1800);

/// The LMS learns of an import after seconds, sometimes a minute (reference openedx.md 6.1).
const ARRIVAL: Rhythm =
    Rhythm { first: Duration::from_millis(200), growth: 4.0, longest: Duration::from_secs(30) };
const ARRIVAL_PATIENCE: Duration = Duration::from_secs(90);

impl OpenEdx {
    /// Imports a staged archive and sees that it arrives.
    pub(crate) async fn bring_in(&self, course: &CourseId, staged: &Arc<Staged>) -> Result<()> {
        let defects = staged.archive.check(&self.inner().check)?;
        if let Some(error) = refusal(&defects, self.inner().check.refuse) {
            return Err(error.at(Platform::OpenEdx, "authoring.finish"));
        }
        let path = staged.folder.path().join(Staged::FILE);
        self.must_be_as_read(course, staged).await?;
        let task = self.start_import(course, &path).await?;
        self.finish_import(&task, Patience { total: IMPORT_PATIENCE }).await?;
        self.check_arrived(course, staged).await?;
        self.inner().staged.lock().await.remove(course);
        // What was exported before is out of date now.
        self.inner().exports.lock().await.remove(course);
        Ok(())
    }

    /// The course as it is being written; one that was not begun in this run begins as it was read last, or is exported
    /// first, so that what is not written stays as it is. An import replaces the whole course and keeps the blocks whose
    /// names it holds, and with them what learners have sent (reference openedx.md 3.14).
    pub(crate) async fn on_stage(&self, course: &CourseId) -> Result<Arc<Staged>> {
        let known = self.inner().staged.lock().await.get(course).cloned();
        if let Some(staged) = known {
            return Ok(staged);
        }
        let folder = temporary::folder()?;
        let (path, before) = (folder.path().join(Staged::FILE), folder.path().join(Staged::BEFORE));
        // Whoever decided what to write did so by what was read.
        let read = self.inner().exports.lock().await.get(course).cloned();
        match read.map(|read| read.folder.path().join(Staged::FILE)).filter(|read| read.exists()) {
            Some(read) => drop(copy(&read, &before)?),
            None => self.export_to(course, &before).await?,
        }
        copy(&before, &path)?;
        let archive = OlxArchive::open(&path)?;
        let inner = archive.require_courses()?.first_course().await?.id;
        let staged = Arc::new(Staged { archive, inner, folder });
        let mut all = self.inner().staged.lock().await;
        Ok(Arc::clone(all.entry(course.clone()).or_insert(staged)))
    }

    /// An import puts all of the course back to what it was when it was read, what is written aside: if anything has changed
    /// in between, it would be gone. So the course is exported once more. What somebody does while the import itself runs
    /// cannot be seen.
    async fn must_be_as_read(&self, course: &CourseId, staged: &Staged) -> Result<()> {
        let before = staged.folder.path().join(Staged::BEFORE);
        if !before.exists() {
            return Ok(());
        }
        let now = staged.folder.path().join("now.tar.gz");
        self.export_to(course, &now).await?;
        let Some(changed) = archive::difference(&before, &now)? else { return Ok(()) };
        self.inner().staged.lock().await.remove(course);
        self.inner().exports.lock().await.remove(course);
        let why = format!(
            "somebody has changed the course in Studio since it was read ({changed}), and an import would undo that: nothing \
             was imported; do it again"
        );
        Err(Error::new(ErrorKind::Conflict, why).at(Platform::OpenEdx, "authoring.finish").on(course))
    }

    /// The LMS must show as many blocks of each type as the archive holds. It learns of an import after a
    /// while, so it is given some time.
    async fn check_arrived(&self, course: &CourseId, staged: &Staged) -> Result<()> {
        let written = staged.archive.distinct_blocks()?;
        let mut polling = ARRIVAL.begin(ARRIVAL_PATIENCE);
        let missing = loop {
            let there = self.blocks(course, "all_blocks", "true").await?;
            let missing: Vec<String> = written
                .iter()
                .filter(|(kind, _)| COUNTED.contains(&kind.as_str()))
                .filter_map(|(kind, n)| {
                    let found = there.blocks.values().filter(|b| b.kind == *kind).count();
                    (found < *n).then(|| format!("{kind}: {found} of {n}"))
                })
                .collect();
            if missing.is_empty() {
                return Ok(());
            }
            if !polling.pause().await {
                break missing;
            }
        };
        Err(Error::new(
            ErrorKind::Protocol,
            format!("Studio took the archive, but the LMS does not show all of it: {}", missing.join(", ")),
        )
        .at(Platform::OpenEdx, "authoring.finish")
        .on(course))
    }
}

fn copy(from: &Path, to: &Path) -> Result<u64> {
    std::fs::copy(from, to).map_err(|e| Error::io(from.display(), e))
}
