//! A learner who answers: rightly and wrongly, on a platform, and waits for the verdicts.

use std::collections::BTreeMap;

use lms_core::grade::{Probe, probes};
use lms_core::{
    Course, CourseId, EnrollOptions, Exercise, Interaction, LmsProvider, LmsProviderExt, Patience, Response,
    Result, Subject, SubmissionState, SubmissionsExt, TaskAnswer, TaskId, TaskRef,
};
use lms_migrate::in_terms_of;

/// What came of answering on one platform.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// The platform.
    pub(super) platform: String,
    /// Answers sent.
    pub(super) sent: usize,
    /// Verdicts that are what the key says.
    pub(super) agreed: usize,
    /// Those that are not: where, and what was said.
    pub(super) disagreed: Vec<String>,
    /// Tasks that were not answered, and why.
    pub(super) left: Vec<String>,
}

/// Enrolls the learner in a course and answers each of its tasks, once rightly and once wrongly.
/// `course` is the same course as its author sees it: the keys are in it.
pub(super) async fn answer_all(learner: &dyn LmsProvider, id: &CourseId, course: &Course) -> Result<Answers> {
    let mut answers = Answers { platform: learner.info().platform.to_string(), ..Answers::default() };
    learner.require_enrollments()?.enroll(id, &Subject::Me, &EnrollOptions::default()).await?;
    for (task, parts) in tasks(course) {
        let task = TaskRef { course: id.clone(), task };
        if let Err(why) = answer(learner, &task, &parts, &mut answers).await {
            answers.left.push(format!("{}: {why}", task.task));
        }
    }
    Ok(answers)
}

/// Exercises by the task that they are submitted with, in the order of the course.
fn tasks(course: &Course) -> Vec<(TaskId, Vec<&Exercise>)> {
    let mut tasks: Vec<(TaskId, Vec<&Exercise>)> = Vec::new();
    for place in course.blocks() {
        let Some(exercise) = place.block.1.exercise() else { continue };
        match tasks.iter_mut().find(|(task, _)| *task == exercise.task) {
            Some((_, parts)) => parts.push(exercise),
            None => tasks.push((exercise.task.clone(), vec![exercise])),
        }
    }
    tasks
}

async fn answer(
    learner: &dyn LmsProvider,
    task: &TaskRef,
    parts: &[&Exercise],
    answers: &mut Answers,
) -> Result<(), String> {
    let tried: Vec<Vec<Probe>> = parts.iter().map(|part| probes(part)).collect();
    if tried.iter().any(Vec::is_empty) {
        return Err("its answer can only be marked by the platform".into());
    }
    for right in [true, false] {
        let Some(chosen) = tried
            .iter()
            .map(|probes| probes.iter().find(|p| p.expected.correct == right && is_sendable(&p.response)))
            .collect::<Option<Vec<&Probe>>>()
        else {
            continue;
        };
        let seen = learner.require_tasks().map_err(say)?.get(task).await.map_err(say)?;
        if seen.parts.len() != parts.len() {
            return Err(format!("the learner sees {} parts, the author {}", seen.parts.len(), parts.len()));
        }
        let mut sent = BTreeMap::new();
        for ((part, author), probe) in seen.parts.iter().zip(parts).zip(&chosen) {
            let response =
                in_learners_terms(&author.interaction, &part.exercise.interaction, &probe.response)
                    .ok_or("the learner does not see the options that the author wrote")?;
            sent.insert(part.block.clone(), response);
        }
        let submissions = learner.require_submissions().map_err(say)?;
        let submission =
            submissions.submit_and_wait(task, &TaskAnswer(sent), Patience::default()).await.map_err(say)?;
        // A grader that is not there (run scripts need Python) is no verdict.
        if submission.state == SubmissionState::Failed {
            return Err("the platform's grader could not judge it".into());
        }
        answers.sent += 1;
        match submission.verdict {
            Some(verdict) if verdict.correct == right => answers.agreed += 1,
            Some(verdict) => answers.disagreed.push(format!(
                "{}: a {} answer was judged {} (score {:.2})",
                task.task,
                if right { "right" } else { "wrong" },
                if verdict.correct { "right" } else { "wrong" },
                verdict.score
            )),
            None => answers.disagreed.push(format!("{}: it came back without a verdict", task.task)),
        }
    }
    Ok(())
}

fn say(error: lms_core::Error) -> String {
    error.to_string()
}

/// An answer that every platform takes: nothing left out.
fn is_sendable(response: &Response) -> bool {
    match response {
        Response::Choice { selected } => !selected.is_empty(),
        Response::Text { text } => !text.trim().is_empty(),
        Response::Number { number } => !number.trim().is_empty(),
        Response::Formula { formula } => !formula.trim().is_empty(),
        Response::Match { targets } => targets.iter().all(Option::is_some),
        Response::Gaps { texts } => texts.iter().all(|text| !text.trim().is_empty()),
        Response::Table { rows } => rows.iter().all(|row| row.len() == 1),
        Response::ExtendedText { text } => !text.trim().is_empty(),
        _ => true,
    }
}

/// The learner may be shown options in another order. Where a platform shows no more than a box, it takes
/// what is written.
fn in_learners_terms(author: &Interaction, learner: &Interaction, response: &Response) -> Option<Response> {
    if let Some(same) = in_terms_of(author, learner, response) {
        return Some(same);
    }
    let is_written = matches!(
        response,
        Response::Text { .. }
            | Response::Number { .. }
            | Response::Formula { .. }
            | Response::ExtendedText { .. }
    );
    is_written.then(|| response.clone())
}
