//! What a migration has written and was about to write, kept so that it can go on after any crash and be
//! repeated without harm. The form is documented in `docs/migration.md`.

mod file;
mod lock;
mod pair;
pub(crate) mod record;
pub(crate) mod state;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lms_core::{CourseId, ErrorKind, Result, Timestamp};

use file::Writer;
use lock::Lock;
pub use pair::Pair;
use record::{FORMAT, Outcome, Record, Write};
use state::State;

use crate::private;

const FILE: &str = "journal.jsonl";

/// The journal of one source and one target.
///
/// It is an append-only file of JSON lines. Before each write it says what is intended, afterwards what
/// came of it. It holds titles, ids and fingerprints; no text of the course, no answers, no secrets.
#[derive(Debug)]
pub struct Journal {
    root: PathBuf,
    folder: PathBuf,
    pair: Option<Pair>,
    state: Mutex<State>,
    writer: Option<Writer>,
    locks: Mutex<Vec<Lock>>,
}

/// What a journal says of the runs before.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// There was none, or none that wrote anything.
    Fresh,
    /// The last one broke off.
    Unfinished {
        /// The course on the target, where it is known.
        course: Option<CourseId>,
        /// When it began.
        begun: String,
        /// Sections, lessons and steps that are written for sure.
        written: usize,
    },
    /// The last one came to its end.
    Finished {
        /// The course on the target.
        course: CourseId,
        /// When it began.
        begun: String,
    },
}

impl Journal {
    /// Opens the journal of a pair below `root`, makes its folder where there is none, and keeps other runs
    /// on the same pair or the same target away until it is dropped.
    ///
    /// # Errors
    /// `Conflict` where another run works on it; `InvalidInput` with the line where it is damaged; `Io` and
    /// its like where the folder cannot be used.
    pub fn open(root: &Path, pair: Pair) -> Result<Self> {
        let folder = pair.folder_below(root)?;
        private::folder(&folder)?;
        let held = Lock::take(&folder.join("lock"), "this migration")?;
        let path = folder.join(FILE);
        let (records, good) = file::read(&path)?;
        let journal = Self {
            root: root.to_owned(),
            state: Mutex::new(taken_together(records)),
            writer: Some(Writer::open(&path, good)?),
            locks: Mutex::new(vec![held]),
            folder,
            pair: Some(pair),
        };
        let known = journal.state().course.clone();
        if let Some(course) = known.or_else(|| journal.pair.as_ref()?.requested.clone()) {
            journal.claim(&course)?;
        }
        Ok(journal)
    }

    /// Reads the journal of a pair, if there is one, and writes nothing, neither now nor later.
    ///
    /// # Errors
    /// Those of reading.
    pub fn peek(root: &Path, pair: Pair) -> Result<Self> {
        let folder = pair.folder_below(root)?;
        let (records, _) = file::read(&folder.join(FILE))?;
        Ok(Self {
            root: root.to_owned(),
            state: Mutex::new(taken_together(records)),
            writer: None,
            locks: Mutex::default(),
            folder,
            pair: Some(pair),
        })
    }

    /// A journal that is kept nowhere: a run that breaks off cannot go on.
    pub fn nowhere() -> Self {
        Self {
            root: PathBuf::new(),
            folder: PathBuf::new(),
            pair: None,
            state: Mutex::default(),
            writer: None,
            locks: Mutex::default(),
        }
    }

    /// What the runs before came to.
    pub fn status(&self) -> Status {
        let state = self.state();
        match (&state.begun, &state.course) {
            (Some(begun), Some(course)) if !state.is_unfinished() => {
                Status::Finished { course: course.clone(), begun: begun.clone() }
            }
            // It was refused before anything was sent: there is nothing to go on with.
            (Some(_), None) if state.is_blank() => Status::Fresh,
            (Some(begun), course) => Status::Unfinished {
                course: course.clone(),
                begun: begun.clone(),
                written: state.nodes.len(),
            },
            (None, _) => Status::Fresh,
        }
    }

    /// The folder of the journal; empty for one that is kept nowhere.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.writer.is_some()
    }

    /// Keeps other runs away from a course of the target.
    pub(crate) fn claim(&self, course: &CourseId) -> Result<()> {
        let (Some(pair), true) = (&self.pair, self.writer.is_some()) else { return Ok(()) };
        let folder = self.root.join("targets");
        private::folder(&folder)?;
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        // The pair's own lock, and one on the target at most.
        if locks.len() < 2 {
            let path = folder.join(pair.target_name(course));
            locks.push(Lock::take(&path, &format!("course {course} of {}", pair.target.location))?);
        }
        Ok(())
    }

    pub(crate) async fn begin(&self, fresh: bool, staged: bool, replace: bool) -> Result<()> {
        let (source, target) = self.pair.as_ref().map(Pair::names).unwrap_or_default();
        let tool = concat!("lms ", env!("CARGO_PKG_VERSION")).to_owned();
        let begin = Record::Begin { format: FORMAT, at: now(), tool, source, target, fresh, staged, replace };
        self.write(vec![begin], true).await
    }

    /// Says what is about to be sent, and waits until that is on the disk.
    pub(crate) async fn intend(&self, write: Write) -> Result<u64> {
        let n = {
            let mut state = self.state();
            let n = state.next;
            state.next += 1;
            n
        };
        self.write(vec![Record::Intent { n, write }], true).await?;
        Ok(n)
    }

    /// Says what came of a write. It need not be on the disk at once: what is lost is looked for.
    pub(crate) async fn done(&self, n: u64, outcome: Outcome) -> Result<()> {
        self.write(vec![Record::Done { n, outcome }], false).await
    }

    pub(crate) async fn refused(&self, n: u64, why: ErrorKind) -> Result<()> {
        self.write(vec![Record::Refused { n, why: why.name().to_owned() }], false).await
    }

    pub(crate) async fn write(&self, records: Vec<Record>, settle: bool) -> Result<()> {
        if let Some(writer) = &self.writer {
            let upto = writer.append(&records)?;
            if settle {
                writer.settle(upto).await?;
            }
        }
        let mut state = self.state();
        records.into_iter().for_each(|record| state.take(record));
        Ok(())
    }
}

fn taken_together(records: Vec<Record>) -> State {
    let mut state = State::default();
    records.into_iter().for_each(|record| state.take(record));
    state
}

/// The time, to the second.
pub(crate) fn now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or_default();
    Timestamp::from_unix_seconds(seconds).map(|t| t.to_string()).unwrap_or_default()
}
