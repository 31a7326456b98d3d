//! The course that is being written, until it takes its place.

use std::fs;
use std::path::Path;

use lms_core::{
    Asset, AssetId, AssetLinks, Block, BlockBody, Course, Error, ErrorKind, Extras, Lesson, LessonId, Markup,
    Platform, Result, Section, SectionId, Slot, Step, StepId,
};
use tempfile::TempDir;

use super::drafts;
use crate::convert::markup::OUTSIDE;
use crate::olx::files::Files;
use crate::olx::read::{TAG, URL_NAME, is_implied, path_of};
use crate::olx::write::{file_of, text_extra, url_name};
use crate::temporary;

/// What a node is.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Section,
    Lesson,
    Step,
}

/// A node and its place among its siblings.
struct Placed<T> {
    position: u32,
    node: T,
}

/// A course under way. Files lie in `dir` where they are to be in the end.
pub(super) struct Stage {
    header: Course,
    sections: Vec<Placed<Section>>,
    lessons: Vec<(SectionId, Placed<Lesson>)>,
    steps: Vec<(LessonId, Placed<Step>)>,
    pub(super) dir: TempDir,
    /// Whether it takes the place of another course, or is that course, changed.
    pub(super) start: Start,
}

/// What a course under way began as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// Nothing: what is there goes.
    Empty,
    /// What is there.
    There,
}

impl Stage {
    /// An empty course.
    pub(super) fn new(header: Course, beside: &Path) -> Result<Self> {
        let dir = temporary::folder_in(beside, ".olx-")?;
        Ok(Self {
            header,
            sections: Vec::new(),
            lessons: Vec::new(),
            steps: Vec::new(),
            dir,
            start: Start::Empty,
        })
    }

    /// A course that is there, to be changed.
    pub(super) fn of(course: Course, files: &Files, beside: &Path) -> Result<Self> {
        let mut stage = Self { start: Start::There, ..Self::new(course.header(), beside)? };
        for asset in &course.assets {
            let path = path_of(asset.id.as_str());
            if let Some(from) = files.locate(&path) {
                let to = stage.dir.path().join(&path);
                make_parent(&to)?;
                fs::copy(&from, &to).map_err(|e| Error::io(&path, e))?;
            }
        }
        stage.header.assets = course.assets;
        for (s, mut section) in (1..).zip(course.sections) {
            for (l, mut lesson) in (1..).zip(std::mem::take(&mut section.lessons)) {
                for (t, step) in (1..).zip(std::mem::take(&mut lesson.steps)) {
                    stage.steps.push((lesson.id.clone(), Placed { position: t, node: step }));
                }
                stage.lessons.push((section.id.clone(), Placed { position: l, node: lesson }));
            }
            stage.sections.push(Placed { position: s, node: section });
        }
        Ok(stage)
    }

    /// The id of the course.
    pub(super) fn id(&self) -> &lms_core::CourseId {
        &self.header.id
    }

    /// The course without its sections and files.
    pub(super) fn header(&self) -> Course {
        self.header.header()
    }

    /// Notes a file whose bytes are in place.
    pub(super) fn asset(&mut self, asset: Asset) {
        self.header.assets.retain(|known| known.id != asset.id);
        self.header.assets.push(asset);
    }

    pub(super) fn section(&mut self, section: &Section, slot: &Slot<SectionId>) -> Result<SectionId> {
        let mut node = Section { lessons: Vec::new(), ..section.clone() };
        let at = match &slot.existing {
            Some(id) => Some(position_of(&self.sections, |s| s.node.id == *id).ok_or_else(|| missing(id))?),
            None => None,
        };
        node.id = match &slot.existing {
            Some(id) => id.clone(),
            None => SectionId::new(self.free_id(Kind::Section, section.id.as_str(), &section.extras)),
        };
        let id = node.id.clone();
        let placed = Placed { position: slot.position, node };
        put(&mut self.sections, at, placed);
        Ok(id)
    }

    pub(super) fn lesson(
        &mut self,
        section: &SectionId,
        lesson: &Lesson,
        slot: &Slot<LessonId>,
    ) -> Result<LessonId> {
        if !self.sections.iter().any(|s| s.node.id == *section) {
            return Err(missing(section));
        }
        let mut node = Lesson { steps: Vec::new(), ..lesson.clone() };
        let at = match &slot.existing {
            Some(id) => {
                Some(position_of(&self.lessons, |(_, l)| l.node.id == *id).ok_or_else(|| missing(id))?)
            }
            None => None,
        };
        node.id = match &slot.existing {
            Some(id) => id.clone(),
            None => LessonId::new(self.free_id(Kind::Lesson, lesson.id.as_str(), &lesson.extras)),
        };
        let id = node.id.clone();
        put(&mut self.lessons, at, (section.clone(), Placed { position: slot.position, node }));
        Ok(id)
    }

    pub(super) fn step(
        &mut self,
        lesson: &LessonId,
        step: &Step,
        slot: &Slot<StepId>,
        links: &AssetLinks,
    ) -> Result<StepId> {
        if !self.lessons.iter().any(|(_, l)| l.node.id == *lesson) {
            return Err(missing(lesson));
        }
        let mut node = step.clone();
        node.blocks.iter_mut().for_each(|block| relink(block, links));
        let at = match &slot.existing {
            Some(id) => Some(position_of(&self.steps, |(_, s)| s.node.id == *id).ok_or_else(|| missing(id))?),
            None => None,
        };
        node.id = match &slot.existing {
            Some(id) => id.clone(),
            None => StepId::new(self.free_id(Kind::Step, step.id.as_str(), &step.extras)),
        };
        let id = node.id.clone();
        put(&mut self.steps, at, (lesson.clone(), Placed { position: slot.position, node }));
        Ok(id)
    }

    /// The id that reading the archive back gives to a new node. On Open edX a name counts within its type;
    /// a new one differs from those of all nodes above it too (reference openedx.md 5.2).
    fn free_id(&self, kind: Kind, id: &str, extras: &Extras) -> String {
        let section = |id: &str| self.sections.iter().any(|s| s.node.id.as_str() == id);
        let lesson = |id: &str| self.lessons.iter().any(|(_, l)| l.node.id.as_str() == id);
        let step = |id: &str| self.steps.iter().any(|(_, s)| s.node.id.as_str() == id);
        let name = url_name(id);
        let (above, suffix) = match kind {
            Kind::Section => (false, ""),
            Kind::Lesson => (section(&name), "-lesson"),
            Kind::Step => (section(&name) || lesson(&name), "-step"),
        };
        let tag = text_extra(extras, TAG).unwrap_or(match kind {
            Kind::Section => "chapter",
            Kind::Lesson => "sequential",
            Kind::Step => "vertical",
        });
        // A file that no block points to is somebody's: its name is not free.
        let lies_there = |id: &str| {
            let file = [OUTSIDE, &file_of(tag, id, "xml")].concat();
            self.header.assets.iter().any(|asset| asset.id.as_str() == file)
        };
        let same = |id: &str| match kind {
            Kind::Section => section(id),
            Kind::Lesson => lesson(id),
            Kind::Step => step(id),
        };
        let named = is_implied(extras) || extras.get(Platform::OpenEdx, URL_NAME).is_some();
        let wanted = match (named, above) {
            (true, _) => id.to_owned(),
            (false, false) => name,
            (false, true) => name + suffix,
        };
        let mut free = wanted.clone();
        let mut n = 1;
        while same(&free) || (!is_implied(extras) && lies_there(&free)) {
            n += 1;
            free = format!("{wanted}-{n}");
        }
        free
    }

    pub(super) fn order_sections(&mut self, order: &[SectionId]) -> Result<()> {
        arrange(self.sections.iter_mut(), order, |section| &section.id)
    }

    pub(super) fn order_lessons(&mut self, section: &SectionId, order: &[LessonId]) -> Result<()> {
        let own = self.lessons.iter_mut().filter(|(of, _)| of == section).map(|(_, lesson)| lesson);
        arrange(own, order, |lesson| &lesson.id)
    }

    pub(super) fn order_steps(&mut self, lesson: &LessonId, order: &[StepId]) -> Result<()> {
        let own = self.steps.iter_mut().filter(|(of, _)| of == lesson).map(|(_, step)| step);
        arrange(own, order, |step| &step.id)
    }

    pub(super) fn delete_section(&mut self, id: &SectionId) -> Result<()> {
        let at = position_of(&self.sections, |s| s.node.id == *id).ok_or_else(|| missing(id))?;
        let own = self.lessons.iter().filter(|(section, _)| section == id).map(|(_, l)| l.node.id.clone());
        let gone: Vec<LessonId> = own.collect();
        gone.iter().try_for_each(|lesson| self.may_go(lesson))?;
        self.sections.remove(at);
        self.lessons.retain(|(section, _)| section != id);
        self.steps.retain(|(lesson, _)| !gone.contains(lesson));
        Ok(())
    }

    pub(super) fn delete_lesson(&mut self, id: &LessonId) -> Result<()> {
        let at = position_of(&self.lessons, |(_, l)| l.node.id == *id).ok_or_else(|| missing(id))?;
        self.may_go(id)?;
        self.lessons.remove(at);
        self.steps.retain(|(lesson, _)| lesson != id);
        Ok(())
    }

    pub(super) fn delete_step(&mut self, id: &StepId) -> Result<()> {
        let at = position_of(&self.steps, |(_, s)| s.node.id == *id).ok_or_else(|| missing(id))?;
        let step = self.steps.get(at).map(|(_, step)| &step.node);
        step.map_or(Ok(()), |step| self.is_published(step))?;
        self.steps.remove(at);
        Ok(())
    }

    /// That a lesson holds nothing that readers of the published course do not see.
    fn may_go(&self, id: &LessonId) -> Result<()> {
        let lessons = self.lessons.iter().filter(|(_, lesson)| lesson.node.id == *id);
        for (_, lesson) in lessons {
            let name = name_of(id.as_str(), &lesson.node.extras);
            if let Some(draft) = drafts::within(self.dir.path(), &name) {
                return Err(drafts::held(id, &draft));
            }
        }
        let mut steps = self.steps.iter().filter(|(lesson, _)| lesson == id);
        steps.try_for_each(|(_, step)| self.is_published(&step.node))
    }

    fn is_published(&self, step: &Step) -> Result<()> {
        let draft = drafts::of(self.dir.path(), &name_of(step.id.as_str(), &step.extras));
        draft.map_or(Ok(()), |draft| Err(drafts::held(&step.id, &draft)))
    }

    /// The whole course, with what the header says last.
    pub(super) fn assemble(&self, header: &Course, links: &AssetLinks) -> Course {
        let mut course = Course { id: self.header.id.clone(), ..header.header() };
        course.description = relinked(&course.description, links);
        course.cover = course.cover.map(|id| links.get(&id).map_or(id, |link| link.id.clone()));
        course.assets.clone_from(&self.header.assets);
        course.sections = ordered(self.sections.iter())
            .map(|section| {
                let mut section = section.clone();
                let own = self.lessons.iter().filter(|(of, _)| *of == section.id).map(|(_, l)| l);
                section.lessons = ordered(own)
                    .map(|lesson| {
                        let mut lesson = lesson.clone();
                        let own = self.steps.iter().filter(|(of, _)| *of == lesson.id).map(|(_, s)| s);
                        lesson.steps = ordered(own).cloned().collect();
                        lesson
                    })
                    .collect();
                section.description = relinked(&section.description, links);
                section
            })
            .collect();
        course
    }
}

/// What a node is called on Open edX.
fn name_of(id: &str, extras: &Extras) -> String {
    text_extra(extras, URL_NAME).map_or_else(|| url_name(id), str::to_owned)
}

/// Gives nodes their places in `order`, which names each of them.
fn arrange<'a, T: 'a, Id: PartialEq + std::fmt::Display + 'a>(
    nodes: impl Iterator<Item = &'a mut Placed<T>>,
    order: &[Id],
    id: impl Fn(&T) -> &Id,
) -> Result<()> {
    let mut left: Vec<&mut Placed<T>> = nodes.collect();
    for (position, wanted) in (1..).zip(order) {
        let at = left.iter().position(|placed| id(&placed.node) == wanted).ok_or_else(|| missing(wanted))?;
        left.swap_remove(at).position = position;
    }
    match left.first() {
        None => Ok(()),
        Some(placed) => Err(Error::invalid("the order must name everything that is there, each once")
            .at(Platform::OpenEdx, "authoring")
            .on(id(&placed.node))),
    }
}

fn ordered<'a, T: 'a>(nodes: impl Iterator<Item = &'a Placed<T>>) -> impl Iterator<Item = &'a T> {
    let mut nodes: Vec<&Placed<T>> = nodes.collect();
    nodes.sort_by_key(|placed| placed.position);
    nodes.into_iter().map(|placed| &placed.node)
}

fn position_of<T>(nodes: &[T], is: impl Fn(&T) -> bool) -> Option<usize> {
    nodes.iter().position(is)
}

fn put<T>(nodes: &mut Vec<T>, at: Option<usize>, node: T) {
    match at.and_then(|at| nodes.get_mut(at)) {
        Some(old) => *old = node,
        None => nodes.push(node),
    }
}

fn missing(id: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::NotFound, "the archive has no such node").at(Platform::OpenEdx, "authoring").on(id)
}

fn relinked(markup: &Markup, links: &AssetLinks) -> Markup {
    markup.map_links(|link| {
        let id = AssetId::from(link.strip_prefix("asset:")?);
        links.get(&id).map(|link| format!("asset:{}", link.id))
    })
}

/// Links of the source's files become those of the files here.
fn relink(block: &mut Block, links: &AssetLinks) {
    block.map_markup(&mut |markup| *markup = relinked(markup, links));
    let renamed = |id: &AssetId| links.get(id).map(|link| link.id.clone());
    match &mut block.body {
        BlockBody::Video(video) => {
            for source in video.sources.iter_mut().chain(&mut video.poster) {
                if let Some(id) = source.strip_prefix("asset:").and_then(|id| renamed(&AssetId::from(id))) {
                    *source = format!("asset:{id}");
                }
            }
            for transcript in &mut video.transcripts {
                if let Some(id) = renamed(&transcript.asset) {
                    transcript.asset = id;
                }
            }
        }
        BlockBody::File(file) => {
            if let Some(id) = renamed(&file.asset) {
                file.asset = id;
            }
        }
        BlockBody::Text(_) | BlockBody::Exercise(_) | BlockBody::Foreign(_) => {}
    }
}

pub(super) fn make_parent(path: &Path) -> Result<()> {
    match path.parent() {
        Some(parent) => fs::create_dir_all(parent).map_err(|e| Error::io(parent.display(), e)),
        None => Ok(()),
    }
}
