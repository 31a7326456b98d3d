//! A step as the files of a task.

use std::collections::BTreeSet;

use lms_core::{
    AssetLinks, Block, BlockBody, Error, Exercise, Extras, Interaction, Key, Platform, Result, SourceFormat,
    Step,
};
use serde_json::{Map, Value, json};

use super::{Writer, plain_id};
use crate::convert::adapt::{Mode, mode_of, round};
use crate::convert::comments::kept;
use crate::convert::read::{
    Access, Reading, Settings, TaskFiles, accessibility, config_of, container, mcq, read_task,
};
use crate::convert::rst::Shape;
use crate::convert::script::{FORMAT, GRADING_FILE, Grading, show};
use crate::folder::yaml::{Node, emit, parse};

const DESCRIPTION: &str = "task.yaml";

/// The files of a task, and its entry in `dispenser_data.config`.
#[derive(Debug)]
pub(crate) struct WrittenTask {
    /// Names in the task's folder.
    pub(crate) files: Vec<(String, String)>,
    pub(crate) config: Map<String, Value>,
    /// Whether the run script in the folder is ours, with what it needs.
    pub(crate) generated: bool,
}

/// Whether a description of a task that is there already is what an upload of this one leaves that broke off: the same,
/// its beginning, or, where a site writes descriptions in its own words, one that reads the same.
pub(crate) fn left_by_us(there: &[u8], written: &WrittenTask) -> bool {
    let Some((_, ours)) = written.files.iter().find(|(name, _)| name == DESCRIPTION) else { return false };
    ours.as_bytes().starts_with(there) || reading(&String::from_utf8_lossy(there)) == reading(ours)
}

/// Title and blocks, as they are read. Links may have been written before it was known where they lead.
fn reading(source: &str) -> (String, Vec<Block>) {
    let files = TaskFiles { id: "task", source, grading: None };
    let Step { title, mut blocks, .. } = read_task(&mut Reading::default(), files, Some(&Map::new()));
    for block in &mut blocks {
        block.extras = Extras::default();
        block.map_markup(&mut |markup| *markup = markup.map_links(|_| Some(String::new())));
    }
    (title, blocks)
}

/// Writes a step of an adapted course.
pub(crate) fn write_task(step: &Step, links: &AssetLinks) -> Result<WrittenTask> {
    let writer = Writer { links };
    let extras = |key: &str| step.extras.get(Platform::Inginious, key).and_then(Value::as_object);
    let mode = mode_of(step);
    let mut context = String::new();
    let mut problems: Vec<(String, Value)> = Vec::new();
    let mut taken = BTreeSet::new();
    let mut graded = Vec::new();
    let mut whole = None;
    for block in &step.blocks {
        match &block.body {
            BlockBody::Text(text) => {
                let rst = writer.rst(&text.markup, Shape::Flow, sources(block), "context");
                context = if context.is_empty() { rst } else { format!("{context}\n\n{rst}") };
            }
            BlockBody::Exercise(exercise) if mode == Mode::Generated => {
                let id = unique(&plain_id(block.id.as_str()), &mut taken);
                let rst = |markup: &lms_core::Markup| writer.rst(markup, Shape::Line, None, "");
                let shown = show(&id, block, exercise, &rst, &|markup| writer.named(markup));
                taken.extend(shown.problems.iter().map(|(id, _)| id.clone()));
                problems.extend(shown.problems.into_iter().map(|(id, problem)| (id, Value::from(problem))));
                graded.push(shown.graded);
            }
            BlockBody::Exercise(exercise) => {
                let id = unique(&plain_id(block.id.as_str()), &mut taken);
                problems.push((id, Value::from(problem(&writer, block, exercise)?)));
            }
            BlockBody::Foreign(foreign)
                if foreign.platform == Platform::Inginious && foreign.format == SourceFormat::Yaml =>
            {
                if foreign.name == "task" {
                    whole = Some(foreign.source.clone());
                    continue;
                }
                let node = parse(&foreign.source).map_err(|e| {
                    Error::invalid(format!("the source of the block is no YAML: {e}")).on(&block.id)
                })?;
                problems.push((unique(&plain_id(block.id.as_str()), &mut taken), node.to_json()));
            }
            other => {
                let why = "INGInious has no such block; adapt the course first";
                return Err(Error::invalid(why).on(format!("{} {}", other.kind(), block.id)));
            }
        }
    }
    let config = config(step, extras("config"));
    if let Some(source) = whole {
        return Ok(WrittenTask { files: vec![(DESCRIPTION.into(), source)], config, generated: false });
    }
    let mut task = Map::new();
    task.insert("name".into(), json!(step.title));
    task.insert("context".into(), json!(context));
    task.extend(if mode == Mode::Generated { container() } else { mcq() });
    if let Some(kept) = extras("task") {
        // A legacy name of the environment stands for all of it (reference inginious.md 9.6).
        if kept.contains_key("environment") && !kept.contains_key("environment_type") {
            for key in ["environment_type", "environment_id", "environment_parameters"] {
                task.remove(key);
            }
        }
        task.extend(kept.clone());
    }
    task.insert("problems".into(), Value::Object(problems.into_iter().collect()));
    let description = match kept(step, links) {
        Some(source) => source.to_owned(),
        None => emit(&Value::Object(task)),
    };
    let mut files = vec![(DESCRIPTION.to_owned(), description)];
    let generated = mode == Mode::Generated;
    if generated {
        let grading = Grading { format: FORMAT.into(), exercises: graded };
        let text = serde_json::to_string_pretty(&grading)
            .map_err(|e| Error::invalid("the exercises cannot be written").on(&step.id).with_source(e))?;
        files.push((GRADING_FILE.into(), text));
        files.extend(grading.scripts());
    }
    Ok(WrittenTask { files, config, generated })
}

fn sources(block: &Block) -> Option<&Map<String, Value>> {
    block.extras.get(Platform::Inginious, "rst").and_then(Value::as_object)
}

fn unique(id: &str, taken: &mut BTreeSet<String>) -> String {
    let free = (1..)
        .map(|n| if n == 1 { id.to_owned() } else { format!("{id}.{n}") })
        .find(|id| !taken.contains(id) && !taken.iter().any(|t| t.starts_with(&format!("{id}-"))));
    let id = free.unwrap_or_else(|| id.to_owned());
    taken.insert(id.clone());
    id
}

/// The settings of a task: those of the model, and those that only INGInious knows as far as they do
/// not say otherwise.
fn config(step: &Step, kept: Option<&Map<String, Value>>) -> Map<String, Value> {
    let extra = |key: &str| step.extras.get(Platform::Inginious, key);
    let points = step.blocks.iter().filter_map(|block| match &block.body {
        BlockBody::Exercise(exercise) => Some(exercise.scoring.points),
        BlockBody::Foreign(foreign) => foreign.points,
        _ => None,
    });
    let points: Vec<f64> = points.collect();
    let weight = match points.is_empty() {
        true => extra("weight").and_then(Value::as_f64).unwrap_or(1.0),
        false => round(points.iter().sum()),
    };
    let attempts = match step.blocks.iter().find_map(Block::exercise) {
        Some(exercise) => exercise.scoring.attempts,
        None => extra("attempts").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()),
    };
    let mut config = config_of(&Settings { schedule: step.schedule, weight, attempts });
    for (key, value) in kept.into_iter().flatten() {
        let agrees = match key.as_str() {
            "accessibility" => match accessibility(value) {
                Some(Access::Open(schedule)) => schedule == step.schedule,
                Some(Access::Closed) | None => step.schedule == lms_core::Schedule::default(),
            },
            "submission_limit" => {
                let amount = value.get("amount").map(Node::from_json).and_then(|n| n.integer());
                amount.filter(|n| *n >= 0) == attempts.map(i64::from)
            }
            "weight" => false,
            _ => true,
        };
        if agrees {
            config.insert(key.clone(), value.clone());
        }
    }
    config
}

/// A problem of a kind that INGInious has.
fn problem(writer: &Writer<'_>, block: &Block, exercise: &Exercise) -> Result<Map<String, Value>> {
    let sources = sources(block);
    let extra = |key: &str| block.extras.get(Platform::Inginious, key);
    let mut problem = Map::new();
    match &exercise.interaction {
        Interaction::Choice(choice) => {
            let valid: BTreeSet<usize> = match &exercise.key {
                Some(Key::Choice { correct }) => correct.clone(),
                _ => extra("valid")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(|n| n.as_u64().and_then(|n| usize::try_from(n).ok()))
                    .collect(),
            };
            let more = extra("choices").and_then(Value::as_array);
            let mut choices = Vec::new();
            for (n, option) in choice.options.iter().enumerate() {
                let mut entry = Map::new();
                entry.insert(
                    "text".into(),
                    json!(writer.rst(&option.text, Shape::Line, sources, &format!("choice.{n}"))),
                );
                if valid.contains(&n) {
                    entry.insert("valid".into(), json!(true));
                }
                let feedback = writer.rst(&option.feedback, Shape::Line, sources, &format!("feedback.{n}"));
                if !feedback.is_empty() {
                    entry.insert("feedback".into(), json!(feedback));
                }
                if let Some(rest) = more.and_then(|m| m.get(n)).and_then(Value::as_object) {
                    entry.extend(rest.clone());
                }
                choices.push(Value::from(entry));
            }
            problem.insert("type".into(), json!("multiple_choice"));
            problem.insert("choices".into(), Value::from(choices));
            problem.insert("limit".into(), json!(choice.shown.unwrap_or(0)));
            if choice.cardinality == lms_core::Cardinality::Multiple {
                problem.insert("multiple".into(), json!(true));
            }
            if !choice.shuffle {
                problem.insert("unshuffle".into(), json!(true));
            }
            let messages = [
                ("success_message", &exercise.feedback.correct),
                ("error_message", &exercise.feedback.incorrect),
            ];
            for (key, markup) in messages {
                let text = writer.rst(markup, Shape::Line, sources, key);
                if !text.is_empty() {
                    problem.insert(key.into(), json!(text));
                }
            }
        }
        Interaction::TextEntry(_) => {
            let answer = match &exercise.key {
                Some(Key::Text { accept }) => accept.first().map(|accept| accept.text.clone()),
                _ => extra("answer").and_then(Value::as_str).map(str::to_owned),
            };
            problem.insert("type".into(), json!("match"));
            if let Some(answer) = answer {
                problem.insert("answer".into(), json!(answer));
            }
        }
        Interaction::Code(code) => {
            let kind = if code.single_line { "code_single_line" } else { "code" };
            problem.insert("type".into(), json!(kind));
            if let Some(language) = code.languages.first() {
                if !language.name.is_empty() {
                    problem.insert("language".into(), json!(language.name));
                }
                if !language.template.is_empty() {
                    problem.insert("default".into(), json!(language.template));
                }
            }
            if code.optional {
                problem.insert("optional".into(), json!(true));
            }
        }
        Interaction::FileUpload(file) => {
            problem.insert("type".into(), json!("file"));
            if !file.extensions.is_empty() {
                problem.insert("allowed_exts".into(), json!(file.extensions));
            }
            if let Some(size) = file.max_bytes {
                problem.insert("max_size".into(), json!(size));
            }
        }
        other => {
            let why = "INGInious has no such kind of problem; adapt the course first";
            return Err(Error::invalid(why).on(format!("{} {}", other.name(), block.id)));
        }
    }
    problem.insert("name".into(), json!(block.title));
    problem.insert("header".into(), json!(writer.rst(&exercise.prompt, Shape::Flow, sources, "header")));
    if let Some(rest) = extra("problem").and_then(Value::as_object) {
        problem.extend(rest.clone());
    }
    Ok(problem)
}
