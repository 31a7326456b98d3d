//! Writing a course folder. Each call leaves whole files behind, so that an interrupted run can go on.

use std::fs;
use std::path::PathBuf;
use std::sync::MutexGuard;

use async_trait::async_trait;
use lms_core::{
    Adapted, Asset, AssetBody, AssetId, AssetLink, AssetLinks, Authoring, AuthoringSupport, Course, CourseId,
    Error, ErrorKind, ExistingCourse, Lesson, LessonId, NewCourse, Platform, Result, Section, SectionId,
    Slot, Step, StepAt, StepId, StepLinks, Support,
};

use super::store::{MAX_DESCRIPTION, MAX_FILE, Store, holds_course, is_safe};
use super::yaml::emit;
use super::{FolderCourse, pack};
use crate::convert::adapt::{adapt, native_link};
use crate::convert::script::{GENERATED, GRADING_FILE, Grading};
use crate::convert::write::{
    Draft, asset_path, deleted_with, left_by_us, missing, refuse_without_files, write_task, written_over,
};
use crate::links;

/// Where the course is written, and its course file as it stands.
#[derive(Debug)]
pub(super) struct Working {
    root: PathBuf,
    draft: Draft,
}

impl Working {
    fn save(&self) -> Result<()> {
        pack::write(&self.root, "course.yaml", emit(&self.draft.to_json()).as_bytes())
    }

    /// Takes a task out; its files go too.
    fn remove_step(&mut self, id: &StepId) -> Result<Vec<String>> {
        self.draft.remove_step(id, self.has_files(id.as_str()))
    }

    /// Whether this is the folder of a task.
    fn has_files(&self, id: &str) -> bool {
        is_safe(id) && self.root.join(id).join("task.yaml").is_file()
    }

    /// Saves, and removes the files of tasks: one that is listed and has no files would be a hole in the course.
    fn without(&self, tasks: &[String]) -> Result<()> {
        self.save()?;
        for id in tasks {
            if self.has_files(id) {
                let folder = self.root.join(id);
                fs::remove_dir_all(&folder).map_err(|e| Error::io(folder.display(), e))?;
            }
        }
        Ok(())
    }
}

impl FolderCourse {
    fn lock(&self) -> Result<MutexGuard<'_, Option<Working>>> {
        self.working
            .lock()
            .map_err(|_| Error::new(ErrorKind::Io, "an earlier write failed half way; open the folder again"))
    }

    /// Runs `change` on what is being written, reading it from disk first where need be.
    fn change<T>(&self, course: &CourseId, change: impl FnOnce(&mut Working) -> Result<T>) -> Result<T> {
        if *course != self.id {
            return Err(missing("id", course));
        }
        let mut guard = self.lock()?;
        if guard.is_none() {
            *guard = Some(self.resume()?);
        }
        match guard.as_mut() {
            Some(working) => change(working),
            None => Err(missing("course", course)),
        }
    }

    /// What is there already, to be written on.
    fn resume(&self) -> Result<Working> {
        let root = if pack::is_zip(&self.path) {
            let partial = pack::partial(&self.path);
            if !partial.is_dir() && self.path.is_file() {
                pack::unpack(&self.path, &partial)?;
            }
            partial
        } else {
            self.path.clone()
        };
        let text = Store::Directory(root.clone()).read("course.yaml", MAX_DESCRIPTION)?;
        Ok(Working { root, draft: Draft::read(&String::from_utf8_lossy(&text))? })
    }

    /// Makes room for a new course.
    fn clear(&self, root: &std::path::Path, existing: ExistingCourse) -> Result<()> {
        let there = if pack::is_zip(&self.path) { self.path.exists() } else { is_used(root) };
        if there && existing == ExistingCourse::Refuse {
            return Err(
                Error::new(ErrorKind::AlreadyExists, "something is there already").on(self.path.display())
            );
        }
        if there && !holds_course(&self.path) {
            let why = "what is there is no course; it is not written over";
            return Err(Error::new(ErrorKind::AlreadyExists, why).on(self.path.display()));
        }
        if !root.is_dir() {
            return Ok(());
        }
        // Of a course that is written over, everything goes that would be read as part of the new one.
        let entries = fs::read_dir(root).map_err(|e| Error::io(root.display(), e))?;
        for entry in entries {
            let path = entry.map_err(|e| Error::io(root.display(), e))?.path();
            let of_course = path.join("task.yaml").is_file()
                || path.ends_with("$common")
                || path.ends_with("course.yaml");
            let gone = match (of_course, path.is_dir()) {
                (false, _) => Ok(()),
                (true, true) => fs::remove_dir_all(&path),
                (true, false) => fs::remove_file(&path),
            };
            gone.map_err(|e| Error::io(path.display(), e))?;
        }
        Ok(())
    }
}

fn is_used(root: &std::path::Path) -> bool {
    fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some()) || root.is_file()
}

#[async_trait]
impl Authoring for FolderCourse {
    fn support(&self) -> AuthoringSupport {
        let native = Support::Native;
        AuthoringSupport { create: native, update: native, delete: native, assets: native }
    }

    fn parallel(&self) -> usize {
        1
    }

    fn adapt(&self, course: &Course) -> Adapted {
        adapt(course)
    }

    async fn create_course(&self, header: &Course, new: &NewCourse) -> Result<CourseId> {
        let NewCourse { id, existing } = new;
        if id.as_ref().is_some_and(|id| *id != self.id) {
            return Err(Error::unsupported(Platform::Inginious, "authoring.create_course")
                .on(format!("the id of a course folder is its name, {}", self.id)));
        }
        let root = if pack::is_zip(&self.path) { pack::partial(&self.path) } else { self.path.clone() };
        self.clear(&root, *existing)?;
        let mut draft = Draft::default();
        draft.set_head(header, &AssetLinks::new());
        let working = Working { root, draft };
        working.save()?;
        *self.lock()? = Some(working);
        Ok(self.id.clone())
    }

    async fn put_asset(&self, course: &CourseId, asset: &Asset, body: AssetBody) -> Result<AssetLink> {
        let bytes = body.into_bytes(MAX_FILE).await?;
        let path = asset_path(asset)?;
        self.change(course, |working| pack::write(&working.root, &path, &bytes))?;
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
        self.change(course, |working| {
            let id = working.draft.put_section(section, slot)?;
            working.save()?;
            Ok(id)
        })
    }

    async fn put_lesson(
        &self,
        course: &CourseId,
        section: &SectionId,
        lesson: &Lesson,
        slot: &Slot<LessonId>,
    ) -> Result<LessonId> {
        self.change(course, |working| {
            let id = working.draft.put_lesson(section, lesson, slot)?;
            working.save()?;
            Ok(id)
        })
    }

    async fn put_step(
        &self,
        course: &CourseId,
        lesson: &LessonId,
        step: &Step,
        slot: &Slot<StepId>,
        links: &AssetLinks,
    ) -> Result<StepId> {
        self.change(course, |working| {
            let written = write_task(step, links)?;
            let store = Store::Directory(working.root.clone());
            // A task that the list does not show is somebody's all the same.
            let theirs = |id: &str| {
                let there = store.read(&format!("{id}/task.yaml"), MAX_DESCRIPTION);
                there.is_ok_and(|there| !left_by_us(&there, &written))
            };
            let id = working.draft.step_id(lesson, step, slot, theirs)?;
            if slot.existing.is_none() {
                refuse_without_files(step, &id, links)?;
            }
            let ours = store
                .read(&format!("{id}/{GRADING_FILE}"), MAX_DESCRIPTION)
                .ok()
                .and_then(|b| Grading::parse(&b))
                .is_some();
            if ours && !written.generated {
                for file in GENERATED {
                    let path = working.root.join(&id).join(file);
                    match fs::remove_file(&path) {
                        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                            return Err(Error::io(path.display(), e));
                        }
                        _ => {}
                    }
                }
            }
            for (name, text) in &written.files {
                pack::write(&working.root, &format!("{id}/{name}"), text.as_bytes())?;
            }
            working.draft.place_step(lesson, &id, slot.position, written.config);
            working.save()?;
            Ok(StepId::new(id))
        })
    }

    async fn order_sections(&self, course: &CourseId, order: &[SectionId]) -> Result<()> {
        self.change(course, |working| {
            if working.draft.order_sections(order)? {
                working.save()?;
            }
            Ok(())
        })
    }

    async fn order_lessons(&self, course: &CourseId, section: &SectionId, order: &[LessonId]) -> Result<()> {
        self.change(course, |working| {
            if working.draft.order_lessons(section, order)? {
                working.save()?;
            }
            Ok(())
        })
    }

    async fn order_steps(&self, course: &CourseId, lesson: &LessonId, order: &[StepId]) -> Result<()> {
        self.change(course, |working| {
            if working.draft.order_steps(lesson, order)? {
                working.save()?;
            }
            Ok(())
        })
    }

    async fn delete_section(&self, course: &CourseId, section: &SectionId) -> Result<()> {
        self.change(course, |working| {
            let gone = working.draft.remove_section(section)?;
            working.without(&gone)
        })
    }

    async fn delete_lesson(&self, course: &CourseId, lesson: &LessonId) -> Result<()> {
        self.change(course, |working| {
            let gone = working.draft.remove_lesson(lesson)?;
            working.without(&gone)
        })
    }

    async fn delete_step(&self, course: &CourseId, step: &StepId) -> Result<()> {
        self.change(course, |working| {
            let gone = working.remove_step(step)?;
            working.without(&gone)
        })
    }

    async fn finish(&self, course: &CourseId, header: &Course, links: &AssetLinks) -> Result<()> {
        self.change(course, |working| {
            working.draft.set_head(header, links);
            working.save()
        })?;
        self.finish_nodes(course).await
    }

    async fn finish_nodes(&self, course: &CourseId) -> Result<()> {
        self.change(course, |working| {
            if pack::is_zip(&self.path) {
                pack::pack(&working.root, &self.path)?;
                fs::remove_dir_all(&working.root).map_err(|e| Error::io(working.root.display(), e))?;
            }
            Ok(())
        })?;
        // What is written next begins from what is there.
        *self.lock()? = None;
        Ok(())
    }

    fn step_links(&self, _from: Platform) -> StepLinks {
        StepLinks::Addressed
    }

    fn step_page(&self, course: &CourseId, at: &StepAt<'_>) -> Option<String> {
        links::step_page("", course, at)
    }

    fn written_over(&self, asset: &Asset, there: &[Asset]) -> Option<AssetLink> {
        written_over(asset, there)
    }

    fn deleted_with(&self, step: &StepId, file: &Asset) -> bool {
        deleted_with(step, file)
    }
}
