//! How fast the largest real course is read, against olxcleaner's load of it, and against what its files alone take to
//! be opened and read by one thread: no reader of the folder can be much faster than that. The program fails where
//! reading takes longer than loading.
//!
//! ```sh
//! LMS_REAL_OPENEDX_PYTHON=… cargo bench -p lms-openedx --bench reading
//! ```
//!
//! They take turns. Python's start and its imports are not counted; what we do beyond loading, which is every
//! problem, page and link in the neutral model, is.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::time::Instant;

use lms_core::{CourseId, CoursesExt, LmsProviderExt};
use lms_openedx::OlxArchive;

#[path = "../../../tests/support/shared.rs"]
mod shared;

const ROUNDS: usize = 31;
const AT_LEAST: f64 = 1.0;

fn main() -> ExitCode {
    let Some(python) = std::env::var_os("LMS_REAL_OPENEDX_PYTHON") else {
        eprintln!("skipped: set LMS_REAL_OPENEDX_PYTHON, as `cargo xtask real` does");
        return ExitCode::SUCCESS;
    };
    let Some((files, course)) = shared::folders("courses/openedx").into_iter().map(sized).max() else {
        return ExitCode::SUCCESS;
    };
    let mut theirs = Loader::start(Path::new(&python), &course);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let id = runtime.block_on(id_of(&course));
    let (mut loaded, mut read, mut opened, mut blocks) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let texts = texts(&course);
    // The first round is for the caches of both.
    for round in 0..=ROUNDS {
        let seconds = theirs.load();
        let begun = Instant::now();
        blocks = runtime.block_on(content(&course, &id));
        let own = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let bytes: usize = texts.iter().map(|path| std::fs::read(path).expect("a file").len()).sum();
        assert!(bytes > 0, "the course has texts");
        let alone = begun.elapsed().as_secs_f64();
        if round > 0 {
            loaded.push(seconds);
            read.push(own);
            opened.push(alone);
        }
    }
    let name = course.file_name().unwrap_or_default().to_string_lossy();
    let (loaded, read, opened) = (median(loaded), median(read), median(opened));
    let ratio = loaded / read;
    println!("{name}: {files} files, {blocks} blocks; medians of {ROUNDS} rounds that take turns");
    println!(
        "its files alone are opened and read in {:.1} ms, {:.1} times as fast as olxcleaner loads them",
        opened * 1e3,
        loaded / opened
    );
    println!(
        "olxcleaner loads it in {:.1} ms, we read it in {:.2} ms: ratio {ratio:.1}",
        loaded * 1e3,
        read * 1e3
    );
    if ratio < AT_LEAST {
        eprintln!("reading must not take longer than loading");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn id_of(course: &Path) -> CourseId {
    let archive = OlxArchive::open(course).expect("a course");
    archive.require_courses().expect("courses").first_course().await.expect("a course").id
}

async fn content(course: &Path, id: &CourseId) -> usize {
    let archive = OlxArchive::open(course).expect("a course");
    let courses = archive.require_courses().expect("courses");
    courses.content(id).await.expect("the course").course.blocks().count()
}

/// How many files of XML and HTML a course has.
fn sized(course: PathBuf) -> (usize, PathBuf) {
    (texts(&course).len(), course)
}

/// The files of XML and HTML.
fn texts(course: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(course).into_iter().flatten().map(walkdir::DirEntry::into_path);
    files.filter(|path| path.extension().is_some_and(|e| e == "xml" || e == "html")).collect()
}

fn median(mut list: Vec<f64>) -> f64 {
    list.sort_by(f64::total_cmp);
    list[list.len() / 2]
}

/// olxcleaner in a process that stays.
struct Loader {
    child: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Loader {
    fn start(python: &Path, course: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/real/openedx/load.py");
        let mut command = Command::new(python);
        command.arg("-B").arg(script).arg(course).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("Python runs");
        let (ask, answers) = (child.stdin.take().expect("stdin"), child.stdout.take().expect("stdout"));
        Self { child, ask, answers: BufReader::new(answers) }
    }

    fn load(&mut self) -> f64 {
        writeln!(self.ask).expect("it listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it answers");
        line.trim().parse().expect("seconds")
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
