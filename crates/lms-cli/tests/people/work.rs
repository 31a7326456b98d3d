//! Answering when something goes wrong.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lms_emulator::{FaultKind, FaultRule};

use crate::platforms::{Platform, example, stderr, stdout};

const TASK: [&str; 3] = ["submit", "stepik:501", "902"];

fn stepik(fault: FaultKind) -> Platform {
    let fault = FaultRule::once(fault).on_path("/api/submissions").on_method("POST");
    Platform::stepik(0, (None, vec![fault]))
}

fn submit(platform: &Platform, more: &[&str]) -> std::process::Output {
    let mut args = TASK.to_vec();
    args.extend(more);
    platform.run(&args)
}

#[test]
fn an_answer_whose_receipt_is_lost_is_found_and_not_sent_again() {
    let platform = stepik(FaultKind::DropAfterCommit);
    let output = submit(&platform, &["--choice", "2"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).starts_with("correct, 100 %"), "{}", stdout(&output));
    assert_eq!(platform.log().count("POST", "/api/submissions"), 1);
}

#[test]
fn an_answer_that_did_not_arrive_is_told() {
    let platform = stepik(FaultKind::DropConnection);
    let output = submit(&platform, &["--choice", "2"]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert!(stderr(&output).contains("did not arrive"), "{}", stderr(&output));
    assert!(stderr(&output).contains("Run the same command again."), "{}", stderr(&output));
    assert_eq!(submit(&platform, &["--choice", "2"]).status.code(), Some(0));
}

#[test]
fn a_verdict_that_nobody_waits_for_is_had_later() {
    let platform = Platform::stepik(0, Default::default());
    let sent = submit(&platform, &["--choice", "2", "--timeout", "0"]);
    if sent.status.code() == Some(1) {
        assert!(stderr(&sent).contains("lms submissions stepik:501 902"), "{}", stderr(&sent));
    }
    let sent = submit(&platform, &["--choice", "1", "--no-wait"]);
    assert_eq!(sent.status.code(), Some(0), "{}", stderr(&sent));
    std::thread::sleep(Duration::from_millis(60));
    let later = platform.run(&["submissions", "stepik:501", "902", "--which", "last", "--csv"]);
    assert!(stdout(&later).contains(",wrong,0"), "{}{}", stdout(&later), stderr(&later));
}

/// A course of the examples, with other words in one of its files.
fn altered(folder: &Path, name: &str, file: &str, from: &str, to: &str) -> PathBuf {
    let target = folder.join(name);
    let copied = std::process::Command::new("cp").arg("-r").arg(example(name)).arg(&target).status();
    assert!(copied.expect("cp runs").success());
    let path = target.join(file);
    let text = std::fs::read_to_string(&path).expect("it is there");
    assert!(text.contains(from), "{text}");
    std::fs::write(path, text.replace(from, to)).expect("it can be written");
    target
}

#[test]
fn a_task_that_is_answered_elsewhere_hides_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let essay = "<openassessment url_name=\"essay\"/></vertical>";
    let olx = altered(folder.path(), "openedx", "vertical/question.xml", "</vertical>", essay);
    let platform = Platform::openedx_of(olx, 0, Default::default());
    let sent = platform.run(&["submit", platform.course, "answer", "--choice", "1"]);
    assert_eq!(sent.status.code(), Some(0), "{}", stderr(&sent));
    let all = platform.run(&["submissions", platform.course, "--csv"]);
    assert_eq!(all.status.code(), Some(0), "{}", stderr(&all));
    assert_eq!(stdout(&all).lines().count(), 2, "{}", stdout(&all));
    assert!(
        stderr(&all).contains("essay is left out: a block of the kind openassessment"),
        "{}",
        stderr(&all)
    );
}

#[test]
fn no_attempts_left_and_a_closed_course_are_told_before_anything_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = |name: &str, file: &str, from: &str, to: &str| altered(folder.path(), name, file, from, to);
    let olx = copy("openedx", "problem/answer.xml", "<problem ", "<problem max_attempts=\"1\" ");
    let platform = Platform::openedx_of(olx, 0, Default::default());
    let task = ["submit", platform.course, "answer", "--choice"];
    let with = |option| [&task[..], &[option]].concat();
    let first = platform.run(&with("1"));
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    assert!(stdout(&first).contains("attempts left: 0"), "{}", stdout(&first));
    let writes = platform.log().count("POST", "/courses/");
    let second = platform.run(&with("2"));
    assert_eq!(second.status.code(), Some(1));
    assert!(stderr(&second).contains("no attempts are left; nothing was sent"), "{}", stderr(&second));
    assert!(stderr(&second).contains("lms submissions"), "{}", stderr(&second));
    let checks = platform.log().entries().iter().filter(|e| e.path.ends_with("/problem_check")).count();
    assert_eq!(checks, 1, "{writes} writes before");

    let closed = copy("inginious", "course.yaml", "accessible: true", "accessible: false");
    let platform = Platform::inginious_of(closed, 0, Default::default());
    let crate::platforms::Server::Inginious(server) = &platform.server else { return };
    let who = server.credentials();
    for args in [
        &["enroll", "inginious:inginious", "--me"][..],
        &["submit", "inginious:inginious", "sum", "--choice", "2"],
    ] {
        let mut command = platform.lms(args);
        command.env("LMS_INGINIOUS_USERNAME", &who.learner_username);
        command.env("LMS_INGINIOUS_PASSWORD", &who.learner_password);
        let output = command.output().expect("it runs");
        assert_eq!(output.status.code(), Some(1), "{args:?}: {}", stdout(&output));
        assert!(stderr(&output).lines().count() > 1, "it says what to do: {}", stderr(&output));
    }
}
