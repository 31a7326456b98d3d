//! The task dispenser: structure and settings of the tasks of a course (reference inginious.md 9.5).

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::access::Access;
use super::files::valid_id;
use super::yaml::Node;

/// What `dispenser_data` says: sections in order, and settings per task.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dispenser {
    pub(crate) sections: Vec<Section>,
    settings: HashMap<String, TaskSettings>,
    /// The settings as they were written, for the page that shows them.
    config: Map<String, Value>,
}

/// A section of the table of contents; it holds sections or tasks.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) sections: Vec<Section>,
    pub(crate) tasks: Vec<String>,
    /// Switches of its own that are on: `closed`, `hidden_if_empty`.
    pub(crate) flags: Vec<String>,
    /// How many of its tasks `combinatory_test` chooses.
    pub(crate) amount: Option<String>,
}

/// Settings of one task. The default is what a task gets that the course file does not mention: closed.
#[derive(Debug, Clone)]
pub(crate) struct TaskSettings {
    pub(crate) access: Access,
    pub(crate) weight: f64,
    pub(crate) last_counts: bool,
    /// How many submissions are stored; 0 keeps all.
    pub(crate) stored: usize,
    /// How many tries; negative for no limit.
    pub(crate) limit_amount: i64,
    /// Hours after which the tries are given back; negative for never.
    pub(crate) limit_period: i64,
    pub(crate) group_submission: bool,
}

impl Default for TaskSettings {
    fn default() -> Self {
        Self {
            access: Access::Never,
            weight: 1.0,
            last_counts: false,
            stored: 0,
            limit_amount: -1,
            limit_period: -1,
            group_submission: false,
        }
    }
}

impl Dispenser {
    /// Reads `dispenser_data`. Settings of tasks that are not `known` are dropped before anything is checked.
    ///
    /// # Errors
    /// Any value that 0.9.2 refuses; one of them makes the whole course unreadable.
    pub(crate) fn read(data: &Node, known: impl Fn(&str) -> bool) -> Result<Self, String> {
        let (toc, config) = match data {
            data if !data.truthy() => return Ok(Self::default()),
            Node::Seq(_) => (data.clone(), Node::Map(Vec::new())),
            Node::Map(_) => {
                let toc = data.get("toc").ok_or("dispenser_data has no `toc`")?.clone();
                (toc, data.get("config").cloned().unwrap_or(Node::Map(Vec::new())))
            }
            _ => return Err("dispenser_data is neither a mapping nor a list".to_owned()),
        };
        if !matches!(&toc, Node::Seq(_)) && toc != Node::Map(Vec::new()) {
            return Err("`toc` is no list".to_owned());
        }
        if !matches!(&config, Node::Map(_)) {
            return Err("`config` is no mapping".to_owned());
        }
        let sections = toc.items().iter().map(Section::read).collect::<Result<_, _>>()?;
        let written = config.entries().iter().map(|(id, settings)| (id.python_str(), settings.to_json()));
        let written = written.filter(|(id, _)| known(id)).collect();
        let settings = config
            .entries()
            .iter()
            .map(|(id, settings)| (id.python_str(), settings))
            .filter(|(id, _)| known(id))
            .map(|(id, settings)| {
                let settings =
                    TaskSettings::read(settings).map_err(|what| format!("config of task {id}: {what}"))?;
                Ok((id, settings))
            })
            .collect::<Result<_, String>>()?;
        Ok(Self { sections, settings, config: written })
    }

    /// The structure of a course that names none: one section of all tasks.
    pub(crate) fn of_tasks(mut tasks: Vec<String>) -> Self {
        tasks.sort_unstable();
        let title = "List of exercises".to_owned();
        let section = Section { title, sections: Vec::new(), tasks, flags: Vec::new(), amount: None };
        Self { sections: vec![section], ..Self::default() }
    }

    /// The settings of each of these tasks as they were written; `{}` where there are none.
    pub(crate) fn written<'t>(&self, tasks: impl Iterator<Item = &'t str>) -> Value {
        let of = |id: &str| self.config.get(id).cloned().unwrap_or_else(|| json!({}));
        tasks.map(|id| (id.to_owned(), of(id))).collect::<Map<_, _>>().into()
    }

    pub(crate) fn settings(&self, task: &str) -> TaskSettings {
        self.settings.get(task).cloned().unwrap_or_default()
    }
}

impl Section {
    /// Its tasks and those of the sections in it.
    pub(crate) fn all_tasks(&self) -> Vec<String> {
        self.tasks.iter().cloned().chain(self.sections.iter().flat_map(Self::all_tasks)).collect()
    }

    fn read(node: &Node) -> Result<Self, String> {
        let title = node.get("title").filter(|title| **title != Node::Str(String::new()));
        let title = title.ok_or("a section has no title")?.python_str();
        let sections = node.get("sections_list").map(Node::items).unwrap_or_default();
        let sections = sections.iter().map(Self::read).collect::<Result<_, _>>()?;
        let tasks = match node.get("tasks_list") {
            None if node.get("sections_list").is_some() => Vec::new(),
            None => return Err(format!("section {title} has neither sections_list nor tasks_list")),
            Some(Node::Seq(tasks)) => tasks.iter().map(Node::python_str).collect(),
            // The form of 0.8: task id to rank. 0.9 goes by the order of the keys.
            Some(Node::Map(tasks)) => tasks.iter().map(|(id, _)| id.python_str()).collect(),
            Some(_) => return Err(format!("section {title}: tasks_list is not a list")),
        };
        match tasks.iter().find(|id| !valid_id(id)) {
            Some(id) => Err(format!("section {title}: `{id}` is not a task id")),
            None => {
                let flags = node.get("config").map(Node::entries).unwrap_or_default();
                let flags = flags.iter().filter(|(_, on)| on.truthy()).map(|(name, _)| name.python_str());
                let amount = node.get("config").and_then(|config| config.get("amount")).map(Node::python_str);
                Ok(Self { title, sections, tasks, flags: flags.collect(), amount })
            }
        }
    }
}

impl TaskSettings {
    fn read(node: &Node) -> Result<Self, String> {
        if !matches!(node, Node::Map(_)) {
            return Err("is no mapping".to_owned());
        }
        let mut settings = Self::default();
        if let Some(value) = node.get("accessibility") {
            settings.access = Access::read(value)?;
        }
        match node.get("weight") {
            None => {}
            Some(Node::Int(weight)) if *weight >= 0 => settings.weight = *weight as f64,
            Some(Node::Float(weight)) if *weight >= 0.0 => settings.weight = *weight,
            Some(_) => return Err("weight must be a number, 0 or more".to_owned()),
        }
        match node.get("evaluation_mode").map(Node::python_str).as_deref() {
            None | Some("best") => {}
            Some("last") => settings.last_counts = true,
            Some(other) => return Err(format!("evaluation_mode `{other}` is neither best nor last")),
        }
        match node.get("no_stored_submissions") {
            None => {}
            Some(Node::Int(amount)) if *amount >= 0 => {
                settings.stored = usize::try_from(*amount).unwrap_or(0)
            }
            Some(_) => return Err("no_stored_submissions must be a whole number, 0 or more".to_owned()),
        }
        if let Some(limit) = node.get("submission_limit") {
            let number = |key: &str| match limit.get(key) {
                Some(Node::Int(number)) if *number >= -1 => Ok(*number),
                _ => Err(format!("submission_limit.{key} must be a whole number, -1 or more")),
            };
            settings.limit_amount = number("amount")?;
            settings.limit_period = number("period")?;
        }
        match node.get("group_submission") {
            None => {}
            Some(Node::Bool(group)) => settings.group_submission = *group,
            Some(_) => return Err("group_submission must be true or false".to_owned()),
        }
        match node.get("categories") {
            None => {}
            Some(Node::Seq(names)) if names.iter().all(|n| n.as_str().is_some_and(|n| !n.is_empty())) => {}
            Some(_) => return Err("categories must be a list of names".to_owned()),
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<Dispenser, String> {
        Dispenser::read(&Node::parse(yaml).unwrap(), |id| id != "gone")
    }

    #[test]
    fn a_task_is_closed_until_the_course_file_opens_it() {
        let dispenser =
            read("toc: []\nconfig: {a: {accessibility: true, weight: 2}, b: {weight: 3}}").unwrap();
        assert_eq!(dispenser.settings("a").access, Access::Always);
        assert_eq!(dispenser.settings("b").access, Access::Never);
        assert_eq!(dispenser.settings("unknown").access, Access::Never);
        assert!(read("toc: []\nconfig: {gone: {weight: '1'}}").is_ok());
    }

    #[test]
    fn both_forms_of_a_task_list_are_read() {
        let yaml = "toc: [{title: A, tasks_list: [x, y]}, {title: B, sections_list: [{title: C, tasks_list: {z: 0}}]}]";
        let dispenser = read(yaml).unwrap();
        assert_eq!(dispenser.sections[0].tasks, ["x", "y"]);
        assert_eq!(dispenser.sections[1].sections[0].tasks, ["z"]);
    }

    #[test]
    fn one_bad_value_refuses_the_whole_course() {
        for bad in [
            "toc: []\nconfig: {a: {weight: '1'}}",
            "toc: []\nconfig: {a: {weight: -1}}",
            "toc: []\nconfig: {a: {evaluation_mode: mean}}",
            "toc: []\nconfig: {a: {submission_limit: {amount: 2}}}",
            "toc: []\nconfig: {a: {accessibility: 'true'}}",
            "toc: []\nconfig: {a: {group_submission: 1}}",
            "toc: []\nconfig: {a: {categories: ['']}}",
            "toc: [{tasks_list: []}]",
            "toc: [{title: A}]",
            "toc: [{title: A, tasks_list: [a b]}]",
            "config: {}",
            "text",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
