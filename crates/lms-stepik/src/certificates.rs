//! What learners were given for a course (reference stepik.md 3.18).

use lms_core::{CourseId, Cursor, Paged, Result, Timestamp, UserId};

use crate::Stepik;
use crate::objects::number;
use crate::wire;

/// Which certificates to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateQuery {
    /// Of this user.
    pub user: Option<UserId>,
    /// For this course.
    pub course: Option<CourseId>,
    /// Where to begin; `None` for the beginning.
    pub from: Option<Cursor>,
}

impl CertificateQuery {
    /// Those of a user.
    pub fn of(user: impl Into<UserId>) -> Self {
        Self { user: Some(user.into()), ..Self::default() }
    }

    /// Those for a course.
    pub fn for_course(course: impl Into<CourseId>) -> Self {
        Self { course: Some(course.into()), ..Self::default() }
    }
}

/// A certificate.
#[derive(Debug, Clone, PartialEq)]
pub struct Certificate {
    /// Its id.
    pub id: u64,
    /// Whose it is.
    pub user: UserId,
    /// For which course.
    pub course: CourseId,
    /// When it was given.
    pub issued: Option<Timestamp>,
    /// The mark on it, in percent, where it has one.
    pub grade: Option<f64>,
    /// Whether it is one with distinction.
    pub distinction: bool,
    /// The address of the document.
    pub url: Option<String>,
    /// Whether everybody may see it.
    pub public: bool,
    /// The name on it, where it was set.
    pub name: Option<String>,
}

impl From<wire::Certificate> for Certificate {
    fn from(native: wire::Certificate) -> Self {
        Self {
            id: native.id,
            user: native.user.into(),
            course: native.course.into(),
            issued: native.issue_date.and_then(|at| at.parse().ok()),
            grade: native.grade,
            distinction: native.kind == "distinction",
            url: native.url.filter(|url| !url.is_empty()),
            public: native.is_public,
            name: native.saved_fullname.filter(|name| !name.is_empty()),
        }
    }
}

impl Stepik {
    /// Certificates. Calls `GET /api/certificates`.
    ///
    /// # Errors
    /// `InvalidInput` at once for an id that is no number.
    pub fn certificates(&self, query: CertificateQuery) -> Result<Paged<Certificate>> {
        let CertificateQuery { user, course, from } = query;
        let mut filters = Vec::new();
        if let Some(user) = user {
            filters.push(("user", number(user.as_str(), "user")?.to_string()));
        }
        if let Some(course) = course {
            filters.push(("course", number(course.as_str(), "course")?.to_string()));
        }
        let listed = self.listing("certificates.list", "certificates", filters, from);
        Ok(listed.try_map(|native: wire::Certificate| Ok(native.into())))
    }
}
