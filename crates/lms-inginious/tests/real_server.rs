//! The same flows against a real INGInious, if `LMS_REAL_INGINIOUS` holds the line that
//! `tests/real/inginious/launcher.py` prints.

mod flows;

use std::path::{Path, PathBuf};

use flows::Place;
use lms_emulator::inginious::Agent;
use lms_inginious::{SubmitBy, UploadBy};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn the_real_server_does_the_same() {
    let Ok(line) = std::env::var("LMS_REAL_INGINIOUS") else {
        eprintln!("skipped: LMS_REAL_INGINIOUS is not set; `cargo xtask real` starts a server and sets it");
        return;
    };
    let server: Value = serde_json::from_str(&line).expect("the line of the launcher is JSON");
    let text = |key: &str| server[key].as_str().expect(key).to_owned();
    let mails = PathBuf::from(text("mail"));
    // Its courses lie beside its mails; it looks at them anew at each request.
    flows::write_course(&mails.parent().expect("a folder").join("tasks"));
    let pid = server["pid"].to_string();
    let accounts = server["accounts"].as_object().expect("accounts");
    let place = Place {
        url: text("url"),
        passwords: accounts
            .iter()
            .map(|(name, password)| (name.clone(), password.as_str().expect("a password").to_owned()))
            .collect(),
        agent: Box::new(move |state| signal(&pid, state)),
        mails: Box::new(move || read_mails(&mails)),
    };
    flows::signing_in(&place).await;
    flows::enrolling(&place).await;
    flows::listing(&place).await;
    flows::teaching(&place).await;
    flows::reading(&place).await;
    flows::tasks(&place).await;
    for by in [SubmitBy::Web, SubmitBy::Api] {
        flows::answering(&place, by).await;
        flows::refusals(&place, by).await;
        flows::files(&place, by).await;
    }
    flows::in_french(&place).await;
    flows::grader_down(&place).await;
    flows::random_numbers(&place).await;
    flows::grades(&place).await;
    flows::opening_an_account(&place).await;
    flows::groups::groups(&place).await;
    flows::groups::roles(&place).await;
    flows::authoring::writing(&place, UploadBy::Webdav).await;
    flows::authoring::writing(&place, UploadBy::Pages).await;
    flows::authoring::forms_lose_what_they_say(&place).await;
    flows::authoring::writing_refused(&place).await;
    flows::authoring::writing_at_once(&place).await;
    eprintln!("held against the real server: 24 flows");
}

/// The launcher listens to signals of its own process.
fn signal(pid: &str, state: Agent) {
    let name = if state == Agent::Up { "-USR2" } else { "-USR1" };
    let sent = std::process::Command::new("kill").args([name, pid]).status().expect("there is `kill`");
    assert!(sent.success());
}

fn read_mails(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|entry| std::fs::read_to_string(entry.path()).ok()).collect()
}
