//! reStructuredText to the neutral HTML, and back.
//!
//! Own code: the published crates for reStructuredText parse a part of it, lose source positions, and
//! none of them writes it. What is not understood is kept as its source in `<pre class="rst">`, with a
//! note, and is written back verbatim.

mod block;
mod directive;
mod html;
mod inline;
mod list;
mod table;
mod write;
mod write_inline;

use std::collections::{HashMap, VecDeque};

pub(crate) use write::from_html;

/// What a text is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Blocks: a single paragraph keeps its `<p>`.
    Flow,
    /// The text of an option or a message: a single paragraph stands without `<p>`.
    Line,
}

/// What could not be understood, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    /// The line in the text, counted from 1.
    pub(crate) line: usize,
    /// A sentence for people.
    pub(crate) text: String,
}

/// HTML made of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub(crate) html: String,
    pub(crate) notes: Vec<Note>,
}

/// How deep blocks may be nested before they are kept as source.
const MAX_DEPTH: usize = 24;

/// What a text defines for all of itself.
#[derive(Debug, Default)]
pub(super) struct Reader {
    targets: HashMap<String, String>,
    anonymous: VecDeque<String>,
    substitutions: HashMap<String, String>,
    raw_roles: HashMap<String, bool>,
    adornments: Vec<(char, bool)>,
    notes: Vec<Note>,
    depth: usize,
}

/// A block of HTML.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// What stands between `<p>` and `</p>`.
    Paragraph(String),
    /// Anything else, whole.
    Other(String),
}

impl Piece {
    fn html(&self) -> String {
        match self {
            Self::Paragraph(inner) => format!("<p>{inner}</p>"),
            Self::Other(html) => html.clone(),
        }
    }
}

/// A line with its number in the whole text.
#[derive(Debug, Clone)]
pub(super) struct Line {
    text: String,
    number: usize,
}

impl Line {
    fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start_matches(' ').len()
    }
}

/// Renders a text.
pub(crate) fn to_html(rst: &str, shape: Shape) -> Rendered {
    let lines = split_lines(rst);
    let mut reader = Reader::default();
    reader.define(&lines);
    let pieces = reader.blocks(&lines, true);
    let html = match (shape, pieces.as_slice()) {
        (Shape::Line, [Piece::Paragraph(inner)]) => inner.clone(),
        _ => join(&pieces),
    };
    Rendered { html, notes: reader.notes }
}

/// Lines as docutils takes them: tabs are eight columns, white space at the end does not count.
fn split_lines(text: &str) -> Vec<Line> {
    text.replace("\r\n", "\n")
        .split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'])
        .enumerate()
        .map(|(n, line)| Line { text: expand_tabs(line.trim_end()), number: n + 1 })
        .collect()
}

fn expand_tabs(line: &str) -> String {
    if !line.contains('\t') {
        return line.to_owned();
    }
    let mut out = String::new();
    let mut column = 0;
    for c in line.chars() {
        if c == '\t' {
            let width = 8 - column % 8;
            out.extend(std::iter::repeat_n(' ', width));
            column += width;
        } else {
            out.push(c);
            column += 1;
        }
    }
    out
}

fn join(pieces: &[Piece]) -> String {
    pieces.iter().map(Piece::html).collect::<Vec<_>>().join("\n")
}

/// The pieces as what an item or a cell holds: one paragraph at the front stands without `<p>`.
fn join_compact(pieces: &[Piece]) -> String {
    // What follows must not run together with the text: raw HTML may begin within a line.
    let apart = |piece: &Piece| match piece {
        Piece::Paragraph(_) => false,
        Piece::Other(html) => BLOCKS.iter().any(|tag| html.starts_with(tag)),
    };
    match pieces {
        [Piece::Paragraph(inner)] => inner.clone(),
        [Piece::Paragraph(inner), rest @ ..] if rest.iter().all(apart) => format!("{inner}\n{}", join(rest)),
        _ => join(pieces),
    }
}

/// How blocks begin that end a line by themselves.
const BLOCKS: [&str; 9] = ["<ul", "<ol", "<dl", "<pre", "<blockquote", "<table", "<div", "<hr", "<p>"];

/// The lines without blank ones at both ends.
fn trim_blank(lines: &[Line]) -> &[Line] {
    let start = lines.iter().position(|line| !line.is_blank()).unwrap_or(lines.len());
    let end = lines.iter().rposition(|line| !line.is_blank()).map_or(start, |at| at + 1);
    &lines[start..end.max(start)]
}

/// The lines moved left by their common indentation.
fn dedent(lines: &[Line]) -> Vec<Line> {
    let common = lines.iter().filter(|l| !l.is_blank()).map(Line::indent).min().unwrap_or(0);
    cut(lines, common)
}

fn cut(lines: &[Line], columns: usize) -> Vec<Line> {
    lines
        .iter()
        .map(|line| Line {
            text: line.text.get(columns.min(line.indent())..).unwrap_or("").to_owned(),
            number: line.number,
        })
        .collect()
}

fn source(lines: &[Line]) -> String {
    lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
