//! Opening accounts, by the form of the site (reference inginious.md 6.2).

use async_trait::async_trait;
use lms_core::{
    Account, Error, ErrorKind, NewAccount, Platform, Registered, Registration, RegistrationSupport, Result,
    Support,
};
use lms_http::{Method, Safety};

use crate::Inginious;
use crate::page::Page;

const OPERATION: &str = "registration.register";

#[async_trait]
impl Registration for Inginious {
    fn support(&self) -> RegistrationSupport {
        RegistrationSupport { register: Support::Emulated, validate: Support::No }
    }

    async fn validate(&self, _account: &NewAccount) -> Result<Vec<(String, String)>> {
        Err(Error::unsupported(Platform::Inginious, "registration.validate"))
    }

    /// `POST /register`, as a guest. The account can be used once the link in the mail was followed;
    /// the page behind it says the opposite of what happened in 0.9, so believe only a sign-in.
    async fn register(&self, account: &NewAccount) -> Result<Registered> {
        let NewAccount { username, email, password, name, accepted_terms, fields } = account;
        if let Some((field, _)) = fields.first() {
            return Err(Error::new(ErrorKind::Unsupported, "INGInious has no such field for an account")
                .at(Platform::Inginious, OPERATION)
                .on(field));
        }
        let Some(username) = username else {
            return Err(Error::invalid(
                "an account has a name of at least 4 letters, digits, `-`, `_`, `|` or `~`",
            )
            .at(Platform::Inginious, OPERATION)
            .with_field("username", "missing"));
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
        let answer = self
            .guest()
            .request(Method::Post, "/register", Safety::Once)
            .operation(OPERATION)
            .resource(format!("account {username}"))
            // The alerts are told apart by their English texts; this sets the language of the session.
            .query("lang", "en")
            .sensitive()
            .form(&form)
            .send()
            .await?;
        match read(&answer.text().await?) {
            Ok(()) => Ok(Registered::AwaitingActivation(Account {
                id: username.as_str().into(),
                username: None,
                name: Some(name.clone()),
                email: Some(email.clone()),
            })),
            Err(error) => Err(error.at(Platform::Inginious, OPERATION).on(format!("account {username}"))),
        }
    }
}

fn read(html: &str) -> Result<()> {
    let page = Page::parse(html);
    if let Some(said) = page.alert("danger") {
        let (kind, field) = complaint(&said);
        return Err(match field {
            Some(field) => Error::new(kind, "the site refused the account").with_field(field, said),
            None => Error::new(kind, said),
        });
    }
    page.alert("success").map(|_| ()).ok_or_else(|| {
        Error::new(ErrorKind::OutcomeUnknown, "the site says neither yes nor no; try to sign in")
    })
}

/// Which field an alert is about.
fn complaint(said: &str) -> (ErrorKind, Option<&'static str>) {
    let said = said.to_lowercase();
    let about = [
        ("username is already", ErrorKind::AlreadyExists, Some("username")),
        ("email address is already", ErrorKind::AlreadyExists, Some("email")),
        ("invalid username", ErrorKind::InvalidInput, Some("username")),
        ("invalid email", ErrorKind::InvalidInput, Some("email")),
        ("password", ErrorKind::InvalidInput, Some("password")),
        ("accept the terms", ErrorKind::InvalidInput, Some("accepted_terms")),
        // The account is removed again.
        ("something went wrong while sending", ErrorKind::Unavailable, None),
    ];
    about
        .into_iter()
        .find(|(words, ..)| said.contains(words))
        .map_or((ErrorKind::InvalidInput, None), |(_, kind, field)| (kind, field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_name_fields() {
        let page =
            |level: &str, said: &str| read(&format!("<div class=\"alert alert-{level}\">{said}</div>"));
        assert!(page("success", "You are succesfully registered.").is_ok());
        for (said, kind, field) in [
            ("This username is already taken !", ErrorKind::AlreadyExists, "username"),
            ("This email address is already in use !", ErrorKind::AlreadyExists, "email"),
            ("Invalid username format.", ErrorKind::InvalidInput, "username"),
            ("Passwords don't match !", ErrorKind::InvalidInput, "password"),
            (
                "Please accept the Terms of Service and Data Privacy",
                ErrorKind::InvalidInput,
                "accepted_terms",
            ),
        ] {
            let error = page("danger", said).expect_err(said);
            assert_eq!((error.kind(), error.fields()[0].0.as_str()), (kind, field), "{said}");
            assert_eq!(error.fields()[0].1, said);
        }
        assert_eq!(read("<p>hello</p>").expect_err("nothing said").kind(), ErrorKind::OutcomeUnknown);
    }
}
