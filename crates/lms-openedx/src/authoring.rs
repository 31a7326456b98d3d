//! Writing courses: an archive is staged, then imported through Studio; or, where the options say so, block by block
//! ([`crate::live`]).

use std::sync::Arc;

use async_trait::async_trait;
use lms_core::{
    Adapted, Asset, AssetBody, AssetLink, AssetLinks, AssetRole, Authoring, AuthoringSupport, Course,
    CourseId, Error, ErrorKind, ExistingCourse, Lesson, LessonId, LmsProviderExt, NewCourse, Platform,
    Result, Section, SectionId, Slot, Step, StepAt, StepId, StepLinks, Support,
};
use lms_http::{Method, Route, Safety};

use crate::convert::markup::{OUTSIDE, address, flat_name};
use crate::keys::CourseKey;
use crate::links;
use crate::options::WriteBy;
use crate::provider::{Inner, Staged};
use crate::temporary;
use crate::wire::{Blocks, NewRun, RunSchedule};
use crate::{ArchiveForm, OlxArchive, OpenEdx};

#[async_trait]
impl Authoring for OpenEdx {
    fn support(&self) -> AuthoringSupport {
        let by_archive = if self.studio().is_ok() { Support::Native } else { Support::No };
        if self.inner().write == WriteBy::Blocks {
            return AuthoringSupport {
                create: by_archive,
                update: by_archive,
                delete: by_archive,
                assets: by_archive,
            };
        }
        // A course that is there is exported, changed and imported again, which needs a session on Studio.
        let again = match (by_archive, &self.inner().sessions) {
            (Support::Native, Some(_)) => Support::Emulated,
            _ => Support::No,
        };
        AuthoringSupport { create: by_archive, update: again, delete: again, assets: by_archive }
    }

    fn parallel(&self) -> usize {
        4
    }

    fn adapt(&self, course: &Course) -> Adapted {
        let Inner { check, write, .. } = self.inner();
        crate::convert::adapt_to_site(course, check, *write)
    }

    /// Calls `GET /api/v1/course_runs/{id}/` and, where there is none, `POST /api/v1/course_runs/` on
    /// Studio. The platform answers a second creation with a 500, so it is asked first (reference
    /// openedx.md 3.13).
    async fn create_course(&self, header: &Course, new: &NewCourse) -> Result<CourseId> {
        const OPERATION: &str = "authoring.create_course";
        let NewCourse { id, existing } = new;
        let key = match id {
            Some(id) => {
                let key = CourseKey::parse(id)?;
                match (self.run_exists(&key).await?, existing) {
                    (false, _) => self.begin_run(&key, header).await?,
                    (true, ExistingCourse::Replace) => {}
                    (true, ExistingCourse::Refuse) => {
                        return Err(Error::new(ErrorKind::AlreadyExists, "the course run is there already")
                            .at(Platform::OpenEdx, OPERATION)
                            .on(id));
                    }
                }
                key
            }
            None => {
                let mut run = 1;
                let mut key = CourseKey::invent(&self.inner().org, &header.title, run);
                while self.run_exists(&key).await? {
                    run += 1;
                    key = CourseKey::invent(&self.inner().org, &header.title, run);
                }
                self.begin_run(&key, header).await?;
                key
            }
        };
        if self.inner().write == WriteBy::Blocks {
            return Ok(key.id());
        }
        let folder = temporary::folder()?;
        let archive = OlxArchive::create(folder.path().join(Staged::FILE), ArchiveForm::TarGz)?;
        let inner_new = NewCourse { id: Some(key.id()), existing: ExistingCourse::Refuse };
        let inner = archive.require_authoring()?.create_course(header, &inner_new).await?;
        self.inner().staged.lock().await.insert(key.id(), Arc::new(Staged { archive, inner, folder }));
        Ok(key.id())
    }

    async fn put_asset(&self, course: &CourseId, asset: &Asset, body: AssetBody) -> Result<AssetLink> {
        if self.inner().write == WriteBy::Blocks {
            return self.live_asset(course, asset, body).await;
        }
        let staged = self.on_stage(course).await?;
        staged.archive.require_authoring()?.put_asset(&staged.inner, asset, body).await
    }

    async fn put_section(
        &self,
        course: &CourseId,
        section: &Section,
        slot: &Slot<SectionId>,
        links: &AssetLinks,
    ) -> Result<SectionId> {
        if self.inner().write == WriteBy::Blocks {
            return self.live_section(course, section, slot, links).await;
        }
        let staged = self.on_stage(course).await?;
        staged.archive.require_authoring()?.put_section(&staged.inner, section, slot, links).await
    }

    async fn put_lesson(
        &self,
        course: &CourseId,
        section: &SectionId,
        lesson: &Lesson,
        slot: &Slot<LessonId>,
    ) -> Result<LessonId> {
        if self.inner().write == WriteBy::Blocks {
            return self.live_lesson(course, section, lesson, slot).await;
        }
        let staged = self.on_stage(course).await?;
        staged.archive.require_authoring()?.put_lesson(&staged.inner, section, lesson, slot).await
    }

    async fn put_step(
        &self,
        course: &CourseId,
        lesson: &LessonId,
        step: &Step,
        slot: &Slot<StepId>,
        links: &AssetLinks,
    ) -> Result<StepId> {
        if self.inner().write == WriteBy::Blocks {
            return self.live_step(course, lesson, step, slot, links).await;
        }
        let staged = self.on_stage(course).await?;
        staged.archive.require_authoring()?.put_step(&staged.inner, lesson, step, slot, links).await
    }

    fn staged(&self) -> bool {
        self.inner().write == WriteBy::Archive
    }

    async fn order_sections(&self, course: &CourseId, order: &[SectionId]) -> Result<()> {
        if self.inner().write == WriteBy::Blocks {
            let order: Vec<&str> = order.iter().map(|id| id.as_str()).collect();
            return self.live_order(course, None, "chapter", &order).await;
        }
        let staged = self.on_stage(course).await?;
        staged.archive.require_authoring()?.order_sections(&staged.inner, order).await
    }

    async fn order_lessons(&self, course: &CourseId, section: &SectionId, order: &[LessonId]) -> Result<()> {
        if self.inner().write == WriteBy::Blocks {
            let order: Vec<&str> = order.iter().map(|id| id.as_str()).collect();
            return self.live_order(course, Some(("chapter", section.as_str())), "sequential", &order).await;
        }
        let staged = self.on_stage(course).await?;
        staged.archive.require_authoring()?.order_lessons(&staged.inner, section, order).await
    }

    async fn order_steps(&self, course: &CourseId, lesson: &LessonId, order: &[StepId]) -> Result<()> {
        if self.inner().write == WriteBy::Blocks {
            let order: Vec<&str> = order.iter().map(|id| id.as_str()).collect();
            return self.live_order(course, Some(("sequential", lesson.as_str())), "vertical", &order).await;
        }
        let staged = self.on_stage(course).await?;
        staged.archive.require_authoring()?.order_steps(&staged.inner, lesson, order).await
    }

    async fn delete_section(&self, course: &CourseId, section: &SectionId) -> Result<()> {
        if self.inner().write == WriteBy::Blocks {
            return self.live_delete(course, "chapter", section.as_str()).await;
        }
        let staged = self.on_stage(course).await?;
        staged.archive.require_authoring()?.delete_section(&staged.inner, section).await
    }

    async fn delete_lesson(&self, course: &CourseId, lesson: &LessonId) -> Result<()> {
        if self.inner().write == WriteBy::Blocks {
            return self.live_delete(course, "sequential", lesson.as_str()).await;
        }
        let staged = self.on_stage(course).await?;
        staged.archive.require_authoring()?.delete_lesson(&staged.inner, lesson).await
    }

    async fn delete_step(&self, course: &CourseId, step: &StepId) -> Result<()> {
        if self.inner().write == WriteBy::Blocks {
            return self.live_delete(course, "vertical", step.as_str()).await;
        }
        let staged = self.on_stage(course).await?;
        staged.archive.require_authoring()?.delete_step(&staged.inner, step).await
    }

    /// Packs the archive, checks it ([`OlxArchive::check`]), imports it (`POST` and `GET /api/courses/v0/import/{id}/`), and counts what
    /// arrived: an import drops broken children and still succeeds (reference openedx.md 3.14).
    async fn finish(&self, course: &CourseId, header: &Course, links: &AssetLinks) -> Result<()> {
        if self.inner().write == WriteBy::Blocks {
            return self.live_header(course, header, links).await;
        }
        let staged = self.on_stage(course).await?;
        staged.archive.require_authoring()?.finish(&staged.inner, header, links).await?;
        self.bring_in(course, &staged).await
    }

    async fn finish_nodes(&self, course: &CourseId) -> Result<()> {
        if self.inner().write == WriteBy::Blocks {
            self.live_end(course).await;
            return Ok(());
        }
        let staged = self.on_stage(course).await?;
        staged.archive.require_authoring()?.finish_nodes(&staged.inner).await?;
        self.bring_in(course, &staged).await
    }

    fn step_links(&self, from: Platform) -> StepLinks {
        // A unit that is made by itself gets its name from Studio; an archive brings the names (reference openedx.md 5.8).
        match (from, self.inner().write) {
            (Platform::OpenEdx, WriteBy::Archive) => StepLinks::Kept,
            _ => StepLinks::Addressed,
        }
    }

    fn step_page(&self, _course: &CourseId, at: &StepAt<'_>) -> Option<String> {
        links::step_page(at)
    }

    /// Studio keeps one file under each name, cleaned of folders and odd characters, whether it came in an archive or
    /// alone; an export calls it as it was called before (reference openedx.md 3.16, 5.7).
    fn written_over(&self, asset: &Asset, there: &[Asset]) -> Option<AssetLink> {
        let outside = asset.id.as_str().starts_with(OUTSIDE);
        if !outside && asset.role != AssetRole::Content {
            return None;
        }
        let name = flat_name(&asset.name);
        let file = there.iter().find(|file| match outside {
            true => file.id == asset.id,
            false => !file.id.as_str().starts_with(OUTSIDE) && flat_name(file.id.as_str()) == name,
        })?;
        let url = match self.inner().write {
            WriteBy::Blocks => address(&name.into()),
            WriteBy::Archive if outside => address(&asset.id),
            WriteBy::Archive => address(&asset.name.as_str().into()),
        };
        Some(AssetLink { id: file.id.clone(), url })
    }
}

impl OpenEdx {
    pub(crate) async fn run_exists(&self, key: &CourseKey) -> Result<bool> {
        let id = key.id();
        let route = Route::new("/api/v1/course_runs/{course}/").id(&id);
        match self.studio()?.get(route).operation("authoring.create_course").resource(&id).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn begin_run(&self, key: &CourseKey, header: &Course) -> Result<()> {
        let schedule = match (header.schedule.start, header.schedule.end) {
            (Some(start), Some(end)) => {
                RunSchedule { start: Some(start.to_string()), end: Some(end.to_string()) }
            }
            _ => RunSchedule { start: None, end: None },
        };
        let run = NewRun {
            org: &key.org,
            number: &key.number,
            run: &key.run,
            title: &header.title,
            pacing_type: "self_paced",
            schedule,
        };
        self.studio()?
            .request(Method::Post, "/api/v1/course_runs/", Safety::Once)
            .operation("authoring.create_course")
            .resource(key.id())
            .json(&run)
            .send()
            .await?;
        Ok(())
    }

    /// The whole tree, with `username=…` or `all_blocks=true`: one of them is needed, and depth and
    /// children have to be asked for (reference openedx.md 6.1).
    pub(crate) async fn blocks(&self, course: &CourseId, who: &str, value: &str) -> Result<Blocks> {
        self.lms()
            .get("/api/courses/v1/blocks/")
            .query("course_id", course)
            .query(who, value)
            .query("depth", "all")
            .query("requested_fields", "children,weight")
            .query("return_type", "dict")
            .operation("courses.blocks")
            .resource(course)
            .send_json()
            .await
    }
}
