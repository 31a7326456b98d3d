//! A platform in memory: it draws ids, puts nodes where they are to stand, and can hold a write for ever.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::StreamExt;
use lms_core::{
    AdaptLog, Adapted, Asset, AssetBody, AssetId, AssetLink, AssetLinks, Authoring, AuthoringSupport,
    Content, Course, CourseId, CourseQuery, CourseSummary, CourseSupport, Courses, Error, ErrorKind, Lesson,
    LessonId, LmsProvider, NativeCounts, NewCourse, Paged, ProviderInfo, RequestCount, Result, Section,
    SectionId, Slot, Step, StepId, Support,
};
use lms_migrate::Stop;
use tokio::sync::Notify;

/// Where a run is held: at the write of this number, from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Hold {
    Before(usize),
    After(usize),
}

#[derive(Debug)]
pub(crate) struct Platform {
    info: ProviderInfo,
    courses: Mutex<Vec<Course>>,
    files: Mutex<HashMap<AssetId, Vec<u8>>>,
    hold: Mutex<Option<Hold>>,
    stop: Mutex<Option<(usize, Stop)>>,
    is_held: AtomicBool,
    fails: Mutex<Option<ErrorKind>>,
    held: Notify,
    writes: AtomicUsize,
    ids: AtomicUsize,
    nodes: AtomicUsize,
    made: AtomicUsize,
}

impl Platform {
    pub(crate) fn holding(course: Course) -> Self {
        let platform = Self::empty();
        platform.put(course);
        platform
    }

    /// Somebody makes a course there.
    pub(crate) fn put(&self, course: Course) {
        self.courses.lock().expect("no panic while held").push(course);
    }

    /// The author changes the course there.
    pub(crate) fn edit(&self, edit: impl FnOnce(&mut Course)) {
        edit(self.courses.lock().expect("no panic while held").last_mut().expect("a course"));
    }

    /// A file that is there.
    pub(crate) fn file(&self, name: &str) -> Option<Vec<u8>> {
        self.files.lock().expect("no panic while held").get(&AssetId::from(name)).cloned()
    }

    pub(crate) fn put_file(&self, name: &str, bytes: &[u8]) {
        self.files.lock().expect("no panic while held").insert(name.into(), bytes.to_vec());
    }

    /// How the making of courses fails: where the outcome is not known, the course is made all the same.
    pub(crate) fn fail(&self, how: Option<ErrorKind>) {
        *self.fails.lock().expect("no panic while held") = how;
    }

    pub(crate) fn course_called(&self, id: &str) -> Course {
        let courses = self.courses.lock().expect("no panic while held");
        courses.iter().find(|course| course.id.as_str() == id).expect("it is there").clone()
    }

    pub(crate) fn empty() -> Self {
        Self {
            info: ProviderInfo { platform: lms_core::Platform::Other, location: "memory://".into() },
            courses: Mutex::default(),
            files: Mutex::default(),
            hold: Mutex::default(),
            stop: Mutex::default(),
            is_held: AtomicBool::new(false),
            fails: Mutex::default(),
            held: Notify::new(),
            writes: AtomicUsize::new(0),
            ids: AtomicUsize::new(0),
            nodes: AtomicUsize::new(0),
            made: AtomicUsize::new(0),
        }
    }

    pub(crate) fn hold(&self, hold: Option<Hold>) {
        *self.hold.lock().expect("no panic while held") = hold;
        self.is_held.store(false, Ordering::SeqCst);
    }

    /// Asks to stop when so many writes were made.
    pub(crate) fn stop_at(&self, writes: usize, stop: Stop) {
        *self.stop.lock().expect("no panic while held") = Some((writes, stop));
    }

    pub(crate) fn requests_made(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    /// Returns once a write is held.
    pub(crate) async fn held(&self) {
        while !self.is_held.load(Ordering::SeqCst) {
            self.held.notified().await;
        }
    }

    pub(crate) fn nodes_made(&self) -> usize {
        self.nodes.load(Ordering::SeqCst)
    }

    pub(crate) fn courses_made(&self) -> usize {
        self.made.load(Ordering::SeqCst)
    }

    pub(crate) fn course(&self) -> Course {
        self.courses.lock().expect("no panic while held").last().expect("a course").clone()
    }

    fn id(&self) -> String {
        self.ids.fetch_add(1, Ordering::SeqCst).to_string()
    }

    async fn write<T>(&self, course: &CourseId, change: impl FnOnce(&mut Course) -> T) -> Result<T> {
        let n = self.writes.fetch_add(1, Ordering::SeqCst);
        let hold = *self.hold.lock().expect("no panic while held");
        // Others come in between, as over a network.
        tokio::task::yield_now().await;
        if matches!(hold, Some(Hold::Before(at)) if at == n) {
            self.wait_for_ever().await;
        }
        let changed = {
            let mut courses = self.courses.lock().expect("no panic while held");
            let found = courses.iter_mut().find(|c| c.id == *course);
            change(found.ok_or_else(|| Error::new(ErrorKind::NotFound, "no such course").on(course))?)
        };
        if matches!(hold, Some(Hold::After(at)) if at == n) {
            self.wait_for_ever().await;
        }
        if let Some((at, stop)) = &*self.stop.lock().expect("no panic while held")
            && n + 1 == *at
        {
            stop.stop();
        }
        Ok(changed)
    }

    async fn wait_for_ever(&self) {
        self.is_held.store(true, Ordering::SeqCst);
        self.held.notify_one();
        std::future::pending::<()>().await;
    }
}

fn address(file: &AssetId) -> String {
    format!("memory://files/{file}")
}

fn insert<T>(nodes: &mut Vec<T>, position: u32, node: T) {
    let at = (position as usize).saturating_sub(1).min(nodes.len());
    nodes.insert(at, node);
}

impl LmsProvider for Platform {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }
    fn requests(&self) -> RequestCount {
        RequestCount { read: 0, write: self.writes.load(Ordering::SeqCst) as u64 }
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
impl Courses for Platform {
    fn support(&self) -> CourseSupport {
        CourseSupport { list: Support::Native, content: Support::Native, ..CourseSupport::default() }
    }
    fn list(&self, _: CourseQuery) -> Result<Paged<CourseSummary>> {
        let courses = self.courses.lock().expect("no panic while held");
        let summary = |course: &Course| CourseSummary {
            id: course.id.clone(),
            title: course.title.clone(),
            summary: None,
            language: None,
            url: None,
            enrolled: None,
        };
        Ok(Paged::ready(courses.iter().map(summary).collect()))
    }
    async fn get(&self, id: &CourseId) -> Result<CourseSummary> {
        let mut courses = self.list(CourseQuery::new())?.items();
        while let Some(course) = courses.next().await.transpose()? {
            if course.id == *id {
                return Ok(course);
            }
        }
        Err(Error::new(ErrorKind::NotFound, "no such course").on(id))
    }
    async fn content(&self, id: &CourseId) -> Result<Content> {
        let courses = self.courses.lock().expect("no panic while held");
        let course = courses.iter().find(|c| c.id == *id).cloned();
        let course = course.ok_or_else(|| Error::new(ErrorKind::NotFound, "no such course").on(id))?;
        Ok(Content { course, findings: Vec::new(), native: NativeCounts::default() })
    }
    async fn read_asset(&self, _: &CourseId, asset: &AssetId) -> Result<AssetBody> {
        let bytes = self.file(asset.as_str()).map(AssetBody::from_bytes);
        bytes.ok_or_else(|| Error::new(ErrorKind::NotFound, "no file").on(asset))
    }
}

#[async_trait]
impl Authoring for Platform {
    fn support(&self) -> AuthoringSupport {
        AuthoringSupport { create: Support::Native, update: Support::Native, ..AuthoringSupport::default() }
    }
    fn parallel(&self) -> usize {
        4
    }
    fn adapt(&self, course: &Course) -> Adapted {
        let mut log = AdaptLog::new();
        let ids = course.blocks().map(|place| &place.block.1.id);
        ids.for_each(|id| log.carry(id, [id.clone()]));
        log.finish(course.clone())
    }
    async fn create_course(&self, header: &Course, new: &NewCourse) -> Result<CourseId> {
        let fails = *self.fails.lock().expect("no panic while held");
        if let Some(kind) = fails.filter(|kind| *kind != ErrorKind::OutcomeUnknown) {
            return Err(Error::new(kind, "no courses today"));
        }
        let id = match &new.id {
            Some(id) => id.clone(),
            None => {
                let id = CourseId::new(format!("course-{}", self.id()));
                let made = Course { id: id.clone(), ..header.header() };
                // Seen from outside, the course is there once the write was made, and not before.
                let n = self.writes.load(Ordering::SeqCst);
                if !matches!(*self.hold.lock().expect("no panic while held"), Some(Hold::Before(at)) if at == n)
                {
                    self.courses.lock().expect("no panic while held").push(made);
                    self.made.fetch_add(1, Ordering::SeqCst);
                }
                id
            }
        };
        self.write(&id, |_| ()).await?;
        match fails {
            Some(kind) => Err(Error::new(kind, "the answer was lost")),
            None => Ok(id),
        }
    }
    async fn put_asset(&self, course: &CourseId, asset: &Asset, body: AssetBody) -> Result<AssetLink> {
        let bytes = body.into_bytes(1 << 20).await?;
        let n = self.writes.load(Ordering::SeqCst);
        if !matches!(*self.hold.lock().expect("no panic while held"), Some(Hold::Before(at)) if at == n) {
            self.put_file(asset.id.as_str(), &bytes);
        }
        self.write(course, |course| {
            course.assets.retain(|known| known.id != asset.id);
            course.assets.push(asset.clone());
        })
        .await?;
        Ok(AssetLink { id: asset.id.clone(), url: address(&asset.id) })
    }
    fn written_over(&self, asset: &Asset, there: &[Asset]) -> Option<AssetLink> {
        let file = there.iter().find(|file| file.id == asset.id)?;
        Some(AssetLink { id: file.id.clone(), url: address(&file.id) })
    }
    /// Files lie in the folders of steps, as where each task has one.
    fn deleted_with(&self, step: &StepId, file: &Asset) -> bool {
        file.id.as_str().split_once('/').is_some_and(|(folder, _)| folder == step.as_str())
    }
    async fn put_section(
        &self,
        course: &CourseId,
        section: &Section,
        slot: &Slot<SectionId>,
        _: &AssetLinks,
    ) -> Result<SectionId> {
        let id = SectionId::new(self.id());
        let node = Section { id: id.clone(), lessons: Vec::new(), ..section.clone() };
        self.write(course, |course| {
            self.nodes.fetch_add(1, Ordering::SeqCst);
            insert(&mut course.sections, slot.position, node);
        })
        .await?;
        Ok(id)
    }
    async fn put_lesson(
        &self,
        course: &CourseId,
        section: &SectionId,
        lesson: &Lesson,
        slot: &Slot<LessonId>,
    ) -> Result<LessonId> {
        let id = LessonId::new(self.id());
        let node = Lesson { id: id.clone(), steps: Vec::new(), ..lesson.clone() };
        self.write(course, |course| {
            let section = course.sections.iter_mut().find(|s| s.id == *section).expect("it is there");
            self.nodes.fetch_add(1, Ordering::SeqCst);
            insert(&mut section.lessons, slot.position, node);
        })
        .await?;
        Ok(id)
    }
    async fn put_step(
        &self,
        course: &CourseId,
        lesson: &LessonId,
        step: &Step,
        slot: &Slot<StepId>,
        _: &AssetLinks,
    ) -> Result<StepId> {
        let id = slot.existing.clone().unwrap_or_else(|| StepId::new(self.id()));
        let node = Step { id: id.clone(), ..step.clone() };
        self.write(course, |course| {
            let mut lessons = course.sections.iter_mut().flat_map(|s| &mut s.lessons);
            let lesson = lessons.find(|l| l.id == *lesson).expect("it is there");
            if slot.existing.is_some() {
                lesson.steps.retain(|step| step.id != node.id);
            } else {
                self.nodes.fetch_add(1, Ordering::SeqCst);
            }
            insert(&mut lesson.steps, slot.position, node);
        })
        .await?;
        Ok(id)
    }
    async fn delete_section(&self, _: &CourseId, section: &SectionId) -> Result<()> {
        Err(Error::unsupported(lms_core::Platform::Other, "delete").on(section))
    }
    async fn delete_lesson(&self, course: &CourseId, lesson: &LessonId) -> Result<()> {
        let without = |course: &mut Course| {
            course.sections.iter_mut().for_each(|section| section.lessons.retain(|l| l.id != *lesson));
        };
        self.write(course, without).await
    }
    async fn delete_step(&self, course: &CourseId, step: &StepId) -> Result<()> {
        let without = |course: &mut Course| {
            let lessons = course.sections.iter_mut().flat_map(|section| &mut section.lessons);
            lessons.for_each(|lesson| lesson.steps.retain(|s| s.id != *step));
        };
        self.write(course, without).await
    }
    async fn finish(&self, course: &CourseId, _: &Course, _: &AssetLinks) -> Result<()> {
        self.write(course, |_| ()).await
    }
}
