//! The recordings of a real LMS and Studio, asked again here.

mod marks;
mod shape;
mod trees;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use base64::Engine as _;
use serde_json::Value;

use super::Bench;
use crate::openedx::archive::{Files, pack, read_folder};
use crate::openedx::keys::CourseKey;
use crate::{FaultKind, FaultRule, Options};

/// Course folders and the keys they were loaded under.
const COURSES: [(&str, &str); 5] = [
    ("demo-course", "course-v1:OpenedX+DemoX+DemoCourse"),
    ("supported-components", "course-v1:edX+TC102+course"),
    ("math-percent-fi", "course-v1:JYU+MA8-K7+2021K"),
    ("demo-test-course", "course-v1:edX+Test101+course"),
    ("platform-test-unicode", "course-v1:edX+test_unicode+2012_Fall"),
];

/// Words in the names of problems that Python or a program of the browser's grades: neither runs here.
const PYTHON: [&str; 7] = ["Python", "JavaScript", "Protein", "Medical", "Molecule", "Chemical", "Circuit"];

/// The emulator with the courses and the people of the recordings.
struct Replay {
    bench: Bench,
    http: reqwest::Client,
    /// `(scheme, name)` of the recording to a token.
    tokens: BTreeMap<(&'static str, &'static str), String>,
    cookies: Mutex<BTreeMap<String, String>>,
    /// Ids and secrets of the recording and what they are here.
    own: Mutex<Vec<(String, String)>>,
    demo: Files,
    records: PathBuf,
}

/// An answer.
struct Reply {
    status: u16,
    /// If it is JSON.
    json: Option<Value>,
    retry_after: bool,
}

impl Replay {
    async fn start(root: &Path) -> Self {
        let bench = Bench::with(Options { page_size: 10, ..Options::default() }).await;
        let mut demo = Files::new();
        for (folder, key) in COURSES {
            let files = read_folder(&root.join("courses/openedx").join(folder)).expect("course");
            assert_eq!(bench.import(key, &files).await, "Succeeded", "{folder}");
            if folder == "demo-course" {
                demo = files;
            }
        }
        let body = serde_json::json!({"org": "Oracle", "number": "Import", "run": "R1", "title": "X"});
        bench.post(bench.studio("/api/v1/course_runs/")).json(&body).send().await.expect("answer");
        let http =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("client");
        let mut replay = Self {
            tokens: BTreeMap::new(),
            cookies: Mutex::default(),
            own: Mutex::new(vec![("pw-client".into(), "cc-client".into())]),
            demo,
            records: root.join("courses/recordings/openedx-lms"),
            http,
            bench,
        };
        replay.people();
        for (scheme, form) in [("JWT", "jwt"), ("Bearer", "")] {
            for name in ["learner", "staff", "admin"] {
                let token = replay.token(name, form).await;
                replay.tokens.insert((scheme, name), token);
            }
        }
        replay.sign_in("learner").await;
        replay
    }

    /// `staff` teaches the courses and owns the application, `admin` may do everything.
    fn people(&self) {
        let mut state = self.bench.edx.app.lock();
        state.client_id = "cc-client".into();
        state.client_secret = "cc-client-secret".into();
        state.owner = "staff".into();
        state.add_user("staff", "staff@example.org", "Staff", "Secret-123", false);
        state.add_user("admin", "admin@example.org", "Admin", "Secret-123", true);
        if let Some(learner) = state.users.get_mut("learner") {
            learner.password = "Secret-123".into();
        }
        for course in state.courses.values_mut() {
            course.team = vec![("staff".into(), "instructor".into()), ("staff".into(), "staff".into())];
        }
        for (_, key) in COURSES {
            state.enroll("learner", &CourseKey::parse(key).expect("a key"), "audit", true);
        }
    }

    async fn token(&self, name: &str, kind: &str) -> String {
        let form = [
            ("grant_type", "password"),
            ("client_id", "cc-client"),
            ("username", name),
            ("password", "Secret-123"),
            ("token_type", kind),
        ];
        let url = self.bench.lms("/oauth2/access_token");
        let answer = self.http.post(url).form(&form).send().await.expect("answer");
        let body: Value = answer.json().await.expect("JSON");
        body["access_token"].as_str().expect("a token").to_owned()
    }

    async fn sign_in(&self, name: &str) {
        let form = [("email_or_username", name), ("password", "Secret-123")];
        let url = self.bench.lms("/api/user/v2/account/login_session/");
        let answer = self.http.post(url).form(&form).send().await.expect("answer");
        assert_eq!(answer.status(), 200);
        self.keep_cookies(&answer);
    }

    fn keep_cookies(&self, answer: &reqwest::Response) {
        let mut jar = self.cookies.lock().expect("a lock");
        for line in answer.headers().get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()) {
            if let Some((name, value)) = line.split(';').next().and_then(|pair| pair.split_once('=')) {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn read(&self, file: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.records.join(format!("{file}.json"))).expect("recording");
        serde_json::from_str(&text).expect("a list of records")
    }

    /// Sends the recorded request with what stands here for its tokens, cookies and ids.
    async fn ask(&self, record: &Value) -> Reply {
        let request = &record["request"];
        let path = self.owned(request["path"].as_str().expect("path"));
        let of_studio =
            ["/api/courses/v0/", "/api/v1/course_runs", "/api/olx-export/", "/api/courses/v1/validation/"]
                .iter()
                .chain(&["/api/courses/v1/quality/"])
                .any(|start| path.starts_with(start));
        let url = if of_studio { self.bench.studio(&path) } else { self.bench.lms(&path) };
        let method = request["method"].as_str().expect("method").parse().expect("method");
        let mut ask = self.http.request(method, url);
        let header = |name: &str| request["headers"].get(name).and_then(Value::as_str);
        if let Some(value) = header("Authorization") {
            let (scheme, name) = value.split_once(' ').unwrap_or((value, ""));
            let name = name.trim_matches(['<', '>']);
            let token = self.tokens.iter().find(|((s, n), _)| *s == scheme && *n == name);
            ask = ask.header(
                "Authorization",
                token.map_or(value.to_owned(), |(_, token)| format!("{scheme} {token}")),
            );
        }
        if header("Cookie").is_some() {
            let jar = self.cookies.lock().expect("a lock").clone();
            let pairs: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            ask = ask.header("Cookie", pairs.join("; "));
            if header("X-CSRFToken").is_some() {
                ask = ask.header("X-CSRFToken", jar.get("csrftoken").cloned().unwrap_or_default());
            }
        }
        let body = request["body"].as_str().map(|body| self.owned(body));
        if body.as_deref().is_some_and(|body| body.starts_with("<multipart")) {
            ask = ask.multipart(self.upload(record));
        } else {
            ask = header("Content-Type").into_iter().fold(ask, |ask, kind| ask.header("Content-Type", kind));
            ask = body.into_iter().fold(ask, |ask, body| ask.body(body));
        }
        let answer = ask.send().await.expect("answer");
        if header("Cookie").is_some() {
            self.keep_cookies(&answer);
        }
        let retry_after = answer.headers().contains_key("retry-after");
        let status = answer.status().as_u16();
        let json: Option<Value> = serde_json::from_str(&answer.text().await.expect("text")).ok();
        self.remember(&record["response"]["json"], json.as_ref());
        Reply { status, json, retry_after }
    }

    /// Later requests speak of ids and secrets that earlier answers gave.
    fn remember(&self, real: &Value, ours: Option<&Value>) {
        for name in ["refresh_token", "task_id"] {
            if let (Some(real), Some(ours)) = (real[name].as_str(), ours.and_then(|ours| ours[name].as_str()))
            {
                self.own.lock().expect("a lock").push((real.to_owned(), ours.to_owned()));
            }
        }
    }

    fn owned(&self, text: &str) -> String {
        let own = self.own.lock().expect("a lock");
        own.iter().fold(text.to_owned(), |text, (real, ours)| text.replace(real, ours))
    }

    /// The archives of the import records: the recording keeps their names only.
    fn upload(&self, record: &Value) -> reqwest::multipart::Form {
        let page = "<course url_name=\"r\" org=\"O\" course=\"C\"";
        let one = |text: &str| super::files(&[("course.xml", text)]);
        let files = match record["name"].as_str().expect("a name") {
            "the demo course" => self.demo.clone(),
            "no course.xml" => super::files(&[("chapter/one.xml", "<chapter/>")]),
            "malformed XML" => one(&format!("{page}><chapter")),
            "missing chapter file" => one(&format!("{page}><chapter url_name=\"gone\"/></course>")),
            "unknown block type" => one(&format!(
                "{page}><chapter url_name=\"c\"><sequential url_name=\"s\"><vertical url_name=\"v\">\
                 <nobodyknows url_name=\"x\"/></vertical></sequential></chapter></course>"
            )),
            "a course with non-ASCII names" => one(&format!(
                "{page} display_name=\"Курс\"><chapter url_name=\"глава\" display_name=\"Глава\"/></course>"
            )),
            _ => super::sample(),
        };
        let data = match record["name"].as_str().expect("a name") {
            "not a tar" => b"hello".to_vec(),
            "no file" => Vec::new(),
            "path leaves the archive" => outside(),
            _ => pack(&files, "course").expect("archive"),
        };
        let name =
            record["request"]["body"].as_str().unwrap_or_default().split('\'').nth(1).expect("a file name");
        let part = reqwest::multipart::Part::bytes(data).file_name(name.to_owned());
        reqwest::multipart::Form::new().part("course_data", part)
    }

    /// What the recording met and this run would not by itself.
    fn prepare(&self, file: &str) {
        if file == "limits" {
            let refuse = FaultKind::TooManyRequests { retry_after: Some(23) };
            self.bench.edx.faults().inject(FaultRule::once(refuse));
        }
    }
}

/// An archive with a member above its root; no library packs one.
fn outside() -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().expect("GNU header").name[..7].copy_from_slice(b"../evil");
    header.set_size(1);
    header.set_cksum();
    let mut builder =
        tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    builder.append(&header, &b"x"[..]).expect("append");
    builder.into_inner().and_then(flate2::write::GzEncoder::finish).expect("tar")
}

/// The claims of a JWT.
fn claims(token: &str) -> Value {
    let middle = token.split('.').nth(1).unwrap_or_default();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(middle.trim_end_matches('='));
    serde_json::from_slice(&bytes.expect("base64")).expect("claims")
}
