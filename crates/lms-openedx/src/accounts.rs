//! Looking up accounts.

use async_trait::async_trait;
use lms_core::{Account, AccountSupport, Accounts, Error, ErrorKind, Platform, Result, Subject, Support};
use lms_http::Route;

use crate::OpenEdx;
use crate::wire::AccountBody;

#[async_trait]
impl Accounts for OpenEdx {
    fn support(&self) -> AccountSupport {
        AccountSupport { me: Support::Native, get: Support::Native }
    }

    /// Calls `GET /api/user/v1/me`, then the account.
    async fn me(&self) -> Result<Account> {
        self.account(&self.username().await?, "accounts.me").await
    }

    /// Calls `GET /api/user/v1/accounts/{username}`, or `?email=`, which staff may ask for others.
    async fn get(&self, who: &Subject) -> Result<Account> {
        const OPERATION: &str = "accounts.get";
        match who {
            Subject::Me => self.me().await,
            Subject::User(user) => self.account(user.as_str(), OPERATION).await,
            Subject::Email(email) => {
                let found: Vec<AccountBody> = self
                    .lms()
                    .get("/api/user/v1/accounts")
                    .query("email", email)
                    .operation(OPERATION)
                    .sensitive()
                    .send_json()
                    .await?;
                found.into_iter().next().map(account).ok_or_else(|| {
                    Error::new(ErrorKind::NotFound, "no account has this address")
                        .at(Platform::OpenEdx, OPERATION)
                })
            }
        }
    }
}

impl OpenEdx {
    async fn account(&self, username: &str, operation: &'static str) -> Result<Account> {
        let body: AccountBody = self
            .lms()
            .get(Route::new("/api/user/v1/accounts/{username}").id(username))
            .operation(operation)
            .resource(username)
            .send_json()
            .await?;
        Ok(account(body))
    }
}

pub(crate) fn account(body: AccountBody) -> Account {
    let AccountBody { username, name, email } = body;
    Account { id: username.into(), username: None, name, email: email.filter(|e| !e.is_empty()) }
}
