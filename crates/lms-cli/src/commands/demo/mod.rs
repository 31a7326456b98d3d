//! `lms demo`: the whole story on three emulated platforms.

mod stage;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use lms_core::{CourseId, LmsProvider, NewCourse, RequestCount, escape};
use lms_migrate::{
    GradedBy, Progress, Report, Trial, TrialOptions, Verification, VerifyOptions, apply, plan, verify_with,
};

use self::stage::Theatre;
use crate::args::Demo;
use crate::commands::people::counted;
use crate::exit::{DISAGREED, DONE, FAILED, Failure};
use crate::output;
use crate::progress::progress;
use crate::sample::Sample;

pub(crate) async fn run(args: Demo, quiet: bool) -> Result<u8, Failure> {
    output::place_of_report(args.report.as_deref())?;
    let progress = progress(quiet);
    let theatre = Theatre::open().await?;
    let say = |text: &str| if args.json { Ok(()) } else { output::prose(text) };
    say(&format!(
        "Three platforms are up: Stepik at {}, Open edX at {}, INGInious at {}.\n\n",
        theatre.stepik_url(),
        theatre.openedx_url(),
        theatre.inginious_url()
    ))?;

    let mut reports = Vec::new();
    let sample = Sample::new();
    let (stepik, openedx, folder) =
        (theatre.stepik_author()?, theatre.openedx_author()?, theatre.course_folder()?);
    let there = |_: &CourseId| Ok(None);
    let put = |_: &CourseId| theatre.load_course_folder().map(Some);

    let learner = theatre.stepik_learner()?;
    let run = Leg { learner: learner.as_ref(), where_it_is: &there, progress: progress.as_ref(), say: &say };
    let first = run.go(&sample, &"measuring".into(), stepik.as_ref(), &mut reports).await?;

    let learner = theatre.openedx_learner()?;
    let run = Leg { learner: learner.as_ref(), where_it_is: &there, progress: progress.as_ref(), say: &say };
    let second = run.go(stepik.as_ref(), &first, openedx.as_ref(), &mut reports).await?;

    let learner = theatre.inginious_learner()?;
    let run = Leg { learner: learner.as_ref(), where_it_is: &put, progress: progress.as_ref(), say: &say };
    let third = run.go(openedx.as_ref(), &second, folder.as_ref(), &mut reports).await?;

    let learner = theatre.stepik_learner()?;
    let run = Leg { learner: learner.as_ref(), where_it_is: &there, progress: progress.as_ref(), say: &say };
    run.go(folder.as_ref(), &third, stepik.as_ref(), &mut reports).await?;

    let path = save(args.report.clone(), &reports)?;
    if args.json {
        output::json(&reports)?;
    }
    say(&format!("{}\nThe whole report: {}\n", summary(&reports), path.display()))?;
    theatre.close().await;

    let verified = || reports.iter().filter_map(|report| report.verification.as_ref());
    let holds = verified().count() == reports.len() && verified().all(Verification::holds);
    let judged = verified().all(|v| v.trial.as_ref().is_some_and(|run| run.exercises > 0));
    Ok(match (holds, judged) {
        (true, true) => DONE,
        (false, _) => DISAGREED,
        (_, false) => FAILED,
    })
}

/// What moves a course.
struct Leg<'a> {
    /// Who answers it on the target.
    learner: &'a dyn LmsProvider,
    /// The course as the learner's platform calls it, where it has to be put there first.
    where_it_is: &'a dyn Fn(&CourseId) -> lms_core::Result<Option<CourseId>>,
    progress: &'a dyn Progress,
    /// Prints what people read.
    say: &'a dyn Fn(&str) -> Result<(), Failure>,
}

impl Leg<'_> {
    /// Moves a course, reads it back, lets a learner answer it, and prints how it fared.
    async fn go(
        self,
        from: &dyn LmsProvider,
        course: &CourseId,
        to: &dyn LmsProvider,
        reports: &mut Vec<Report>,
    ) -> Result<CourseId, Failure> {
        let started = Instant::now();
        let asked = [from, to, self.learner].map(LmsProvider::requests);
        let planned = plan(from, course, to).await?;
        let written = apply(&planned, from, to, &NewCourse::default(), self.progress).await?;
        let trial = Trial {
            learner: self.learner,
            course: (self.where_it_is)(&written.course)?,
            // Enough to see; `lms verify --trial` asks for more.
            options: TrialOptions { answers: 3, parallel: 8, ..TrialOptions::default() },
        };
        let options = VerifyOptions { trial: Some(&trial), written: Some(&written) };
        let verification = verify_with(&planned, (from, to), &written.course, options, self.progress).await?;
        let mut cost = RequestCount::default();
        for (now, then) in [from, to, self.learner].map(LmsProvider::requests).into_iter().zip(asked) {
            cost.read += now.read - then.read;
            cost.write += now.write - then.write;
        }
        let report = Report::new(&planned)
            .with_written(&written)
            .with_verification(verification)
            .with_pictures(from)
            .await?
            .with_cost(cost, started.elapsed().as_secs_f64());
        (self.say)(&report.to_summary())?;
        let findings = counted(report.findings.len() as u64, "finding", "findings");
        (self.say)(&format!("  {findings}, all of them in the report\n\n"))?;
        reports.push(report);
        Ok(written.course)
    }
}

/// What the platforms themselves said: for each migration platform, answers, exercises, and how they compare.
fn rows(reports: &[Report]) -> Vec<[String; 6]> {
    let mut rows = Vec::new();
    for report in reports {
        let Some(v) = &report.verification else { continue };
        let by = |grader| v.graded_by.get(&grader).copied().unwrap_or(0);
        rows.push([
            report.target.platform.clone(),
            v.trial.as_ref().map_or(0, |run| run.submissions).to_string(),
            by(GradedBy::Platform).to_string(),
            v.announced.to_string(),
            v.disagreed.to_string(),
            (v.exercises - by(GradedBy::Platform)).to_string(),
        ]);
    }
    rows
}

const HEAD: [&str; 6] = ["platform", "answers sent", "exercises marked", "as announced", "otherwise", "left"];

fn summary(reports: &[Report]) -> String {
    let mut table = vec![HEAD.map(str::to_owned).to_vec()];
    table.extend(rows(reports).into_iter().map(Vec::from));
    output::table(&table)
}

fn save(path: Option<PathBuf>, reports: &[Report]) -> Result<PathBuf, Failure> {
    let mut preface = String::from(
        "<p>A course was written on Stepik, moved to Open edX, to INGInious and back to Stepik. On each platform a learner \
         enrolled and answered, rightly, wrongly and nearly rightly, and waited for the verdicts.</p>\
         <table class=\"answers\"><thead><tr>",
    );
    for name in HEAD {
        let _ = write!(preface, "<th scope=\"col\">{name}</th>");
    }
    preface.push_str("</tr></thead><tbody>");
    for row in rows(reports) {
        preface.push_str("<tr>");
        for cell in row {
            let _ = write!(preface, "<td>{}</td>", escape(&cell));
        }
        preface.push_str("</tr>");
    }
    preface.push_str("</tbody></table>");
    let path =
        path.unwrap_or_else(|| std::env::temp_dir().join(format!("lms-demo-{}.html", std::process::id())));
    let page = Report::page("lms demo", reports, &preface);
    std::fs::write(&path, page).map_err(|e| lms_core::Error::io(path.display(), e))?;
    Ok(path)
}
