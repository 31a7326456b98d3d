//! Enrollments beyond those of one course: by account, across courses, modes, roles (reference openedx.md 3.1, 3.4).

use lms_core::{CourseId, Cursor, Enrollment, Error, Paged, Platform, Result, Timestamp, UserId};
use lms_http::Route;
use serde::Deserialize;

use crate::OpenEdx;
use crate::enrollments::{PATH, enrollment};
use crate::keys::CourseKey;
use crate::page::{cursor, date};
use crate::wire::EnrollmentBody;

/// Which enrollments to list. Without any filter it is all of the site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnrollmentFilter {
    /// In these courses.
    pub courses: Vec<CourseId>,
    /// Of these accounts, at most 100.
    pub users: Vec<UserId>,
    /// Of accounts with these addresses.
    pub emails: Vec<String>,
    /// Where to begin; `None` for the newest.
    pub from: Option<Cursor>,
}

/// A mode that a course can be taken in.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CourseMode {
    /// What it is called in an enrollment: `audit`, `verified`.
    pub slug: String,
    /// What people read.
    pub name: String,
    /// The least price, in whole units of the currency.
    pub min_price: f64,
    /// The currency: `usd`.
    pub currency: String,
    /// Until when it can be chosen.
    pub expires: Option<Timestamp>,
}

/// What an account may do in courses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Roles {
    /// Its places in teams.
    #[serde(default)]
    pub roles: Vec<CourseRole>,
    /// Whether it is global staff.
    #[serde(rename = "is_staff", default)]
    pub staff: bool,
}

/// A place in the team of a course, or of all courses of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct CourseRole {
    /// The organization.
    #[serde(default)]
    pub org: String,
    /// The course; empty where it is a role in the organization.
    #[serde(rename = "course_id", default)]
    pub course: String,
    /// `staff`, `instructor`, `beta_testers`, …
    pub role: String,
}

#[derive(Deserialize)]
struct Mode {
    #[serde(alias = "mode_slug")]
    slug: String,
    #[serde(alias = "mode_display_name", default)]
    name: String,
    #[serde(default)]
    min_price: f64,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    expiration_datetime: Option<String>,
}

#[derive(Deserialize)]
struct Offer {
    course_modes: Vec<Mode>,
}

impl OpenEdx {
    /// The courses that an account takes part in, the first first; active ones only. Calls
    /// `GET /api/enrollment/v1/enrollment?user=`. Who is not global staff sees of others what happens in courses of his
    /// own, which may be nothing.
    ///
    /// # Errors
    /// What sending may bring.
    pub async fn enrollments_of(&self, user: &UserId) -> Result<Vec<Enrollment>> {
        let request = self.lms().get(PATH).query("user", user).operation("enrollments.of").resource(user);
        let found: Vec<EnrollmentBody> = request.send_json().await?;
        found.into_iter().map(enrollment).collect()
    }

    /// How one account stands in a course; `None` where it never took part. Calls
    /// `GET /api/enrollment/v1/enrollment/{user},{course}`.
    ///
    /// # Errors
    /// `NotFound` for another's without staff rights; `InvalidInput` for an unknown course.
    pub async fn enrollment_of(&self, course: &CourseId, user: &UserId) -> Result<Option<Enrollment>> {
        CourseKey::parse(course)?;
        self.standing(course, user, "enrollments.get").await?.map(enrollment).transpose()
    }

    /// Enrollments across courses and accounts, the newest first, inactive ones too. Calls
    /// `GET /api/enrollment/v1/enrollments/`, 100 a page, for global staff.
    ///
    /// # Errors
    /// `InvalidInput` at once for a key that is none or more than 100 accounts; `PermissionDenied`.
    pub fn all_enrollments(&self, filter: EnrollmentFilter) -> Result<Paged<Enrollment>> {
        const OPERATION: &str = "enrollments.list";
        let EnrollmentFilter { courses, users, emails, from } = filter;
        courses.iter().try_for_each(|course| CourseKey::parse(course).map(drop))?;
        if users.len() > 100 {
            let error = Error::invalid("the platform takes at most 100 accounts at once");
            return Err(error.at(Platform::OpenEdx, OPERATION).with_field("users", users.len().to_string()));
        }
        let comma = |list: Vec<String>| list.join(",");
        let lists: [(&'static str, String); 3] = [
            ("course_ids", comma(courses.iter().map(ToString::to_string).collect())),
            ("username", comma(users.iter().map(ToString::to_string).collect())),
            ("email", comma(emails)),
        ];
        let site = self.clone();
        let first = move || {
            let request = site.lms().get("/api/enrollment/v1/enrollments/").operation(OPERATION);
            let given = lists.iter().filter(|(_, list)| !list.is_empty());
            let request = given.fold(request, |request, (name, list)| request.query(name, list));
            async move { Ok(request) }
        };
        Ok(cursor().list(from, first).try_map(enrollment))
    }

    /// The modes in which a course can be taken now. Calls `GET /api/enrollment/v1/course/{course}`, which needs no
    /// account.
    ///
    /// # Errors
    /// `InvalidInput` for an unknown course, as the platform has it.
    pub async fn course_modes(&self, course: &CourseId) -> Result<Vec<CourseMode>> {
        CourseKey::parse(course)?;
        let route = Route::new("/api/enrollment/v1/course/{course}").id(course);
        let request = self.lms().get(route).operation("enrollments.course").resource(course);
        let offer: Offer = request.send_json().await?;
        let mode = |mode: Mode| {
            Ok(CourseMode {
                expires: date(mode.expiration_datetime.as_deref())?,
                slug: mode.slug,
                name: mode.name,
                min_price: mode.min_price,
                currency: mode.currency,
            })
        };
        offer.course_modes.into_iter().map(mode).collect()
    }

    /// What the signed-in account may do, in one course or in all. Calls `GET /api/enrollment/v1/roles/`.
    ///
    /// # Errors
    /// What sending may bring.
    pub async fn roles(&self, course: Option<&CourseId>) -> Result<Roles> {
        let mut request = self.lms().get("/api/enrollment/v1/roles/").operation("enrollments.roles");
        if let Some(course) = course {
            CourseKey::parse(course)?;
            request = request.query("course_id", course).resource(course);
        }
        request.send_json().await
    }
}
