//! One row after the other: out to the platform, and down into the journal what came of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::stream::{self, BoxStream, StreamExt};
use lms_core::{Error, ErrorKind, Result};

use super::journal::Journal;
use super::table::{Row, Table};
use super::tally::Outcome;
use crate::exit::{self, Failure};
use crate::interrupt;
use crate::progress::{Counter, counting};

/// After Ctrl-C, how long to wait for what is under way. What is not known by then is looked up by the next run.
const GRACE: Duration = Duration::from_secs(5);

/// What to do with a row.
#[derive(Debug)]
pub(crate) enum Plan<T> {
    /// The platform is asked.
    Send(T),
    /// It is known already.
    Told(Outcome, String),
}

/// What the platform said of a row.
#[derive(Debug)]
pub(crate) enum Told {
    /// This came of it.
    Done(Outcome, String),
    /// It was not done.
    Refused(Error),
}

/// An error in one line for a cell: what the platform says, of each field too, without what the row itself names.
pub(crate) fn reason(error: &Error) -> String {
    let fields: Vec<String> =
        error.fields().iter().map(|(field, complaint)| format!("{field}: {complaint}")).collect();
    match (fields.is_empty(), error.kind()) {
        (false, _) => fields.join("; "),
        // What is not offered is said by the operation: `enroll with a mode`.
        (true, ErrorKind::Unsupported) => {
            let what = error.operation().split_once('.').map_or(error.operation(), |(_, what)| what);
            format!("{what}: {}", error.message())
        }
        (true, _) => error.message().to_owned(),
    }
}

/// Rows that were taken and not written down yet, oldest first; `None` while the platform is asked.
#[derive(Debug, Default)]
struct Waiting {
    rows: VecDeque<(Row, Option<(Outcome, String)>)>,
    fault: Option<String>,
    /// Whether all rows were taken.
    all: bool,
}

type Shared = Arc<Mutex<Waiting>>;

fn lock(waiting: &Shared) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a run is called when it has to be gone on with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run<'a> {
    /// Rows in all.
    pub(crate) rows: u64,
    /// What is done, for the bar: `Enrolling`.
    pub(crate) doing: &'a str,
    /// No bar.
    pub(crate) quiet: bool,
}

/// Does with every row what `plan` says, skipping those that the journal holds. `send` is given what is to be sent,
/// and tells what came of each, in order; an error ends it.
///
/// # Errors
/// `Interrupted` after Ctrl-C; what ended the stream; what the result file refuses. The journal is right in each case.
pub(crate) async fn drive<'a, T: Send + 'a>(
    run: Run<'_>,
    table: &'a Table,
    journal: &mut Journal,
    mut plan: impl FnMut(&Row) -> Plan<T> + Send + 'a,
    send: impl FnOnce(BoxStream<'a, T>) -> BoxStream<'a, Result<Told>>,
) -> Result<(), Failure> {
    let bar = bar(&run, journal.rows());
    let waiting: Shared = Arc::default();
    let stop = Arc::new(interrupt::handle());
    let mut rows = table.rows()?;
    let mut skip = journal.rows();
    let taken = Arc::clone(&waiting);
    let next = move || loop {
        let row = match rows.next() {
            Some(Ok(row)) => row,
            Some(Err(fault)) => {
                lock(&taken).fault = Some(fault);
                return None;
            }
            None => {
                lock(&taken).all = true;
                return None;
            }
        };
        let planned = plan(&row);
        if skip > 0 {
            skip -= 1;
            continue;
        }
        match planned {
            Plan::Send(what) => {
                lock(&taken).rows.push_back((row, None));
                return Some(what);
            }
            Plan::Told(outcome, detail) => lock(&taken).rows.push_back((row, Some((outcome, detail)))),
        }
    };
    let asked = Arc::clone(&stop);
    let people = stream::iter(std::iter::from_fn(next)).take_until(async move { asked.requested().await });
    let mut told = send(people.boxed());
    let grace = async {
        stop.requested().await;
        tokio::time::sleep(GRACE).await;
    };
    let mut grace = std::pin::pin!(grace);
    let ended = loop {
        let next = tokio::select! {
            next = told.next() => next,
            () = &mut grace => None,
        };
        write_known(&waiting, journal, &bar)?;
        match next {
            None => break Ok(()),
            Some(Err(error)) => break Err(error),
            // Who may not do it once, may never: nothing is written, so that the row is done once it is allowed.
            Some(Ok(Told::Refused(error)))
                if error.kind() == ErrorKind::PermissionDenied && !journal.tally().has_success() =>
            {
                break Err(error);
            }
            Some(Ok(told)) => {
                let Some((row, _)) = lock(&waiting).rows.pop_front() else {
                    break Err(Error::new(ErrorKind::Protocol, "more came back than was sent"));
                };
                match told {
                    Told::Done(outcome, detail) => journal.add(&row, outcome, &detail)?,
                    Told::Refused(error) => journal.add(&row, Outcome::Refused, &reason(&error))?,
                }
                bar.step();
            }
        }
    };
    drop(told);
    write_known(&waiting, journal, &bar)?;
    bar.clear();
    journal.sync()?;
    let left = { std::mem::take(&mut *lock(&waiting)) };
    match ended {
        Err(error) => Err(stopped(error, run, journal)),
        Ok(()) if stop.is_requested() && journal.rows() < run.rows => Err(interrupted(run, journal)),
        Ok(()) => match left.fault {
            Some(fault) => {
                Err(Failure::Usage(format!("{} was changed while it was read: {fault}", table.name())))
            }
            None if !left.rows.is_empty() || !left.all => Err(stopped(
                Error::new(ErrorKind::Protocol, "the platform's answers ended early"),
                run,
                journal,
            )),
            None => Ok(()),
        },
    }
}

/// Rows at the front that need no answer.
fn write_known(waiting: &Shared, journal: &mut Journal, bar: &Counter) -> Result<(), Failure> {
    loop {
        let known = {
            let mut waiting = lock(waiting);
            match waiting.rows.front() {
                Some((_, Some(_))) => waiting.rows.pop_front(),
                _ => None,
            }
        };
        let Some((row, Some((outcome, detail)))) = known else { return Ok(()) };
        journal.add(&row, outcome, &detail)?;
        bar.step();
    }
}

/// How far it came, and how it is gone on with, after a pause if the platform wants one.
fn progress_of(run: Run<'_>, journal: &Journal, pause: Option<String>) -> String {
    if journal.rows() == 0 {
        let all = super::count(run.rows);
        return format!(
            "0 of {all} rows are known to be done. The same command with --resume looks first who is."
        );
    }
    let again = match pause {
        Some(pause) => format!("Wait {pause}; then the same command"),
        None => "The same command".to_owned(),
    };
    match journal.path() {
        Some(path) => format!(
            "{} of {} rows are done ({}); {} holds them.\n  {again} with --resume goes on, and looks first who is done \
             already.",
            super::count(journal.rows()),
            super::count(run.rows),
            journal.tally().sentence(),
            path.display()
        ),
        None => format!(
            "{} of {} rows are done ({}). With --result FILE a run can be gone on with.",
            super::count(journal.rows()),
            super::count(run.rows),
            journal.tally().sentence()
        ),
    }
}

fn interrupted(run: Run<'_>, journal: &Journal) -> Failure {
    Failure::Interrupted(Some(progress_of(run, journal, None)))
}

fn stopped(error: Error, run: Run<'_>, journal: &mut Journal) -> Failure {
    if journal.rows() == 0 {
        journal.discard();
        return Failure::Failed(error);
    }
    let advice = progress_of(run, journal, exit::pause(&error));
    Failure::Advised(error, advice)
}

fn bar(run: &Run<'_>, done: u64) -> Counter {
    counting(run.rows, done, run.doing.to_owned(), run.doing.len(), run.quiet)
}
