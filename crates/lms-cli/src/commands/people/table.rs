//! Reading a CSV strictly. Everything that is wrong is told at once, with line and column, before anything is sent.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use csv::{ReaderBuilder, StringRecord, StringRecordsIntoIter};
use lms_core::Error;

use super::counted;
use crate::exit::Failure;

/// Faults that are told; more are counted.
const TOLD: usize = 20;
/// Columns of a result file, which no input may have.
pub(crate) const OUTCOME: [&str; 2] = ["outcome", "detail"];

/// A CSV that can be read several times.
#[derive(Debug)]
pub(crate) struct Table {
    name: String,
    file: File,
    delimiter: u8,
    headers: StringRecord,
}

/// One row.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The line it begins on, from 1.
    pub(crate) line: u64,
    /// Its cells.
    pub(crate) cells: StringRecord,
}

impl Row {
    /// A cell without blanks around it; `None` if it is empty or there is no such column.
    pub(crate) fn get(&self, column: Option<usize>) -> Option<&str> {
        let cell = self.cells.get(column?)?.trim();
        (!cell.is_empty()).then_some(cell)
    }

    /// Whether there is nothing in it, as spreadsheets leave behind.
    pub(crate) fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

impl Table {
    /// Opens a file; `-` and what cannot be read twice is put aside first.
    pub(crate) fn open(path: &Path, delimiter: char) -> Result<Self, Failure> {
        let Ok(delimiter) = u8::try_from(delimiter) else {
            return Err(Failure::Usage(format!("--delimiter {delimiter}: only ASCII separates columns")));
        };
        let stdin = path == Path::new("-");
        let name = if stdin { "standard input".to_owned() } else { path.display().to_string() };
        let fault = |e| Failure::from(Error::io(&name, e));
        let file = if stdin {
            aside(std::io::stdin().lock()).map_err(fault)?
        } else {
            let file = File::open(path).map_err(fault)?;
            let about = file.metadata().map_err(fault)?;
            if about.is_dir() {
                return Err(Failure::Usage(format!("{name} is a folder; --csv takes a file")));
            }
            if about.is_file() { file } else { aside(file).map_err(fault)? }
        };
        let mut table = Self { name, file, delimiter, headers: StringRecord::new() };
        table.headers = table.read_headers()?;
        Ok(table)
    }

    /// The path, or `standard input`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What separates the columns.
    pub(crate) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The column names.
    pub(crate) fn headers(&self) -> &StringRecord {
        &self.headers
    }

    /// The place of a column that goes by one of these names; how a name is spelled does not matter
    /// (`User Name`, `user_name`).
    pub(crate) fn column(&self, names: &[&str]) -> Option<usize> {
        self.headers.iter().position(|header| names.contains(&plain(header).as_str()))
    }

    /// The name of a column.
    pub(crate) fn header(&self, column: usize) -> &str {
        self.headers.get(column).unwrap_or_default().trim()
    }

    /// A fault of the first line.
    pub(crate) fn fault(&self, message: impl std::fmt::Display) -> Failure {
        Failure::Usage(format!("{} line 1: {message}", self.name))
    }

    /// The rows from the beginning. Only one such reading may be under way.
    pub(crate) fn rows(&self) -> Result<Rows, Failure> {
        let fault = |e| Failure::from(Error::io(&self.name, e));
        let mut file = self.file.try_clone().map_err(fault)?;
        file.seek(SeekFrom::Start(0)).map_err(fault)?;
        let breaks = Breaks::default();
        let counted = Counted { file, at: 0, breaks: Arc::clone(&breaks) };
        let mut reader = ReaderBuilder::new().delimiter(self.delimiter).from_reader(counted);
        // The first line is read for itself, or the place of the second would be that of the first. What is wrong
        // with it was told when the table was opened.
        let _ = reader.headers();
        Ok(Rows { headers: self.headers.clone(), records: reader.into_records(), breaks, lines: 0 })
    }

    fn read_headers(&self) -> Result<StringRecord, Failure> {
        let fault = |e| Failure::from(Error::io(&self.name, e));
        let mut file = self.file.try_clone().map_err(fault)?;
        let mut start = [0; 2];
        let length = file.read(&mut start).map_err(fault)?;
        if matches!(start, [0xFF, 0xFE] | [0xFE, 0xFF]) && length == 2 {
            return Err(Failure::Usage(format!("{} is UTF-16; save it as CSV in UTF-8", self.name)));
        }
        file.seek(SeekFrom::Start(0)).map_err(fault)?;
        let mut reader = ReaderBuilder::new().delimiter(self.delimiter).from_reader(BufReader::new(file));
        let headers = match reader.headers() {
            Ok(headers) => headers.clone(),
            Err(error) => {
                return Err(Failure::Usage(format!("{} {}", self.name, described(&error, 1, None))));
            }
        };
        if headers.iter().all(|header| header.trim().is_empty()) {
            return Err(self.fault("there are no column names; the first line names the columns: user,mode"));
        }
        if let Some(header) = headers.get(0).filter(|_| headers.len() == 1)
            && let Some(other) = [';', '\t', '|'].into_iter().find(|other| header.contains(*other))
        {
            let shown = if other == '\t' { "$'\\t'".to_owned() } else { format!("'{other}'") };
            return Err(self
                .fault(format!("{:?} separates the columns, as it seems; say --delimiter {shown}", other)));
        }
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (at, header) in headers.iter().enumerate() {
            let name = plain(header);
            if OUTCOME.contains(&name.as_str()) {
                return Err(self.fault(format!(
                    "a column is called `{name}`: this is the result of another run. Give the file it came from, with \
                     --resume to go on"
                )));
            }
            if let Some(first) = seen.insert(name, at + 1).filter(|_| !header.trim().is_empty()) {
                return Err(self.fault(format!(
                    "columns {first} and {} are both called `{}`",
                    at + 1,
                    header.trim()
                )));
            }
        }
        Ok(headers)
    }
}

/// A name without capitals, blanks and dashes.
fn plain(header: &str) -> String {
    header.trim().to_lowercase().replace([' ', '-'], "_")
}

fn aside(mut from: impl Read) -> std::io::Result<File> {
    let mut file = tempfile::tempfile()?;
    std::io::copy(&mut from, &mut file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// Where line ends were seen: the place of the byte, and whether it ends a line (of `\r\n` only the second does).
type Breaks = Arc<Mutex<VecDeque<(u64, bool)>>>;

/// A file whose line ends are noted as it is read: the reader counts blank lines and `\r\n` otherwise than people do.
#[derive(Debug)]
struct Counted {
    file: File,
    at: u64,
    breaks: Breaks,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(buffer)?;
        let mut breaks = self.breaks.lock().unwrap_or_else(PoisonError::into_inner);
        for (at, byte) in (self.at..).zip(buffer.iter().take(read)) {
            if matches!(byte, b'\r' | b'\n') {
                breaks.push_back((at, *byte == b'\n'));
            }
        }
        self.at += read as u64;
        Ok(read)
    }
}

/// Rows as they are read.
pub(crate) struct Rows {
    headers: StringRecord,
    records: StringRecordsIntoIter<Counted>,
    breaks: Breaks,
    /// Lines that ended before the last row.
    lines: u64,
}

impl Rows {
    /// The line on which what begins at this byte begins, after the line ends that stand before it.
    fn line(&mut self, mut at: u64) -> u64 {
        let mut breaks = self.breaks.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((place, ends)) = breaks.front().copied().filter(|(place, _)| *place <= at) {
            breaks.pop_front();
            self.lines += u64::from(ends);
            at += u64::from(place == at);
        }
        self.lines + 1
    }
}

impl Iterator for Rows {
    /// A row, or what is wrong with it.
    type Item = Result<Row, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.records.next()?;
        let place = match &record {
            Ok(cells) => cells.position(),
            Err(error) => error.position(),
        };
        let line = place.map(csv::Position::byte).map_or(self.lines + 1, |at| self.line(at));
        Some(match record {
            Ok(cells) => Ok(Row { line, cells }),
            Err(error) => Err(described(&error, line, Some(&self.headers))),
        })
    }
}

/// Where, and what.
fn described(error: &csv::Error, line: u64, headers: Option<&StringRecord>) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { err, .. } => {
            let name = headers.and_then(|headers| headers.get(err.field())).unwrap_or("?");
            format!("line {line}, column {name}: no UTF-8; save the file as CSV in UTF-8")
        }
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => format!(
            "line {line}: {} where the first line names {}; is a quotation mark or a separator missing or too many?",
            counted(*len, "cell", "cells"),
            counted(*expected_len, "column", "columns"),
        ),
        csv::ErrorKind::Io(error) => format!("line {line}: it cannot be read: {error}"),
        _ => format!("line {line}: {error}"),
    }
}

/// What is wrong with a table.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    told: Vec<String>,
    more: usize,
}

impl Faults {
    /// Something is wrong.
    pub(crate) fn add(&mut self, fault: String) {
        if self.told.len() < TOLD { self.told.push(fault) } else { self.more += 1 }
    }

    /// Something is wrong with a cell.
    pub(crate) fn cell(&mut self, row: &Row, column: &str, fault: impl std::fmt::Display) {
        self.add(format!("line {}, column {column}: {fault}", row.line));
    }

    /// Nothing, or all of it.
    pub(crate) fn settle(self, table: &Table) -> Result<(), Failure> {
        if self.told.is_empty() {
            return Ok(());
        }
        let mut text = format!("{} cannot be used; nothing was sent\n", table.name());
        for fault in &self.told {
            text.push_str(&format!("  {fault}\n"));
        }
        if self.more > 0 {
            text.push_str(&format!("  and {} more\n", self.more));
        }
        text.truncate(text.trim_end().len());
        Err(Failure::Usage(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(bytes: &[u8]) -> Result<Table, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("people.csv");
        std::fs::write(&path, bytes).expect("it can be written");
        Table::open(&path, ',').map_err(|failure| match failure {
            Failure::Usage(message) => message,
            other => format!("{other:?}"),
        })
    }

    #[test]
    fn marks_line_ends_quotes_and_blank_lines_are_as_spreadsheets_write_them() {
        let text = "\u{feff}User Name,mode\r\nada, audit \r\n\r\n\"b,en\",\r\n,\r\n";
        let table = table(text.as_bytes()).expect("a table");
        assert_eq!(table.column(&["user_name"]), Some(0), "{:?}", table.headers());
        for _ in 0..2 {
            let rows: Vec<Row> = table.rows().expect("rows").collect::<Result<_, _>>().expect("sound rows");
            let seen: Vec<_> =
                rows.iter().map(|row| (row.line, row.get(Some(0)), row.get(Some(1)))).collect();
            assert_eq!(seen[..2], [(2, Some("ada"), Some("audit")), (4, Some("b,en"), None)]);
            assert!(rows[2].is_empty());
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (bytes, says) in [
            (&b""[..], "line 1: there are no column names"),
            (b"user;mode\nada;audit\n", "--delimiter ';'"),
            (b"user\tmode\nada\taudit\n", "--delimiter $'\\t'"),
            (b"user,mode,User\n", "columns 1 and 3 are both called `User`"),
            (b"user,outcome,detail\n", "the result of another run"),
            (b"\xff\xfeu\0s\0", "UTF-16"),
        ] {
            let fault = table(bytes).expect_err(says);
            assert!(fault.contains(says), "{fault}");
        }
        let bad =
            table(b"user,mode\nada,audit\nben\n\xff,audit\n\"cleo,audit\n").expect("a sound first line");
        let faults: Vec<String> = bad.rows().expect("rows").filter_map(Result::err).collect();
        assert!(faults[0].starts_with("line 3: 1 cell where the first line names 2 columns"), "{faults:?}");
        assert!(faults[1].starts_with("line 4, column user: no UTF-8"), "{faults:?}");
        assert!(faults[2].starts_with("line 5: 1 cell "), "{faults:?}");
    }
}
