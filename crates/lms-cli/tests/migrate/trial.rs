//! `--trial`: a learner answers on the target, and what only the platform's own grading shows ends with 4.

use std::fs;
use std::path::Path;

use lms_core::Platform;
use serde_json::Value;
use tokio::process::Command;

use crate::site::{Site, demo, said};

#[path = "../../../../tests/support/walk.rs"]
mod walk;

/// The command, with a remote of a learner on the same site.
fn with_learner(site: &Site, state: &Path, trial: &str, args: &[&str]) -> Command {
    let mut command = site.lms(state);
    let Site::Inginious(server) = site else { panic!("this is about INGInious") };
    let who = server.credentials();
    let learner = [
        ("PLATFORM", "inginious"),
        ("URL", who.url.as_str()),
        ("USERNAME", &who.learner_username),
        ("PASSWORD", &who.learner_password),
    ];
    for (key, value) in learner {
        command.env(format!("LMS_STUDENT_{key}"), value);
    }
    command.args(args).args(["--trial", trial, "--kind", "choice,text", "--json"]);
    command
}

async fn ends(mut command: Command, code: i32) -> Value {
    let output = command.output().await.expect("it runs");
    assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

/// Every option of every question that the site marks itself: what was right is wrong, and the other way round.
fn turn_around(folder: &Path) -> usize {
    let mut changed = 0;
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let file = entry.path().join("task.yaml");
        let Ok(text) = fs::read_to_string(&file) else { continue };
        if !text.contains("environment_type: mcq") || !text.contains("valid: true") {
            continue;
        }
        let lines: Vec<&str> = text.lines().collect();
        let mut turned = String::new();
        for (n, line) in lines.iter().enumerate().filter(|(_, line)| line.trim() != "valid: true") {
            turned.push_str(&format!("{line}\n"));
            let is_right = lines.get(n + 1).is_some_and(|next| next.trim() == "valid: true");
            if line.trim_start().starts_with("-   text:") && !is_right {
                turned.push_str("                valid: true\n");
            }
        }
        fs::write(&file, turned).expect("written");
        changed += 1;
    }
    changed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_on_trial_proves_a_migration_and_finds_what_reading_does_not_show() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let site = Site::start(Platform::Inginious).await;
    let source = demo(folder.path()).await.display().to_string();

    let report =
        ends(with_learner(&site, &state, "student", &["migrate", &source, "inginious:proven"]), 0).await;
    let verification = &report["verification"];
    assert_eq!(verification["trial"]["enrolled"], "by_learner", "{verification}");
    assert_eq!(verification["graded_by"]["platform"], verification["exercises"], "{verification}");

    // A folder that was put onto the server, and changed there since.
    let local = folder.path().join("local").display().to_string();
    let mut write = site.lms(&state);
    write.args(["migrate", &source, &format!("folder:{local}"), "--kind", "choice,text"]);
    let output = write.output().await.expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let there = folder.path().join("changed");
    for entry in walk::walk(Path::new(&local)) {
        let to = there.join(entry.strip_prefix(&local).expect("inside"));
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(&entry, &to).expect("copied");
    }
    let changed = turn_around(&there);
    assert!(changed > 2, "{changed}");
    let Site::Inginious(server) = &site else { panic!("this is about INGInious") };
    let id = server.load_course(&there).expect("it is loaded");
    let mut reads = site.lms(&state);
    reads.args(["verify", &source, &format!("folder:{local}"), "--kind", "choice,text", "--json"]);
    assert_eq!(ends(reads, 0).await["verification"]["disagreed"], 0, "reading shows nothing");
    let learner = format!("student:{id}");
    let args = ["verify", &source, &format!("folder:{local}"), "--trial-answers", "2"];
    let found = ends(with_learner(&site, &state, &learner, &args), 4).await["verification"].clone();
    assert_eq!(found["disagreed"], found["exercises"], "{found}");
    assert_eq!(found["differences"].as_array().map(Vec::len), Some(0), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_of_another_platform_is_refused_before_anything_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = Site::start(Platform::Inginious).await;
    let mut command = with_learner(&site, folder.path(), "student", &["verify", "a.tar.gz", "b.tar.gz"]);
    command.current_dir(&folder);
    let archive = demo(folder.path()).await;
    fs::copy(&archive, folder.path().join("a.tar.gz")).expect("copied");
    fs::copy(&archive, folder.path().join("b.tar.gz")).expect("copied");
    let output = command.output().await.expect("it runs");
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("answers on the target"), "{}", said(&output));
    assert_eq!(site.log().entries().len(), 0);
}
