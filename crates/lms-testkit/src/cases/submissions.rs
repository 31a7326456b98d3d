//! Answering tasks.

use futures::TryStreamExt;
use lms_core::{
    EnrollOptions, Error, ErrorKind, Interaction, LmsProviderExt, Patience, Response, Result, Subject,
    SubmissionState, SubmissionsExt, Task, TaskAnswer, TaskQuery, TaskRef,
};

use super::{ensure, refused};
use crate::World;

/// Enrolls the learner and finds the one question.
async fn question(world: &World) -> Result<(TaskRef, Task)> {
    let course = world.seed.courses[0].clone();
    world.learner.require_enrollments()?.enroll(&course, &Subject::Me, &EnrollOptions::default()).await?;
    let tasks = world.learner.require_tasks()?;
    let found: Vec<_> = tasks.list(&course, TaskQuery::default())?.items().try_collect().await?;
    ensure(found.len() == 1, format!("{} tasks were found, not one", found.len()))?;
    let place = TaskRef { course, task: found[0].id.clone() };
    let task = tasks.get(&place).await?;
    ensure(task.parts.len() == 1, "the task has another number of parts than one")?;
    ensure(task.parts[0].exercise.key.is_none(), "a learner is told what is right")?;
    Ok((place, task))
}

fn pick(task: &Task, says: &str) -> Result<TaskAnswer> {
    let part = &task.parts[0];
    let Interaction::Choice(choice) = &part.exercise.interaction else {
        return Err(Error::new(ErrorKind::Conflict, "the question is no choice"));
    };
    let option = choice.options.iter().position(|option| option.text.plain() == says);
    let option = option.ok_or_else(|| Error::new(ErrorKind::Conflict, format!("no option says {says}")))?;
    Ok(TaskAnswer::one(part.block.clone(), Response::choice(option)))
}

pub(super) async fn right_and_wrong(world: World) -> Result<()> {
    for (says, correct) in [(world.seed.wrong, false), (world.seed.right, true)] {
        // A platform may show a task anew for each try.
        let (place, task) = question(&world).await?;
        let submissions = world.learner.require_submissions()?;
        let judged = submissions.submit_and_wait(&place, &pick(&task, says)?, Patience::default()).await?;
        ensure(judged.state == SubmissionState::Judged, format!("{says}: not judged"))?;
        let verdict =
            judged.verdict.ok_or_else(|| Error::new(ErrorKind::Conflict, "judged without verdict"))?;
        ensure(verdict.correct == correct, format!("{says} was judged {}", verdict.correct))?;
        ensure(
            (verdict.score - f64::from(u8::from(correct))).abs() < 1e-9,
            format!("the score is {}", verdict.score),
        )?;
    }
    Ok(())
}

pub(super) async fn misfit_is_refused(world: World) -> Result<()> {
    let (place, task) = question(&world).await?;
    let writes = world.log.writes();
    let block = task.parts[0].block.clone();
    let submissions = world.learner.require_submissions()?;
    for answer in [
        TaskAnswer::one(block.clone(), Response::choice(99)),
        TaskAnswer::one(block, Response::text("42")),
        TaskAnswer::one("no-such-part", Response::choice(0)),
    ] {
        refused(
            submissions.submit(&place, &answer).await,
            &[ErrorKind::InvalidInput],
            "an answer that does not fit",
        )?;
    }
    // Looking at the problem is a POST on Open edX; grading is not to be asked for.
    let graded = world.log.entries().iter().skip(writes).filter(|e| e.path.contains("problem_check")).count();
    ensure(graded == 0, "the answer was sent to be graded")
}
