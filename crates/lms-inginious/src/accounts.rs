//! Who is signed in.

use async_trait::async_trait;
use lms_core::{
    Account, AccountSupport, Accounts, Error, ErrorKind, Platform, Result, Subject, Support, UserId,
};

use crate::Inginious;
use crate::wire::WireAccount;

#[async_trait]
impl Accounts for Inginious {
    fn support(&self) -> AccountSupport {
        AccountSupport { me: Support::Native, get: Support::No }
    }

    async fn me(&self) -> Result<Account> {
        let account: WireAccount = self
            .session()
            .json(|client| client.get("/api/v0/authentication").operation("accounts.me"))
            .await?;
        match account {
            WireAccount { authenticated: true, username: Some(name) } => {
                Ok(Account { id: UserId::new(name), username: None, name: None, email: None })
            }
            _ => Err(Error::new(ErrorKind::Unauthenticated, "nobody is signed in")
                .at(Platform::Inginious, "accounts.me")),
        }
    }

    async fn get(&self, who: &Subject) -> Result<Account> {
        match who {
            Subject::Me => self.me().await,
            _ => Err(Error::unsupported(Platform::Inginious, "accounts.get")),
        }
    }
}
