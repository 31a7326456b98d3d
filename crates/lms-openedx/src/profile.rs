//! What a site wants to know of people, and changing it (reference openedx.md 3.7, 3.8).

use lms_core::{Account, Error, ErrorKind, Platform, Result};
use lms_http::{Method, Route, Safety};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::OpenEdx;
use crate::accounts::account;
use crate::wire::AccountBody;

/// A field of a site's registration form.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct RegistrationField {
    /// What it is called in [`lms_core::NewAccount::fields`].
    pub name: String,
    /// What people read beside it.
    #[serde(default)]
    pub label: String,
    /// `text`, `email`, `password`, `select`, `checkbox`, `plaintext`, `textarea`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Whether the site insists on it.
    #[serde(default)]
    pub required: bool,
    /// What may be chosen, where it is a choice.
    #[serde(default)]
    pub options: Vec<FieldOption>,
    /// Bounds such as `max_length`, as the platform writes them.
    #[serde(default)]
    pub restrictions: Map<String, Value>,
}

/// One of the values that a field takes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct FieldOption {
    /// The value to send.
    pub value: String,
    /// What people read.
    #[serde(default)]
    pub name: String,
}

#[derive(Deserialize)]
struct Form {
    fields: Vec<RegistrationField>,
}

#[derive(Deserialize)]
struct Suggestions {
    #[serde(default)]
    username_suggestions: Vec<String>,
}

impl OpenEdx {
    /// What the site asks of new accounts: each one chooses which of country, level of education, gender, year
    /// of birth and others it wants. Calls `GET /api/user/v1/account/registration/`; no account is needed.
    ///
    /// # Errors
    /// `PermissionDenied` where registration is closed, and what sending may bring.
    pub async fn registration_fields(&self) -> Result<Vec<RegistrationField>> {
        let form: Form = self
            .lms()
            .get("/api/user/v1/account/registration/")
            .operation("registration.fields")
            .anonymous()
            .send_json()
            .await?;
        Ok(form.fields)
    }

    /// Names that are free and like one that is taken; none where it is free or the release has no such
    /// thing. Calls `POST /api/user/v1/validation/registration`.
    ///
    /// # Errors
    /// What sending may bring.
    pub async fn username_suggestions(&self, wanted: &str) -> Result<Vec<String>> {
        let suggested: Suggestions = self
            .lms()
            .request(Method::Post, "/api/user/v1/validation/registration", Safety::Read)
            .operation("registration.validate")
            .anonymous()
            .sensitive()
            .form(&[("username", wanted)])
            .send_json()
            .await?;
        Ok(suggested.username_suggestions)
    }

    /// Changes fields of the own account, such as `name`, `country`, `level_of_education`; a null empties one.
    /// Calls `PATCH /api/user/v1/accounts/{username}` with a merge patch. A new e-mail address counts only when a
    /// mail has been answered. Nobody may change another's account, staff neither.
    ///
    /// # Errors
    /// `InvalidInput` with the complaint about each field.
    pub async fn update_account(&self, changes: Map<String, Value>) -> Result<Account> {
        const OPERATION: &str = "accounts.update";
        let username = self.username().await?;
        let body = serde_json::to_vec(&changes).map_err(|e| {
            Error::new(ErrorKind::InvalidInput, "the changes cannot be written")
                .at(Platform::OpenEdx, OPERATION)
                .with_source(e)
        })?;
        let body: AccountBody = self
            .lms()
            .request(
                Method::Patch,
                Route::new("/api/user/v1/accounts/{username}").id(&username),
                Safety::Repeatable,
            )
            .operation(OPERATION)
            .resource(&username)
            .body(body, "application/merge-patch+json")
            .send_json()
            .await?;
        Ok(account(body))
    }
}
