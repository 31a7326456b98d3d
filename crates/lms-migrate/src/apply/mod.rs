//! Writing what was planned, each write in the journal before and after.

mod assets;
mod backup;
mod baseline;
mod nodes;
mod pages;

use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;

use lms_core::{
    AssetLinks, Authoring, CourseId, ErrorKind, ExistingCourse, Finding, LmsProvider, LmsProviderExt,
    NewCourse, Result,
};
use serde::Serialize;

use crate::journal::record::{Key, Outcome, Write};
use crate::sync::fingerprint::{Hashes, of_header};
use crate::sync::{Begin, Work, like};
use crate::{Journal, Plan, Progress, Stage, Stop};

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// The course on the target.
    pub course: CourseId,
    /// Sections written.
    pub sections: usize,
    /// Lessons written.
    pub lessons: usize,
    /// Steps written.
    pub steps: usize,
    /// Files written.
    pub assets: usize,
    /// Losses that only showed while writing: files that the source lists and does not give.
    pub findings: Vec<Finding>,
    /// How each file is linked on the target.
    pub links: AssetLinks,
    /// The bundle that holds the course as it was before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<PathBuf>,
    /// The SHA-256 of each file as the source gave it.
    #[serde(skip)]
    pub(crate) files: Hashes,
}

impl Written {
    fn to(course: CourseId) -> Self {
        Self {
            course,
            sections: 0,
            lessons: 0,
            steps: 0,
            assets: 0,
            findings: Vec::new(),
            links: AssetLinks::new(),
            backup: None,
            files: Hashes::new(),
        }
    }
}

/// Writes a planned course, and keeps no journal: a run that breaks off leaves what it wrote. See
/// [`Work`] for one that can go on.
///
/// Files are written first, several at once; then sections and lessons in order; then steps, several
/// lessons at once and the steps of each in order, since platforms number them as they come.
///
/// # Errors
/// What the target answers, with the node named. What was written stays.
pub async fn apply(
    plan: &Plan,
    source: &dyn LmsProvider,
    target: &dyn LmsProvider,
    new: &NewCourse,
    progress: &dyn Progress,
) -> Result<Written> {
    Work::first(plan, new).carry_out(source, target, &Journal::nowhere(), progress, &Stop::new()).await
}

/// What all writes of a run need.
struct Run<'a> {
    work: &'a Work,
    source: &'a dyn LmsProvider,
    authoring: &'a dyn Authoring,
    journal: &'a Journal,
    progress: &'a dyn Progress,
    stop: &'a Stop,
    course: CourseId,
    /// The files as they were when they were written.
    files: Hashes,
    links: AssetLinks,
    /// Ids on the target by name in the source.
    ids: HashMap<Key, String>,
    /// Fingerprints by name in the source.
    prints: HashMap<Key, String>,
}

impl Work {
    /// Does it. When it is asked to stop, and when something fails, writes that are under way end, and the
    /// journal knows where to go on.
    ///
    /// # Errors
    /// [`Work::refusal`], before anything is written; `Stopped`; what the target answers, with the node
    /// named; `Io` where the journal cannot be written. What was written stays.
    pub async fn carry_out(
        &self,
        source: &dyn LmsProvider,
        target: &dyn LmsProvider,
        journal: &Journal,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Written> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        let authoring = target.require_authoring()?;
        if let (true, Begin::GoOn(course)) = (self.is_done(), &self.begin) {
            return Ok(Written { files: self.files.clone(), ..Written::to(course.clone()) });
        }
        stop.check()?;
        let backup = self.back_up(target, journal).await?;
        self.keep_originals(journal)?;
        let course = self.course_to_write(target, authoring, journal).await?;
        let mut run = Run {
            work: self,
            source,
            authoring,
            journal,
            progress,
            stop,
            files: self.files.clone(),
            links: AssetLinks::new(),
            ids: self.ids_known(),
            prints: HashMap::new(),
            course,
        };
        let mut written = Written { backup, ..Written::to(run.course.clone()) };
        run.write_assets(&mut written).await?;
        run.prints = run.prints_of_nodes();
        run.remove(false).await?;
        run.write_structure(&mut written).await?;
        run.write_steps(&mut written).await?;
        run.remove(true).await?;
        run.put_in_order().await?;
        // An earlier run may have broken off behind its last write.
        if self.decided.header || self.decided.changes.writes() {
            run.finish().await?;
        }
        if journal.is_kept() {
            run.look_back(target).await?;
        }
        (written.links, written.files) = (run.links, run.files);
        Ok(written)
    }

    /// Nodes that are on the target, by name.
    fn ids_known(&self) -> HashMap<Key, String> {
        let tasks = self.decided.tasks.iter();
        tasks.filter_map(|task| Some((task.key.clone(), task.id.clone()?))).collect()
    }

    /// Begins the course, or goes on with the one that is there.
    async fn course_to_write(
        &self,
        target: &dyn LmsProvider,
        authoring: &dyn Authoring,
        journal: &Journal,
    ) -> Result<CourseId> {
        let staged = authoring.staged();
        let header = self.plan.adapted.course.header();
        match &self.begin {
            Begin::GoOn(course) => {
                journal.begin(false, staged, false).await?;
                for (n, id) in &self.decided.adopted {
                    let outcome = Outcome { id: Some(id.clone()), ..Outcome::default() };
                    journal.done(*n, outcome).await?;
                }
                journal.write(self.decided.found.clone(), true).await?;
                Ok(course.clone())
            }
            Begin::Again(course) => {
                journal.claim(course)?;
                journal.begin(true, staged, true).await?;
                let there = vec![course.clone()];
                let n = journal.intend(Write::Course { title: header.title.clone(), there }).await?;
                let outcome = Outcome { id: Some(course.to_string()), ..Outcome::default() };
                journal.done(n, outcome).await?;
                let new = NewCourse { id: Some(course.clone()), existing: ExistingCourse::Replace };
                authoring.create_course(&header, &new).await
            }
            Begin::Anew(new) => {
                let there = match journal.is_kept() {
                    true => like(target, new.id.as_ref(), &header.title).await?,
                    false => Vec::new(),
                };
                journal.begin(true, staged, new.existing == ExistingCourse::Replace).await?;
                let n = journal.intend(Write::Course { title: header.title.clone(), there }).await?;
                match authoring.create_course(&header, new).await {
                    Ok(course) => {
                        let outcome = Outcome { id: Some(course.to_string()), ..Outcome::default() };
                        journal.done(n, outcome).await?;
                        journal.claim(&course)?;
                        Ok(course)
                    }
                    Err(error) => {
                        if is_refusal(error.kind()) {
                            journal.refused(n, error.kind()).await?;
                        }
                        Err(error)
                    }
                }
            }
        }
    }
}

/// Whether a course was certainly not begun: what is found under its name later is somebody else's.
fn is_refusal(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::AlreadyExists
            | ErrorKind::InvalidInput
            | ErrorKind::PermissionDenied
            | ErrorKind::Unauthenticated
            | ErrorKind::Unsupported
            | ErrorKind::Config
            | ErrorKind::NotFound
    )
}

impl Run<'_> {
    /// One write: into the journal, to the target, into the journal. One that fails stays without an outcome,
    /// and is looked for before it is made again.
    async fn write<T>(
        &self,
        write: Write,
        call: impl Future<Output = Result<T>>,
        outcome: impl FnOnce(&T) -> Outcome,
    ) -> Result<T> {
        self.stop.check()?;
        let n = self.journal.intend(write).await?;
        let made = call.await?;
        self.journal.done(n, outcome(&made)).await?;
        Ok(made)
    }

    async fn finish(&self) -> Result<()> {
        self.progress.begin(Stage::Finish, 0);
        let header = &self.pointed_header();
        let print = of_header(&self.work.plan.adapted.course, &self.files);
        let whole = || async {
            self.write(
                Write::Finish { header: Some(print.clone()) },
                self.authoring.finish(&self.course, header, &self.links),
                |()| Outcome::default(),
            )
            .await
        };
        if self.work.decided.header {
            whole().await?;
        } else {
            let nodes =
                self.write(Write::Finish { header: None }, self.authoring.finish_nodes(&self.course), |()| {
                    Outcome::default()
                });
            match nodes.await {
                Err(e) if e.kind() == ErrorKind::Unsupported => whole().await?,
                other => other?,
            }
        }
        self.progress.end(Stage::Finish);
        Ok(())
    }
}
