//! Writing courses on a server: made by a page, filled by WebDAV (reference inginious.md 6.8, 7).
//!
//! A course is closed while it is being written, and opened by `finish`. Each call leaves whole files behind, so
//! that an interrupted run can go on.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use bytes::Bytes;
use lms_core::{
    Adapted, Asset, AssetBody, AssetId, AssetLink, AssetLinks, AssetRole, Authoring, AuthoringSupport,
    Course, CourseId, Error, ErrorKind, ExistingCourse, Finding, Lesson, LessonId, NewCourse, Platform,
    Result, Section, SectionId, Severity, Slot, Step, StepId, Support,
};
use serde_json::{Map, Value, json};
use tokio::sync::{Mutex, MutexGuard};

use crate::Inginious;
use crate::convert::adapt::{adapt, native_link};
use crate::convert::script::{GENERATED, GRADING_FILE, Grading};
use crate::convert::write::{Draft, asset_path, missing, plain_id, write_task};
use crate::dav::Dav;
use crate::folder::store::MAX_FILE;
use crate::folder::yaml::emit;
use crate::workshop::Workshop;

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
    dav: Dav,
    draft: Draft,
    /// Folders known to be there.
    folders: BTreeSet<String>,
    /// Folders of tasks, as they were when the course was opened.
    tasks: BTreeSet<String>,
    /// Folders of the course that is written over, not written yet.
    stale: BTreeSet<String>,
    staff: Map<String, Value>,
}

impl Upload {
    /// What is there, to be written on.
    async fn open(operation: &'static str, dav: Dav) -> Result<Self> {
        let listing = dav.list(operation).await?;
        let text = dav.read(operation, "course.yaml").await?;
        let draft = Draft::read(&String::from_utf8_lossy(&text))?;
        let staff = STAFF
            .iter()
            .filter_map(|key| {
                let names = draft.head.get(*key)?;
                names.as_array().is_some_and(|n| !n.is_empty()).then(|| ((*key).to_owned(), names.clone()))
            })
            .collect();
        let tasks = listing.files.iter().filter_map(|entry| entry.path.strip_suffix("/task.yaml"));
        let tasks = tasks.filter(|folder| !folder.contains('/')).map(str::to_owned).collect();
        let folders = listing.folders.into_iter().collect();
        Ok(Self { dav, draft, folders, tasks, stale: BTreeSet::new(), staff })
    }

    /// Begins the course anew: nothing in it counts any more, and learners do not see it.
    async fn begin(&mut self, title: &str) -> Result<()> {
        self.stale = std::mem::take(&mut self.tasks);
        self.stale.extend(self.folders.get("$common").cloned());
        self.draft = Draft::default();
        self.draft.head.insert("name".into(), json!(title));
        self.draft.head.insert("accessible".into(), json!(false));
        self.draft.head.extend(self.staff.clone());
        self.save(CREATE).await?;
        self.check(CREATE).await
    }

    async fn save(&self, operation: &'static str) -> Result<()> {
        self.dav.write(operation, "course.yaml", self.text()).await
    }

    fn text(&self) -> Bytes {
        emit(&self.draft.to_json()).into_bytes().into()
    }

    /// A course file that the server cannot read is rolled back without a word (reference inginious.md 7).
    async fn check(&self, operation: &'static str) -> Result<()> {
        if self.dav.read(operation, "course.yaml").await? == self.text() {
            return Ok(());
        }
        let why = "the site did not take the course file: a setting in it is none that it knows, or somebody \
                   else changes the course";
        Err(Error::invalid(why).at(Platform::Inginious, operation).on("course.yaml"))
    }

    /// Writes a file, making its folders first and emptying what was left of another course.
    async fn write(&mut self, inside: &str, bytes: Bytes) -> Result<()> {
        let top = inside.split('/').next().unwrap_or_default();
        if self.stale.contains(top) {
            self.dav.remove(PUT, top).await?;
            self.folders.retain(|folder| folder != top && !folder.starts_with(&format!("{top}/")));
            self.stale.remove(top);
        }
        for (at, _) in inside.match_indices('/') {
            let folder = &inside[..at];
            if !self.folders.contains(folder) {
                self.dav.make_folder(PUT, folder).await?;
                self.folders.insert(folder.to_owned());
            }
        }
        self.dav.write(PUT, inside, bytes).await
    }

    /// Removes the files of tasks, and saves.
    async fn without(&mut self, tasks: &[String]) -> Result<()> {
        for id in tasks {
            self.dav.remove(DELETE, id).await?;
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
            let dav = self.files(operation, course).await?;
            uploads.insert(course.clone(), Upload::open(operation, dav).await?);
        }
        Ok(uploads)
    }

    async fn files(&self, operation: &'static str, course: &CourseId) -> Result<Dav> {
        match self.workshop(operation, course).await? {
            Workshop::Open(dav) => Ok(dav),
            Workshop::WithoutFiles => Err(Error::unsupported(
                Platform::Inginious,
                "authoring on a site without WebDAV; write a folder instead, and have it copied to the server",
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
    /// on sites that have it. A file is one request, a step two or three.
    fn support(&self) -> AuthoringSupport {
        let native = Support::Native;
        AuthoringSupport { create: Support::Emulated, update: native, delete: native, assets: native }
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
                    "WebDAV does not make files executable, and the script has no ending that names its interpreter",
                );
                adapted
                    .findings
                    .push(finding.with_fallback("the file is carried; make it executable on the server"));
            }
        }
        adapted
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
        let id = upload.draft.put_section(section, slot)?;
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
        let id = upload.draft.put_lesson(section, lesson, slot)?;
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
            let ours = match upload.dav.read(PUT, &file).await {
                Ok(bytes) => Grading::parse(&bytes).is_some(),
                Err(error) if error.kind() == ErrorKind::NotFound => false,
                Err(error) => return Err(error),
            };
            for file in GENERATED.iter().filter(|_| ours) {
                upload.dav.remove(PUT, &format!("{id}/{file}")).await?;
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
            upload.save(FINISH).await?;
        }
        self.finish_nodes(course).await
    }

    async fn finish_nodes(&self, course: &CourseId) -> Result<()> {
        let mut uploads = self.upload(FINISH, course).await?;
        let upload = of(&mut uploads, course)?;
        upload.check(FINISH).await?;
        for folder in std::mem::take(&mut upload.stale) {
            upload.dav.remove(FINISH, &folder).await?;
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
}
