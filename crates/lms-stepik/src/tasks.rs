//! Quizzes as learners meet them (reference stepik.md 3.7, 3.9, 4).

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use lms_core::{
    BlockId, CourseId, Cursor, Error, Exercise, Feedback, Grader, Markup, Page, Paged, Part, Platform,
    Result, Support, Task, TaskId, TaskQuery, TaskRef, TaskStatus, TaskSummary, TaskSupport, Tasks,
};
use tokio::sync::OnceCell;

use crate::Stepik;
use crate::convert::{Losses, asks_anew, has_dataset, offer, read_step, view};
use crate::objects::{BATCH, number};
use crate::tree::texts;
use crate::wire::{Progress, Step};

const LIST: &str = "tasks.list";
const GET: &str = "tasks.get";

/// The step of a task. The second copy of a lesson calls its tasks `STEP@UNIT`.
pub(crate) fn step_of(task: &str) -> Result<u64> {
    number(task.split_once('@').map_or(task, |(step, _)| step), "task")
}

/// A quiz as it was shown, or would be.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// The native kind.
    pub(crate) name: String,
    /// What is answered; `None` for kinds without neutral form.
    pub(crate) exercise: Option<Exercise>,
    /// What is asked.
    pub(crate) prompt: Markup,
}

#[async_trait]
impl Tasks for Stepik {
    fn support(&self) -> TaskSupport {
        TaskSupport { list: Support::Native, get: Support::Native }
    }

    /// Steps have no titles, so tasks have none.
    fn list(&self, course: &CourseId, query: TaskQuery) -> Result<Paged<TaskSummary>> {
        let TaskQuery { from } = query;
        let course = number(course.as_str(), "course")?;
        let this = self.clone();
        let steps: Arc<OnceCell<Vec<u64>>> = Arc::default();
        Ok(Paged::new(from, move |at| {
            let (this, steps) = (this.clone(), steps.clone());
            async move {
                let steps = steps
                    .get_or_try_init(|| async { Ok::<_, Error>(this.tree(LIST, course).await?.steps()) })
                    .await?;
                let begin = match &at {
                    None => 0,
                    Some(at) => number(at.as_str(), "place in a list of tasks")? as usize,
                };
                let batch: Vec<u64> = steps.iter().skip(begin).take(BATCH).copied().collect();
                let end = begin + batch.len();
                let items = this.summaries(&batch).await?;
                let next = (end < steps.len() && !batch.is_empty()).then(|| Cursor::new(end.to_string()));
                Ok(Page { items, next, total: None })
            }
        }))
    }

    /// For learners, options come with an attempt: one is begun where none is open.
    async fn get(&self, task: &TaskRef) -> Result<Task> {
        let step = step_of(task.task.as_str())?;
        let shown = self.show(GET, step).await?;
        self.memory().shown.insert(step, shown.clone());
        let attempts = shown.exercise.as_ref().and_then(|exercise| exercise.scoring.attempts);
        let attempts_left = match attempts {
            None => None,
            Some(most) => {
                let sent = self.own_submissions(GET, step, None).await?.1.len();
                Some(most.saturating_sub(u32::try_from(sent).unwrap_or(u32::MAX)))
            }
        };
        let summary = self.summaries(&[step]).await?.into_iter().next().unwrap_or_else(|| TaskSummary {
            id: task.task.clone(),
            title: String::new(),
            kinds: vec![shown.name.clone()],
            points: shown.exercise.as_ref().map(|exercise| exercise.scoring.points),
            status: None,
        });
        let points = summary.points;
        let parts: Vec<Part> = shown
            .exercise
            .into_iter()
            .map(|mut exercise| {
                exercise.scoring.points = points.unwrap_or(exercise.scoring.points);
                Part { block: BlockId::from(task.task.as_str()), exercise }
            })
            .collect();
        let statement = if parts.is_empty() { shown.prompt } else { Markup::default() };
        Ok(Task {
            summary: TaskSummary { id: task.task.clone(), ..summary },
            statement,
            parts,
            attempts_left,
        })
    }
}

impl Stepik {
    async fn summaries(&self, steps: &[u64]) -> Result<Vec<TaskSummary>> {
        let found: Vec<Step> = self.many(LIST, "steps", &texts(steps), |s: &Step| s.id.to_string()).await?;
        let quizzes: Vec<Step> = found.into_iter().filter(Step::is_quiz).collect();
        // 77 is the type of a step in composite ids (reference stepik.md 2.7).
        let ids: Vec<String> = quizzes.iter().map(|step| format!("77-{}", step.id)).collect();
        let progress: Vec<Progress> =
            self.many(LIST, "progresses", &ids, |p: &Progress| p.id.clone()).await?;
        let progress: HashMap<String, Progress> = progress.into_iter().map(|p| (p.id.clone(), p)).collect();
        Ok(quizzes
            .into_iter()
            .map(|step| {
                let progress = progress.get(&format!("77-{}", step.id));
                TaskSummary {
                    id: TaskId::from(step.id),
                    title: String::new(),
                    kinds: vec![step.name().to_owned()],
                    points: progress.and_then(|p| p.cost).or(step.cost),
                    status: progress.map(|p| match (p.is_passed, p.is_attempted) {
                        (true, _) => TaskStatus::Passed,
                        (false, true) => TaskStatus::Attempted,
                        (false, false) => TaskStatus::NotAttempted,
                    }),
                }
            })
            .collect())
    }

    /// A quiz without its answers: in the author's order where the account may see it, else in that of
    /// the texts.
    pub(crate) async fn show(&self, operation: &'static str, id: u64) -> Result<Shown> {
        let source = self.sources(operation, &[id]).await?.remove(&id);
        if let Some(step) = &source {
            let read = read_step(self.site(), &BlockId::from(id), step, &mut Losses::default());
            if let Some(exercise) = read.exercise().filter(|_| !asks_anew(step.name())) {
                return Ok(Shown {
                    name: step.name().to_owned(),
                    prompt: exercise.prompt.clone(),
                    exercise: Some(without_answers(exercise)),
                });
            }
        }
        let step: Step = match source {
            Some(step) => step,
            None => self.one(operation, "steps", id).await?,
        };
        if !step.is_quiz() {
            return Err(Error::invalid("nothing is answered in this step")
                .at(Platform::Stepik, operation)
                .on(id));
        }
        let dataset = match has_dataset(step.name()) {
            true => offer(&self.attempt(operation, id, step.name()).await?),
            false => Default::default(),
        };
        let prompt = self.site().read(crate::wire::get::text(&step.block, "text"));
        Ok(Shown { name: step.name().to_owned(), exercise: view(self.site(), &step, &dataset), prompt })
    }
}

/// Positions stay those of the source: only those who may see the source get here.
fn without_answers(exercise: &Exercise) -> Exercise {
    let mut exercise = exercise.clone();
    exercise.key = None;
    exercise.feedback = Feedback::default();
    exercise.grader = Grader::default();
    if let lms_core::Interaction::Choice(choice) = &mut exercise.interaction {
        for option in &mut choice.options {
            (option.feedback, option.feedback_unselected) = Default::default();
        }
    }
    exercise
}
