//! Tasks as learners meet them.

use async_trait::async_trait;
use lms_core::{
    BlockBody, CourseId, Error, ErrorKind, Paged, Part, Platform, Result, Support, Task, TaskId, TaskQuery,
    TaskRef, TaskStatus, TaskSummary, TaskSupport, Tasks,
};
use lms_http::path_segment;

use crate::Inginious;
use crate::convert::api::read_api_task;
use crate::wire::WireTask;

impl Inginious {
    /// All tasks of a course, in the order of their folders (reference inginious.md 4.1).
    pub(crate) async fn wire_tasks(&self, course: &CourseId) -> Result<Vec<WireTask>> {
        let path = format!("/api/v0/courses/{}/tasks", path_segment(course.as_str()));
        self.session().json(|client| client.get(&path).operation("tasks.list").resource(course)).await
    }

    pub(crate) async fn wire_task(&self, task: &TaskRef) -> Result<WireTask> {
        let path = format!(
            "/api/v0/courses/{}/tasks/{}",
            path_segment(task.course.as_str()),
            path_segment(task.task.as_str())
        );
        let found: Vec<WireTask> = self
            .session()
            .json(|client| client.get(&path).operation("tasks.get").resource(&task.task))
            .await?;
        found.into_iter().next().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "the course has no such task")
                .at(Platform::Inginious, "tasks.get")
                .on(&task.task)
        })
    }
}

fn summary(task: &WireTask) -> TaskSummary {
    let status = match task.status.as_str() {
        "notviewed" | "notattempted" => Some(TaskStatus::NotAttempted),
        "failed" => Some(TaskStatus::Attempted),
        "succeeded" => Some(TaskStatus::Passed),
        _ => None,
    };
    let kind = |problem: &serde_json::Value| problem.get("type").and_then(|t| t.as_str()).map(str::to_owned);
    TaskSummary {
        id: TaskId::new(task.id.as_str()),
        title: task.name.clone(),
        kinds: task.problems.iter().filter_map(kind).collect(),
        points: None,
        status,
    }
}

#[async_trait]
impl Tasks for Inginious {
    fn support(&self) -> TaskSupport {
        TaskSupport { list: Support::Native, get: Support::Native }
    }

    fn list(&self, course: &CourseId, query: TaskQuery) -> Result<Paged<TaskSummary>> {
        let TaskQuery { from } = query;
        if from.is_some() {
            return Err(Error::unsupported(Platform::Inginious, "tasks.list").on("from"));
        }
        let (site, course) = (self.clone(), course.clone());
        Ok(Paged::new(None, move |_| {
            let (site, course) = (site.clone(), course.clone());
            async move { Ok(lms_core::Page::last(site.wire_tasks(&course).await?.iter().map(summary).collect())) }
        }))
    }

    async fn get(&self, task: &TaskRef) -> Result<Task> {
        let wire = self.wire_task(task).await?;
        let summary = summary(&wire);
        let (step, _) = read_api_task(task.course.as_str(), &wire);
        let mut made =
            Task { summary, statement: Default::default(), parts: Vec::new(), attempts_left: None };
        for block in step.blocks {
            match block.body {
                BlockBody::Text(text) => made.statement = text.markup,
                BlockBody::Exercise(exercise) => {
                    made.parts.push(Part { block: block.id, exercise: *exercise })
                }
                _ => {}
            }
        }
        Ok(made)
    }
}
