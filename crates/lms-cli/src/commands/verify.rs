//! `lms verify`.

use std::time::Instant;

use lms_migrate::{Report, verify_pair};

use crate::args::Verify;
use crate::commands::migrate::both;
use crate::exit::{DISAGREED, DONE, Failure};
use crate::progress::progress;
use crate::{open, output};

pub(crate) async fn run(args: Verify, quiet: bool) -> Result<u8, Failure> {
    let Verify { source, target, part, report: file, json } = args;
    output::place_of_report(file.as_deref())?;
    let started = Instant::now();
    let from = open::course(&source).await?;
    let to = open::course(&target).await?;
    let progress = progress(quiet);
    let (plan, verification) = verify_pair(
        (from.provider.as_ref(), &from.course),
        (to.provider.as_ref(), &to.course),
        &part.filter(),
        progress.as_ref(),
    )
    .await?;
    let holds = verification.holds();
    let report = Report::new(&plan)
        .with_verification(verification)
        .with_cost(both(from.provider.as_ref(), to.provider.as_ref()), started.elapsed().as_secs_f64());
    output::report(&report, file.as_deref(), json)?;
    Ok(if holds { DONE } else { DISAGREED })
}
