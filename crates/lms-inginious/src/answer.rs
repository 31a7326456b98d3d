//! An answer as the fields of a form, checked by the platform's rules before it is sent (reference
//! inginious.md 5.1): a wrong one would be a failure of the server, or use up a try.

use lms_core::{Error, ErrorKind, Platform, Response, Result, SubmittedFile, TaskAnswer};
use lms_http::{Part, RequestBuilder};
use serde_json::Value;

use crate::wire::{Problem, Task};

const OPERATION: &str = "submissions.submit";
/// By so much the size in the server's memory, which is what it compares, is above that of the file.
const FILE_OVERHEAD: u64 = 33;

/// The fields of an answer.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    texts: Vec<(String, String)>,
    files: Vec<(String, SubmittedFile)>,
}

impl Fields {
    /// The answer to every problem of the task. Problems may be named by their id, or as in
    /// [`lms_core::Courses::content`]: `TASK/PROBLEM`.
    pub(crate) fn new(task: &Task, answer: &TaskAnswer) -> Result<Self> {
        let prefix = format!("{}/", task.id);
        let given: Vec<(&str, &Response)> = answer
            .0
            .iter()
            .map(|(block, response)| {
                (block.as_str().strip_prefix(&prefix).unwrap_or(block.as_str()), response)
            })
            .collect();
        if let Some((stranger, _)) = given.iter().find(|(id, _)| task.problems().all(|p| p.id() != *id)) {
            return Err(misfit(task, stranger, "the task has no such problem"));
        }
        let mut fields = Self::default();
        for problem in task.problems() {
            let mut responses =
                given.iter().filter(|(id, _)| *id == problem.id()).map(|(_, response)| *response);
            let response = responses.next();
            if responses.next().is_some() {
                return Err(misfit(task, problem.id(), "it is answered twice"));
            }
            fields.add(problem, response).map_err(|error| match error.kind() {
                ErrorKind::Unsupported => error.on(format!("problem {}", problem.id())),
                _ => misfit(task, problem.id(), error.message()),
            })?;
        }
        Ok(fields)
    }

    /// One more field that is no answer.
    pub(crate) fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.texts.push((name.into(), value.into()));
    }

    /// Puts the fields into a request, as multipart only where there are files: for those the platform takes nothing else,
    /// no base64 either (reference inginious.md 5.1).
    pub(crate) fn attach(&self, request: RequestBuilder) -> RequestBuilder {
        let Self { texts, files } = self;
        if files.is_empty() {
            let pairs: Vec<(&str, &str)> =
                texts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            return request.form(&pairs);
        }
        let texts = texts.iter().map(|(name, value)| Part::text(name, value));
        let files = files.iter().map(|(name, file)| {
            Part::file(name, &file.name, "application/octet-stream", file.content.clone())
        });
        request.multipart(texts.chain(files).collect())
    }

    fn add(&mut self, problem: Problem<'_>, response: Option<&Response>) -> Result<()> {
        let id = problem.id();
        match (problem.kind(), response) {
            ("multiple_choice", Some(Response::Choice { selected })) => {
                let choices = problem.choices();
                let mut picked = Vec::new();
                for position in selected {
                    let Some((number, _)) = choices.get(*position) else {
                        return Err(Error::invalid(format!(
                            "there is no option {position}; there are {}",
                            choices.len()
                        )));
                    };
                    picked.push(number.to_string());
                }
                if !is_true(problem.of.get("multiple")) && picked.len() != 1 {
                    return Err(Error::invalid(format!(
                        "exactly one option is to be picked, not {}",
                        picked.len()
                    )));
                }
                self.texts.extend(picked.into_iter().map(|number| (id.to_owned(), number)));
            }
            ("match", Some(Response::Text { text })) => self.push(id, text),
            ("code" | "code_single_line", Some(Response::Code { language, source })) => {
                let named = problem.of.get("language").and_then(Value::as_str).unwrap_or_default();
                if !language.is_empty() && language != named {
                    return Err(Error::invalid(format!("the language cannot be chosen; it is {named:?}")));
                }
                if source.is_empty() && !is_true(problem.of.get("optional")) {
                    return Err(Error::invalid("it must not be left empty"));
                }
                self.push(id, source);
            }
            // One line may ask for anything; what it asks for, only its grader knows.
            (
                "code_single_line",
                Some(
                    Response::Text { text }
                    | Response::Number { number: text }
                    | Response::Formula { formula: text },
                ),
            ) => {
                if text.is_empty() && !is_true(problem.of.get("optional")) {
                    return Err(Error::invalid("it must not be left empty"));
                }
                self.push(id, text);
            }
            // So may a box of several lines: a long text stands in one.
            ("code", Some(Response::ExtendedText { text })) => {
                if text.is_empty() && !is_true(problem.of.get("optional")) {
                    return Err(Error::invalid("it must not be left empty"));
                }
                self.push(id, text);
            }
            // An optional box must be sent all the same.
            ("code" | "code_single_line", None) if is_true(problem.of.get("optional")) => self.push(id, ""),
            ("file", Some(Response::Files(files))) => {
                let [file] = files.as_slice() else {
                    return Err(Error::invalid(format!("one file is to be handed in, not {}", files.len())));
                };
                check_file(problem, file)?;
                self.files.push((id.to_owned(), file.clone()));
            }
            ("multiple_choice" | "match" | "code" | "code_single_line" | "file", None) => {
                return Err(Error::invalid(
                    "it is not answered; all problems of a task are answered together",
                ));
            }
            ("multiple_choice" | "match" | "code" | "code_single_line" | "file", Some(_)) => {
                return Err(Error::invalid(format!(
                    "the answer does not fit a problem of kind {}",
                    problem.kind()
                )));
            }
            _ => {
                return Err(Error::unsupported(
                    Platform::Inginious,
                    "submissions.submit to a problem of a plugin",
                ));
            }
        }
        Ok(())
    }
}

fn check_file(problem: Problem<'_>, file: &SubmittedFile) -> Result<()> {
    if file.name.is_empty() {
        return Err(Error::invalid("the file has no name"));
    }
    let endings: Vec<&str> = match problem.of.get("allowed_exts") {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !endings.is_empty() && !endings.iter().any(|ending| file.name.ends_with(ending)) {
        return Err(Error::invalid(format!(
            "the name {:?} must end with {}",
            file.name,
            endings.join(" or ")
        )));
    }
    let most = match problem.of.get("max_size") {
        Some(Value::Number(bytes)) => bytes.as_u64(),
        Some(Value::String(bytes)) => bytes.trim().parse().ok(),
        _ => None,
    };
    let most = most.map(|bytes| bytes.saturating_sub(FILE_OVERHEAD));
    match most {
        Some(most) if file.content.len() as u64 > most => {
            Err(Error::invalid(format!("the file has {} bytes; {most} are taken", file.content.len())))
        }
        _ => Ok(()),
    }
}

/// Python's truth, for flags that may be written in any way: `true`, `"on"`, `1`.
fn is_true(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(list)) => !list.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
    }
}

fn misfit(task: &Task, problem: &str, what: &str) -> Error {
    Error::invalid(what).at(Platform::Inginious, OPERATION).on(format!("task {}, problem {problem}", task.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lms_core::BlockId;
    use serde_json::json;

    fn task() -> Task {
        serde_json::from_value(json!({"id": "mixed", "name": "Mixed", "problems": [
            {"id": "parity", "type": "multiple_choice", "choices": {"0": "even", "1": "odd"}},
            {"id": "divisors", "type": "multiple_choice", "multiple": true, "choices": {"10": "c", "2": "b", "0": "a"}},
            {"id": "square", "type": "match"},
            {"id": "code", "type": "code", "language": "python"},
            {"id": "remark", "type": "code_single_line", "optional": "on"},
            {"id": "paper", "type": "file", "allowed_exts": [".txt"], "max_size": 40},
        ]}))
        .expect("a task")
    }

    fn file(name: &str, bytes: usize) -> Response {
        Response::Files(vec![SubmittedFile { name: name.into(), content: vec![b'x'; bytes].into() }])
    }

    fn answer() -> TaskAnswer {
        let code = Response::Code { language: String::new(), source: "pass".into() };
        TaskAnswer(
            [
                ("mixed/parity", Response::choice(1)),
                ("divisors", Response::choices([1, 2])),
                ("square", Response::text("81")),
                ("code", code),
                ("paper", file("a.txt", 7)),
            ]
            .into_iter()
            .map(|(id, response)| (BlockId::from(id), response))
            .collect(),
        )
    }

    #[test]
    fn every_problem_is_sent_with_the_numbers_of_its_choices() {
        let fields = Fields::new(&task(), &answer()).expect("it fits");
        let texts: Vec<(&str, &str)> = fields.texts.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(
            texts,
            [
                ("parity", "1"),
                ("divisors", "2"),
                ("divisors", "10"),
                ("square", "81"),
                ("code", "pass"),
                ("remark", "")
            ]
        );
        assert_eq!(fields.files[0].0, "paper");
    }

    #[test]
    fn what_the_platform_would_not_take_is_refused_here() {
        let empty = Response::Code { language: String::new(), source: String::new() };
        let ruby = Response::Code { language: "ruby".into(), source: "1".into() };
        for (id, response) in [
            ("mixed/parity", Response::choices([])),
            ("mixed/parity", Response::choices([0, 1])),
            ("mixed/parity", Response::choice(2)),
            ("divisors", Response::choice(3)),
            ("square", Response::number("81")),
            ("code", empty),
            ("code", ruby),
            ("paper", file("a.TXT", 7)),
            ("paper", file("a.txt", 8)),
            ("paper", file("", 1)),
            ("paper", Response::Files(Vec::new())),
            ("nowhere", Response::choice(0)),
        ] {
            let mut changed = answer();
            changed.0.insert(id.into(), response.clone());
            let error = Fields::new(&task(), &changed).expect_err("it does not fit");
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{id} {response:?}");
            let name = id.strip_prefix("mixed/").unwrap_or(id);
            assert!(error.resource().is_some_and(|on| on.ends_with(name)), "{error}");
        }
        let mut missing = answer();
        missing.0.remove(&BlockId::from("divisors"));
        assert_eq!(Fields::new(&task(), &missing).expect_err("missing").kind(), ErrorKind::InvalidInput);
        let mut twice = answer();
        twice.0.insert("parity".into(), Response::choice(0));
        assert_eq!(Fields::new(&task(), &twice).expect_err("twice").kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn a_box_of_several_lines_takes_a_long_text() {
        let mut long = answer();
        long.0.insert("code".into(), Response::ExtendedText { text: "Two\nlines".into() });
        let fields = Fields::new(&task(), &long).expect("it fits");
        assert!(fields.texts.contains(&("code".to_owned(), "Two\nlines".to_owned())), "{:?}", fields.texts);
        long.0.insert("code".into(), Response::ExtendedText { text: String::new() });
        assert_eq!(Fields::new(&task(), &long).expect_err("empty").kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn nothing_ticked_is_an_answer_to_several_choices_and_no_field() {
        let mut none = answer();
        none.0.insert("divisors".into(), Response::choices([]));
        let fields = Fields::new(&task(), &none).expect("it fits");
        assert!(fields.texts.iter().all(|(name, _)| name != "divisors"));
    }

    #[test]
    fn plugins_are_refused() {
        let task: Task =
            serde_json::from_value(json!({"id": "t", "problems": [{"id": "p", "type": "blockly"}]}))
                .expect("a task");
        let error = Fields::new(&task, &TaskAnswer::one("p", Response::text("x"))).expect_err("a plugin");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
}
