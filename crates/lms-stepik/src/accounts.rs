//! Looking up accounts (reference stepik.md 3.1, 3.2).

use async_trait::async_trait;
use lms_core::{
    Account, AccountSupport, Accounts, Error, ErrorKind, Platform, Result, Subject, Support, UserId,
};

use crate::Stepik;
use crate::objects::number;
use crate::wire::{Envelope, User};

impl From<User> for Account {
    fn from(user: User) -> Self {
        let name = match user.full_name.trim() {
            "" => format!("{} {}", user.first_name, user.last_name).trim().to_owned(),
            full => full.to_owned(),
        };
        Account {
            id: UserId::from(user.id),
            username: user.alias,
            name: Some(name).filter(|name| !name.is_empty()),
            email: None,
        }
    }
}

impl Stepik {
    /// The signed-in account. A token that does not hold makes the platform answer with a guest
    /// (reference stepik.md 1.4).
    async fn who_am_i(&self, operation: &'static str) -> Result<User> {
        let mut envelope: Envelope =
            self.client().get("/api/stepics/1").operation(operation).send_json().await?;
        let user: User = envelope.one("users").map_err(|e| e.at(Platform::Stepik, operation))?;
        if user.is_guest {
            return Err(Error::new(ErrorKind::Unauthenticated, "Stepik takes us for a guest; sign in again")
                .at(Platform::Stepik, operation));
        }
        self.memory().me = Some(user.id);
        Ok(user)
    }

    /// The id of the signed-in account.
    pub(crate) async fn my_id(&self, operation: &'static str) -> Result<u64> {
        let known = self.memory().me;
        match known {
            Some(id) => Ok(id),
            None => Ok(self.who_am_i(operation).await?.id),
        }
    }
}

#[async_trait]
impl Accounts for Stepik {
    fn support(&self) -> AccountSupport {
        AccountSupport { me: Support::Native, get: Support::Native }
    }

    async fn me(&self) -> Result<Account> {
        Ok(self.who_am_i("accounts.me").await?.into())
    }

    async fn get(&self, who: &Subject) -> Result<Account> {
        match who {
            Subject::Me => self.me().await,
            Subject::User(id) => {
                let id = number(id.as_str(), "user")?;
                Ok(self.one::<User>("accounts.get", "users", id).await?.into())
            }
            Subject::Email(_) => Err(Error::unsupported(Platform::Stepik, "accounts.get by e-mail address")),
        }
    }
}
