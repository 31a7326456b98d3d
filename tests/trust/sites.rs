//! Courses as their platforms give them, and places to move them to.

use std::fs;
use std::sync::Arc;

use lms::openedx::OlxArchive;
use lms::{Content, CoursesExt, LmsProvider, LmsProviderExt, Platform};
use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;
use serde_json::{Value, json};

/// A course of Stepik as its author reads it, from what the platform stores. Lessons are given by title
/// and the steps in them (`cost` and `block`, and whatever else a step has).
pub(crate) fn stepik_course(course: Value, lessons: &[(&str, Vec<Value>)]) -> Value {
    let (mut units, mut all, mut steps) = (Vec::new(), Vec::new(), Vec::new());
    for (n, (title, of)) in lessons.iter().enumerate() {
        let lesson = 801 + n;
        let mut ids = Vec::new();
        for (t, step) in of.iter().enumerate() {
            let id = 10_000 + 100 * n + t;
            ids.push(id);
            let mut step = step.clone();
            for (key, value) in [
                ("id", json!(id)),
                ("lesson", json!(lesson)),
                ("position", json!(t + 1)),
                ("status", json!("ready")),
            ] {
                step[key] = value;
            }
            steps.push(step);
        }
        units.push(json!({"id": 701 + n, "section": 601, "lesson": lesson, "position": n + 1}));
        all.push(json!({"id": lesson, "title": title, "language": "en", "is_public": true, "steps": ids}));
    }
    let units_of: Vec<Value> = units.iter().map(|unit| unit["id"].clone()).collect();
    let mut header = json!({"id": 501, "title": "Heat", "language": "en", "is_public": true, "is_enabled": true,
        "sections": [601], "begin_date": "2024-01-01T00:00:00Z"});
    let mut section = json!({"id": 601, "course": 501, "title": "Work", "position": 1, "units": units_of});
    for (key, value) in course.as_object().into_iter().flatten() {
        match key.strip_prefix("section.") {
            Some(key) => section[key] = value.clone(),
            None => header[key] = value.clone(),
        }
    }
    json!({"courses": [header], "sections": [section], "units": units, "lessons": all, "step-sources": steps})
}

/// What the author of such a course reads.
pub(crate) async fn read_stepik(course: &Value) -> Content {
    let (server, author) = stepik_with(course).await;
    let content =
        author.require_courses().expect("it reads").content(&"501".into()).await.expect("the course");
    server.stop().await;
    content
}

/// A site with such a course, and its author.
pub(crate) async fn stepik_with(course: &Value) -> (StepikEmulator, Arc<dyn LmsProvider>) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("course.json");
    fs::write(&file, course.to_string()).expect("written");
    let options = Options { load: vec![file], ..Options::default() };
    let server = StepikEmulator::start(options).await.expect("the emulator starts");
    assert_eq!(server.load_notes(), [] as [String; 0]);
    let who = server.credentials().clone();
    let options = [
        ("url", who.url),
        ("client_id", who.client_id),
        ("client_secret", who.client_secret),
        ("username", who.username),
        ("password", who.password),
    ];
    let options = options.into_iter().map(|(key, value)| (key.to_owned(), value));
    let author = lms::connect(Platform::Stepik, options).expect("the options are sound");
    (server, author)
}

/// What is read of OLX with these blocks, each in a unit of its own.
pub(crate) async fn read_olx(blocks: &[&str]) -> Content {
    let units = blocks.iter().enumerate().map(|(n, block)| {
        let at = block.find([' ', '>', '/']).unwrap_or(block.len());
        let (tag, rest) = block.split_at(at);
        format!("<vertical url_name=\"v{n}\">{tag} url_name=\"b{n}\"{rest}</vertical>")
    });
    let units: String = units.collect();
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(folder.path().join("course")).expect("a folder");
    let files = [
        ("course.xml", "<course url_name=\"run\" org=\"O\" course=\"C\"/>".to_owned()),
        (
            "course/run.xml",
            format!(
                "<course display_name=\"C\"><chapter url_name=\"c\"><sequential url_name=\"s\">{units}</sequential>\
                 </chapter></course>"
            ),
        ),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
    }
    let archive = OlxArchive::open(folder.path()).expect("it opens");
    let courses = archive.require_courses().expect("it reads");
    let id = courses.first_course().await.expect("a course").id;
    courses.content(&id).await.expect("the course")
}

/// A step with a quiz.
pub(crate) fn quiz(name: &str, source: Value) -> Value {
    json!({"cost": 2, "block": {"name": name, "text": "<p>Well?</p>", "video": null, "options": {}, "source": source}})
}

/// A step with a text.
pub(crate) fn text() -> Value {
    json!({"cost": 0, "block": {"name": "text", "text": "<p>Heat is <b>work</b>.</p>", "video": null, "options": {},
        "source": {}}})
}

/// A choice of one of two, otherwise as `more` says.
pub(crate) fn choice(more: Value) -> Value {
    let option = |right: bool, text: &str| json!({"is_correct": right, "text": text, "feedback": ""});
    let source = json!({"is_multiple_choice": false, "is_always_correct": false, "sample_size": 2,
        "preserve_order": false, "is_html_enabled": true, "is_options_feedback": false,
        "options": [option(true, "4"), option(false, "5")]});
    quiz("choice", merged(source, more))
}

/// A text to be written, otherwise as `more` says.
pub(crate) fn string(more: Value) -> Value {
    let source = json!({"pattern": "joule", "use_re": false, "match_substring": false, "case_sensitive": true,
        "code": "", "is_text_disabled": false, "is_file_disabled": true});
    quiz("string", merged(source, more))
}

/// An object with the entries of another.
pub(crate) fn merged(mut object: Value, more: Value) -> Value {
    for (key, value) in more.as_object().into_iter().flatten() {
        object[key] = value.clone();
    }
    object
}
