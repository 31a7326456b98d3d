//! Listings that are shown as they come in: as text, as CSV, as one JSON document, or as JSON lines. No more than one
//! item is held.

use std::io::{BufWriter, StdoutLock, Write};

use futures::{Stream, StreamExt};
use lms_core::Result;
use serde::Serialize;

use crate::exit::Failure;
use crate::html::printable;
use crate::terminal::{self, Paint};

/// How a listing is shown.
#[derive(Debug, Clone, Copy, clap::Args)]
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

/// A column: its name, and how wide it is as text; the last is as wide as it likes.
pub(crate) type Column = (&'static str, usize);

/// Something with a row of cells.
pub(crate) trait Cells: Serialize {
    /// The columns of all.
    const COLUMNS: &'static [Column];
    /// The cells of this one.
    fn cells(&self) -> Vec<String>;
}

/// Shows a listing. Gives how many there were.
pub(crate) async fn show<T: Cells>(
    form: FormArgs,
    items: impl Stream<Item = Result<T>>,
) -> Result<u64, Failure> {
    let mut items = std::pin::pin!(items.take(form.limit.unwrap_or(usize::MAX)));
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut count = 0;
    loop {
        let next = items.next().await;
        let last = next.is_none();
        // What came before an error was shown; the document is closed all the same.
        let (item, failed) = match next {
            Some(Ok(item)) => (Some(item), None),
            Some(Err(error)) => (None, Some(error)),
            None => (None, None),
        };
        if count == 0 && item.is_some() {
            head::<T>(form, &mut out)?;
        }
        if let Some(item) = &item {
            one(form, item, count, &mut out)?;
            count += 1;
        }
        if form.json && item.is_none() {
            out.write_all(if count == 0 { b"[]\n" } else { b"\n]\n" })?;
        } else if form.csv && last && count == 0 {
            head::<T>(form, &mut out)?;
        }
        if let Some(error) = failed {
            out.flush()?;
            return Err(error.into());
        }
        if last {
            out.flush()?;
            return Ok(count);
        }
        if !form.json && !form.csv {
            out.flush()?;
        }
    }
}

type Out = BufWriter<StdoutLock<'static>>;

fn head<T: Cells>(form: FormArgs, out: &mut Out) -> Result<(), Failure> {
    let names = || T::COLUMNS.iter().map(|(name, _)| (*name).to_owned());
    if form.csv {
        return row(&names().collect::<Vec<_>>(), out);
    }
    if !form.json && !form.jsonl {
        let line = aligned::<T>(&names().collect::<Vec<_>>());
        writeln!(out, "{}", terminal::stdout().paint(Paint::Dim, &line))?;
    }
    Ok(())
}

fn one<T: Cells>(form: FormArgs, item: &T, count: u64, out: &mut Out) -> Result<(), Failure> {
    let unwritable = |e: serde_json::Error| Failure::from(std::io::Error::from(e));
    if form.json {
        out.write_all(if count == 0 { b"[\n  " } else { b",\n  " })?;
        return serde_json::to_writer(&mut *out, item).map_err(unwritable);
    }
    if form.jsonl {
        serde_json::to_writer(&mut *out, item).map_err(unwritable)?;
        return Ok(out.write_all(b"\n")?);
    }
    if form.csv {
        return row(&item.cells(), out);
    }
    Ok(writeln!(out, "{}", aligned::<T>(&item.cells()))?)
}

fn row(cells: &[String], out: &mut Out) -> Result<(), Failure> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let line = writer.write_record(cells).map_err(std::io::Error::from);
    line.and_then(|()| writer.into_inner().map_err(|e| e.into_error()))
        .and_then(|line| out.write_all(&line))?;
    Ok(())
}

fn aligned<T: Cells>(cells: &[String]) -> String {
    let mut line = String::new();
    for (cell, (_, width)) in cells.iter().zip(T::COLUMNS) {
        let shown = if cell.is_empty() { "–".to_owned() } else { printable(cell) };
        line.push_str(&shown);
        let used = console::measure_text_width(&shown);
        line.extend(std::iter::repeat_n(' ', width.saturating_sub(used) + 2));
    }
    line.trim_end().to_owned()
}
