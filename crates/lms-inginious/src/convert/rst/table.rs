//! Grid tables and simple tables.

use super::{Line, Piece, Reader, dedent, join_compact, trim_blank};

/// A row of cells: HTML, columns and rows it takes.
pub(super) type Row = Vec<(String, usize, usize)>;

/// A table in HTML; the first `head` rows are headers.
pub(super) fn table_html(rows: &[Row], head: usize, caption: &str) -> String {
    let mut out = String::from("<table>");
    if !caption.is_empty() {
        out.push_str(&format!("\n<caption>{caption}</caption>"));
    }
    let mut part = |rows: &[Row], name: &str, cell: &str| {
        if rows.is_empty() {
            return;
        }
        out.push_str(&format!("\n<{name}>"));
        for row in rows {
            out.push_str("\n<tr>");
            for (html, columns, lines) in row {
                let columns = if *columns > 1 { format!(" colspan=\"{columns}\"") } else { String::new() };
                let lines = if *lines > 1 { format!(" rowspan=\"{lines}\"") } else { String::new() };
                out.push_str(&format!("<{cell}{columns}{lines}>{html}</{cell}>"));
            }
            out.push_str("</tr>");
        }
        out.push_str(&format!("\n</{name}>"));
    };
    let head = head.min(rows.len());
    part(&rows[..head], "thead", "th");
    part(&rows[head..], "tbody", "td");
    out.push_str("\n</table>");
    out
}

fn is_grid_border(line: &str) -> bool {
    line.len() > 2
        && line.starts_with('+')
        && line.ends_with('+')
        && line.bytes().all(|b| matches!(b, b'+' | b'-' | b'='))
}

fn is_simple_border(line: &str) -> bool {
    line.starts_with("==") && line.contains(' ') && line.bytes().all(|b| matches!(b, b'=' | b' '))
}

impl Reader {
    pub(super) fn table(&mut self, lines: &[Line], at: usize, pieces: &mut Vec<Piece>) -> Option<usize> {
        let text = lines[at].text.as_str();
        if is_grid_border(text) {
            return self.grid(lines, at, pieces);
        }
        if is_simple_border(text) {
            return self.simple(lines, at, pieces);
        }
        None
    }

    fn grid(&mut self, lines: &[Line], at: usize, pieces: &mut Vec<Piece>) -> Option<usize> {
        let count = lines[at..].iter().take_while(|l| l.text.starts_with(['+', '|'])).count();
        let block: Vec<Vec<char>> = lines[at..at + count].iter().map(|l| l.text.chars().collect()).collect();
        let cell =
            |row: usize, column: usize| block.get(row).and_then(|r| r.get(column)).copied().unwrap_or(' ');
        let mut columns: Vec<usize> = Vec::new();
        let mut borders: Vec<usize> = Vec::new();
        let mut head_border = None;
        for (n, row) in block.iter().enumerate() {
            if row.contains(&'+') && row.iter().any(|c| matches!(c, '-' | '=')) && row.first() == Some(&'+')
                || row.starts_with(&['|']) && row.windows(2).any(|w| w == ['+', '-'])
            {
                borders.push(n);
                columns.extend(row.iter().enumerate().filter(|(_, c)| **c == '+').map(|(c, _)| c));
                if row.contains(&'=') && head_border.is_none() {
                    head_border = Some(n);
                }
            }
        }
        columns.sort_unstable();
        columns.dedup();
        if columns.len() < 2 || borders.len() < 2 {
            return None;
        }
        let mut taken = vec![vec![false; columns.len()]; borders.len()];
        let mut rows: Vec<Row> = Vec::new();
        let mut head = 0;
        for r in 0..borders.len() - 1 {
            let mut row = Row::new();
            for c in 0..columns.len() - 1 {
                if taken[r][c] {
                    continue;
                }
                let (top, left) = (borders[r], columns[c]);
                let right =
                    (c + 1..columns.len()).find(|k| matches!(cell(top + 1, columns[*k]), '|' | '+'))?;
                let bottom = (r + 1..borders.len()).find(|k| {
                    (left + 1..columns[right]).all(|x| matches!(cell(borders[*k], x), '-' | '=' | '+'))
                })?;
                for line in taken.iter_mut().take(bottom).skip(r) {
                    for used in line.iter_mut().take(right).skip(c) {
                        *used = true;
                    }
                }
                let body: Vec<Line> = (top + 1..borders[bottom])
                    .map(|y| {
                        let text: String = (left + 1..columns[right]).map(|x| cell(y, x)).collect();
                        Line { text: text.trim_end().to_owned(), number: lines[at + y].number }
                    })
                    .collect();
                let inner = self.blocks(&dedent(trim_blank(&body)), false);
                row.push((join_compact(&inner), right - c, bottom - r));
            }
            if head_border == Some(borders[r + 1]) {
                head = rows.len() + 1;
            }
            rows.push(row);
        }
        pieces.push(Piece::Other(table_html(&rows, head, "")));
        Some(at + count)
    }

    fn simple(&mut self, lines: &[Line], at: usize, pieces: &mut Vec<Piece>) -> Option<usize> {
        let border: Vec<char> = lines[at].text.chars().collect();
        let mut starts = Vec::new();
        for (n, c) in border.iter().enumerate() {
            if *c == '=' && (n == 0 || border[n - 1] == ' ') {
                starts.push(n);
            }
        }
        let borders: Vec<usize> =
            (at..lines.len()).filter(|n| is_simple_border(&lines[*n].text)).take(3).collect();
        // The table ends with its second border, or with its third if text follows the second at once.
        let second = *borders.get(1)?;
        let goes_on = lines.get(second + 1).is_some_and(|l| !l.is_blank());
        let (head_end, end) = match borders.get(2) {
            Some(third) if goes_on => (Some(second), *third),
            _ => (None, second),
        };
        let mut rows: Vec<Row> = Vec::new();
        let mut head = 0;
        let mut bodies: Vec<Vec<Line>> = Vec::new();
        let mut flush = |reader: &mut Self, bodies: &mut Vec<Vec<Line>>| {
            if !bodies.is_empty() {
                let row = bodies
                    .drain(..)
                    .map(|body| (join_compact(&reader.blocks(&dedent(trim_blank(&body)), false)), 1, 1))
                    .collect();
                rows.push(row);
            }
            rows.len()
        };
        for line in &lines[at + 1..end] {
            if line.is_blank() {
                continue;
            }
            if Some(line.number) == head_end.map(|n| lines[n].number) {
                head = flush(self, &mut bodies);
                continue;
            }
            if line.text.starts_with("--") && line.text.bytes().all(|b| matches!(b, b'-' | b' ')) {
                continue;
            }
            let chars: Vec<char> = line.text.chars().collect();
            let cells: Vec<String> = starts
                .iter()
                .enumerate()
                .map(|(n, start)| {
                    let stop = starts.get(n + 1).copied().unwrap_or(chars.len()).min(chars.len());
                    chars
                        .get(*start..stop.max(*start))
                        .unwrap_or(&[])
                        .iter()
                        .collect::<String>()
                        .trim()
                        .to_owned()
                })
                .collect();
            // A row without text in the first column goes on with the row above.
            if cells.first().is_some_and(|c| !c.is_empty()) || bodies.is_empty() {
                flush(self, &mut bodies);
                bodies = vec![Vec::new(); cells.len()];
            }
            for (body, text) in bodies.iter_mut().zip(cells) {
                body.push(Line { text, number: line.number });
            }
        }
        flush(self, &mut bodies);
        pieces.push(Piece::Other(table_html(&rows, head, "")));
        Some(end + 1)
    }
}
