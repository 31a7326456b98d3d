//! A task as a step.

use lms_core::{
    Block, BlockBody, BlockId, Extras, Finding, Foreign, Markup, Platform, Severity, SourceFormat, Step,
    StepId, Text,
};
use serde_json::{Map, Value, json};

use super::settings::{LEGACY, Settings, legacy_config, task_settings};
use super::{Decider, Place, Reading, Shape, Sources, read_problem, remainder};
use crate::convert::comments::{SOURCE, has_comments};
use crate::convert::script::Grading;
use crate::folder::yaml::{Node, parse};

/// The files of a task that describe it.
#[derive(Debug)]
pub(crate) struct TaskFiles<'a> {
    pub(crate) id: &'a str,
    /// The text of `task.yaml`.
    pub(crate) source: &'a str,
    /// What our own run script grades by, where the task has it.
    pub(crate) grading: Option<Grading>,
}

/// Reads a task. `config` is its entry in `dispenser_data.config`; `None` where the course keeps the
/// settings in the task files.
pub(crate) fn read_task(
    reading: &mut Reading,
    task: TaskFiles<'_>,
    config: Option<&Map<String, Value>>,
) -> Step {
    let TaskFiles { id, source, grading } = task;
    let file = format!("{id}/task.yaml");
    reading.native.block("task");
    let node = match parse(source) {
        Ok(node) if node.is_map() => node,
        Ok(node) => return broken(reading, id, source, &Place::new(file, node.line), "not a mapping"),
        Err(error) => return broken(reading, id, source, &Place::new(file, error.line), &error.message),
    };
    let mut step = Step::new(StepId::new(id), node.get("name").and_then(Node::text).unwrap_or_default());
    let decider = environment(reading, &node, &file);
    let effective = match config {
        Some(config) => config.clone(),
        None => legacy_config(&node),
    };
    if let Some(value) = effective.get("accessibility")
        && super::accessibility(value).is_none()
    {
        let line = node.get("accessible").map_or(0, |n| n.line);
        reading.find(
            Severity::Approximated,
            Place::new(file.as_str(), line).at(0),
            "accessible",
            format!("{value} is no accessibility; INGInious cannot read it"),
        );
    }
    let (settings, rest) = task_settings(&effective);
    step.schedule = settings.schedule;
    reading.dates |= settings.schedule != lms_core::Schedule::default();
    if !rest.is_empty() {
        step.extras.set(Platform::Inginious, "config", rest);
    }
    context(reading, &node, id, &file, &mut step);
    let ours = grading.is_some();
    match grading {
        Some(grading) => generated(reading, &node, id, &settings, grading, &mut step),
        None => problems(reading, &node, id, &file, decider, &settings, &mut step),
    }
    let mut written = if ours { container() } else { mcq() };
    written.insert("accessible".into(), Value::Bool(true));
    let kept: Map<String, Value> = node
        .entries()
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "name" | "context" | "problems"))
        .filter(|(key, _)| config.is_some() || !LEGACY.iter().any(|(old, _)| old == key))
        .map(|(key, value)| (key.clone(), value.to_json()))
        .collect();
    let legacy_mcq = kept.get("environment").and_then(Value::as_str) == Some("mcq");
    let kept = remainder(kept, &written);
    let kept: Map<String, Value> = kept
        .into_iter()
        .filter(|(key, value)| {
            // Left-overs that say nothing; an old `environment: mcq` is written in today's form.
            !(legacy_mcq && matches!(key.as_str(), "environment" | "limits" | "run_cmd"))
                && (Node::from_json(value).truthy() || key.starts_with("environment"))
        })
        .collect();
    if !kept.is_empty() {
        step.extras.set(Platform::Inginious, "task", kept);
    }
    if has_comments(source) {
        // Files of old versions are written in the form of today.
        let old = node.get("problems").map(Node::entries).unwrap_or_default().iter().any(|(_, problem)| {
            problem.get("type").and_then(Node::text).is_some_and(|kind| kind.contains('-'))
        });
        if config.is_none() || old || ours {
            reading.find(
                Severity::Approximated,
                file,
                "comments",
                "the file is written anew, without its comments",
            );
        } else {
            step.extras.set(Platform::Inginious, SOURCE, source);
        }
    }
    step
}

/// The environment keys of a task that the file alone decides.
pub(crate) fn mcq() -> Map<String, Value> {
    let Value::Object(map) =
        json!({"environment_type": "mcq", "environment_id": "mcq", "environment_parameters": {}})
    else {
        return Map::new();
    };
    map
}

/// The environment keys of a task with a run script of ours.
pub(crate) fn container() -> Map<String, Value> {
    let Value::Object(map) = json!({
        "environment_type": "docker",
        "environment_id": "default",
        "environment_parameters": {"limits": {"time": "30", "hard_time": "", "memory": "100"}, "run_cmd": ""},
    }) else {
        return Map::new();
    };
    map
}

/// A task that cannot be read, whole.
fn broken(reading: &mut Reading, id: &str, source: &str, place: &Place, why: &str) -> Step {
    let mut step = Step::new(StepId::new(id), "");
    let block = Block::new(
        BlockId::new(id),
        BlockBody::Foreign(Foreign {
            platform: Platform::Inginious,
            name: "task".into(),
            format: SourceFormat::Yaml,
            source: source.to_owned(),
            readable: Markup::default(),
            points: None,
        }),
    );
    let finding = Finding::new(Severity::Dropped, place.at(0), "task.yaml", why)
        .with_fallback("the file is kept as it is")
        .with_block(&block.id);
    reading.findings.push(finding);
    step.blocks.push(block);
    step
}

fn environment(reading: &mut Reading, node: &Node, file: &str) -> Decider {
    let current = node.get("environment_type").and_then(Node::text).filter(|t| !t.is_empty());
    let legacy = node.get("environment").and_then(Node::text).filter(|t| !t.is_empty());
    match current.as_deref() {
        Some("mcq") => return Decider::Mcq,
        Some("docker" | "docker-ssh" | "nvidia" | "nvidia-ssh" | "kata" | "kata-ssh") => {
            return Decider::RunScript;
        }
        Some(other) => {
            let line = node.get("environment_type").map_or(0, |n| n.line);
            let why = format!("the environment `{other}` is unknown; INGInious leaves the task out");
            reading.find(Severity::Approximated, Place::new(file, line).at(0), "environment_type", why);
        }
        None => match legacy.as_deref() {
            // Before 0.7 (reference inginious.md 9.6).
            Some("mcq") => return Decider::Mcq,
            Some(_) => {}
            None => {
                let why = "no environment is named; INGInious leaves the task out";
                reading.find(Severity::Approximated, Place::new(file, 0).at(0), "environment_type", why);
            }
        },
    }
    Decider::RunScript
}

fn context(reading: &mut Reading, node: &Node, id: &str, file: &str, step: &mut Step) {
    let Some(context) = node.get("context") else { return };
    let source = context.text().unwrap_or_default();
    if source.is_empty() {
        return;
    }
    let mut sources = Sources::default();
    // A literal block begins on the line behind its key.
    let place = Place::new(file, context.line);
    let markup = reading.text(&source, Shape::Flow, "context", &place, &mut sources);
    let mut block = Block::new(BlockId::new(id), BlockBody::Text(Text { markup }));
    if !sources.0.is_empty() {
        block.extras.set(Platform::Inginious, "rst", sources.0);
    }
    step.blocks.push(block);
}

fn problems(
    reading: &mut Reading,
    node: &Node,
    id: &str,
    file: &str,
    decider: Decider,
    settings: &Settings,
    step: &mut Step,
) {
    let Some(list) = node.get("problems") else {
        let why = "the task has no `problems`; INGInious leaves it out";
        reading.find(Severity::Approximated, Place::new(file, node.line).at(0), "problems", why);
        return;
    };
    if !list.is_map() && !list.is_null() {
        reading.find(Severity::Dropped, Place::new(file, list.line).at(0), "problems", "not a mapping");
        return;
    }
    let share = settings.weight / list.entries().len().max(1) as f64;
    let mut mixed = false;
    for (problem, node) in list.entries() {
        if !node.is_map() {
            let why = format!("problem {problem} is not a mapping");
            reading.find(Severity::Dropped, Place::new(file, node.line).at(0), "problem", why);
            continue;
        }
        let mut block = read_problem(reading, id, problem, node, decider, &Place::new(file, node.line));
        match &mut block.body {
            BlockBody::Exercise(exercise) => {
                exercise.scoring.points = share;
                exercise.scoring.attempts = settings.attempts;
            }
            BlockBody::Foreign(foreign) => {
                foreign.points = Some(share);
                mixed = true;
            }
            _ => {}
        }
        step.blocks.push(block);
    }
    if list.entries().is_empty() {
        if settings.weight != 1.0 {
            step.extras.set(Platform::Inginious, "weight", settings.weight);
        }
        if let Some(attempts) = settings.attempts {
            step.extras.set(Platform::Inginious, "attempts", attempts);
        }
    }
    if decider == Decider::RunScript || mixed {
        step.extras.set(
            Platform::Inginious,
            "graded_by",
            if decider == Decider::RunScript { "run script" } else { "mcq" },
        );
    }
}

/// A task whose run script is ours: the exercises are those that the script grades by.
fn generated(
    reading: &mut Reading,
    node: &Node,
    id: &str,
    settings: &Settings,
    grading: Grading,
    step: &mut Step,
) {
    step.extras.set(Platform::Inginious, Extras::GENERATED, true);
    for (_, problem) in node.get("problems").map(Node::entries).unwrap_or_default() {
        let kind = problem.get("type").and_then(Node::python_str).unwrap_or_else(|| "None".into());
        reading.native.exercise(&kind);
    }
    let sum: f64 = grading.exercises.iter().map(|graded| graded.exercise.scoring.points).sum();
    let scale = if (sum - settings.weight).abs() < 1e-9 || sum <= 0.0 { 1.0 } else { settings.weight / sum };
    for graded in grading.exercises {
        let mut exercise = graded.exercise;
        exercise.task = id.into();
        exercise.scoring.attempts = settings.attempts;
        if scale != 1.0 {
            exercise.scoring.points *= scale;
        }
        let mut block =
            Block::new(BlockId::new(format!("{id}/{}", graded.id)), BlockBody::Exercise(Box::new(exercise)));
        block.title = graded.title;
        step.blocks.push(block);
    }
}
