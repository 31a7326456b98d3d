//! Opening accounts, by the web form (reference inginious.md 6.2).

use async_trait::async_trait;
use lms_core::{
    Account, Error, ErrorKind, NewAccount, Platform, Registered, Registration, RegistrationSupport, Result,
    Support, UserId,
};
use lms_http::{Method, Safety};

use crate::Inginious;
use crate::auth::Page;

const OPERATION: &str = "registration.register";

#[async_trait]
impl Registration for Inginious {
    fn support(&self) -> RegistrationSupport {
        RegistrationSupport { register: Support::Emulated, validate: Support::No }
    }

    async fn validate(&self, _account: &NewAccount) -> Result<Vec<(String, String)>> {
        Err(Error::unsupported(Platform::Inginious, "registration.validate"))
    }

    async fn register(&self, account: &NewAccount) -> Result<Registered> {
        let NewAccount { username, email, password, name, accepted_terms, fields } = account;
        if let Some((field, _)) = fields.first() {
            return Err(Error::unsupported(Platform::Inginious, OPERATION).on(field));
        }
        let Some(username) = username else {
            return Err(Error::invalid("INGInious needs a user name")
                .at(Platform::Inginious, OPERATION)
                .with_field("username", "is missing"));
        };
        let mut form = vec![
            ("register", ""),
            ("username", username.as_str()),
            ("realname", name.as_str()),
            ("email", email.as_str()),
            ("passwd", password.expose()),
            ("passwd2", password.expose()),
        ];
        if *accepted_terms {
            form.push(("term_policy_check", "on"));
        }
        let response = self
            .guest()
            .request(Method::Post, "/register", Safety::Once)
            .operation(OPERATION)
            .resource(username)
            .form(&form)
            .sensitive()
            .send()
            .await?;
        let alerts = Page::read(response).await?.alerts();
        if alerts.iter().any(|(good, _)| *good) {
            // The account sleeps until somebody follows the link in the mail.
            return Ok(Registered::AwaitingActivation(Account {
                id: UserId::new(username.as_str()),
                username: None,
                name: Some(name.clone()),
                email: Some(email.clone()),
            }));
        }
        let said = alerts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ");
        Err(refusal(&said).at(Platform::Inginious, OPERATION).on(username))
    }
}

/// What the site complains of. Texts are translated; English ones also name their field.
fn refusal(said: &str) -> Error {
    let field = [
        ("Invalid username", "username"),
        ("username is already taken", "username"),
        ("Invalid email", "email"),
        ("email address is already", "email"),
        ("Password", "password"),
        ("Terms of Service", "accepted_terms"),
    ];
    let taken = said.contains("already taken") || said.contains("already in use");
    let kind = if taken { ErrorKind::AlreadyExists } else { ErrorKind::InvalidInput };
    let error = Error::new(kind, "the site refused the account");
    match field.into_iter().find(|(text, _)| said.contains(text)) {
        Some((_, field)) => error.with_field(field, said),
        None if said.is_empty() => {
            Error::new(ErrorKind::PermissionDenied, "the site does not take new accounts")
        }
        None => error.with_field("account", said),
    }
}
