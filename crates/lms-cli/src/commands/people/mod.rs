//! Many people from a CSV: reading it, doing something with each row in order, and writing down what came of it so
//! that a run that was cut off goes on where it stopped.

pub(crate) mod drive;
pub(crate) mod journal;
pub(crate) mod single;
pub(crate) mod table;
pub(crate) mod tally;
pub(crate) mod who;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::exit::Failure;
use journal::{Journal, Place};
use table::Table;

/// Where the rows come from and where their outcomes go.
#[derive(Debug, clap::Args)]
pub(crate) struct FileArgs {
    /// Take the people from this CSV file, which begins with a line of column names; - for standard input.
    #[arg(long, value_name = "FILE", help_heading = "Many people")]
    pub(crate) csv: Option<PathBuf>,
    /// What separates the columns.
    #[arg(long, value_name = "CHAR", default_value = ",", requires = "csv", help_heading = "Many people")]
    pub(crate) delimiter: char,
    /// Where to write what came of each row: the columns of the input, `outcome` and `detail`. FILE.result.csv if not
    /// said; - for standard output, which is meant for standard input.
    #[arg(long, value_name = "FILE", requires = "csv", help_heading = "Many people")]
    pub(crate) result: Option<PathBuf>,
    /// Go on with a run that was cut off, after the rows that the result file holds.
    #[arg(long, requires = "csv", help_heading = "Many people")]
    pub(crate) resume: bool,
}

impl FileArgs {
    /// The table, if there is one.
    pub(crate) fn table(&self) -> Result<Option<Table>, Failure> {
        self.csv.as_deref().map(|path| Table::open(path, self.delimiter)).transpose()
    }

    /// Where outcomes go.
    pub(crate) fn place(&self, table: &Table) -> Result<Place, Failure> {
        let dash = |path: &Path| path == Path::new("-");
        let from_stdin = self.csv.as_deref().is_some_and(dash);
        let path = match &self.result {
            Some(path) if dash(path) => None,
            Some(path) if self.csv.as_deref().is_some_and(|csv| is_same(csv, path)) => {
                return Err(Failure::Usage(format!(
                    "--result {}: this is the file of the people itself; say another one",
                    path.display()
                )));
            }
            Some(path) => Some(path.clone()),
            None if from_stdin => None,
            None => Some(beside(Path::new(table.name()))),
        };
        match path {
            Some(path) => Ok(Place::File(path)),
            None if self.resume => Err(Failure::Usage(
                "a run whose outcomes go to standard output cannot be resumed; say --result FILE".into(),
            )),
            None => Ok(Place::Stdout),
        }
    }

    /// The journal, with the rows that it holds already.
    pub(crate) fn journal(&self, table: &Table) -> Result<Journal, Failure> {
        match (self.place(table)?, self.resume) {
            (Place::Stdout, _) => Journal::stdout(table),
            (Place::File(path), false) => Journal::create(&path, table),
            (Place::File(path), true) => Journal::resume(&path, table),
        }
    }
}

/// Whether two paths lead to one file.
fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// `people.csv` has its outcomes in `people.result.csv`.
fn beside(path: &Path) -> PathBuf {
    path.with_extension("result.csv")
}

/// A time that somebody is to wait, as people say it.
pub(crate) fn spoken(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest} s"),
        (0, _) if rest == 0 => format!("{minutes} min"),
        (0, _) => format!("{minutes} min {rest} s"),
        (1..48, 0) => format!("{hours} h"),
        (1..48, _) => format!("{hours} h {minutes} min"),
        _ if hours % 24 == 0 => format!("{} days", hours / 24),
        _ => format!("{} days {} h", hours / 24, hours % 24),
    }
}

/// A number as people read it: `10,000`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 row`, `7 rows`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_numbers_are_for_people() {
        let spoken = |seconds: f64| spoken(Duration::from_secs_f64(seconds));
        assert_eq!([spoken(0.2), spoken(59.0), spoken(150.0)], ["1 s", "59 s", "2 min 30 s"]);
        assert_eq!([spoken(15_000.0), spoken(700_000.0)], ["4 h 10 min", "8 days 2 h"]);
        assert_eq!([spoken(604_800.0), spoken(180_000.0)], ["7 days", "2 days 2 h"]);
        assert_eq!([spoken(720.0), spoken(7_200.0)], ["12 min", "2 h"]);
        assert_eq!(
            [count(0), count(999), count(1_000), count(1_234_567)],
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(beside(Path::new("a/people.csv")), Path::new("a/people.result.csv"));
        assert_eq!(beside(Path::new("people")), Path::new("people.result.csv"));
    }
}
