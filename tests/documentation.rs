//! Tables in the documentation are made from the code. `LMS_UPDATE_DOCS=1 cargo test` writes them anew.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use lms::{LmsProvider, LmsProviderExt, Platform, Support};

fn providers() -> Vec<(&'static str, Arc<dyn LmsProvider>)> {
    let connect = |platform, options: &[(&str, &str)]| {
        let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        lms::connect(platform, options).expect("the options are sound")
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/courses");
    vec![
        ("Stepik", connect(Platform::Stepik, &[("client_id", "x"), ("client_secret", "x")])),
        (
            "Open edX",
            connect(
                Platform::OpenEdx,
                &[
                    ("lms_url", "https://lms.example.org"),
                    ("studio_url", "https://studio.example.org"),
                    ("client_id", "x"),
                    ("client_secret", "x"),
                    ("username", "x"),
                    ("password", "x"),
                ],
            ),
        ),
        (
            "INGInious",
            connect(
                Platform::Inginious,
                &[("url", "https://inginious.example.org"), ("username", "x"), ("password", "x")],
            ),
        ),
        ("OLX archive", Arc::new(lms::openedx::OlxArchive::open(folder.join("openedx")).expect("a course"))),
        (
            "course folder",
            Arc::new(lms::inginious::FolderCourse::open(folder.join("inginious")).expect("a course")),
        ),
    ]
}

fn table() -> String {
    let columns: Vec<_> = providers().into_iter().map(|(name, p)| (name, p.abilities())).collect();
    let mut table = String::from("| |");
    for (name, _) in &columns {
        let _ = write!(table, " {name} |");
    }
    table.push_str("\n|---|");
    table.push_str(&"---|".repeat(columns.len()));
    table.push('\n');
    for (row, (ability, _)) in columns[0].1.iter().enumerate() {
        let _ = write!(table, "| `{ability}` |");
        for (_, abilities) in &columns {
            let word = match abilities[row].1 {
                Support::Native => "native",
                Support::Emulated => "emulated",
                Support::No => "–",
            };
            let _ = write!(table, " {word} |");
        }
        table.push('\n');
    }
    table
}

/// Puts `text` between the two marks of a file, or checks that it is there.
fn between_marks(file: &str, text: &str) {
    const BEGIN: &str = "<!-- capabilities -->\n";
    const END: &str = "<!-- /capabilities -->";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let written = std::fs::read_to_string(&path).expect("the file is there");
    let begin = written.find(BEGIN).expect("the first mark") + BEGIN.len();
    let end = written.find(END).expect("the second mark");
    if std::env::var_os("LMS_UPDATE_DOCS").is_some() {
        let updated = format!("{}{text}{}", &written[..begin], &written[end..]);
        std::fs::write(&path, updated).expect("the file can be written");
    } else {
        assert_eq!(&written[begin..end], text, "{file} is out of date: run LMS_UPDATE_DOCS=1 cargo test");
    }
}

#[test]
fn the_capability_tables_are_those_of_the_code() {
    let table = table();
    between_marks("docs/capabilities.md", &table);
    between_marks("README.md", &table);
}
