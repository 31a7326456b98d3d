//! Every OLX that is written from a real course, held against olxcleaner, which nobody here wrote: it finds
//! no error that it does not find in the source.
//!
//! `LMS_REAL_OPENEDX_PYTHON` names an interpreter with the packages of `tests/real/openedx`; without it, or
//! without real courses beside the project, the tests say that they are skipped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use lms::inginious::FolderCourse;
use lms::migrate::{Quiet, apply, plan};
use lms::openedx::{ArchiveForm, CheckOptions, Harm, OlxArchive};
use lms::{CoursesExt, LmsProvider, LmsProviderExt, NewCourse, Platform, Result};
use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;

fn python() -> Option<PathBuf> {
    let python = std::env::var_os("LMS_REAL_OPENEDX_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("skipped: set LMS_REAL_OPENEDX_PYTHON, as `cargo xtask real` does");
    }
    python
}

fn courses(kind: &str) -> Vec<PathBuf> {
    let shared = std::env::var_os("LMS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let folder = shared.join("courses").join(kind);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: there are no real courses at {}", folder.display());
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// How often olxcleaner says each thing as an error; `None` where it gives up.
type Errors = Option<BTreeMap<String, usize>>;

/// What it says of each folder. Places and attributes differ where a block has got a file of its own, so
/// digits, names of files and all but the names of tags are no part of it.
fn cleaned(python: &Path, folders: &[PathBuf]) -> Vec<Errors> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/openedx/validate.py");
    let output = Command::new(python).arg(script).args(folders).output().expect("the program runs");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let of = |course: &serde_json::Value| {
        if course["crash"].is_string() {
            return None;
        }
        let mut errors = BTreeMap::new();
        for said in course["said"].as_array().into_iter().flatten().filter(|said| said[0] == "ERROR") {
            let text =
                said[2].as_str().map(|file| said[3].as_str().unwrap_or_default().replace(file, "FILE"));
            let text: String = text.unwrap_or_default().chars().filter(|c| !c.is_ascii_digit()).collect();
            *errors.entry(format!("{} {text}", said[1].as_str().unwrap_or_default())).or_default() += 1;
        }
        Some(errors)
    };
    said.as_array().expect("a list").iter().map(of).collect()
}

fn bare(text: &str) -> String {
    let mut words = String::new();
    let mut in_tag = false;
    for word in text.split(' ') {
        in_tag |= word.starts_with('<') && !word.contains('>');
        let kept = match (in_tag, word.contains(".xml") || word.contains(".html")) {
            (true, _) if !word.starts_with('<') => "",
            (_, true) => "FILE",
            _ => word,
        };
        in_tag &= !word.contains('>');
        words.extend(kept.chars().filter(|c| !c.is_ascii_digit()));
        words.push(' ');
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Errors of the second that the first has not, or has less often.
fn more(source: &Errors, written: &Errors) -> Vec<String> {
    match (source, written) {
        (_, None) => vec!["olxcleaner gives up".to_owned()],
        (None, Some(_)) => Vec::new(),
        (Some(source), Some(written)) => written
            .iter()
            .filter(|(text, n)| source.get(*text).is_none_or(|had| had < n))
            .map(|(text, n)| format!("{n} × {text}"))
            .collect(),
    }
}

async fn moved(from: &dyn LmsProvider, to: &dyn LmsProvider) -> Result<()> {
    let id = from.require_courses()?.first_course().await?.id;
    let planned = plan(from, &id, to).await?;
    apply(&planned, from, to, &NewCourse::default(), &Quiet).await.map(drop)
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

#[tokio::test(flavor = "multi_thread")]
async fn real_open_edx_courses_have_no_new_errors_when_written_anew() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (mut pairs, mut wrong) = (Vec::new(), Vec::new());
    for path in courses("openedx") {
        let Ok(source) = OlxArchive::open(&path) else { continue };
        let to = folder.path().join(name(&path));
        let target = OlxArchive::create(&to, ArchiveForm::Folder).expect("a place");
        if let Err(error) = moved(&source, &target).await {
            eprintln!("{} cannot be read: {error}", name(&path));
            continue;
        }
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
        wrong.extend(more(source, written).into_iter().map(|what| format!("{}: {what}", name(path))));
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

/// What a course from another platform cannot have, since there is nothing of the kind there.
const NOT_THERE: [&str; 1] = ["InvalidSetting The tag <course"];

#[tokio::test(flavor = "multi_thread")]
async fn migrated_courses_have_no_errors() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (mut written, mut wrong) = (Vec::new(), Vec::new());
    let mut sources: Vec<(String, Box<dyn LmsProvider>)> = Vec::new();
    for path in courses("inginious") {
        sources.push((
            format!("inginious {}", name(&path)),
            Box::new(FolderCourse::open(&path).expect("a course")),
        ));
    }
    for path in courses("openedx") {
        let Ok(archive) = OlxArchive::open(&path) else { continue };
        sources.push((format!("openedx {}", name(&path)), Box::new(archive)));
    }
    for (name, source) in sources {
        let direct = folder.path().join(name.replace(' ', "-"));
        let over = folder.path().join(format!("{}-stepik", name.replace(' ', "-")));
        let (_server, stepik) = stepik().await;
        if let Err(error) = moved(source.as_ref(), stepik.as_ref()).await {
            eprintln!("{name} cannot be read: {error}");
            continue;
        }
        let mut legs: Vec<(PathBuf, &dyn LmsProvider)> = vec![(over, stepik.as_ref())];
        if name.starts_with("inginious") {
            legs.push((direct, source.as_ref()));
        }
        for (to, from) in legs {
            let target = OlxArchive::create(&to, ArchiveForm::Folder).expect("a place");
            moved(from, &target).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
            wrong.extend(defects(&target).into_iter().map(|what| format!("{name}: {what}")));
            written.push(to);
        }
    }
    for (path, said) in written.iter().zip(cleaned(&python, &written)) {
        let new = more(&Some(BTreeMap::new()), &said);
        let new = new.iter().filter(|what| !NOT_THERE.iter().any(|known| what.contains(known)));
        wrong.extend(new.map(|what| format!("{}: {what}", name(path))));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    eprintln!("{} migrated courses", written.len());
}
