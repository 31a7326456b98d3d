//! Links between steps, as addresses on the target.

use std::cell::Cell;

use lms_core::{Course, Lesson, LessonId, Step, StepAt, StepId};

use super::Run;
use crate::journal::record::Key;
use crate::links::{linked_steps, map_block};
use crate::sync::tree::{Node, Row};
use crate::sync::{Fate, Task};

impl Run<'_> {
    /// Steps to be written that link others whose addresses are not known yet.
    pub(super) fn too_early<'r>(&self, nodes: &'r [Row<'_>]) -> Vec<&'r Key> {
        let tasks = nodes.iter().zip(&self.work.decided.tasks);
        let written = tasks.filter(|(_, task)| matches!(task.fate, Fate::Create | Fate::Write));
        let early = written.filter(|(row, _)| matches!(row.node, Node::Step(step) if !self.pointed(step).1));
        early.map(|(row, _)| &row.key).collect()
    }

    /// The step with addresses of the target for its links to other steps, if it has any; and whether all of them are
    /// known.
    pub(super) fn pointed(&self, step: &Step) -> (Option<Step>, bool) {
        if step.blocks.iter().all(|block| linked_steps(block).is_empty()) {
            return (None, true);
        }
        let complete = Cell::new(true);
        let change = |link: &str| {
            let page = self.page(&StepId::of_link(link)?);
            complete.set(complete.get() && page.is_some());
            page
        };
        let mut pointed = step.clone();
        pointed.blocks.iter_mut().for_each(|block| map_block(block, &change));
        (Some(pointed), complete.get())
    }

    /// The header, whose description may link steps too. It is written when all of them are there.
    pub(super) fn pointed_header(&self) -> Course {
        let mut header = self.work.plan.adapted.course.header();
        header.description = header.description.map_links(|link| self.page(&StepId::of_link(link)?));
        header
    }

    fn page(&self, wanted: &StepId) -> Option<String> {
        // Tasks come in the order of the course.
        let mut tasks = self.work.decided.tasks.iter();
        for section in &self.work.plan.adapted.course.sections {
            tasks.next();
            for lesson in &section.lessons {
                tasks.next();
                for step in &lesson.steps {
                    let task = tasks.next()?;
                    if step.id == *wanted {
                        return self.page_of(lesson, step, task);
                    }
                }
            }
        }
        None
    }

    fn page_of(&self, lesson: &Lesson, step: &Step, task: &Task) -> Option<String> {
        let parent = LessonId::from(task.parent.as_ref().or_else(|| self.ids.get(&task.under))?.as_str());
        let id = self.ids.get(&task.key).map(|id| StepId::from(id.as_str()));
        let at = StepAt { lesson: (lesson, &parent), step: (step, id.as_ref()), position: task.position };
        self.authoring.step_page(&self.course, &at)
    }
}
