//! Tasks as learners meet them (reference inginious.md 4.2).

use async_trait::async_trait;
use lms_core::{
    BlockBody, CourseId, Error, ErrorKind, Feedback, Markup, Page, Paged, Part, Platform, Result, Support,
    Task, TaskQuery, TaskRef, TaskStatus, TaskSummary, TaskSupport, Tasks,
};
use lms_http::Route;

use crate::view::View;
use crate::{Inginious, wire};

impl Inginious {
    /// `GET /api/v0/courses/COURSE/tasks/TASK`.
    pub(crate) async fn task(&self, operation: &'static str, task: &TaskRef) -> Result<wire::Task> {
        let found: Vec<wire::Task> = self
            .client()
            .get(Route::new("/api/v0/courses/{course}/tasks/{task}").id(&task.course).id(&task.task))
            .operation(operation)
            .resource(format!("task {} of course {}", task.task, task.course))
            .send_json()
            .await?;
        found.into_iter().next().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "there is no such task")
                .at(Platform::Inginious, operation)
                .on(format!("task {} of course {}", task.task, task.course))
        })
    }
}

fn summary(task: &wire::Task) -> TaskSummary {
    TaskSummary {
        id: task.id.as_str().into(),
        title: task.name.clone(),
        kinds: task.problems().map(|problem| problem.kind().to_owned()).collect(),
        points: None,
        status: match task.status.as_str() {
            "notviewed" | "notattempted" => Some(TaskStatus::NotAttempted),
            "failed" => Some(TaskStatus::Attempted),
            "succeeded" => Some(TaskStatus::Passed),
            _ => None,
        },
    }
}

#[async_trait]
impl Tasks for Inginious {
    fn support(&self) -> TaskSupport {
        TaskSupport { list: Support::Native, get: Support::Native }
    }

    /// One request. The order is that of the API, not the teacher's; tasks that are not open are there too.
    fn list(&self, course: &CourseId, query: TaskQuery) -> Result<Paged<TaskSummary>> {
        let TaskQuery { from } = query;
        if from.is_some() {
            return Err(Error::unsupported(Platform::Inginious, "tasks.list from a cursor"));
        }
        let (this, course) = (self.clone(), course.clone());
        Ok(Paged::new(None, move |_| {
            let (this, course) = (this.clone(), course.clone());
            async move {
                let tasks = this.all_tasks("tasks.list", &course).await?;
                Ok(Page::last(tasks.iter().map(summary).collect()))
            }
        }))
    }

    /// Parts are named by the ids of their problems. A problem of a plugin is no part: what can be read
    /// of it stands in the statement.
    async fn get(&self, task: &TaskRef) -> Result<Task> {
        let native = self.task("tasks.get", task).await?;
        let course = task.course.as_str();
        let mut view = View::new(course, &self.course_page(course), std::slice::from_ref(&native));
        let prefix = format!("{}/", native.id);
        let mut statement = Markup::default();
        let mut parts = Vec::new();
        for block in view.step(&native).blocks {
            match block.body {
                BlockBody::Text(text) => statement = statement.then(&text.markup),
                BlockBody::Foreign(foreign) => statement = statement.then(&foreign.readable),
                BlockBody::Exercise(mut exercise) => {
                    // The API tells beforehand what is said afterwards.
                    exercise.feedback = Feedback::default();
                    let id = block.id.as_str();
                    parts.push(Part {
                        block: id.strip_prefix(&prefix).unwrap_or(id).into(),
                        exercise: *exercise,
                    });
                }
                BlockBody::Video(_) | BlockBody::File(_) => {}
            }
        }
        Ok(Task { summary: summary(&native), statement, parts, attempts_left: None })
    }
}
