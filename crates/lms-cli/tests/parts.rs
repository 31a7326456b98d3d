//! Bundles, parts of courses and many courses at once, as scripts meet them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn example(name: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/courses").join(name);
    path.display().to_string()
}

fn lms(folder: &TempDir, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lms"))
        .args(args)
        .current_dir(folder)
        .env("LMS_CONFIG", folder.path().join("none.toml"))
        .env("LMS_STATE", folder.path().join("state"))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .expect("the command runs")
}

fn done(folder: &TempDir, args: &[&str], code: i32) -> Output {
    let output = lms(folder, args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    output
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_bundle_is_exported_edited_verified_and_imported() {
    let folder = folder();
    done(&folder, &["export", &example("openedx"), "one"], 0);
    done(&folder, &["export", &example("openedx"), "one"], 0);
    done(&folder, &["export", &example("openedx"), "one", "--new"], 1);
    done(&folder, &["export", &example("openedx"), "stepik:"], 2);
    done(&folder, &["export", "one", "two"], 0);
    done(&folder, &["verify", "one", "two"], 0);

    let title = "bundle.json";
    let text = fs::read_to_string(folder.path().join("two").join(title)).expect("a file");
    fs::write(folder.path().join("two").join(title), text.replace("One question", "Another"))
        .expect("written");
    let output = done(&folder, &["verify", "one", "two", "--json"], 4);
    let differences = json(&output)["verification"]["differences"].clone();
    assert_eq!(differences.as_array().map(Vec::len), Some(1), "{differences}");
    assert_eq!(differences[0]["what"], "title");

    done(&folder, &["import", "two", "olx:two.tar.gz"], 0);
    done(&folder, &["verify", "two", "two.tar.gz"], 0);
    let inspected = json(&done(&folder, &["inspect", "two", "--json"], 0));
    assert_eq!(
        (inspected["platform"].as_str(), inspected["title"].as_str()),
        (Some("bundle"), Some("Another"))
    );

    fs::write(folder.path().join("two").join(title), text.replace("\"title\"", "\"tilte\""))
        .expect("written");
    let output = done(&folder, &["import", "two", "olx:three.tar.gz"], 1);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("bundle.json:6") && said.contains("course.tilte"), "{said}");
    assert!(!folder.path().join("three.tar.gz").exists());
}

#[test]
fn a_part_of_a_course_is_moved_and_what_is_left_out_is_said() {
    let folder = folder();
    let measuring = example("measuring");
    let part =
        ["--section", "Lengths*", "--exclude-lesson", "3", "--exclude-kind", "video", "--title", "Part"];
    let args = [&["migrate", &measuring, "bundle:part", "--json", "--strict"][..], &part].concat();
    let report = json(&done(&folder, &args, 0));
    assert_eq!(report["carried"]["exercise"], 7, "{}", report["carried"]);
    let findings = report["findings"].as_array().expect("findings");
    assert!(
        findings.iter().all(|finding| finding["severity"] == "exact"),
        "a filter is no loss: {findings:?}"
    );
    assert_eq!(findings.len(), 4, "two sections, a lesson, a video: {findings:?}");
    done(&folder, &[&["verify", &measuring, "part"][..], &part].concat(), 0);
    done(&folder, &["verify", &measuring, "part"], 4);
    let output = done(&folder, &["migrate", &measuring, "bundle:x", "--section", "Nothing"], 1);
    assert!(String::from_utf8_lossy(&output.stderr).contains("no section of the course is like Nothing"));
    done(&folder, &["migrate", &measuring, "bundle:x", "--lesson", "0"], 2);
}

#[test]
fn losses_end_the_run_as_it_was_told() {
    let folder = folder();
    let args = ["migrate", &example("measuring"), "olx:out.tar.gz", "--dry-run"];
    done(&folder, &args, 0);
    done(&folder, &[&args[..], &["--fail-on", "approximated"]].concat(), 3);
    done(&folder, &[&args[..], &["--fail-on", "blocked"]].concat(), 0);
    done(&folder, &[&args[..], &["--strict"]].concat(), 3);
    done(&folder, &[&args[..], &["--strict", "--fail-on", "dropped"]].concat(), 2);
}

#[test]
fn many_courses_go_each_by_itself() {
    let folder = folder();
    let (one, many) = (example("openedx"), example("measuring"));
    let list = format!(
        "# courses of the autumn\n'{one}' bundle:a\n'{one}/nowhere' bundle:b   # not there\n\n\
         '{many}' bundle:c --section 'Lengths and numbers'\n"
    );
    fs::write(folder.path().join("list"), &list).expect("a list");
    let summary = json(&done(&folder, &["batch", "list", "--json", "--dry-run"], 1));
    assert_eq!((summary["done"].as_u64(), summary["failed"].as_u64()), (Some(2), Some(1)));
    assert!(!folder.path().join("a").exists(), "a dry run writes nothing");

    let summary = json(&done(&folder, &["batch", "list", "--json"], 1));
    let codes: Vec<_> =
        summary["courses"].as_array().expect("courses").iter().map(|c| c["code"].clone()).collect();
    assert_eq!(codes, [0, 1, 0]);
    assert!(folder.path().join("a").exists() && folder.path().join("c").exists());
    done(&folder, &["verify", &many, "c", "--section", "1"], 0);

    fs::write(folder.path().join("bad"), format!("'{one}' bundle:d\n'{one}' --no-such\n")).expect("a list");
    let output = done(&folder, &["batch", "bad"], 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("bad:2"), "the line is named");
    assert!(!folder.path().join("d").exists(), "a mistake in the last line costs nothing");
}
