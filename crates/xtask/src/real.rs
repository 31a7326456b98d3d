//! Tests against the real thing: an INGInious server and Open edX's own grader, from their packages.
//!
//! Each says `skipped` where Python, the packages, or the files beside the project are not to be had;
//! nothing else is taken for a success.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use crate::run::{cargo_with, root, shown};

/// Runs both, side by side: each waits for its own servers most of the time.
pub(crate) fn all() -> Result<()> {
    std::thread::scope(|scope| {
        let inginious = scope.spawn(inginious);
        let openedx = openedx();
        inginious.join().map_err(|_| anyhow!("the tests on INGInious ended in a panic"))??;
        openedx
    })
}

/// A real INGInious, started by `tests/real/inginious/launcher.py`, for the emulator and for the client.
fn inginious() -> Result<()> {
    let folder = root().join("tests/real/inginious");
    let Some(python) = environment("inginious", &folder.join("requirements.txt"))? else { return Ok(()) };
    for test in ["inginious_real", "real_server", "real_conformance", "inginious_server"] {
        // The server remembers what was sent, so each test gets one of its own.
        let run = || -> Result<()> {
            let server = Server::start(&python, &folder.join("launcher.py"))?;
            one(test, &[("LMS_REAL_INGINIOUS", &server.line)])
        };
        // The server races with itself, about once in 300 submissions, and then the two that are compared
        // have different pasts. A difference that is one comes again.
        match run() {
            Err(error) if test == "inginious_real" => {
                println!("xtask: {error:#}; once more, in case that the server raced with itself");
                run()?;
            }
            result => result?,
        }
    }
    Ok(())
}

/// Open edX's own problem code, and olxcleaner, run by `tests/real/openedx`.
fn openedx() -> Result<()> {
    let folder = root().join("tests/real/openedx");
    let Some(python) = environment("openedx", &folder.join("requirements.txt"))? else { return Ok(()) };
    let python = python.to_string_lossy();
    one("real_grader", &[("LMS_REAL_OPENEDX_PYTHON", &python)])?;
    one("real_olx", &[("LMS_REAL_OPENEDX_PYTHON", &python)])
}

/// Runs one file of tests, told where the real thing is. Built as all tests are built, with all features
/// of the workspace: for a package alone, half of it would be compiled anew.
pub(crate) fn one(test: &str, real: &[(&str, &str)]) -> Result<()> {
    cargo_with(&["nextest", "run", "--workspace", "--all-features", "--test", test, "--no-capture"], real)
}

/// A Python environment below `target/` with these packages; `None`, said aloud, where it cannot be had.
pub(crate) fn environment(name: &str, requirements: &Path) -> Result<Option<PathBuf>> {
    let folder = root().join("target/real").join(name);
    let python = folder.join("bin/python");
    let wanted = fs::read_to_string(requirements)
        .with_context(|| format!("{} cannot be read", requirements.display()))?;
    let done = folder.join("installed.txt");
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(Some(python));
    }
    let mut create = Command::new("python3");
    create.args(["-m", "venv"]).arg(&folder);
    if let Err(error) = shown(create) {
        println!("xtask: skipped: no Python environment for {name}: {error}");
        return Ok(None);
    }
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(requirements);
    if let Err(error) = shown(install) {
        println!("xtask: skipped: the packages for {name} cannot be installed: {error}");
        return Ok(None);
    }
    fs::write(&done, wanted).with_context(|| format!("{} cannot be written", done.display()))?;
    Ok(Some(python))
}

/// A server that prints one line when it is ready. It is ended when this is dropped.
struct Server {
    child: Child,
    line: String,
}

impl Server {
    fn start(python: &Path, launcher: &Path) -> Result<Self> {
        const PATIENCE: Duration = Duration::from_secs(60);
        let data = root().join("target/real/inginious-data");
        if data.exists() {
            fs::remove_dir_all(&data).with_context(|| format!("{} cannot be emptied", data.display()))?;
        }
        fs::create_dir_all(&data)?;
        let ready = data.with_extension("json");
        let mut command = Command::new(python);
        command.arg(launcher).arg("--data").arg(&data).stdout(File::create(&ready)?).stdin(Stdio::null());
        let child = command.spawn().context("the server cannot be started")?;
        let mut server = Self { child, line: String::new() };
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let text = fs::read_to_string(&ready).unwrap_or_default();
            if let Some((line, _)) = text.split_once('\n') {
                server.line = line.to_owned();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("the server ended before it was ready ({status})");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("the server was not ready within a minute")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM would let it say goodbye; nothing of it is kept, so it need not.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
