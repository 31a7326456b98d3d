//! Lists: bullets, numbers, definitions, fields, and blocks of lines.

use lms_core::escape;

use super::block::indented_end;
use super::{Line, Piece, Reader, cut, dedent, join_compact, trim_blank};

/// What begins an item.
#[derive(Debug, Clone, PartialEq)]
enum Marker {
    Bullet(char),
    /// Prefix, suffix, kind (`1`, `a`, `A`, `i`, `I`) and value; a value of `None` is `#`.
    Number {
        form: (bool, char),
        kind: char,
        value: Option<u32>,
    },
}

/// The marker at the front of a line, and the column where the text begins.
fn marker(line: &str) -> Option<(Marker, usize)> {
    let first = line.chars().next()?;
    let column = |used: usize| {
        let rest = &line[used..];
        if rest.is_empty() {
            return Some(used + 1);
        }
        rest.starts_with(' ').then(|| used + rest.len() - rest.trim_start_matches(' ').len())
    };
    if matches!(first, '-' | '+' | '*' | '•' | '‣' | '⁃') {
        return Some((Marker::Bullet(first), column(first.len_utf8())?));
    }
    let (open, body) = match line.strip_prefix('(') {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let end = body.find(|c: char| !c.is_ascii_alphanumeric() && c != '#')?;
    let close =
        body[end..].chars().next().filter(|c| if open { *c == ')' } else { matches!(c, '.' | ')') })?;
    let (kind, value) = number(&body[..end])?;
    let used = usize::from(open) + end + 1;
    Some((Marker::Number { form: (open, close), kind, value }, column(used)?))
}

fn number(text: &str) -> Option<(char, Option<u32>)> {
    if text == "#" {
        return Some(('1', None));
    }
    if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
        return Some(('1', Some(text.parse().ok()?)));
    }
    let first = text.chars().next()?;
    if text.len() == 1 && first.is_ascii_lowercase() && first != 'i' {
        return Some(('a', Some(first as u32 - 'a' as u32 + 1)));
    }
    if text.len() == 1 && first.is_ascii_uppercase() && first != 'I' {
        return Some(('A', Some(first as u32 - 'A' as u32 + 1)));
    }
    let kind = if first.is_ascii_lowercase() { 'i' } else { 'I' };
    roman(&text.to_ascii_lowercase()).map(|value| (kind, Some(value)))
}

fn roman(text: &str) -> Option<u32> {
    let digit = |c| match c {
        'i' => Some(1),
        'v' => Some(5),
        'x' => Some(10),
        'l' => Some(50),
        'c' => Some(100),
        _ => None,
    };
    let mut total = 0;
    let digits = text.chars().map(digit).collect::<Option<Vec<u32>>>()?;
    for (n, value) in digits.iter().enumerate() {
        if digits.get(n + 1).is_some_and(|next| next > value) {
            total -= *value as i64
        } else {
            total += *value as i64
        }
    }
    u32::try_from(total).ok().filter(|n| *n > 0)
}

impl Reader {
    /// A list that begins at `at`, of any kind but definitions.
    pub(super) fn list(&mut self, lines: &[Line], at: usize, pieces: &mut Vec<Piece>) -> Option<usize> {
        let text = lines[at].text.as_str();
        if text == "|" || text.starts_with("| ") {
            return Some(self.line_block(lines, at, pieces));
        }
        if field(text).is_some() {
            return Some(self.fields(lines, at, pieces));
        }
        let (first, _) = marker(text)?;
        if let Marker::Number { .. } = &first {
            // A number at the front of a paragraph that goes on at the margin is only a number.
            let next = lines.get(at + 1);
            if next.is_some_and(|l| !l.is_blank() && l.indent() == 0 && !continues(&first, 1, &l.text)) {
                return None;
            }
        }
        let mut items = Vec::new();
        let mut here = at;
        while let Some(line) = lines.get(here) {
            let Some((_, column)) = marker(&line.text)
                .filter(|_| items.is_empty() || continues(&first, items.len() as u32, &line.text))
            else {
                break;
            };
            let mut end = here + 1;
            while lines.get(end).is_some_and(|l| {
                l.is_blank() || l.indent() >= column.min(if line.text.len() < column { 1 } else { column })
            }) {
                end += 1;
            }
            let head = line.text.get(column..).unwrap_or("").to_owned();
            let mut body = vec![Line { text: head, number: line.number }];
            let rest = &lines[here + 1..end];
            // An item whose first line is empty is indented as its next line is.
            if body[0].is_blank() {
                body.extend(dedent(rest))
            } else {
                body.extend(cut(rest, column))
            }
            let inner = self.blocks(&body, false);
            items.push(format!("<li>{}</li>", join_compact(&inner)));
            here = end;
        }
        let open = match first {
            Marker::Bullet(_) => "<ul>".to_owned(),
            Marker::Number { kind, value, .. } => {
                let kind = if kind == '1' { String::new() } else { format!(" type=\"{kind}\"") };
                match value {
                    Some(start) if start != 1 => format!("<ol{kind} start=\"{start}\">"),
                    _ => format!("<ol{kind}>"),
                }
            }
        };
        let close = if open.starts_with("<ul") { "</ul>" } else { "</ol>" };
        pieces.push(Piece::Other(format!("{open}\n{}\n{close}", items.join("\n"))));
        Some(here)
    }

    /// `term` with an indented definition below.
    pub(super) fn definitions(&mut self, lines: &[Line], at: usize, pieces: &mut Vec<Piece>) -> usize {
        let mut out = String::from("<dl>");
        let mut here = at;
        loop {
            let end = indented_end(lines, here + 1);
            let term = self.inline(&lines[here].text, lines[here].number);
            let inner = self.blocks(&dedent(trim_blank(&lines[here + 1..end])), false);
            out.push_str(&format!("\n<dt>{term}</dt>\n<dd>{}</dd>", join_compact(&inner)));
            let more = lines.get(end).is_some_and(|l| !l.is_blank() && plain_term(&l.text))
                && lines.get(end + 1).is_some_and(|l| !l.is_blank() && l.indent() > 0);
            if !more {
                out.push_str("\n</dl>");
                pieces.push(Piece::Other(out));
                return end;
            }
            here = end;
        }
    }

    fn fields(&mut self, lines: &[Line], at: usize, pieces: &mut Vec<Piece>) -> usize {
        let mut out = String::from("<dl class=\"fields\">");
        let mut here = at;
        while let Some((name, body)) = lines.get(here).and_then(|l| field(&l.text)) {
            let end = indented_end(lines, here + 1);
            let mut inner = vec![Line { text: body.to_owned(), number: lines[here].number }];
            inner.extend(dedent(&lines[here + 1..end]));
            let inner = self.blocks(&inner, false);
            out.push_str(&format!("\n<dt>{}</dt>\n<dd>{}</dd>", escape(name), join_compact(&inner)));
            here = end;
        }
        out.push_str("\n</dl>");
        pieces.push(Piece::Other(out));
        here
    }

    /// `| a line`: lines that stay lines.
    fn line_block(&mut self, lines: &[Line], at: usize, pieces: &mut Vec<Piece>) -> usize {
        let mut rows: Vec<(String, usize)> = Vec::new();
        let mut here = at;
        while let Some(line) = lines.get(here) {
            if line.text == "|" {
                rows.push((String::new(), line.number));
            } else if let Some(row) = line.text.strip_prefix("| ") {
                rows.push((row.trim().to_owned(), line.number));
            } else if line.indent() > 0 && !line.is_blank() {
                if let Some((last, _)) = rows.last_mut() {
                    last.push(' ');
                    last.push_str(line.text.trim());
                }
            } else {
                break;
            }
            here += 1;
        }
        let rows: Vec<String> = rows.into_iter().map(|(row, number)| self.inline(&row, number)).collect();
        pieces.push(Piece::Paragraph(rows.join("<br>\n")));
        here
    }
}

/// Whether a line begins the next item of a list.
fn continues(first: &Marker, index: u32, line: &str) -> bool {
    match (first, marker(line)) {
        (Marker::Bullet(a), Some((Marker::Bullet(b), _))) => *a == b,
        (Marker::Number { form, kind, value }, Some((Marker::Number { form: f, kind: k, value: v }, _))) => {
            *form == f
                && match (value, v) {
                    (_, None) => true,
                    (Some(start), Some(v)) => {
                        (*kind == k && start + index == v) || (k == 'i' && *kind == 'a' && start + index == 9)
                    }
                    (None, Some(v)) => v == index + 1,
                }
        }
        _ => false,
    }
}

fn plain_term(text: &str) -> bool {
    !text.starts_with(' ')
        && !text.starts_with(".. ")
        && marker(text).is_none()
        && field(text).is_none()
        && !text.ends_with("::")
}

/// `:name: body`.
pub(super) fn field(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix(':')?;
    if rest.starts_with([':', ' ']) {
        return None;
    }
    let end = rest.match_indices(':').map(|(at, _)| at).find(|at| {
        let after = &rest[at + 1..];
        after.is_empty() || after.starts_with(' ')
    })?;
    let name = &rest[..end];
    (!name.is_empty() && !name.contains('`')).then(|| (name, rest[end + 1..].trim_start()))
}

/// Whether a line of plain text would be taken for an item or a field.
pub(super) fn begins_item(line: &str) -> bool {
    marker(line).is_some() || field(line).is_some()
}
