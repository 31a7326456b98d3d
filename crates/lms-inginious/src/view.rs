//! Tasks as the API shows them, as steps: everything but keys, order, sections and settings
//! (reference inginious.md 4.2).

use std::collections::HashSet;

use lms_core::{Block, BlockBody, BlockId, Grader, Interaction, Markup, Platform, Step, StepId, Text};
use serde_json::{Map, Value, json};
use url::Url;

use crate::convert::read::{Decider, Place, Reading, Sources, percent_decoded, read_problem};
use crate::convert::rst::{self, Shape};
use crate::folder::yaml::Node;
use crate::wire::{Problem, Task};

/// What is known of a course while its tasks are read.
pub(crate) struct View<'a> {
    course: &'a str,
    /// The address of the course's page, on which the addresses of its texts are based.
    page: Option<Url>,
    pub(crate) reading: Reading,
}

impl<'a> View<'a> {
    /// `page` is the address of the course's page.
    pub(crate) fn new(course: &'a str, page: &str, tasks: &[Task]) -> Self {
        let mut view =
            Self { course, page: Url::parse(&format!("{page}/")).ok(), reading: Reading::default() };
        view.reading.course = course.to_owned();
        view.reading.files = view.linked_files(tasks);
        view
    }

    /// The files that texts link to: the API has no list of files.
    fn linked_files(&self, tasks: &[Task]) -> HashSet<String> {
        let folders: HashSet<&str> = tasks.iter().map(|task| task.id.as_str()).chain(["$common"]).collect();
        tasks
            .iter()
            .flat_map(texts)
            .flat_map(|text| Markup::from_html(rst::to_html(text, Shape::Flow).html).links())
            .filter_map(|link| {
                let inside = self.below_course(&link);
                let inside = inside.split(['?', '#']).next().unwrap_or_default();
                let (folder, rest) = inside.split_once('/')?;
                (folders.contains(folder) && !rest.is_empty())
                    .then(|| format!("{folder}/public/{}", percent_decoded(rest)))
            })
            .collect()
    }

    /// An address as it is written on the task's page: `task/figure.svg`.
    fn below_course<'l>(&self, link: &'l str) -> &'l str {
        let page = self.page.as_ref().map(Url::as_str).and_then(|page| link.strip_prefix(page));
        page.or_else(|| link.strip_prefix(&format!("/course/{}/", self.course))).unwrap_or(link)
    }

    /// A task as a step: a text and its problems. The mark of a task is shared alike by its problems.
    pub(crate) fn step(&mut self, task: &Task) -> Step {
        self.reading.native.block("task");
        let mut step = Step::new(StepId::new(&task.id), &task.name);
        let place = Place::new(format!("task {}", task.id), 0);
        if !task.context.trim().is_empty() {
            let mut sources = Sources::default();
            let markup = self.reading.text(&task.context, Shape::Flow, "context", &place, &mut sources);
            let mut block = Block::new(BlockId::new(&task.id), BlockBody::Text(Text { markup }));
            if !sources.0.is_empty() {
                block.extras.set(Platform::Inginious, "rst", sources.0);
            }
            step.blocks.push(block);
        }
        let share = 1.0 / task.problems.len().max(1) as f64;
        // The multiple-choice environment cannot judge these, so a program judges the whole task
        // (reference inginious.md 9.8).
        let by_program = task.problems().any(|p| matches!(p.kind(), "code" | "code_single_line" | "file"));
        for problem in task.problems() {
            let node = Node::from_json(&native(problem));
            let mut block =
                read_problem(&mut self.reading, &task.id, problem.id(), &node, Decider::Hidden, &place);
            match &mut block.body {
                BlockBody::Exercise(exercise) => {
                    exercise.scoring.points = share;
                    if by_program {
                        exercise.grader = Grader::Native("run script".into());
                    }
                }
                BlockBody::Foreign(foreign) => foreign.points = Some(share),
                _ => {}
            }
            step.blocks.push(block);
        }
        for block in &mut step.blocks {
            self.settle_links(block);
        }
        step
    }

    /// Makes the addresses absolute that are not those of the course's files.
    fn settle_links(&self, block: &mut Block) {
        let settle = |markup: &mut Markup| {
            *markup = markup.map_links(|link| {
                let fixed = link.is_empty() || link.starts_with('#') || Url::parse(link).is_ok();
                if fixed { None } else { self.page.as_ref()?.join(link).ok().map(String::from) }
            });
        };
        match &mut block.body {
            BlockBody::Text(text) => settle(&mut text.markup),
            BlockBody::Foreign(foreign) => settle(&mut foreign.readable),
            BlockBody::Exercise(exercise) => {
                settle(&mut exercise.prompt);
                settle(&mut exercise.feedback.correct);
                settle(&mut exercise.feedback.incorrect);
                if let Interaction::Choice(choice) = &mut exercise.interaction {
                    choice.options.iter_mut().for_each(|option| settle(&mut option.text));
                }
            }
            BlockBody::Video(_) | BlockBody::File(_) => {}
        }
    }
}

/// The texts of a task that are written in reStructuredText.
fn texts(task: &Task) -> impl Iterator<Item = &str> {
    let of_problems = task.problems().flat_map(|problem| {
        let said = ["header", "success_message", "error_message"]
            .into_iter()
            .filter_map(move |key| problem.of.get(key));
        said.chain(problem.choices().into_iter().map(|(_, text)| text)).filter_map(Value::as_str)
    });
    std::iter::once(task.context.as_str()).chain(of_problems)
}

/// A problem as a course file has it: its choices as a list, without the id.
fn native(problem: Problem<'_>) -> Value {
    let mut entries: Map<String, Value> = problem.of.clone();
    entries.remove("id");
    if entries.get("choices").is_some_and(Value::is_object) {
        let list: Vec<Value> = problem.choices().into_iter().map(|(_, text)| json!({"text": text})).collect();
        entries.insert("choices".to_owned(), list.into());
    }
    entries.into()
}
