//! `lms migrate`.

use std::time::Instant;

use lms_core::{ExistingCourse, LmsProvider, NewCourse, RequestCount};
use lms_migrate::{Plan, Progress, Report, Stage, apply, plan_part, verify};

use crate::args::Migrate;
use crate::exit::{DISAGREED, DONE, Failure, LOSSES};
use crate::progress::progress;
use crate::{open, output};

pub(crate) async fn run(args: Migrate, quiet: bool) -> Result<u8, Failure> {
    let (file, json) = (args.report.clone(), args.json);
    let (report, code) = one(args, quiet).await?;
    output::report(&report, file.as_deref(), json)?;
    Ok(code)
}

/// One migration: what it did, and the code to end with.
pub(crate) async fn one(args: Migrate, quiet: bool) -> Result<(Report, u8), Failure> {
    let Migrate { source, target, dry_run, replace, no_verify, terms, part, report: file, json: _ } = args;
    let started = Instant::now();
    let from = open::course(&source).await?;
    let to = open::target(&target)?;
    let progress = progress(quiet);
    let before = both(from.provider.as_ref(), to.provider.as_ref());

    progress.begin(Stage::Read, 0);
    let filter = part.filter();
    let planned = plan_part(from.provider.as_ref(), &from.course, to.provider.as_ref(), &filter).await;
    progress.end(Stage::Read);
    let planned = planned?;
    let mut report = Report::new(&planned);
    if !dry_run {
        let existing = if replace { ExistingCourse::Replace } else { ExistingCourse::Refuse };
        let new = NewCourse { id: terms.id(to.id), existing };
        let ends = (from.provider.as_ref(), to.provider.as_ref());
        report = write(&planned, report, ends, &new, no_verify, progress.as_ref()).await?;
    }
    let report = match &file {
        Some(_) => report.with_pictures(from.provider.as_ref()).await?,
        None => report,
    };
    let after = both(from.provider.as_ref(), to.provider.as_ref());
    let cost = RequestCount { read: after.read - before.read, write: after.write - before.write };
    let report = report.with_cost(cost, started.elapsed().as_secs_f64());

    let disagreed = report.verification.as_ref().is_some_and(|v| !v.holds());
    let code = match () {
        () if disagreed => DISAGREED,
        () if terms.broken_by(&report) => LOSSES,
        () => DONE,
    };
    Ok((report, code))
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

/// What both sides were asked; they may be one.
pub(crate) fn both(a: &dyn LmsProvider, b: &dyn LmsProvider) -> RequestCount {
    let (one, two) = (a.requests(), b.requests());
    if std::ptr::addr_eq(a, b) {
        return one;
    }
    RequestCount { read: one.read + two.read, write: one.write + two.write }
}
