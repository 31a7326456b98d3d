//! Lists courses, enrolls, and answers a task, on whichever platform is compiled in:
//!
//! ```sh
//! cargo run --example learner --no-default-features --features openedx
//! ```

mod support;

use futures::TryStreamExt;
use lms::{
    CourseQuery, EnrollOptions, Interaction, LmsProviderExt, Patience, Response, Subject, SubmissionsExt,
    TaskAnswer, TaskQuery, TaskRef,
};

#[tokio::main]
async fn main() -> lms::Result<()> {
    let site = support::site().await;
    let lms = lms::connect(site.platform, site.learner.clone())?;

    let mut courses = lms.require_courses()?.list(CourseQuery::new())?.items();
    while let Some(course) = courses.try_next().await? {
        println!("{}: “{}” [{}]", site.platform, course.title, course.id);
        lms.require_enrollments()?.enroll(&course.id, &Subject::Me, &EnrollOptions::default()).await?;

        let mut tasks = lms.require_tasks()?.list(&course.id, TaskQuery::default())?.items();
        while let Some(summary) = tasks.try_next().await? {
            let place = TaskRef::new(course.id.clone(), summary.id);
            let task = lms.require_tasks()?.get(&place).await?;
            let mut answer = TaskAnswer::default();
            for part in &task.parts {
                let Interaction::Choice(choice) = &part.exercise.interaction else { continue };
                let right = choice.options.iter().position(|option| option.text.plain() == "42");
                answer.0.insert(part.block.clone(), Response::choices(right));
            }
            let judged =
                lms.require_submissions()?.submit_and_wait(&place, &answer, Patience::default()).await?;
            let verdict = judged.verdict.expect("the platform has judged it");
            println!(
                "  {}: score {:.2}, {}",
                place.task,
                verdict.score,
                if verdict.correct { "right" } else { "wrong" }
            );
            assert!(verdict.correct, "42 is right on every platform");
        }
    }
    Ok(())
}
