//! `task.yaml` and its problems (reference inginious.md 9.6, 9.7).

use serde_json::{Map, Value};

use super::access::Access;
use super::files::valid_id;
use super::input::python_int;
use super::yaml::Node;

/// A readable task.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) name: Text,
    pub(crate) context: Text,
    pub(crate) author: String,
    pub(crate) contact_url: String,
    pub(crate) environment: Environment,
    /// Count of random numbers that a web submission must send back.
    pub(crate) input_random: usize,
    pub(crate) problems: Vec<Problem>,
}

/// A text of the file. What is no text there (a number, say) goes through the API as it is; pages show its `str()`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Text(Node);

impl Text {
    /// An explicit `null` is an empty text, a missing key the default.
    pub(crate) fn read(node: Option<&Node>, default: &str) -> Self {
        Self(match node {
            None => Node::Str(default.to_owned()),
            Some(Node::Null) => Node::Str(String::new()),
            Some(node) => node.clone(),
        })
    }

    pub(crate) fn to_json(&self) -> Value {
        self.0.to_json()
    }

    pub(crate) fn shown(&self) -> String {
        self.0.python_str()
    }
}

/// Where a task is graded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Environment {
    /// The server's own agent for choices and texts. It offers the `environment_id` `mcq` only; what names another, or
    /// none, ends in an error.
    Mcq { offered: bool },
    /// A container, named by `environment_id`.
    Container { image: String, seconds: f64, run_cmd: Option<String> },
}

/// One problem of a task.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    /// The mapping of the file, for the keys that pass through the API.
    raw: Node,
}

/// What a problem asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Choice {
        multiple: bool,
        choices: Vec<Choice>,
        centralize: bool,
        success_message: Option<String>,
        error_message: Option<String>,
    },
    Match {
        answer: String,
        centralize: bool,
    },
    /// `code` and `code_single_line`.
    Code {
        optional: bool,
    },
    File {
        extensions: Vec<String>,
        max_size: i64,
    },
}

/// One choice of a `multiple_choice` problem.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    /// Shown as it is; the API does not even turn it into a text.
    pub(crate) text: Node,
    pub(crate) valid: bool,
    pub(crate) feedback: Option<String>,
}

/// Suffixes and size that a `file` problem takes when the task does not say (reference inginious.md 9.7).
const EXTENSIONS: [&str; 8] = [".c", ".cpp", ".java", ".oz", ".zip", ".tar.gz", ".tar.bz2", ".txt"];
const MAX_SIZE: i64 = 1024 * 1024;

impl Task {
    /// Reads a task file.
    ///
    /// # Errors
    /// Whatever makes 0.9.2 leave the task out.
    pub(crate) fn read(id: &str, text: &str) -> Result<Self, String> {
        let node = Node::parse(text)?;
        let problems = match node.get("problems") {
            Some(Node::Map(problems)) => problems.as_slice(),
            // An empty list is looped over like an empty mapping.
            Some(Node::Seq(list)) if list.is_empty() => &[],
            _ => return Err("`problems` is missing or no mapping".to_owned()),
        };
        let problems = problems
            .iter()
            .map(|(id, raw)| match id {
                Node::Str(id) => Problem::read(id, raw).map_err(|what| format!("problem {id}: {what}")),
                other => Err(format!("problem id {} is no text; quote it", other.python_str())),
            })
            .collect::<Result<_, _>>()?;
        if let Some(access) = node.get("accessible") {
            // Without effect in 0.9, but a bad value still hides the task.
            Access::read(access)?;
        }
        let text_of = |key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default().to_owned();
        Ok(Self {
            id: id.to_owned(),
            name: Text::read(node.get("name"), &format!("Task {id}")),
            context: Text::read(node.get("context"), ""),
            author: text_of("author"),
            contact_url: text_of("contact_url"),
            environment: Environment::read(&node)?,
            input_random: match node.get("input_random") {
                None => 0,
                // A negative count draws nothing.
                Some(value) => match python_int(&value.python_str()) {
                    Some(count) => usize::try_from(count).unwrap_or(0),
                    None => return Err("input_random is not a number".to_owned()),
                },
            },
            problems,
        })
    }
}

impl Environment {
    fn read(node: &Node) -> Result<Self, String> {
        let mapping = |value: Option<&'_ Node>, what: &str| match value {
            None | Some(Node::Map(_)) => Ok(()),
            Some(_) => Err(format!("{what} is no mapping")),
        };
        let parameters = node.get("environment_parameters");
        mapping(parameters, "environment_parameters")?;
        let image = node.get("environment_id").map_or_else(|| "default".to_owned(), Node::python_str);
        let limits = parameters.and_then(|p| p.get("limits")).or_else(|| node.get("limits"));
        // Numbers are usually written as strings (reference inginious.md 9.6), but whole they must be.
        let number = |key: &str| match limits.and_then(|limits| limits.get(key)) {
            None => Ok(None),
            Some(Node::Float(value)) => Ok(Some(*value)),
            Some(value) => match python_int(&value.python_str()) {
                Some(number) => Ok(Some(number as f64)),
                None if key == "hard_time" && !value.truthy() => Ok(None),
                None => Err(format!("limit `{key}` is no whole number")),
            },
        };
        let run_cmd = parameters.and_then(|p| p.get("run_cmd")).or_else(|| node.get("run_cmd"));
        let container = |image: String| -> Result<Self, String> {
            mapping(limits, "limits")?;
            for key in ["hard_time", "memory", "disk"] {
                number(key)?;
            }
            Ok(Self::Container {
                image,
                seconds: number("time")?.filter(|seconds| *seconds > 0.0).unwrap_or(20.0),
                run_cmd: run_cmd
                    .and_then(Node::as_str)
                    .filter(|command| !command.is_empty())
                    .map(str::to_owned),
            })
        };
        match (
            node.get("environment_type").and_then(Node::as_str),
            node.get("environment").and_then(Node::as_str),
        ) {
            (Some("mcq"), _) => Ok(Self::Mcq { offered: image == "mcq" }),
            (None, Some("mcq")) => Ok(Self::Mcq { offered: true }),
            (Some("docker" | "docker-ssh" | "nvidia" | "nvidia-ssh" | "kata" | "kata-ssh"), _) => {
                container(image)
            }
            (Some(other), _) => Err(format!("environment_type `{other}` is unknown")),
            (None, Some(legacy)) => container(legacy.to_owned()),
            (None, None) => Err("environment_type is missing".to_owned()),
        }
    }
}

impl Problem {
    fn read(id: &str, raw: &Node) -> Result<Self, String> {
        if !valid_id(id) {
            return Err("the id may hold letters, digits, `.`, `_` and `-` only".to_owned());
        }
        let message =
            |key: &str| raw.get(key).and_then(Node::as_str).filter(|m| !m.is_empty()).map(str::to_owned);
        let flag = |key: &str| raw.get(key).is_some_and(Node::truthy);
        let kind = match raw.get("type").and_then(Node::as_str) {
            Some("multiple_choice") => Kind::Choice {
                multiple: flag("multiple"),
                choices: read_choices(raw)?,
                centralize: flag("centralize"),
                success_message: message("success_message"),
                error_message: message("error_message"),
            },
            Some("match") => Kind::Match {
                answer: raw.get("answer").ok_or("`answer` is missing")?.python_str(),
                centralize: flag("centralize"),
            },
            Some("code" | "code_single_line") => {
                match raw.get("language") {
                    None => {}
                    Some(Node::Str(name)) if name.is_empty() || valid_id(name) => {}
                    Some(_) => {
                        return Err("`language` may hold letters, digits, `.`, `_` and `-` only".to_owned());
                    }
                }
                let optional = matches!(raw.get("optional"), Some(Node::Bool(true)))
                    || raw.get("optional").and_then(Node::as_str) == Some("on");
                Kind::Code { optional }
            }
            Some("file") => Kind::File {
                extensions: match raw.get("allowed_exts") {
                    Some(Node::Seq(list)) => list.iter().map(Node::python_str).collect(),
                    _ => EXTENSIONS.map(str::to_owned).to_vec(),
                },
                max_size: match raw.get("max_size") {
                    Some(Node::Int(size)) => *size,
                    _ => MAX_SIZE,
                },
            },
            Some(other) => return Err(format!("type `{other}` is unknown")),
            None => return Err("`type` is missing".to_owned()),
        };
        Ok(Self { id: id.to_owned(), kind, raw: raw.clone() })
    }

    pub(crate) fn name(&self) -> String {
        self.raw.get("name").and_then(Node::as_str).unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self) -> String {
        self.raw.get("header").and_then(Node::as_str).unwrap_or_default().to_owned()
    }

    /// The problem as the API shows it: the mapping of the file minus the answers, `id` last
    /// (reference inginious.md 4.2).
    pub(crate) fn to_api(&self) -> Value {
        let mut object = Map::new();
        for (key, value) in self.raw.entries() {
            let key = key.python_str();
            match (&self.kind, key.as_str()) {
                (Kind::Match { .. }, "answer") => {}
                (Kind::Choice { choices, .. }, "choices") => {
                    let texts = choices.iter().enumerate();
                    let texts = texts.map(|(index, choice)| (index.to_string(), choice.text.to_json()));
                    object.insert(key, Value::Object(texts.collect()));
                }
                _ => {
                    object.insert(key, value.to_json());
                }
            }
        }
        object.insert("id".to_owned(), self.id.clone().into());
        Value::Object(object)
    }
}

fn read_choices(raw: &Node) -> Result<Vec<Choice>, String> {
    let Some(Node::Seq(list)) = raw.get("choices") else { return Err("`choices` is not a list".to_owned()) };
    let choices = list
        .iter()
        .map(|choice| {
            Ok(Choice {
                text: choice.get("text").ok_or("a choice has no `text`")?.clone(),
                valid: choice.get("valid").is_some_and(Node::truthy),
                feedback: choice
                    .get("feedback")
                    .and_then(Node::as_str)
                    .filter(|f| !f.is_empty())
                    .map(str::to_owned),
            })
        })
        .collect::<Result<Vec<_>, String>>()?;
    let valid = choices.iter().filter(|choice| choice.valid).count();
    let limit = match raw.get("limit") {
        None => 0,
        Some(Node::Int(limit)) => usize::try_from(*limit).map_err(|_| "`limit` is negative")?,
        // Python counts with its booleans.
        Some(Node::Bool(limit)) => usize::from(*limit),
        Some(_) => return Err("`limit` is not a whole number".to_owned()),
    };
    if valid == 0 {
        return Err("no choice is valid".to_owned());
    }
    if raw.get("multiple").is_some_and(Node::truthy) && limit != 0 && limit < valid {
        return Err("`limit` is smaller than the number of valid choices".to_owned());
    }
    Ok(choices)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHOICE: &str = "problems: {q: {type: multiple_choice, choices: [{text: a, valid: true}, {text: b}], \
                          LIMIT}}\nenvironment_type: mcq";

    #[test]
    fn the_api_form_hides_answers_and_keeps_the_rest() {
        let text = "environment_type: mcq\nproblems:\n  m: {type: match, answer: 042, x: 1}\n  \
                    c: {choices: [{text: a, valid: true, feedback: f}], type: multiple_choice, limit: 0}\n";
        let task = Task::read("t", text).unwrap();
        assert_eq!(task.problems[0].to_api().to_string(), r#"{"type":"match","x":1,"id":"m"}"#);
        assert_eq!(
            task.problems[1].to_api().to_string(),
            r#"{"choices":{"0":"a"},"type":"multiple_choice","limit":0,"id":"c"}"#
        );
        assert_eq!(task.problems[0].kind, Kind::Match { answer: "34".into(), centralize: false });
        assert_eq!((task.name.shown().as_str(), task.author.as_str()), ("Task t", ""));
    }

    #[test]
    fn what_hides_a_task() {
        for bad in [
            "environment_type: mcq",
            "problems: {}",
            "problems: {}\nenvironment_type: vm",
            "problems: {}\nenvironment_type: mcq\naccessible: 2014-05-10",
            "problems: {q: {type: multiple-choice}}\nenvironment_type: mcq",
            "problems: {q: {type: code, language: 'a b'}}\nenvironment_type: docker",
            "problems: {q: {type: match}}\nenvironment_type: mcq",
            "problems: {q: {type: multiple_choice, choices: [{text: a}]}}\nenvironment_type: mcq",
            &CHOICE.replace("LIMIT", "limit: null"),
            &CHOICE.replace("LIMIT", "limit: '0'"),
        ] {
            assert!(Task::read("t", bad).is_err(), "{bad}");
        }
        assert!(Task::read("t", &CHOICE.replace("LIMIT", "limit: 0")).is_ok());
        assert!(Task::read("t", "problems: {}\nenvironment: mcq").is_ok());
    }
}
