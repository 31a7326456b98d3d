//! Who is signed in (reference inginious.md 3.2).

use async_trait::async_trait;
use lms_core::{Account, AccountSupport, Accounts, Error, Platform, Result, Subject, Support};
use serde::Deserialize;

use crate::Inginious;

#[derive(Deserialize)]
struct Authentication {
    username: String,
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
