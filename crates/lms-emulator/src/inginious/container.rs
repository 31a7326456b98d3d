//! The stand-in for the grading container (reference inginious.md 9.9).
//!
//! No container is started here. A task's Python run script is run as an ordinary process instead, in a copy of the
//! task folder, with a small library under the names of the container's own (`inginious_container_api`, and
//! `inginious` as old scripts call it). That shows whether a script grades right; it is **no** sandbox. Scripts are
//! therefore only run as [`RunScripts`] allows. Not imitated: other languages, `run_cmd`, the absolute paths of the
//! container, memory limits, networks, IPython's `!` lines.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::RunScripts;
use super::app::App;
use super::input::Input;
use super::mcq::{Outcome, rounded};
use super::rst;
use super::state::Submission;
use super::task::{Environment, Task};

/// The library that stands for the container's: path under the import folder, and text.
const LIBRARY: [(&str, &str); 8] = [
    ("inginious/__init__.py", include_str!("shim/inginious/__init__.py")),
    ("inginious_container_api/__init__.py", include_str!("shim/inginious_container_api/__init__.py")),
    ("inginious_container_api/feedback.py", include_str!("shim/inginious_container_api/feedback.py")),
    ("inginious_container_api/input.py", include_str!("shim/inginious_container_api/input.py")),
    ("inginious_container_api/lang.py", include_str!("shim/inginious_container_api/lang.py")),
    ("inginious_container_api/launch.py", include_str!("shim/inginious_container_api/launch.py")),
    ("inginious_container_api/rst.py", include_str!("shim/inginious_container_api/rst.py")),
    ("inginious_container_api/run_student.py", include_str!("shim/inginious_container_api/run_student.py")),
];

/// Longest time that a script gets, whatever the task says.
const LONGEST: Duration = Duration::from_secs(60);

/// A script that is ready to run.
#[derive(Debug)]
pub(crate) struct Run {
    task_files: Vec<(String, Bytes)>,
    common_files: Vec<(String, Bytes)>,
    /// Path of the script, relative to the folder of the job.
    script: String,
    input: Value,
    limit: Duration,
}

/// Gathers what a run needs. `None` if scripts are not run, or there is none that can be run here.
pub(crate) fn prepare(app: &App, course: &str, task: &Task, submission: &Submission) -> Option<Run> {
    let Environment::Container { seconds, run_cmd: None, .. } = &task.environment else { return None };
    let store = app.store();
    let stored = store.courses.get(course)?;
    let allowed = match app.run_scripts() {
        RunScripts::Never => false,
        RunScripts::Loaded => stored.trusted,
        RunScripts::Always => true,
    };
    if !allowed {
        return None;
    }
    let files = |prefix: &str| -> Vec<(String, Bytes)> {
        stored.files().under(prefix).map(|(name, bytes)| (name.to_owned(), bytes.clone())).collect()
    };
    let (task_files, common_files) = (files(&format!("{}/", task.id)), files("$common/"));
    let script = script(&task_files, "task").or_else(|| script(&common_files, "course/common"))?;
    // The hard limit of a container is three times its limit (reference inginious.md 9.6).
    let limit = Duration::try_from_secs_f64(seconds * 3.0).unwrap_or(LONGEST).min(LONGEST);
    Some(Run { task_files, common_files, script, input: input(submission), limit })
}

/// The run script of a folder, in the order in which the container looks for it. `None` too if that one is not Python.
fn script(files: &[(String, Bytes)], folder: &str) -> Option<String> {
    let find = |name: &str| files.iter().find(|(path, _)| path == name);
    let (name, bytes) = ["run", "run.py3", "run.py", "run.sh"].into_iter().find_map(find)?;
    let first = bytes.split(|byte| *byte == b'\n').next().map(String::from_utf8_lossy).unwrap_or_default();
    let python = match name.as_str() {
        "run" => first.starts_with("#!") && first.contains("python"),
        other => other != "run.sh",
    };
    python.then(|| format!("{folder}/{name}"))
}

/// The answers as the grader gets them: not wrapped, files as name and content.
fn input(submission: &Submission) -> Value {
    let mut answers = Map::new();
    for (name, input) in &submission.input {
        let value = match input {
            Input::File { name, bytes } => json!({ "filename": name, "base64": STANDARD.encode(bytes) }),
            other => other.to_json().unwrap_or_default(),
        };
        answers.insert(name.clone(), value);
    }
    let about = &submission.about;
    answers.insert("@username".to_owned(), submission.submitters().into());
    answers.insert("@email".to_owned(), about.email.clone().into());
    answers.insert("@lang".to_owned(), "en".into());
    answers.insert("@time".to_owned(), about.time.clone().into());
    answers.insert("@attempts".to_owned(), about.attempts.to_string().into());
    answers.insert("@random".to_owned(), json!(about.random));
    answers.insert("@state".to_owned(), about.state.clone().into());
    answers.into()
}

/// A folder for tasks with their answers, and what a learner wrote: other accounts of the machine do not see into it.
fn private_folder() -> std::io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

impl Run {
    /// Runs the script and reads what it said.
    pub(crate) async fn grade(self) -> Outcome {
        match self.run().await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::warn!(%error, "a run script could not be run");
                Outcome::failure("crash", "Environment not available.")
            }
        }
    }

    async fn run(self) -> std::io::Result<Outcome> {
        let job = private_folder()?;
        let root = job.path();
        for (folder, files) in [("task", &self.task_files), ("course/common", &self.common_files)] {
            std::fs::create_dir_all(root.join(folder))?;
            files.iter().try_for_each(|(name, bytes)| write(&root.join(folder).join(name), bytes))?;
        }
        std::fs::create_dir_all(root.join("task/student"))?;
        LIBRARY
            .iter()
            .try_for_each(|(name, text)| write(&root.join("library").join(name), text.as_bytes()))?;
        write(&root.join("input.json"), self.input.to_string().as_bytes())?;
        let errors = std::fs::File::create(root.join("stderr"))?;
        let mut process = tokio::process::Command::new("python3")
            .args(["-m", "inginious_container_api.launch"])
            .arg(root.join(&self.script))
            .current_dir(root.join("task"))
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("LANG", "C.UTF-8")
            .env("HOME", root)
            .env("PYTHONPATH", root.join("library"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("GRADING_JOB", root)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()?;
        if tokio::time::timeout(self.limit, process.wait()).await.is_err() {
            process.kill().await?;
            return Ok(Outcome::failure("timeout", "The grader did not end within its time limit."));
        }
        match std::fs::read(root.join("feedback.json"))
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
        {
            Some(feedback) => Ok(outcome(&feedback)),
            None => {
                let errors = std::fs::read_to_string(root.join("stderr")).unwrap_or_default();
                tracing::warn!(script = %self.script, %errors, "a run script gave no feedback");
                Ok(Outcome::failure("crash", "The grader gave no feedback."))
            }
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, bytes)
}

/// Anything but the documented results becomes a crash; without a grade, success is worth 100.
fn outcome(feedback: &Value) -> Outcome {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let result = match text(&feedback["result"]) {
        known if ["success", "failed", "timeout", "overflow", "crash"].contains(&known.as_str()) => known,
        _ => "crash".to_owned(),
    };
    let default = if result == "success" { 100.0 } else { 0.0 };
    let problems = feedback["problems"].as_object().into_iter().flatten();
    Outcome {
        grade: rounded(feedback["grade"].as_f64().unwrap_or(default)),
        text: rst::to_html(&text(&feedback["text"])),
        problems: problems
            .map(|(id, pair)| (id.clone(), text(&pair[0]), rst::to_html(&text(&pair[1]))))
            .collect(),
        state: feedback["state"].as_str().map(str::to_owned),
        result,
    }
}
