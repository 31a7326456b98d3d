//! Secrets that are planted wherever one may stand, and looked for in all that is printed and written.

#![cfg(unix)]

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use command::lms;
use serde_json::Value;

/// What no output may hold.
const PLANTED: &str = "canary-3f9c";

/// Exit code, and both streams.
fn run(home: &Path, line: &str) -> (i32, String) {
    let output = lms(home).current_dir(home).args(line.split_whitespace()).output().expect("lms runs");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
}

/// Emulators that end with the test.
struct Sites(Child);

impl Drop for Sites {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts all three, configures them, and answers the secrets that are in use.
fn start(home: &Path) -> (Sites, Vec<String>) {
    let mut child = lms(home)
        .current_dir(home)
        .arg("emulate")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the emulators start");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
    let who: Value = serde_json::from_str(&line).expect("JSON");
    let (mut config, mut secrets) = (String::new(), Vec::new());
    for platform in ["stepik", "openedx", "inginious"] {
        config.push_str(&format!("[remotes.{platform}]\ntokens = \"file\"\n"));
        let keys = [
            "url",
            "lms_url",
            "studio_url",
            "webdav_url",
            "client_id",
            "client_secret",
            "username",
            "password",
        ];
        for key in keys {
            let Some(value) = who[platform][key].as_str() else { continue };
            // An application of Stepik signs in by itself.
            if platform == "stepik" && ["username", "password"].contains(&key) {
                continue;
            }
            config.push_str(&format!("{key} = \"{value}\"\n"));
            if ["client_secret", "password"].contains(&key) {
                secrets.push(value.to_owned());
            }
        }
    }
    fs::write(home.join("lms.toml"), config).expect("written");
    (Sites(child), secrets)
}

/// Every file below a folder.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// The tokens that are kept: whatever is long in that file.
fn tokens(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(of) => {
            of.iter().filter(|(key, _)| *key != "holder").for_each(|(_, v)| tokens(v, found))
        }
        Value::Array(items) => items.iter().for_each(|v| tokens(v, found)),
        Value::String(text) if text.len() > 15 && !text.contains("://") => found.push(text.clone()),
        _ => {}
    }
}

#[test]
fn no_secret_is_printed_or_written_by_a_working_day() {
    let home = tempfile::tempdir().expect("a folder");
    let home = home.path();
    let (_sites, mut secrets) = start(home);
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/courses/measuring");
    let mut said = Vec::new();
    let mut lines = Vec::new();
    for (platform, target) in [
        ("stepik", "stepik: --new"),
        ("openedx", "openedx:course-v1:A+B+C"),
        ("inginious", "inginious:moved"),
    ] {
        for command in ["whoami", "doctor", "config show", "courses"] {
            lines.push(format!("-vvv --log-json {command} {platform}"));
        }
        let part = "--section Words*";
        lines.push(format!("-vv migrate {demo} {target} {part} --report {platform}.html"));
        lines.push(format!("-vvv --log-json export {platform}-missing: out-{platform}"));
    }
    lines.push("-vvv export inginious:moved bundle:kept".to_owned());
    lines.push("-vv migrate inginious:moved olx:there --json".to_owned());
    for line in &lines {
        let (code, text) = run(home, line);
        assert!(code == 0 || line.contains("-missing"), "{line}: {code}: {text}");
        said.push((line.clone(), text));
    }
    let kept = fs::read(home.join("state/tokens.json")).expect("tokens were kept");
    let before = secrets.len();
    tokens(&serde_json::from_slice(&kept).expect("JSON"), &mut secrets);
    assert!(before >= 4 && secrets.len() >= before + 2, "there is something to be found");
    let holds = |text: &str| secrets.iter().any(|secret| text.contains(secret.as_str()));
    for (line, text) in &said {
        assert!(!holds(text), "`lms {line}` shows a secret");
        for sign in ["Bearer ey", "session_id=", "Basic c3"] {
            assert!(!text.contains(sign), "`lms {line}` shows {sign}…");
        }
    }
    let mut written = 0;
    for path in walk(home) {
        let name = path.strip_prefix(home).expect("inside").to_string_lossy().into_owned();
        if ["lms.toml", "state/tokens.json"].contains(&name.as_str()) {
            continue;
        }
        written += 1;
        let text = String::from_utf8_lossy(&fs::read(&path).expect("readable")).into_owned();
        assert!(!holds(&text), "{name} holds a secret");
        if name.starts_with("state/") {
            let mode = fs::metadata(&path).expect("there").permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name} is open to others: {mode:o}");
        }
    }
    assert!(written > 20, "{written} files were looked at");
    let left: Vec<PathBuf> = walk(&home.join("tmp"));
    assert_eq!(left, Vec::<PathBuf>::new(), "courses with their answers stay behind");
    let state = fs::metadata(home.join("state")).expect("there").permissions().mode();
    assert_eq!(state & 0o077, 0, "{state:o}");
}

#[test]
fn secrets_in_addresses_are_refused_and_not_shown() {
    let home = tempfile::tempdir().expect("a folder");
    let home = home.path();
    for address in [
        format!("http://ada:{PLANTED}@127.0.0.1:9"),
        format!("http://{PLANTED}@127.0.0.1:9"),
        format!("http://127.0.0.1:9/?token={PLANTED}"),
        format!("http://127.0.0.1:9/#{PLANTED}"),
    ] {
        fs::write(
            home.join("lms.toml"),
            format!(
                "[remotes.a]\nplatform = \"stepik\"\nurl = \"{address}\"\nclient_id = \"x\"\nclient_secret = \"{PLANTED}-a\"\n\
                 [remotes.b]\nplatform = \"inginious\"\nurl = \"{address}\"\nusername = \"u\"\npassword = \"{PLANTED}-b\"\n\
                 [remotes.c]\nplatform = \"openedx\"\nlms_url = \"{address}\"\nstudio_url = \"{address}\"\nusername = \"u\"\n\
                 password = \"{PLANTED}-c\"\nclient_id = \"x\"\n\
                 [remotes.d]\nplatform = \"inginious\"\nurl = \"http://127.0.0.1:9\"\nwebdav_url = \"{address}\"\n\
                 username = \"u\"\npassword = \"{PLANTED}-d\"\n"
            ),
        )
        .expect("written");
        for line in ["config show", "config show --json", "remotes", "remotes --json"] {
            let (code, text) = run(home, line);
            assert_eq!((code, text.contains(PLANTED)), (0, false), "{line} {address}: {text}");
            assert!(text.contains("127.0.0.1:9"), "{line}: the rest of the address is shown: {text}");
        }
        for remote in ["a", "b", "c"] {
            for command in ["whoami", "doctor"] {
                let (code, text) = run(home, &format!("-vvv {command} {remote}"));
                assert!(code != 0 && !text.contains(PLANTED), "{command} {remote} {address}: {text}");
                assert!(text.contains("address must"), "{command} {remote} {address}: {text}");
            }
        }
    }
}
