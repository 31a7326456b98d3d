//! What a run is to do, found out before it does it.

use std::collections::BTreeMap;

use futures::StreamExt;
use lms_core::{
    Content, CourseId, CourseQuery, Error, ErrorKind, ExistingCourse, LmsProvider, LmsProviderExt, NewCourse,
    Result, Severity,
};

use super::changes::{Action, Changes};
use super::decide::{Decided, Sides, decide};
use super::files::{held_files, sent_files};
use super::fingerprint::Hashes;
use super::{Earlier, SyncOptions};
use crate::journal::record::{Kind, Write};
use crate::journal::state::State;
use crate::verify::files;
use crate::{Journal, Plan, Status};

/// How a run begins.
#[derive(Debug, Clone)]
pub(crate) enum Begin {
    /// With a course that is made, or written over. What the journal says of earlier ones is forgotten.
    Anew(NewCourse),
    /// The same, for a course that an interrupted run had begun: nothing in it counts.
    Again(CourseId),
    /// With the course that is there.
    GoOn(CourseId),
}

/// What a run is to do. Made by [`Work::prepare`], done by [`Work::carry_out`](Self::carry_out).
#[derive(Debug)]
pub struct Work {
    pub(crate) plan: Plan,
    pub(crate) begin: Begin,
    pub(crate) decided: Decided,
    pub(crate) files: Hashes,
    pub(crate) there: Option<Content>,
    pub(crate) options: SyncOptions,
    /// Whether an earlier run broke off.
    pub(crate) unfinished: bool,
}

impl Work {
    /// A course that is written for the first time, without a look at any journal.
    pub(crate) fn first(plan: &Plan, new: &NewCourse) -> Self {
        let options = SyncOptions { new: new.clone(), ..SyncOptions::default() };
        let (state, files) = (State::default(), Hashes::new());
        let sides = Sides {
            adapted: &plan.adapted.course,
            there: None,
            state: &state,
            files: &files,
            options: &options,
            unplaced: &BTreeMap::new(),
            held: &BTreeMap::new(),
        };
        Self {
            decided: decide(sides),
            plan: plan.clone(),
            begin: Begin::Anew(new.clone()),
            files,
            there: None,
            options,
            unfinished: false,
        }
    }

    /// Finds out what is to be done: reads the journal, and, where an earlier run wrote the course, the
    /// target and the source's files. Writes nothing.
    ///
    /// # Errors
    /// `Conflict` where an earlier run broke off and the options do not say to go on; what reading gives.
    pub async fn prepare(
        plan: Plan,
        source: &dyn LmsProvider,
        target: &dyn LmsProvider,
        journal: &Journal,
        options: SyncOptions,
    ) -> Result<Self> {
        let status = journal.status();
        let unfinished = matches!(status, Status::Unfinished { .. });
        let begin = match (&status, options.earlier) {
            (Status::Fresh, _) | (_, Earlier::Forget) => Begin::Anew(options.new.clone()),
            (Status::Unfinished { course, begun, written }, Earlier::Update) => {
                return Err(broke_off(course.as_ref(), begun, *written, journal));
            }
            (Status::Finished { course, .. }, _) if options.new.existing == ExistingCourse::Replace => {
                let id = options.new.id.clone().unwrap_or_else(|| course.clone());
                Begin::Anew(NewCourse { id: Some(id), existing: ExistingCourse::Replace })
            }
            (Status::Finished { course, .. }, _) => Begin::GoOn(course.clone()),
            (Status::Unfinished { .. }, Earlier::Resume) => begin_again(target, journal, &options).await?,
        };
        let mut work = Self { begin, unfinished, ..Self::first(&plan, &options.new) };
        if let Begin::GoOn(course) = &work.begin {
            let there =
                target.require_courses()?.content(course).await.map_err(|error| match error.kind() {
                    ErrorKind::NotFound => Error::new(
                        ErrorKind::NotFound,
                        "the course that an earlier run wrote is not there any more; --new writes another",
                    )
                    .on(course)
                    .with_source(error),
                    _ => error,
                })?;
            work.files = hashes(&plan, source).await?;
            let state = journal.state().clone();
            let sides = Sides {
                adapted: &plan.adapted.course,
                there: Some(&there.course),
                state: &state,
                files: &work.files,
                options: &options,
                unplaced: &unplaced(target, &state).await?,
                held: &BTreeMap::new(),
            };
            work.decided = decide(sides);
            let held = held_files(target, (course, &there.course), &state, &work.decided.removals).await?;
            if !held.is_empty() {
                work.decided = decide(Sides { held: &held, ..sides });
            }
            let files =
                sent_files(&plan, target, (course, &there.course), &state, &work.files, options.conflicts);
            let files = files.await?;
            work.decided.changes.changes.extend(files.changes);
            work.decided.theirs = files.theirs;
            work.there = Some(there);
        }
        (work.plan, work.options) = (plan, options);
        Ok(work)
    }

    /// What is planned.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What happens to which node of the target.
    pub fn changes(&self) -> &Changes {
        &self.decided.changes
    }

    /// The course on the target, where an earlier run made one.
    pub fn course(&self) -> Option<&CourseId> {
        match &self.begin {
            Begin::Anew(_) => None,
            Begin::Again(course) | Begin::GoOn(course) => Some(course),
        }
    }

    /// Why nothing will be written, if so: what stands in the way of the whole course, conflicts, or too much to
    /// remove.
    pub fn refusal(&self) -> Option<Error> {
        let mut blocked = self.plan.adapted.findings.iter().filter(|f| f.severity == Severity::Blocked);
        if let Some(first) = blocked.next() {
            let more = match blocked.count() {
                0 => String::new(),
                n => format!(", and {n} more"),
            };
            let why = format!("the target would refuse the course: {}{more}; nothing was written", first.why);
            return Some(Error::invalid(why).on(&first.path));
        }
        let removals = self.decided.changes.count(Action::Delete);
        if let Some(most) = self.options.max_delete.filter(|most| removals > *most) {
            let why = format!(
                "{removals} nodes would be removed, and no more than {most} may be; nothing was written"
            );
            return Some(Error::new(ErrorKind::Conflict, why));
        }
        self.decided.changes.refusal()
    }

    /// Whether the target is as it should be already, and nothing is to be remembered.
    pub fn is_done(&self) -> bool {
        matches!(self.begin, Begin::GoOn(_))
            && !self.unfinished
            && !self.decided.changes.writes()
            && !self.decided.settles()
    }
}

/// Lessons whose making has no outcome, and that stand nowhere yet.
async fn unplaced(target: &dyn LmsProvider, state: &State) -> Result<BTreeMap<u64, String>> {
    let authoring = target.require_authoring()?;
    let mut found = BTreeMap::new();
    for (n, write) in &state.pending {
        if let Write::Create { node, title } = write
            && node.key.kind == Kind::Lesson
            && let Some(id) = authoring.find_unplaced_lesson(title).await?
        {
            found.insert(*n, id.to_string());
        }
    }
    Ok(found)
}

fn broke_off(course: Option<&CourseId>, begun: &str, written: usize, journal: &Journal) -> Error {
    let to = course.map(|id| format!(" to course {id}")).unwrap_or_default();
    let why = format!(
        "an earlier run, begun {begun}, broke off with {written} sections, lessons and steps written{to}. Go on \
         with --resume, or leave that and write another course with --new"
    );
    Error::new(ErrorKind::Conflict, why).on(journal.folder().display())
}

/// Where a run that broke off goes on.
async fn begin_again(target: &dyn LmsProvider, journal: &Journal, options: &SyncOptions) -> Result<Begin> {
    let staged = target.require_authoring()?.staged();
    let (course, pending, replace, complete, nothing) = {
        let mut state = journal.state();
        state.roll_back();
        let pending = state.pending.values().find_map(|write| match write {
            Write::Course { title, there } => Some((title.clone(), there.clone())),
            _ => None,
        });
        (state.course.clone(), pending, state.replace, state.complete, state.nodes.is_empty())
    };
    let course = match (course, pending) {
        (Some(course), _) => Some(course),
        (None, Some((title, there))) => made(target, options.new.id.as_ref(), &title, &there).await?,
        (None, None) => None,
    };
    Ok(match course {
        None if replace => {
            Begin::Anew(NewCourse { existing: ExistingCourse::Replace, ..options.new.clone() })
        }
        None => Begin::Anew(options.new.clone()),
        // What was there before must go, and nobody knows how far that came.
        Some(course) if replace => Begin::Again(course),
        Some(course) if !complete && nothing && (staged || journal.state().course.is_none()) => {
            Begin::Again(course)
        }
        Some(course) => Begin::GoOn(course),
    })
}

/// The course whose making has no outcome, if it was made: of the wanted id, or a new one of the title (or
/// without title of its own), that was not there before. Nothing was written into it yet: one that holds anything
/// is somebody else's, made since.
async fn made(
    target: &dyn LmsProvider,
    id: Option<&CourseId>,
    title: &str,
    there: &[CourseId],
) -> Result<Option<CourseId>> {
    let mut new = like(target, id, title).await?;
    new.retain(|found| !there.contains(found));
    let courses = target.require_courses()?;
    let mut empty = Vec::new();
    for found in new {
        let content = courses.content(&found).await.map_err(|error| {
            let why = "a course that an earlier run may have made, or somebody else since, cannot be read; look at it, and \
                       remove it where it is empty, or write another with --new";
            Error::new(ErrorKind::OutcomeUnknown, why).on(&found).with_source(error)
        })?;
        if content.course.sections.is_empty() {
            empty.push(found);
        }
    }
    match empty.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only.clone())),
        several => {
            let ids: Vec<&str> = several.iter().map(CourseId::as_str).collect();
            Err(Error::new(
                ErrorKind::OutcomeUnknown,
                "several new courses could be the one that an earlier run made; remove those that are not yours to \
                 keep, or name a course",
            )
            .on(ids.join(", ")))
        }
    }
}

/// Courses of the account that have this id, or this title, or none of their own.
pub(crate) async fn like(
    target: &dyn LmsProvider,
    id: Option<&CourseId>,
    title: &str,
) -> Result<Vec<CourseId>> {
    let Some(courses) = target.courses() else { return Ok(Vec::new()) };
    if let Some(id) = id {
        return match courses.get(id).await {
            Ok(found) => Ok(vec![found.id]),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => Ok(Vec::new()),
            Err(e) => Err(e),
        };
    }
    let own = CourseQuery { teaching: true, ..CourseQuery::new() };
    let listed = courses.list(own).or_else(|_| courses.list(CourseQuery::new()));
    let Ok(listed) = listed else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let mut listed = listed.items();
    while let Some(course) = listed.next().await {
        match course {
            Ok(course) if course.title == title || course.title == course.id.as_str() => {
                found.push(course.id)
            }
            Ok(_) => {}
            // A place for a new course has nothing to list.
            Err(e) if e.kind() == ErrorKind::NotFound => break,
            Err(e) => return Err(e),
        }
    }
    Ok(found)
}

/// The SHA-256 of each file of the plan; those that the source lists and does not give are left out.
async fn hashes(plan: &Plan, source: &dyn LmsProvider) -> Result<Hashes> {
    let files = files(source, &plan.content.course.id, &plan.adapted.course.assets, &Hashes::new()).await?;
    Ok(files.0.into_iter().map(|(asset, hash)| (asset.id, hash)).collect())
}
