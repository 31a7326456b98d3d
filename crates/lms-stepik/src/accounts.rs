//! Looking up accounts (reference stepik.md 3.1, 3.2).

use async_trait::async_trait;
use lms_core::{
    Account, AccountSupport, Accounts, Error, ErrorKind, Platform, Result, Subject, Support, UserId,
};

use crate::Stepik;
use crate::dialect::WHO_AM_I;
use crate::objects::number;
use crate::wire::{Envelope, Profile, User};

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
    /// The signed-in account and its profile, which come in one answer.
    pub(crate) async fn signed_in(&self, operation: &'static str) -> Result<(User, Profile)> {
        let request = self.client().get("/api/stepics/1").operation(WHO_AM_I);
        let mut envelope: Envelope =
            request.send_json().await.map_err(|e| e.at(Platform::Stepik, operation))?;
        let mut side = || Ok((envelope.one::<User>("users")?, envelope.one::<Profile>("profiles")?));
        let (user, profile) = side().map_err(|e: Error| {
            Error::new(ErrorKind::Protocol, "the answer does not say who is signed in")
                .at(Platform::Stepik, operation)
                .on("stepics 1")
                .with_source(e)
        })?;
        self.memory().me = Some(user.id);
        Ok((user, profile))
    }

    /// The id of the signed-in account.
    pub(crate) async fn my_id(&self, operation: &'static str) -> Result<u64> {
        let known = self.memory().me;
        match known {
            Some(id) => Ok(id),
            None => Ok(self.signed_in(operation).await?.0.id),
        }
    }
}

#[async_trait]
impl Accounts for Stepik {
    fn support(&self) -> AccountSupport {
        AccountSupport { me: Support::Native, get: Support::Native }
    }

    async fn me(&self) -> Result<Account> {
        Ok(self.signed_in(WHO_AM_I).await?.0.into())
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
