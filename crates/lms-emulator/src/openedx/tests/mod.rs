//! The emulator driven with plain requests.

mod edit;
mod import;
mod people;
mod problems;
mod recorded;
#[path = "../../../../../tests/support/shared.rs"]
mod shared;
mod sign_in;
mod studio;

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use shared::shared;

use super::OpenEdxEmulator;
use super::archive::{Files, pack};
use crate::Options;

/// A running emulator with a client that keeps cookies and a token of the author.
struct Bench {
    edx: OpenEdxEmulator,
    http: Client,
    token: String,
}

impl Bench {
    async fn new() -> Self {
        Self::with(Options::default()).await
    }

    async fn with(options: Options) -> Self {
        let edx = OpenEdxEmulator::start(options).await.expect("start");
        let http = Client::builder().cookie_store(true).build().expect("client");
        let token = token(&edx, &http, &[("grant_type", "client_credentials"), ("token_type", "jwt")]).await;
        Self { edx, http, token }
    }

    fn lms(&self, path: &str) -> String {
        format!("{}{path}", self.edx.url())
    }

    fn studio(&self, path: &str) -> String {
        format!("{}{path}", self.edx.studio_url())
    }

    fn get(&self, url: String) -> RequestBuilder {
        self.http.get(url).header("Authorization", format!("JWT {}", self.token))
    }

    fn post(&self, url: String) -> RequestBuilder {
        self.http.post(url).header("Authorization", format!("JWT {}", self.token))
    }

    async fn learner(&self) -> String {
        let credentials = self.edx.credentials();
        let form = [
            ("grant_type", "password"),
            ("token_type", "jwt"),
            ("username", credentials.learner_username.as_str()),
            ("password", credentials.learner_password.as_str()),
        ];
        token(&self.edx, &self.http, &form).await
    }

    async fn json(&self, url: String) -> Value {
        self.get(url).send().await.expect("answer").json().await.expect("JSON")
    }

    /// Makes the course and imports `files` into it; returns the last state of the task.
    async fn import(&self, key: &str, files: &Files) -> String {
        let mut parts = key.trim_start_matches("course-v1:").split('+');
        let mut part = || parts.next().unwrap_or_default();
        let body = json!({"org": part(), "number": part(), "run": part(), "title": "New"});
        self.post(self.studio("/api/v1/course_runs/")).json(&body).send().await.expect("answer");
        self.upload(key, pack(files, "course").expect("archive")).await
    }

    async fn upload(&self, key: &str, data: Vec<u8>) -> String {
        let file = reqwest::multipart::Part::bytes(data).file_name("course.tar.gz");
        let form = reqwest::multipart::Form::new().part("course_data", file);
        let url = self.studio(&format!("/api/courses/v0/import/{key}/"));
        let answer = self.post(url.clone()).multipart(form).send().await.expect("answer");
        let task: Value = answer.json().await.expect("JSON");
        let task = task["task_id"].as_str().expect("task").to_owned();
        for _ in 0..1000 {
            let body = self.json(format!("{url}?task_id={task}&filename=course.tar.gz")).await;
            match body["state"].as_str() {
                Some(state @ ("Succeeded" | "Failed")) => return state.to_owned(),
                _ => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            }
        }
        "never ended".into()
    }

    /// Signs in to the LMS by form and to Studio through it.
    async fn sign_in(&self) {
        let csrf = self.csrf().await;
        let credentials = self.edx.credentials();
        let form = [("email", credentials.username.as_str()), ("password", credentials.password.as_str())];
        let login = self.http.post(self.lms("/api/user/v1/account/login_session/"));
        let answer = login.header("X-CSRFToken", csrf).form(&form).send().await.expect("answer");
        assert_eq!(answer.status(), 200);
        let home = self.http.get(self.studio("/login/?next=/home/")).send().await.expect("answer");
        assert!(home.url().as_str().ends_with("/home/"), "{}", home.url());
    }

    async fn csrf(&self) -> String {
        let answer = self.http.get(self.lms("/csrf/api/v1/token")).send().await.expect("answer");
        let body: Value = answer.json().await.expect("JSON");
        body["csrfToken"].as_str().expect("token").to_owned()
    }

    async fn export(&self, key: &str) -> Files {
        let csrf = self.csrf().await;
        let start = self.http.post(self.studio(&format!("/export/{key}"))).header("X-CSRFToken", csrf);
        assert_eq!(start.send().await.expect("answer").status(), 200);
        for _ in 0..1000 {
            let url = self.studio(&format!("/export_status/{key}"));
            let body: Value = self.http.get(url).send().await.expect("answer").json().await.expect("JSON");
            if let Some(output) = body["ExportOutput"].as_str() {
                let data = self
                    .http
                    .get(self.studio(output))
                    .send()
                    .await
                    .expect("answer")
                    .bytes()
                    .await
                    .expect("data");
                let files = super::archive::unpack(&data).expect("archive");
                return super::archive::top_folder(&files, "course.xml").expect("course.xml");
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the export never ended");
    }
}

async fn token(edx: &OpenEdxEmulator, http: &Client, form: &[(&str, &str)]) -> String {
    let credentials = edx.credentials();
    let mut form = form.to_vec();
    form.extend([
        ("client_id", credentials.client_id.as_str()),
        ("client_secret", credentials.client_secret.as_str()),
    ]);
    let answer =
        http.post(format!("{}/oauth2/access_token", edx.url())).form(&form).send().await.expect("answer");
    let body: Value = answer.json().await.expect("JSON");
    body["access_token"].as_str().unwrap_or_default().to_owned()
}

fn files(list: &[(&str, &str)]) -> Files {
    list.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
}

/// A small course: one problem of each simple kind, a page, a file, a policy.
fn sample() -> Files {
    files(&[
        ("course.xml", r#"<course url_name="2025" org="DemoU" course="PY101"/>"#),
        (
            "course/2025.xml",
            r#"<course display_name="Python &amp; 101" start="&quot;2025-01-01T00:00:00Z&quot;" language="en">
  <chapter url_name="ch1"/><wiki slug="DemoU.PY101.2025"/></course>"#,
        ),
        ("chapter/ch1.xml", r#"<chapter display_name="Week 1"><sequential url_name="s1"/></chapter>"#),
        (
            "sequential/s1.xml",
            r#"<sequential display_name="HW 1" graded="true" format="Homework"><vertical url_name="v1"/></sequential>"#,
        ),
        (
            "vertical/v1.xml",
            r#"<vertical display_name="Sums"><html url_name="h1"/><problem url_name="p1"/>
  <problem url_name="p2" display_name="Inline" weight="4"><choiceresponse><checkboxgroup><choice correct="true">2</choice>
  <choice correct="false">3</choice><choice correct="true">4</choice></checkboxgroup></choiceresponse>
  <numericalresponse answer="10"><responseparam type="tolerance" default="5%"/><formulaequationinput/></numericalresponse>
  </problem><done url_name="d1" xblock-family="xblock.v1" description="x"/></vertical>"#,
        ),
        ("html/h1.xml", r#"<html filename="h1" display_name="Read me"/>"#),
        ("html/h1.html", "<p>Look: <img src=\"/static/fig.png\"><br>&nbsp;done\n"),
        (
            "problem/p1.xml",
            r#"<problem display_name="Prime" max_attempts="3"><multiplechoiceresponse><label>Pick the prime</label>
<choicegroup type="MultipleChoice"><choice correct="false">4</choice><choice correct="true">7</choice></choicegroup>
</multiplechoiceresponse><solution><p>7 has two divisors</p></solution></problem>"#,
        ),
        ("static/fig.png", "not really a picture"),
        ("about/overview.html", "<p>All about it</p>"),
        (
            "policies/2025/grading_policy.json",
            r#"{"GRADER":[{"type":"Homework","min_count":1,"drop_count":0,"weight":1.0}],"GRADE_CUTOFFS":{"Pass":0.5}}"#,
        ),
        (
            "policies/2025/policy.json",
            r#"{"course/2025":{"display_name":"Python & 101","tabs":[{"type":"courseware","name":"Course"}]}}"#,
        ),
    ])
}
