//! The provider itself.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lms_core::{
    Accounts, Authoring, Courses, Enrollments, Error, ErrorKind, Grades, LmsProvider, Platform, ProviderInfo,
    Registration, RequestCount, Result, Submissions, TaskRef, Tasks, Timestamp,
};
use lms_http::Client;
use url::Url;

use crate::SubmitBy;

/// A site that runs INGInious, by its REST API and its web pages. Cheap to clone.
///
/// Courses are read as the API shows them: without keys, order, sections and settings, which the
/// findings say. Courses are written, and read in full, as folders, with [`crate::FolderCourse`].
///
/// # How things map
/// * A task is a step; its text is a block with the task's id, its problems are blocks `TASK/PROBLEM`.
///   In [`lms_core::Task`], parts are named by the problem alone; answers may use either name.
/// * A file's id is its path in the course folder, `TASK/public/figure.svg`.
/// * The user name is the id of an account. Other accounts are known by it only, never by address.
///
/// # Sessions
/// The account is signed in before the first request, once for all that wait, and anew when the
/// platform has forgotten the session. There is no token (reference inginious.md 1, fact 1).
///
/// # Pages
/// Registering in courses, rosters, opening accounts and, by default, answering tasks go through forms
/// of web pages, since the API has nothing for them or does it badly ([`SubmitBy`]). Their texts are
/// translated, so that refusals are told apart by their structure where possible.
#[derive(Clone)]
pub struct Inginious(Arc<Inner>);

/// What a provider is made of.
pub(crate) struct Parts {
    pub(crate) client: Client,
    /// Without credential, in a session of its own.
    pub(crate) guest: Client,
    pub(crate) base: Url,
    pub(crate) username: Option<String>,
    pub(crate) submit_by: SubmitBy,
    /// Of the server's clock from UTC, `+02:00`.
    pub(crate) offset: String,
}

struct Inner {
    parts: Parts,
    info: ProviderInfo,
    /// Tasks whose page has no random numbers, so that it need not be opened before each answer.
    without_random: Mutex<HashSet<TaskRef>>,
}

impl Inginious {
    pub(crate) fn new(parts: Parts) -> Self {
        let info = ProviderInfo { platform: Platform::Inginious, location: parts.base.to_string() };
        Self(Arc::new(Inner { parts, info, without_random: Mutex::default() }))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.parts.client
    }

    pub(crate) fn guest(&self) -> &Client {
        &self.0.parts.guest
    }

    pub(crate) fn submit_by(&self) -> SubmitBy {
        self.0.parts.submit_by
    }

    /// The user name, which is also the account's id.
    pub(crate) fn username(&self, operation: &'static str) -> Result<&str> {
        self.0.parts.username.as_deref().ok_or_else(|| {
            Error::new(ErrorKind::Unauthenticated, "no user name is configured")
                .at(Platform::Inginious, operation)
        })
    }

    /// An address below the root of the site.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.0.parts.base.as_str().trim_end_matches('/'))
    }

    /// A date of the platform; without zone up to 0.9, RFC 3339 after (reference inginious.md 12).
    pub(crate) fn time(&self, text: &str) -> Option<Timestamp> {
        let text = text.trim().replacen(' ', "T", 1);
        text.parse().or_else(|_| format!("{text}{}", self.0.parts.offset).parse()).ok()
    }

    pub(crate) fn without_random(&self) -> MutexGuard<'_, HashSet<TaskRef>> {
        self.0.without_random.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Inginious {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inginious").field("client", &self.0.parts.client).finish_non_exhaustive()
    }
}

impl LmsProvider for Inginious {
    fn info(&self) -> &ProviderInfo {
        &self.0.info
    }

    fn requests(&self) -> RequestCount {
        let (own, guest) = (self.client().stats(), self.guest().stats());
        RequestCount { read: own.read + guest.read, write: own.write + guest.write }
    }

    fn planned(&self, operation: &str, calls: u64) -> std::time::Duration {
        self.client().planned(operation, calls)
    }

    fn courses(&self) -> Option<&dyn Courses> {
        Some(self)
    }

    fn authoring(&self) -> Option<&dyn Authoring> {
        None
    }

    fn enrollments(&self) -> Option<&dyn Enrollments> {
        Some(self)
    }

    fn registration(&self) -> Option<&dyn Registration> {
        Some(self)
    }

    fn accounts(&self) -> Option<&dyn Accounts> {
        Some(self)
    }

    fn tasks(&self) -> Option<&dyn Tasks> {
        Some(self)
    }

    fn submissions(&self) -> Option<&dyn Submissions> {
        Some(self)
    }

    fn grades(&self) -> Option<&dyn Grades> {
        Some(self)
    }
}
