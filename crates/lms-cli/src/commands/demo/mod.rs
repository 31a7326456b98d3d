//! `lms demo`: the whole story on three emulated platforms.

mod learner;
mod stage;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use lms_core::{CourseId, LmsProvider, LmsProviderExt, NewCourse, RequestCount, escape};
use lms_migrate::{Progress, Report, apply, plan, verify};

use self::learner::{Answers, answer_all};
use self::stage::Theatre;
use crate::args::Demo;
use crate::exit::{DISAGREED, DONE, FAILED, Failure};
use crate::output;
use crate::progress::progress;
use crate::sample::Sample;

pub(crate) async fn run(args: Demo, quiet: bool) -> Result<u8, Failure> {
    output::place_of_report(args.report.as_deref())?;
    let progress = progress(quiet);
    let theatre = Theatre::open().await?;
    output::prose(&format!(
        "Three platforms are up: Stepik at {}, Open edX at {}, INGInious at {}.\n\n",
        theatre.stepik_url(),
        theatre.openedx_url(),
        theatre.inginious_url()
    ))?;

    let mut reports = Vec::new();
    let mut answers = Vec::new();

    let sample = Sample::new();
    let stepik = theatre.stepik_author()?;
    let first = leg(&sample, &"measuring".into(), stepik.as_ref(), progress.as_ref(), &mut reports).await?;
    answers.push(people(theatre.stepik_learner()?.as_ref(), stepik.as_ref(), &first).await?);

    let openedx = theatre.openedx_author()?;
    let second = leg(stepik.as_ref(), &first, openedx.as_ref(), progress.as_ref(), &mut reports).await?;
    answers.push(people(theatre.openedx_learner()?.as_ref(), openedx.as_ref(), &second).await?);

    let folder = theatre.course_folder()?;
    let third = leg(openedx.as_ref(), &second, folder.as_ref(), progress.as_ref(), &mut reports).await?;
    let on_server = theatre.load_course_folder()?;
    let course = folder.require_courses()?.content(&third).await?.course;
    answers.push(answer_all(theatre.inginious_learner()?.as_ref(), &on_server, &course).await?);

    leg(folder.as_ref(), &third, stepik.as_ref(), progress.as_ref(), &mut reports).await?;

    let path = save(args.report, &reports, &answers)?;
    output::prose(&format!("\n{}\nThe whole report: {}\n", summary(&answers), path.display()))?;
    theatre.close().await;

    let holds = reports.iter().all(|report| report.verification.as_ref().is_some_and(|v| v.holds()));
    let judged = answers.iter().all(|answers| answers.disagreed.is_empty() && answers.agreed > 0);
    Ok(match (holds, judged) {
        (true, true) => DONE,
        (false, _) => DISAGREED,
        (_, false) => FAILED,
    })
}

/// Moves a course, reads it back, and prints how it fared.
async fn leg(
    from: &dyn LmsProvider,
    course: &CourseId,
    to: &dyn LmsProvider,
    progress: &dyn Progress,
    reports: &mut Vec<Report>,
) -> Result<CourseId, Failure> {
    let started = Instant::now();
    let before = (from.requests(), to.requests());
    let planned = plan(from, course, to).await?;
    let written = apply(&planned, from, to, &NewCourse::default(), progress).await?;
    let verification = verify(&planned, from, to, &written.course, progress).await?;
    let spent = |now: RequestCount, then: RequestCount| (now.read - then.read, now.write - then.write);
    let (a, b) = (spent(from.requests(), before.0), spent(to.requests(), before.1));
    let report = Report::new(&planned)
        .with_written(&written)
        .with_verification(verification)
        .with_cost(RequestCount { read: a.0 + b.0, write: a.1 + b.1 }, started.elapsed().as_secs_f64());
    output::prose(&report.to_summary())?;
    output::text(&format!("  {} findings, all of them in the report\n\n", report.findings.len()))?;
    reports.push(report);
    Ok(written.course)
}

/// A learner answers the course that its author wrote.
async fn people(
    learner: &dyn LmsProvider,
    author: &dyn LmsProvider,
    id: &CourseId,
) -> Result<Answers, Failure> {
    let course = author.require_courses()?.content(id).await?.course;
    Ok(answer_all(learner, id, &course).await?)
}

fn summary(answers: &[Answers]) -> String {
    let mut rows = vec![vec![
        "platform".to_owned(),
        "answers sent".to_owned(),
        "verdict as the key says".to_owned(),
        "otherwise".to_owned(),
        "tasks left".to_owned(),
    ]];
    for answers in answers {
        rows.push(vec![
            answers.platform.clone(),
            answers.sent.to_string(),
            answers.agreed.to_string(),
            answers.disagreed.len().to_string(),
            answers.left.len().to_string(),
        ]);
    }
    let mut text = output::table(&rows);
    for answers in answers {
        for line in answers.disagreed.iter().chain(&answers.left) {
            let _ = writeln!(text, "  {}: {line}", answers.platform);
        }
    }
    text
}

fn save(path: Option<PathBuf>, reports: &[Report], answers: &[Answers]) -> Result<PathBuf, Failure> {
    let mut preface = String::from(
        "<p>A course was written on Stepik, moved to Open edX, to INGInious and back to Stepik. On each platform a learner \
         enrolled and answered, rightly and wrongly, and waited for the verdicts.</p><table class=\"answers\"><thead><tr>\
         <th>platform</th><th class=\"n\">answers sent</th><th class=\"n\">verdict as the key says</th><th class=\"n\">otherwise</th>\
         <th>tasks left</th></tr></thead><tbody>",
    );
    for a in answers {
        let left = if a.left.is_empty() { "none".to_owned() } else { escape(&a.left.join("; ")) };
        let _ = write!(
            preface,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{left}</td></tr>",
            escape(&a.platform),
            a.sent,
            a.agreed,
            a.disagreed.len()
        );
    }
    preface.push_str("</tbody></table>");
    let path =
        path.unwrap_or_else(|| std::env::temp_dir().join(format!("lms-demo-{}.html", std::process::id())));
    let page = Report::page("lms demo", reports, &preface);
    std::fs::write(&path, page).map_err(|e| lms_core::Error::io(path.display(), e))?;
    Ok(path)
}
