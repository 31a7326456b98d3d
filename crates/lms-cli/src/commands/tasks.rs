//! `lms tasks`.

use futures::TryStreamExt;
use lms_core::{Course, LmsProviderExt, TaskId, TaskQuery, TaskSummary};

use crate::args::Tasks;
use crate::exit::{DONE, Failure};
use crate::{open, output};

pub(crate) async fn run(args: Tasks) -> Result<u8, Failure> {
    let opened = open::course(&args.locator).await?;
    let tasks: Vec<TaskSummary> = match opened.provider.tasks() {
        Some(tasks) => tasks.list(&opened.course, TaskQuery::default())?.items().try_collect().await?,
        // Folders and archives have no learners, but they have tasks.
        None => of_course(&opened.provider.require_courses()?.content(&opened.course).await?.course),
    };
    if args.json {
        output::json(&tasks)?;
    } else {
        let rows: Vec<_> = tasks
            .iter()
            .map(|task| {
                let points = task.points.map_or("–".to_owned(), |points| points.to_string());
                vec![task.id.to_string(), task.kinds.join(", "), points, task.title.clone()]
            })
            .collect();
        output::text(&output::table(&rows))?;
    }
    Ok(DONE)
}

/// Exercises that share a task make one.
fn of_course(course: &Course) -> Vec<TaskSummary> {
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
