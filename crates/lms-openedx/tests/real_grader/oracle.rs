//! The problem code of Open edX itself, as a separate program that reads JSON and answers JSON.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use lms_core::{Block, BlockBody, Cardinality, Exercise, Interaction, Platform, Response};
use serde_json::{Value, json};

/// Where the program is.
pub(crate) struct Oracle {
    python: PathBuf,
    script: PathBuf,
}

/// What came of one answer to one input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Said {
    /// The share of the points.
    Share(f64),
    /// It was not taken: no attempt is counted, no mark is given.
    Refused,
}

/// An input of a problem, as it is rendered.
#[derive(Debug, Clone)]
struct Field {
    short: String,
    values: Vec<String>,
    points: f64,
}

/// Answers to the inputs of one problem, and which input is asked about.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// The problem's name in the course.
    pub(crate) problem: String,
    /// For each input its answer.
    pub(crate) answers: Vec<(String, Exercise, Response)>,
    /// The input asked about.
    pub(crate) about: String,
}

impl Oracle {
    /// From the environment; `None` where it does not say.
    pub(crate) fn find() -> Option<Self> {
        let path = |name: &str| std::env::var_os(name).map(PathBuf::from);
        match (path("LMS_REAL_CAPA_PYTHON"), path("LMS_REAL_CAPA_SCRIPT")) {
            (Some(python), Some(script)) => Some(Self { python, script }),
            _ => {
                eprintln!("skipped: set LMS_REAL_CAPA_PYTHON and LMS_REAL_CAPA_SCRIPT");
                None
            }
        }
    }

    fn ask(&self, items: &Value) -> Vec<Value> {
        let folder = tempfile::tempdir().expect("a folder");
        let request = folder.path().join("request.json");
        std::fs::write(&request, items.to_string()).expect("the request is written");
        let output =
            Command::new(&self.python).arg(&self.script).arg(&request).output().expect("the program runs");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
        })
    }

    /// What the problem code says to each question, in order, or why it cannot be asked; and how many points
    /// each problem gives. Two runs of the program for all questions.
    pub(crate) fn answer(
        &self,
        course: &Path,
        questions: &[Question],
    ) -> (Vec<Result<Said, String>>, BTreeMap<String, f64>) {
        let mut problems: Vec<&str> = questions.iter().map(|q| q.problem.as_str()).collect();
        problems.sort_unstable();
        problems.dedup();
        let item = |problem: &str, submissions: Vec<Value>| {
            json!({"id": problem, "olx_dir": course, "url_name": problem, "ignore_dates": true, "staff": false,
                   "submissions": submissions})
        };
        let rendered = self.ask(&problems.iter().map(|p| item(p, Vec::new())).collect());
        let fields: BTreeMap<&str, Vec<Field>> =
            problems.iter().zip(&rendered).map(|(problem, item)| (*problem, fields(item))).collect();
        let mut asked: BTreeMap<&str, Vec<(usize, Value)>> = BTreeMap::new();
        for (n, question) in questions.iter().enumerate() {
            let fields = &fields[question.problem.as_str()];
            let answers: Option<serde_json::Map<String, Value>> = question
                .answers
                .iter()
                .map(|(short, exercise, response)| {
                    let field = fields.iter().find(|field| field.short == *short)?;
                    Some((short.clone(), encode(exercise, response, &field.values)?))
                })
                .collect();
            if let Some(answers) = answers {
                asked.entry(&question.problem).or_default().push((n, answers.into()));
            }
        }
        let items =
            asked.iter().map(|(problem, list)| item(problem, list.iter().map(|(_, a)| a.clone()).collect()));
        let graded = self.ask(&items.collect());
        let mut said = vec![Err("the input is not on the page".to_owned()); questions.len()];
        let mut possible = BTreeMap::new();
        for (problem, item) in problems.iter().zip(&rendered) {
            if let Some(points) = item["weight"].as_f64().or(item["max_score"].as_f64()) {
                possible.insert((*problem).to_owned(), points);
            }
            let why = item["load_error"]["message"].as_str().unwrap_or_default();
            if item["ok"] != true {
                let why: String = why.chars().take(160).collect();
                let of_it =
                    questions.iter().zip(&mut said).filter(|(question, _)| question.problem == *problem);
                of_it.for_each(|(_, said)| *said = Err(why.clone()));
            }
        }
        for ((problem, list), item) in asked.iter().zip(&graded) {
            let submissions = item["submissions"].as_array().map_or(&[][..], Vec::as_slice);
            for ((n, _), submission) in list.iter().zip(submissions) {
                let about = &questions[*n].about;
                let most = fields[problem].iter().find(|f| f.short == *about).map_or(1.0, |f| f.points);
                said[*n] = match submission["points"][about].as_f64() {
                    _ if submission["refused"] == true => Ok(Said::Refused),
                    Some(points) => Ok(Said::Share(points / most)),
                    None => Err("no points are told".into()),
                };
            }
        }
        (said, possible)
    }
}

fn fields(item: &Value) -> Vec<Field> {
    let inputs = item["inputs"].as_array().map_or(&[][..], Vec::as_slice);
    inputs
        .iter()
        .map(|input| {
            let values = input["form"][0]["values"].as_array().into_iter().flatten();
            Field {
                short: input["short"].as_str().unwrap_or_default().to_owned(),
                values: values
                    .filter_map(|v| v.as_str().map(str::to_owned))
                    .filter(|v| !v.ends_with("_dummy_default"))
                    .collect(),
                points: input["max_points"].as_f64().filter(|most| *most > 0.0).unwrap_or(1.0),
            }
        })
        .collect()
}

/// The answer as the program takes it. Options are called by their place in the file, or by their own
/// names in the order of the page (reference openedx.md 3.10).
fn encode(exercise: &Exercise, response: &Response, values: &[String]) -> Option<Value> {
    let numbered =
        values.iter().all(|v| v.strip_prefix("choice_").is_some_and(|n| n.parse::<usize>().is_ok()));
    let option = |n: usize| if numbered { Some(format!("choice_{n}")) } else { values.get(n).cloned() };
    Some(match (&exercise.interaction, response) {
        (Interaction::Choice(choice), Response::Choice { selected }) => {
            let picked: Vec<String> = selected.iter().map(|n| option(*n)).collect::<Option<_>>()?;
            match choice.cardinality {
                Cardinality::Multiple => json!(picked),
                // None picked sends nothing.
                Cardinality::Single if picked.is_empty() => json!([]),
                Cardinality::Single => json!(picked[0]),
            }
        }
        (Interaction::InlineChoice(_), Response::Choice { selected }) => match selected.first() {
            Some(n) => json!(values.get(*n)?),
            None => json!("dummy_default"),
        },
        (
            _,
            Response::Text { text: typed }
            | Response::Number { number: typed }
            | Response::Formula { formula: typed },
        ) => {
            json!(typed)
        }
        _ => return None,
    })
}

/// The input that an exercise of a read course is.
pub(crate) fn input(block: &Block) -> Option<(String, String, &Exercise)> {
    let BlockBody::Exercise(exercise) = &block.body else { return None };
    let short = block.extras.get(Platform::OpenEdx, "input")?.as_str()?.to_owned();
    Some((exercise.task.to_string(), short, exercise))
}
