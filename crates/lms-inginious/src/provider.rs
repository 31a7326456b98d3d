//! The provider itself.

use std::fmt;
use std::sync::Arc;

use lms_core::{
    Accounts, Authoring, Courses, Enrollments, Grades, LmsProvider, Platform, ProviderInfo, Registration,
    RequestCount, Secret, Submissions, Tasks,
};
use lms_http::Client;
use url::Url;

use crate::auth::Session;
use crate::builder::SubmitBy;

/// An INGInious site, 0.8 or 0.9. Cheap to clone; all clones share one session.
///
/// The site's API gives tasks without their answers, weights, dates and sections. Courses are
/// written as folders ([`crate::FolderCourse`]), which the operator or WebDAV brings to the site.
#[derive(Clone)]
pub struct Inginious(Arc<Inner>);

struct Inner {
    session: Session,
    guest: Client,
    submit: SubmitBy,
    info: ProviderInfo,
}

impl Inginious {
    pub(crate) fn new(
        client: Client,
        guest: Client,
        url: Url,
        login: Option<(String, Secret)>,
        submit: SubmitBy,
    ) -> Self {
        let info = ProviderInfo { platform: Platform::Inginious, location: url.to_string() };
        Self(Arc::new(Inner { session: Session::new(client, login), guest, submit, info }))
    }

    pub(crate) fn session(&self) -> &Session {
        &self.0.session
    }

    /// A client in a session that never signs in.
    pub(crate) fn guest(&self) -> &Client {
        &self.0.guest
    }

    pub(crate) fn submit_by(&self) -> SubmitBy {
        self.0.submit
    }
}

impl fmt::Debug for Inginious {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inginious").field("info", &self.0.info).finish_non_exhaustive()
    }
}

impl LmsProvider for Inginious {
    fn info(&self) -> &ProviderInfo {
        &self.0.info
    }

    fn requests(&self) -> RequestCount {
        let (own, guest) = (self.0.session.client().stats(), self.0.guest.stats());
        RequestCount { read: own.read + guest.read, write: own.write + guest.write }
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
