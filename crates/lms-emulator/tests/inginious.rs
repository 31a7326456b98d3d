//! The INGInious emulator through plain HTTP: what a comparison with the real server cannot show, because it needs a
//! clock, a mail, a fault or a choice of the emulator's own.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use lms_emulator::inginious::{InginiousEmulator, RunScripts};
use lms_emulator::{FaultKind, FaultRule, Options};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

const COURSE: &str = "name: Course\ntask_dispenser: toc\ndispenser_data:\n    toc: []\n    config:\n        \
                      graded: {accessibility: true}\n        chance: {accessibility: true}\n        \
                      words: {accessibility: true}\n";
const GRADED: &str = "name: Graded\nenvironment_type: docker\nenvironment_parameters: {limits: {time: '1'}}\n\
                      problems:\n    code: {type: code, name: Code}\n";
const RUN: &str = "#!/bin/python3\nfrom inginious import feedback, input\ncode = input.get_input('code')\n\
                   while code == 'for ever':\n    pass\n\
                   if code == 'silence':\n    raise SystemExit\n\
                   feedback.set_global_result('success' if code == 'ok' else 'failed')\n\
                   feedback.set_grade(12.345 if code == 'half' else 99)\n\
                   feedback.set_problem_feedback('Seen ``' + code + '``', 'code')\n\
                   feedback.set_state('state of ' + code)\n";
const CHANCE: &str = "name: Chance\nenvironment_type: mcq\nenvironment_id: mcq\ninput_random: 2\n\
                      problems:\n    say: {type: match, answer: 'yes'}\n";
const WORDS: &str = "name: Words\nenvironment_type: mcq\nenvironment_id: mcq\nproblems:\n    \
                     say: {type: match, answer: 'yes'}\n";

fn course_folder(parent: &Path) -> std::path::PathBuf {
    let root = parent.join("course");
    for (path, text) in [
        ("course.yaml", COURSE),
        ("graded/task.yaml", GRADED),
        ("graded/run", RUN),
        ("chance/task.yaml", CHANCE),
        ("words/task.yaml", WORDS),
    ] {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    root
}

async fn loaded(options: Options) -> InginiousEmulator {
    let dir = tempfile::tempdir().unwrap();
    let emulator = InginiousEmulator::start(options).await.unwrap();
    assert_eq!(emulator.load_course(&course_folder(dir.path())).unwrap(), "course");
    assert!(emulator.add_student("course", "learner"));
    emulator
}

fn client() -> Client {
    Client::builder().cookie_store(true).redirect(Policy::none()).no_proxy().build().unwrap()
}

async fn signed_in(emulator: &InginiousEmulator, username: &str, password: &str) -> Client {
    let client = client();
    let answer = log_in(emulator, &client, username, password).await;
    assert_eq!(answer, StatusCode::OK);
    client
}

async fn log_in(emulator: &InginiousEmulator, client: &Client, username: &str, password: &str) -> StatusCode {
    let url = format!("{}/api/v0/authentication", emulator.url());
    client.post(url).form(&[("login", username), ("password", password)]).send().await.unwrap().status()
}

async fn learner(emulator: &InginiousEmulator) -> Client {
    let known = emulator.credentials();
    signed_in(emulator, &known.learner_username, &known.learner_password).await
}

async fn json(client: &Client, url: String) -> Value {
    serde_json::from_str(&client.get(url).send().await.unwrap().text().await.unwrap()).unwrap()
}

async fn who(emulator: &InginiousEmulator, client: &Client) -> Value {
    json(client, format!("{}/api/v0/authentication", emulator.url())).await["username"].take()
}

/// Submits through the API and waits for the grade.
async fn graded(emulator: &InginiousEmulator, client: &Client, task: &str, field: (&str, &str)) -> Value {
    let url = format!("{}/api/v0/courses/course/tasks/{task}/submissions", emulator.url());
    let answer = client.post(&url).form(&[field]).send().await.unwrap().text().await.unwrap();
    let id = serde_json::from_str::<Value>(&answer).unwrap()["submissionid"].as_str().unwrap().to_owned();
    for _ in 0..400 {
        let mut list = json(client, format!("{url}/{id}?input")).await;
        if list[0]["status"] != "waiting" {
            return list[0].take();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no grade for {task}");
}

#[tokio::test]
async fn a_session_slides_and_then_ends() {
    let options = Options { token_lifetime: Duration::from_millis(600), ..Options::default() };
    let emulator = loaded(options).await;
    let client = learner(&emulator).await;
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        assert_eq!(who(&emulator, &client).await, "learner");
    }
    tokio::time::sleep(Duration::from_millis(900)).await;
    let answer = client.get(format!("{}/api/v0/courses", emulator.url())).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert_eq!(answer.text().await.unwrap(), r#"{"error": "You are not authenticated"}"#);
}

#[tokio::test]
async fn faults_end_sessions_and_open_doors() {
    let emulator = loaded(Options::default()).await;
    let client = learner(&emulator).await;
    emulator.faults().inject(FaultRule::once(FaultKind::ExpireToken).on_path("/api/v0/courses"));
    assert_eq!(who(&emulator, &client).await, "learner");
    let courses = format!("{}/api/v0/courses", emulator.url());
    assert_eq!(client.get(&courses).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(who(&emulator, &client).await, Value::Null);
    assert_eq!(log_in(&emulator, &client, "learner", "wrong").await, StatusCode::FORBIDDEN);
    emulator.faults().inject("accept-wrong-secret".parse().unwrap());
    assert_eq!(log_in(&emulator, &client, "learner", "wrong").await, StatusCode::OK);
}

#[tokio::test]
async fn an_account_works_once_its_mail_was_followed() {
    let emulator = loaded(Options::default()).await;
    let visitor = client();
    let form = [
        ("register", ""),
        ("username", "newcomer"),
        ("realname", "New Comer"),
        ("email", "new@EXAMPLE.org"),
        ("passwd", "secret-1"),
        ("passwd2", "secret-1"),
    ];
    let page = visitor.post(format!("{}/register", emulator.url())).form(&form).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("alert-success"));
    assert_eq!(log_in(&emulator, &visitor, "newcomer", "secret-1").await, StatusCode::FORBIDDEN);
    let mails = emulator.mails();
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, "new@example.org"));
    let link = mails[0].text.split_whitespace().find(|word| word.starts_with("http")).unwrap();
    assert_eq!(link.split_once("activate=").unwrap().1.len(), 128);
    // The message is the wrong way round, and only a login shows the truth.
    let page = visitor.get(link).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Invalid activation hash."));
    assert_eq!(log_in(&emulator, &visitor, "newcomer", "secret-1").await, StatusCode::OK);
}

#[tokio::test]
async fn run_scripts_grade_within_their_time() {
    if !std::process::Command::new("python3").arg("--version").output().is_ok_and(|out| out.status.success())
    {
        eprintln!("skipped: python3 is needed to run the grading scripts");
        return;
    }
    let emulator = loaded(Options::default()).await;
    let client = learner(&emulator).await;
    let good = graded(&emulator, &client, "graded", ("code", "ok")).await;
    assert_eq!((&good["result"], &good["grade"]), (&"success".into(), &99.0.into()));
    assert_eq!(
        good["problems_feedback"]["code"][1],
        "<p>Seen <code class=\"docutils literal\">ok</code></p>\n"
    );
    let half = graded(&emulator, &client, "graded", ("code", "half")).await;
    assert_eq!((&half["result"], &half["grade"]), (&"failed".into(), &12.35.into()));
    assert_eq!(half["input"]["@state"][0], "state of ok");
    for lost in ["for ever", "silence"] {
        let submission = graded(&emulator, &client, "graded", ("code", lost)).await;
        assert_eq!((&submission["status"], submission.get("grade")), (&"error".into(), None), "{lost}");
    }
    emulator.set_run_scripts(RunScripts::Never);
    assert_eq!(graded(&emulator, &client, "graded", ("code", "ok")).await["status"], "error");
}

#[tokio::test]
async fn scripts_that_came_over_the_network_are_not_run_unless_asked_for() {
    let emulator = InginiousEmulator::start(Options::default()).await.unwrap();
    let known = emulator.credentials().clone();
    let admin = signed_in(&emulator, &known.username, &known.password).await;
    let create = format!("{}/mycourses", known.url);
    admin.post(create).form(&[("new_courseid", "course")]).send().await.unwrap();
    let dav = |method: &str, path: &str| {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        admin
            .request(method, format!("{}/course/{path}", known.webdav_url))
            .basic_auth(&known.username, Some(&known.api_key))
    };
    assert_eq!(dav("MKCOL", "graded").send().await.unwrap().status(), StatusCode::CREATED);
    for (path, text, status) in
        [("graded/task.yaml", GRADED, 201), ("graded/run", RUN, 201), ("course.yaml", COURSE, 204)]
    {
        assert_eq!(dav("PUT", path).body(text).send().await.unwrap().status().as_u16(), status, "{path}");
    }
    assert_eq!(graded(&emulator, &admin, "graded", ("code", "ok")).await["status"], "error");
    emulator.set_run_scripts(RunScripts::Always);
    let expected = if std::process::Command::new("python3").arg("--version").output().is_ok() {
        "done"
    } else {
        "error"
    };
    assert_eq!(graded(&emulator, &admin, "graded", ("code", "ok")).await["status"], expected);
    let names: Vec<String> = emulator.course_files("course").into_iter().map(|(path, _)| path).collect();
    assert_eq!(names, ["course.yaml", "graded/run", "graded/task.yaml"]);
}

#[tokio::test]
async fn random_numbers_come_from_the_page_and_must_come_back() {
    let emulator = loaded(Options::default()).await;
    let client = learner(&emulator).await;
    let url = format!("{}/course/course/chance", emulator.url());
    let page = client.get(&url).send().await.unwrap().text().await.unwrap();
    let value = |index: usize| {
        let after = page.split(&format!("name=\"@random_{index}\" value=\"")).nth(1).unwrap();
        after.split('"').next().unwrap().to_owned()
    };
    let submit = async |first: &str| {
        let fields = [("@action", "submit"), ("say", "yes"), ("@random_0", first), ("@random_1", &value(1))];
        client.post(&url).form(&fields).send().await.unwrap().text().await.unwrap()
    };
    assert!(submit("0.5").await.contains("regenerated"));
    assert!(submit(&value(0)).await.contains(r#""status": "ok""#));
}

#[tokio::test]
async fn one_waiting_submission_blocks_the_next() {
    let options = Options { background_delay: Duration::from_millis(400), ..Options::default() };
    let emulator = loaded(options).await;
    let client = learner(&emulator).await;
    let url = format!("{}/api/v0/courses/course/tasks/words/submissions", emulator.url());
    let first = client.post(&url).form(&[("say", "yes")]).send().await.unwrap();
    assert_eq!(first.status(), StatusCode::OK);
    let second = client.post(&url).form(&[("say", "yes")]).send().await.unwrap();
    assert_eq!(second.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(second.headers()["content-type"], "text/json; charset=utf-8");
    assert_eq!(second.text().await.unwrap(), r#""A submission is already pending for this task!""#);
    let list = json(&client, url).await;
    assert_eq!((list.as_array().unwrap().len(), &list[0]["status"]), (1, &"waiting".into()));
}

#[tokio::test]
async fn what_cannot_be_loaded_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let bad = dir.path().join("bad");
    std::fs::create_dir(&bad).unwrap();
    std::fs::write(bad.join("course.yaml"), "name: Bad\naccessible: 2014-05-10\n").unwrap();
    let options = Options { load: vec![bad], ..Options::default() };
    let error = InginiousEmulator::start(options).await.unwrap_err().to_string();
    assert!(error.contains("course.yaml") && error.contains("2014-05-10"), "{error}");
    let file = dir.path().join("course.zip");
    std::fs::File::create(&file).unwrap().write_all(b"no archive").unwrap();
    let error =
        InginiousEmulator::start(Options { load: vec![file], ..Options::default() }).await.unwrap_err();
    assert!(error.to_string().contains("zip"), "{error}");
    let missing = Options { load: vec![dir.path().join("missing")], ..Options::default() };
    assert!(InginiousEmulator::start(missing).await.is_err());
}

#[tokio::test]
async fn secrets_stay_out_of_debug_texts() {
    let emulator = loaded(Options::default()).await;
    let client = learner(&emulator).await;
    who(&emulator, &client).await;
    let text = format!("{emulator:?} {:?}", emulator.credentials());
    let known = emulator.credentials();
    for secret in [&known.password, &known.learner_password, &known.api_key] {
        assert!(!text.contains(secret.as_str()));
    }
}
