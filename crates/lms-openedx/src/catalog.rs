//! The list of courses with all its filters, and a course's page (reference openedx.md 3.1).

use lms_core::{CourseId, Cursor, Error, Paged, Platform, Result, Timestamp, UserId, unescape};
use lms_http::{RequestBuilder, Route};
use serde::Deserialize;

use crate::OpenEdx;
use crate::keys::CourseKey;
use crate::page::{date, namespaced};

/// Through whose eyes a list is seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Viewer {
    /// The signed-in account.
    #[default]
    Me,
    /// Somebody without an account.
    Anonymous,
    /// Another account; for global staff.
    User(UserId),
}

/// Which courses to list. Default is all that the signed-in account sees.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct CatalogQuery {
    /// Whose view it is.
    pub viewer: Viewer,
    /// Only courses of this organization; upper and lower case are the same.
    pub org: Option<String>,
    /// Words to look for, on sites that have course search; others ignore them.
    pub search: Option<String>,
    /// Only courses in which the viewer has all of these rights: `staff`, `instructor`.
    pub permissions: Vec<String>,
    /// Only these.
    pub courses: Vec<CourseId>,
    /// Only courses that have not ended.
    pub active_only: bool,
    /// Only courses for the app, or only others.
    pub mobile: Option<bool>,
    /// How many courses a page has: 1 to 100, which is also what `None` means.
    pub page_size: Option<u32>,
    /// Where to begin; `None` for the beginning.
    pub from: Option<Cursor>,
}

impl CatalogQuery {
    /// Those of an organization.
    pub fn of_org(org: impl Into<String>) -> Self {
        Self { org: Some(org.into()), ..Self::default() }
    }
}

/// The role of an account in a course's team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TeamRole {
    /// May edit, and see everybody's marks.
    Staff,
    /// May also change the team.
    Instructor,
}

impl TeamRole {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Instructor => "instructor",
        }
    }
}

/// A course as the catalogue shows it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CatalogCourse {
    /// Its key.
    pub id: CourseId,
    /// Its title, as plain text.
    pub title: String,
    /// The organization.
    pub org: String,
    /// The course number.
    pub number: String,
    /// A sentence or two.
    pub short_description: Option<String>,
    /// The page about it, HTML; only [`OpenEdx::course_detail`] has it.
    pub overview: Option<String>,
    /// How much work it is, in words.
    pub effort: Option<String>,
    /// When it begins.
    pub start: Option<Timestamp>,
    /// When it ends.
    pub end: Option<Timestamp>,
    /// From when one may enroll.
    pub enrollment_start: Option<Timestamp>,
    /// Until when one may enroll.
    pub enrollment_end: Option<Timestamp>,
    /// Whether learners go at their own pace.
    pub self_paced: bool,
    /// Whether it is left out of the public catalogue.
    pub hidden: bool,
    /// Whether nobody enrolls without being invited.
    pub invitation_only: bool,
    /// The address of its picture.
    pub image: Option<String>,
    /// Whether the viewer takes part; `None` where the platform does not say.
    pub enrolled: Option<bool>,
}

#[derive(Deserialize)]
struct Body {
    id: CourseId,
    name: String,
    #[serde(default)]
    org: String,
    #[serde(default)]
    number: String,
    short_description: Option<String>,
    overview: Option<String>,
    effort: Option<String>,
    start: Option<String>,
    end: Option<String>,
    enrollment_start: Option<String>,
    enrollment_end: Option<String>,
    #[serde(default)]
    pacing: String,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    invitation_only: bool,
    #[serde(default)]
    media: Option<Media>,
    is_enrolled: Option<bool>,
}

#[derive(Deserialize)]
struct Media {
    image: Option<Image>,
}

#[derive(Deserialize)]
struct Image {
    raw: Option<String>,
}

impl Body {
    fn course(self) -> Result<CatalogCourse> {
        let when = |text: &Option<String>| date(text.as_deref());
        Ok(CatalogCourse {
            title: unescape(&self.name),
            start: when(&self.start)?,
            end: when(&self.end)?,
            enrollment_start: when(&self.enrollment_start)?,
            enrollment_end: when(&self.enrollment_end)?,
            id: self.id,
            org: self.org,
            number: self.number,
            short_description: self.short_description.filter(|text| !text.is_empty()),
            overview: self.overview,
            effort: self.effort.filter(|text| !text.is_empty()),
            self_paced: self.pacing == "self",
            hidden: self.hidden,
            invitation_only: self.invitation_only,
            image: self.media.and_then(|media| media.image).and_then(|image| image.raw),
            enrolled: self.is_enrolled,
        })
    }
}

impl OpenEdx {
    /// The list of courses, with the filters that the platform has. Calls `GET /api/courses/v1/courses/`, page after
    /// page. The platform filters what may not be seen after it has cut its pages, so they are short or empty in the
    /// middle, and its count is an estimate.
    ///
    /// # Errors
    /// `InvalidInput` at once for a page size that is not 1 to 100 or a key that is none; when it is polled,
    /// `PermissionDenied` for another account's view without staff rights, `NotFound` for an unknown one.
    pub fn catalog(&self, query: CatalogQuery) -> Result<Paged<CatalogCourse>> {
        const OPERATION: &str = "courses.list";
        let CatalogQuery { viewer, org, search, permissions, courses, active_only, mobile, page_size, from } =
            query;
        let size = page_size.unwrap_or(100);
        if !(1..=100).contains(&size) {
            let error = Error::invalid("a page has 1 to 100 courses").at(Platform::OpenEdx, OPERATION);
            return Err(error.with_field("page_size", size.to_string()));
        }
        let mut filters: Vec<(&'static str, String)> = vec![("page_size", size.to_string())];
        for course in courses {
            CourseKey::parse(&course)?;
            filters.push(("course_keys", course.to_string()));
        }
        filters.extend(org.map(|org| ("org", org)));
        filters.extend(search.map(|words| ("search_term", words)));
        filters.extend(permissions.into_iter().map(|right| ("permissions", right)));
        filters.extend(active_only.then(|| ("active_only", "true".to_owned())));
        filters.extend(mobile.map(|mobile| ("mobile", mobile.to_string())));
        let site = self.clone();
        let first = move || {
            let (site, viewer, filters) = (site.clone(), viewer.clone(), filters.clone());
            async move {
                let request = site.lms().get("/api/courses/v1/courses/").operation(OPERATION);
                let request = site.seen_by(&viewer, request).await?;
                Ok(filters.iter().fold(request, |request, (name, value)| request.query(name, value)))
            }
        };
        Ok(namespaced().list(from, first).try_map(Body::course))
    }

    /// A course's page. Calls `GET /api/courses/v1/courses/{course}`.
    ///
    /// # Errors
    /// `InvalidInput` for what is no course key, unsent; `NotFound` where there is none, or the viewer may not see it.
    pub async fn course_detail(&self, course: &CourseId, viewer: &Viewer) -> Result<CatalogCourse> {
        CourseKey::parse(course)?;
        let route = Route::new("/api/courses/v1/courses/{course}").id(course);
        let request = self.lms().get(route).operation("courses.get").resource(course);
        self.seen_by(viewer, request).await?.send_json::<Body>().await?.course()
    }

    /// The courses in whose team the signed-in account is. Calls `GET /api/courses/v1/course_ids/?role=`.
    ///
    /// # Errors
    /// What sending may bring.
    pub fn courses_with_role(&self, role: TeamRole) -> Paged<CourseId> {
        let site = self.clone();
        namespaced().list(None, move || {
            let site = site.clone();
            async move {
                let request = site.lms().get("/api/courses/v1/course_ids/").query("role", role.name());
                Ok(request.query("username", site.username().await?).operation("courses.ids"))
            }
        })
    }

    async fn seen_by(&self, viewer: &Viewer, request: RequestBuilder) -> Result<RequestBuilder> {
        Ok(match viewer {
            Viewer::Me => request.query("username", self.username().await?),
            Viewer::User(user) => request.query("username", user),
            Viewer::Anonymous => request,
        })
    }
}
