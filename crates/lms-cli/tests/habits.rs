//! What people and scripts expect of any command: pipes that end early, terminals that are closed, full disks, folders
//! that cannot be written, Ctrl-C, silence and JSON where asked for.

#![cfg(unix)]

#[path = "support/command.rs"]
mod command;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use command::lms;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// An emulated Stepik that ends with the test, and its remote `site` in the home.
struct Site {
    child: Child,
    url: String,
}

impl Site {
    fn start(home: &Path, more: &[&str]) -> Self {
        let mut command = lms(home);
        command.args(["emulate", "--stepik", "0"]).args(more).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the emulator starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let who: Value = serde_json::from_str(&line).expect("JSON");
        let of = |key: &str| who["stepik"][key].as_str().expect("a text").to_owned();
        let config = format!(
            "[remotes.site]\nplatform = \"stepik\"\nurl = \"{}\"\nclient_id = \"{}\"\nclient_secret = \"{}\"\n",
            of("url"),
            of("client_id"),
            of("client_secret")
        );
        std::fs::write(home.join("lms.toml"), config).expect("a file");
        Self { child, url: of("url") }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ends by itself within this, or the test ends it and fails.
fn wait(child: &mut Child, patience: Duration) -> Option<i32> {
    let began = Instant::now();
    while began.elapsed() < patience {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    panic!("it did not end");
}

#[test]
fn whoever_reads_no_further_ends_nothing_badly() {
    let home = tempfile::tempdir().expect("a folder");
    let _site = Site::start(home.path(), &["--scale", "M"]);
    for args in [
        &["completions", "zsh"][..],
        &["courses", "site"],
        &["courses", "site", "--json"],
        &["courses", "site", "--jsonl"],
        &["--help"],
        &["config", "show"],
    ] {
        let mut child =
            lms(home.path()).args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("lms");
        // The reader is gone before anything is written.
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut err).expect("text");
        assert_eq!(wait(&mut child, Duration::from_secs(60)), Some(0), "{args:?}: {err}");
        assert_eq!(err, "", "{args:?}");
    }
}

/// What appears on a terminal, piece by piece, until its other end is closed.
fn screen(controller: &File) -> Receiver<String> {
    let (sender, screen) = mpsc::channel();
    let mut reader = controller.try_clone().expect("the terminal");
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        while let Ok(length) = reader.read(&mut buffer) {
            if sender.send(String::from_utf8_lossy(&buffer[..length]).into_owned()).is_err() {
                return;
            }
        }
    });
    screen
}

/// A terminal: who writes to it types, who reads from it sees. And its other end, three times.
fn terminal() -> (File, [Stdio; 3]) {
    let controller = rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR).expect("a terminal");
    rustix::pty::grantpt(&controller).expect("a terminal");
    rustix::pty::unlockpt(&controller).expect("a terminal");
    let name = rustix::pty::ptsname(&controller, Vec::new()).expect("its name");
    let path = name.to_str().expect("text");
    let open = || Stdio::from(File::options().read(true).write(true).open(path).expect("a terminal"));
    (File::from(controller), [open(), open(), open()])
}

/// What is on the screen, as soon as it holds `awaited`; all of it where that is never seen and the program ends.
fn seen(screen: &Receiver<String>, awaited: &str) -> String {
    let mut seen = String::new();
    while !seen.contains(awaited) {
        match screen.recv_timeout(Duration::from_secs(60)) {
            Ok(text) => seen.push_str(&text),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => panic!("{awaited} is not seen: {seen}"),
        }
    }
    seen
}

#[test]
fn an_address_that_is_none_is_asked_for_again() {
    let home = tempfile::tempdir().expect("a folder");
    let (controller, [input, output, errors]) = terminal();
    let mut child = lms(home.path())
        .args(["config", "add", "uni", "--platform", "inginious", "--with", "guest", "--no-check"])
        .stdin(input)
        .stdout(output)
        .stderr(errors)
        .spawn()
        .expect("lms");
    let screen = screen(&controller);
    let mut keyboard = &controller;
    let mut shown = seen(&screen, "address of the site: ");
    keyboard.write_all(b"inginious.example.org\n").expect("typed");
    // What is wrong with it, and the question once more.
    shown += &seen(&screen, "https://lms.example.org\r\naddress of the site: ");
    keyboard.write_all(b"https://inginious.example.org\n").expect("typed");
    shown += &seen(&screen, "no such text: to the end");
    assert_eq!(wait(&mut child, Duration::from_secs(60)), Some(0), "{shown}");
    let kept = std::fs::read_to_string(home.path().join("lms.toml")).expect("a file");
    assert!(kept.contains("url = \"https://inginious.example.org\""), "{kept}");
}

#[test]
fn a_password_is_not_seen_while_it_is_typed() {
    let home = tempfile::tempdir().expect("a folder");
    let (controller, [input, output, errors]) = terminal();
    let mut child = lms(home.path())
        .args(["config", "add", "uni", "--platform", "inginious", "--with", "session", "--no-check"])
        .args(["--keep", "file", "--set", "url=http://127.0.0.1:1"])
        .stdin(input)
        .stdout(output)
        .stderr(errors)
        .spawn()
        .expect("lms");
    let screen = screen(&controller);
    let mut keyboard = &controller;
    let mut shown = seen(&screen, "username: ");
    keyboard.write_all(b"ada\n").expect("typed");
    shown += &seen(&screen, "password: ");
    keyboard.write_all(b"correct-horse-7\n").expect("typed");
    shown += &seen(&screen, "no such text: to the end");
    assert_eq!(wait(&mut child, Duration::from_secs(60)), Some(0), "{shown}");
    assert!(shown.contains("username: ada"), "{shown}");
    assert!(!shown.contains("horse"), "{shown}");
    let kept = std::fs::read_to_string(home.path().join("state/tokens.json")).expect("a file");
    assert!(kept.contains("correct-horse-7"), "the password was read");
    let modes = rustix::termios::tcgetattr(&controller).expect("a terminal").local_modes;
    assert!(modes.contains(rustix::termios::LocalModes::ECHO), "what is typed afterwards is seen again");
}

#[test]
fn a_terminal_that_was_closed_is_no_panic() {
    let home = tempfile::tempdir().expect("a folder");
    for args in
        [&["config", "show"][..], &["courses", "nobody"], &["completions", "bash"], &["-vvv", "remotes"]]
    {
        let (controller, [input, output, errors]) = terminal();
        drop(controller);
        let mut child =
            lms(home.path()).args(args).stdin(input).stdout(output).stderr(errors).spawn().expect("lms");
        let code = wait(&mut child, Duration::from_secs(60));
        // 101 would be a panic.
        assert!(matches!(code, Some(1 | 2)), "{args:?}: {code:?}");
    }
    let closed = format!("exec {} config show >&- 2>&-", env!("CARGO_BIN_EXE_lms"));
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(closed).env("LMS_CONFIG", home.path().join("lms.toml"));
    assert_eq!(shell.status().expect("sh").code(), Some(0));
}

#[test]
fn a_full_disk_is_said() {
    if !Path::new("/dev/full").exists() {
        eprintln!("skipped: no /dev/full");
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    for args in
        [&["completions", "bash"][..], &["config", "show", "--json"], &["capabilities", "stepik", "--json"]]
    {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("it opens");
        let output = lms(home.path()).args(args).stdout(full).output().expect("lms runs");
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        let said = said(&output);
        assert!(said.contains("no space is left") && said.contains("Make room"), "{args:?}: {said}");
    }
}

#[test]
fn folders_that_cannot_be_written_are_said() {
    let home = tempfile::tempdir().expect("a folder");
    let site = Site::start(home.path(), &[]);
    // Nothing can be made below a device, whoever asks.
    let state = |args: &[&str]| {
        let output =
            lms(home.path()).env("LMS_STATE", "/dev/null/lms").args(args).output().expect("lms runs");
        assert_eq!(output.status.code(), Some(1), "{args:?}: {}", said(&output));
        let said = said(&output);
        assert!(said.contains("/dev/null/lms") && said.contains("LMS_STATE"), "{args:?}: {said}");
        said
    };
    state(&["login", "site", "--keep", "file"]);
    state(&["login", "site", "--with", "browser", "--no-browser", "--keep", "file", "--timeout", "1"]);

    let output = lms(home.path())
        .env("LMS_CONFIG", "/dev/null/lms.toml")
        .args(["config", "add", "site", "--platform", "stepik", "--with", "guest", "--set"])
        .arg(format!("url={}", site.url))
        .output()
        .expect("lms runs");
    let said = said(&output);
    assert_ne!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("/dev/null/lms.toml"), "{said}");
}

#[test]
fn ctrl_c_ends_what_waits_and_says_so() {
    let home = tempfile::tempdir().expect("a folder");
    let _site = Site::start(home.path(), &["--latency", "20000"]);
    let mut child = lms(home.path())
        .args(["courses", "site"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("lms");
    std::thread::sleep(Duration::from_millis(500));
    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::INT).expect("it is there");
    assert_eq!(wait(&mut child, Duration::from_secs(10)), Some(130));
    let mut err = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut err).expect("text");
    assert!(err.contains("interrupted"), "{err}");
}

#[test]
fn json_is_the_only_thing_on_standard_output_and_secrets_are_nowhere() {
    let home = tempfile::tempdir().expect("a folder");
    let _site = Site::start(home.path(), &["--scale", "M"]);
    let config = std::fs::read_to_string(home.path().join("lms.toml")).expect("a file");
    let secret = config.lines().find_map(|line| line.strip_prefix("client_secret = \"")).expect("a secret");
    let secret = secret.trim_end_matches('"').to_owned();
    for args in [
        &["courses", "site", "--json"][..],
        &["remotes", "--json"],
        &["config", "show", "--json"],
        &["whoami", "site", "--json"],
        &["doctor", "site", "--json"],
        &["capabilities", "site", "--json"],
    ] {
        let output = lms(home.path()).arg("-vvv").arg("--log-json").args(args).output().expect("lms runs");
        let text = said(&output);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {text}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {text}"));
        for line in String::from_utf8_lossy(&output.stderr).lines() {
            serde_json::from_str::<Value>(line).unwrap_or_else(|e| panic!("{args:?}: {e}: {line}"));
        }
        assert!(!text.contains(&secret), "{args:?} shows the secret");
        assert!(!text.contains('\u{1b}'), "{args:?} is coloured in a pipe");
    }
}
