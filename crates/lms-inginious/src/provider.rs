//! The provider itself.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lms_core::{
    Accounts, Authoring, Courses, Enrollments, Error, ErrorKind, Grades, LmsProvider, Platform, ProviderInfo,
    Registration, RequestCount, Result, Secret, Submissions, TaskRef, Tasks, Timestamp,
};
use lms_http::{Client, ClientBuilder, StaticToken};
use url::Url;

use crate::upload::Uploads;
use crate::{SubmitBy, UploadBy};

/// A site that runs INGInious, by its REST API and its web pages. Cheap to clone.
///
/// Administrators of a course read and write its files, by WebDAV: everything is there, keys included. Everybody
/// else reads a course as the API shows it: without keys, order, sections and settings, which the findings say.
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
    /// Begins a client with the provider's options, for another place of the same site.
    pub(crate) other: Box<dyn Fn(Url) -> ClientBuilder + Send + Sync>,
    pub(crate) webdav: Option<Url>,
    pub(crate) username: Option<String>,
    pub(crate) submit_by: SubmitBy,
    pub(crate) upload_by: UploadBy,
    /// Of the server's clock from UTC, `+02:00`.
    pub(crate) offset: String,
}

struct Inner {
    parts: Parts,
    info: ProviderInfo,
    /// Tasks whose page has no random numbers, so that it need not be opened before each answer.
    without_random: Mutex<HashSet<TaskRef>>,
    uploads: Uploads,
    /// By address and key, so that they share connections and are counted.
    files: Mutex<HashMap<(Url, String), Client>>,
}

impl Inginious {
    pub(crate) fn new(parts: Parts) -> Self {
        let info = ProviderInfo { platform: Platform::Inginious, location: parts.base.to_string() };
        Self(Arc::new(Inner {
            parts,
            info,
            without_random: Mutex::default(),
            uploads: Uploads::default(),
            files: Mutex::default(),
        }))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.parts.client
    }

    pub(crate) fn guest(&self) -> &Client {
        &self.0.parts.guest
    }

    /// A client for the files of courses, which is not signed in but has a key.
    pub(crate) fn files_client(&self, base: Url, username: &str, key: &Secret) -> Result<Client> {
        let pair = STANDARD.encode(format!("{username}:{}", key.expose()));
        let mut known = self.0.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = known.get(&(base.clone(), pair.clone())) {
            return Ok(client.clone());
        }
        let credential = Arc::new(StaticToken::new("Basic", pair.clone()));
        let client = (self.0.parts.other)(base.clone()).credential(credential).build()?;
        known.insert((base, pair), client.clone());
        Ok(client)
    }

    /// Where files are written, if it was configured.
    pub(crate) fn webdav_url(&self) -> Option<&Url> {
        self.0.parts.webdav.as_ref()
    }

    pub(crate) fn uploads(&self) -> &Uploads {
        &self.0.uploads
    }

    pub(crate) fn submit_by(&self) -> SubmitBy {
        self.0.parts.submit_by
    }

    pub(crate) fn upload_by(&self) -> UploadBy {
        self.0.parts.upload_by
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

    /// The path on its server that the site is below; empty where it is the whole server.
    pub(crate) fn root(&self) -> &str {
        self.0.parts.base.path().trim_end_matches('/')
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
        let files = self.0.files.lock().unwrap_or_else(PoisonError::into_inner);
        let clients = [self.client(), self.guest()].into_iter().chain(files.values());
        clients.map(Client::stats).fold(RequestCount::default(), |sum, more| RequestCount {
            read: sum.read + more.read,
            write: sum.write + more.write,
        })
    }

    fn planned(&self, operation: &str, calls: u64) -> std::time::Duration {
        self.client().planned(operation, calls)
    }

    fn courses(&self) -> Option<&dyn Courses> {
        Some(self)
    }

    fn authoring(&self) -> Option<&dyn Authoring> {
        Some(self)
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
