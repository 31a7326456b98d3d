//! A provider that the migration has never heard of: a course in memory, with defects to plant.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use lms_core::{
    AdaptLog, Adapted, Asset, AssetBody, AssetId, AssetLink, AssetLinks, Authoring, AuthoringSupport,
    BlockBody, Content, Course, CourseId, CourseQuery, CourseSummary, CourseSupport, Courses, Error,
    ErrorKind, Finding, Key, Lesson, LessonId, LmsProvider, NativeCounts, NewCourse, Paged, Platform,
    ProviderInfo, RequestCount, Result, Section, SectionId, Severity, Slot, Step, StepId, Support, Text,
    readable,
};

/// What is wrong with the target on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defect {
    /// Nothing.
    None,
    /// Adapting loses the third block and names it nowhere.
    LosesABlock,
    /// Adapting says that the third block is carried as one that is not there.
    ClaimsABlock,
    /// Adapting calls two blocks by one id.
    RepeatsAnId,
    /// Writing changes what is right.
    ChangesAKey,
    /// Writing cuts texts short.
    CutsText,
    /// Writing damages files.
    DamagesFiles,
    /// Adapting leaves the files behind and says nothing.
    DropsFiles,
    /// Adapting leaves the files behind and names them.
    NamesDroppedFiles,
    /// No file can be read.
    FailsToRead,
}

/// A course in memory.
#[derive(Debug)]
pub(crate) struct Memory {
    info: ProviderInfo,
    defect: Defect,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    course: Option<Course>,
    files: HashMap<AssetId, Vec<u8>>,
    writes: u64,
}

impl Memory {
    pub(crate) fn empty(defect: Defect) -> Self {
        let info = ProviderInfo { platform: Platform::Other, location: "memory".into() };
        Self { info, defect, state: Mutex::default() }
    }

    pub(crate) fn with(course: Course, files: &[(&str, &[u8])]) -> Self {
        let memory = Self::empty(Defect::None);
        let mut state = memory.state.lock().expect("no panic while held");
        state.course = Some(course);
        state.files = files.iter().map(|(name, bytes)| ((*name).into(), bytes.to_vec())).collect();
        drop(state);
        memory
    }

    pub(crate) fn with_defect(self, defect: Defect) -> Self {
        Self { defect, ..self }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Course) -> T) -> Result<T> {
        let mut state = self.state.lock().expect("no panic while held");
        state.writes += 1;
        let course = state.course.as_mut().ok_or_else(|| Error::new(ErrorKind::NotFound, "no course"))?;
        Ok(change(course))
    }
}

impl LmsProvider for Memory {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }
    fn requests(&self) -> RequestCount {
        RequestCount { read: 0, write: self.state.lock().expect("no panic while held").writes }
    }
    fn planned(&self, _operation: &str, _calls: u64) -> std::time::Duration {
        std::time::Duration::ZERO
    }

    fn courses(&self) -> Option<&dyn Courses> {
        Some(self)
    }
    fn authoring(&self) -> Option<&dyn Authoring> {
        Some(self)
    }
}

#[async_trait]
impl Courses for Memory {
    fn support(&self) -> CourseSupport {
        CourseSupport { content: Support::Native, keys: Support::Native, ..CourseSupport::default() }
    }
    fn list(&self, _: CourseQuery) -> Result<Paged<CourseSummary>> {
        Ok(Paged::ready(Vec::new()))
    }
    async fn get(&self, id: &CourseId) -> Result<CourseSummary> {
        Err(Error::new(ErrorKind::NotFound, "not listed").on(id))
    }
    async fn content(&self, id: &CourseId) -> Result<Content> {
        let course = self.state.lock().expect("no panic while held").course.clone();
        let course = course.ok_or_else(|| Error::new(ErrorKind::NotFound, "no course").on(id))?;
        Ok(Content { course, findings: Vec::new(), native: NativeCounts::default() })
    }
    async fn read_asset(&self, _: &CourseId, asset: &AssetId) -> Result<AssetBody> {
        if self.defect == Defect::FailsToRead {
            return Err(Error::new(ErrorKind::Unavailable, "the line is dead").on(asset));
        }
        let state = self.state.lock().expect("no panic while held");
        let bytes = state.files.get(asset).cloned();
        bytes.map(AssetBody::from_bytes).ok_or_else(|| Error::new(ErrorKind::NotFound, "no file").on(asset))
    }
}

#[async_trait]
impl Authoring for Memory {
    fn support(&self) -> AuthoringSupport {
        AuthoringSupport { create: Support::Native, assets: Support::Native, ..AuthoringSupport::default() }
    }
    fn parallel(&self) -> usize {
        3
    }
    /// Holds everything but other platforms' native blocks.
    fn adapt(&self, course: &Course) -> Adapted {
        let mut log = AdaptLog::new();
        let mut adapted = course.clone();
        for (n, place) in course.blocks().enumerate() {
            let block = place.block.1;
            let (s, l, t, b) = (place.section.0 - 1, place.lesson.0 - 1, place.step.0 - 1, place.block.0 - 1);
            let blocks = &mut adapted.sections[s].lessons[l].steps[t].blocks;
            match (self.defect, n) {
                (Defect::LosesABlock, 2) => {
                    blocks.retain(|other| other.id != block.id);
                    continue;
                }
                (Defect::ClaimsABlock, 2) => {
                    log.carry(&block.id, ["nowhere".into()]);
                    continue;
                }
                (Defect::RepeatsAnId, 2) => blocks[b].id = "b1".into(),
                _ => {}
            }
            if let BlockBody::Foreign(foreign) = &block.body
                && foreign.platform != self.info.platform
            {
                let text = Text { markup: readable(block) };
                blocks[b].body = BlockBody::Text(text);
                log.lose(&place, Severity::Dropped, &foreign.name, "not known here", Some("its text"));
            }
            log.carry(&block.id, [blocks[b].id.clone()]);
        }
        if matches!(self.defect, Defect::DropsFiles | Defect::NamesDroppedFiles) {
            for asset in adapted.assets.drain(..).filter(|_| self.defect == Defect::NamesDroppedFiles) {
                log.note(Finding::new(Severity::Dropped, asset.place(), "a file", "there is no room"));
            }
        }
        log.finish(adapted)
    }
    async fn create_course(&self, header: &Course, _: &NewCourse) -> Result<CourseId> {
        let mut state = self.state.lock().expect("no panic while held");
        state.writes += 1;
        state.course = Some(header.clone());
        Ok("copy".into())
    }
    async fn put_asset(&self, _: &CourseId, asset: &Asset, body: AssetBody) -> Result<AssetLink> {
        let mut bytes = body.into_bytes(1 << 20).await?.to_vec();
        if self.defect == Defect::DamagesFiles {
            bytes.push(b'!');
        }
        self.change(|course| course.assets.push(asset.clone()))?;
        self.state.lock().expect("no panic while held").files.insert(asset.id.clone(), bytes);
        Ok(AssetLink { id: asset.id.clone(), url: format!("asset:{}", asset.id) })
    }
    async fn put_section(
        &self,
        _: &CourseId,
        section: &Section,
        slot: &Slot<SectionId>,
        _: &AssetLinks,
    ) -> Result<SectionId> {
        let mut section = Section { lessons: Vec::new(), ..section.clone() };
        section.id = SectionId::new(format!("s{}", slot.position));
        let id = section.id.clone();
        self.change(|course| course.sections.push(section))?;
        Ok(id)
    }
    async fn put_lesson(
        &self,
        _: &CourseId,
        section: &SectionId,
        lesson: &Lesson,
        slot: &Slot<LessonId>,
    ) -> Result<LessonId> {
        let mut lesson = Lesson { steps: Vec::new(), ..lesson.clone() };
        lesson.id = LessonId::new(format!("{section}-l{}", slot.position));
        let id = lesson.id.clone();
        self.change(|course| {
            course
                .sections
                .iter_mut()
                .filter(|s| s.id == *section)
                .for_each(|s| s.lessons.push(lesson.clone()));
        })?;
        Ok(id)
    }
    async fn put_step(
        &self,
        _: &CourseId,
        lesson: &LessonId,
        step: &Step,
        slot: &Slot<StepId>,
        _: &AssetLinks,
    ) -> Result<StepId> {
        // Other lessons' steps come in between, as on a real platform.
        tokio::task::yield_now().await;
        let mut step = step.clone();
        step.id = StepId::new(format!("{lesson}-t{}", slot.position));
        for block in &mut step.blocks {
            match &mut block.body {
                BlockBody::Exercise(exercise) if self.defect == Defect::ChangesAKey => {
                    if let Some(Key::Choice { correct }) = &mut exercise.key {
                        *correct = correct.iter().map(|n| n + 1).collect();
                    }
                }
                BlockBody::Text(text) if self.defect == Defect::CutsText => {
                    text.markup = text.markup.plain().chars().take(3).collect::<String>().into();
                }
                _ => {}
            }
        }
        let id = step.id.clone();
        self.change(|course| {
            let lessons = course.sections.iter_mut().flat_map(|s| &mut s.lessons);
            lessons.filter(|l| l.id == *lesson).for_each(|l| l.steps.push(step.clone()));
        })?;
        Ok(id)
    }
    async fn delete_section(&self, _: &CourseId, _: &SectionId) -> Result<()> {
        Err(Error::unsupported(Platform::Other, "delete"))
    }
    async fn delete_lesson(&self, _: &CourseId, _: &LessonId) -> Result<()> {
        Err(Error::unsupported(Platform::Other, "delete"))
    }
    async fn delete_step(&self, _: &CourseId, _: &StepId) -> Result<()> {
        Err(Error::unsupported(Platform::Other, "delete"))
    }
    async fn finish(&self, _: &CourseId, _: &Course, _: &AssetLinks) -> Result<()> {
        Ok(())
    }
}
