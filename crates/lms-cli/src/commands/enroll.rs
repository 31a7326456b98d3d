//! `lms enroll` and `lms unenroll`.

use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt, TryStreamExt};
use lms_core::{Changed, EnrollOptions, Enrollee, LmsProviderExt, Secret, Subject};
use serde::Serialize;

use super::people::drive::{Run, Told, drive};
use super::people::journal::Journal;
use super::people::single::{print, told};
use super::people::table::Table;
use super::people::tally::{Outcome, Tally};
use super::people::who::{People, Size, subject};
use super::people::{FileArgs, counted, spoken};
use crate::config::printed_by;
use crate::exit::{DONE, FAILED, Failure};
use crate::open::{self, Opened};
use crate::output;

/// `lms enroll`.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "lms enroll [OPTIONS] COURSE WHO...\n       lms enroll [OPTIONS] COURSE --me\n       \
                            lms enroll [OPTIONS] COURSE --csv FILE [--resume]"
)]
#[command(after_help = "\
Examples:
  lms enroll openedx:course-v1:Org+Course+Run alice@example.org --mode audit
  lms enroll stepik:67 --me
  lms enroll stepik:67 --csv people.csv --dry-run
  lms enroll stepik:67 --csv people.csv            what came of each row: people.result.csv
  lms enroll stepik:67 --csv people.csv --resume   after it was cut off
  cat people.csv | lms enroll inginious:tutorial --csv - > outcomes.csv

The CSV names its columns: user, username or email; mode and cohort if you like. Others are carried along. \
Outcomes: enrolled, already, pending (no account yet), refused, duplicate, empty. Ends with 1 if any was refused.")]
pub(crate) struct Enroll {
    /// The course: REMOTE:COURSE.
    course: String,
    /// Who: user names, ids or e-mail addresses.
    #[arg(value_name = "WHO", required_unless_present_any = ["csv", "me"], conflicts_with_all = ["csv", "me"])]
    who: Vec<String>,
    /// The account that is signed in.
    #[arg(long, conflicts_with = "csv")]
    me: bool,
    /// The platform's mode, such as audit or honor; for rows of a CSV that do not say.
    #[arg(long)]
    mode: Option<String>,
    /// The cohort to put people into; for rows of a CSV that do not say.
    #[arg(long, conflicts_with = "me")]
    cohort: Option<String>,
    /// A command that prints the course's password, for courses that ask learners for one.
    #[arg(long, value_name = "COMMAND", requires = "me")]
    password_command: Option<String>,
    #[command(flatten)]
    file: FileArgs,
    /// Check everything and say what would be done and how long it takes; change nothing.
    #[arg(long)]
    dry_run: bool,
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
}

/// `lms unenroll`.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "lms unenroll [OPTIONS] COURSE WHO...\n       lms unenroll [OPTIONS] COURSE --me\n       \
                            lms unenroll [OPTIONS] COURSE --csv FILE [--resume]"
)]
#[command(after_help = "\
Examples:
  lms unenroll openedx:course-v1:Org+Course+Run alice@example.org
  lms unenroll inginious:tutorial --csv leavers.csv
  lms unenroll stepik:67 --csv leavers.csv --resume   after it was cut off

Outcomes: unenrolled, already (did not take part), refused, duplicate, empty. Ends with 1 if any was refused.")]
pub(crate) struct Unenroll {
    /// The course: REMOTE:COURSE.
    course: String,
    /// Who: user names, ids or e-mail addresses.
    #[arg(value_name = "WHO", required_unless_present_any = ["csv", "me"], conflicts_with_all = ["csv", "me"])]
    who: Vec<String>,
    /// The account that is signed in.
    #[arg(long, conflicts_with = "csv")]
    me: bool,
    #[command(flatten)]
    file: FileArgs,
    /// Check everything and say what would be done and how long it takes; change nothing.
    #[arg(long)]
    dry_run: bool,
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
}

/// What is done with people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Enroll,
    Unenroll,
}

/// What both commands are given.
struct Job {
    change: Change,
    course: String,
    who: Vec<String>,
    me: bool,
    mode: Option<String>,
    cohort: Option<String>,
    password: Option<Secret>,
    file: FileArgs,
    dry_run: bool,
    json: bool,
    quiet: bool,
}

pub(crate) async fn enroll(args: Enroll, quiet: bool) -> Result<u8, Failure> {
    let Enroll { course, who, me, mode, cohort, password_command, file, dry_run, json } = args;
    let password = match password_command.as_deref().map(printed_by) {
        Some(Ok(password)) => Some(Secret::new(password)),
        Some(Err(fault)) => return Err(Failure::Usage(format!("--password-command: {fault}"))),
        None => None,
    };
    run(Job { change: Change::Enroll, course, who, me, mode, cohort, password, file, dry_run, json, quiet })
        .await
}

pub(crate) async fn unenroll(args: Unenroll, quiet: bool) -> Result<u8, Failure> {
    let Unenroll { course, who, me, file, dry_run, json } = args;
    let (mode, cohort, password) = (None, None, None);
    run(Job { change: Change::Unenroll, course, who, me, mode, cohort, password, file, dry_run, json, quiet })
        .await
}

async fn run(job: Job) -> Result<u8, Failure> {
    let table = job.file.table()?;
    match table {
        Some(table) => many(job, &table).await,
        None => few(job).await,
    }
}

/// The course, which is looked at first: a slip in its name is told once, not for each person.
async fn open_course(locator: &str) -> Result<Opened, Failure> {
    let opened = open::platform_course(locator).await?;
    opened.provider.require_enrollments()?;
    opened.provider.require_courses()?.get(&opened.course).await?;
    Ok(opened)
}

async fn few(job: Job) -> Result<u8, Failure> {
    let opened = open_course(&job.course).await?;
    let service = opened.provider.require_enrollments()?;
    let who = if job.me { vec!["me".to_owned()] } else { job.who };
    let people: Vec<Enrollee> = who
        .iter()
        .map(|text| Enrollee {
            who: if job.me { Subject::Me } else { subject(text) },
            mode: job.mode.clone(),
            cohort: job.cohort.clone(),
        })
        .collect();
    if job.dry_run {
        let people = people.len() as u64;
        let moded = if job.mode.is_some() { people } else { 0 };
        return dry(&opened, job.change, Size { rows: people, people, moded }, job.json);
    }
    let all: Vec<Told> = match (job.me, job.change) {
        (true, Change::Enroll) => {
            let options = EnrollOptions { mode: job.mode, password: job.password };
            vec![told(Changed::of(service.enroll(&opened.course, &Subject::Me, &options).await)?)]
        }
        (true, Change::Unenroll) => {
            service.unenroll(&opened.course, &Subject::Me).await?;
            vec![Told::Done(Outcome::Unenrolled, String::new())]
        }
        (false, change) => {
            let people = stream::iter(people).boxed();
            let changed = match change {
                Change::Enroll => service.enroll_many(&opened.course, people),
                Change::Unenroll => {
                    service.unenroll_many(&opened.course, people.map(|person| person.who).boxed())
                }
            };
            changed.map_ok(told).try_collect().await?
        }
    };
    print(&who, all, job.json)
}

#[derive(Serialize)]
struct Summary<'a> {
    course: &'a str,
    rows: u64,
    outcomes: &'a Tally,
    result: Option<String>,
    seconds: f64,
}

async fn many(job: Job, table: &Table) -> Result<u8, Failure> {
    let Job { change, course: locator, mode, cohort, file, dry_run, json, quiet, .. } = job;
    let people = People::of(table, mode, cohort)?;
    let size = people.check(table)?;
    let to_stdout = matches!(file.place(table)?, super::people::journal::Place::Stdout);
    if json && to_stdout && !dry_run {
        return Err(Failure::Usage(
            "--json and the outcomes cannot both go to standard output; say --result FILE".into(),
        ));
    }
    let unread = people.unread(table).join(", ");
    let Opened { provider, course } = open_course(&locator).await?;
    if !quiet && !unread.is_empty() {
        output::note(&format!("lms: not read, only copied to the result: {unread}"));
    }
    let service = provider.require_enrollments()?;
    if dry_run {
        return dry(&Opened { provider: provider.clone(), course }, change, size, json);
    }
    let mut journal = file.journal(table)?;
    let less = |number: u64| number.saturating_sub(journal.rows());
    let left = Size { people: less(size.people), moded: less(size.moded), ..size };
    if !quiet {
        announce(&Opened { provider: provider.clone(), course: course.clone() }, change, left, &journal);
    }
    let began = Instant::now();
    let doing = if change == Change::Enroll { "Enrolling" } else { "Unenrolling" };
    let rows = Run { rows: size.rows, doing, quiet };
    let outcome = drive(rows, table, &mut journal, people.plan(), |people| {
        let changed = match change {
            Change::Enroll => service.enroll_many(&course, people),
            Change::Unenroll => service.unenroll_many(&course, people.map(|person| person.who).boxed()),
        };
        changed.map_ok(told).boxed()
    });
    outcome.await?;
    let tally = journal.tally();
    let result = journal.path().map(|path| path.display().to_string());
    if json {
        let seconds = began.elapsed().as_secs_f64();
        output::json(&Summary {
            course: course.as_str(),
            rows: tally.rows(),
            outcomes: tally,
            result,
            seconds,
        })?;
    } else if let Some(result) = result {
        output::prose(&format!("{}\n{result} says what came of each row\n", tally.sentence()))?;
    } else if !quiet {
        output::note(&tally.sentence());
    }
    Ok(if tally.has_trouble() { FAILED } else { DONE })
}

/// Says before the first request how much there is to do and how long it takes at least.
fn announce(opened: &Opened, change: Change, left: Size, journal: &Journal) {
    let before = match journal.rows() {
        0 => String::new(),
        rows => format!("{} done already. ", counted(rows, "row is", "rows are")),
    };
    if journal.rows() > 0 && left.people == 0 {
        output::note(before.trim_end());
    } else {
        output::note(&format!("{before}{}", plan(opened, change, left)));
    }
}

fn plan(opened: &Opened, change: Change, size: Size) -> String {
    let (calls, least) = planned(opened, change, size);
    let verb = if change == Change::Enroll { "To enroll" } else { "To unenroll" };
    // Where some are sent alone, how many requests the others make goes by who stands beside whom.
    let mixed = change == Change::Enroll && size.moded > 0 && size.moded < size.people;
    let mut text = format!(
        "{verb} in {}: {}, {}{}",
        opened.course,
        counted(size.people, "person", "people"),
        counted(calls, "request", "requests"),
        if mixed { " or more" } else { "" }
    );
    if least.as_secs() > 0 {
        text.push_str(&format!(", at least {} by the platform's limits", spoken(least)));
    }
    text
}

/// Requests, and how long they take at least.
fn planned(opened: &Opened, change: Change, size: Size) -> (u64, Duration) {
    let Some(service) = opened.provider.enrollments() else { return Default::default() };
    let batches = match change {
        Change::Enroll => vec![
            (service.enroll_batch(true), size.moded),
            (service.enroll_batch(false), size.people.saturating_sub(size.moded)),
        ],
        Change::Unenroll => vec![(service.unenroll_batch(), size.people)],
    };
    let mut all: Vec<(&'static str, u64)> = Vec::new();
    for (batch, people) in batches {
        match all.iter_mut().find(|(operation, _)| *operation == batch.operation) {
            Some((_, calls)) => *calls += batch.calls(people),
            None => all.push((batch.operation, batch.calls(people))),
        }
    }
    // Limits of several operations run side by side.
    let least = all.iter().map(|(operation, calls)| opened.provider.planned(operation, *calls)).max();
    (all.iter().map(|(_, calls)| calls).sum(), least.unwrap_or_default())
}

#[derive(Serialize)]
struct Planned<'a> {
    course: &'a str,
    people: u64,
    requests: u64,
    seconds_at_least: f64,
}

fn dry(opened: &Opened, change: Change, size: Size, as_json: bool) -> Result<u8, Failure> {
    if as_json {
        let (requests, least) = planned(opened, change, size);
        let (course, people) = (opened.course.as_str(), size.people);
        output::json(&Planned { course, people, requests, seconds_at_least: least.as_secs_f64() })?;
    } else {
        output::prose(&format!("{}\nNothing was changed.\n", plan(opened, change, size)))?;
    }
    Ok(DONE)
}
