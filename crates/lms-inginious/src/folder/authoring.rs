//! Writing a course folder. Each call leaves whole files behind, so that an interrupted run can go on.

use std::fs;
use std::path::PathBuf;
use std::sync::MutexGuard;

use async_trait::async_trait;
use lms_core::{
    Adapted, Asset, AssetBody, AssetId, AssetLink, AssetLinks, AssetRole, Authoring, AuthoringSupport,
    Course, CourseId, Error, ErrorKind, ExistingCourse, Lesson, LessonId, NewCourse, Platform, Result,
    Section, SectionId, Slot, Step, StepId, Support,
};
use serde_json::{Map, Value};

use super::store::{MAX_DESCRIPTION, MAX_FILE, Store, holds_course, is_safe};
use super::yaml::{emit, parse};
use super::{FolderCourse, pack};
use crate::convert::adapt::{adapt, native_link};
use crate::convert::read::{Reading, read_toc};
use crate::convert::script::{GRADING_FILE, Grading, RUN_FILE};
use crate::convert::write::{Draft, DraftLesson, DraftSection, plain_id, setting, write_task};

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

    fn lesson(&mut self, id: &LessonId) -> Option<&mut DraftLesson> {
        self.draft.sections.iter_mut().flat_map(|s| &mut s.lessons).find(|lesson| lesson.id == id.as_str())
    }

    fn has_task(&self, id: &str) -> bool {
        self.draft.config.contains_key(id)
            || self.draft.sections.iter().flat_map(|s| &s.lessons).any(|l| l.tasks.iter().any(|t| t == id))
    }

    fn has_section(&self, id: &str) -> bool {
        self.draft.sections.iter().any(|s| s.id == id || s.lessons.iter().any(|l| l.id == id))
    }

    /// Removes a task with its files.
    fn remove_task(&mut self, id: &str) -> Result<()> {
        self.draft.config.remove(id);
        for lesson in self.draft.sections.iter_mut().flat_map(|s| &mut s.lessons) {
            lesson.tasks.retain(|task| task != id);
        }
        let folder = self.root.join(id);
        if is_safe(id) && folder.join("task.yaml").is_file() {
            fs::remove_dir_all(&folder).map_err(|e| Error::io(folder.display(), e))?;
        }
        Ok(())
    }
}

fn free(id: &str, taken: impl Fn(&str) -> bool) -> String {
    (1..)
        .map(|n| if n == 1 { id.to_owned() } else { format!("{id}-{n}") })
        .find(|id| !taken(id))
        .unwrap_or_else(|| id.to_owned())
}

/// Puts an item where it belongs; `position` counts from 1.
fn place<T>(list: &mut Vec<T>, item: T, position: u32) {
    let at = (position.max(1) as usize - 1).min(list.len());
    list.insert(at, item);
}

fn missing(what: &str, id: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::NotFound, format!("the course has no such {what}")).on(id)
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
        let node = parse(&String::from_utf8_lossy(&text))
            .map_err(|e| Error::invalid(e.message.clone()).on(format!("course.yaml:{}", e.line)))?;
        let mut reading = Reading::default();
        let toc = read_toc(&mut reading, &node, "course.yaml");
        let head = match node.to_json() {
            Value::Object(head) => head.into_iter().filter(|(key, _)| key != "dispenser_data").collect(),
            _ => Map::new(),
        };
        Ok(Working { root, draft: Draft::from_toc(head, toc) })
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
        let public = |name: &str| native_link(name).is_some();
        let path = match asset.role {
            // What learners see must be where the server gives it to them.
            AssetRole::Content if !public(&asset.name) => format!("$common/public/{}", asset.name),
            _ => asset.name.clone(),
        };
        if !is_safe(&path)
            || path == "course.yaml"
            || path.ends_with("/task.yaml") && path.matches('/').count() == 1
        {
            return Err(Error::invalid("a course cannot hold a file of this name").on(&path));
        }
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
            let mut made = match &slot.existing {
                None => DraftSection {
                    id: free(&plain_id(section.id.as_str()), |id| working.has_section(id)),
                    ..DraftSection::default()
                },
                Some(id) => {
                    let at = working.draft.sections.iter().position(|s| s.id == id.as_str());
                    working.draft.sections.remove(at.ok_or_else(|| missing("section", id))?)
                }
            };
            // A lesson that is the section itself goes by its title.
            if let [only] = made.lessons.as_mut_slice()
                && only.id == made.id
            {
                only.title = section.title.clone();
            }
            made.title = section.title.clone();
            made.rest = setting(&section.extras, "toc");
            made.unlisted = section.extras.get(Platform::Inginious, "unlisted").is_some();
            let id = SectionId::new(made.id.as_str());
            place(&mut working.draft.sections, made, slot.position);
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
            let mut made = DraftLesson::default();
            if let Some(id) = &slot.existing {
                for other in &mut working.draft.sections {
                    if let Some(at) = other.lessons.iter().position(|l| l.id == id.as_str()) {
                        made = other.lessons.remove(at);
                    }
                }
                if made.id.is_empty() {
                    return Err(missing("lesson", id));
                }
            }
            let at = working.draft.sections.iter().position(|s| s.id == section.as_str());
            let at = at.ok_or_else(|| missing("section", section))?;
            if made.id.is_empty() {
                let alone = working
                    .draft
                    .sections
                    .get(at)
                    .is_some_and(|s| s.lessons.is_empty() && s.title == lesson.title);
                made.id = if alone {
                    section.to_string()
                } else {
                    free(&plain_id(lesson.id.as_str()), |id| working.has_section(id))
                };
            }
            made.title = lesson.title.clone();
            made.rest = setting(&lesson.extras, "toc");
            let id = LessonId::new(made.id.as_str());
            if let Some(section) = working.draft.sections.get_mut(at) {
                place(&mut section.lessons, made, slot.position);
            }
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
            let id = match &slot.existing {
                Some(id) if working.has_task(id.as_str()) => id.to_string(),
                Some(id) => return Err(missing("task", id)),
                None => free(&plain_id(step.id.as_str()), |id| working.has_task(id) || id == "files"),
            };
            if working.lesson(lesson).is_none() {
                return Err(missing("lesson", lesson));
            }
            let written = write_task(step, links)?;
            let store = Store::Directory(working.root.clone());
            let ours = store
                .read(&format!("{id}/{GRADING_FILE}"), MAX_DESCRIPTION)
                .ok()
                .and_then(|b| Grading::parse(&b))
                .is_some();
            if ours && !written.generated {
                for file in [GRADING_FILE, RUN_FILE] {
                    let path = working.root.join(&id).join(file);
                    fs::remove_file(&path).map_err(|e| Error::io(path.display(), e))?;
                }
            }
            for (name, text) in &written.files {
                pack::write(&working.root, &format!("{id}/{name}"), text.as_bytes())?;
            }
            for other in working.draft.sections.iter_mut().flat_map(|s| &mut s.lessons) {
                other.tasks.retain(|task| *task != id);
            }
            if let Some(lesson) = working.lesson(lesson) {
                place(&mut lesson.tasks, id.clone(), slot.position);
            }
            working.draft.config.insert(id.clone(), Value::from(written.config));
            working.save()?;
            Ok(StepId::new(id))
        })
    }

    async fn delete_section(&self, course: &CourseId, section: &SectionId) -> Result<()> {
        self.change(course, |working| {
            let at = working.draft.sections.iter().position(|s| s.id == section.as_str());
            let gone = working.draft.sections.remove(at.ok_or_else(|| missing("section", section))?);
            for task in gone.lessons.iter().flat_map(|l| &l.tasks) {
                working.remove_task(task)?;
            }
            working.save()
        })
    }

    async fn delete_lesson(&self, course: &CourseId, lesson: &LessonId) -> Result<()> {
        self.change(course, |working| {
            let tasks = working.lesson(lesson).ok_or_else(|| missing("lesson", lesson))?.tasks.clone();
            for section in &mut working.draft.sections {
                section.lessons.retain(|l| l.id != lesson.as_str());
            }
            for task in tasks {
                working.remove_task(&task)?;
            }
            working.save()
        })
    }

    async fn delete_step(&self, course: &CourseId, step: &StepId) -> Result<()> {
        self.change(course, |working| {
            if !working.has_task(step.as_str()) {
                return Err(missing("task", step));
            }
            working.remove_task(step.as_str())?;
            working.save()
        })
    }

    async fn finish(&self, course: &CourseId, header: &Course, links: &AssetLinks) -> Result<()> {
        self.change(course, |working| {
            working.draft.set_head(header, links);
            working.save()?;
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
}
