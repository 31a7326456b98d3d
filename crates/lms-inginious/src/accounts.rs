//! Who is signed in (reference inginious.md 3.2).

use async_trait::async_trait;
use lms_core::{Account, AccountSupport, Accounts, Error, Platform, Result, Subject, Support};
use serde::Deserialize;

use crate::Inginious;

#[derive(Deserialize)]
struct Authentication {
    username: String,
}

/// A way to sign in, as the API lists it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AuthMethod {
    /// Its number.
    pub id: u64,
    /// Its name, for people.
    pub name: String,
    /// What it asks for.
    #[serde(default)]
    pub input: Vec<AuthInput>,
}

/// A field that a way to sign in asks for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AuthInput {
    /// Its name in the form.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// `text` or `password`.
    #[serde(rename = "type")]
    pub kind: String,
}

impl Inginious {
    /// `GET /api/v0/auth_methods`, as a guest. A constant in practice: sign-in services of others (LDAP, SAML) are not
    /// listed, and accounts of them cannot use the API (reference inginious.md 3.1).
    ///
    /// # Errors
    /// Where the site cannot be reached.
    pub async fn auth_methods(&self) -> Result<Vec<AuthMethod>> {
        self.guest().get("/api/v0/auth_methods").operation("accounts.auth_methods").send_json().await
    }
}

#[async_trait]
impl Accounts for Inginious {
    fn support(&self) -> AccountSupport {
        AccountSupport { me: Support::Native, get: Support::No }
    }

    /// `GET /api/v0/authentication`. The user name is the id; nothing else is told.
    async fn me(&self) -> Result<Account> {
        let answer: Authentication =
            self.client().get("/api/v0/authentication").operation("accounts.me").send_json().await?;
        Ok(Account { id: answer.username.into(), username: None, name: None, email: None })
    }

    /// Other accounts are looked up on pages of a course's staff only.
    async fn get(&self, who: &Subject) -> Result<Account> {
        match who {
            Subject::Me => self.me().await,
            Subject::User(_) | Subject::Email(_) => {
                Err(Error::unsupported(Platform::Inginious, "accounts.get"))
            }
        }
    }
}
