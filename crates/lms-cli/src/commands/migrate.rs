//! `lms migrate`.

use std::future::Future;
use std::io::IsTerminal;
use std::time::Instant;

use lms_core::{Error, ErrorKind, ExistingCourse, LmsProvider, NewCourse, RequestCount, Support};
use lms_migrate::{Journal, Pair, Report, Stage, Status, Stop, VerifyOptions, Work, plan_part, verify_with};

use crate::args::Migrate;
use crate::commands::trial::{Learner, came_to_nothing};
use crate::exit::{DISAGREED, DONE, FAILED, Failure, LOSSES};
use crate::locator::Locator;
use crate::progress::progress;
use crate::{interrupt, open, output, places};

pub(crate) async fn run(args: Migrate, quiet: bool) -> Result<u8, Failure> {
    let (file, json) = (args.report.clone(), args.json);
    let (target, wrote) = (args.target.clone(), !args.dry_run);
    let Migrated { report, code, refusal } = one(args, quiet).await?;
    output::report(&report, file.as_deref(), json)?;
    if wrote && !quiet && !json && std::io::stderr().is_terminal() {
        say_where(&target, &report)?;
    }
    match refusal {
        Some(refusal) => Err(refusal.into()),
        None => Ok(code),
    }
}

/// Where the course is now: what is new was given its id by the platform.
fn say_where(target: &str, report: &Report) -> Result<(), Failure> {
    if let (Locator::Remote { name, .. }, Some(course)) = (target.parse()?, &report.target.course) {
        output::note(&format!("lms: it is {name}:{course}; `lms tree {name}:{course}` shows it"));
    }
    Ok(())
}

/// What came of a migration.
pub(crate) struct Migrated {
    pub(crate) report: Report,
    /// The code to end with.
    pub(crate) code: u8,
    /// Why the run that was tried dry would end before it writes.
    pub(crate) refusal: Option<Error>,
}

/// One migration.
pub(crate) async fn one(args: Migrate, quiet: bool) -> Result<Migrated, Failure> {
    let Migrate {
        source,
        target,
        dry_run,
        replace,
        again,
        no_verify,
        trials,
        terms,
        part,
        report: file,
        json: _,
    } = args;
    output::place_of_report(file.as_deref())?;
    let started = Instant::now();
    let from = open::course(&source).await?;
    let to = open::target(&target)?;
    let ends = (from.provider.as_ref(), to.provider.as_ref());
    if !no_verify {
        readable(ends.1)?;
    }
    let learner = trials.learner(ends.1.info())?;
    let asked = || {
        let sides = both(ends.0, ends.1);
        let tried = learner.as_ref().map_or_else(RequestCount::default, Learner::requests);
        RequestCount { read: sides.read + tried.read, write: sides.write + tried.write }
    };
    let before = asked();
    let progress = progress(quiet);
    let id = terms.id(to.id);
    let pair = Pair::new(ends.0.info(), &from.course, ends.1.info(), id.as_ref());
    let state = places::state_folder().ok_or_else(|| {
        Error::new(ErrorKind::Config, "there is no home to keep the journal in; LMS_STATE names a folder")
    })?;
    let journal = if dry_run { Journal::peek(&state, pair) } else { Journal::open(&state, pair) }?;

    progress.begin(Stage::Read, 0);
    let planned = plan_part(ends.0, &from.course, ends.1, &part.filter()).await;
    progress.end(Stage::Read);
    let existing = if replace { ExistingCourse::Replace } else { ExistingCourse::Refuse };
    let options = again.options(NewCourse { id, existing }, dry_run);
    let work = Work::prepare(planned?, ends.0, ends.1, &journal, options).await?;
    if !quiet {
        say_what_was(&work, &journal);
    }
    let mut report = Report::new(work.plan()).with_originals(work.plan());
    if work.course().is_some() {
        report = report.with_changes(work.changes());
    }
    if !dry_run {
        let proof = match (&learner, no_verify) {
            (_, true) => Proof::None,
            (None, false) => Proof::Reading,
            (Some(learner), false) => Proof::Trial(learner),
        };
        report = write(&work, report, ends, &journal, proof, quiet).await?;
    }
    if file.is_some() {
        report = report.with_pictures(ends.0).await?;
    }
    let after = asked();
    let cost = RequestCount { read: after.read - before.read, write: after.write - before.write };
    let report = report.with_cost(cost, started.elapsed().as_secs_f64());

    let disagreed = report.verification.as_ref().is_some_and(|v| !v.holds());
    let failed = came_to_nothing(report.verification.as_ref());
    let code = match () {
        () if disagreed => DISAGREED,
        () if failed => FAILED,
        () if terms.broken_by(&report) => LOSSES,
        () => DONE,
    };
    let refusal = work.refusal().filter(|_| dry_run);
    Ok(Migrated { report, code, refusal })
}

/// What this sign-in cannot read cannot be compared, which is better known before anything is written.
fn readable(target: &dyn LmsProvider) -> Result<(), Failure> {
    if target.courses().is_some_and(|courses| courses.support().content != Support::No) {
        return Ok(());
    }
    let why = "with this sign-in a course can be written and not be read back: it could not be compared, and later runs \
               could not bring it up to date";
    let advice = "`lms doctor` says what the configuration leaves out; --no-verify writes all the same.";
    let error = Error::new(ErrorKind::Unsupported, why).at(target.info().platform, "courses.content");
    Err(Failure::Advised(error, advice.to_owned()))
}

/// A course that is brought up to date, or gone on with, is not the new one that somebody may expect.
fn say_what_was(work: &Work, journal: &Journal) {
    if let Some(course) = work.course() {
        match journal.status() {
            Status::Unfinished { begun, .. } => {
                output::note(&format!("lms: going on with course {course}, begun {begun}"))
            }
            _ => output::note(&format!("lms: bringing course {course} up to date; --new writes another")),
        }
    }
}

async fn write(
    work: &Work,
    report: Report,
    (from, to): (&dyn LmsProvider, &dyn LmsProvider),
    journal: &Journal,
    proof: Proof<'_>,
    quiet: bool,
) -> Result<Report, Failure> {
    let (stop, progress) = (Stop::new(), progress(quiet));
    let progress = progress.as_ref();
    let written = stopped_by_ctrl_c(work.carry_out(from, to, journal, progress, &stop), &stop).await;
    let written = match written {
        Ok(written) => written,
        Err(error) if error.kind() == ErrorKind::Stopped => {
            return Err(Failure::Interrupted(Some(how_to_go_on(journal))));
        }
        // Nothing was begun that could be gone on with.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(error.into()),
        Err(error) => {
            return Err(match journal.status() {
                // The platform refused the first write: going on would be refused as well.
                Status::Unfinished { course: None, written: 0, .. } if is_refusal(&error) => error.into(),
                Status::Unfinished { .. } => Failure::Advised(error, how_to_go_on(journal)),
                _ => error.into(),
            });
        }
    };
    if let Some(backup) = written.backup.as_ref().filter(|_| !quiet) {
        output::note(&format!("lms: the course as it was before is in {}", backup.display()));
    }
    let report = report.with_written(&written);
    let trial = match proof {
        Proof::None => return Ok(report),
        Proof::Reading => None,
        Proof::Trial(learner) => Some(learner.trial()),
    };
    let course = &written.course;
    let options = VerifyOptions { trial: trial.as_ref(), written: Some(&written) };
    let pressed = interrupt::handle();
    tokio::select! {
        biased;
        verified = verify_with(work.plan(), (from, to), course, options, progress) => {
            Ok(report.with_verification(verified?))
        }
        () = pressed.requested() => Err(Failure::Interrupted(Some(format!(
            "All of course {course} is written; it was not compared: the same command compares it, and writes only what \
             has changed since"
        )))),
    }
}

/// How the result is proven.
#[derive(Debug, Clone, Copy)]
enum Proof<'a> {
    /// Not at all.
    None,
    /// It is read back.
    Reading,
    /// It is read back, and a learner answers.
    Trial(&'a Learner),
}

/// Whether the platform said no, and would say it again.
fn is_refusal(error: &Error) -> bool {
    use ErrorKind::{Config, InvalidInput, Io, NotFound, PermissionDenied, Unauthenticated, Unsupported};
    matches!(
        error.kind(),
        Config | InvalidInput | Io | NotFound | PermissionDenied | Unauthenticated | Unsupported
    )
}

fn how_to_go_on(journal: &Journal) -> String {
    format!("The same command with --resume goes on; the journal is in {}", journal.folder().display())
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

/// What both sides were asked; they may be one.
pub(crate) fn both(a: &dyn LmsProvider, b: &dyn LmsProvider) -> RequestCount {
    let (one, two) = (a.requests(), b.requests());
    if std::ptr::addr_eq(a, b) {
        return one;
    }
    RequestCount { read: one.read + two.read, write: one.write + two.write }
}
