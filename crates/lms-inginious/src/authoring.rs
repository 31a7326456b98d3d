//! Writing courses on a server: made by a page, filled by WebDAV or by pages (reference inginious.md 6.8, 7).
//!
//! A course is closed while it is being written, and opened by `finish`. Each call leaves whole files behind, so
//! that an interrupted run can go on.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use bytes::Bytes;
use lms_core::{
    Adapted, Asset, AssetBody, AssetId, AssetLink, AssetLinks, AssetRole, Authoring, AuthoringSupport,
    Course, CourseId, Error, ErrorKind, ExistingCourse, Finding, Lesson, LessonId, NewCourse, Platform,
    Result, Section, SectionId, Severity, Slot, Step, StepAt, StepId, StepLinks, Support,
};
use serde_json::{Map, Value, json};
use tokio::sync::{Mutex, MutexGuard};

use crate::convert::adapt::{adapt, native_link};
use crate::convert::catalogue::{is_broken, is_catalogue};
use crate::convert::script::{GENERATED, GRADING_FILE, Grading};
use crate::convert::write::{Draft, asset_path, missing, plain_id, write_task};
use crate::files::{Changed, Files, Found};
use crate::folder::store::MAX_FILE;
use crate::links;
use crate::studio::fit;
use crate::workshop::Workshop;
use crate::{Inginious, UploadBy};

const CREATE: &str = "authoring.create_course";
const PUT: &str = "authoring.put";
const DELETE: &str = "authoring.delete";
const FINISH: &str = "authoring.finish";
/// Who runs a course is not for an upload to change.
const STAFF: [&str; 2] = ["admins", "tutors"];

/// The courses that are being written.
pub(crate) type Uploads = Mutex<HashMap<CourseId, Upload>>;

/// A course that is being written, and its course file as it stands.
#[derive(Debug)]
pub(crate) struct Upload {
    files: Files,
    draft: Draft,
    /// Folders known to be there.
    folders: BTreeSet<String>,
    /// Folders of tasks, as they were when the course was opened.
    tasks: BTreeSet<String>,
    /// Folders of the course that is written over, not written yet.
    stale: BTreeSet<String>,
    staff: Map<String, Value>,
    /// Whether the course file was written: else what is there is as somebody else wrote it.
    saved: bool,
}

impl Upload {
    /// What is there, to be written on.
    async fn open(operation: &'static str, mut files: Files) -> Result<Self> {
        let Found { draft, tasks, folders } = files.open(operation).await?;
        let staff = STAFF
            .iter()
            .filter_map(|key| {
                let names = draft.head.get(*key)?;
                names.as_array().is_some_and(|n| !n.is_empty()).then(|| ((*key).to_owned(), names.clone()))
            })
            .collect();
        Ok(Self { files, draft, folders, tasks, stale: BTreeSet::new(), staff, saved: false })
    }

    /// Begins the course anew: nothing in it counts any more, and learners do not see it.
    async fn begin(&mut self, title: &str) -> Result<()> {
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

    async fn save(&mut self, operation: &'static str) -> Result<()> {
        self.saved = true;
        self.files.save(operation, &self.draft, Changed::Structure).await
    }

    /// Writes a file, making its folders first and emptying what was left of another course.
    async fn write(&mut self, inside: &str, bytes: Bytes) -> Result<()> {
        let top = inside.split('/').next().unwrap_or_default();
        if self.stale.contains(top) {
            self.files.remove(PUT, top).await?;
            self.folders.retain(|folder| folder != top && !folder.starts_with(&format!("{top}/")));
            self.stale.remove(top);
        }
        for (at, _) in inside.match_indices('/') {
            let folder = &inside[..at];
            if !self.folders.contains(folder) {
                self.files.make_folder(PUT, folder).await?;
                self.folders.insert(folder.to_owned());
            }
        }
        self.files.write(PUT, inside, bytes).await
    }

    /// Removes the files of tasks, and saves.
    async fn without(&mut self, tasks: &[String]) -> Result<()> {
        for id in tasks {
            self.files.remove(DELETE, id).await?;
            self.folders.retain(|folder| folder != id && !folder.starts_with(&format!("{id}/")));
        }
        self.save(DELETE).await
    }
}

impl Inginious {
    /// The course as it is being written, opened first where need be.
    async fn upload(
        &self,
        operation: &'static str,
        course: &CourseId,
    ) -> Result<MutexGuard<'_, HashMap<CourseId, Upload>>> {
        let mut uploads = self.uploads().lock().await;
        if !uploads.contains_key(course) {
            let files = self.files(operation, course).await?;
            uploads.insert(course.clone(), Upload::open(operation, files).await?);
        }
        Ok(uploads)
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
}

fn of<'u>(uploads: &'u mut HashMap<CourseId, Upload>, course: &CourseId) -> Result<&'u mut Upload> {
    uploads.get_mut(course).ok_or_else(|| missing("id", course))
}

#[async_trait]
impl Authoring for Inginious {
    /// Courses are made by a page, for super-administrators; the rest is WebDAV, for administrators of the course
    /// on sites that have it: a file is one request, a step two or three. By [`UploadBy::Pages`] all of it is emulated.
    fn support(&self) -> AuthoringSupport {
        let by = match self.upload_by() {
            UploadBy::Webdav => Support::Native,
            UploadBy::Pages => Support::Emulated,
        };
        AuthoringSupport { create: Support::Emulated, update: by, delete: by, assets: by }
    }

    fn parallel(&self) -> usize {
        1
    }

    fn adapt(&self, course: &Course) -> Adapted {
        let mut adapted = adapt(course);
        for asset in &adapted.course.assets {
            // Scripts with an ending are run by the interpreter that the ending names (reference inginious.md 9.9).
            if asset.role == AssetRole::Grader && (asset.name == "run" || asset.name.ends_with("/run")) {
                let finding = Finding::new(
                    Severity::Approximated,
                    format!("file {}", asset.name),
                    "file mode",
                    "an upload does not make files executable, and the script has no ending that names its interpreter",
                );
                adapted
                    .findings
                    .push(finding.with_fallback("the file is carried; make it executable on the server"));
            }
        }
        match self.upload_by() {
            UploadBy::Webdav => adapted,
            UploadBy::Pages => fit(adapted),
        }
    }

    /// The id is the one asked for, or made of the id of the course. `Replace` writes over a course that the account
    /// runs: its administrators and tutors stay, and so does what learners have sent in.
    async fn create_course(&self, header: &Course, new: &NewCourse) -> Result<CourseId> {
        let NewCourse { id, existing } = new;
        let id = id.clone().unwrap_or_else(|| CourseId::new(plain_id(header.id.as_str())));
        let there = match existing {
            ExistingCourse::Refuse => Workshop::Shut,
            ExistingCourse::Replace => self.workshop(CREATE, &id).await?,
        };
        if matches!(there, Workshop::Shut) {
            self.make_course(CREATE, &id).await?;
        }
        let mut upload = Upload::open(CREATE, self.files(CREATE, &id).await?).await?;
        upload.begin(&header.title).await?;
        self.uploads().lock().await.insert(id.clone(), upload);
        Ok(id)
    }

    async fn put_asset(&self, course: &CourseId, asset: &Asset, body: AssetBody) -> Result<AssetLink> {
        let path = asset_path(asset)?;
        let bytes = body.into_bytes(MAX_FILE).await?;
        if is_catalogue(&path) && is_broken(&bytes) {
            let why = "the site would read it as translations and then no longer open the course: it is no catalogue \
                       that gettext compiled; compile it again, or remove it, in the source";
            return Err(Error::invalid(why).at(Platform::Inginious, PUT).on(format!("file {path}")));
        }
        let mut uploads = self.upload(PUT, course).await?;
        of(&mut uploads, course)?.write(&path, bytes).await?;
        let url = native_link(&path).unwrap_or_else(|| path.clone());
        Ok(AssetLink { id: AssetId::new(path), url })
    }

    async fn put_section(
        &self,
        course: &CourseId,
        section: &Section,
        slot: &Slot<SectionId>,
        _links: &AssetLinks,
    ) -> Result<SectionId> {
        let mut uploads = self.upload(PUT, course).await?;
        let upload = of(&mut uploads, course)?;
        // Pages show the titles of sections, and no ids; so the ids are made of what can be read again.
        let section = match upload.files {
            Files::Dav(_) => section.clone(),
            Files::Pages(_) => Section { id: section.title.as_str().into(), ..section.clone() },
        };
        let id = upload.draft.put_section(&section, slot)?;
        upload.save(PUT).await?;
        Ok(id)
    }

    async fn put_lesson(
        &self,
        course: &CourseId,
        section: &SectionId,
        lesson: &Lesson,
        slot: &Slot<LessonId>,
    ) -> Result<LessonId> {
        let mut uploads = self.upload(PUT, course).await?;
        let upload = of(&mut uploads, course)?;
        let lesson = match upload.files {
            Files::Dav(_) => lesson.clone(),
            Files::Pages(_) => Lesson { id: lesson.title.as_str().into(), ..lesson.clone() },
        };
        let id = upload.draft.put_lesson(section, &lesson, slot)?;
        upload.save(PUT).await?;
        Ok(id)
    }

    async fn put_step(
        &self,
        course: &CourseId,
        lesson: &LessonId,
        step: &Step,
        slot: &Slot<StepId>,
        links: &AssetLinks,
    ) -> Result<StepId> {
        let mut uploads = self.upload(PUT, course).await?;
        let upload = of(&mut uploads, course)?;
        let id = upload.draft.step_id(lesson, step, slot)?;
        let written = write_task(step, links)?;
        if slot.existing.is_some() && !written.generated {
            let file = format!("{id}/{GRADING_FILE}");
            let ours = match upload.files.read(PUT, &file).await {
                Ok(bytes) => Grading::parse(&bytes).is_some(),
                Err(error) if error.kind() == ErrorKind::NotFound => false,
                Err(error) => return Err(error),
            };
            for file in GENERATED.iter().filter(|_| ours) {
                upload.files.remove(PUT, &format!("{id}/{file}")).await?;
            }
        }
        for (name, text) in written.files {
            upload.write(&format!("{id}/{name}"), text.into_bytes().into()).await?;
        }
        upload.draft.place_step(lesson, &id, slot.position, written.config);
        upload.save(PUT).await?;
        Ok(StepId::new(id))
    }

    async fn order_sections(&self, course: &CourseId, order: &[SectionId]) -> Result<()> {
        let mut uploads = self.upload(PUT, course).await?;
        let upload = of(&mut uploads, course)?;
        if upload.draft.order_sections(order)? {
            upload.save(PUT).await?;
        }
        Ok(())
    }

    async fn order_lessons(&self, course: &CourseId, section: &SectionId, order: &[LessonId]) -> Result<()> {
        let mut uploads = self.upload(PUT, course).await?;
        let upload = of(&mut uploads, course)?;
        if upload.draft.order_lessons(section, order)? {
            upload.save(PUT).await?;
        }
        Ok(())
    }

    async fn order_steps(&self, course: &CourseId, lesson: &LessonId, order: &[StepId]) -> Result<()> {
        let mut uploads = self.upload(PUT, course).await?;
        let upload = of(&mut uploads, course)?;
        if upload.draft.order_steps(lesson, order)? {
            upload.save(PUT).await?;
        }
        Ok(())
    }

    async fn delete_section(&self, course: &CourseId, section: &SectionId) -> Result<()> {
        let mut uploads = self.upload(DELETE, course).await?;
        let upload = of(&mut uploads, course)?;
        let gone = upload.draft.remove_section(section)?;
        upload.without(&gone).await
    }

    async fn delete_lesson(&self, course: &CourseId, lesson: &LessonId) -> Result<()> {
        let mut uploads = self.upload(DELETE, course).await?;
        let upload = of(&mut uploads, course)?;
        let gone = upload.draft.remove_lesson(lesson)?;
        upload.without(&gone).await
    }

    async fn delete_step(&self, course: &CourseId, step: &StepId) -> Result<()> {
        let mut uploads = self.upload(DELETE, course).await?;
        let upload = of(&mut uploads, course)?;
        let gone = upload.draft.remove_step(step)?;
        upload.without(&gone).await
    }

    /// Writes the course file and reads it back, removes what is left of a course that was written over, and asks the
    /// API whether the site can read every task.
    ///
    /// # Errors
    /// `InvalidInput` where the site did not take the course file, or leaves tasks out; they are named.
    async fn finish(&self, course: &CourseId, header: &Course, links: &AssetLinks) -> Result<()> {
        {
            let mut uploads = self.upload(FINISH, course).await?;
            let upload = of(&mut uploads, course)?;
            upload.draft.set_head(header, links);
            upload.draft.head.extend(upload.staff.clone());
            upload.saved = true;
            upload.files.save(FINISH, &upload.draft, Changed::All).await?;
        }
        self.finish_nodes(course).await
    }

    async fn finish_nodes(&self, course: &CourseId) -> Result<()> {
        let mut uploads = self.upload(FINISH, course).await?;
        let upload = of(&mut uploads, course)?;
        if upload.saved {
            upload.files.check(FINISH, &upload.draft).await?;
        }
        for folder in std::mem::take(&mut upload.stale) {
            upload.files.remove(FINISH, &folder).await?;
        }
        let taken: BTreeSet<String> =
            self.all_tasks(FINISH, course).await?.into_iter().map(|task| task.id).collect();
        let tasks = upload.draft.sections.iter().flat_map(|s| &s.lessons).flat_map(|lesson| &lesson.tasks);
        let left: Vec<&str> = tasks.filter(|task| !taken.contains(*task)).map(String::as_str).collect();
        if left.is_empty() {
            uploads.remove(course);
            return Ok(());
        }
        let why =
            format!("the course is there, but the site cannot read these of its tasks: {}", left.join(", "));
        Err(Error::invalid(why).at(Platform::Inginious, FINISH).on(format!("course {course}")))
    }

    fn step_links(&self, _from: Platform) -> StepLinks {
        StepLinks::Addressed
    }

    fn step_page(&self, course: &CourseId, at: &StepAt<'_>) -> Option<String> {
        links::step_page(self.root(), course, at)
    }

    fn written_over(&self, asset: &Asset, there: &[Asset]) -> Option<AssetLink> {
        let path = asset_path(asset).ok()?;
        let file = there.iter().find(|file| file.id.as_str() == path)?;
        let url = native_link(&path).unwrap_or(path);
        Some(AssetLink { id: file.id.clone(), url })
    }

    fn deleted_with(&self, step: &StepId, file: &Asset) -> bool {
        file.id.as_str().split_once('/').is_some_and(|(task, _)| task == step.as_str())
    }
}
