//! `lms task`: a task as a learner meets it.

use std::fmt::Write as _;

use lms_core::{
    ChoiceOption, Content, Error, ErrorKind, GapSegment, Interaction, LmsProviderExt, Markup, Part, Task,
    TaskId, TaskRef, TaskStatus,
};

use crate::commands::people::counted;
use crate::commands::submit::answer::flags;
use crate::commands::submit::verdict::spoken_points;
use crate::commands::tasks::of_course;
use crate::exit::{DONE, Failure};
use crate::html::{printable, to_line, to_text};
use crate::terminal::{self, Paint};
use crate::{open, output};

/// The command's own arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct ShowTask {
    /// The course.
    locator: String,
    /// The task, as `lms tasks` lists it.
    task: String,
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: ShowTask) -> Result<u8, Failure> {
    let opened = open::course(&args.locator).await?;
    let id = TaskId::from(args.task.as_str());
    let task = match opened.provider.tasks() {
        Some(tasks) => {
            tasks.get(&TaskRef { course: opened.course.clone(), task: id.clone() }).await.map_err(|e| {
                let advice = format!("`lms tasks {}` lists the tasks.", args.locator);
                if e.kind() == ErrorKind::NotFound { Failure::Advised(e, advice) } else { e.into() }
            })?
        }
        // Folders and archives have no learners, but they have tasks.
        None => {
            let content = opened.provider.require_courses()?.content(&opened.course).await?;
            of_content(&content, &id).ok_or_else(|| {
                let error = Error::new(ErrorKind::NotFound, "the course has no such task").on(&id);
                Failure::Advised(error, format!("`lms tasks {}` lists the tasks.", args.locator))
            })?
        }
    };
    if args.json {
        output::json(&task)?;
    } else {
        let mut text = text(&task, terminal::width().min(100));
        // Folders and archives take no answers.
        if opened.provider.submissions().is_some() && task.attempts_left != Some(0) {
            let screen = terminal::stdout();
            // One line, also where it is longer than the window: it is there to be copied.
            let how = format!("To answer: lms submit {} {} {}", args.locator, args.task, flags(&task));
            let _ = writeln!(text, "\n{}", screen.paint(Paint::Dim, &how));
        }
        output::text(&text)?;
    }
    Ok(DONE)
}

fn of_content(content: &Content, id: &TaskId) -> Option<Task> {
    let summary = of_course(&content.course).into_iter().find(|task| task.id == *id)?;
    let parts = content.course.blocks().filter_map(|place| {
        let exercise = place.block.1.exercise().filter(|exercise| exercise.task == *id)?;
        Some(Part { block: place.block.1.id.clone(), exercise: exercise.clone() })
    });
    Some(Task { summary, statement: Markup::default(), parts: parts.collect(), attempts_left: None })
}

fn text(task: &Task, width: usize) -> String {
    let screen = terminal::stdout();
    let title = if task.summary.title.is_empty() { "(no title)" } else { &task.summary.title };
    let mut text = format!("{}  [{}]\n", screen.paint(Paint::Strong, &printable(title)), task.summary.id);
    let mut facts = Vec::new();
    if let Some(points) = task.summary.points {
        facts.push(spoken_points(points));
    }
    if let Some(left) = task.attempts_left {
        facts.push(format!("{} left", counted(u64::from(left), "try", "tries")));
    }
    facts.extend(task.summary.status.map(|status| status_name(status).to_owned()));
    if !facts.is_empty() {
        let _ = writeln!(text, "{}", facts.join(" · "));
    }
    paragraph(&mut text, &task.statement, width);
    for (number, part) in task.parts.iter().enumerate() {
        let heading = match task.parts.len() {
            1 => part.exercise.interaction.name().to_owned(),
            _ => format!("{}. {}  [{}]", number + 1, part.exercise.interaction.name(), part.block),
        };
        let _ = writeln!(text, "\n{}", screen.paint(Paint::Dim, &heading));
        paragraph(&mut text, &part.exercise.prompt, width);
        interaction(&mut text, &part.exercise.interaction, width);
        for hint in &part.exercise.hints {
            let _ = writeln!(text, "hint: {}", to_line(hint));
        }
    }
    text
}

/// Where a learner stands, in words.
pub(crate) fn status_name(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::NotAttempted => "not tried",
        TaskStatus::Attempted => "tried",
        TaskStatus::Passed => "passed",
    }
}

fn paragraph(text: &mut String, markup: &Markup, width: usize) {
    if !markup.is_empty() {
        let _ = writeln!(text, "{}", to_text(markup, width));
    }
}

/// What there is to choose from, numbered as `lms submit` takes it.
fn interaction(text: &mut String, interaction: &Interaction, width: usize) {
    let mut numbered = |title: &str, items: &mut dyn Iterator<Item = &Markup>| {
        let mut items = items.enumerate().peekable();
        if items.peek().is_some() && !title.is_empty() {
            let _ = writeln!(text, "{title}:");
        }
        for (number, item) in items {
            let item = to_text(item, width.saturating_sub(6)).replace('\n', "\n      ");
            let _ = writeln!(text, "  {:2}. {item}", number + 1);
        }
    };
    fn options(options: &[ChoiceOption]) -> impl Iterator<Item = &Markup> {
        options.iter().map(|option| &option.text)
    }
    match interaction {
        Interaction::Choice(choice) => numbered("", &mut options(&choice.options)),
        Interaction::InlineChoice(choice) => numbered("", &mut options(&choice.options)),
        Interaction::Match(pairs) => {
            numbered("pair each of these", &mut pairs.sources.iter());
            numbered("with one of these", &mut pairs.targets.iter());
        }
        Interaction::Order(order) => numbered("put in order", &mut order.items.iter()),
        Interaction::Table(table) => {
            numbered("rows", &mut table.rows.iter());
            numbered("columns", &mut table.columns.iter());
        }
        Interaction::Gap(gap) => gaps(text, &gap.segments, width),
        Interaction::TextEntry(entry) => unit(text, &entry.suffix),
        Interaction::Numeric(entry) => unit(text, &entry.suffix),
        Interaction::Formula(entry) => unit(text, &entry.suffix),
        Interaction::Code(code) => {
            let names: Vec<&str> = code.languages.iter().map(|language| language.name.as_str()).collect();
            if !names.is_empty() {
                let _ = writeln!(text, "languages: {}", names.join(", "));
            }
            for sample in &code.samples {
                let indented = |text: &str| printable(text).trim_end().replace('\n', "\n    ");
                let _ = writeln!(
                    text,
                    "given\n    {}\nprint\n    {}",
                    indented(&sample.input),
                    indented(&sample.output)
                );
            }
        }
        Interaction::FileUpload(file) if !file.extensions.is_empty() => {
            let _ = writeln!(text, "files: {}", file.extensions.join(", "));
        }
        _ => {}
    }
}

fn unit(text: &mut String, suffix: &str) {
    if !suffix.is_empty() {
        let _ = writeln!(text, "____ {}", printable(suffix));
    }
}

fn gaps(text: &mut String, segments: &[GapSegment], width: usize) {
    let mut number = 0;
    let mut line = String::new();
    for segment in segments {
        match segment {
            GapSegment::Text { markup } => line.push_str(&format!(" {} ", to_line(markup))),
            GapSegment::Entry => {
                number += 1;
                line.push_str(&format!("[{number}: ____]"));
            }
            GapSegment::Choice { options } => {
                number += 1;
                line.push_str(&format!("[{number}: {}]", printable(&options.join(" | "))));
            }
        }
    }
    paragraph(text, &Markup::from_text(line.trim()), width);
}
