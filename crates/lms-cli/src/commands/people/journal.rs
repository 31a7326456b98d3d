//! The result file: the columns of the input, `outcome` and `detail`. It is written as outcomes come in and is the
//! journal of the run: what stands in it is not done again.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord, Terminator, WriterBuilder};
use lms_core::{Error, ErrorKind};

use super::table::{OUTCOME, Row, Table};
use super::tally::{Outcome, Tally};
use crate::exit::Failure;

/// Rows between two moments when the file is on the disk for certain.
const BATCH: u64 = 100;

/// Where outcomes go.
#[derive(Debug)]
pub(crate) enum Place {
    File(PathBuf),
    Stdout,
}

#[derive(Debug)]
enum Sink {
    File(File),
    Stdout(BufWriter<std::io::Stdout>),
}

/// Outcomes, row by row.
#[derive(Debug)]
pub(crate) struct Journal {
    path: Option<PathBuf>,
    sink: Sink,
    hide: Option<usize>,
    delimiter: u8,
    tally: Tally,
    unsynced: u64,
}

impl Journal {
    /// To standard output.
    pub(crate) fn stdout(table: &Table) -> Result<Self, Failure> {
        Self {
            hide: hidden(table),
            ..Self::new(None, Sink::Stdout(BufWriter::new(std::io::stdout())), table)
        }
        .begin(table)
    }

    /// Into a new file.
    pub(crate) fn create(path: &Path, table: &Table) -> Result<Self, Failure> {
        match OpenOptions::new().write(true).create_new(true).open(path) {
            Ok(file) => Self::new(Some(path), Sink::File(lock(path, file)?), table).begin(table),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Err(Failure::Usage(format!(
                "{} is there already. Say --resume to go on after the rows that it holds, or --result FILE to begin anew",
                path.display()
            ))),
            Err(e) => Err(unwritable(path, e)),
        }
    }

    /// Into a file that an earlier run has begun. A last line that it could not finish is taken out; its row is done
    /// again, after a look whether it was done.
    pub(crate) fn resume(path: &Path, table: &Table) -> Result<Self, Failure> {
        let file = match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => lock(path, file)?,
            // Nothing was begun: the same command line works from the first run on.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Self::create(path, table),
            Err(e) => return Err(unwritable(path, e)),
        };
        let mut journal =
            Self::new(Some(path), Sink::File(file.try_clone().map_err(|e| unwritable(path, e))?), table);
        let end = journal.read_back(path, &file, table)?;
        let fault = |e| unwritable(path, e);
        file.set_len(end).map_err(fault)?;
        let mut file = file;
        file.seek(SeekFrom::End(0)).map_err(fault)?;
        if end == 0 { journal.begin(table) } else { Ok(journal) }
    }

    fn new(path: Option<&Path>, sink: Sink, table: &Table) -> Self {
        Self {
            path: path.map(Path::to_owned),
            sink,
            hide: hidden(table),
            delimiter: table.delimiter(),
            tally: Tally::default(),
            unsynced: 0,
        }
    }

    fn begin(mut self, table: &Table) -> Result<Self, Failure> {
        let headers = table.headers().clone();
        self.write(&headers, OUTCOME)?;
        Ok(self)
    }

    /// Holds the file against the table. Gives where the last whole line ends.
    fn read_back(&mut self, path: &Path, file: &File, table: &Table) -> Result<u64, Failure> {
        let fault = |e| unwritable(path, e);
        let shown = path.display();
        let mut at_end = file.try_clone().map_err(fault)?;
        let whole = file.try_clone().map_err(fault)?;
        let mut reader = ReaderBuilder::new()
            .delimiter(self.delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(BufReader::new(whole));
        let columns = table.headers().len() + OUTCOME.len();
        let length = file.metadata().map_err(fault)?.len();
        let mut rows = table.rows()?;
        let (mut record, mut end, mut first) = (StringRecord::new(), 0, true);
        loop {
            let line = reader.position().line();
            match reader.read_record(&mut record) {
                Ok(false) => return Ok(end),
                Ok(true) => {}
                // A letter may be cut in two where the line was.
                Err(e) if matches!(e.kind(), csv::ErrorKind::Utf8 { .. }) => record.clear(),
                Err(_) => return Err(damaged(path, line)),
            }
            let next = reader.position().byte();
            // Reading shares the place in the file with the reader, which holds what it has read.
            let whole = ends_line(&mut at_end, next).map_err(fault)?;
            if !whole && next >= length {
                let begun = first && !self.is_head(&mut at_end, length, table).map_err(fault)?;
                return if begun { Err(damaged(path, line)) } else { Ok(end) };
            }
            if !whole || record.len() != columns {
                return Err(damaged(path, line));
            }
            let other = || {
                Failure::Usage(format!(
                    "{shown} line {line} is not about the same row of {}: one of them was changed since. Say --result \
                     FILE to begin anew; nobody is enrolled twice",
                    table.name()
                ))
            };
            let expected = if first {
                table.headers().clone()
            } else {
                let row = rows
                    .next()
                    .ok_or_else(other)?
                    .map_err(|e| Failure::Usage(format!("{} {e}", table.name())))?;
                let outcome =
                    record.get(columns - OUTCOME.len()).and_then(Outcome::read).ok_or_else(other)?;
                self.tally.add(outcome);
                row.cells
            };
            let same = expected
                .iter()
                .zip(&record)
                .enumerate()
                .all(|(at, (left, right))| left == right || (!first && self.hide == Some(at)));
            if !same {
                return Err(other());
            }
            (first, end) = (false, next);
        }
    }

    /// Whether a file is the beginning of the first line, which was cut.
    fn is_head(&self, file: &mut File, length: u64, table: &Table) -> std::io::Result<bool> {
        let head = self.line(table.headers(), OUTCOME)?;
        if length > head.len() as u64 {
            return Ok(false);
        }
        let here = file.stream_position()?;
        let mut held = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut held)?;
        file.seek(SeekFrom::Start(here))?;
        Ok(head.starts_with(&held))
    }

    /// Rows that are in it.
    pub(crate) fn rows(&self) -> u64 {
        self.tally.rows()
    }

    /// What is in it.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Its path; `None` for standard output.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// What came of a row.
    pub(crate) fn add(&mut self, row: &Row, outcome: Outcome, detail: &str) -> Result<(), Failure> {
        let detail = detail.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut cells = row.cells.clone();
        if let Some(hide) = self.hide {
            cells = cells.iter().enumerate().map(|(at, cell)| if at == hide { "" } else { cell }).collect();
        }
        self.write(&cells, [outcome.name(), &detail])?;
        self.tally.add(outcome);
        self.unsynced += 1;
        if self.unsynced >= BATCH { self.sync() } else { Ok(()) }
    }

    /// Takes a file away that holds nothing, so that the same command can be given again.
    pub(crate) fn discard(&mut self) {
        if let Some(path) = &self.path {
            // If it stays, the next run says that it is there.
            let _ = std::fs::remove_file(path);
        }
    }

    /// What was added is on the disk when this returns.
    pub(crate) fn sync(&mut self) -> Result<(), Failure> {
        self.unsynced = 0;
        match &mut self.sink {
            Sink::File(file) => {
                let synced = file.sync_data();
                synced.map_err(|e| unwritable(self.path.as_deref().unwrap_or(Path::new("the result")), e))
            }
            Sink::Stdout(out) => Ok(out.flush()?),
        }
    }

    fn write(&mut self, cells: &StringRecord, more: [&str; 2]) -> Result<(), Failure> {
        let line = self.line(cells, more);
        // A line goes out whole, so that only a crash of the system cuts one.
        match &mut self.sink {
            Sink::File(file) => line
                .and_then(|line| file.write_all(&line))
                .map_err(|e| unwritable(self.path.as_deref().unwrap_or(Path::new("the result")), e)),
            Sink::Stdout(out) => Ok(line.and_then(|line| out.write_all(&line))?),
        }
    }

    fn line(&self, cells: &StringRecord, more: [&str; 2]) -> std::io::Result<Vec<u8>> {
        let mut line = WriterBuilder::new()
            .delimiter(self.delimiter)
            .terminator(Terminator::Any(b'\n'))
            .from_writer(Vec::new());
        line.write_record(cells.iter().chain(more)).map_err(std::io::Error::from)?;
        line.into_inner().map_err(|e| e.into_error())
    }
}

/// A password is not written down.
fn hidden(table: &Table) -> Option<usize> {
    table.column(&["password"])
}

fn ends_line(file: &mut File, end: u64) -> std::io::Result<bool> {
    let here = file.stream_position()?;
    let mut last = [0];
    file.seek(SeekFrom::Start(end.saturating_sub(1)))?;
    let read = file.read(&mut last)?;
    file.seek(SeekFrom::Start(here))?;
    Ok(read == 1 && last == *b"\n")
}

fn lock(path: &Path, file: File) -> Result<File, Failure> {
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Failure::Usage(format!("another run is writing {}; wait until it has ended", path.display())))
        }
        // Some file systems know no locks; two runs at once are the user's care there.
        Err(TryLockError::Error(_)) => Ok(file),
    }
}

fn damaged(path: &Path, line: u64) -> Failure {
    Failure::Usage(format!(
        "{} line {line} is no line of a result file; say --result FILE to begin anew",
        path.display()
    ))
}

fn unwritable(path: &Path, error: std::io::Error) -> Failure {
    let kind = match error.kind() {
        std::io::ErrorKind::PermissionDenied => ErrorKind::PermissionDenied,
        _ => ErrorKind::Io,
    };
    let what = match error.kind() {
        std::io::ErrorKind::StorageFull => "no space is left for the result file",
        _ => "the result file cannot be written",
    };
    Failure::Advised(
        Error::new(kind, what).on(path.display()).with_source(error),
        "Say --result FILE to write it elsewhere. A run that has begun goes on with --resume once there is room.".into(),
    )
}
