//! Every OLX that is written from a real course, held against olxcleaner, which nobody here wrote: it finds
//! no error that it does not find in the source.
//!
//! `LMS_REAL_OPENEDX_PYTHON` names an interpreter with the packages of `tests/real/openedx`; without it, or
//! without real courses beside the project, the tests say that they are skipped.

#[path = "support/shared.rs"]
mod shared;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use lms::inginious::FolderCourse;
use lms::migrate::{Quiet, apply, plan};
use lms::openedx::{ArchiveForm, CheckOptions, Harm, OlxArchive};
use lms::{Content, Courses, CoursesExt, LmsProvider, LmsProviderExt, NewCourse, Platform};
use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;
use shared::folders;

fn python() -> Option<PathBuf> {
    let python = std::env::var_os("LMS_REAL_OPENEDX_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("skipped: set LMS_REAL_OPENEDX_PYTHON, as `cargo xtask real` does");
    }
    python
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// How often olxcleaner says each thing as an error; or why it gives up.
type Errors = Result<BTreeMap<String, usize>, String>;

/// What it says of each folder. Places and attributes differ where a block has got a file of its own, so
/// digits, names of files and all but the names of tags are no part of it.
fn cleaned(python: &Path, folders: &[PathBuf]) -> Vec<Errors> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/openedx/validate.py");
    let output = Command::new(python).arg(script).args(folders).output().expect("the program runs");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let of = |course: &serde_json::Value| {
        if let Some(crash) = course["crash"].as_str() {
            return Err(crash.to_owned());
        }
        let mut errors = BTreeMap::new();
        for said in course["said"].as_array().into_iter().flatten().filter(|said| said[0] == "ERROR") {
            let text = bare(said[3].as_str().unwrap_or_default());
            *errors.entry(format!("{} {text}", said[1].as_str().unwrap_or_default())).or_default() += 1;
        }
        Ok(errors)
    };
    said.as_array().expect("a list").iter().map(of).collect()
}

fn bare(text: &str) -> String {
    let mut words = Vec::new();
    let mut in_tag = false;
    for word in text.split_whitespace() {
        let (opens, closes) = (word.starts_with('<'), word.contains('>'));
        if opens || !in_tag {
            let file = word.contains(".xml") || word.contains(".html");
            let kept: String = word.chars().filter(|c| !c.is_ascii_digit() && *c != '>').collect();
            words.push(if file { "FILE".to_owned() } else { kept });
        }
        in_tag = (in_tag || opens) && !closes;
    }
    words.join(" ")
}

/// Errors of the second that the first has not, or has less often.
fn more(source: &Errors, written: &Errors) -> Vec<String> {
    match (source, written) {
        // It gives up on some of the sources, too.
        (Err(_), Err(_)) | (Err(_), Ok(_)) => Vec::new(),
        (Ok(_), Err(crash)) => vec![format!("olxcleaner gives up: {crash}")],
        (Ok(source), Ok(written)) => written
            .iter()
            .filter(|(text, n)| source.get(*text).is_none_or(|had| had < n))
            .map(|(text, n)| format!("{n} × {text}"))
            .collect(),
    }
}

async fn moved(from: &dyn LmsProvider, to: &dyn LmsProvider) -> lms::Result<()> {
    let id = from.require_courses()?.first_course().await?.id;
    let planned = plan(from, &id, to).await?;
    apply(&planned, from, to, &NewCourse::default(), &Quiet).await.map(drop)
}

/// What is otherwise in the copy of a course: blocks (foreign ones byte for byte), counts, files.
async fn changed(source: &OlxArchive, copy: &OlxArchive) -> Vec<String> {
    let mut found = Vec::new();
    let (was, is) = (content(source).await, content(copy).await);
    if was.native != is.native {
        found.push(format!("{:?}, now {:?}", was.native, is.native));
    }
    for (was, is) in was.course.blocks().zip(is.course.blocks()) {
        if was.block.1 != is.block.1 {
            found.push(format!("{} is another block", was.place()));
        }
    }
    if was.course.assets.len() != is.course.assets.len() {
        found.push(format!("{} files, now {}", was.course.assets.len(), is.course.assets.len()));
    }
    for asset in &was.course.assets {
        let (was, is) = (
            source.read_asset(&was.course.id, &asset.id).await,
            copy.read_asset(&is.course.id, &asset.id).await,
        );
        let (Ok(was), Ok(is)) = (was, is) else {
            found.push(format!("{} cannot be read", asset.id));
            continue;
        };
        if was.into_bytes(1 << 30).await.ok() != is.into_bytes(1 << 30).await.ok() {
            found.push(format!("{} is another file", asset.id));
        }
    }
    found
}

async fn content(archive: &OlxArchive) -> Content {
    let courses = archive.require_courses().expect("courses");
    let id = courses.first_course().await.expect("a course").id;
    courses.content(&id).await.expect("the course")
}

/// What our own check says of a course, but for what is merely doubtful.
fn defects(archive: &OlxArchive) -> Vec<String> {
    let found = archive.check(&CheckOptions::default()).expect("a course that can be read");
    found
        .iter()
        .filter(|defect| defect.harm >= Harm::Lost)
        .map(|d| format!("{:?} {}", d.rule, d.message))
        .collect()
}

/// What olxcleaner says of what we write and not of the source, since it does not look there in the source.
const NOT_SEEN: [(&str, &str, &str); 4] = [
    ("platform-graded", "GradingPolicyIssue", "the same grading policy lies at the root of the source"),
    (
        "platform-toy",
        "UnexpectedTag",
        "it stops at a chapter file that begins with another tag; ours begin rightly",
    ),
    ("platform-test-import-course", "UnexpectedTag", "as in platform-toy, from which it was made"),
    ("platform-xml-dag", "", "it stops at a html block whose file it looks for under a wrong name"),
];

#[tokio::test(flavor = "multi_thread")]
async fn real_open_edx_courses_have_no_new_errors_when_written_anew() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (mut pairs, mut wrong) = (Vec::new(), Vec::new());
    for path in folders("courses/openedx") {
        let Ok(source) = OlxArchive::open(&path) else { continue };
        let to = folder.path().join(name(&path));
        let target = OlxArchive::create(&to, ArchiveForm::Folder).expect("a place");
        if let Err(error) = moved(&source, &target).await {
            eprintln!("{} cannot be read: {error}", name(&path));
            continue;
        }
        wrong.extend(
            changed(&source, &target).await.into_iter().map(|what| format!("{}: {what}", name(&path))),
        );
        let (had, has) = (defects(&source), defects(&target));
        if has.len() > had.len() {
            wrong.push(format!("{}: our check found {had:?}, now {has:?}", name(&path)));
        }
        pairs.push((path, to));
    }
    let folders: Vec<PathBuf> = pairs.iter().flat_map(|(from, to)| [from.clone(), to.clone()]).collect();
    let said = cleaned(&python, &folders);
    for ((path, _), pair) in pairs.iter().zip(said.chunks(2)) {
        let [source, written] = pair else { continue };
        let name = name(path);
        let seen = |what: &String| !NOT_SEEN.iter().any(|(of, kind, _)| *of == name && what.contains(kind));
        wrong.extend(more(source, written).into_iter().filter(seen).map(|what| format!("{name}: {what}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    eprintln!("{} courses written anew", pairs.len());
}

async fn stepik() -> (StepikEmulator, Arc<dyn LmsProvider>) {
    let server = StepikEmulator::start(Options::default()).await.expect("it starts");
    let who = server.credentials();
    let options = [("url", &who.url), ("client_id", &who.client_id), ("client_secret", &who.client_secret)];
    let options = options.map(|(key, value)| (key.to_owned(), value.clone()));
    let stepik = lms::connect(Platform::Stepik, options).expect("the options are sound");
    (server, stepik)
}

/// What a course from another platform need not have: an end, and a picture.
const NOT_THERE: [&str; 2] = [
    "InvalidSetting The tag <course does not have the required setting 'end'.",
    "InvalidSetting The tag <course does not have the required setting 'course_image'.",
];

/// INGInious courses straight and over Stepik, Open edX courses over Stepik: no error but those of the texts
/// of an Open edX author, which stay the author's.
#[tokio::test(flavor = "multi_thread")]
async fn migrated_courses_have_no_errors() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut sources: Vec<(Option<PathBuf>, String, Box<dyn LmsProvider>)> = Vec::new();
    for path in folders("courses/inginious") {
        let course = FolderCourse::open(&path).expect("a course");
        sources.push((None, format!("inginious-{}", name(&path)), Box::new(course)));
    }
    for path in folders("courses/openedx") {
        let Ok(archive) = OlxArchive::open(&path) else { continue };
        sources.push((Some(path.clone()), format!("openedx-{}", name(&path)), Box::new(archive)));
    }
    let (mut written, mut wrong) = (Vec::new(), Vec::new());
    for (path, name, source) in sources {
        let (_server, stepik) = stepik().await;
        if let Err(error) = moved(source.as_ref(), stepik.as_ref()).await {
            eprintln!("{name} cannot be read: {error}");
            continue;
        }
        let mut legs = vec![(folder.path().join(format!("{name}-over-stepik")), stepik.as_ref())];
        if path.is_none() {
            legs.push((folder.path().join(&name), source.as_ref()));
        }
        for (to, from) in legs {
            let target = OlxArchive::create(&to, ArchiveForm::Folder).expect("a place");
            moved(from, &target).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
            wrong.extend(defects(&target).into_iter().map(|what| format!("{name}: {what}")));
            written.push((path.clone(), to));
        }
    }
    let originals: Vec<PathBuf> = written.iter().filter_map(|(source, _)| source.clone()).collect();
    let mut originals = cleaned(&python, &originals).into_iter();
    let targets: Vec<PathBuf> = written.iter().map(|(_, to)| to.clone()).collect();
    for ((source, to), said) in written.iter().zip(cleaned(&python, &targets)) {
        let had = match source {
            Some(_) => originals.next().expect("as many as asked for"),
            None => Ok(BTreeMap::new()),
        };
        let new = more(&had, &said);
        // Broken HTML is the author's: in problems, from where some of it comes, nobody looks at it.
        let of_author = |what: &str| source.is_some() && what.contains("InvalidHTML");
        let new =
            new.iter().filter(|what| !of_author(what) && !NOT_THERE.iter().any(|known| what.contains(known)));
        wrong.extend(new.map(|what| format!("{}: {what}", name(to))));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    eprintln!("{} migrated courses", written.len());
}
