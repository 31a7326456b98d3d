//! Problems as learners meet them.

use async_trait::async_trait;
use lms_core::{
    CourseId, Error, Markup, Page, Paged, Part, Platform, Result, Support, Task, TaskId, TaskQuery, TaskRef,
    TaskSummary, TaskSupport, Tasks,
};
use lms_http::{Method, RequestBuilder, Route, Safety};

use crate::OpenEdx;
use crate::keys::{CourseKey, Usage};
use crate::outline::{Depth, OutlineQuery};
use crate::problem_page::ProblemPage;
use crate::wire::{Blocks, ProblemAnswer};

#[async_trait]
impl Tasks for OpenEdx {
    fn support(&self) -> TaskSupport {
        TaskSupport { list: Support::Native, get: Support::Native }
    }

    /// Calls `GET /api/courses/v1/blocks/`, once for the whole course. Drag-and-drop and open response tasks are in it
    /// under their whole keys, with the platform's name as their kind.
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
    /// answered (reference openedx.md 3.10). Of a task that is no capa problem the name is told, by
    /// `GET /api/courses/v1/blocks/{usage}`: it has no parts, and its kind is the platform's own.
    async fn get(&self, task: &TaskRef) -> Result<Task> {
        let usage = CourseKey::problem(task)?;
        if let Some(kind) = foreign(&usage) {
            return self.foreign_task(task, &usage, kind).await;
        }
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
    async fn foreign_task(&self, task: &TaskRef, usage: &str, kind: &'static str) -> Result<Task> {
        let query = OutlineQuery {
            root: Some(usage.into()),
            depth: Depth::Levels(0),
            fields: vec!["weight".into()],
            ..OutlineQuery::default()
        };
        let found = self.outline(&task.course, &query).await?;
        let block = found.blocks.get(&found.root);
        Ok(Task {
            summary: TaskSummary {
                id: task.task.clone(),
                title: block.and_then(|block| block.title.clone()).unwrap_or_default(),
                kinds: vec![kind.to_owned()],
                points: block.and_then(|block| block.fields.get("weight")?.as_f64()),
                status: None,
            },
            statement: Markup::default(),
            parts: Vec::new(),
            attempts_left: None,
        })
    }

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
            .operation(match action {
                "problem_get" => "tasks.get",
                "problem_check" => "submissions.submit",
                "problem_save" => "problems.save",
                "problem_reset" => "problems.reset",
                "problem_show" => "problems.show",
                _ => "problems.hint",
            })
            .resource(&task.task)
            .form(&[]))
    }
}

/// Graded blocks whose tasks are their own: they are named, not answered (reference openedx.md 3.10).
const FOREIGN: [&str; 2] = ["drag-and-drop-v2", "openassessment"];

/// The type of a block that is such a task.
pub(crate) fn foreign(usage: &str) -> Option<&'static str> {
    let kind = Usage::parse(usage).ok()?.kind;
    FOREIGN.into_iter().find(|known| *known == kind)
}

/// Problems in the order of the course.
fn collect(tree: &Blocks, id: &str, depth: usize, problems: &mut Vec<TaskSummary>) {
    let Some(block) = tree.blocks.get(id).filter(|_| depth < 40) else { return };
    let own = FOREIGN.contains(&block.kind.as_str());
    if block.kind == "problem" || own {
        problems.push(TaskSummary {
            id: TaskId::from(if own { id } else { block.block_id.as_str() }),
            title: block.display_name.clone().unwrap_or_default(),
            kinds: vec![block.kind.clone()],
            points: block.weight,
            status: None,
        });
    }
    for child in &block.children {
        collect(tree, child, depth + 1, problems);
    }
}
