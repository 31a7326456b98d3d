//! Signing in. There is no token: a name and a password open a session that lives in one cookie
//! (reference inginious.md 2.3, 3.3).

use std::fmt;

use async_trait::async_trait;
use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::{Client, Method, Safety, SignIn};
use serde_json::Value;

const OPERATION: &str = "session.sign_in";

/// A local account of the site.
pub(crate) struct Login {
    pub(crate) username: String,
    pub(crate) password: Secret,
}

#[async_trait]
impl SignIn for Login {
    /// `POST /api/v0/authentication`. It keeps the id of the session, so it may be sent again. There is no CSRF
    /// token (reference inginious.md 6).
    async fn sign_in(&self, client: &Client) -> Result<()> {
        let answer: Value = client
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

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("username", &self.username).finish_non_exhaustive()
    }
}
