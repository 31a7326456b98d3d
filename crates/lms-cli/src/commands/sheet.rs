//! Listings that are shown as they come in: as text, as CSV, as one JSON document, or as JSON lines. What is
//! held is what has come and is not shown yet: a page.

use std::io::{BufWriter, IsTerminal, StdoutLock, Write};

use futures::{Stream, StreamExt};
use lms_core::Result;
use serde::Serialize;

use crate::exit::Failure;
use crate::html::printable;
use crate::output;
use crate::terminal::{self, Paint};

/// How a listing is shown.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(crate) struct FormArgs {
    /// CSV on stdout, with a line of column names.
    #[arg(long, conflicts_with_all = ["json", "jsonl"])]
    pub(crate) csv: bool,
    /// One JSON document on stdout.
    #[arg(long, conflicts_with = "jsonl")]
    pub(crate) json: bool,
    /// JSON on stdout, one document each line.
    #[arg(long)]
    pub(crate) jsonl: bool,
    /// No more than this many.
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
}

/// Something with a row of cells.
pub(crate) trait Cells: Serialize {
    /// The columns of all.
    const COLUMNS: &'static [&'static str];
    /// The cells of this one.
    fn cells(&self) -> Vec<String>;
}

/// Items that are there already are shown together, and their widths are measured together.
const TOGETHER: usize = 100;

/// Shows a listing. Gives how many there were.
pub(crate) async fn show<T: Cells>(
    form: FormArgs,
    items: impl Stream<Item = Result<T>>,
) -> Result<u64, Failure> {
    let items = items.take(form.limit.unwrap_or(usize::MAX));
    let mut chunks = std::pin::pin!(items.ready_chunks(TOGETHER));
    let mut sheet =
        Sheet { form, out: BufWriter::new(std::io::stdout().lock()), widths: Vec::new(), count: 0 };
    let mut failed = None;
    while let Some(chunk) = chunks.next().await {
        let mut rows = Vec::with_capacity(chunk.len());
        for item in chunk {
            match item {
                Ok(item) => rows.push(item),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        sheet.add(&rows)?;
        if failed.is_some() {
            break;
        }
    }
    // What came before an error was shown; the document is closed all the same.
    sheet.end::<T>()?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(sheet.count),
    }
}

type Out = BufWriter<StdoutLock<'static>>;

struct Sheet {
    form: FormArgs,
    out: Out,
    widths: Vec<usize>,
    count: u64,
}

impl Sheet {
    fn add<T: Cells>(&mut self, items: &[T]) -> Result<(), Failure> {
        let FormArgs { csv, json, jsonl, .. } = self.form;
        let cells: Vec<Vec<String>> =
            if json || jsonl { Vec::new() } else { items.iter().map(shown).collect() };
        if self.count == 0 && !items.is_empty() {
            self.head::<T>(&cells)?;
        }
        for (at, item) in items.iter().enumerate() {
            match cells.get(at) {
                Some(_) if csv => row(&item.cells(), &mut self.out)?,
                Some(cells) => self.line(cells)?,
                None if json => {
                    self.out.write_all(if self.count == 0 { b"[\n  " } else { b",\n  " })?;
                    serde_json::to_writer(&mut self.out, item).map_err(std::io::Error::from)?;
                }
                None => {
                    serde_json::to_writer(&mut self.out, item).map_err(std::io::Error::from)?;
                    self.out.write_all(b"\n")?;
                }
            }
            self.count += 1;
        }
        Ok(self.out.flush()?)
    }

    fn head<T: Cells>(&mut self, cells: &[Vec<String>]) -> Result<(), Failure> {
        let names: Vec<String> = T::COLUMNS.iter().map(|name| (*name).to_owned()).collect();
        if self.form.csv {
            return row(&names, &mut self.out);
        }
        if self.form.json || self.form.jsonl {
            return Ok(());
        }
        let widest = |at: usize| {
            let all = cells.iter().chain([&names]).filter_map(|row| row.get(at));
            all.map(|cell| console::measure_text_width(cell)).max().unwrap_or_default()
        };
        self.widths = (0..names.len()).map(widest).collect();
        let line = aligned(&names, &self.widths);
        Ok(writeln!(self.out, "{}", terminal::stdout().paint(Paint::Dim, &line))?)
    }

    fn line(&mut self, cells: &[String]) -> Result<(), Failure> {
        Ok(writeln!(self.out, "{}", aligned(cells, &self.widths))?)
    }

    fn end<T: Cells>(&mut self) -> Result<(), Failure> {
        if self.count == 0 && self.form.csv {
            self.head::<T>(&[])?;
        }
        let FormArgs { csv, json, jsonl, .. } = self.form;
        if self.count == 0 && !(csv || json || jsonl) && std::io::stdout().is_terminal() {
            output::note("There are none.");
        }
        if self.form.json {
            self.out.write_all(if self.count == 0 { b"[]\n" } else { b"\n]\n" })?;
        }
        Ok(self.out.flush()?)
    }
}

/// Cells for people: nothing is a dash, and nothing commands the terminal.
fn shown<T: Cells>(item: &T) -> Vec<String> {
    let shown = |cell: String| if cell.is_empty() { "–".to_owned() } else { printable(&cell) };
    item.cells().into_iter().map(shown).collect()
}

fn row(cells: &[String], out: &mut Out) -> Result<(), Failure> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let line = writer.write_record(cells).map_err(std::io::Error::from);
    line.and_then(|()| writer.into_inner().map_err(|e| e.into_error()))
        .and_then(|line| out.write_all(&line))?;
    Ok(())
}

fn aligned(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        line.push_str(cell);
        let used = console::measure_text_width(cell);
        line.extend(std::iter::repeat_n(' ', width.saturating_sub(used) + 2));
    }
    line.trim_end().to_owned()
}
