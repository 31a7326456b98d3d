//! A page of the manual, run.
//!
//! Blocks marked `console` hold commands and what they print on both streams:
//!
//! ```text
//! $ lms courses nobody
//! ? 2
//! lms: no remote has this name [..]
//! ```
//!
//! `$ ` begins a command for `sh`, `> ` continues it, `? 2` is its exit code where that is not 0. `[..]` stands for
//! anything within a line, a line `...` for any lines. All commands of a page share one home, one folder and one set of
//! emulators, and run from top to bottom. What they need stands in a comment on top of the page:
//!
//! ```text
//! <!-- transcript
//! emulate: --stepik 0 --load examples/courses/stepik.json
//! remotes: none
//! run: printf 'email\n' > people.csv
//! -->
//! ```
//!
//! `emulate` gives the arguments of `lms emulate`; their addresses read `http://127.0.0.1:8001` (Stepik), `:8002` and
//! `:8003` (Open edX and Studio), `:8004` (INGInious), both in commands and in print, and what is known of the accounts
//! is in variables such as `$STEPIK_LEARNER_PASSWORD`. The remotes `stepik`, `openedx`, `inginious` and
//! `stepik-learner`, … are configured unless `remotes: none` says otherwise. `run` is done before the page begins. The
//! home reads `/home/ada`, the folder `/home/ada/work`; `$COURSES` is the folder of example courses.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::emulators::Emulators;
use crate::pattern::{agree, line_agrees};

/// What the comment on top says.
#[derive(Default)]
struct Needs {
    emulate: Option<String>,
    no_remotes: bool,
    run: Vec<String>,
}

/// A command of a page.
pub(crate) struct Step {
    pub(crate) command: String,
    pub(crate) code: i32,
    shown: Vec<String>,
    /// Its lines in the page, from the one behind the command on.
    lines: std::ops::Range<usize>,
}

/// Runs the page and fails where it does not tell the truth.
pub(crate) fn check(page: &Path) {
    let text = std::fs::read_to_string(page).unwrap_or_else(|e| panic!("{}: {e}", page.display()));
    let lines: Vec<&str> = text.lines().collect();
    let steps = steps(&lines);
    assert!(!steps.is_empty(), "{}: no command in a block marked `console`", page.display());
    let home = Home::new(needs(&text));
    let mut wrong = String::new();
    let mut written: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let results: Vec<(i32, String)> = steps.iter().map(|step| home.run(&step.command)).collect();
    for (step, (code, printed)) in steps.iter().zip(&results).rev() {
        let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
        if *code == step.code && agree(&step.shown, &printed) {
            continue;
        }
        let report = format!(
            "$ {}\n--- the page shows (exit code {})\n{}\n--- it printed (exit code {code})\n{}\n\n",
            step.command,
            step.code,
            step.shown.join("\n"),
            printed.join("\n")
        );
        wrong.insert_str(0, &report);
        let mut new: Vec<String> = (*code != 0).then(|| format!("? {code}")).into_iter().collect();
        let mut left = step.shown.iter().filter(|shown| shown.contains("[..]")).collect::<Vec<_>>();
        new.extend(printed.iter().map(|line| match left.iter().position(|shown| line_agrees(shown, line)) {
            Some(held) => left.remove(held).clone(),
            None => (*line).to_owned(),
        }));
        written.splice(step.lines.clone(), new);
    }
    if std::env::var_os("LMS_MANUAL").is_some_and(|mode| mode == "overwrite") {
        std::fs::write(page, written.join("\n") + "\n").expect("the page can be written");
        return;
    }
    assert!(wrong.is_empty(), "{}:\n{wrong}", page.display());
}

fn needs(text: &str) -> Needs {
    let mut needs = Needs::default();
    let Some(comment) = text.split_once("<!-- transcript\n").and_then(|(_, rest)| rest.split_once("-->"))
    else {
        return needs;
    };
    for line in comment.0.lines() {
        let (key, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.trim().to_owned();
        match (key.trim(), value.as_str()) {
            ("emulate", _) => needs.emulate = Some(value),
            ("remotes", "none") => needs.no_remotes = true,
            ("run", _) => needs.run.push(value),
            _ => panic!("the comment on top of the page has no such line: {line}"),
        }
    }
    needs
}

pub(crate) fn steps(lines: &[&str]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    // Whether the last line still belongs to the command.
    let mut head = false;
    for (number, line) in lines.iter().enumerate() {
        if !inside {
            inside = *line == "```console";
            continue;
        }
        if *line == "```" {
            inside = false;
        } else if let Some(command) = line.strip_prefix("$ ") {
            head = true;
            let lines = number + 1..number + 1;
            steps.push(Step { command: command.to_owned(), code: 0, shown: Vec::new(), lines });
        } else if let Some(step) = steps.last_mut() {
            step.lines.end = number + 1;
            match (head, line.strip_prefix("> "), line.strip_prefix("? ")) {
                (true, Some(more), _) => {
                    step.command.push('\n');
                    step.command.push_str(more);
                    step.lines.start = number + 1;
                    continue;
                }
                (true, None, Some(code)) => step.code = code.parse().expect("`? ` and an exit code"),
                _ => step.shown.push((*line).to_owned()),
            }
            head = false;
        }
    }
    steps
}

/// Where the commands of a page run.
struct Home {
    folder: tempfile::TempDir,
    emulators: Option<Emulators>,
}

impl Home {
    fn new(needs: Needs) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let emulators = needs.emulate.as_deref().map(Emulators::start);
        let home = Self { folder, emulators };
        std::fs::create_dir_all(home.path("work")).expect("a folder");
        if let Some(emulators) = home.emulators.as_ref().filter(|_| !needs.no_remotes) {
            std::fs::create_dir_all(home.path(".config/lms")).expect("a folder");
            let file = home.path(".config/lms/lms.toml");
            std::fs::write(&file, emulators.config()).expect("a file");
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("mine");
        }
        for command in &needs.run {
            let (code, printed) = home.run(command);
            assert_eq!(code, 0, "{command}\n{printed}");
        }
        home
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn addresses(&self) -> Vec<(String, &'static str)> {
        self.emulators.as_ref().map(Emulators::addresses).unwrap_or_default()
    }

    /// The exit code, and both streams as they came.
    fn run(&self, command: &str) -> (i32, String) {
        let addresses = self.addresses();
        let real = addresses.iter().fold(command.to_owned(), |text, (real, name)| text.replace(name, real));
        let binary = Path::new(env!("CARGO_BIN_EXE_lms")).parent().expect("a folder");
        let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
        let output = Command::new("sh")
            .arg("-c")
            .arg(format!("{{ {real}\n}} 2>&1"))
            .current_dir(self.path("work"))
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.folder.path())
            .env("NO_COLOR", "1")
            .env("COURSES", courses())
            .envs(self.emulators.iter().flat_map(Emulators::variables))
            .stdin(Stdio::null())
            .output()
            .expect("sh runs");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let printed = addresses.iter().fold(printed, |text, (real, name)| text.replace(real, name));
        let home = self.folder.path().to_string_lossy().into_owned();
        let courses = courses().to_string_lossy().into_owned();
        let printed = printed.replace(&home, "/home/ada").replace(&courses, "$COURSES");
        (output.status.code().unwrap_or(-1), printed)
    }
}

fn courses() -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/courses");
    folder.canonicalize().expect("the example courses")
}
