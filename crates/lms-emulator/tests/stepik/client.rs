//! A small client: a token, JSON in and out.

use std::time::{Duration, Instant};

use lms_emulator::Options;
use lms_emulator::stepik::{StepikEmulator, Switches};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) struct Client {
    http: reqwest::Client,
    pub(crate) url: String,
    pub(crate) token: Option<String>,
}

pub(crate) async fn start() -> StepikEmulator {
    StepikEmulator::start(Options::default()).await.unwrap()
}

pub(crate) async fn start_with(switches: Switches) -> StepikEmulator {
    StepikEmulator::start_with(Options::default(), switches).await.unwrap()
}

impl Client {
    /// The author, by client credentials.
    pub(crate) async fn author(server: &StepikEmulator) -> Self {
        let form = [("grant_type", "client_credentials")];
        Self::with_grant(server, &form).await
    }

    pub(crate) async fn learner(server: &StepikEmulator) -> Self {
        let held = server.credentials();
        let form = [
            ("grant_type", "password"),
            ("username", held.learner_username.as_str()),
            ("password", held.learner_password.as_str()),
        ];
        Self::with_grant(server, &form).await
    }

    pub(crate) async fn with_grant(server: &StepikEmulator, form: &[(&str, &str)]) -> Self {
        let held = server.credentials();
        let mut client = Self::guest(server);
        let answer = client
            .http
            .post(format!("{}/oauth2/token/", client.url))
            .basic_auth(&held.client_id, Some(&held.client_secret))
            .form(form)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        let token: Value = answer.json().await.unwrap();
        client.token = Some(token["access_token"].as_str().unwrap().to_owned());
        client
    }

    pub(crate) fn guest(server: &StepikEmulator) -> Self {
        Self { http: reqwest::Client::new(), url: server.url().to_owned(), token: None }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, None).await;
        assert_eq!(status, 200, "GET {path}: {body}");
        body
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    /// The refusal of a GET.
    pub(crate) async fn refused(&self, path: &str) -> u16 {
        self.call(Method::GET, path, None).await.0
    }

    /// Who is signed in.
    pub(crate) async fn me(&self) -> i64 {
        id(&self.get("/api/stepics/1").await["users"][0])
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> u16 {
        self.call(Method::DELETE, path, None).await.0
    }

    /// Creates one object and gives it back.
    pub(crate) async fn create(&self, name: &str, object: Value) -> Value {
        let (status, body) = self.post(&format!("/api/{name}"), json!({ "object": object })).await;
        assert_eq!(status, 201, "POST {name}: {body}");
        body[name][0].clone()
    }

    pub(crate) async fn lesson(&self) -> i64 {
        id(&self.create("lessons", json!({"title": "Lesson"})).await)
    }

    /// A step at the end of a lesson, prepared.
    pub(crate) async fn step(&self, lesson: i64, block: Value) -> Value {
        let position = self.get(&format!("/api/lessons/{lesson}")).await["lessons"][0]["steps"]
            .as_array()
            .unwrap()
            .len()
            + 1;
        let source = json!({"lesson": lesson, "position": position, "block": block, "cost": 4});
        let step = self.create("step-sources", source).await;
        assert_eq!(step["status"], "preparing");
        assert_eq!(step["block"]["options"], json!({}));
        self.prepared(id(&step)).await
    }

    pub(crate) async fn prepared(&self, step: i64) -> Value {
        let path = format!("/api/step-sources/{step}");
        until(async || {
            Some(self.get(&path).await["step-sources"][0].clone()).filter(|s| s["status"] != "preparing")
        })
        .await
    }

    /// A section with a unit for `lesson` in a new public course: (course, section, unit).
    pub(crate) async fn course_with(&self, lesson: i64) -> (i64, i64, i64) {
        let course = id(&self.create("courses", json!({"title": "Course", "is_public": true})).await);
        let section = id(&self.create("sections", json!({"title": "Section", "course": course})).await);
        let unit = id(&self.create("units", json!({"section": section, "lesson": lesson})).await);
        (course, section, unit)
    }

    pub(crate) async fn attempt(&self, step: i64) -> Value {
        self.create("attempts", json!({ "step": step })).await
    }

    /// Sends a reply and waits for the verdict.
    pub(crate) async fn submit(&self, attempt: &Value, reply: Value) -> Value {
        let sent = self.create("submissions", json!({"attempt": attempt["id"], "reply": reply})).await;
        assert_eq!((&sent["status"], &sent["score"]), (&json!("evaluation"), &json!(0.0)));
        let path = format!("/api/submissions/{}", id(&sent));
        until(async || {
            Some(self.get(&path).await["submissions"][0].clone()).filter(|s| s["status"] != "evaluation")
        })
        .await
    }
}

pub(crate) fn id(object: &Value) -> i64 {
    object["id"].as_i64().unwrap()
}

pub(crate) fn ids(list: &Value) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|o| o["id"].as_i64().or(o.as_i64()).unwrap()).collect()
}

async fn until(mut look: impl AsyncFnMut() -> Option<Value>) -> Value {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < end, "waited too long");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
