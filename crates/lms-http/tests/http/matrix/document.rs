//! The tables in the documentation. `LMS_UPDATE_DOCS=1 cargo test` writes them anew.

use std::path::Path;

use super::{Fault, Kind, Observed, Table};

const FILE: &str = "docs/faults.md";

/// The rows in which a fault has to do with something.
pub(super) fn rows(table: &Table) -> Vec<(Fault, Vec<String>)> {
    let cell = |(kind, cell): (Kind, &Option<Observed>)| {
        cell.as_ref().map_or_else(|| "–".to_owned(), |cell| cell.cell(kind))
    };
    let rows = table.iter().filter(|(_, cells)| cells.iter().any(Option::is_some));
    rows.map(|(fault, cells)| (*fault, Kind::ALL.into_iter().zip(cells).map(cell).collect())).collect()
}

fn markdown(table: &Table) -> String {
    let head = "| fault | `Read` | `Repeatable` | `Once` | listing | token |\n|---|---|---|---|---|---|\n";
    let rows = rows(table);
    let rows = rows.iter().map(|(fault, cells)| format!("| {fault} | {} |\n", cells.join(" | ")));
    rows.fold(head.to_owned(), |text, row| text + &row)
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
