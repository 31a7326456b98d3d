//! Opening accounts (reference stepik.md 1.5).

use async_trait::async_trait;
use lms_core::{
    Account, Error, ErrorKind, NewAccount, Platform, Registered, Registration, RegistrationSupport, Result,
    Support,
};
use lms_http::{Method, Safety};
use serde_json::{Value, json};

use crate::Stepik;
use crate::wire::{Envelope, User};

const OPERATION: &str = "registration.register";
/// What else an account can be opened with (reference stepik.md 3.2).
const FIELDS: [&str; 3] = ["is_private", "short_bio", "details"];

#[async_trait]
impl Registration for Stepik {
    fn support(&self) -> RegistrationSupport {
        RegistrationSupport { register: Support::Native, validate: Support::No }
    }

    async fn validate(&self, _account: &NewAccount) -> Result<Vec<(String, String)>> {
        Err(Error::unsupported(Platform::Stepik, "registration.validate"))
    }

    async fn register(&self, account: &NewAccount) -> Result<Registered> {
        // Stepik asks for no consent when an account is opened this way.
        let NewAccount { username, email, password, name, accepted_terms: _, fields } = account;
        if username.is_some() {
            return Err(Error::unsupported(Platform::Stepik, "registration.register with a user name"));
        }
        let (first, last) = name.trim().split_once(' ').unwrap_or((name.trim(), ""));
        let mut user = json!({
            "first_name": first,
            "last_name": last.trim(),
            "email": email,
            "password": password.expose(),
        });
        for (field, value) in fields {
            if !FIELDS.contains(&field.as_str()) {
                return Err(Error::new(ErrorKind::Unsupported, "Stepik has no such field for an account")
                    .at(Platform::Stepik, OPERATION)
                    .on(field));
            }
            user[field] = match value.as_str() {
                "true" => json!(true),
                "false" => json!(false),
                text => json!(text),
            };
        }
        let request = self
            .guest()
            .request(Method::Post, "/api/users", Safety::Once)
            .operation(OPERATION)
            .sensitive()
            .json(&json!({"user": user}));
        let answer = request.send().await.map_err(taken)?;
        // Whether the answer holds the user is not known; an account that is not told of is found by
        // signing in.
        let body: Value = answer.json().await.unwrap_or_default();
        let user =
            serde_json::from_value::<Envelope>(body).ok().and_then(|mut e| e.one::<User>("users").ok());
        Ok(Registered::Active(match user {
            Some(user) => Account { email: Some(email.clone()), ..user.into() },
            None => Account {
                id: email.as_str().into(),
                username: None,
                name: Some(name.clone()),
                email: Some(email.clone()),
            },
        }))
    }
}

/// A complaint about the address is mostly that it is in use.
fn taken(error: Error) -> Error {
    let in_use = |said: &str| ["already", "exist", "taken", "уже"].iter().any(|word| said.contains(word));
    let taken = error.fields().iter().any(|(field, said)| field == "email" && in_use(&said.to_lowercase()));
    if !taken || error.kind() != ErrorKind::InvalidInput {
        return error;
    }
    let mut changed = Error::new(ErrorKind::AlreadyExists, "there is an account of this address")
        .at(Platform::Stepik, OPERATION);
    for (field, said) in error.fields() {
        changed = changed.with_field(field, said);
    }
    if let Some(status) = error.status() { changed.with_status(status) } else { changed }
}
