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
        let (first, last) = names(name);
        let mut user = json!({
            "first_name": first,
            "last_name": last,
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
        let answer = request.send().await.map_err(complaint)?;
        // Whether the answer holds the user is not known; an account that is not told of is found by
        // signing in.
        let body: Value = answer.json().await.unwrap_or_default();
        let user =
            serde_json::from_value::<Envelope>(body).ok().and_then(|mut e| e.one::<User>("users").ok());
        Ok(Registered::Active(match user {
            Some(user) => Account { email: Some(email.clone()), ..user.into() },
            None => not_told(email, name),
        }))
    }
}

impl Stepik {
    /// Opens an account as the site's own sign-up page does it: a form, answered with a redirect. Prefer
    /// [`Registration::register`], which says what is wrong with which field; this is for sites where it is
    /// closed. Calls `GET` and `POST /accounts/signup/`.
    ///
    /// # Errors
    /// `Unsupported` for a user name or native fields, before anything is sent; `InvalidInput` where the
    /// page shows the form again instead of leading on.
    pub async fn sign_up_by_form(&self, account: &NewAccount) -> Result<Registered> {
        const OPERATION: &str = "registration.sign_up_by_form";
        const PAGE: &str = "/accounts/signup/?next=/";
        // What terms the page asks for is not known (reference stepik.md 1.5).
        let NewAccount { username, email, password, name, accepted_terms: _, fields } = account;
        if username.is_some() || !fields.is_empty() {
            return Err(Error::unsupported(
                Platform::Stepik,
                "registration.sign_up_by_form with more fields",
            ));
        }
        self.guest().get(PAGE).operation(OPERATION).send().await?;
        // The form repeats the cookie in a field of its own (reference stepik.md 1.5).
        let token = self.guest().cookie("csrftoken").ok_or_else(|| {
            Error::new(ErrorKind::Protocol, "the site gave no `csrftoken` cookie")
                .at(Platform::Stepik, OPERATION)
        })?;
        let (first, last) = names(name);
        let form = [
            ("first_name", first),
            ("last_name", last),
            ("email", email.as_str()),
            ("password1", password.expose()),
            ("password2", password.expose()),
            ("csrfmiddlewaretoken", token.expose()),
            ("next", "/"),
        ];
        let request = self.guest().request(Method::Post, PAGE, Safety::Once);
        let request = request.operation(OPERATION).sensitive().expect(&[301, 302, 303]).form(&form);
        let answer = request.send().await?;
        if !matches!(answer.status(), 301..=303) {
            return Err(Error::invalid(
                "Stepik shows the sign-up form again: something in it was refused; `register` says what",
            )
            .at(Platform::Stepik, OPERATION)
            .with_status(answer.status()));
        }
        Ok(Registered::Active(not_told(email, name)))
    }
}

/// The account where the platform does not say which it is: found by signing in.
fn not_told(email: &str, name: &str) -> Account {
    Account { id: email.into(), username: None, name: Some(name.to_owned()), email: Some(email.to_owned()) }
}

fn names(name: &str) -> (&str, &str) {
    let (first, last) = name.trim().split_once(' ').unwrap_or((name.trim(), ""));
    (first, last.trim())
}

/// Complaints by the fields of a [`NewAccount`], and whether the address is in use, which is what a
/// complaint about it is mostly about.
fn complaint(error: Error) -> Error {
    if error.kind() != ErrorKind::InvalidInput {
        return error;
    }
    let in_use = |said: &str| ["already", "exist", "taken", "уже"].iter().any(|word| said.contains(word));
    let taken = error.fields().iter().any(|(field, said)| field == "email" && in_use(&said.to_lowercase()));
    let changed = if taken {
        Error::new(ErrorKind::AlreadyExists, "there is an account of this address")
    } else {
        Error::invalid(error.message())
    };
    let mut changed = changed.at(Platform::Stepik, OPERATION);
    for (field, said) in error.fields() {
        let field = match field.as_str() {
            "first_name" | "last_name" => "name",
            other => other,
        };
        changed = changed.with_field(field, said);
    }
    if let Some(status) = error.status() { changed.with_status(status) } else { changed }
}
