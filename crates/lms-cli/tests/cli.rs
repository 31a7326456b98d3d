//! The command as scripts meet it: JSON shapes, exit codes, and what is never printed.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/courses").join(name)
}

/// The command without anybody's configuration.
fn lms() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lms"));
    let state = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("state-{}", std::process::id()));
    command.env("LMS_STATE", state);
    command.env("LMS_CONFIG", "/nonexistent/lms.toml").env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    lms().args(args).output().expect("the command runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it was not killed")
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("no JSON ({e}): {text}\n{errors}"))
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Emulators that end with the test.
struct Emulators {
    child: Child,
    first_line: Value,
}

impl Emulators {
    fn start(args: &[&str]) -> Self {
        let mut command = lms();
        command.arg("emulate").args(args).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the emulators start");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let first_line = serde_json::from_str(&line).unwrap_or_else(|e| panic!("no JSON ({e}): {line}"));
        Self { child, first_line }
    }

    fn get(&self, server: &str, key: &str) -> &str {
        self.first_line[server][key].as_str().unwrap_or_else(|| panic!("{server}.{key} is missing"))
    }

    /// The command with the author's credentials on Stepik in its environment.
    fn stepik(&self) -> Command {
        let mut command = lms();
        command.env("LMS_STEPIK_URL", self.get("stepik", "url"));
        for key in ["client_id", "client_secret"] {
            command.env(format!("LMS_STEPIK_{}", key.to_uppercase()), self.get("stepik", key));
        }
        command
    }
}

impl Drop for Emulators {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn emulate_says_where_and_who_first_and_stops_when_told() {
    let mut all = Emulators::start(&[]);
    assert_eq!(keys(&all.first_line), ["inginious", "openedx", "stepik"].into());
    let has = |server: &str, wanted: &[&str]| {
        assert_eq!(keys(&all.first_line[server]), wanted.iter().copied().collect(), "{server}");
    };
    has("stepik", &["url", "client_id", "client_secret", "username", "password"]);
    has("openedx", &["lms_url", "studio_url", "client_id", "client_secret", "username", "password"]);
    has("inginious", &["url", "username", "password", "webdav_url"]);
    assert!(all.get("stepik", "url").starts_with("http://127.0.0.1:"));

    #[cfg(unix)]
    {
        let killed =
            Command::new("kill").args(["-TERM", &all.child.id().to_string()]).status().expect("kill runs");
        assert!(killed.success());
        assert_eq!(all.child.wait().expect("it ends").code(), Some(0));
    }

    let one = Emulators::start(&["--inginious", "0"]);
    assert_eq!(keys(&one.first_line), ["inginious"].into());
}

#[test]
fn emulate_makes_a_large_course_when_asked() {
    let emulators = Emulators::start(&["--stepik", "0", "--scale", "M", "--page-size", "20"]);
    let output = emulators.stepik().args(["courses", "stepik", "--json"]).output().expect("lms runs");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(json(&output).to_string().contains("Synthetic course M"), "{}", json(&output));
}

#[test]
fn inspect_counts_in_the_platforms_own_names() {
    for (course, platform, blocks, exercises) in [
        (
            "openedx",
            "openedx",
            r#"{"chapter":1,"course":1,"html":1,"problem":1,"sequential":1,"vertical":1}"#,
            r#"{"multiplechoiceresponse":1}"#,
        ),
        ("inginious", "inginious", r#"{"task":1}"#, r#"{"multiple_choice":1}"#),
    ] {
        let output = run(&["inspect", &example(course).to_string_lossy(), "--json"]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let seen = json(&output);
        let wanted = [
            "platform",
            "title",
            "sections",
            "lessons",
            "steps",
            "blocks",
            "exercises",
            "native",
            "assets",
            "findings",
        ];
        assert_eq!(keys(&seen), wanted.into());
        assert_eq!(seen["platform"], platform);
        assert_eq!(seen["title"], "One question");
        assert_eq!(seen["exercises"]["choice"], 1);
        assert_eq!(seen["native"]["blocks"], serde_json::from_str::<Value>(blocks).expect("JSON"));
        assert_eq!(seen["native"]["exercises"], serde_json::from_str::<Value>(exercises).expect("JSON"));
        assert!(output.stderr.is_empty(), "{}", stderr(&output));
    }
}

#[test]
fn a_course_moves_is_verified_and_a_changed_mark_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let source = example("openedx").to_string_lossy().into_owned();
    let target = format!("folder:{}", path("course"));

    let dry = run(&["migrate", &source, &target, "--dry-run", "--json"]);
    assert_eq!(code(&dry), 0, "{}", stderr(&dry));
    assert!(!folder.path().join("course").exists(), "a dry run writes nothing");

    let report = path("report.html");
    let real = run(&["migrate", &source, &target, "--json", "--report", &report]);
    assert_eq!(code(&real), 0, "{}", stderr(&real));
    let (dry, real) = (json(&dry), json(&real));
    for key in ["source", "target", "carried", "findings", "verification", "requests", "seconds"] {
        assert!(!real[key].is_null(), "{key} is missing");
    }
    for key in ["exercises", "agreed", "disagreed", "unprobed"] {
        assert!(real["verification"][key].is_u64(), "verification.{key} is missing");
    }
    assert_eq!(dry["findings"], real["findings"], "the dry run tells the truth");
    assert_eq!(dry["carried"], real["carried"]);
    assert_eq!((&real["verification"]["agreed"], &real["verification"]["disagreed"]), (&1.into(), &0.into()));
    assert!(std::fs::read_to_string(&report).expect("a report").contains("Everything is as planned."));

    let again = run(&["migrate", &source, &target, "--json"]);
    assert_eq!(code(&again), 0, "{}", stderr(&again));
    assert_eq!(json(&again)["changes"]["changes"], serde_json::json!([]), "a second run changes nothing");
    let another = run(&["migrate", &source, &target, "--new"]);
    assert_eq!(code(&another), 1, "what is there is not written over: {}", stderr(&another));
    assert!(stderr(&another).contains("--replace"), "{}", stderr(&another));

    let copy = path("course");
    assert_eq!(code(&run(&["verify", &source, &copy])), 0);
    let task = find(folder.path(), "task.yaml").expect("a task");
    let yaml = std::fs::read_to_string(&task).expect("text");
    let mark = yaml.lines().find(|line| line.contains("valid: true")).expect("a right option");
    let without = yaml.replace(&format!("{mark}\n"), "");
    let another = without.replace("text: '36'\n", &format!("text: '36'\n{mark}\n"));
    assert_ne!(yaml, another);
    std::fs::write(&task, another).expect("it can be changed");
    let changed = run(&["verify", &source, &copy, "--json"]);
    assert_eq!(code(&changed), 4, "{}", stderr(&changed));
    assert_eq!(json(&changed)["verification"]["disagreed"], 1);
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        if path.file_name().is_some_and(|n| n == name) {
            return Some(path);
        }
        if path.is_dir()
            && let Some(found) = find(&path, name)
        {
            return Some(found);
        }
    }
    None
}

#[test]
fn a_remote_is_configured_by_the_environment() {
    let emulators = Emulators::start(&["--stepik", "0", "--load", &example("stepik.json").to_string_lossy()]);
    let output = emulators.stepik().args(["courses", "stepik", "--json"]).output().expect("it runs");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(json(&output).as_array().expect("a list").iter().any(|c| c["title"] == "One question"));

    let output = emulators.stepik().args(["tree", "stepik:501"]).output().expect("it runs");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let tree = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(tree.contains("Six times seven") && tree.contains("choice"), "{tree}");

    let output = emulators.stepik().args(["tasks", "stepik:501", "--json"]).output().expect("it runs");
    assert_eq!(json(&output).as_array().expect("a list").len(), 1);

    let source = example("inginious").to_string_lossy().into_owned();
    let output =
        emulators.stepik().args(["migrate", &source, "stepik:", "--json"]).output().expect("it runs");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let report = json(&output);
    assert!(report["requests"]["write"].as_u64().expect("a number") > 0);
    assert_eq!(report["verification"]["agreed"], 1);

    let output = emulators
        .stepik()
        .env("LMS_STEPIK_CLIENT_SECRET", "canary-9b1e")
        .args(["-vvv", "courses", "stepik"])
        .output()
        .expect("it runs");
    assert_eq!(code(&output), 1);
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), stderr(&output));
    assert!(!said.contains("canary-9b1e"), "the secret was printed: {said}");
    for secret in ["client_secret", "password"] {
        assert!(!said.contains(emulators.get("stepik", secret)), "{secret} was printed");
    }
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let cases: [(&[&str], i32, &str); 8] = [
        (&["inspect", "./nowhere"], 1, "there is no such file"),
        (&["inspect", "nobody:1"], 2, "[remotes.nobody]"),
        (&["inspect", "stepik:"], 2, "lms courses stepik"),
        (&["courses", "openedx"], 2, "lms_url"),
        (&["migrate", "./nowhere", "bundle:x"], 1, "there is no such file"),
        (&["emulate", "--fault", "nonsense"], 2, "--fault nonsense"),
        (&["emulate", "--openedx", "0", "--scale", "M"], 2, "--stepik PORT"),
        (&["frobnicate"], 2, "frobnicate"),
    ];
    for (args, exit, says) in cases {
        let output = run(args);
        assert_eq!(code(&output), exit, "{args:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(says), "{args:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{args:?} printed to standard output");
    }
    let source = example("openedx").to_string_lossy().into_owned();
    let output = run(&["migrate", &source, "some-folder"]);
    assert_eq!(code(&output), 2, "{}", stderr(&output));
}

#[test]
fn strict_says_when_something_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let olx = folder.path().join("olx");
    copy(&example("openedx"), &olx);
    std::fs::write(
        olx.join("vertical/question.xml"),
        "<vertical display_name=\"The question\"><html url_name=\"intro\"/><problem url_name=\"answer\"/>\
         <word_cloud url_name=\"cloud\" display_name=\"Words\"/></vertical>",
    )
    .expect("it can be written");
    let source = olx.to_string_lossy().into_owned();
    let target = format!("folder:{}", folder.path().join("course").to_string_lossy());
    let output = run(&["migrate", &source, &target, "--dry-run", "--strict", "--json"]);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    let findings = json(&output)["findings"].clone();
    let cloud = findings
        .as_array()
        .expect("a list")
        .iter()
        .find(|f| f["what"].as_str().is_some_and(|w| w.contains("word_cloud")));
    assert_eq!(cloud.unwrap_or_else(|| panic!("not named: {findings:#}"))["severity"], "dropped");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("it can be copied");
        }
    }
}
