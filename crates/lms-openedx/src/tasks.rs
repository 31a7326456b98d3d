//! Problems as learners meet them.

use async_trait::async_trait;
use lms_core::{
    CourseId, Error, Page, Paged, Part, Platform, Result, Support, Task, TaskId, TaskQuery, TaskRef,
    TaskSummary, TaskSupport, Tasks,
};
use lms_http::{Method, RequestBuilder, Route, Safety};

use crate::OpenEdx;
use crate::keys::CourseKey;
use crate::problem_page::ProblemPage;
use crate::wire::{Blocks, ProblemAnswer};

#[async_trait]
impl Tasks for OpenEdx {
    fn support(&self) -> TaskSupport {
        TaskSupport { list: Support::Native, get: Support::Native }
    }

    /// Calls `GET /api/courses/v1/blocks/`, once for the whole course.
    fn list(&self, course: &CourseId, query: TaskQuery) -> Result<Paged<TaskSummary>> {
        let TaskQuery { from } = query;
        if from.is_some() {
            return Err(Error::unsupported(Platform::OpenEdx, "tasks.list from a place"));
        }
        let (site, course) = (self.clone(), course.clone());
        Ok(Paged::new(None, move |_| {
            let (site, course) = (site.clone(), course.clone());
            async move {
                let tree = site.blocks(&course, "username", &site.username().await?).await?;
                let mut problems = Vec::new();
                collect(&tree, &tree.root, 0, &mut problems);
                Ok(Page::last(problems))
            }
        }))
    }

    /// Calls the problem's handler `problem_get` and reads the page: nothing else tells what is to be
    /// answered (reference openedx.md 3.10).
    async fn get(&self, task: &TaskRef) -> Result<Task> {
        let usage = CourseKey::problem(task)?;
        let answer: ProblemAnswer =
            self.handler(task, &usage, "problem_get", Safety::Read).await?.send_json().await?;
        let page = ProblemPage::read(&answer, &usage)?;
        let parts = page
            .inputs
            .iter()
            .map(|input| Part { block: input.id.as_str().into(), exercise: input.exercise(&task.task) });
        Ok(Task {
            summary: TaskSummary {
                id: task.task.clone(),
                title: page.title.clone(),
                kinds: page.inputs.iter().map(|input| input.kind().to_owned()).collect(),
                points: answer.total_possible.filter(|points| *points > 0.0),
                status: None,
            },
            statement: page.statement.clone(),
            parts: parts.collect(),
            attempts_left: page.attempts_left(answer.attempts_used),
        })
    }
}

impl OpenEdx {
    /// A call of a problem's handler. With a token no CSRF token is asked for (seen on a real LMS).
    pub(crate) async fn handler(
        &self,
        task: &TaskRef,
        usage: &str,
        action: &'static str,
        safety: Safety,
    ) -> Result<RequestBuilder> {
        let route = Route::new("/courses/{course}/xblock/{usage}/handler/xmodule_handler/{action}")
            .id(&task.course)
            .id(usage)
            .word(action);
        Ok(self
            .lms()
            .request(Method::Post, route, safety)
            .operation(if action == "problem_get" { "tasks.get" } else { "submissions.submit" })
            .resource(&task.task)
            .form(&[]))
    }
}

/// Problems in the order of the course.
fn collect(tree: &Blocks, id: &str, depth: usize, problems: &mut Vec<TaskSummary>) {
    let Some(block) = tree.blocks.get(id).filter(|_| depth < 40) else { return };
    if block.kind == "problem" {
        problems.push(TaskSummary {
            id: TaskId::from(block.block_id.as_str()),
            title: block.display_name.clone().unwrap_or_default(),
            kinds: vec!["problem".into()],
            points: block.weight,
            status: None,
        });
    }
    for child in &block.children {
        collect(tree, child, depth + 1, problems);
    }
}
