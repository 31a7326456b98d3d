//! Clients that nobody of this project wrote, pointed at the emulators.
//!
//! Each says `skipped` where Python or the package is not to be had; nothing else is taken for a success.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::real::{environment, one};
use crate::run::{cargo, root, shown};

/// Objects on a page, so few that the courses to list fill several.
const PAGE_SIZE: &str = "3";

/// Clients of Stepik and of Open edX from PyPI.
pub(crate) fn all() -> Result<()> {
    stepik()?;
    openedx()
}

/// The package `stepik` against the Stepik emulator.
fn stepik() -> Result<()> {
    let folder = root().join("tests/clients/stepik");
    let Some(python) = environment("stepik", &folder.join("requirements.txt"))? else { return Ok(()) };
    let courses = folder.join("courses.json");
    let emulator = Emulator::start("--stepik", std::slice::from_ref(&courses))?;
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

/// The packages `openedx-rest-api-client` and `edx-api-client` against the Open edX emulator. The test holds
/// what they see against what our client sees of the same server.
fn openedx() -> Result<()> {
    let folder = root().join("tests/clients/openedx");
    let Some(python) = environment("openedx-clients", &folder.join("requirements.txt"))? else {
        return Ok(());
    };
    let emulator = Emulator::start("--openedx", &folders(&folder.join("courses"))?)?;
    let server = emulator.part("openedx")?;
    one("other_clients", &[("LMS_OPENEDX", server), ("LMS_OPENEDX_PYTHON", &python.to_string_lossy())])
}

fn folders(below: &Path) -> Result<Vec<PathBuf>> {
    let entries = below.read_dir().with_context(|| format!("{} cannot be read", below.display()))?;
    let mut found: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    found.sort();
    Ok(found)
}

/// `lms emulate`, ended when this is dropped.
struct Emulator {
    child: Child,
    /// Its first line: addresses and credentials as JSON.
    line: String,
}

impl Emulator {
    fn start(platform: &str, courses: &[PathBuf]) -> Result<Self> {
        cargo(&["build", "--quiet", "-p", "lms-cli"])?;
        // Cargo puts the programs of a workspace side by side.
        let name = format!("lms{}", std::env::consts::EXE_SUFFIX);
        let program = std::env::current_exe().context("where is xtask?")?.with_file_name(name);
        let mut command = Command::new(&program);
        command.args(["emulate", platform, "0", "--page-size", PAGE_SIZE]);
        for course in courses {
            command.arg("--load").arg(course);
        }
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

    /// The object of one platform in the first line, when it is the only one.
    fn part(&self, platform: &str) -> Result<&str> {
        let part = self.line.trim().strip_prefix(&format!("{{\"{platform}\":"));
        let part = part.and_then(|rest| rest.strip_suffix('}'));
        part.with_context(|| format!("the emulator does not tell of {platform}"))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // SIGTERM would let it say goodbye; nothing of it is kept, so it need not.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
