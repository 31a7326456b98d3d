//! Telling whether something has changed without keeping it: SHA-256 of what a node says itself, ids and
//! place aside, together with the bytes of the files it links.

use std::collections::BTreeMap;

use lms_core::{AssetId, Block, BlockBody, Course, Lesson, Markup, Section, Step, StepId, TaskId};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::links::linked_steps;
use crate::plan::linked_assets;

/// The SHA-256 of files by id, in hexadecimal digits.
pub(crate) type Hashes = BTreeMap<AssetId, String>;

/// Of a course without its sections and files.
pub(crate) fn of_header(course: &Course, files: &Hashes) -> String {
    let mut header = course.header();
    header.id = "".into();
    let mut linked = header.description.assets();
    linked.extend(header.cover.clone());
    hash(&header, linked, files)
}

/// Of a section without its lessons.
pub(crate) fn of_section(section: &Section, files: &Hashes) -> String {
    let own = Section { id: "".into(), lessons: Vec::new(), ..section.clone() };
    let linked = Markup::assets(&own.description);
    hash(&own, linked, files)
}

/// Of a lesson without its steps.
pub(crate) fn of_lesson(lesson: &Lesson) -> String {
    let own = Lesson { id: "".into(), steps: Vec::new(), ..lesson.clone() };
    hash(&own, Vec::new(), &Hashes::new())
}

/// Of a step. `place` says where the steps are that it links: some platforms link them by their places.
pub(crate) fn of_step(step: &Step, files: &Hashes, place: impl Fn(&StepId) -> Option<String>) -> String {
    let mut own = Step { id: "".into(), ..step.clone() };
    let mut tasks = Vec::new();
    own.blocks.iter_mut().for_each(|block| nameless(block, &mut tasks));
    let linked = step.blocks.iter().flat_map(linked_assets).collect();
    let places: Vec<_> = step.blocks.iter().flat_map(linked_steps).map(|id| place(&id)).collect();
    if places.is_empty() { hash(&own, linked, files) } else { hash(&(own, places), linked, files) }
}

/// Which exercises share a task counts; what the task is called does not.
fn nameless(block: &mut Block, tasks: &mut Vec<TaskId>) {
    block.id = "".into();
    if let BlockBody::Exercise(exercise) = &mut block.body {
        let at = tasks.iter().position(|task| *task == exercise.task).unwrap_or_else(|| {
            tasks.push(exercise.task.clone());
            tasks.len() - 1
        });
        exercise.task = at.to_string().into();
    }
}

fn hash(node: &impl Serialize, linked: Vec<AssetId>, files: &Hashes) -> String {
    let mut hash = Sha256::new();
    // A model that cannot be written as JSON does not exist: its maps have text for keys.
    hash.update(serde_json::to_vec(node).unwrap_or_default());
    for id in linked {
        hash.update([0]);
        hash.update(files.get(&id).map_or("", String::as_str));
    }
    hex(&hash.finalize())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use lms_core::{Exercise, ExtendedTextInteraction, Interaction, Text};

    use super::*;

    fn step(blocks: Vec<BlockBody>) -> Step {
        let mut step = Step::new("t", "Title");
        let blocks = blocks.into_iter().enumerate();
        step.blocks = blocks.map(|(n, body)| Block::new(format!("b{n}"), body)).collect();
        step
    }

    #[test]
    fn what_a_file_holds_counts_and_what_others_hold_does_not() {
        let shown = step(vec![BlockBody::Text(Text { markup: "<img src=\"asset:a.png\">".into() })]);
        let print = |a: &str, b: &str| {
            let files = [("a.png".into(), a.to_owned()), ("b.png".into(), b.to_owned())];
            of_step(&shown, &Hashes::from(files), |_| None)
        };
        assert_eq!(print("1", "1"), print("1", "2"));
        assert_ne!(print("1", "1"), print("2", "1"));
    }

    #[test]
    fn what_things_are_called_does_not_count_and_which_exercises_are_one_task_does() {
        let exercise = |task: &str| {
            let essay = Interaction::ExtendedText(ExtendedTextInteraction::default());
            BlockBody::Exercise(Box::new(Exercise::new(task, "Why?".into(), essay)))
        };
        let print = |id: &str, tasks: [&str; 2]| {
            let mut step = step(tasks.map(exercise).to_vec());
            step.id = id.into();
            of_step(&step, &Hashes::new(), |_| None)
        };
        assert_eq!(print("t", ["x", "y"]), print("u", ["1", "2"]));
        assert_ne!(print("t", ["x", "y"]), print("t", ["x", "x"]));
    }
}
