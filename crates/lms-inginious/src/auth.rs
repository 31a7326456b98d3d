//! Signing in. There is no token: a name and a password open a session that lives in one cookie
//! (reference inginious.md 2.3, 3.3).

use std::fmt;

use async_trait::async_trait;
use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::{Client, Credential, Method, Outgoing, Safety};
use serde_json::Value;
use tokio::sync::Mutex;

const OPERATION: &str = "session.sign_in";

/// Opens the session before the first request, and anew when the platform has forgotten it. Sends
/// through a client of its own that shares the cookies.
pub(crate) struct SignIn {
    client: Client,
    username: String,
    password: Secret,
    session: Mutex<Session>,
}

#[derive(Debug, Default)]
struct Session {
    open: bool,
    /// How often it was opened, so that a refusal of an earlier one does not close this one.
    generation: u64,
}

impl SignIn {
    pub(crate) fn new(client: Client, username: String, password: Secret) -> Self {
        Self { client, username, password, session: Mutex::default() }
    }

    /// `POST /api/v0/authentication`. It keeps the id of the session, so it may be sent again.
    async fn sign_in(&self) -> Result<()> {
        let answer: Value = self
            .client
            .request(Method::Post, "/api/v0/authentication", Safety::Repeatable)
            .operation(OPERATION)
            .resource(format!("account {}", self.username))
            .sensitive()
            .form(&[("login", &self.username), ("password", self.password.expose())])
            .send_json()
            .await?;
        match answer.get("status").and_then(Value::as_str) {
            Some("success") => Ok(()),
            _ => Err(Error::new(ErrorKind::Protocol, "the site answered neither yes nor no to the sign-in")
                .at(Platform::Inginious, OPERATION)),
        }
    }
}

#[async_trait]
impl Credential for SignIn {
    async fn apply(&self, request: &mut Outgoing) -> Result<()> {
        // Held while signing in: those who come meanwhile wait for this one sign-in.
        let mut session = self.session.lock().await;
        if !session.open {
            self.sign_in().await?;
            session.open = true;
            session.generation += 1;
        }
        request.set_mark(session.generation);
        Ok(())
    }

    async fn rejected(&self, sent: &Outgoing) -> bool {
        let mut session = self.session.lock().await;
        if sent.mark() == session.generation {
            session.open = false;
        }
        true
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("username", &self.username).finish_non_exhaustive()
    }
}
