//! Accounts, enrollments, grades.

use serde::{Deserialize, Serialize};

use crate::{CourseId, Secret, Timestamp, UserId};

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The account that is signed in.
    Me,
    /// An account by its id or user name.
    User(UserId),
    /// An account by its e-mail address.
    Email(String),
}

impl Subject {
    /// The person as it was given: the id or the address; `me` for the account that is signed in.
    pub fn given(&self) -> UserId {
        match self {
            Self::Me => UserId::from("me"),
            Self::User(user) => user.clone(),
            Self::Email(email) => UserId::from(email.as_str()),
        }
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id, as the platform's interface takes it.
    pub id: UserId,
    /// The user name, where it is not the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The name of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address, where the caller may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// Whether an enrollment counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrollmentState {
    /// The account takes part.
    Active,
    /// It did, and left.
    Inactive,
    /// It will, once the person has an account.
    Pending,
}

/// An account in a course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrollment {
    /// The course.
    pub course: CourseId,
    /// The account.
    pub user: UserId,
    /// Whether it counts.
    pub state: EnrollmentState,
    /// The platform's mode or role: `audit`, `honor`, `learner`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// What is needed to open an account. Fields that the platform does not have are refused, not ignored.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The user name; `None` where the platform makes one of the address.
    pub username: Option<String>,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: Secret,
    /// The name of the person.
    pub name: String,
    /// Whether the person accepted the site's terms.
    pub accepted_terms: bool,
    /// Native fields by name: `country`, `level_of_education`.
    pub fields: Vec<(String, String)>,
}

/// What came of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Registered {
    /// The account can be used.
    Active(Account),
    /// A person must still follow a link in an e-mail. This is a success.
    AwaitingActivation(Account),
}

/// What a learner has reached in a course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grade {
    /// Whose it is.
    pub user: UserId,
    /// The share of the whole, 0 to 1.
    pub share: f64,
    /// Points, where the platform counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<f64>,
    /// The mark's name: `Pass`, `A`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<String>,
    /// Whether it is enough, where the platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<bool>,
}
