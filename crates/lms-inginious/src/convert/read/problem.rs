//! Problems of a task.

use std::collections::BTreeSet;

use lms_core::{
    Block, BlockBody, BlockId, Cardinality, ChoiceInteraction, ChoiceOption, CodeInteraction, CodeLanguage,
    Exercise, FileUploadInteraction, Foreign, Grader, Interaction, Key, Markup, Platform, Severity,
    SourceFormat, TaskId, TextAccept, TextEntryInteraction, TextRule,
};
use serde_json::{Map, Value};

use super::{Place, Reading, Shape, Sources};
use crate::folder::yaml::{Node, emit};

/// Who decides whether an answer is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decider {
    /// The multiple-choice environment, by the file.
    Mcq,
    /// A run script in a container.
    RunScript,
    /// Somebody who does not say: the interface hides the answers.
    Hidden,
}

/// The kind under its present name; hyphens are from before 0.5 (reference inginious.md 9.6).
pub(crate) fn modern_kind(kind: &str) -> &str {
    match kind {
        "multiple-choice" => "multiple_choice",
        "code-single-line" => "code_single_line",
        "code-file" => "file",
        other => other,
    }
}

const COMMON: [&str; 3] = ["type", "name", "header"];

/// One problem as a block; `points` is its share of the task's weight.
pub(crate) fn read_problem(
    reading: &mut Reading,
    task: &str,
    id: &str,
    node: &Node,
    decider: Decider,
    place: &Place,
) -> Block {
    let place = Place::new(place.file.clone(), node.line);
    let written = node.get("type").and_then(Node::python_str).unwrap_or_else(|| "None".into());
    reading.native.exercise(&written);
    let kind = modern_kind(&written).to_owned();
    let mut sources = Sources::default();
    let prompt_source = node.get("header").and_then(Node::text).unwrap_or_default();
    let header_place = Place::new(place.file.clone(), node.get("header").map_or(node.line, |n| n.line));
    let prompt = reading.text(&prompt_source, Shape::Flow, "header", &header_place, &mut sources);
    let mut block =
        Block::new(BlockId::new(format!("{task}/{id}")), BlockBody::Text(lms_core::Text::default()));
    block.title = node.get("name").and_then(Node::text).unwrap_or_default();
    let read = match kind.as_str() {
        "multiple_choice" => choice(reading, node, decider, &place, &mut sources, &mut block),
        "match" => Ok(text_match(node, decider, &mut block)),
        "code" | "code_single_line" => Ok((code(node, kind == "code_single_line"), None)),
        "file" => Ok((file(node), None)),
        _ => Err("this kind of problem belongs to a plugin; it is kept as its source".to_owned()),
    };
    let (interaction, key) = match read {
        Ok(read) => read,
        Err(why) => {
            reading.findings.push(
                lms_core::Finding::new(Severity::Approximated, place.at(0), written.clone(), why)
                    .with_block(&block.id),
            );
            block.body = BlockBody::Foreign(foreign(node, &written, prompt));
            return block;
        }
    };
    let mut exercise = Exercise::new(TaskId::new(task), prompt, interaction);
    exercise.key = key;
    exercise.grader = match decider {
        Decider::Mcq if exercise.key.is_some() => Grader::Key,
        Decider::Mcq => {
            reading.find(
                Severity::Approximated,
                place.at(0),
                &written,
                "the multiple-choice environment cannot judge this; every answer ends in an error",
            );
            Grader::Native("run script".into())
        }
        Decider::RunScript => Grader::Native("run script".into()),
        Decider::Hidden => Grader::Key,
    };
    if let Interaction::Choice(_) = &exercise.interaction {
        for (key, target) in [
            ("success_message", &mut exercise.feedback.correct),
            ("error_message", &mut exercise.feedback.incorrect),
        ] {
            if let Some(message) = node.get(key) {
                let at = Place::new(place.file.clone(), message.line);
                *target =
                    reading.text(&message.text().unwrap_or_default(), Shape::Line, key, &at, &mut sources);
            }
        }
    }
    block.body = BlockBody::Exercise(Box::new(exercise));
    let rest = unknown(node, &kind);
    if !rest.is_empty() {
        block.extras.set(Platform::Inginious, "problem", rest);
    }
    if !sources.0.is_empty() {
        block.extras.set(Platform::Inginious, "rst", sources.0);
    }
    block
}

/// A problem without neutral form, verbatim.
fn foreign(node: &Node, kind: &str, readable: Markup) -> Foreign {
    Foreign {
        platform: Platform::Inginious,
        name: kind.to_owned(),
        format: SourceFormat::Yaml,
        source: emit(&node.to_json()),
        readable,
        points: None,
    }
}

/// Entries that the neutral model does not have. Those that say nothing are left out.
fn unknown(node: &Node, kind: &str) -> Map<String, Value> {
    let known: &[&str] = match kind {
        "multiple_choice" => {
            &["choices", "multiple", "limit", "unshuffle", "success_message", "error_message"]
        }
        "match" => &["answer"],
        "code" | "code_single_line" => &["language", "default", "optional"],
        "file" => &["allowed_exts", "max_size"],
        _ => &[],
    };
    node.entries()
        .iter()
        .filter(|(key, value)| {
            !COMMON.contains(&key.as_str())
                && !known.contains(&key.as_str())
                && (value.truthy() || !matches!(key.as_str(), "centralize" | "offset"))
        })
        .map(|(key, value)| (key.clone(), value.to_json()))
        .collect()
}

type Read = (Interaction, Option<Key>);

fn choice(
    reading: &mut Reading,
    node: &Node,
    decider: Decider,
    place: &Place,
    sources: &mut Sources,
    block: &mut Block,
) -> Result<Read, String> {
    let Some(list) = node.get("choices").filter(|n| n.is_seq()) else {
        return Err("its list of choices is missing or no list; it is kept as its source".into());
    };
    let mut options = Vec::new();
    let mut correct = BTreeSet::new();
    let mut more = Vec::new();
    for (n, item) in list.items().iter().enumerate() {
        let Some(text) = item.get("text").and_then(Node::text) else {
            return Err(format!(
                "choice {} (line {}) has no text; it is kept as its source",
                n + 1,
                item.line
            ));
        };
        let at = Place::new(place.file.clone(), item.line);
        let mut option =
            ChoiceOption::new(reading.text(&text, Shape::Line, &format!("choice.{n}"), &at, sources));
        if let Some(feedback) = item.get("feedback").and_then(Node::text) {
            option.feedback = reading.text(&feedback, Shape::Line, &format!("feedback.{n}"), &at, sources);
        }
        if item.get("valid").is_some_and(Node::truthy) {
            correct.insert(n);
        }
        let rest: Map<String, Value> = item
            .entries()
            .iter()
            .filter(|(key, _)| !matches!(key.as_str(), "text" | "feedback" | "valid"))
            .map(|(key, value)| (key.clone(), value.to_json()))
            .collect();
        more.push(Value::from(rest));
        options.push(option);
    }
    if more.iter().any(|rest| rest.as_object().is_some_and(|r| !r.is_empty())) {
        block.extras.set(Platform::Inginious, "choices", more);
    }
    if correct.is_empty() && decider == Decider::Mcq {
        reading.find(
            Severity::Approximated,
            place.at(0),
            "multiple_choice",
            "no choice is valid; INGInious leaves the task out",
        );
    }
    let flag = |key: &str| node.get(key).is_some_and(Node::truthy);
    let cardinality = if flag("multiple") { Cardinality::Multiple } else { Cardinality::Single };
    let shown =
        node.get("limit").and_then(Node::integer).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
    let interaction =
        Interaction::Choice(ChoiceInteraction { cardinality, options, shuffle: !flag("unshuffle"), shown });
    match decider {
        Decider::Mcq => Ok((interaction, Some(Key::Choice { correct }))),
        Decider::RunScript => {
            // The run script decides; what the file says is kept for the way back.
            let valid: Vec<Value> = correct.into_iter().map(Value::from).collect();
            if !valid.is_empty() {
                block.extras.set(Platform::Inginious, "valid", valid);
            }
            Ok((interaction, None))
        }
        Decider::Hidden => Ok((interaction, None)),
    }
}

fn text_match(node: &Node, decider: Decider, block: &mut Block) -> Read {
    let interaction = Interaction::TextEntry(TextEntryInteraction::default());
    let Some(answer) = node.get("answer").and_then(Node::python_str) else { return (interaction, None) };
    if decider != Decider::Mcq {
        block.extras.set(Platform::Inginious, "answer", answer);
        return (interaction, None);
    }
    let accept = vec![TextAccept { text: answer, rule: TextRule::Exact, case_sensitive: true }];
    (interaction, Some(Key::Text { accept }))
}

fn code(node: &Node, single_line: bool) -> Interaction {
    let text = |key: &str| node.get(key).and_then(Node::text).unwrap_or_default();
    let (name, template) = (text("language"), text("default"));
    let languages = if name.is_empty() && template.is_empty() {
        Vec::new()
    } else {
        vec![CodeLanguage {
            name,
            template,
            header: String::new(),
            footer: String::new(),
            seconds: None,
            megabytes: None,
        }]
    };
    let optional = node.get("optional").is_some_and(Node::truthy);
    Interaction::Code(CodeInteraction { languages, single_line, optional, ..CodeInteraction::default() })
}

fn file(node: &Node) -> Interaction {
    let extensions = match node.get("allowed_exts") {
        Some(list) if list.is_seq() => list.items().iter().filter_map(Node::text).collect(),
        // Editors also write a comma list.
        Some(text) => text
            .text()
            .unwrap_or_default()
            .split(',')
            .map(|e| e.trim().to_owned())
            .filter(|e| !e.is_empty())
            .collect(),
        None => Vec::new(),
    };
    let max_bytes = node.get("max_size").and_then(Node::integer).and_then(|n| u64::try_from(n).ok());
    Interaction::FileUpload(FileUploadInteraction { extensions, max_bytes })
}
