//! A course that is being written to a server, by several calls at once: what is known of its files, and its course
//! file as it grows.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use lms_core::{CourseId, Error, ErrorKind, LessonId, Platform, Result, Slot, Step, StepId};
use serde_json::{Map, Value, json};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard, OwnedRwLockReadGuard, RwLock};

use crate::Inginious;
use crate::convert::write::{Draft, WrittenTask, left_by_us, missing};
use crate::files::{Changed, Files, Found};
use crate::workshop::Workshop;

pub(crate) const CREATE: &str = "authoring.create_course";
pub(crate) const PUT: &str = "authoring.put";
pub(crate) const DELETE: &str = "authoring.delete";
/// Who runs a course is not for an upload to change.
const STAFF: [&str; 2] = ["admins", "tutors"];

/// The courses that are being written.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    courses: Mutex<HashMap<CourseId, Upload>>,
    doors: std::sync::Mutex<HashMap<CourseId, Door>>,
}

/// Who writes other files of a course holds it shared, who sends the course file has it alone: the server knows no
/// such course while it writes that file (a PUT beside it got 404 from INGInious 0.9.2).
type Door = Arc<RwLock<()>>;

/// A course that is being written.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) files: Files,
    /// The course file.
    pub(crate) draft: Draft,
    /// Folders known to be there.
    folders: BTreeSet<String>,
    /// Folders of tasks, as they were when the course was opened.
    tasks: BTreeSet<String>,
    /// Ids of steps that are being written and stand in no course file yet.
    begun: Begun,
    /// Folders of the course that is written over, not written yet.
    pub(crate) stale: BTreeSet<String>,
    pub(crate) staff: Map<String, Value>,
    /// Whether the course file was written: else what is there is as somebody else wrote it.
    pub(crate) saved: bool,
    /// How often the draft has changed, and how many of these changes the server has.
    changes: u64,
    sent: Arc<AtomicU64>,
}

/// A change of a draft.
#[derive(Debug)]
struct Change {
    number: u64,
    /// How many changes of this draft the server has.
    sent: Arc<AtomicU64>,
}

impl Upload {
    /// What is there, to be written on.
    pub(crate) async fn open(operation: &'static str, files: Files) -> Result<Self> {
        let Found { draft, tasks, folders } = files.open(operation).await?;
        let staff = STAFF
            .iter()
            .filter_map(|key| {
                let names = draft.head.get(*key)?;
                names.as_array().is_some_and(|n| !n.is_empty()).then(|| ((*key).to_owned(), names.clone()))
            })
            .collect();
        let (begun, stale) = (Begun::default(), BTreeSet::new());
        Ok(Self {
            files,
            draft,
            folders,
            tasks,
            begun,
            stale,
            staff,
            saved: false,
            changes: 0,
            sent: Arc::default(),
        })
    }

    /// Begins the course anew: nothing in it counts any more, and learners do not see it.
    pub(crate) async fn begin(&mut self, title: &str) -> Result<()> {
        self.stale = std::mem::take(&mut self.tasks);
        self.stale.extend(self.folders.get("$common").cloned());
        self.draft = Draft::default();
        self.draft.head.insert("name".into(), json!(title));
        self.draft.head.insert("accessible".into(), json!(false));
        self.draft.head.extend(self.staff.clone());
        self.saved = true;
        self.files.save(CREATE, &self.draft, Changed::All).await?;
        self.files.check(CREATE, &self.draft).await
    }

    /// Empties what was left of another course where a file is to be written.
    async fn clear(&mut self, inside: &str) -> Result<()> {
        let top = inside.split('/').next().unwrap_or_default();
        if self.stale.contains(top) {
            self.files.remove(PUT, top).await?;
            self.forget(top);
            self.stale.remove(top);
        }
        Ok(())
    }

    /// Makes the folders of a file. One caller at a time: two that make the same folder at once could be refused.
    async fn make_folders(&mut self, inside: &str) -> Result<()> {
        for (at, _) in inside.match_indices('/') {
            let folder = &inside[..at];
            if !self.folders.contains(folder) {
                self.files.make_folder(PUT, folder).await?;
                self.folders.insert(folder.to_owned());
            }
        }
        Ok(())
    }

    /// Counts a change of the draft.
    fn changed(&mut self) -> Change {
        self.changes += 1;
        Change { number: self.changes, sent: Arc::clone(&self.sent) }
    }

    /// Forgets a folder that was removed.
    pub(crate) fn forget(&mut self, folder: &str) {
        let inside = format!("{folder}/");
        self.folders.retain(|other| other != folder && !other.starts_with(&inside));
        self.tasks.remove(folder);
    }

    /// Takes a task out; its files go too.
    pub(crate) fn remove_step(&mut self, id: &StepId) -> Result<Vec<String>> {
        self.draft.remove_step(id, self.tasks.contains(id.as_str()))
    }

    /// The id of a step that is to be written in a lesson. A task that stands on the server already is only taken for
    /// the step where it reads as a broken-off run would have left it.
    async fn step_id(
        &mut self,
        lesson: &LessonId,
        step: &Step,
        slot: &Slot<StepId>,
        written: &WrittenTask,
    ) -> Result<String> {
        let mut theirs = BTreeSet::new();
        loop {
            let taken = |id: &str| theirs.contains(id) || is_begun(&self.begun, id);
            let id = self.draft.step_id(lesson, step, slot, taken)?;
            if slot.existing.is_some() || !self.tasks.contains(&id) {
                return Ok(id);
            }
            match self.files.read(PUT, &format!("{id}/task.yaml")).await {
                Ok(there) if left_by_us(&there, written) => return Ok(id),
                Ok(_) => drop(theirs.insert(id)),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(id),
                Err(error) => return Err(error),
            }
        }
    }
}

type Begun = Arc<std::sync::Mutex<BTreeSet<String>>>;

fn is_begun(begun: &Begun, id: &str) -> bool {
    begun.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
}

/// An id that no other step is given as long as this is held.
#[derive(Debug)]
pub(crate) struct Reserved {
    pub(crate) id: String,
    among: Begun,
}

impl Reserved {
    fn new(id: String, among: &Begun) -> Self {
        among.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
        Self { id, among: Arc::clone(among) }
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.among.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Inginious {
    /// The course as it is being written, opened first where need be.
    pub(crate) async fn upload(
        &self,
        operation: &'static str,
        course: &CourseId,
    ) -> Result<MappedMutexGuard<'_, Upload>> {
        let mut courses = self.uploads().courses.lock().await;
        if !courses.contains_key(course) {
            let files = self.files(operation, course).await?;
            courses.insert(course.clone(), Upload::open(operation, files).await?);
        }
        MutexGuard::try_map(courses, |courses| courses.get_mut(course)).map_err(|_| missing("id", course))
    }

    /// Begins to write a course.
    pub(crate) async fn begin_upload(&self, course: &CourseId, title: &str) -> Result<()> {
        let mut upload = Upload::open(CREATE, self.files(CREATE, course).await?).await?;
        upload.begin(title).await?;
        self.uploads().courses.lock().await.insert(course.clone(), upload);
        Ok(())
    }

    /// Forgets what is known of a course: it is read again before more is written.
    pub(crate) async fn end_upload(&self, course: &CourseId) {
        self.uploads().courses.lock().await.remove(course);
    }

    async fn files(&self, operation: &'static str, course: &CourseId) -> Result<Files> {
        match self.workshop(operation, course).await? {
            Workshop::Open(files) => Ok(files),
            Workshop::WithoutFiles => Err(Error::unsupported(
                Platform::Inginious,
                "authoring by WebDAV, which this site does not offer; choose `upload = pages` to write by the forms of its \
                 administrators, or write a folder and have it copied to the server",
            )),
            Workshop::Shut => {
                Err(Error::new(ErrorKind::PermissionDenied, "the account is no administrator of this course")
                    .at(Platform::Inginious, operation)
                    .on(format!("course {course}")))
            }
        }
    }

    fn door(&self, course: &CourseId) -> Door {
        let mut doors = self.uploads().doors.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(doors.entry(course.clone()).or_default())
    }

    /// Waits until nobody sends the course file; nobody does while the answer is held.
    pub(crate) async fn among_files(&self, course: &CourseId) -> OwnedRwLockReadGuard<()> {
        self.door(course).read_owned().await
    }

    /// Writes a file, making its folders first and emptying what was left of another course. The caller is
    /// [`among_files`](Self::among_files).
    pub(crate) async fn put_file(&self, course: &CourseId, inside: &str, bytes: Bytes) -> Result<()> {
        let files = {
            let mut upload = self.upload(PUT, course).await?;
            upload.clear(inside).await?;
            upload.make_folders(inside).await?;
            upload.files.clone()
        };
        files.write(PUT, inside, bytes).await
    }

    /// Settles under which id a step is written, and makes its folder. The caller is
    /// [`among_files`](Self::among_files).
    pub(crate) async fn step_folder(
        &self,
        course: &CourseId,
        lesson: &LessonId,
        step: &Step,
        slot: &Slot<StepId>,
        written: &WrittenTask,
    ) -> Result<(Reserved, Files)> {
        let (held, files, new) = {
            let mut upload = self.upload(PUT, course).await?;
            let id = upload.step_id(lesson, step, slot, written).await?;
            upload.clear(&id).await?;
            let new = !upload.folders.contains(&id);
            (Reserved::new(id, &upload.begun), upload.files.clone(), new)
        };
        // Nobody else writes into it, so that several are made at once.
        if new {
            files.make_folder(PUT, &held.id).await?;
            self.upload(PUT, course).await?.folders.insert(held.id.clone());
        }
        Ok((held, files))
    }

    /// Changes the course file and sends it. What several calls change while one is on its way goes out together.
    pub(crate) async fn change<T>(
        &self,
        operation: &'static str,
        course: &CourseId,
        change: impl FnOnce(&mut Upload) -> Result<T> + Send,
    ) -> Result<T> {
        let (answer, mine) = {
            let mut upload = self.upload(operation, course).await?;
            let answer = change(&mut upload)?;
            (answer, upload.changed())
        };
        self.send(operation, course, mine).await?;
        Ok(answer)
    }

    /// Puts what is there in order, and sends the course file where that changes anything.
    pub(crate) async fn rearrange(
        &self,
        course: &CourseId,
        order: impl FnOnce(&mut Draft) -> Result<bool> + Send,
    ) -> Result<()> {
        let mine = {
            let mut upload = self.upload(PUT, course).await?;
            if !order(&mut upload.draft)? {
                return Ok(());
            }
            upload.changed()
        };
        self.send(PUT, course, mine).await
    }

    /// Removes what `gone` takes out of the course file, which answers the tasks whose files go too. They go last: a task
    /// that no section lists is found again, one that is listed and has no files is a hole in the course.
    pub(crate) async fn remove(
        &self,
        course: &CourseId,
        gone: impl FnOnce(&mut Upload) -> Result<Vec<String>> + Send,
    ) -> Result<()> {
        let (tasks, files, mine) = {
            let mut upload = self.upload(DELETE, course).await?;
            (gone(&mut upload)?, upload.files.clone(), upload.changed())
        };
        self.send(DELETE, course, mine).await?;
        let _among = self.among_files(course).await;
        for id in tasks {
            if let Err(error) = files.remove(DELETE, &id).await {
                self.end_upload(course).await;
                return Err(error);
            }
            self.upload(DELETE, course).await?.forget(&id);
        }
        Ok(())
    }

    /// Sends the course file unless it was sent with this change in it.
    async fn send(&self, operation: &'static str, course: &CourseId, change: Change) -> Result<()> {
        let door = self.door(course);
        let _alone = door.write().await;
        if change.sent.load(Ordering::Relaxed) >= change.number {
            return Ok(());
        }
        let (files, draft, changes) = {
            let mut upload = self.upload(operation, course).await?;
            if !Arc::ptr_eq(&upload.sent, &change.sent) {
                let why =
                    "the course file that this was to go out with was not taken; the first error says why";
                return Err(Error::new(ErrorKind::OutcomeUnknown, why)
                    .at(Platform::Inginious, operation)
                    .on(format!("course {course}")));
            }
            upload.saved = true;
            (upload.files.clone(), upload.draft.clone(), upload.changes)
        };
        let saved = files.save(operation, &draft, Changed::Structure).await;
        match saved {
            Ok(()) => change.sent.store(changes, Ordering::Relaxed),
            // The draft holds what the server may not have, and changes of others who wait.
            Err(_) => self.end_upload(course).await,
        }
        saved
    }
}
