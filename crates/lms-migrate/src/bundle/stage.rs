//! The bundle that is being written, until it takes its place.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use lms_core::{
    Asset, AssetId, Course, CourseId, Error, ErrorKind, Lesson, LessonId, Platform, Result, Section,
    SectionId, Slot, Step, StepId,
};
use tempfile::TempDir;

use super::layout::{self, asset_path};
use super::read::Read;
use crate::private;

/// A course under way. Bytes of files lie in `dir` where they are to be in the end.
pub(super) struct Stage {
    pub(super) course: Course,
    pub(super) hashes: HashMap<AssetId, String>,
    pub(super) dir: TempDir,
    /// The files that it was read from, where it is a course that was there.
    pub(super) used: Option<BTreeSet<PathBuf>>,
}

impl Stage {
    /// An empty course, to be placed at `target`.
    pub(super) fn new(header: Course, target: &Path) -> Result<Self> {
        let beside = layout::parent_of(target);
        let dir = private::temporary(&beside, ".lms-bundle-")?;
        Ok(Self { course: header, hashes: HashMap::new(), dir, used: None })
    }

    /// A course that is there, to be changed.
    pub(super) fn of(there: Read, target: &Path) -> Result<Self> {
        let Read { content, files, used } = there;
        let mut stage = Self { used: Some(used), ..Self::new(content.course, target)? };
        for (id, stored) in files {
            let bytes = fs::read(&stored.path).map_err(|e| Error::io(stored.path.display(), e))?;
            let hash = stored.hash.unwrap_or_else(|| super::authoring::hash_of(&bytes));
            let to = stage.dir.path().join(asset_path(&hash));
            make_parent(&to)?;
            fs::write(&to, bytes).map_err(|e| Error::io(to.display(), e))?;
            stage.hashes.insert(id, hash);
        }
        Ok(stage)
    }

    pub(super) fn id(&self) -> &CourseId {
        &self.course.id
    }

    /// Notes a file whose bytes are in place.
    pub(super) fn asset(&mut self, asset: &Asset, hash: String) {
        let before = self.hashes.insert(asset.id.clone(), hash);
        if let Some(old) = before.filter(|old| !self.hashes.values().any(|hash| hash == old)) {
            // No file has these bytes any more; that they stay behind does no harm.
            drop(fs::remove_file(self.dir.path().join(asset_path(&old))));
        }
        match self.course.assets.iter_mut().find(|known| known.id == asset.id) {
            Some(known) => known.clone_from(asset),
            None => self.course.assets.push(asset.clone()),
        }
    }

    pub(super) fn section(&mut self, section: &Section, slot: &Slot<SectionId>) -> Result<SectionId> {
        let mut node = Section { lessons: Vec::new(), ..section.clone() };
        if let Some(id) = &slot.existing {
            let at = self.course.sections.iter().position(|s| s.id == *id).ok_or_else(|| missing(id))?;
            let old = self.course.sections.remove(at);
            (node.id, node.lessons) = (old.id, old.lessons);
        } else {
            node.id = SectionId::new(free(node.id.as_str(), |id| {
                self.course.sections.iter().any(|s| s.id.as_str() == id)
            }));
        }
        let id = node.id.clone();
        place(&mut self.course.sections, slot.position, node);
        Ok(id)
    }

    pub(super) fn lesson(
        &mut self,
        section: &SectionId,
        lesson: &Lesson,
        slot: &Slot<LessonId>,
    ) -> Result<LessonId> {
        if !self.course.sections.iter().any(|s| s.id == *section) {
            return Err(missing(section));
        }
        let mut node = Lesson { steps: Vec::new(), ..lesson.clone() };
        if let Some(id) = &slot.existing {
            let old = self.take_lesson(id)?;
            (node.id, node.steps) = (old.id, old.steps);
        } else {
            node.id = LessonId::new(free(node.id.as_str(), |id| self.lessons().any(|l| l.id.as_str() == id)));
        }
        let id = node.id.clone();
        if let Some(section) = self.course.sections.iter_mut().find(|s| s.id == *section) {
            place(&mut section.lessons, slot.position, node);
        }
        Ok(id)
    }

    pub(super) fn step(&mut self, lesson: &LessonId, step: &Step, slot: &Slot<StepId>) -> Result<StepId> {
        if !self.lessons().any(|l| l.id == *lesson) {
            return Err(missing(lesson));
        }
        let mut node = step.clone();
        if let Some(id) = &slot.existing {
            node.id = self.take_step(id)?.id;
        } else {
            node.id =
                StepId::new(free(node.id.as_str(), |id| self.course.steps().any(|s| s.id.as_str() == id)));
        }
        let id = node.id.clone();
        let mut lessons = self.course.sections.iter_mut().flat_map(|s| &mut s.lessons);
        if let Some(lesson) = lessons.find(|l| l.id == *lesson) {
            place(&mut lesson.steps, slot.position, node);
        }
        Ok(id)
    }

    pub(super) fn delete_section(&mut self, id: &SectionId) -> Result<()> {
        let at = self.course.sections.iter().position(|s| s.id == *id).ok_or_else(|| missing(id))?;
        self.course.sections.remove(at);
        Ok(())
    }

    pub(super) fn take_lesson(&mut self, id: &LessonId) -> Result<Lesson> {
        let found = self.course.sections.iter_mut().find_map(|s| {
            let at = s.lessons.iter().position(|l| l.id == *id)?;
            Some(s.lessons.remove(at))
        });
        found.ok_or_else(|| missing(id))
    }

    pub(super) fn take_step(&mut self, id: &StepId) -> Result<Step> {
        let found = self.course.sections.iter_mut().flat_map(|s| &mut s.lessons).find_map(|l| {
            let at = l.steps.iter().position(|t| t.id == *id)?;
            Some(l.steps.remove(at))
        });
        found.ok_or_else(|| missing(id))
    }

    fn lessons(&self) -> impl Iterator<Item = &Lesson> {
        self.course.sections.iter().flat_map(|s| &s.lessons)
    }
}

/// Puts a node at a place counted from 1; those from there on move down.
fn place<T>(nodes: &mut Vec<T>, position: u32, node: T) {
    let at = usize::try_from(position).unwrap_or(usize::MAX).saturating_sub(1).min(nodes.len());
    nodes.insert(at, node);
}

fn free(id: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut free = id.to_owned();
    let mut n = 1;
    while taken(&free) {
        n += 1;
        free = format!("{id}-{n}");
    }
    free
}

pub(super) fn make_parent(path: &Path) -> Result<()> {
    match path.parent() {
        Some(parent) => fs::create_dir_all(parent).map_err(|e| Error::io(parent.display(), e)),
        None => Ok(()),
    }
}

pub(super) fn missing(id: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::NotFound, "the bundle has no such node").at(Platform::Bundle, "authoring").on(id)
}
