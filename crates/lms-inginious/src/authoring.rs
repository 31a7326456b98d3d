//! Writing courses on a server: made by a page, filled by WebDAV or by pages (reference inginious.md 6.8, 7).
//!
//! A course is closed while it is being written, and opened by `finish`. Each call leaves whole files behind, so
//! that an interrupted run can go on.

use std::collections::BTreeSet;

use async_trait::async_trait;
use lms_core::{
    Adapted, Asset, AssetBody, AssetId, AssetLink, AssetLinks, AssetRole, Authoring, AuthoringSupport,
    Course, CourseId, Error, ErrorKind, ExistingCourse, Finding, Lesson, LessonId, NewCourse, Platform,
    Result, Section, SectionId, Severity, Slot, Step, StepAt, StepId, StepLinks, Support,
};

use crate::convert::adapt::{adapt, native_link};
use crate::convert::catalogue::{is_broken, is_catalogue};
use crate::convert::script::{GENERATED, GRADING_FILE, Grading};
use crate::convert::write::{
    asset_path, deleted_with, plain_id, refuse_without_files, write_task, written_over,
};
use crate::files::{Changed, Files};
use crate::folder::store::MAX_FILE;
use crate::links;
use crate::studio::fit;
use crate::upload::{CREATE, PUT};
use crate::workshop::Workshop;
use crate::{Inginious, UploadBy};

const FINISH: &str = "authoring.finish";
/// Calls under way at once: what requests are held to. The course file goes out for all of them together.
const AT_ONCE: usize = 8;

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

    /// Forms make and delete tasks together with the structure of the whole course, so they go one after the other.
    fn parallel(&self) -> usize {
        match self.upload_by() {
            UploadBy::Webdav => AT_ONCE,
            UploadBy::Pages => 1,
        }
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
        self.begin_upload(&id, &header.title).await?;
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
        let _among = self.among_files(course).await;
        self.put_file(course, &path, bytes).await?;
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
        self.change(PUT, course, |upload| {
            // Pages show the titles of sections, and no ids; so the ids are made of what can be read again.
            let section = match upload.files {
                Files::Dav(_) => section.clone(),
                Files::Pages(_) => Section { id: section.title.as_str().into(), ..section.clone() },
            };
            upload.draft.put_section(&section, slot)
        })
        .await
    }

    async fn put_lesson(
        &self,
        course: &CourseId,
        section: &SectionId,
        lesson: &Lesson,
        slot: &Slot<LessonId>,
    ) -> Result<LessonId> {
        self.change(PUT, course, |upload| {
            let lesson = match upload.files {
                Files::Dav(_) => lesson.clone(),
                Files::Pages(_) => Lesson { id: lesson.title.as_str().into(), ..lesson.clone() },
            };
            upload.draft.put_lesson(section, &lesson, slot)
        })
        .await
    }

    async fn put_step(
        &self,
        course: &CourseId,
        lesson: &LessonId,
        step: &Step,
        slot: &Slot<StepId>,
        links: &AssetLinks,
    ) -> Result<StepId> {
        let written = write_task(step, links)?;
        let among = self.among_files(course).await;
        let (held, files) = self.step_folder(course, lesson, step, slot, &written).await?;
        let id = held.id.as_str();
        if slot.existing.is_none() {
            refuse_without_files(step, id, links)?;
        } else if !written.generated {
            let ours = match files.read(PUT, &format!("{id}/{GRADING_FILE}")).await {
                Ok(bytes) => Grading::parse(&bytes).is_some(),
                Err(error) if error.kind() == ErrorKind::NotFound => false,
                Err(error) => return Err(error),
            };
            for file in GENERATED.iter().filter(|_| ours) {
                files.remove(PUT, &format!("{id}/{file}")).await?;
            }
        }
        for (name, text) in written.files {
            self.put_file(course, &format!("{id}/{name}"), text.into_bytes().into()).await?;
        }
        drop(among);
        self.change(PUT, course, |upload| {
            upload.draft.place_step(lesson, id, slot.position, written.config);
            Ok(StepId::new(id))
        })
        .await
    }

    async fn order_sections(&self, course: &CourseId, order: &[SectionId]) -> Result<()> {
        self.rearrange(course, |draft| draft.order_sections(order)).await
    }

    async fn order_lessons(&self, course: &CourseId, section: &SectionId, order: &[LessonId]) -> Result<()> {
        self.rearrange(course, |draft| draft.order_lessons(section, order)).await
    }

    async fn order_steps(&self, course: &CourseId, lesson: &LessonId, order: &[StepId]) -> Result<()> {
        self.rearrange(course, |draft| draft.order_steps(lesson, order)).await
    }

    async fn delete_section(&self, course: &CourseId, section: &SectionId) -> Result<()> {
        self.remove(course, |upload| upload.draft.remove_section(section)).await
    }

    async fn delete_lesson(&self, course: &CourseId, lesson: &LessonId) -> Result<()> {
        self.remove(course, |upload| upload.draft.remove_lesson(lesson)).await
    }

    async fn delete_step(&self, course: &CourseId, step: &StepId) -> Result<()> {
        self.remove(course, |upload| upload.remove_step(step)).await
    }

    /// Writes the course file and reads it back, removes what is left of a course that was written over, and asks the
    /// API whether the site can read every task.
    ///
    /// # Errors
    /// `InvalidInput` where the site did not take the course file, or leaves tasks out; they are named.
    async fn finish(&self, course: &CourseId, header: &Course, links: &AssetLinks) -> Result<()> {
        {
            let mut upload = self.upload(FINISH, course).await?;
            upload.draft.set_head(header, links);
            let staff = upload.staff.clone();
            upload.draft.head.extend(staff);
            upload.saved = true;
            upload.files.save(FINISH, &upload.draft, Changed::All).await?;
        }
        self.finish_nodes(course).await
    }

    async fn finish_nodes(&self, course: &CourseId) -> Result<()> {
        let draft = {
            let mut upload = self.upload(FINISH, course).await?;
            if upload.saved {
                upload.files.check(FINISH, &upload.draft).await?;
            }
            for folder in std::mem::take(&mut upload.stale) {
                upload.files.remove(FINISH, &folder).await?;
            }
            upload.draft.clone()
        };
        let taken: BTreeSet<String> =
            self.all_tasks(FINISH, course).await?.into_iter().map(|task| task.id).collect();
        let tasks = draft.sections.iter().flat_map(|s| &s.lessons).flat_map(|lesson| &lesson.tasks);
        let left: Vec<&str> = tasks.filter(|task| !taken.contains(*task)).map(String::as_str).collect();
        if left.is_empty() {
            self.end_upload(course).await;
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
        written_over(asset, there)
    }

    fn deleted_with(&self, step: &StepId, file: &Asset) -> bool {
        deleted_with(step, file)
    }
}
