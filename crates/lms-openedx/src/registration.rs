//! Opening accounts. Both views take forms only, and no credentials (reference openedx.md 3.7).

use async_trait::async_trait;
use lms_core::{
    Account, Error, NewAccount, Platform, Registered, Registration, RegistrationSupport, Result, Support,
};
use lms_http::{Method, Safety};

use crate::OpenEdx;
use crate::wire::Decisions;

#[async_trait]
impl Registration for OpenEdx {
    fn support(&self) -> RegistrationSupport {
        RegistrationSupport { register: Support::Native, validate: Support::Native }
    }

    /// Calls `POST /api/user/v1/validation/registration`.
    async fn validate(&self, account: &NewAccount) -> Result<Vec<(String, String)>> {
        let form = form(account)?;
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let decisions: Decisions = self
            .lms()
            .request(Method::Post, "/api/user/v1/validation/registration", Safety::Read)
            .operation("registration.validate")
            .anonymous()
            .sensitive()
            .form(&form)
            .send_json()
            .await?;
        Ok(decisions
            .validation_decisions
            .into_iter()
            .filter(|(_, complaint)| !complaint.is_empty())
            .collect())
    }

    /// Calls `POST /api/user/v1/account/registration/`. The account mostly waits for its activation e-mail;
    /// the platform does not say whether it does, so it is called awaiting.
    async fn register(&self, account: &NewAccount) -> Result<Registered> {
        let form = form(account)?;
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        self.lms()
            .request(Method::Post, "/api/user/v1/account/registration/", Safety::Once)
            .operation("registration.register")
            .anonymous()
            .sensitive()
            .form(&form)
            .send()
            .await?;
        let username = account.username.clone().unwrap_or_default();
        Ok(Registered::AwaitingActivation(Account {
            id: username.into(),
            username: None,
            name: Some(account.name.clone()),
            email: Some(account.email.clone()),
        }))
    }
}

fn form(account: &NewAccount) -> Result<Vec<(String, String)>> {
    let NewAccount { username, email, password, name, accepted_terms, fields } = account;
    let Some(username) = username else {
        return Err(Error::invalid("Open edX needs a user name")
            .at(Platform::OpenEdx, "registration")
            .with_field("username", "missing"));
    };
    let mut form = vec![
        ("username".to_owned(), username.clone()),
        ("email".to_owned(), email.clone()),
        ("password".to_owned(), password.expose().to_owned()),
        ("name".to_owned(), name.clone()),
    ];
    if *accepted_terms {
        form.push(("honor_code".into(), "true".into()));
        form.push(("terms_of_service".into(), "true".into()));
    }
    form.extend(fields.iter().cloned());
    Ok(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_sent_and_terms_only_where_they_were_accepted() {
        let mut account = NewAccount {
            username: None,
            email: "ann@example.org".into(),
            password: lms_core::Secret::new("long enough"),
            name: "Ann".into(),
            accepted_terms: false,
            fields: vec![("country".into(), "BE".into()), ("level_of_education".into(), "m".into())],
        };
        assert!(form(&account).is_err(), "no user name");
        account.username = Some("ann".into());
        let sent = |account: &NewAccount| form(account).expect("a form");
        let has = |account: &NewAccount, key: &str, value: &str| {
            sent(account).contains(&(key.to_owned(), value.to_owned()))
        };
        for (key, value) in [
            ("username", "ann"),
            ("email", "ann@example.org"),
            ("name", "Ann"),
            ("password", "long enough"),
            ("country", "BE"),
            ("level_of_education", "m"),
        ] {
            assert!(has(&account, key, value), "{key}");
        }
        assert!(!sent(&account).iter().any(|(key, _)| key == "honor_code" || key == "terms_of_service"));
        account.accepted_terms = true;
        assert!(has(&account, "honor_code", "true") && has(&account, "terms_of_service", "true"));
    }
}
