//! `lms migrate`.

use std::future::Future;
use std::time::Instant;

use lms_core::{Error, ErrorKind, ExistingCourse, LmsProvider, NewCourse, RequestCount};
use lms_migrate::{Journal, Pair, Progress, Report, Stage, Status, Stop, Work, plan, verify};

use crate::args::Migrate;
use crate::exit::{DISAGREED, DONE, Failure, LOSSES};
use crate::progress::progress;
use crate::{interrupt, open, output, places};

pub(crate) async fn run(args: Migrate, quiet: bool) -> Result<u8, Failure> {
    let Migrate { source, target, dry_run, replace, again, no_verify, strict, report: file, json } = args;
    let started = Instant::now();
    let from = open::course(&source).await?;
    let to = open::target(&target)?;
    let ends = (from.provider.as_ref(), to.provider.as_ref());
    let progress = progress(quiet);
    let pair = Pair::new(ends.0.info(), &from.course, ends.1.info(), to.id.as_ref());
    let state = places::state_folder().ok_or_else(|| {
        Error::new(ErrorKind::Config, "there is no home to keep the journal in; LMS_STATE names a folder")
    })?;
    let journal = if dry_run { Journal::peek(&state, pair) } else { Journal::open(&state, pair) }?;

    progress.begin(Stage::Read, 0);
    let planned = plan(ends.0, &from.course, ends.1).await;
    progress.end(Stage::Read);
    let existing = if replace { ExistingCourse::Replace } else { ExistingCourse::Refuse };
    let options = again.options(NewCourse { id: to.id, existing }, dry_run);
    let work = Work::prepare(planned?, ends.0, ends.1, &journal, options).await?;
    if !quiet {
        say_what_was(&work, &journal);
    }
    let mut report = Report::new(work.plan());
    if work.course().is_some() {
        report = report.with_changes(work.changes());
    }
    if !dry_run {
        report = write(&work, report, ends, &journal, no_verify, progress.as_ref()).await?;
    }
    if file.is_some() {
        report = report.with_pictures(ends.0).await?;
    }
    let report = report.with_cost(both(ends.0, ends.1), started.elapsed().as_secs_f64());

    output::report(&report, file.as_deref(), json)?;
    if let (true, Some(refusal)) = (dry_run, work.refusal()) {
        return Err(refusal.into());
    }
    let disagreed = report.verification.as_ref().is_some_and(|v| !v.holds());
    Ok(match () {
        () if disagreed => DISAGREED,
        () if strict && report.has_losses() => LOSSES,
        () => DONE,
    })
}

/// A course that is brought up to date, or gone on with, is not the new one that somebody may expect.
fn say_what_was(work: &Work, journal: &Journal) {
    if let Some(course) = work.course() {
        match journal.status() {
            Status::Unfinished { begun, .. } => {
                eprintln!("lms: going on with course {course}, begun {begun}")
            }
            _ => eprintln!("lms: bringing course {course} up to date; --new writes another"),
        }
    }
}

async fn write(
    work: &Work,
    report: Report,
    (from, to): (&dyn LmsProvider, &dyn LmsProvider),
    journal: &Journal,
    no_verify: bool,
    progress: &dyn Progress,
) -> Result<Report, Failure> {
    let stop = Stop::new();
    let written = stopped_by_ctrl_c(work.carry_out(from, to, journal, progress, &stop), &stop).await;
    let written = match written {
        Ok(written) => written,
        Err(error) if error.kind() == ErrorKind::Stopped => {
            return Err(Failure::Interrupted(Some(how_to_go_on(journal))));
        }
        Err(error) => {
            return Err(match journal.status() {
                Status::Unfinished { .. } => Failure::Advised(error, how_to_go_on(journal)),
                _ => error.into(),
            });
        }
    };
    if let Some(backup) = &written.backup {
        eprintln!("lms: the course as it was before is in {}", backup.display());
    }
    let report = report.with_written(&written);
    if no_verify {
        return Ok(report);
    }
    Ok(report.with_verification(verify(work.plan(), from, to, &written.course, progress).await?))
}

fn how_to_go_on(journal: &Journal) -> String {
    format!("the same command with --resume goes on; the journal is in {}", journal.folder().display())
}

/// Lets the work end between two writes when Ctrl-C is pressed.
async fn stopped_by_ctrl_c<T>(work: impl Future<Output = T>, stop: &Stop) -> T {
    let pressed = interrupt::handle();
    let mut work = std::pin::pin!(work);
    tokio::select! {
        biased;
        ended = &mut work => return ended,
        () = pressed.requested() => stop.stop(),
    }
    work.await
}

/// What both sides were asked.
pub(crate) fn both(a: &dyn LmsProvider, b: &dyn LmsProvider) -> RequestCount {
    let (a, b) = (a.requests(), b.requests());
    RequestCount { read: a.read + b.read, write: a.write + b.write }
}
