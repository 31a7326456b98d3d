//! How exercises that a generated script grades are shown: as problems that INGInious has.

use lms_core::{
    Block, Cardinality, ChoiceOption, CodeInteraction, Exercise, GapSegment, Interaction, Key, Markup,
    TableInteraction, escape,
};
use serde_json::{Map, Value, json};

use super::{Graded, Messages};
use crate::convert::adapt::numbered;

/// The problems of an exercise, and what the script must know of it.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Ids and mappings, in order.
    pub(crate) problems: Vec<(String, Map<String, Value>)>,
    pub(crate) graded: Graded,
}

/// Shows an exercise. `id` is free in the task, and so is everything that begins with it and a `-`;
/// `rst` makes reStructuredText of a text, `files` names the course's files as the target does.
pub(crate) fn show(
    id: &str,
    block: &Block,
    exercise: &Exercise,
    rst: &dyn Fn(&Markup) -> String,
    files: &dyn Fn(&Markup) -> Markup,
) -> Shown {
    let mut maker = Maker { id, title: &block.title, rst, problems: Vec::new() };
    let mut display = Vec::new();
    let prompt = &exercise.prompt;
    match &exercise.interaction {
        Interaction::Choice(choice) => {
            let right = match &exercise.key {
                Some(Key::Choice { correct }) => correct.iter().copied().collect(),
                _ => Vec::new(),
            };
            let shuffle = choice.shuffle;
            let problem = maker.choice(&choice.options, choice.cardinality, &right, shuffle, choice.shown);
            maker.add(prompt, problem);
        }
        Interaction::InlineChoice(inline) => {
            let problem = maker.choice(&inline.options, Cardinality::Single, &[], false, None);
            maker.add(prompt, problem);
        }
        Interaction::TextEntry(_) | Interaction::Numeric(_) | Interaction::Formula(_) => {
            maker.add(prompt, line(false));
        }
        Interaction::Order(order) => {
            // Sorted by what they say: the order in the source may be the solution.
            display = (0..order.items.len()).collect();
            display.sort_by_key(|n| order.items.get(*n).map(Markup::plain));
            let items: String = display
                .iter()
                .filter_map(|n| order.items.get(*n))
                .map(|item| format!("<li>{item}</li>"))
                .collect();
            let how = "<p><em>Write the numbers in the right order, separated by spaces.</em></p>";
            let shown = prompt.then(&Markup::from_html(format!("<ol>{items}</ol>{how}")));
            maker.add(&shown, line(false));
        }
        Interaction::Gap(gap) => {
            let shown = prompt.then(&numbered(&gap.segments));
            let gaps = gap.segments.iter().filter(|s| !matches!(s, GapSegment::Text { .. }));
            for (n, segment) in gaps.enumerate() {
                let label = Markup::from_html(format!("<p>({})</p>", n + 1));
                let header = if n == 0 { shown.then(&label) } else { label };
                let problem = match segment {
                    GapSegment::Choice { options } => {
                        let options: Vec<ChoiceOption> =
                            options.iter().map(|o| ChoiceOption::new(Markup::from_text(o))).collect();
                        maker.choice(&options, Cardinality::Single, &[], false, None)
                    }
                    _ => line(true),
                };
                maker.add(&header, problem);
            }
        }
        Interaction::Match(pairs) => {
            let options: Vec<ChoiceOption> =
                pairs.targets.iter().map(|t| ChoiceOption::new(t.clone())).collect();
            for (n, source) in pairs.sources.iter().enumerate() {
                let header = if n == 0 { prompt.then(source) } else { source.clone() };
                let problem = maker.choice(&options, Cardinality::Single, &[], true, None);
                maker.add(&header, problem);
            }
        }
        Interaction::Table(TableInteraction { description, rows, columns, cardinality, .. }) => {
            let options: Vec<ChoiceOption> = columns.iter().map(|c| ChoiceOption::new(c.clone())).collect();
            for (n, row) in rows.iter().enumerate() {
                let header = if n == 0 { prompt.then(description).then(row) } else { row.clone() };
                let problem = maker.choice(&options, *cardinality, &[], false, None);
                maker.add(&header, problem);
            }
        }
        Interaction::Code(code) => {
            let shown = prompt.then(&samples(code));
            maker.add(&shown, program(code));
        }
        Interaction::ExtendedText(_) => {
            maker.add(prompt, object(json!({"type": "code", "language": "plain"})))
        }
        Interaction::FileUpload(file) => {
            let mut problem = object(json!({"type": "file", "allowed_exts": file.extensions}));
            if let Some(size) = file.max_bytes {
                problem.insert("max_size".into(), json!(size));
            }
            maker.add(prompt, problem);
        }
        // A kind that is newer than this code; it has no problems and is never answered.
        _ => {}
    }
    let problems = maker.problems;
    let graded = Graded {
        id: id.to_owned(),
        title: block.title.clone(),
        problems: problems.iter().map(|(id, _)| id.clone()).collect(),
        display,
        messages: messages(exercise, rst),
        exercise: named(exercise, files),
    };
    Shown { problems, graded }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A box for one line.
fn line(optional: bool) -> Map<String, Value> {
    let mut problem = object(json!({"type": "code_single_line", "language": "plain"}));
    if optional {
        problem.insert("optional".into(), json!(true));
    }
    problem
}

fn program(code: &CodeInteraction) -> Map<String, Value> {
    let kind = if code.single_line { "code_single_line" } else { "code" };
    let mut problem = object(json!({"type": kind, "language": "python"}));
    if let Some(language) = code.languages.first()
        && !language.template.is_empty()
    {
        problem.insert("default".into(), json!(language.template));
    }
    if code.optional {
        problem.insert("optional".into(), json!(true));
    }
    problem
}

/// The tests that learners see.
fn samples(code: &CodeInteraction) -> Markup {
    let html: String = code
        .samples
        .iter()
        .map(|sample| {
            format!(
                "<p>Sample input:</p><pre>{}</pre><p>Sample output:</p><pre>{}</pre>",
                escape(sample.input.trim_end()),
                escape(sample.output.trim_end())
            )
        })
        .collect();
    Markup::from_html(html)
}

struct Maker<'a> {
    id: &'a str,
    title: &'a str,
    rst: &'a dyn Fn(&Markup) -> String,
    problems: Vec<(String, Map<String, Value>)>,
}

impl Maker<'_> {
    fn add(&mut self, header: &Markup, problem: Map<String, Value>) {
        let n = self.problems.len() + 1;
        let id = if n == 1 { self.id.to_owned() } else { format!("{}-{n}", self.id) };
        let mut whole = Map::new();
        for (key, value) in &problem {
            whole.insert(key.clone(), value.clone());
        }
        whole.insert("name".into(), json!(if n == 1 { self.title } else { "" }));
        whole.insert("header".into(), json!((self.rst)(header)));
        self.problems.push((id, whole));
    }

    fn choice(
        &self,
        options: &[ChoiceOption],
        cardinality: Cardinality,
        right: &[usize],
        shuffle: bool,
        shown: Option<u32>,
    ) -> Map<String, Value> {
        // INGInious refuses a choice in which nothing is valid; who is right the script decides.
        let right = if right.is_empty() { &[0] } else { right };
        let choices: Vec<Value> = options
            .iter()
            .enumerate()
            .map(|(n, option)| {
                let mut choice = object(json!({"text": (self.rst)(&option.text)}));
                if right.contains(&n) {
                    choice.insert("valid".into(), json!(true));
                }
                Value::from(choice)
            })
            .collect();
        let mut problem =
            object(json!({"type": "multiple_choice", "choices": choices, "limit": shown.unwrap_or(0)}));
        if cardinality == Cardinality::Multiple {
            problem.insert("multiple".into(), json!(true));
        }
        if !shuffle {
            problem.insert("unshuffle".into(), json!(true));
        }
        problem
    }
}

fn messages(exercise: &Exercise, rst: &dyn Fn(&Markup) -> String) -> Messages {
    let options: Vec<String> = match &exercise.interaction {
        Interaction::Choice(choice) => choice.options.iter().map(|o| rst(&o.feedback)).collect(),
        _ => Vec::new(),
    };
    let options = if options.iter().all(String::is_empty) { Vec::new() } else { options };
    Messages {
        correct: rst(&exercise.feedback.correct),
        incorrect: rst(&exercise.feedback.incorrect),
        options,
    }
}

/// The exercise with the files named as on the target.
fn named(exercise: &Exercise, files: &dyn Fn(&Markup) -> Markup) -> Exercise {
    let mut exercise = exercise.clone();
    let mut change = |markup: &mut Markup| *markup = files(markup);
    change(&mut exercise.prompt);
    change(&mut exercise.feedback.correct);
    change(&mut exercise.feedback.incorrect);
    match &mut exercise.interaction {
        Interaction::Choice(choice) => choice.options.iter_mut().for_each(|option| {
            change(&mut option.text);
            change(&mut option.feedback);
        }),
        Interaction::Match(pairs) => {
            pairs.sources.iter_mut().for_each(&mut change);
            pairs.targets.iter_mut().for_each(&mut change);
        }
        Interaction::Order(order) => order.items.iter_mut().for_each(change),
        Interaction::Gap(gap) => gap.segments.iter_mut().for_each(|segment| {
            if let GapSegment::Text { markup } = segment {
                change(markup);
            }
        }),
        Interaction::Table(table) => {
            change(&mut table.description);
            table.rows.iter_mut().for_each(&mut change);
            table.columns.iter_mut().for_each(&mut change);
        }
        _ => {}
    }
    exercise
}
