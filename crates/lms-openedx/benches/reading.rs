//! How fast the largest real course is read, against olxcleaner's load of it, and against what its files alone take to
//! be opened and read by one thread: no reader of the folder can be much faster than that with one processor. Then
//! command against command, as a user meets them: `lms inspect FOLDER` against `edx-cleaner` with its load alone. The
//! program fails where reading is not well faster than loading.
//!
//! ```sh
//! cargo build --release -p lms-cli
//! LMS_REAL_OPENEDX_PYTHON=… cargo bench -p lms-openedx --bench reading
//! ```
//!
//! They take turns. Of the first comparison Python's start and its imports are no part; what we do beyond loading, which
//! is every problem, page and link in the neutral model, is. Of the second the start of both processes is a part, and
//! what they print. `LMS_BIN` names another `lms` than that of `target/release`.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::time::Instant;

use lms_core::{CourseId, CoursesExt, LmsProviderExt};
use lms_openedx::OlxArchive;

#[path = "../../../tests/support/shared.rs"]
mod shared;

const ROUNDS: usize = 31;
const AT_LEAST: f64 = 1.5;

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
    commands(Path::new(&python), &course);
    if ratio < AT_LEAST {
        eprintln!("reading must be {AT_LEAST} times as fast as loading");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// What a user waits for, from the start of a process to its end.
fn commands(python: &Path, course: &Path) {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/release/lms");
    let lms = std::env::var_os("LMS_BIN").map_or(built, PathBuf::from);
    if !lms.is_file() {
        eprintln!("skipped: command against command; build {} or set LMS_BIN", lms.display());
        return;
    }
    let mut cleaner = Command::new(python.with_file_name("edx-cleaner"));
    // Two of its eight steps, as in `load.py`; its verdict on the course is no failure here.
    cleaner.args(["--steps", "2", "--quiet", "--failure", "4", "--course"]).arg(course.join("course.xml"));
    let mut inspect = Command::new(&lms);
    inspect.arg("inspect").arg(course);
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let pair = (run(&mut cleaner), run(&mut inspect));
        if round > 0 {
            theirs.push(pair.0);
            ours.push(pair.1);
        }
    }
    let (theirs, ours) = (median(theirs), median(ours));
    println!(
        "as commands: edx-cleaner loads it in {:.0} ms, lms inspect takes {:.1} ms: ratio {:.1}",
        theirs * 1e3,
        ours * 1e3,
        theirs / ours
    );
}

fn run(command: &mut Command) -> f64 {
    let begun = Instant::now();
    let status = command.stdout(Stdio::null()).status().expect("the command runs");
    let seconds = begun.elapsed().as_secs_f64();
    assert!(status.success(), "{command:?}: {status}");
    seconds
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
