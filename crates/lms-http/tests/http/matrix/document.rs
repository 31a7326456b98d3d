//! The tables in the documentation. `LMS_UPDATE_DOCS=1 cargo test` writes them anew.

use std::path::Path;

use super::{Kind, Observed, Table};

const FILE: &str = "docs/faults.md";

pub(super) fn row(cells: &[Option<Observed>]) -> Vec<String> {
    let cells = Kind::ALL.into_iter().zip(cells);
    cells.map(|(kind, cell)| cell.as_ref().map_or_else(|| "–".to_owned(), |cell| cell.cell(kind))).collect()
}

fn markdown(table: &Table) -> String {
    let mut text = String::from(
        "| fault | `Read` | `Repeatable` | `Once` | listing | token |\n|---|---|---|---|---|---|\n",
    );
    for (fault, cells) in table {
        let cells = row(cells);
        if cells.iter().any(|cell| cell != "–") {
            text.push_str(&format!("| {fault} | {} |\n", cells.join(" | ")));
        }
    }
    text
}

pub(super) fn compare(passing: &Table, lasting: &Table) {
    between_marks("passing", &markdown(passing));
    between_marks("lasting", &markdown(lasting));
}

fn between_marks(mark: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FILE);
    let written = std::fs::read_to_string(&path).expect("the file is there");
    let (before, rest) = written.split_once(&format!("<!-- {mark} -->\n")).expect("the first mark");
    let (between, after) = rest.split_once(&format!("<!-- /{mark} -->")).expect("the second mark");
    if std::env::var_os("LMS_UPDATE_DOCS").is_some() {
        let updated = format!("{before}<!-- {mark} -->\n{text}<!-- /{mark} -->{after}");
        std::fs::write(&path, updated).expect("the file can be written");
    } else {
        assert_eq!(between, text, "{FILE} is out of date: run LMS_UPDATE_DOCS=1 cargo test -p lms-http");
    }
}
