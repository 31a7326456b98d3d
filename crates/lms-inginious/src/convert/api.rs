//! Tasks as the API gives them: without answers, weights, dates and sections.

use std::collections::BTreeMap;

use lms_core::{
    Asset, AssetId, AssetRole, Block, BlockBody, BlockId, Content, Course, CourseId, Finding, Lesson, Markup,
    NativeCounts, Section, Severity, Step, StepId, Text,
};
use serde_json::Value;

use super::read::{Decider, Place, Reading, Sources, read_problem};
use super::rst::Shape;
use crate::folder::yaml::Node;
use crate::wire::{WireCourse, WireTask};

/// What reading one task gathers beside it.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) findings: Vec<Finding>,
    pub(crate) native: NativeCounts,
}

/// A task as a step. Points are equal shares of 1: the API tells no weights (reference inginious.md 4.2).
pub(crate) fn read_api_task(course: &str, task: &WireTask) -> (Step, Gathered) {
    let mut reading = Reading { course: course.to_owned(), ..Reading::default() };
    reading.native.block("task");
    let mut step = Step::new(StepId::new(task.id.as_str()), task.name.clone());
    let place = Place::new(task.id.as_str(), 0);
    if !task.context.is_empty() {
        let markup = reading.text(&task.context, Shape::Flow, "context", &place, &mut Sources::default());
        step.blocks.push(Block::new(BlockId::new(task.id.as_str()), BlockBody::Text(Text { markup })));
    }
    let share = 1.0 / task.problems.len().max(1) as f64;
    for problem in &task.problems {
        let id = problem.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let node = Node::from_json(&as_in_files(problem));
        let mut block = read_problem(&mut reading, &task.id, &id, &node, Decider::Hidden, &place);
        match &mut block.body {
            BlockBody::Exercise(exercise) => exercise.scoring.points = share,
            BlockBody::Foreign(foreign) => foreign.points = Some(share),
            _ => {}
        }
        // Spelling is kept for folders that are written again; this is not one.
        block.extras = lms_core::Extras::new();
        step.blocks.push(block);
    }
    let Reading { findings, native, .. } = reading;
    (step, Gathered { findings, native })
}

/// A problem as it stands in a file: `choices` as a list, without `id`.
fn as_in_files(problem: &Value) -> Value {
    let Value::Object(entries) = problem else { return problem.clone() };
    let mut made = entries.clone();
    made.shift_remove("id");
    if let Some(Value::Object(choices)) = entries.get("choices") {
        let numbered: BTreeMap<u64, &Value> =
            choices.iter().filter_map(|(key, text)| Some((key.parse().ok()?, text))).collect();
        let list: Vec<Value> =
            numbered.into_values().map(|text| serde_json::json!({ "text": text })).collect();
        made.insert("choices".into(), Value::from(list));
    }
    Value::from(made)
}

/// A course from what the API tells.
pub(crate) fn read_api_course(wire: &WireCourse, tasks: &[WireTask]) -> Content {
    let id = CourseId::new(wire.id.as_str());
    let mut course = Course::new(id, wire.name.clone());
    let mut findings = Vec::new();
    let mut native = NativeCounts::default();
    let mut lesson = Lesson::new("tasks", "Tasks");
    for task in tasks {
        let (step, gathered) = read_api_task(&wire.id, task);
        findings.extend(gathered.findings);
        for (name, n) in gathered.native.blocks {
            *native.blocks.entry(name).or_default() += n;
        }
        for (name, n) in gathered.native.exercises {
            *native.exercises.entry(name).or_default() += n;
        }
        lesson.steps.push(step);
    }
    link_files(&mut course, &mut lesson, tasks);
    let mut section = Section::new("tasks", "Tasks");
    section.lessons.push(lesson);
    course.sections.push(section);
    for (what, why) in [
        (
            "structure",
            "the interface tells neither sections nor the order of tasks; all stand in one section",
        ),
        ("answers", "the interface hides what is right"),
        ("settings", "the interface tells no weights, dates and limits"),
    ] {
        findings.push(Finding::new(Severity::Approximated, "course", what, why));
    }
    Content { course, findings, native }
}

/// Files that texts link to, relative to the page of the task (reference 6.7).
fn link_files(course: &mut Course, lesson: &mut Lesson, tasks: &[WireTask]) {
    let mut found: BTreeMap<String, Asset> = BTreeMap::new();
    let prefix = format!("/course/{}/", course.id);
    let mut change = |markup: &mut Markup| {
        *markup = markup.map_links(|link| {
            let inside = link.strip_prefix(&prefix).unwrap_or(link);
            let (folder, rest) = inside.split_once('/')?;
            if rest.is_empty() || !(folder == "$common" || tasks.iter().any(|task| task.id == folder)) {
                return None;
            }
            let path = format!("{folder}/public/{rest}");
            found.entry(path.clone()).or_insert_with(|| Asset {
                id: AssetId::new(path.as_str()),
                name: path.clone(),
                media_type: mime_guess::from_path(&path).first_raw().map(str::to_owned),
                size: None,
                role: AssetRole::Content,
            });
            Some(format!("asset:{path}"))
        });
    };
    for block in lesson.steps.iter_mut().flat_map(|step| &mut step.blocks) {
        match &mut block.body {
            BlockBody::Text(text) => change(&mut text.markup),
            BlockBody::Exercise(exercise) => {
                change(&mut exercise.prompt);
                if let lms_core::Interaction::Choice(choice) = &mut exercise.interaction {
                    choice.options.iter_mut().for_each(|option| change(&mut option.text));
                }
            }
            BlockBody::Foreign(foreign) => change(&mut foreign.readable),
            _ => {}
        }
    }
    course.assets = found.into_values().collect();
}
