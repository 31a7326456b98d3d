//! `lms tasks`.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use lms_core::{Course, Error, LmsProviderExt, TaskId, TaskQuery, TaskSummary};

use super::sheet::{Cells, FormArgs, show};
use crate::exit::{DONE, Failure};
use crate::{open, output};

/// The command's own arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Tasks {
    /// The course.
    locator: String,
    /// Only tasks answered in this way, such as `choice`.
    #[arg(long)]
    kind: Option<String>,
    /// No more than this many.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
    /// One JSON document on each line, while they come in.
    #[arg(long, conflicts_with = "json")]
    jsonl: bool,
}

impl Cells for TaskSummary {
    const COLUMNS: &'static [&'static str] = &["task", "kind", "points", "title"];

    fn cells(&self) -> Vec<String> {
        let points = self.points.map_or(String::new(), |points| points.to_string());
        vec![self.id.to_string(), self.kinds.join(", "), points, self.title.clone()]
    }
}

pub(crate) async fn run(args: Tasks, quiet: bool) -> Result<u8, Failure> {
    let Tasks { locator, kind, limit, json, jsonl } = args;
    let opened = open::course(&locator).await?;
    let tasks: BoxStream<'_, Result<TaskSummary, Error>> = match opened.provider.tasks() {
        Some(tasks) => tasks.list(&opened.course, TaskQuery::default())?.items().boxed(),
        // Folders and archives have no learners, but they have tasks.
        None => {
            let content = opened.provider.require_courses()?.content(&opened.course).await?;
            stream::iter(of_course(&content.course).into_iter().map(Ok)).boxed()
        }
    };
    // Kinds that were seen: what to say where none is the wanted one.
    let seen = Mutex::new(BTreeSet::new());
    let wanted = |task: &TaskSummary| {
        let Some(kind) = &kind else { return true };
        seen.lock().unwrap_or_else(PoisonError::into_inner).extend(task.kinds.iter().cloned());
        task.kinds.contains(kind)
    };
    let tasks = tasks.try_filter(|task| std::future::ready(wanted(task))).take(limit.unwrap_or(usize::MAX));
    let mut tasks = tasks.boxed();
    if jsonl {
        let mut any = false;
        while let Some(task) = tasks.try_next().await? {
            output::json_line(&task)?;
            any = true;
        }
        drop(tasks);
        none_of_kind(kind.as_deref().filter(|_| !any && !quiet), seen);
        return Ok(DONE);
    }
    let tasks: Vec<TaskSummary> = tasks.try_collect().await?;
    none_of_kind(kind.as_deref().filter(|_| tasks.is_empty() && !quiet), seen);
    if json {
        output::json(&tasks)?;
    } else {
        show(FormArgs::default(), stream::iter(tasks.into_iter().map(Ok))).await?;
    }
    Ok(DONE)
}

/// Says which kinds there are, so that a slip is seen.
fn none_of_kind(wanted: Option<&str>, seen: Mutex<BTreeSet<String>>) {
    let seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    let Some(kind) = wanted.filter(|_| !seen.is_empty()) else { return };
    let seen: Vec<String> = seen.into_iter().collect();
    output::note(&format!("lms: no task is of the kind {kind}; there are {}", seen.join(", ")));
}

/// Exercises that share a task make one.
pub(crate) fn of_course(course: &Course) -> Vec<TaskSummary> {
    let mut tasks: Vec<TaskSummary> = Vec::new();
    let mut last: Option<TaskId> = None;
    for place in course.blocks() {
        let Some(exercise) = place.block.1.exercise() else { continue };
        let kind = exercise.interaction.name().to_owned();
        if last.as_ref() == Some(&exercise.task)
            && let Some(task) = tasks.last_mut()
        {
            task.kinds.push(kind);
            task.points = task.points.map(|points| points + exercise.scoring.points);
            continue;
        }
        last = Some(exercise.task.clone());
        let title = if place.block.1.title.is_empty() { &place.step.1.title } else { &place.block.1.title };
        tasks.push(TaskSummary {
            id: exercise.task.clone(),
            title: title.clone(),
            kinds: vec![kind],
            points: Some(exercise.scoring.points),
            status: None,
        });
    }
    tasks
}
