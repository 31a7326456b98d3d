//! The emulator held against a real INGInious: the same requests to both, the answers compared.
//!
//! One test takes what the real server answered in an earlier run, `inginious_real/answers.json`. The other asks it:
//! `LMS_REAL_INGINIOUS` holds the line of JSON that `tests/real/inginious/launcher.py` prints; without it that test
//! says `skipped`. With `LMS_RECORD` set as well, it writes the record anew.
//! Compared are status, content type, the headers that steer a client, and the whole content of JSON,
//! CSV, YAML and files; of HTML pages the title and the alerts. Ids, times, addresses and secrets are replaced by
//! place holders, and lists that have no order are sorted.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fancy_regex::Regex;
use lms_emulator::Options;
use lms_emulator::inginious::{InginiousEmulator, RunScripts};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[path = "inginious_real/descriptors.rs"]
mod descriptors;
#[path = "inginious_real/forms.rs"]
mod forms;
#[path = "inginious_real/script.rs"]
mod script;
#[path = "inginious_real/seeded.rs"]
mod seeded;
#[path = "inginious_real/studio.rs"]
mod studio;

use script::{Body, Step};

/// One of the two servers.
struct Side {
    url: String,
    webdav_url: String,
    passwords: HashMap<String, String>,
    api_key: String,
    clients: HashMap<String, Client>,
    /// Submissions in the order in which they were taken.
    submissions: Vec<String>,
    /// The audience and the group that a page showed last.
    audience: String,
    group: String,
}

/// What is compared of an answer.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Seen {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Side {
    fn new(url: &str, webdav_url: &str, passwords: HashMap<String, String>) -> Self {
        Self {
            url: url.to_owned(),
            webdav_url: webdav_url.to_owned(),
            passwords,
            api_key: String::new(),
            clients: HashMap::new(),
            submissions: Vec::new(),
            audience: "none".to_owned(),
            group: "none".to_owned(),
        }
    }

    /// One client, and so one session, for each person.
    fn client(&mut self, who: &str) -> Client {
        let build =
            || Client::builder().cookie_store(true).redirect(Policy::none()).no_proxy().build().unwrap();
        self.clients.entry(who.to_owned()).or_insert_with(build).clone()
    }

    fn fill(&self, text: &str) -> String {
        let mut text = text.replace("{dav}", &self.webdav_url).replace("{key}", &self.api_key);
        for (name, password) in &self.passwords {
            text = text.replace(&format!("{{password:{name}}}"), password);
        }
        text = text.replace("{audience}", &self.audience).replace("{group}", &self.group);
        text = text.replace("{last}", self.submissions.last().map_or("none", String::as_str));
        for (index, id) in self.submissions.iter().enumerate() {
            text = text.replace(&format!("{{submission:{index}}}"), id);
        }
        text
    }

    async fn send(&mut self, step: &Step) -> Seen {
        let method = Method::from_bytes(step.method.as_bytes()).unwrap();
        let url = if step.dav {
            format!("{}{}", self.webdav_url, step.path)
        } else {
            format!("{}{}", self.url, self.fill(&step.path))
        };
        let mut request = self.client(step.who).request(method, url);
        if step.dav && step.who != "nobody" {
            let key = if step.who == "superadmin" { self.api_key.clone() } else { "wrong".to_owned() };
            request = request.basic_auth(step.who, Some(key));
        }
        for (name, value) in &step.headers {
            request = request.header(*name, self.fill(value));
        }
        request = match &step.body {
            Body::None => request,
            Body::Form(fields) => {
                let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, self.fill(value))).collect();
                request.form(&fields)
            }
            Body::Upload { .. } => request,
            Body::Raw(media, text) => request.header("content-type", *media).body((*text).to_owned()),
            Body::File { field, name, bytes } => {
                let part = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name(*name);
                request.multipart(reqwest::multipart::Form::new().part(*field, part))
            }
        };
        if let Body::Upload { path, name, bytes } = step.body {
            let file = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name(name);
            let form = reqwest::multipart::Form::new().text("action", "upload").text("path", path);
            request = self.client(step.who).post(format!("{}{}", self.url, step.path));
            request = request.multipart(form.part("file", file));
        }
        let Ok(answer) = request.send().await else {
            return Seen { status: 0, headers: Vec::new(), body: "NO ANSWER".to_owned() };
        };
        let status = answer.status().as_u16();
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let mut headers: Vec<(String, String)> = Vec::new();
        for name in ["content-type", "location", "content-disposition", "www-authenticate"] {
            headers.extend(header(name).map(|value| (name.to_owned(), self.neutral(&value))));
        }
        let media = header("content-type").unwrap_or_default();
        // An answer may break off in the middle; that is compared, too.
        let text = answer.text().await.unwrap_or_else(|_| "BROKEN OFF".to_owned());
        if let Some(id) = serde_json::from_str::<Value>(&text)
            .ok()
            .and_then(|v| v["submissionid"].as_str().map(str::to_owned))
        {
            self.submissions.push(id);
        }
        if step.path.ends_with("/tasks") && media.starts_with("text/html") {
            let key = regex("<code>([0-9a-f]{80})</code>");
            if let Some(found) = key.captures(&text).unwrap() {
                self.api_key = found.get(1).map_or("", |m| m.as_str()).to_owned();
            }
        }
        if step.path.ends_with("/students") {
            for (pattern, seen) in [
                ("edit/audience/([0-9a-f]{24})", &mut self.audience),
                (r#"name="_id" value="([0-9a-f]{24})""#, &mut self.group),
            ] {
                if let Some(found) = regex(pattern).captures(&text).unwrap() {
                    *seen = found.get(1).map_or("", |m| m.as_str()).to_owned();
                }
            }
        }
        let body = if text.contains("id=\"tab_file_list\"") {
            let row = regex(r#"data-x-path="([^"]*[^/])"|class="(alert alert-danger)"#);
            let rows = row.captures_iter(&text).map(|found| {
                let found = found.unwrap();
                found.get(1).or(found.get(2)).map_or("", |m| m.as_str()).to_owned()
            });
            rows.collect::<Vec<_>>().join("\n")
        } else if media == "application/zip" {
            "ZIP".to_owned()
        } else if step.dav && (media.starts_with("text/html") || media.contains("xml")) {
            dav_essence(&text)
        } else if media.starts_with("text/html") && text.contains("<title>") {
            essence(&self.neutral(&text))
        } else {
            sorted(&self.neutral(&text))
        };
        Seen { status, headers, body }
    }

    /// Replaces what differs from server to server and from run to run.
    fn neutral(&self, text: &str) -> String {
        let mut text = text.replace(&self.url, "URL").replace(&self.webdav_url, "DAV");
        for (index, id) in self.submissions.iter().enumerate() {
            text = text.replace(id, &format!("SUBMISSION-{index}"));
        }
        text = text.replace(&self.audience, "AUDIENCE").replace(&self.group, "GROUP");
        for (pattern, place) in [
            (r#""submissionid": "[0-9a-f]{24}""#, r#""submissionid": "ID""#),
            // The server leaves the fraction out when it is zero.
            (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?", "TIME"),
            (r#"nonce="[^"]*""#, "nonce"),
        ] {
            text = regex(pattern).replace_all(&text, place).into_owned();
        }
        text
    }

    async fn wait_for_grade(&mut self, step: &Step) {
        let client = self.client(step.who);
        let path = step.path.replace("/course/", "/api/v0/courses/");
        let path = if path.contains("/tasks/") {
            path
        } else {
            let (course, task) = path.rsplit_once('/').unwrap();
            format!("{course}/tasks/{task}/submissions")
        };
        let url = format!("{}{path}/{}", self.url, self.submissions.last().unwrap());
        for _ in 0..400 {
            let list: Value =
                serde_json::from_str(&client.get(&url).send().await.unwrap().text().await.unwrap()).unwrap();
            if list[0]["status"] != "waiting" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{url} waits for ever");
    }
}

/// The lines in which two answers differ, `-` the real server's and `+` the emulator's.
fn difference(wanted: &Seen, got: &Seen) -> String {
    let lines = |seen: &Seen| -> Vec<String> {
        let head = std::iter::once(seen.status.to_string())
            .chain(seen.headers.iter().map(|(n, v)| format!("{n}: {v}")));
        head.chain(seen.body.lines().map(str::to_owned)).collect()
    };
    let (wanted, got) = (lines(wanted), lines(got));
    let lines = (0..wanted.len().max(got.len())).filter(|at| wanted.get(*at) != got.get(*at));
    let none = String::new();
    lines
        .take(6)
        .map(|at| {
            format!("  {at} - {}\n  {at} + {}", wanted.get(at).unwrap_or(&none), got.get(at).unwrap_or(&none))
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Patterns are compiled once.
fn regex(pattern: &'static str) -> Arc<Regex> {
    static KNOWN: Mutex<BTreeMap<&str, Arc<Regex>>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap();
    known.entry(pattern).or_insert_with(|| Arc::new(Regex::new(pattern).unwrap())).clone()
}

/// Title and alerts of a page.
fn essence(html: &str) -> String {
    let tags = regex(r"(?s)<button.*?</button>|<[^>]*>");
    let plain = |text: &str| tags.replace_all(text, " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let title = regex(r"(?s)<title>(.*?)</title>");
    let mut lines: Vec<String> = title
        .captures(html)
        .unwrap()
        .iter()
        .map(|found| plain(found.get(1).map_or("", |m| m.as_str())))
        .collect();
    let alert = regex(r#"(?s)<div class="(alert alert-(?:success|danger|warning))[^>]*>(.*?)</div>"#);
    for found in alert.captures_iter(html) {
        let found = found.unwrap();
        let text = plain(found.get(2).map_or("", |m| m.as_str()));
        // Standing notices of a page, and the technical tail of an internal error, steer no client.
        if !text.starts_with("This page lists") && !text.starts_with("Please register or sign in") {
            let text = if text.starts_with("Internal error") { "Internal error" } else { &text };
            lines.push(format!("{}: {text}", found.get(1).map_or("", |m| m.as_str())));
        }
    }
    lines.join("\n")
}

/// Of a WebDAV answer: the title of a page, or the addresses and kinds of what is listed.
fn dav_essence(text: &str) -> String {
    if let Some(found) = regex(r"(?s)<title>\s*(\d\d\d [^<]*?)\s*</title>").captures(text).unwrap() {
        return found.get(1).map_or("", |m| m.as_str()).to_owned();
    }
    let row = regex(r"(?s)<D:response><D:href>(.*?)</D:href>(.*?)</D:response>");
    let mut rows: Vec<String> = row
        .captures_iter(text)
        .map(|found| {
            let found = found.unwrap();
            format!(
                "{} {}",
                found.get(1).map_or("", |m| m.as_str()),
                if found.get(2).map_or("", |m| m.as_str()).contains("<D:collection/>") {
                    "folder"
                } else {
                    "file"
                }
            )
        })
        .collect();
    rows.sort();
    rows.join("\n")
}

/// JSON with its lists of courses and tasks sorted, because the server lists them as its file system happens to.
fn sorted(text: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    if let Value::Array(items) = &mut value
        && items.iter().all(|item| item.get("submitted_on").is_none())
    {
        items.sort_by_key(|item| item["id"].to_string());
    }
    sort_keys(&mut value);
    serde_json::to_string_pretty(&value).unwrap()
}

fn sort_keys(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.sort_keys();
            map.values_mut().for_each(sort_keys);
        }
        Value::Array(items) => items.iter_mut().for_each(sort_keys),
        _ => {}
    }
}

/// The emulator with the courses of the comparison. The two that INGInious cannot read are not there: it refuses to
/// load them, and the real server answers as if they did not exist.
async fn emulator() -> (InginiousEmulator, Side) {
    let courses = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/real/inginious/courses");
    let names = [
        "compare-odd",
        "compare-basics",
        "compare-doors",
        "compare-preview",
        "compare-shut",
        "compare-legacy",
        "compare-unknown",
    ];
    let load = names.map(|name| courses.join(name)).to_vec();
    let emulator = InginiousEmulator::start(Options { load, ..Options::default() }).await.unwrap();
    emulator.set_run_scripts(RunScripts::Always);
    let known = emulator.credentials();
    let passwords = HashMap::from([
        (known.username.clone(), known.password.clone()),
        (known.learner_username.clone(), known.learner_password.clone()),
        ("visitor".to_owned(), emulator.add_user("visitor", "visitor@example.org")),
    ]);
    let side = Side::new(emulator.url(), &known.webdav_url, passwords);
    (emulator, side)
}

/// What the real server answered in an earlier run, kept beside this file.
fn record_path() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inginious_real/answers.json")
}

fn name_of(step: &Step) -> String {
    format!("{} {} {} {:?}", step.who, step.method, step.path, step.body)
}

fn judge(compared: usize, different: &[String]) {
    eprintln!("{compared} answers compared, {} differ", different.len());
    assert!(different.is_empty(), "{}", different.join("\n\n"));
}

#[tokio::test]
async fn the_emulator_answers_as_the_real_server_did() {
    if !python_is_here() {
        eprintln!("skipped: python3 is needed to run the grading scripts");
        return;
    }
    let recorded: Vec<(String, Seen)> =
        serde_json::from_slice(&std::fs::read(record_path()).unwrap()).unwrap();
    let (_emulator, mut ours) = emulator().await;
    let steps = script::steps();
    assert_eq!(steps.len(), recorded.len(), "the record is out of date; see tests/real/inginious/README.md");
    let mut different = Vec::new();
    for (step, (name, wanted)) in steps.iter().zip(&recorded) {
        let got = ours.send(step).await;
        if step.graded && got.body.contains("\"submissionid\"") {
            ours.wait_for_grade(step).await;
        }
        assert_eq!(*name, name_of(step), "the record is out of date");
        if *wanted != got {
            different.push(format!("{name}\n{}", difference(wanted, &got)));
        }
    }
    judge(steps.len(), &different);
}

/// What the launcher said; `None`, said aloud, if no real server runs.
fn ready() -> Option<Value> {
    let ready = std::env::var("LMS_REAL_INGINIOUS").ok();
    if ready.is_none() {
        eprintln!("skipped: LMS_REAL_INGINIOUS is not set; see tests/real/inginious/README.md");
    }
    ready.map(|ready| serde_json::from_str(&ready).unwrap())
}

fn real_side(ready: &Value) -> Side {
    let passwords = ready["accounts"].as_object().unwrap().iter();
    let passwords = passwords.map(|(name, password)| (name.clone(), password.as_str().unwrap().to_owned()));
    Side::new(ready["url"].as_str().unwrap(), ready["webdav_url"].as_str().unwrap(), passwords.collect())
}

/// Whatever courses the launcher was given with `--courses`: both must find the same tasks in them, and say the same
/// of each.
#[tokio::test]
async fn both_read_the_same_from_a_folder_of_courses() {
    let Some(ready) = ready() else { return };
    let mut real = real_side(&ready);
    let (emulator, mut ours) = emulator().await;
    let folders = std::fs::read_dir(ready["courses"].as_str().unwrap()).unwrap();
    let mut paths: Vec<String> = Vec::new();
    for folder in folders.map(|folder| folder.unwrap()).filter(|folder| folder.path().is_dir()) {
        if let Err(refused) = emulator.load_course(&folder.path()) {
            eprintln!("{refused}");
        }
        let course = format!("/api/v0/courses/{}", folder.file_name().to_string_lossy());
        paths.extend([course.clone(), format!("{course}/tasks")]);
    }
    let (mut tasks, mut different) = (0, Vec::new());
    let login = script::sign_in_as_superadmin();
    assert_eq!((real.send(&login).await.status, ours.send(&login).await.status), (200, 200));
    for path in &paths {
        let ask = script::get("superadmin", path);
        let (wanted, got) = (real.send(&ask).await, ours.send(&ask).await);
        tasks += wanted.body.matches("\"problems\": ").count();
        if wanted != got {
            different.push(format!("{path}\n{}", difference(&wanted, &got)));
        }
    }
    eprintln!("{tasks} tasks in {} courses", paths.len() / 2);
    judge(paths.len(), &different);
}

fn python_is_here() -> bool {
    std::process::Command::new("python3").arg("--version").output().is_ok_and(|out| out.status.success())
}

#[tokio::test]
async fn the_emulator_answers_as_the_real_server_does() {
    let Some(ready) = ready() else { return };
    let mut real = real_side(&ready);
    let (_emulator, mut ours) = emulator().await;

    let (mut recorded, mut different) = (Vec::new(), Vec::new());
    for step in script::steps() {
        let (wanted, got) = (real.send(&step).await, ours.send(&step).await);
        if step.graded && wanted.body.contains("\"submissionid\"") {
            real.wait_for_grade(&step).await;
            if got.body.contains("\"submissionid\"") {
                ours.wait_for_grade(&step).await;
            }
        }
        // Numbers stay in step even if only one of the two took a submission.
        let taken = real.submissions.len().max(ours.submissions.len());
        real.submissions.resize_with(taken, || "none taken".to_owned());
        ours.submissions.resize_with(taken, || "none taken".to_owned());
        if wanted != got {
            different.push(format!("{}\n{}", name_of(&step), difference(&wanted, &got)));
        }
        recorded.push((name_of(&step), wanted));
    }
    if std::env::var_os("LMS_RECORD").is_some() {
        std::fs::write(record_path(), serde_json::to_string_pretty(&recorded).unwrap()).unwrap();
    }
    judge(recorded.len(), &different);
}
