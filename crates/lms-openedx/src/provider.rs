//! The connected site.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use lms_core::{
    Accounts, Authoring, CourseId, Courses, Enrollments, Error, ErrorKind, Grades, LmsProvider, Platform,
    ProviderInfo, Registration, RequestCount, Result, Submissions, Tasks,
};
use lms_http::{Client, HttpOptions, Rhythm};
use tokio::sync::{Mutex, OnceCell};

use crate::OlxArchive;
use crate::check::CheckOptions;
use crate::live::Orders;
use crate::options::WriteBy;
use crate::session::Sessions;

/// How Studio is asked whether an export or an import is done.
pub(crate) const STUDIO: Rhythm =
    Rhythm { first: Duration::from_millis(100), growth: 2.0, longest: Duration::from_secs(5) };

/// An Open edX site: its LMS and, where it is configured, its Studio. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OpenEdx(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    info: ProviderInfo,
    lms: Client,
    studio: Option<Client>,
    pub(crate) sessions: Option<Sessions>,
    pub(crate) org: String,
    pub(crate) check: CheckOptions,
    pub(crate) write: WriteBy,
    /// For files on other hosts.
    pub(crate) elsewhere: HttpOptions,
    pub(crate) username: OnceCell<String>,
    /// Exports that were downloaded, by course, so that files are read from what the structure came from.
    pub(crate) exports: Mutex<HashMap<CourseId, Arc<Export>>>,
    /// Courses under way to the platform.
    pub(crate) staged: Mutex<HashMap<CourseId, Arc<Staged>>>,
    /// Where nodes of courses stand that are written into.
    pub(crate) orders: Mutex<Orders>,
}

/// How a view of Studio is reached.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way<'a> {
    /// In a session, at the address for browsers.
    Session(&'a Client),
    /// With a token, at the address for programs.
    Token(&'a Client),
}

/// An export on disk; its folder goes when it is dropped.
#[derive(Debug)]
pub(crate) struct Export {
    pub(crate) archive: OlxArchive,
    /// The archive lies there as [`Staged::FILE`].
    pub(crate) folder: tempfile::TempDir,
}

/// An archive that is being written.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(crate) archive: OlxArchive,
    pub(crate) inner: CourseId,
    /// It lies there as [`Staged::FILE`]; a course that was there before also as it was, as [`Staged::BEFORE`].
    pub(crate) folder: tempfile::TempDir,
}

impl Staged {
    pub(crate) const FILE: &str = "course.tar.gz";
    pub(crate) const BEFORE: &str = "before.tar.gz";
}

impl OpenEdx {
    pub(crate) fn connect(
        lms: Client,
        studio: Option<Client>,
        sessions: Option<Sessions>,
        org: String,
        (check, write): (CheckOptions, WriteBy),
        elsewhere: HttpOptions,
    ) -> Self {
        let location = lms.base_url().as_str().trim_end_matches('/').to_owned();
        Self(Arc::new(Inner {
            info: ProviderInfo { platform: Platform::OpenEdx, location },
            lms,
            studio,
            sessions,
            org,
            check,
            write,
            elsewhere,
            username: OnceCell::new(),
            exports: Mutex::default(),
            staged: Mutex::default(),
            orders: Mutex::default(),
        }))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(crate) fn lms(&self) -> &Client {
        &self.0.lms
    }

    pub(crate) fn studio(&self) -> Result<&Client> {
        self.0.studio.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Config, "studio_url is not configured").at(Platform::OpenEdx, "studio")
        })
    }

    /// The sessions, for what no token opens.
    pub(crate) fn sessions(&self, operation: &'static str) -> Result<&Sessions> {
        self.0.sessions.as_ref().ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                "this needs the account's username and password: the platform takes no token for it",
            )
            .at(Platform::OpenEdx, operation)
        })
    }

    /// Studio in a session.
    pub(crate) fn studio_session(&self, operation: &'static str) -> Result<&Client> {
        self.sessions(operation)?.studio.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Config, "studio_url is not configured").at(Platform::OpenEdx, operation)
        })
    }

    /// Studio's way for views that have an address for browsers and one for tokens. The one for browsers is in every
    /// release, the other since about Quince (reference openedx.md 3.15): with name and password a session is used,
    /// else the token.
    pub(crate) fn studio_way(&self, operation: &'static str) -> Result<Way<'_>> {
        match &self.0.sessions {
            Some(_) => Ok(Way::Session(self.studio_session(operation)?)),
            None => Ok(Way::Token(self.studio()?)),
        }
    }

    /// The name of the account that is signed in. Calls `GET /api/user/v1/me` once.
    pub(crate) async fn username(&self) -> Result<String> {
        let name = self
            .0
            .username
            .get_or_try_init(|| async {
                let me: crate::wire::Me =
                    self.lms().get("/api/user/v1/me").operation("accounts.me").send_json().await?;
                Ok::<_, Error>(me.username)
            })
            .await?;
        Ok(name.clone())
    }
}

impl LmsProvider for OpenEdx {
    fn info(&self) -> &ProviderInfo {
        &self.0.info
    }

    fn requests(&self) -> RequestCount {
        let mut count = RequestCount { read: self.0.lms.stats().read, write: self.0.lms.stats().write };
        if let Some(studio) = &self.0.studio {
            count.read += studio.stats().read;
            count.write += studio.stats().write;
        }
        if let Some(sessions) = &self.0.sessions {
            let (read, write) = sessions.requests();
            count.read += read;
            count.write += write;
        }
        count
    }

    fn planned(&self, operation: &str, calls: u64) -> Duration {
        self.0.lms.planned(operation, calls)
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
