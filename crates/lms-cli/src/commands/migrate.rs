//! `lms migrate`.

use std::time::Instant;

use lms_core::{ExistingCourse, LmsProvider, NewCourse, RequestCount};
use lms_migrate::{Plan, Progress, Report, Stage, apply, plan, verify};

use crate::args::Migrate;
use crate::exit::{DISAGREED, DONE, Failure, LOSSES};
use crate::progress::progress;
use crate::{open, output};

pub(crate) async fn run(args: Migrate, quiet: bool) -> Result<u8, Failure> {
    let Migrate { source, target, dry_run, replace, no_verify, strict, report: file, json } = args;
    let started = Instant::now();
    let from = open::course(&source).await?;
    let to = open::target(&target)?;
    let progress = progress(quiet);

    progress.begin(Stage::Read, 0);
    let planned = plan(from.provider.as_ref(), &from.course, to.provider.as_ref()).await;
    progress.end(Stage::Read);
    let planned = planned?;
    let mut report = Report::new(&planned);
    if !dry_run {
        let existing = if replace { ExistingCourse::Replace } else { ExistingCourse::Refuse };
        let new = NewCourse { id: to.id, existing };
        let ends = (from.provider.as_ref(), to.provider.as_ref());
        report = write(&planned, report, ends, &new, no_verify, progress.as_ref()).await?;
    }
    let report = match &file {
        Some(_) => report.with_pictures(from.provider.as_ref()).await?,
        None => report,
    };
    let report =
        report.with_cost(both(from.provider.as_ref(), to.provider.as_ref()), started.elapsed().as_secs_f64());

    output::report(&report, file.as_deref(), json)?;
    let disagreed = report.verification.as_ref().is_some_and(|v| !v.holds());
    Ok(match () {
        () if disagreed => DISAGREED,
        () if strict && report.has_losses() => LOSSES,
        () => DONE,
    })
}

async fn write(
    planned: &Plan,
    report: Report,
    (from, to): (&dyn LmsProvider, &dyn LmsProvider),
    new: &NewCourse,
    no_verify: bool,
    progress: &dyn Progress,
) -> Result<Report, Failure> {
    let written = apply(planned, from, to, new, progress).await?;
    let report = report.with_written(&written);
    if no_verify {
        return Ok(report);
    }
    Ok(report.with_verification(verify(planned, from, to, &written.course, progress).await?))
}

/// What both sides were asked.
pub(crate) fn both(a: &dyn LmsProvider, b: &dyn LmsProvider) -> RequestCount {
    let (a, b) = (a.requests(), b.requests());
    RequestCount { read: a.read + b.read, write: a.write + b.write }
}
