//! Clients that nobody of this project wrote, pointed at the emulators.
//!
//! Each says `skipped` where Python or the package is not to be had; nothing else is taken for a success.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::real::environment;
use crate::run::{cargo, root, shown};

/// Objects on a page, so few that the courses to list fill several.
const PAGE_SIZE: &str = "3";

/// The package `stepik` from PyPI against the Stepik emulator.
pub(crate) fn all() -> Result<()> {
    let folder = root().join("tests/clients/stepik");
    let Some(python) = environment("stepik", &folder.join("requirements.txt"))? else { return Ok(()) };
    let courses = folder.join("courses.json");
    let emulator = Emulator::start(&courses)?;
    let mut command = Command::new(python);
    command
        .arg("-B")
        .arg(folder.join("client.py"))
        .env("LMS_STEPIK_URL", emulator.value("url")?)
        .env("LMS_STEPIK_CLIENT_ID", emulator.value("client_id")?)
        .env("LMS_STEPIK_CLIENT_SECRET", emulator.value("client_secret")?)
        .env("LMS_STEPIK_COURSES", &courses)
        .env("LMS_STEPIK_PAGE_SIZE", PAGE_SIZE);
    shown(command)
}

/// `lms emulate`, ended when this is dropped.
struct Emulator {
    child: Child,
    /// Its first line: addresses and credentials as JSON.
    line: String,
}

impl Emulator {
    fn start(courses: &Path) -> Result<Self> {
        cargo(&["build", "--quiet", "-p", "lms-cli"])?;
        // Cargo puts the programs of a workspace side by side.
        let name = format!("lms{}", std::env::consts::EXE_SUFFIX);
        let program = std::env::current_exe().context("where is xtask?")?.with_file_name(name);
        let mut command = Command::new(&program);
        command.args(["emulate", "--stepik", "0", "--page-size", PAGE_SIZE, "--load"]).arg(courses);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let child = command.spawn().with_context(|| format!("{} cannot be run", program.display()))?;
        let mut emulator = Self { child, line: String::new() };
        let output = emulator.child.stdout.as_mut().context("the emulator has no output")?;
        if BufReader::new(output).read_line(&mut emulator.line)? == 0 {
            bail!("the emulator ended before it was ready ({})", emulator.child.wait()?);
        }
        Ok(emulator)
    }

    /// A text of the first line; none of them holds anything that JSON would escape.
    fn value(&self, key: &str) -> Result<&str> {
        let text = self.line.split(&format!("\"{key}\":\"")).nth(1).and_then(|rest| rest.split('"').next());
        text.with_context(|| format!("the emulator does not tell its {key}"))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // SIGTERM would let it say goodbye; nothing of it is kept, so it need not.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
