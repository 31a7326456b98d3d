//! What goes to standard output.

use std::io::Write;
use std::path::Path;

use lms_migrate::Report;
use serde::Serialize;

use crate::exit::Failure;

/// One JSON document and nothing else.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value).map_err(|e| match e.io_error_kind() {
        Some(kind) => Failure::from(std::io::Error::from(kind)),
        None => Failure::Usage(format!("the result cannot be written as JSON: {e}")),
    })?;
    out.write_all(b"\n")?;
    Ok(())
}

/// A report: to a file as HTML where one is named, and to standard output.
pub(crate) fn report(report: &Report, file: Option<&Path>, as_json: bool) -> Result<(), Failure> {
    if let Some(path) = file {
        report.save_html(path)?;
    }
    if as_json { json(report) } else { text(&report.to_text()) }
}

/// Text as it is.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// Columns, the last one as wide as it likes.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
