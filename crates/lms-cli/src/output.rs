//! What goes to standard output.

use std::borrow::Cow;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;

use lms_migrate::Report;
use serde::Serialize;

use crate::exit::Failure;
use crate::terminal::{self, Paint};

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

/// Text for people. What courses say cannot command the terminal.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(tame(text).as_bytes())?;
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
    let line = terminal::wrapped(&tame(line), &console::Term::stderr());
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// The text with control characters made visible (`␛`), except line ends, tabs, and colours: a title of a course may
/// hold sequences that move the cursor, rename the window or write to the clipboard.
pub(crate) fn tame(text: &str) -> Cow<'_, str> {
    let is_tame = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    if text.chars().all(is_tame) {
        return Cow::Borrowed(text);
    }
    let mut tamed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let colour = colour_at(rest);
        let length = if colour > 0 { colour } else { c.len_utf8() };
        let (head, tail) = rest.split_at(length);
        if colour > 0 || is_tame(c) {
            tamed.push_str(head);
        } else {
            tamed.push(char::from_u32(0x2400 + u32::from(c)).filter(|_| c < ' ').unwrap_or('\u{fffd}'));
        }
        rest = tail;
    }
    Cow::Owned(tamed)
}

/// Bytes of the colour sequence (`ESC [ 1 ; 31 m`) that the text begins with; 0 for none.
fn colour_at(text: &str) -> usize {
    let Some(inside) = text.strip_prefix("\u{1b}[") else { return 0 };
    let end = inside.find(|c: char| !c.is_ascii_digit() && c != ';');
    end.filter(|end| inside[*end..].starts_with('m')).map_or(0, |end| end + 3)
}

/// Columns, below their names where a person reads them; what is piped has no line more than it has rows.
pub(crate) fn headed(names: &[&str], mut rows: Vec<Vec<String>>) -> String {
    if std::io::stdout().is_terminal() {
        let screen = terminal::stdout();
        rows.insert(0, names.iter().map(|name| screen.paint(Paint::Dim, name)).collect());
    }
    table(&rows)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_do_not_command_the_terminal() {
        let title = "a\u{1b}]0;owned\u{7}b\u{1b}[2Jc\u{9b}3Jd\re\u{8}f\u{7f}";
        assert_eq!(tame(title), "a␛]0;owned␇b␛[2Jc\u{fffd}3Jd␍e␈f\u{fffd}");
        let painted = "\u{1b}[1;31mred\u{1b}[0m\n\tplain";
        assert_eq!(tame(painted), painted);
        assert_eq!(tame("\u{1b}[31"), "␛[31");
    }
}
