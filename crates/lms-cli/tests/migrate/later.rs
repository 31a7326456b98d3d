//! A run that brings a course up to date is killed at every request, or the request goes wrong, and it is resumed.

use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use lms_core::Platform;

use crate::resume::{Disturbance, Task};

/// Some text, or a question, under a name that stays.
fn step(name: &str, words: &str) -> String {
    let inside = match name.starts_with('q') {
        true => format!(
            r#"<problem url_name="b{name}"><multiplechoiceresponse><label>{words}</label><choicegroup>
               <choice correct="true">Yes, {words}</choice><choice correct="false">No</choice>
               </choicegroup></multiplechoiceresponse></problem>"#
        ),
        false => format!(r#"<html url_name="b{name}"><p>{words}</p></html>"#),
    };
    format!(r#"<vertical url_name="{name}" display_name="Step {name}">{inside}</vertical>"#)
}

/// Sections with their lessons, and the names and words of these.
type Outline<'a> = &'a [(&'a str, &'a [(&'a str, &'a [(&'a str, &'a str)])])];

fn archive(path: PathBuf, title: &str, outline: Outline<'_>, files: &[(&str, &str)]) -> PathBuf {
    let mut xml = format!(r#"<course org="Org" course="Later" url_name="run" display_name="{title}">"#);
    for (section, lessons) in outline {
        xml.push_str(&format!(r#"<chapter url_name="{section}" display_name="Section {section}">"#));
        for (lesson, steps) in *lessons {
            xml.push_str(&format!(r#"<sequential url_name="{lesson}" display_name="Lesson {lesson}">"#));
            steps.iter().for_each(|(name, words)| xml.push_str(&step(name, words)));
            xml.push_str("</sequential>");
        }
        xml.push_str("</chapter>");
    }
    xml.push_str("</course>");
    let file = std::fs::File::create(&path).expect("a file");
    let mut tar = tar::Builder::new(GzEncoder::new(file, Compression::fast()));
    let files = files.iter().map(|(name, text)| (format!("course/static/{name}"), *text));
    for (name, text) in std::iter::once(("course/course.xml".to_owned(), xml.as_str())).chain(files) {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, Path::new(&name), text.as_bytes()).expect("packed");
    }
    tar.into_inner().expect("packed").finish().expect("packed");
    path
}

const SEE: &str = r#"See <a href="/static/data.csv">the data</a>."#;

const FIRST: Outline<'static> = &[
    (
        "one",
        &[
            ("a", &[("t1", "To begin with"), ("q1", "is it so?"), ("t2", SEE)]),
            ("b", &[("q2", "and is it still?"), ("t3", "It was"), ("q3", "was it?")]),
        ],
    ),
    ("two", &[("c", &[("t4", "Once more"), ("q4", "again?")]), ("d", &[("t5", "To be left out")])]),
    ("three", &[("e", &[("t6", "In the end")])]),
];

/// Something of everything: a step is put between, one has other words, one moves to another lesson, steps and sections
/// change places, a step and a lesson are gone, a section is new.
const THEN: Outline<'static> = &[
    ("three", &[("e", &[("t6", "In the end")])]),
    (
        "one",
        &[
            ("b", &[("q2", "and is it still so?"), ("q3", "was it?"), ("t3", "It was")]),
            ("a", &[("t1", "To begin with"), ("n1", "Put between"), ("t2", SEE)]),
        ],
    ),
    ("two", &[("c", &[("t4", "Once more, in other words"), ("q1", "is it so?")])]),
    ("four", &[("f", &[("n2", "New"), ("qn", "new?")])]),
];

async fn disturbed(platform: Platform, options: &'static str, how: Disturbance) {
    let folder = tempfile::tempdir().expect("a folder");
    let first =
        archive(folder.path().join("first"), "Later", FIRST, &[("data.csv", "1"), ("old.csv", "old")]);
    let then =
        archive(folder.path().join("then"), "Later on", THEN, &[("data.csv", "2"), ("new.csv", "new")]);
    let task = Task { platform, options, first: Some(first), then, more: &["--delete"] };
    task.at_every_request(how, 10).await;
}

macro_rules! disturbed {
    ($($name:ident: $platform:ident, $options:literal, $how:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            disturbed(Platform::$platform, $options, Disturbance::$how).await;
        }
    )*};
}

disturbed! {
    stepik_killed: Stepik, "", Killed;
    stepik_gone_wrong: Stepik, "", GoneWrong;
    openedx_by_archive_killed: OpenEdx, "", Killed;
    openedx_by_archive_gone_wrong: OpenEdx, "", GoneWrong;
    openedx_by_blocks_killed: OpenEdx, r#"write_by = "blocks""#, Killed;
    openedx_by_blocks_gone_wrong: OpenEdx, r#"write_by = "blocks""#, GoneWrong;
    inginious_killed: Inginious, "", Killed;
    inginious_gone_wrong: Inginious, "", GoneWrong;
}
