//! Writing.

use async_trait::async_trait;
use futures::StreamExt;
use lms_core::{
    Adapted, Asset, AssetBody, AssetId, AssetLink, AssetLinks, AssetRole, Authoring, AuthoringSupport,
    Course, CourseId, Error, ErrorKind, ExistingCourse, Lesson, LessonId, NewCourse, Platform, Result,
    Section, SectionId, Slot, Step, StepAt, StepId, StepLinks, Support,
};
use tokio::io::AsyncWriteExt;

use super::replace::keep_others;
use super::stage::{Stage, Start, make_parent};
use super::{OlxArchive, parent_of};
use crate::convert;
use crate::convert::markup::{OUTSIDE, address};
use crate::links;
use crate::olx::files::is_inside;
use crate::olx::read::{path_of, read};
use crate::olx::write::{CourseKey, write_anew};

impl OlxArchive {
    /// Works on the course under way; one that is there is taken up first.
    fn on_stage<T>(&self, course: &CourseId, work: impl FnOnce(&mut Stage) -> Result<T>) -> Result<T> {
        let mut state = self.state();
        if state.stage.is_none() {
            let source = state.source.clone().ok_or_else(|| {
                Error::new(ErrorKind::NotFound, "no course is here; create it first").on(course)
            })?;
            let there = read(&source.files)?.course;
            state.stage = Some(Stage::of(there, &source.files, &parent_of(&self.path))?);
        }
        match state.stage.as_mut() {
            Some(stage) if stage.id() == course => work(stage),
            _ => Err(Error::new(ErrorKind::NotFound, "the archive holds another course").on(course)),
        }
    }

    /// Writes what is staged, as `assemble` makes it whole, and puts it in the place of the old course.
    fn put_in_place(&self, course: &CourseId, assemble: impl FnOnce(&Stage) -> Course) -> Result<()> {
        let before = self.state().source.clone();
        let whole = self.on_stage(course, |stage| {
            let files = before.as_ref().map(|before| &before.files);
            write_anew(&assemble(stage), stage.dir.path(), files.filter(|_| stage.start == Start::There))?;
            files.map_or(Ok(()), |files| keep_others(files, stage.dir.path(), stage.start))
        });
        whole.map_err(|e| e.at(Platform::OpenEdx, "authoring.finish"))?;
        let mut state = self.state();
        if let Some(stage) = state.stage.take() {
            let source = self.replace(stage, before.as_ref())?;
            state.source = Some(source);
        }
        Ok(())
    }
}

/// The id a file gets here.
fn id_of(asset: &Asset) -> Result<AssetId> {
    let id = match asset.id.as_str().strip_prefix(OUTSIDE) {
        Some(path) => format!("{OUTSIDE}{path}"),
        None if asset.role == AssetRole::Content => asset.name.clone(),
        None => format!("{OUTSIDE}{}", asset.name),
    };
    if is_inside(&path_of(&id)) {
        Ok(AssetId::new(id))
    } else {
        Err(Error::invalid("this name cannot be a file of a course").on(&asset.name))
    }
}

#[async_trait]
impl Authoring for OlxArchive {
    fn support(&self) -> AuthoringSupport {
        AuthoringSupport {
            create: Support::Native,
            update: Support::Native,
            delete: Support::Native,
            assets: Support::Native,
        }
    }

    fn parallel(&self) -> usize {
        1
    }

    fn adapt(&self, course: &Course) -> Adapted {
        convert::adapt(course)
    }

    async fn create_course(&self, header: &Course, new: &NewCourse) -> Result<CourseId> {
        let NewCourse { id, existing } = new;
        let mut state = self.state();
        if state.source.is_some() && *existing == ExistingCourse::Refuse {
            return Err(Error::new(
                ErrorKind::AlreadyExists,
                "a course is here already; say that it is to be replaced",
            )
            .at(Platform::OpenEdx, "authoring.create_course")
            .on(&self.info.location));
        }
        let id = CourseKey::of(id.as_ref().unwrap_or(&header.id)).id();
        let header = Course { id: id.clone(), ..header.header() };
        state.stage = Some(Stage::new(header, &parent_of(&self.path))?);
        Ok(id)
    }

    async fn put_asset(&self, course: &CourseId, asset: &Asset, body: AssetBody) -> Result<AssetLink> {
        let id = id_of(asset)?;
        let path = self.on_stage(course, |stage| Ok(stage.dir.path().join(path_of(id.as_str()))))?;
        make_parent(&path)?;
        let failed = |e| Error::io(&id, e);
        let mut file = tokio::fs::File::create(&path).await.map_err(failed)?;
        let mut pieces = body.into_stream();
        while let Some(piece) = pieces.next().await {
            file.write_all(&piece?).await.map_err(failed)?;
        }
        file.flush().await.map_err(failed)?;
        let kept = Asset {
            id: id.clone(),
            name: id.as_str().trim_start_matches(OUTSIDE).to_owned(),
            ..asset.clone()
        };
        self.on_stage(course, |stage| {
            stage.asset(kept);
            Ok(())
        })?;
        Ok(AssetLink { url: address(&id), id })
    }

    async fn put_section(
        &self,
        course: &CourseId,
        section: &Section,
        slot: &Slot<SectionId>,
        _links: &AssetLinks,
    ) -> Result<SectionId> {
        self.on_stage(course, |stage| stage.section(section, slot))
    }

    async fn put_lesson(
        &self,
        course: &CourseId,
        section: &SectionId,
        lesson: &Lesson,
        slot: &Slot<LessonId>,
    ) -> Result<LessonId> {
        self.on_stage(course, |stage| stage.lesson(section, lesson, slot))
    }

    async fn put_step(
        &self,
        course: &CourseId,
        lesson: &LessonId,
        step: &Step,
        slot: &Slot<StepId>,
        links: &AssetLinks,
    ) -> Result<StepId> {
        self.on_stage(course, |stage| stage.step(lesson, step, slot, links))
    }

    fn staged(&self) -> bool {
        true
    }

    async fn order_sections(&self, course: &CourseId, order: &[SectionId]) -> Result<()> {
        self.on_stage(course, |stage| stage.order_sections(order))
    }

    async fn order_lessons(&self, course: &CourseId, section: &SectionId, order: &[LessonId]) -> Result<()> {
        self.on_stage(course, |stage| stage.order_lessons(section, order))
    }

    async fn order_steps(&self, course: &CourseId, lesson: &LessonId, order: &[StepId]) -> Result<()> {
        self.on_stage(course, |stage| stage.order_steps(lesson, order))
    }

    async fn delete_section(&self, course: &CourseId, section: &SectionId) -> Result<()> {
        self.on_stage(course, |stage| stage.delete_section(section))
    }

    async fn delete_lesson(&self, course: &CourseId, lesson: &LessonId) -> Result<()> {
        self.on_stage(course, |stage| stage.delete_lesson(lesson))
    }

    async fn delete_step(&self, course: &CourseId, step: &StepId) -> Result<()> {
        self.on_stage(course, |stage| stage.delete_step(step))
    }

    async fn finish(&self, course: &CourseId, header: &Course, links: &AssetLinks) -> Result<()> {
        self.put_in_place(course, |stage| stage.assemble(header, links))
    }

    async fn finish_nodes(&self, course: &CourseId) -> Result<()> {
        self.put_in_place(course, |stage| stage.assemble(&stage.header(), &AssetLinks::new()))
    }

    fn step_links(&self, from: Platform) -> StepLinks {
        if from == Platform::OpenEdx { StepLinks::Kept } else { StepLinks::Addressed }
    }

    fn step_page(&self, _course: &CourseId, at: &StepAt<'_>) -> Option<String> {
        links::step_page(at)
    }

    fn written_over(&self, asset: &Asset, there: &[Asset]) -> Option<AssetLink> {
        let id = id_of(asset).ok()?;
        there.iter().any(|file| file.id == id).then(|| AssetLink { url: address(&id), id })
    }
}
