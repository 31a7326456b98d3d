//! Blocks: paragraphs, headings, quotes, literal blocks, and who else takes a line.

use lms_core::escape;

use super::{Line, MAX_DEPTH, Note, Piece, Reader, dedent, join, source, trim_blank};

/// Characters that underline headings.
fn is_adornment(c: char) -> bool {
    c.is_ascii_punctuation()
}

/// The character of a line that consists of one punctuation character only.
fn adornment(line: &str) -> Option<char> {
    let first = line.chars().next().filter(|c| is_adornment(*c))?;
    line.chars().all(|c| c == first).then_some(first)
}

/// Columns a title takes: East Asian characters take two.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| if matches!(c as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6) { 2 } else { 1 }).sum()
}

impl Reader {
    pub(super) fn note(&mut self, line: usize, text: impl Into<String>) {
        self.notes.push(Note { line, text: text.into() });
    }

    /// All blocks of `lines`, which stand at the left margin. Headings are only known at the top.
    pub(super) fn blocks(&mut self, lines: &[Line], top: bool) -> Vec<Piece> {
        if self.depth >= MAX_DEPTH {
            let html = format!("<pre class=\"rst\">{}</pre>", escape(&source(trim_blank(lines))));
            self.note(lines.first().map_or(0, |l| l.number), "nested too deeply; kept as its source");
            return vec![Piece::Other(html)];
        }
        self.depth += 1;
        let mut pieces = Vec::new();
        let mut at = 0;
        while at < lines.len() {
            at = self.block(lines, at, top, &mut pieces);
        }
        self.depth -= 1;
        pieces
    }

    /// Reads one block and answers where the next begins (always further on).
    fn block(&mut self, lines: &[Line], at: usize, top: bool, pieces: &mut Vec<Piece>) -> usize {
        let line = &lines[at];
        let text = line.text.as_str();
        if line.is_blank() {
            return at + 1;
        }
        if line.indent() > 0 {
            let end = indented_end(lines, at);
            let inner = self.blocks(&dedent(trim_blank(&lines[at..end])), false);
            pieces.push(Piece::Other(format!("<blockquote>\n{}\n</blockquote>", join(&inner))));
            return end;
        }
        if text == ".." || text.starts_with(".. ") {
            return self.explicit(lines, at, pieces);
        }
        if text == "__" || text.starts_with("__ ") {
            return at + 1;
        }
        let line_block = text == "|" || text.starts_with("| ");
        if !line_block && let Some(next) = self.heading(lines, at, top, pieces) {
            return next;
        }
        if let Some(next) = self.table(lines, at, pieces) {
            return next;
        }
        if let Some(next) = self.list(lines, at, pieces) {
            return next;
        }
        if text.starts_with(">>> ") {
            let end = paragraph_end(lines, at);
            pieces.push(Piece::Other(pre(&lines[at..end])));
            return end;
        }
        self.paragraph(lines, at, pieces)
    }

    fn heading(&mut self, lines: &[Line], at: usize, top: bool, pieces: &mut Vec<Piece>) -> Option<usize> {
        let text = lines[at].text.as_str();
        let next = lines.get(at + 1).map_or("", |l| l.text.as_str());
        let (title, style, end) = if let Some(over) = adornment(text).filter(|_| {
            text.len() >= 4 || next.is_empty() || lines.get(at + 2).is_some_and(|l| l.text == text)
        }) {
            let under = lines.get(at + 2).map_or("", |l| l.text.as_str());
            if !next.is_empty() && adornment(under) == Some(over) && under.len() == text.len() {
                (next.trim(), (over, true), at + 3)
            } else if text.len() >= 4 && next.is_empty() {
                pieces.push(Piece::Other("<hr>".into()));
                return Some(at + 1);
            } else {
                return None;
            }
        } else {
            let under = adornment(next)?;
            if next.len() < 4 && next.len() < width(text) || adornment(text).is_some() {
                return None;
            }
            (text, (under, false), at + 2)
        };
        if !top {
            return None;
        }
        let level = match self.adornments.iter().position(|known| *known == style) {
            Some(level) => level,
            None => {
                self.adornments.push(style);
                self.adornments.len() - 1
            }
        };
        // INGInious begins at h3 (reference inginious.md 10).
        let tag = (level + 3).min(6);
        let inner = self.inline(title, lines[at].number);
        pieces.push(Piece::Other(format!("<h{tag}>{inner}</h{tag}>")));
        Some(end)
    }

    fn paragraph(&mut self, lines: &[Line], at: usize, pieces: &mut Vec<Piece>) -> usize {
        let end = paragraph_end(lines, at);
        let number = lines[at].number;
        if end == at + 1 && lines.get(end).is_some_and(|l| l.indent() > 0) && !lines[at].text.ends_with("::")
        {
            return self.definitions(lines, at, pieces);
        }
        let text = source(&lines[at..end]);
        let text = text.trim();
        let Some(shown) = text.strip_suffix("::").filter(|t| !t.ends_with('\\')) else {
            let inner = self.inline(text, number);
            if !inner.trim().is_empty() {
                pieces.push(Piece::Paragraph(inner));
            }
            return end;
        };
        if !shown.is_empty() {
            // `Example::` shows as `Example:`, `Example ::` as `Example`.
            let shown = if shown.ends_with(char::is_whitespace) {
                shown.trim_end().to_owned()
            } else {
                format!("{shown}:")
            };
            let inner = self.inline(&shown, number);
            pieces.push(Piece::Paragraph(inner));
        }
        let next = lines[end..].iter().position(|l| !l.is_blank()).map_or(lines.len(), |n| end + n);
        let Some(first) = lines.get(next) else { return next };
        let literal_end = if first.indent() > 0 {
            indented_end(lines, next)
        } else if let Some(quote) = first.text.chars().next().filter(|c| is_adornment(*c)) {
            next + lines[next..].iter().take_while(|l| l.text.starts_with(quote)).count()
        } else {
            self.note(number, "`::` without a literal block");
            return end;
        };
        pieces.push(Piece::Other(pre(&dedent(trim_blank(&lines[next..literal_end])))));
        literal_end
    }
}

pub(super) fn pre(lines: &[Line]) -> String {
    format!("<pre>{}</pre>", escape(&source(lines)))
}

/// Where the indented lines from `at` on end; blank lines between them belong to them.
pub(super) fn indented_end(lines: &[Line], at: usize) -> usize {
    lines[at..].iter().position(|l| !l.is_blank() && l.indent() == 0).map_or(lines.len(), |n| at + n)
}

fn paragraph_end(lines: &[Line], at: usize) -> usize {
    lines[at + 1..].iter().position(|l| l.is_blank() || l.indent() > 0).map_or(lines.len(), |n| at + 1 + n)
}
