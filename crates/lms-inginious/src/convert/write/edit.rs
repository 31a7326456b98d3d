//! Changing the structure of a course that is being written: sections, lessons, tasks and where they stand.

use lms_core::{
    Asset, AssetLink, AssetLinks, AssetRole, Error, ErrorKind, Lesson, LessonId, Platform, Result, Section,
    SectionId, Slot, Step, StepId,
};
use serde_json::{Map, Value};

use super::course::{Draft, DraftLesson, DraftSection, setting};
use super::plain_id;
use crate::convert::adapt::native_link;
use crate::convert::read::{Reading, UNLISTED, read_toc};
use crate::folder::store::is_safe;
use crate::folder::yaml::parse;

/// An id that new tasks do not get: tasks and files share one folder.
const RESERVED: &str = "files";

/// Where a file of the course lies, from the course folder on.
pub(crate) fn asset_path(asset: &Asset) -> Result<String> {
    let public = native_link(&asset.name).is_some();
    let path = match asset.role {
        // What learners see must be where the server gives it to them.
        AssetRole::Content if !public => format!("$common/public/{}", asset.name),
        _ => asset.name.clone(),
    };
    let described = path == "course.yaml" || path.ends_with("/task.yaml") && path.matches('/').count() == 1;
    if described || !is_safe(&path) {
        return Err(Error::invalid("a course cannot hold a file of this name").on(&path));
    }
    Ok(path)
}

/// Which of the files of a course an upload would write over: they go by their paths.
pub(crate) fn written_over(asset: &Asset, there: &[Asset]) -> Option<AssetLink> {
    let path = asset_path(asset).ok()?;
    let file = there.iter().find(|file| file.id.as_str() == path)?;
    let url = native_link(&path).unwrap_or(path);
    Some(AssetLink { id: file.id.clone(), url })
}

/// Whether a file lies in the folder of a task, which goes with it.
pub(crate) fn deleted_with(task: &StepId, file: &Asset) -> bool {
    file.id.as_str().split_once('/').is_some_and(|(folder, _)| folder == task.as_str())
}

impl Draft {
    /// What stands in a course file, to be written on.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let node = parse(text)
            .map_err(|e| Error::invalid(e.message.clone()).on(format!("course.yaml:{}", e.line)))?;
        let mut reading = Reading::default();
        let toc = read_toc(&mut reading, &node, "course.yaml");
        let head = match node.to_json() {
            Value::Object(head) => head.into_iter().filter(|(key, _)| key != "dispenser_data").collect(),
            _ => Map::new(),
        };
        Ok(Self::from_toc(head, toc))
    }

    fn lesson(&mut self, id: &LessonId) -> Option<&mut DraftLesson> {
        self.sections.iter_mut().flat_map(|s| &mut s.lessons).find(|lesson| lesson.id == id.as_str())
    }

    fn has_task(&self, id: &str) -> bool {
        self.config.contains_key(id) || self.lists(id)
    }

    fn lists(&self, id: &str) -> bool {
        self.sections.iter().flat_map(|s| &s.lessons).any(|l| l.tasks.iter().any(|t| t == id))
    }

    fn has_section(&self, id: &str) -> bool {
        self.sections.iter().any(|s| s.id == id || s.lessons.iter().any(|l| l.id == id))
    }

    /// Writes a section's own fields where the slot says.
    pub(crate) fn put_section(&mut self, section: &Section, slot: &Slot<SectionId>) -> Result<SectionId> {
        let mut made = match &slot.existing {
            None => DraftSection {
                id: free(&plain_id(section.id.as_str()), |id| self.has_section(id)),
                ..DraftSection::default()
            },
            Some(id) => self.take_section(id)?,
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
        place(&mut self.sections, made, slot.position);
        Ok(id)
    }

    /// Writes a lesson's own fields where the slot says.
    pub(crate) fn put_lesson(
        &mut self,
        section: &SectionId,
        lesson: &Lesson,
        slot: &Slot<LessonId>,
    ) -> Result<LessonId> {
        let mut made = DraftLesson::default();
        if let Some(id) = &slot.existing {
            for other in &mut self.sections {
                if let Some(at) = other.lessons.iter().position(|l| l.id == id.as_str()) {
                    made = other.lessons.remove(at);
                }
            }
            if made.id.is_empty() {
                return Err(missing("lesson", id));
            }
        }
        let at = self.sections.iter().position(|s| s.id == section.as_str());
        let at = at.ok_or_else(|| missing("section", section))?;
        if made.id.is_empty() {
            let alone =
                self.sections.get(at).is_some_and(|s| s.lessons.is_empty() && s.title == lesson.title);
            made.id = if alone {
                section.to_string()
            } else {
                free(&plain_id(lesson.id.as_str()), |id| self.has_section(id))
            };
        }
        made.title = lesson.title.clone();
        made.rest = setting(&lesson.extras, "toc");
        let id = LessonId::new(made.id.as_str());
        if let Some(section) = self.sections.get_mut(at) {
            place(&mut section.lessons, made, slot.position);
        }
        Ok(id)
    }

    /// The id under which a step is written in a lesson that is there. New ones get none that is listed or `taken`.
    pub(crate) fn step_id(
        &mut self,
        lesson: &LessonId,
        step: &Step,
        slot: &Slot<StepId>,
        taken: impl Fn(&str) -> bool,
    ) -> Result<String> {
        let id = match &slot.existing {
            Some(id) if self.has_task(id.as_str()) => id.to_string(),
            Some(id) => return Err(missing("task", id)),
            None => free(&plain_id(step.id.as_str()), |id| self.lists(id) || id == RESERVED || taken(id)),
        };
        if self.lesson(lesson).is_none() {
            return Err(missing("lesson", lesson));
        }
        Ok(id)
    }

    /// Lists a task that was written, with its settings.
    pub(crate) fn place_step(
        &mut self,
        lesson: &LessonId,
        id: &str,
        position: u32,
        config: Map<String, Value>,
    ) {
        for other in self.sections.iter_mut().flat_map(|s| &mut s.lessons) {
            other.tasks.retain(|task| task != id);
        }
        if let Some(lesson) = self.lesson(lesson) {
            place(&mut lesson.tasks, id.to_owned(), position);
        }
        self.config.insert(id.to_owned(), Value::from(config));
    }

    /// Puts sections in this order; answers whether that changes anything. So in all three. The section in which readers
    /// find tasks that no section lists is none of the course file.
    pub(crate) fn order_sections(&mut self, order: &[SectionId]) -> Result<bool> {
        let unlisted = free(UNLISTED, |id| self.has_section(id));
        let order: Vec<&SectionId> = order.iter().filter(|id| id.as_str() != unlisted).collect();
        arrange(&mut self.sections, &order, |section, id| section.id == id.as_str())
    }

    /// Puts the lessons of a section in this order.
    pub(crate) fn order_lessons(&mut self, section: &SectionId, order: &[LessonId]) -> Result<bool> {
        let found = self.sections.iter_mut().find(|s| s.id == section.as_str());
        let section = found.ok_or_else(|| missing("section", section))?;
        arrange(&mut section.lessons, order, |lesson, id| lesson.id == id.as_str())
    }

    /// Puts the tasks of a lesson in this order.
    pub(crate) fn order_steps(&mut self, lesson: &LessonId, order: &[StepId]) -> Result<bool> {
        let found = self.lesson(lesson).ok_or_else(|| missing("lesson", lesson))?;
        arrange(&mut found.tasks, order, |task, id| task == id.as_str())
    }

    fn take_section(&mut self, id: &SectionId) -> Result<DraftSection> {
        let at = self.sections.iter().position(|s| s.id == id.as_str());
        Ok(self.sections.remove(at.ok_or_else(|| missing("section", id))?))
    }

    /// Takes a section out; returns its tasks, whose files go too.
    pub(crate) fn remove_section(&mut self, id: &SectionId) -> Result<Vec<String>> {
        let gone = self.take_section(id)?;
        Ok(self.unlist(gone.lessons.into_iter().flat_map(|lesson| lesson.tasks).collect()))
    }

    /// Takes a lesson out; returns its tasks, whose files go too.
    pub(crate) fn remove_lesson(&mut self, id: &LessonId) -> Result<Vec<String>> {
        let tasks = self.lesson(id).ok_or_else(|| missing("lesson", id))?.tasks.clone();
        for section in &mut self.sections {
            section.lessons.retain(|lesson| lesson.id != id.as_str());
        }
        Ok(self.unlist(tasks))
    }

    /// Takes a task out; its files go too. One that no section lists has nothing but `files`.
    pub(crate) fn remove_step(&mut self, id: &StepId, files: bool) -> Result<Vec<String>> {
        if !files && !self.has_task(id.as_str()) {
            return Err(missing("task", id));
        }
        Ok(self.unlist(vec![id.to_string()]))
    }

    fn unlist(&mut self, tasks: Vec<String>) -> Vec<String> {
        for id in &tasks {
            self.config.remove(id);
            for lesson in self.sections.iter_mut().flat_map(|s| &mut s.lessons) {
                lesson.tasks.retain(|task| task != id);
            }
        }
        tasks
    }
}

pub(crate) fn free(id: &str, taken: impl Fn(&str) -> bool) -> String {
    (1..)
        .map(|n| if n == 1 { id.to_owned() } else { format!("{id}-{n}") })
        .find(|id| !taken(id))
        .unwrap_or_else(|| id.to_owned())
}

/// Graders of a course of INGInious lie in the folder that has the name of the task: under another name, the task would
/// be graded by somebody else's, or by none.
pub(crate) fn refuse_without_files(step: &Step, id: &str, links: &AssetLinks) -> Result<()> {
    let wanted = plain_id(step.id.as_str());
    let inside = format!("{wanted}/");
    if id == wanted || !links.iter().any(|(_, link)| link.id.as_str().starts_with(&inside)) {
        return Ok(());
    }
    let why = format!(
        "the target has a task {wanted} of its own, and this one comes with files in the folder of that name; give one \
         of the two another id and go on"
    );
    Err(Error::new(ErrorKind::Conflict, why)
        .at(Platform::Inginious, "authoring.put")
        .on(format!("task {}", step.id)))
}

/// Puts nodes in an order that names each of them; answers whether that changes anything.
fn arrange<T, Id: std::fmt::Display>(
    nodes: &mut Vec<T>,
    order: &[Id],
    is: impl Fn(&T, &Id) -> bool,
) -> Result<bool> {
    if nodes.len() != order.len() {
        return Err(Error::invalid("the order must name everything that is there, each once")
            .at(Platform::Inginious, "authoring.order"));
    }
    let mut changed = false;
    for (place, id) in order.iter().enumerate() {
        let found = nodes.iter().skip(place).position(|node| is(node, id));
        let from = place + found.ok_or_else(|| missing("id", id))?;
        if from != place {
            let node = nodes.remove(from);
            nodes.insert(place, node);
            changed = true;
        }
    }
    Ok(changed)
}

/// Puts an item where it belongs; `position` counts from 1.
fn place<T>(list: &mut Vec<T>, item: T, position: u32) {
    let at = (position.max(1) as usize - 1).min(list.len());
    list.insert(at, item);
}

/// What is to be changed is not there.
pub(crate) fn missing(what: &str, id: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::NotFound, format!("the course has no such {what}")).on(id)
}
