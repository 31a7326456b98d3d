//! The recordings of a real LMS and Studio, asked again here: same status, same keys, same types, and for problems the
//! same marks.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::{Bench, shared};
use crate::Options;
use crate::openedx::archive::read_folder;

/// Course folders and the keys they were loaded under.
const COURSES: [(&str, &str); 5] = [
    ("demo-course", "course-v1:OpenedX+DemoX+DemoCourse"),
    ("supported-components", "course-v1:edX+TC102+course"),
    ("math-percent-fi", "course-v1:JYU+MA8-K7+2021K"),
    ("demo-test-course", "course-v1:edX+Test101+course"),
    ("platform-test-unicode", "course-v1:edX+test_unicode+2012_Fall"),
];

struct Replay {
    bench: Bench,
    tokens: BTreeMap<&'static str, String>,
    records: std::path::PathBuf,
}

impl Replay {
    async fn start(root: &Path) -> Self {
        let bench = Bench::with(Options { page_size: 10, ..Options::default() }).await;
        for (folder, key) in COURSES {
            let files = read_folder(&root.join("courses/openedx").join(folder)).expect("course");
            assert_eq!(bench.import(key, &files).await, "Succeeded", "{folder}");
        }
        let learner = bench.learner().await;
        let author = bench.token.clone();
        let replay = Self {
            tokens: BTreeMap::from([
                ("learner", learner.clone()),
                ("staff", author.clone()),
                ("admin", author),
            ]),
            records: root.join("courses/recordings/openedx-lms"),
            bench,
        };
        let body = serde_json::json!({"course_details": {"course_id": COURSES[0].1}});
        let url = replay.bench.lms("/api/enrollment/v1/enrollment");
        let enroll =
            replay.bench.http.post(url).header("Authorization", format!("JWT {learner}")).json(&body);
        assert_eq!(enroll.send().await.expect("answer").status(), 200);
        replay
    }

    fn read(&self, file: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.records.join(format!("{file}.json"))).expect("recording");
        serde_json::from_str(&text).unwrap_or_else(|_| {
            text.lines()
                .filter(|line| !line.trim().is_empty())
                .map(|line| serde_json::from_str(line).expect("record"))
                .collect()
        })
    }

    async fn ask(&self, host: &str, record: &Value) -> (u16, String) {
        let request = &record["request"];
        let path = request["path"].as_str().expect("path").replace("staff", "author");
        let method = request["method"].as_str().expect("method").parse().expect("method");
        let mut ask = self.bench.http.request(method, format!("{host}{path}"));
        let header = |name: &str| {
            let found = request["headers"].as_array().into_iter().flatten().find(|pair| pair[0] == name);
            found
                .or(request["headers"].get(name))
                .map(|value| value.get(1).unwrap_or(value).as_str().unwrap_or_default().to_owned())
        };
        match header("Authorization") {
            Some(value) => {
                let name = value.split(['<', '>']).nth(1).unwrap_or_default();
                let token = self.tokens.get(name);
                let scheme = if token.is_some() { "JWT" } else { "" };
                let value = token.map_or(value.clone(), |token| format!("{scheme} {token}"));
                ask = ask.header("Authorization", value);
            }
            // Sessions of the recording become tokens here.
            None if header("Cookie").is_some() => {
                ask = ask.header("Authorization", format!("JWT {}", self.tokens["learner"]))
            }
            None => {}
        }
        if let Some(kind) = header("Content-Type") {
            ask = ask.header("Content-Type", kind);
        }
        if let Some(body) = request["body"].as_str() {
            ask = ask.body(self.own_secrets(&body.replace("\"staff\"", "\"author\"")));
        }
        let answer = ask.send().await.expect("answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    /// The recorded application and people become ours.
    fn own_secrets(&self, body: &str) -> String {
        let c = self.bench.edx.credentials();
        let staff = body.contains("username=staff");
        let password = if staff { &c.password } else { &c.learner_password };
        body.replace("cc-client-secret", &c.client_secret)
            .replace("cc-client", &c.client_id)
            .replace("pw-client", &c.client_id)
            .replace("username=staff", "username=author")
            .replace("Secret-123", password)
    }

    /// Asks every record of a file and lists what differs.
    async fn compare(&self, file: &str, host: &str, left_out: &[&str]) -> Vec<String> {
        let mut wrong = Vec::new();
        for record in self.read(file) {
            let name = record["name"].as_str().expect("name");
            if left_out.contains(&name) {
                continue;
            }
            let (status, text) = self.ask(host, &record).await;
            let real = &record["response"];
            if u64::from(status) != real["status"].as_u64().unwrap_or(0) {
                wrong.push(format!("{file}: {name}: status {status}, real {}", real["status"]));
                continue;
            }
            if let Some(real) = real.get("json") {
                let ours: Value = serde_json::from_str(&text).unwrap_or_default();
                differences(&ours, real, &format!("{file}: {name}: "), &mut wrong);
            }
        }
        wrong
    }
}

/// Same keys and types; a null fits anything, and of a list the first entry stands for all.
fn differences(ours: &Value, real: &Value, at: &str, wrong: &mut Vec<String>) {
    match (ours, real) {
        (Value::Object(ours), Value::Object(real)) => {
            // `user_attendance` is an addition of the recorded copy.
            for key in real.keys().filter(|key| !ours.contains_key(*key) && *key != "user_attendance") {
                wrong.push(format!("{at}.{key} is missing"));
            }
            for (key, value) in ours {
                match real.get(key) {
                    Some(real) => differences(value, real, &format!("{at}.{key}"), wrong),
                    None => wrong.push(format!("{at}.{key} is too much")),
                }
            }
        }
        (Value::Array(ours), Value::Array(real)) => {
            if let (Some(ours), Some(real)) = (ours.first(), real.first()) {
                differences(ours, real, &format!("{at}[0]"), wrong);
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (ours, real) if std::mem::discriminant(ours) == std::mem::discriminant(real) => {}
        (ours, real) => wrong.push(format!("{at}: {ours}, real {real}")),
    }
}

#[tokio::test]
async fn answers_have_the_shape_of_the_real_ones() {
    let Some(root) = shared("") else { return };
    let replay = Replay::start(&root).await;
    let lms = replay.bench.edx.url().to_owned();
    let studio = replay.bench.edx.studio_url().to_owned();
    let mut wrong = Vec::new();
    // The header and the refresh token of the recording are not ours.
    let oauth = ["client credentials, HTTP basic", "refresh", "refresh used twice"];
    wrong.extend(replay.compare("oauth", &lms, &oauth).await);
    wrong.extend(replay.compare("users", &lms, &[]).await);
    wrong.extend(replay.compare("courses", &lms, &[]).await);
    // The 500 of one unit may be that instance's own, says its README; units work here.
    wrong.extend(replay.compare("blocks", &lms, &["from one unit"]).await);
    wrong.extend(replay.compare("enrollment", &lms, &[]).await);
    // The recorded staff is of the course, ours is global; our client follows the redirect of the last one.
    wrong.extend(replay.compare("grades", &lms, &["all grades as staff", "subsection"]).await);
    wrong.extend(replay.compare("completion", &lms, &[]).await);
    let quality = ["quality"];
    let import = "course-v1:Oracle+Import+R1";
    let files = read_folder(&root.join("courses/openedx/demo-course")).expect("course");
    replay.bench.import(import, &files).await;
    wrong.extend(replay.compare("studio", &studio, &quality).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whole trees: the same blocks with the same children, and the values of the fields we compute.
#[tokio::test]
async fn trees_are_those_of_the_real_lms() {
    let Some(root) = shared("") else { return };
    let replay = Replay::start(&root).await;
    let mut wrong = Vec::new();
    for (folder, key) in COURSES {
        let record = &replay.read(&format!("blocks-{folder}"))[0];
        let body = serde_json::json!({"course_details": {"course_id": key}, "user": "learner"});
        let url = replay.bench.lms("/api/enrollment/v1/enrollment");
        let token = format!("JWT {}", replay.tokens["staff"]);
        replay.bench.http.post(url).header("Authorization", token).json(&body).send().await.expect("answer");
        let (_, text) = replay.ask(replay.bench.edx.url(), record).await;
        let ours: Value = serde_json::from_str(&text).expect("JSON");
        let real = &record["response"]["json"];
        let real_blocks = real["blocks"].as_object().expect("blocks");
        for (usage, block) in real_blocks {
            let mine = &ours["blocks"][usage];
            // Which problems a randomized block hands out is chance.
            if ODD.iter().any(|kind| usage.contains(kind)) || in_library(block, real_blocks) {
                continue;
            }
            if mine.is_null() {
                wrong.push(format!("{folder}: {usage} is missing"));
                continue;
            }
            for field in [
                "type",
                "block_id",
                "display_name",
                "children",
                "graded",
                "format",
                "due",
                "start",
                "has_score",
                "weight",
            ] {
                let odd = |value: &Value| ODD.iter().any(|kind| value.to_string().contains(kind));
                if field == "children" && (odd(block) || odd(mine)) {
                    continue;
                }
                let number = |value: &Value| value.get(field).and_then(Value::as_f64);
                let same = number(mine).is_some() && number(mine) == number(block);
                if mine.get(field) != block.get(field) && !same {
                    wrong.push(format!(
                        "{folder}: {usage}: {field} {:?}, real {:?}",
                        mine.get(field),
                        block.get(field)
                    ));
                }
            }
        }
        for usage in ours["blocks"]
            .as_object()
            .expect("blocks")
            .keys()
            .filter(|usage| !real_blocks.contains_key(*usage))
        {
            if ODD.iter().any(|kind| usage.contains(kind))
                || in_library(&ours["blocks"][usage], ours["blocks"].as_object().expect("blocks"))
            {
                continue;
            }
            wrong.push(format!("{folder}: {usage} is too much"));
        }
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

/// Kinds whose trees differ and may: blocks that the recorded instance could not read became `error` blocks, a
/// `recommender` among them; of a `split_test` a learner sees one branch in its place, which needs groups.
const ODD: [&str; 7] = [
    "type@error",
    "type@recommender",
    "type@split_test",
    "type@library_content",
    "171b4e83746b436296728f8e266b59e3",
    "2eeda4b3431e41fa9d09c791dee19f6f",
    "f4a364f8e0754f96b07ec2c7413f12fe",
];

fn in_library(block: &Value, all: &serde_json::Map<String, Value>) -> bool {
    let libraries = all.values().filter(|parent| parent["type"] == "library_content");
    libraries
        .flat_map(|parent| parent["children"].as_array().into_iter().flatten())
        .any(|child| *child == block["id"])
}

/// Every recorded submission again, in order: same verdict, score and attempts, same status at every input.
#[tokio::test]
async fn problems_are_marked_as_by_the_real_grader() {
    let Some(root) = shared("") else { return };
    let replay = Replay::start(&root).await;
    let mut compared = 0;
    let mut wrong = Vec::new();
    for record in replay.read("problems") {
        let name = record["name"].as_str().expect("name");
        // Python runs there and not here; a session is a token here.
        let scripted = ["Python", "JavaScript", "Protein", "Medical", "Molecule", "Chemical", "Circuit"];
        if scripted.iter().any(|word| name.contains(word)) || name == "check, session without CSRF" {
            continue;
        }
        let (status, text) = replay.ask(replay.bench.edx.url(), &record).await;
        let real = &record["response"];
        assert_eq!(u64::from(status), real["status"].as_u64().expect("status"), "{name}");
        let (Some(real), Ok(ours)) = (real.get("json"), serde_json::from_str::<Value>(&text)) else {
            continue;
        };
        compared += 1;
        for field in
            ["success", "msg", "current_score", "total_possible", "attempts_used", "progress_changed"]
        {
            let number = |value: &Value| value.get(field).and_then(Value::as_f64);
            if ours.get(field) != real.get(field)
                && (number(&ours).is_none() || number(&ours) != number(real))
            {
                wrong.push(format!("{name}: {field} {:?}, real {:?}", ours.get(field), real.get(field)));
            }
        }
        for page in ["html", "contents"] {
            let (ours, real) = (statuses(&ours[page]), statuses(&real[page]));
            if ours != real {
                wrong.push(format!("{name}: {ours:?}, real {real:?}"));
            }
        }
        for page in ["html", "contents"] {
            let (ours, real) = (feedback(&ours[page]), feedback(&real[page]));
            if ours != real {
                wrong.push(format!("{name}: feedback {ours:?}, real {real:?}"));
            }
        }
        if let Some(answers) = real["answers"].as_object() {
            for (id, answer) in answers.iter().filter(|(id, _)| !id.contains("solution")) {
                let sorted = |value: &Value| {
                    let mut list: Vec<String> =
                        value.as_array().into_iter().flatten().map(Value::to_string).collect();
                    list.sort();
                    if list.is_empty() { value.to_string() } else { list.join(" ") }
                };
                if sorted(&ours["answers"][id]) != sorted(answer) {
                    wrong.push(format!("{name}: answer {id} {}, real {answer}", ours["answers"][id]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{compared} compared\n{}", wrong.join("\n"));
    assert!(compared > 50, "{compared}");
}

/// `status` class by input id.
fn statuses(page: &Value) -> BTreeMap<String, String> {
    let text = page.as_str().unwrap_or_default();
    let found = text.split("<span class=\"status ").skip(1).filter_map(|rest| {
        let (class, rest) = rest.split_once('"')?;
        let id = rest.trim_start().strip_prefix("id=\"status_")?.split('"').next()?;
        Some((id.to_owned(), class.to_owned()))
    });
    found.collect()
}

/// Labels and texts of the feedback.
fn feedback(page: &Value) -> Vec<String> {
    let text =
        page.as_str().unwrap_or_default().replace("<span class=\"hint-label\">", "<div class=\"hint-text\">");
    let found = text.split("<div class=\"hint-text\">").skip(1);
    found.map(|rest| rest.split('<').next().unwrap_or_default().trim().to_owned()).collect()
}
