//! From what stands on the command line to an answer, checked against the task before anything is sent.
//!
//! People count options, items and rows from 1; the model counts from 0.

mod how;
mod response;

use std::collections::BTreeMap;
use std::io::Read;

use lms_core::grade::{self, Ungradable};
use lms_core::{Error, Exercise, Grader, Interaction, Key, Response, Task, TaskAnswer};

use crate::exit::Failure;
pub(crate) use how::flags;
use how::how;
use response::response;

/// How one part is answered.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "The answer")]
pub(crate) struct Given {
    /// An option, by its number from 1 or its text; several times or 1,3 for several, `none` for none.
    #[arg(long, value_name = "OPTION")]
    choice: Vec<String>,
    /// A short or long text; @FILE takes it from a file.
    #[arg(long)]
    text: Vec<String>,
    /// A number.
    #[arg(long, allow_hyphen_values = true)]
    number: Vec<String>,
    /// A formula.
    #[arg(long, allow_hyphen_values = true)]
    formula: Vec<String>,
    /// A file to hand in; several times for several.
    #[arg(long)]
    file: Vec<String>,
    /// A pair SOURCE=TARGET, by numbers from 1 or by texts; once for each source.
    #[arg(long, value_name = "SOURCE=TARGET")]
    r#match: Vec<String>,
    /// The items in their order, by numbers from 1: 3,1,2.
    #[arg(long, value_name = "ITEMS")]
    order: Vec<String>,
    /// What goes into a gap; once for each gap, in order.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    gap: Vec<String>,
    /// Ticked cells ROW=COLUMN,COLUMN, by numbers from 1 or by texts.
    #[arg(long, value_name = "ROW=COLUMNS")]
    table: Vec<String>,
    /// The file of a program; - for standard input.
    #[arg(long, value_name = "FILE")]
    code: Vec<String>,
    /// The language of the program, as the platform calls it.
    #[arg(long, requires = "code")]
    language: Option<String>,
    /// The answer to one part of several: PART:KIND=VALUE, where KIND is choice, text, number, …; PART is its id or its
    /// number from 1.
    #[arg(long, value_name = "PART:KIND=VALUE", allow_hyphen_values = true)]
    part: Vec<String>,
    /// The whole answer as JSON, @FILE or - for standard input; for kinds that nothing else here can answer.
    #[arg(long, value_name = "JSON")]
    answer: Option<String>,
}

/// How an answer is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Choice,
    Text,
    Number,
    Formula,
    File,
    Match,
    Order,
    Gap,
    Table,
    Code,
}

const KINDS: [(&str, Kind); 10] = [
    ("choice", Kind::Choice),
    ("text", Kind::Text),
    ("number", Kind::Number),
    ("formula", Kind::Formula),
    ("file", Kind::File),
    ("match", Kind::Match),
    ("order", Kind::Order),
    ("gap", Kind::Gap),
    ("table", Kind::Table),
    ("code", Kind::Code),
];

fn name_of(kind: Kind) -> &'static str {
    KINDS.iter().find(|(_, held)| *held == kind).map_or("", |(name, _)| name)
}

/// One flag of the command line.
struct Said {
    /// `None` for the only part.
    part: Option<String>,
    kind: Kind,
    value: String,
}

type Fault = String;

impl Given {
    /// The answer as JSON, if it is given so.
    pub(crate) fn with_json(mut self, json: Option<String>) -> Self {
        self.answer = self.answer.or(json);
        self
    }

    fn said(&self) -> Result<Vec<Said>, Fault> {
        let lists = [
            &self.choice,
            &self.text,
            &self.number,
            &self.formula,
            &self.file,
            &self.r#match,
            &self.order,
            &self.gap,
            &self.table,
            &self.code,
        ];
        let mut all = Vec::new();
        for ((_, kind), values) in KINDS.into_iter().zip(lists) {
            all.extend(values.iter().map(|value| Said { part: None, kind, value: value.clone() }));
        }
        for text in &self.part {
            all.push(part(text)?);
        }
        Ok(all)
    }

    /// The answer to a task.
    ///
    /// # Errors
    /// `Usage` where it does not fit the task, with how it can be answered.
    pub(crate) fn answer_to(&self, task: &Task) -> Result<TaskAnswer, Failure> {
        let usage = |fault: String| Failure::Usage(format!("{fault}\n  {}", how(task).join("\n  ")));
        let said = self.said().map_err(usage)?;
        if let Some(json) = &self.answer {
            if !said.is_empty() {
                return Err(usage("an answer as JSON is the whole answer; leave the others out".into()));
            }
            let answer = of_json(&text_of(json)?, task).map_err(usage)?;
            for part in &task.parts {
                // A native answer is the platform's own to judge.
                let given =
                    answer.0.get(&part.block).filter(|given| !matches!(given, Response::Native { .. }));
                given.map_or(Ok(()), |given| fits(&part.exercise, given)).map_err(usage)?;
            }
            return Ok(answer);
        }
        if said.is_empty() {
            return Err(usage("nothing is answered".into()));
        }
        let mut by_part: BTreeMap<usize, Vec<Said>> = BTreeMap::new();
        for one in said {
            let at = find_part(task, one.part.as_deref()).map_err(usage)?;
            by_part.entry(at).or_default().push(one);
        }
        let mut answer = TaskAnswer::default();
        for (at, said) in by_part {
            let Some(part) = task.parts.get(at) else { continue };
            let response = response(&part.exercise, &said, self.language.as_deref())?;
            let response = response.map_err(|fault| {
                usage(if task.parts.len() > 1 { format!("part {}: {fault}", part.block) } else { fault })
            })?;
            fits(&part.exercise, &response).map_err(usage)?;
            answer.0.insert(part.block.clone(), response);
        }
        if let Some(open) = task.parts.iter().find(|part| !answer.0.contains_key(&part.block)) {
            return Err(usage(format!("part {} is not answered", open.block)));
        }
        Ok(answer)
    }
}

/// `PART:KIND=VALUE`. Ids may hold colons.
fn part(text: &str) -> Result<Said, Fault> {
    KINDS
        .iter()
        .filter_map(|(name, kind)| {
            let at = text.find(&format!(":{name}="))?;
            let value = text.get(at + name.len() + 2..)?;
            Some((at, Said { part: Some(text.get(..at)?.to_owned()), kind: *kind, value: value.to_owned() }))
        })
        .min_by_key(|(at, _)| *at)
        .map(|(_, said)| said)
        .ok_or_else(|| format!("--part {text}: it looks like PART:KIND=VALUE, such as 1:choice=2"))
}

fn find_part(task: &Task, named: Option<&str>) -> Result<usize, Fault> {
    let Some(named) = named else {
        return match task.parts.len() {
            1 => Ok(0),
            0 => Err("this kind of task is answered as JSON".into()),
            n => Err(format!("the task has {n} parts; say --part PART:KIND=VALUE for each")),
        };
    };
    let by_id = task.parts.iter().position(|part| part.block.as_str() == named);
    let by_number = || named.parse::<usize>().ok()?.checked_sub(1).filter(|at| *at < task.parts.len());
    by_id.or_else(by_number).ok_or_else(|| {
        let ids: Vec<&str> = task.parts.iter().map(|part| part.block.as_str()).collect();
        format!("--part {named}: the task has no such part; its parts are {}", ids.join(", "))
    })
}

/// A text as it is, `@FILE` from a file, `-` from standard input.
fn text_of(value: &str) -> Result<String, Failure> {
    match value.strip_prefix('@') {
        Some(path) => read_text(path),
        None if value == "-" => read_text(value),
        None => Ok(value.to_owned()),
    }
}

fn read_text(path: &str) -> Result<String, Failure> {
    let mut text = String::new();
    let read = match path {
        "-" => std::io::stdin().lock().read_to_string(&mut text).map(drop),
        path => std::fs::read_to_string(path).map(|read| text = read),
    };
    read.map(|()| text).map_err(|e| match e.kind() {
        std::io::ErrorKind::InvalidData => Failure::Usage(format!("{path} is no text in UTF-8")),
        _ => Error::io(path, e).into(),
    })
}

fn of_json(text: &str, task: &Task) -> Result<TaskAnswer, Fault> {
    let wrong = |e: serde_json::Error| format!("the answer as JSON cannot be read: {e}");
    let value: serde_json::Value = serde_json::from_str(text).map_err(wrong)?;
    if value.get("response").is_none_or(|name| !name.is_string()) {
        return serde_json::from_value(value).map_err(wrong);
    }
    let response: Response = serde_json::from_value(value).map_err(wrong)?;
    match task.parts.as_slice() {
        [] => Ok(TaskAnswer::one(task.summary.id.as_str(), response)),
        [only] => Ok(TaskAnswer::one(only.block.clone(), response)),
        more => Err(format!("the task has {} parts; give an object with an answer for each", more.len())),
    }
}

/// The reference grader says whether an answer fits at all, if every answer counts as right.
fn fits(exercise: &Exercise, response: &Response) -> Result<(), Fault> {
    let open = Exercise { key: Some(Key::Any), grader: Grader::Key, ..exercise.clone() };
    match grade::grade(&open, response) {
        Err(Ungradable::Misfit(why)) => Err(format!("the answer does not fit: {why}")),
        _ => Ok(()),
    }
}

fn kind_for(interaction: &Interaction) -> Option<Kind> {
    Some(match interaction {
        Interaction::Choice(_) | Interaction::InlineChoice(_) => Kind::Choice,
        Interaction::TextEntry(_) | Interaction::ExtendedText(_) => Kind::Text,
        Interaction::Numeric(_) => Kind::Number,
        Interaction::Formula(_) => Kind::Formula,
        Interaction::Match(_) => Kind::Match,
        Interaction::Order(_) => Kind::Order,
        Interaction::Gap(_) => Kind::Gap,
        Interaction::Table(_) => Kind::Table,
        Interaction::Code(_) => Kind::Code,
        Interaction::FileUpload(_) => Kind::File,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
