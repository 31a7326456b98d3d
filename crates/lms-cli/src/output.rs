//! What goes to standard output.

use std::io::{BufWriter, Write};
use std::path::Path;

use lms_migrate::Report;
use serde::Serialize;

use crate::exit::Failure;
use crate::terminal;

/// One JSON document and nothing else.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    write_json(&mut out, |out| serde_json::to_writer_pretty(out, value))
}

fn write_json<W: Write>(
    out: &mut W,
    write: impl FnOnce(&mut W) -> serde_json::Result<()>,
) -> Result<(), Failure> {
    write(out).map_err(|e| match e.io_error_kind() {
        Some(_) => Failure::from(std::io::Error::from(e)),
        None => Failure::Usage(format!("the result cannot be written as JSON: {e}")),
    })?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

/// A report: to standard output, and to a file as HTML where one is named. What was done is said also when the file
/// cannot be written.
pub(crate) fn report(report: &Report, file: Option<&Path>, as_json: bool) -> Result<(), Failure> {
    if as_json { json(report) } else { prose(&report.to_text()) }?;
    match file {
        Some(path) => Ok(report.save_html(path)?),
        None => Ok(()),
    }
}

/// Whether a report can go there, to be asked before the work that it reports.
///
/// # Errors
/// A usage error that says what is in the way.
pub(crate) fn place_of_report(file: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = file else { return Ok(()) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let fault = match () {
        () if path.is_dir() => "this is a folder; say the name of a file",
        () if !folder.is_dir() => "its folder is not there",
        () => return Ok(()),
    };
    Err(Failure::Usage(format!("--report {}: {fault}; nothing was done", path.display())))
}

/// Text as it is.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Text with sentences in it, for people.
pub(crate) fn prose(of: &str) -> Result<(), Failure> {
    text(&terminal::wrapped(of, &console::Term::stdout()))
}

/// One JSON document on a line of its own, for listings that are shown while they come in.
pub(crate) fn json_line(value: &impl Serialize) -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    write_json(&mut out, |out| serde_json::to_writer(out, value))
}

/// A line for people on standard error. A terminal that was closed cannot be told anything.
pub(crate) fn note(line: &str) {
    let line = terminal::wrapped(line, &console::Term::stderr());
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Columns, the last one as wide as it likes.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let measure = |cell: &String| console::measure_text_width(cell);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(measure).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width - measure(cell) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
