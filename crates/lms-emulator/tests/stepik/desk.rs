//! A step to try graders on.

use serde_json::{Value, json};

use crate::client::{Client, id, start};

pub(crate) struct Desk {
    pub(crate) client: Client,
    lesson: i64,
    _server: lms_emulator::stepik::StepikEmulator,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let server = start().await;
        let client = Client::author(&server).await;
        let lesson = client.lesson().await;
        Self { client, lesson, _server: server }
    }

    pub(crate) async fn step(&self, name: &str, source: Value) -> Value {
        self.client.step(self.lesson, json!({"name": name, "text": "?", "source": source})).await
    }

    /// The verdicts on replies, each on an attempt of its own.
    pub(crate) async fn verdicts(&self, name: &str, source: Value, replies: &[Value]) -> Vec<Value> {
        let step = self.step(name, source).await;
        assert_eq!(step["status"], "ready", "{}", step["error"]);
        let mut verdicts = Vec::new();
        for reply in replies {
            let attempt = self.client.attempt(id(&step)).await;
            verdicts.push(self.client.submit(&attempt, reply.clone()).await);
        }
        verdicts
    }

    pub(crate) async fn assert_graded(&self, name: &str, source: Value, right: &[Value], wrong: &[Value]) {
        for verdict in self.verdicts(name, source.clone(), right).await {
            assert_eq!(
                (&verdict["status"], &verdict["score"]),
                (&json!("correct"), &json!(1.0)),
                "{verdict}"
            );
        }
        for verdict in self.verdicts(name, source, wrong).await {
            assert_eq!((&verdict["status"], &verdict["score"]), (&json!("wrong"), &json!(0.0)), "{verdict}");
        }
    }

    pub(crate) async fn assert_unprepared(&self, name: &str, source: Value) {
        let step = self.step(name, source).await;
        assert_eq!(step["status"], "error", "{name}: {}", step["block"]["source"]);
        assert_eq!(step["reason_of_failure"], step["error"]["text"]);
        assert_ne!(step["error"]["text"], "");
    }
}
