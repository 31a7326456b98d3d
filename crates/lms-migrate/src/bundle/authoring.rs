//! Writing.

use std::io::Write as _;

use async_trait::async_trait;
use futures::StreamExt;
use lms_core::{
    AdaptLog, Adapted, Asset, AssetBody, AssetLink, AssetLinks, Authoring, AuthoringSupport, Course,
    CourseId, Error, ErrorKind, ExistingCourse, Lesson, LessonId, NewCourse, Platform, Result, Section,
    SectionId, Slot, Step, StepAt, StepId, StepLinks, Support,
};
use sha2::{Digest, Sha256};

use super::layout::asset_path;
use super::replace::readable_by_all;
use super::stage::{Stage, make_parent};
use super::{Bundle, lay};

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn hash_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

impl Bundle {
    /// Works on the course under way; one that is there is taken up first.
    pub(super) fn staged<T>(
        &self,
        course: &CourseId,
        work: impl FnOnce(&mut Stage) -> Result<T>,
    ) -> Result<T> {
        let mut state = self.stage();
        if state.is_none() {
            *state = Some(Stage::of(self.there()?, &self.path)?);
        }
        match state.as_mut() {
            Some(stage) if stage.id() == course => work(stage),
            _ => Err(Error::new(ErrorKind::NotFound, "the bundle holds another course").on(course)),
        }
    }
}

#[async_trait]
impl Authoring for Bundle {
    fn support(&self) -> AuthoringSupport {
        AuthoringSupport {
            create: Support::Native,
            update: Support::Native,
            delete: Support::Native,
            assets: Support::Native,
        }
    }

    fn parallel(&self) -> usize {
        // Files keep the order in which they come.
        1
    }

    /// A bundle holds all that the model holds.
    fn adapt(&self, course: &Course) -> Adapted {
        let mut log = AdaptLog::new();
        for place in course.blocks() {
            log.carry(&place.block.1.id, [place.block.1.id.clone()]);
        }
        log.finish(course.clone())
    }

    async fn create_course(&self, header: &Course, new: &NewCourse) -> Result<CourseId> {
        if self.is_there() && new.existing == ExistingCourse::Refuse {
            return Err(Error::new(
                ErrorKind::AlreadyExists,
                "a bundle is here already; say that it is to be replaced",
            )
            .at(Platform::Bundle, "authoring.create_course")
            .on(&self.info.location));
        }
        let id = new.id.clone().unwrap_or_else(|| header.id.clone());
        let header = Course { id: id.clone(), ..header.header() };
        *self.stage() = Some(Stage::new(header, &self.path)?);
        Ok(id)
    }

    async fn put_asset(&self, course: &CourseId, asset: &Asset, body: AssetBody) -> Result<AssetLink> {
        let dir = self.staged(course, |stage| Ok(stage.dir.path().to_owned()))?;
        let failed = |e| Error::io(&asset.name, e);
        let mut file = tempfile::NamedTempFile::new_in(&dir).map_err(failed)?;
        let mut hash = Sha256::new();
        let mut pieces = body.into_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            hash.update(&piece);
            file.write_all(&piece).map_err(failed)?;
        }
        let hash = hex(&hash.finalize());
        let path = dir.join(asset_path(&hash));
        make_parent(&path)?;
        readable_by_all(file.path(), 0o644)?;
        file.persist(&path).map_err(|e| failed(e.error))?;
        self.staged(course, |stage| {
            stage.asset(asset, hash);
            Ok(())
        })?;
        Ok(AssetLink { id: asset.id.clone(), url: format!("asset:{}", asset.id) })
    }

    async fn put_section(
        &self,
        course: &CourseId,
        section: &Section,
        slot: &Slot<SectionId>,
        _links: &AssetLinks,
    ) -> Result<SectionId> {
        self.staged(course, |stage| stage.section(section, slot))
    }

    async fn put_lesson(
        &self,
        course: &CourseId,
        section: &SectionId,
        lesson: &Lesson,
        slot: &Slot<LessonId>,
    ) -> Result<LessonId> {
        self.staged(course, |stage| stage.lesson(section, lesson, slot))
    }

    async fn put_step(
        &self,
        course: &CourseId,
        lesson: &LessonId,
        step: &Step,
        slot: &Slot<StepId>,
        _links: &AssetLinks,
    ) -> Result<StepId> {
        self.staged(course, |stage| stage.step(lesson, step, slot))
    }

    fn staged(&self) -> bool {
        true
    }

    async fn delete_section(&self, course: &CourseId, section: &SectionId) -> Result<()> {
        self.staged(course, |stage| stage.delete_section(section))
    }

    async fn delete_lesson(&self, course: &CourseId, lesson: &LessonId) -> Result<()> {
        self.staged(course, |stage| stage.take_lesson(lesson).map(drop))
    }

    async fn delete_step(&self, course: &CourseId, step: &StepId) -> Result<()> {
        self.staged(course, |stage| stage.take_step(step).map(drop))
    }

    async fn finish(&self, course: &CourseId, header: &Course, _links: &AssetLinks) -> Result<()> {
        self.staged(course, |stage| {
            let said = Course { id: stage.course.id.clone(), ..header.header() };
            let old = std::mem::replace(&mut stage.course, said);
            (stage.course.sections, stage.course.assets) = (old.sections, old.assets);
            lay::lay(&stage.course, &stage.hashes, stage.dir.path())
        })
        .map_err(|e| e.at(Platform::Bundle, "authoring.finish"))?;
        let stage = self.stage().take();
        *self.known_files() = None;
        match stage {
            Some(stage) => self.replace(stage),
            None => Ok(()),
        }
    }

    fn step_links(&self, _from: Platform) -> StepLinks {
        StepLinks::Addressed
    }

    fn step_page(&self, _course: &CourseId, at: &StepAt<'_>) -> Option<String> {
        at.step.1.map(StepId::link)
    }

    /// Files are known by their ids; their bytes lie by hash.
    fn written_over(&self, asset: &Asset, there: &[Asset]) -> Option<AssetLink> {
        let file = there.iter().find(|file| file.id == asset.id)?;
        Some(AssetLink { id: file.id.clone(), url: format!("asset:{}", file.id) })
    }
}
