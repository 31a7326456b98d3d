//! The provider itself.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lms_core::{
    Accounts, Authoring, Courses, Enrollments, Grades, LmsProvider, Platform, ProviderInfo, Registration,
    RequestCount, Submissions, Tasks,
};
use lms_http::{Client, Session};
use url::Url;

use crate::auth::Clients;
use crate::convert::Site;
use crate::placement::{OwnLesson, SharedLessons};
use crate::tasks::Shown;

/// stepik.org, or another site that speaks its API. Cheap to clone.
#[derive(Clone)]
pub struct Stepik(Arc<Inner>);

struct Inner {
    clients: Clients,
    base: Url,
    site: Site,
    info: ProviderInfo,
    settings: Settings,
    memory: Mutex<Memory>,
}

/// What a [`crate::StepikBuilder`] was told, as far as it is no part of the clients.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) ready_timeout: Duration,
    pub(crate) longest_attachment: u64,
    pub(crate) shared_lessons: SharedLessons,
}

/// What is kept between calls, so that it is not asked again.
#[derive(Default)]
pub(crate) struct Memory {
    /// The account's id.
    pub(crate) me: Option<u64>,
    /// Languages of courses: lessons are created with that of their course.
    pub(crate) languages: HashMap<u64, String>,
    /// Steps written and not yet known to be ready, by course, with what they are called in errors.
    pub(crate) written: HashMap<u64, BTreeMap<u64, String>>,
    /// Quizzes as they were shown, by step: positions in an answer are theirs.
    pub(crate) shown: HashMap<u64, Shown>,
    /// Lessons that stand in one course only, so that they may be changed.
    pub(crate) own_lessons: HashMap<u64, OwnLesson>,
}

impl Stepik {
    pub(crate) fn new(clients: Clients, base: Url, settings: Settings) -> Self {
        let info = ProviderInfo { platform: Platform::Stepik, location: base.to_string() };
        let site = Site::new(base.clone());
        let memory = Mutex::default();
        Self(Arc::new(Inner { clients, base, site, info, settings, memory }))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.clients.own
    }

    /// A client without credential, in a session of its own.
    pub(crate) fn guest(&self) -> &Client {
        &self.0.clients.guest
    }

    pub(crate) fn base(&self) -> &Url {
        &self.0.base
    }

    pub(crate) fn site(&self) -> &Site {
        &self.0.site
    }

    pub(crate) fn ready_timeout(&self) -> Duration {
        self.0.settings.ready_timeout
    }

    pub(crate) fn longest_attachment(&self) -> u64 {
        self.0.settings.longest_attachment
    }

    pub(crate) fn shared_lessons(&self) -> SharedLessons {
        self.0.settings.shared_lessons
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Stepik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stepik").field("client", &self.0.clients.own).finish_non_exhaustive()
    }
}

impl LmsProvider for Stepik {
    fn info(&self) -> &ProviderInfo {
        &self.0.info
    }

    fn requests(&self) -> RequestCount {
        let Clients { own, guest, sessions } = &self.0.clients;
        let sent = [own.stats(), guest.stats()].into_iter().chain(sessions.iter().map(Session::stats));
        sent.fold(RequestCount::default(), |sum, sent| RequestCount {
            read: sum.read + sent.read,
            write: sum.write + sent.write,
        })
    }

    fn planned(&self, operation: &str, calls: u64) -> std::time::Duration {
        self.0.clients.own.planned(operation, calls)
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
