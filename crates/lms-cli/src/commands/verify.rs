//! `lms verify`.

use std::time::Instant;

use lms_core::RequestCount;
use lms_migrate::{Report, verify_pair};

use crate::args::Verify;
use crate::commands::migrate::both;
use crate::commands::trial::{Learner, came_to_nothing};
use crate::exit::{DISAGREED, DONE, FAILED, Failure};
use crate::progress::progress;
use crate::{open, output};

pub(crate) async fn run(args: Verify, quiet: bool) -> Result<u8, Failure> {
    let Verify { source, target, part, trials, report: file, json } = args;
    output::place_of_report(file.as_deref())?;
    let started = Instant::now();
    let from = open::course(&source).await?;
    let to = open::course(&target).await?;
    let learner = trials.learner(to.provider.info())?;
    let trial = learner.as_ref().map(Learner::trial);
    let progress = progress(quiet);
    let (plan, verification) = verify_pair(
        (from.provider.as_ref(), &from.course),
        (to.provider.as_ref(), &to.course),
        &part.filter(),
        trial.as_ref(),
        progress.as_ref(),
    )
    .await?;
    let (holds, failed) = (verification.holds(), came_to_nothing(Some(&verification)));
    let mut report = Report::new(&plan).compared_with(&to.course).with_verification(verification);
    if file.is_some() {
        report = report.with_pictures(from.provider.as_ref()).await?;
    }
    let sides = both(from.provider.as_ref(), to.provider.as_ref());
    let tried = learner.map_or_else(RequestCount::default, |learner| learner.requests());
    let cost = RequestCount { read: sides.read + tried.read, write: sides.write + tried.write };
    let report = report.with_cost(cost, started.elapsed().as_secs_f64());
    output::report(&report, file.as_deref(), json)?;
    Ok(match () {
        () if !holds => DISAGREED,
        () if failed => FAILED,
        () => DONE,
    })
}
