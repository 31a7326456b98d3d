//! The conformance suite on a real INGInious, if `LMS_REAL_INGINIOUS` holds the line that
//! `tests/real/inginious/launcher.py` prints. The outcomes are those of the emulator: one file holds both.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use lms_core::LmsProvider;
use lms_emulator::inginious::Front;
use lms_http::{Method, Safety};
use lms_inginious::{Inginious, InginiousBuilder, RawRequest, SubmitBy};
use lms_testkit::{Harness, World, seed};
use serde_json::Value;

struct Real {
    by: SubmitBy,
    url: String,
    password: String,
    courses: PathBuf,
    worlds: AtomicU32,
}

impl Real {
    /// `POST /administrator/user_action`: an active account at once (reference inginious.md 6.8).
    async fn newcomer(&self, admin: &Inginious) -> String {
        let name = format!("newcomer{}", self.worlds.fetch_add(1, Ordering::SeqCst));
        let form = [
            ("action", "add_user".to_owned()),
            ("username", name.clone()),
            ("realname", "Nora Newcomer".to_owned()),
            ("email", format!("{name}@example.org")),
            ("password", self.password.clone()),
        ];
        let request = RawRequest {
            method: Method::Post,
            safety: Safety::Once,
            form: form.map(|(key, value)| (key.to_owned(), value)).to_vec(),
            ..RawRequest::get("/administrator/user_action")
        };
        let answer = admin.raw(request).await.expect("a super-administrator adds people");
        let said: Value = answer.json().await.expect("JSON");
        assert_eq!(said["message"], "", "{said}");
        name
    }
}

#[async_trait]
impl Harness for Real {
    async fn world(&self) -> World {
        for entry in std::fs::read_dir(&self.courses).expect("the server's courses").flatten() {
            std::fs::remove_dir_all(entry.path()).expect("an old course goes");
        }
        let (seed, _) = seed::inginious(&self.courses, 7).expect("the seed is written");
        let front = Front::start(self.url.trim_start_matches("http://")).await.expect("it starts");
        let connect = |name: &str, password: &str| {
            let builder = InginiousBuilder::new()
                .with_base_url(front.url())
                .with_account(name, password)
                .with_submit(self.by);
            builder.build().expect("the options are sound")
        };
        let author = connect("superadmin", &self.password);
        let newcomer = self.newcomer(&author).await;
        World {
            learner: Arc::new(connect(&newcomer, &self.password)),
            impostor: Arc::new(connect("superadmin", "not the password")),
            author: Arc::new(author) as Arc<dyn LmsProvider>,
            seed,
            log: front.log().clone(),
            faults: front.faults().clone(),
            server: Box::new(front),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_server_gives_what_the_emulator_gives() {
    let Ok(line) = std::env::var("LMS_REAL_INGINIOUS") else {
        eprintln!("skipped: LMS_REAL_INGINIOUS is not set; `cargo xtask real` starts a server and sets it");
        return;
    };
    let server: Value = serde_json::from_str(&line).expect("the line of the launcher is JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let outcomes = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outcomes.txt");
    for by in [SubmitBy::Web, SubmitBy::Api] {
        let real = Real {
            by,
            url: text(&server["url"]),
            password: text(&server["accounts"]["superadmin"]),
            courses: Path::new(&text(&server["mail"])).with_file_name("tasks"),
            worlds: AtomicU32::new(if by == SubmitBy::Web { 0 } else { 1000 }),
        };
        lms_testkit::run_against(&real, &outcomes).await;
    }
    eprintln!("the conformance suite holds on the real server, with the emulator's outcomes");
}
