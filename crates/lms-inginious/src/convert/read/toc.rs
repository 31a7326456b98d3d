//! The structure of a course: sections, and the settings of its tasks.

use std::collections::BTreeMap;

use lms_core::Severity;
use serde_json::{Map, Value};

use super::{Place, Reading};
use crate::folder::yaml::Node;

/// A section of the table of contents.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TocSection {
    pub(crate) id: String,
    pub(crate) title: String,
    /// What else stands in it: `config`, keys of plugins.
    pub(crate) rest: Map<String, Value>,
    pub(crate) holds: Holds,
}

/// What a section holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Holds {
    Tasks(Vec<String>),
    Sections(Vec<TocSection>),
}

/// The structure of a course.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Toc {
    pub(crate) sections: Vec<TocSection>,
    /// The settings of each task; `None` where they stand in the task files (0.8 and older).
    pub(crate) config: Option<BTreeMap<String, Map<String, Value>>>,
    /// What else stands in `dispenser_data`.
    pub(crate) rest: Map<String, Value>,
}

/// Reads the structure from `course.yaml`, in the form of 0.9, 0.8 or 0.7 (reference inginious.md 9.5, 12).
pub(crate) fn read_toc(reading: &mut Reading, course: &Node, file: &str) -> Toc {
    let mut toc = Toc::default();
    let data = course.get("dispenser_data").filter(|node| !node.is_null());
    let list = match data {
        Some(node) if node.is_seq() => Some(node),
        Some(node) if node.is_map() => {
            // The `contest` plugin wraps the structure once more.
            let inner = node.get("toc_data").filter(|n| n.is_map()).unwrap_or(node);
            for (key, value) in node.entries() {
                if !matches!(key.as_str(), "toc" | "config" | "imported" | "toc_data") {
                    toc.rest.insert(key.clone(), value.to_json());
                }
            }
            if inner.get("config").is_some() || inner.get("toc").is_some() {
                let mut config = BTreeMap::new();
                for (task, node) in inner.get("config").map(Node::entries).unwrap_or_default() {
                    match node.to_json() {
                        Value::Object(map) => drop(config.insert(task.clone(), map)),
                        _ => reading.find(
                            Severity::Dropped,
                            Place::new(file, node.line).at(0),
                            "config",
                            format!("the settings of task {task} are no mapping"),
                        ),
                    }
                }
                toc.config = Some(config);
            }
            inner.get("toc")
        }
        Some(node) => {
            let why = "neither a list nor a mapping; INGInious cannot read the course";
            reading.find(Severity::Dropped, Place::new(file, node.line).at(0), "dispenser_data", why);
            None
        }
        None => course.get("toc"),
    };
    if let Some(list) = list {
        toc.sections = sections(reading, list, file, "");
    }
    toc
}

fn sections(reading: &mut Reading, list: &Node, file: &str, above: &str) -> Vec<TocSection> {
    let mut found = Vec::new();
    for (n, node) in list.items().iter().enumerate() {
        if !node.is_map() {
            reading.find(Severity::Dropped, Place::new(file, node.line).at(0), "section", "not a mapping");
            continue;
        }
        let id = node
            .get("id")
            .and_then(Node::text)
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| format!("{above}section-{}", n + 1));
        let title = node.get("title").or_else(|| node.get("name")).and_then(Node::text).unwrap_or_default();
        let holds = match (node.get("sections_list"), node.get("tasks_list").or_else(|| node.get("tasks"))) {
            (Some(list), None) => Holds::Sections(sections(reading, list, file, &format!("{id}-"))),
            (Some(list), Some(_)) if !list.items().is_empty() => {
                Holds::Sections(sections(reading, list, file, &format!("{id}-")))
            }
            (_, Some(tasks)) => Holds::Tasks(task_ids(tasks)),
            (None, None) => Holds::Sections(Vec::new()),
        };
        let rest = node
            .entries()
            .iter()
            .filter(|(key, _)| {
                !matches!(
                    key.as_str(),
                    "id" | "title" | "name" | "rank" | "tasks_list" | "tasks" | "sections_list"
                )
            })
            .map(|(key, value)| (key.clone(), value.to_json()))
            .collect();
        found.push(TocSection { id, title, rest, holds });
    }
    found
}

/// A list of ids (0.9), or a mapping from id to rank (0.8).
fn task_ids(node: &Node) -> Vec<String> {
    if node.is_map() {
        let mut ids: Vec<(i64, &String)> =
            node.entries().iter().map(|(id, rank)| (rank.integer().unwrap_or(i64::MAX), id)).collect();
        ids.sort_by_key(|(rank, _)| *rank);
        return ids.into_iter().map(|(_, id)| id.clone()).collect();
    }
    node.items().iter().filter_map(Node::python_str).collect()
}
