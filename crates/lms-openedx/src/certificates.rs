//! What learners were given for a course.
//!
//! Path and fields are those of `CertificatesDetailView` in edx-platform's `certificates/apis/v0/views.py`.

use lms_core::{CourseId, ErrorKind, Result, Timestamp, UserId};
use lms_http::Route;
use serde::Deserialize;

use crate::OpenEdx;
use crate::keys::CourseKey;
use crate::page::date;

/// A certificate.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Certificate {
    /// Whose it is.
    pub user: UserId,
    /// For which course.
    pub course: CourseId,
    /// `honor`, `verified`, `professional`, …
    pub kind: String,
    /// `downloadable`, `generating`, `notpassing`, …
    pub status: String,
    /// Whether the status is that of somebody who passed.
    pub passing: bool,
    /// When it was made; `None` also where the platform writes a date that is not RFC 3339.
    pub created: Option<Timestamp>,
    /// The address of the document.
    pub url: Option<String>,
    /// The share of the course's mark, 0 to 1.
    pub share: Option<f64>,
}

#[derive(Deserialize)]
struct Body {
    username: String,
    course_id: String,
    certificate_type: String,
    status: String,
    #[serde(default)]
    is_passing: bool,
    #[serde(default)]
    created_date: Option<String>,
    #[serde(default)]
    download_url: Option<String>,
    /// A number written as text.
    #[serde(default)]
    grade: Option<String>,
}

impl OpenEdx {
    /// The certificate that a learner holds, if any. Calls
    /// `GET /api/certificates/v0/certificates/{user}/courses/{course}/`. `None` for oneself; others' are for staff. A
    /// restricted application needs the scope `certificates:read`.
    ///
    /// # Errors
    /// `InvalidInput` for what is no course key, unsent; `PermissionDenied`.
    pub async fn certificate(&self, course: &CourseId, user: Option<&UserId>) -> Result<Option<Certificate>> {
        CourseKey::parse(course)?;
        let user = match user {
            Some(user) => user.to_string(),
            None => self.username().await?,
        };
        let route = Route::new("/api/certificates/v0/certificates/{user}/courses/{course}/");
        let request = self.lms().get(route.id(user).id(course)).operation("certificates.get");
        let body: Body = match request.resource(course).send_json().await {
            Ok(body) => body,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(Certificate {
            user: body.username.into(),
            course: body.course_id.into(),
            kind: body.certificate_type,
            status: body.status,
            passing: body.is_passing,
            created: date(body.created_date.as_deref()).unwrap_or_default(),
            url: body.download_url.filter(|url| !url.is_empty()),
            share: body.grade.and_then(|grade| grade.parse().ok()),
        }))
    }
}
