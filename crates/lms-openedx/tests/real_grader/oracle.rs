//! The problem code of Open edX itself, as a separate program that reads lines of JSON and answers with such.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use lms_core::{Block, BlockBody, Cardinality, Exercise, Interaction, Platform, Response};
use serde_json::{Value, json};

/// Problems that one program is given at a time: few, so that none waits for another at the end.
const BATCH: usize = 6;

/// The programs, which take seconds to start: those that have nothing to do wait for the next course.
pub(crate) struct Oracle {
    python: PathBuf,
    idle: Mutex<Vec<Program>>,
}

/// One that runs.
struct Program {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Program {
    fn start(python: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/real/openedx/grader.py");
        let mut command = Command::new(python);
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let (to, from) = (child.stdin.take().expect("its input"), child.stdout.take().expect("its output"));
        Self { child, to, from: BufReader::new(from) }
    }

    fn ask(&mut self, course: &Path, problems: &Value) -> Vec<Value> {
        let request = json!({ "course": course, "problems": problems });
        writeln!(self.to, "{request}").expect("it reads the request");
        let mut line = String::new();
        self.from.read_line(&mut line).expect("it answers");
        serde_json::from_str(&line).expect("it answers in JSON; what stopped it stands above")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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
        let python = std::env::var_os("LMS_REAL_OPENEDX_PYTHON").map(PathBuf::from);
        if python.is_none() {
            eprintln!("skipped: set LMS_REAL_OPENEDX_PYTHON, as `cargo xtask real` does");
        }
        Some(Self { python: python?, idle: Mutex::default() })
    }

    /// Lends a program.
    fn with<T>(&self, work: impl FnOnce(&mut Program) -> T) -> T {
        let idle = self.idle.lock().expect("no panic").pop();
        let mut program = idle.unwrap_or_else(|| Program::start(&self.python));
        let done = work(&mut program);
        self.idle.lock().expect("no panic").push(program);
        done
    }

    /// The program's answer for each problem. Several run beside each other: each problem has its own state.
    fn ask(&self, course: &Path, problems: &[Value]) -> Vec<Value> {
        let batches: Vec<&[Value]> = problems.chunks(BATCH).collect();
        let at_once = std::thread::available_parallelism().map_or(1, usize::from).min(batches.len());
        let (next, done) = (Mutex::new(batches.iter().enumerate()), Mutex::new(BTreeMap::new()));
        std::thread::scope(|scope| {
            for _ in 0..at_once {
                scope.spawn(|| {
                    self.with(|program| {
                        loop {
                            let Some((n, batch)) = next.lock().expect("no panic").next() else { break };
                            let answers = program.ask(course, &Value::from(batch.to_vec()));
                            done.lock().expect("no panic").insert(n, answers);
                        }
                    });
                });
            }
        });
        done.into_inner().expect("no panic").into_values().flatten().collect()
    }

    /// Which problems of a course load, by name.
    pub(crate) fn loaded(&self, course: &Path) -> BTreeMap<String, bool> {
        let answers = self.with(|program| program.ask(course, &Value::Null));
        let of = |item: &Value| Some((item["name"].as_str()?.to_owned(), item["fault"].is_null()));
        answers.iter().filter_map(of).collect()
    }

    /// What the problem code says to each question, in order, or why it cannot be asked; and how many points
    /// each problem gives.
    pub(crate) fn answer(
        &self,
        course: &Path,
        questions: &[Question],
    ) -> (Vec<Result<Said, String>>, BTreeMap<String, f64>) {
        let mut problems: Vec<&str> = questions.iter().map(|q| q.problem.as_str()).collect();
        problems.sort_unstable();
        problems.dedup();
        let item = |problem: &str, answers: Vec<Value>| json!({ "name": problem, "answers": answers });
        let looked = self.ask(course, &problems.iter().map(|p| item(p, Vec::new())).collect::<Vec<_>>());
        let fields: BTreeMap<&str, Vec<Field>> =
            problems.iter().zip(&looked).map(|(problem, item)| (*problem, fields(item))).collect();
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
        let graded = self.ask(course, &items.collect::<Vec<_>>());
        let mut said = vec![Err("the input is not on the page".to_owned()); questions.len()];
        let mut possible = BTreeMap::new();
        for (problem, item) in problems.iter().zip(&looked) {
            if let Some(points) = item["points"].as_f64() {
                possible.insert((*problem).to_owned(), points);
            }
            if let Some(fault) = item["fault"].as_str() {
                let why: String = fault.chars().take(160).collect();
                let of_it =
                    questions.iter().zip(&mut said).filter(|(question, _)| question.problem == *problem);
                of_it.for_each(|(_, said)| *said = Err(why.clone()));
            }
        }
        for ((problem, list), item) in asked.iter().zip(&graded) {
            let marks = item["marks"].as_array().map_or(&[][..], Vec::as_slice);
            for ((n, _), mark) in list.iter().zip(marks) {
                let about = &questions[*n].about;
                let most = fields[problem].iter().find(|f| f.short == *about).map_or(1.0, |f| f.points);
                said[*n] = match mark["points"][about].as_f64() {
                    _ if mark["refused"].is_string() => Ok(Said::Refused),
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
            let values = input["values"].as_array().into_iter().flatten();
            Field {
                short: input["id"].as_str().unwrap_or_default().to_owned(),
                values: values
                    .filter_map(|v| v.as_str().map(str::to_owned))
                    .filter(|v| !v.ends_with("_dummy_default"))
                    .collect(),
                points: input["points"].as_f64().filter(|most| *most > 0.0).unwrap_or(1.0),
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
