//! Who takes part.

use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use futures::stream::{BoxStream, StreamExt};
use lms_core::{
    Batch, Changed, CourseId, EnrollOptions, Enrollee, Enrollment, EnrollmentQuery, EnrollmentState,
    EnrollmentSupport, Enrollments, Error, ErrorKind, Paged, Platform, Result, Secret, Subject, Support,
    UserId,
};
use lms_http::{Method, Route, Safety};

use crate::OpenEdx;
use crate::bulk::BulkAction;
use crate::many::IN_BULK;
use crate::page::{cursor, date};
use crate::wire::{Door, Enroll, EnrollCourse, EnrollmentBody};

const ENROLL: &str = "enrollments.enroll";
pub(crate) const PATH: &str = "/api/enrollment/v1/enrollment";

#[async_trait]
impl Enrollments for OpenEdx {
    fn support(&self) -> EnrollmentSupport {
        let by_session = if self.inner().sessions.is_some() { Support::Native } else { Support::No };
        EnrollmentSupport {
            list: Support::Native,
            enroll_self: Support::Native,
            enroll_others: Support::Native,
            unenroll_self: by_session,
            unenroll_others: Support::Native,
        }
    }

    /// Calls `GET /api/enrollment/v1/enrollments/?course_id=`, for global staff. Inactive ones are in it.
    fn list(&self, course: &CourseId, query: EnrollmentQuery) -> Result<Paged<Enrollment>> {
        let EnrollmentQuery { from } = query;
        let (site, course) = (self.clone(), course.clone());
        let first = move || {
            let request = site
                .lms()
                .get("/api/enrollment/v1/enrollments/")
                .operation("enrollments.list")
                .query("course_id", &course)
                .resource(&course);
            async move { Ok(request) }
        };
        Ok(cursor().list(from, first).try_map(enrollment))
    }

    /// Calls `POST /api/enrollment/v1/enrollment`; for others the caller must be staff. Enrolling twice
    /// answers the same (reference openedx.md 3.4), so a lost answer may be repeated.
    async fn enroll(&self, course: &CourseId, who: &Subject, options: &EnrollOptions) -> Result<Enrollment> {
        let EnrollOptions { mode, password } = options;
        let person = Enrollee { who: who.clone(), mode: mode.clone(), cohort: None };
        self.enroll_one(course, &person, password.as_ref()).await
    }

    /// For oneself the form `POST /change_enrollment`, since the interface does not let learners go; for
    /// others `POST …/enrollment` with `is_active` false and the mode that stands (reference openedx.md 3.4).
    async fn unenroll(&self, course: &CourseId, who: &Subject) -> Result<()> {
        const OPERATION: &str = "enrollments.unenroll";
        let user = match who {
            Subject::Me => {
                self.sessions(OPERATION)?
                    .lms
                    .request(Method::Post, "/change_enrollment", Safety::Repeatable)
                    .operation(OPERATION)
                    .resource(course)
                    .form(&[("course_id", course.as_str()), ("enrollment_action", "unenroll")])
                    .send()
                    .await?;
                return Ok(());
            }
            Subject::User(user) => user,
            Subject::Email(_) => {
                return Err(Error::unsupported(Platform::OpenEdx, "enrollments.unenroll by e-mail address"));
            }
        };
        let standing = self.standing(course, user, OPERATION).await?;
        let Some(standing) = standing.filter(|e| e.is_active) else {
            return Err(Error::new(ErrorKind::NotEnrolled, "the account is not enrolled")
                .at(Platform::OpenEdx, OPERATION)
                .on(user));
        };
        let body = Enroll {
            course_details: EnrollCourse { course_id: course.as_str() },
            user: Some(user.as_str()),
            email: None,
            mode: standing.mode.as_deref(),
            is_active: Some(false),
            cohort: None,
        };
        let answer: EnrollmentBody = self
            .lms()
            .request(Method::Post, PATH, Safety::Repeatable)
            .operation(OPERATION)
            .resource(user)
            .json(&body)
            .send_json()
            .await?;
        // For who is no staff, `is_active` false is a second enrollment, and a 200 (recorded: `leave`).
        if answer.is_active {
            let why = "the platform has left the account enrolled: it takes somebody out for staff only";
            return Err(Error::new(ErrorKind::PermissionDenied, why)
                .at(Platform::OpenEdx, OPERATION)
                .on(user));
        }
        Ok(())
    }

    fn enroll_batch(&self, with_mode: bool) -> Batch {
        if with_mode { Batch::one_by_one(ENROLL) } else { IN_BULK }
    }

    /// In bulk, a hundred in a request, as long as nobody is given a mode.
    fn enroll_many<'a>(
        &'a self,
        course: &'a CourseId,
        people: BoxStream<'a, Enrollee>,
    ) -> BoxStream<'a, Result<Changed>> {
        self.change_many(BulkAction::Enroll, course, people)
    }

    fn unenroll_batch(&self) -> Batch {
        IN_BULK
    }

    /// In bulk, a hundred in a request; an address that waits for its account is taken out too.
    fn unenroll_many<'a>(
        &'a self,
        course: &'a CourseId,
        people: BoxStream<'a, Subject>,
    ) -> BoxStream<'a, Result<Changed>> {
        self.change_many(BulkAction::Unenroll, course, people.map(Enrollee::new).boxed())
    }
}

impl OpenEdx {
    /// How an account stands. No enrollment is a 200 without a body (reference openedx.md 3.4).
    pub(crate) async fn standing(
        &self,
        course: &CourseId,
        user: &UserId,
        operation: &'static str,
    ) -> Result<Option<EnrollmentBody>> {
        let route = Route::new("/api/enrollment/v1/enrollment/{username},{course}").id(user).id(course);
        let text = self.lms().get(route).operation(operation).resource(user).send().await?.text().await?;
        match text.trim() {
            "" | "null" => Ok(None),
            body => serde_json::from_str(body).map(Some).map_err(|e| {
                Error::new(ErrorKind::Protocol, "the enrollment cannot be read")
                    .at(Platform::OpenEdx, operation)
                    .with_source(e)
            }),
        }
    }

    /// The single request, which takes a mode and a cohort.
    pub(crate) async fn enroll_one(
        &self,
        course: &CourseId,
        person: &Enrollee,
        password: Option<&Secret>,
    ) -> Result<Enrollment> {
        if password.is_some() {
            return Err(Error::unsupported(Platform::OpenEdx, "enrollments.enroll with a password"));
        }
        let Enrollee { who, mode, cohort } = person;
        let (user, email) = match who {
            Subject::Me => (None, None),
            Subject::User(user) => (Some(user.as_str()), None),
            Subject::Email(email) => (None, Some(email.as_str())),
        };
        let body = Enroll {
            course_details: EnrollCourse { course_id: course.as_str() },
            user,
            email,
            mode: mode.as_deref(),
            is_active: user.or(email).map(|_| true),
            cohort: cohort.as_deref(),
        };
        let answer: Result<EnrollmentBody> = self
            .lms()
            .request(Method::Post, PATH, Safety::Repeatable)
            .operation(ENROLL)
            .resource(course)
            .json(&body)
            .send_json()
            .await;
        match answer {
            Ok(answer) => enrollment(answer),
            Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::PermissionDenied) => {
                Err(self.why_not(course, person, error).await)
            }
            Err(error) => Err(error),
        }
    }

    /// The platform refuses an enrollment with one sentence for every reason (reference openedx.md 3.4). What it
    /// tells of the course, `GET /api/enrollment/v1/course/{course}`, shows the reason where it is a date or an
    /// invitation. That a course is full it tells nobody: that is what is left when neither mode nor cohort was asked for.
    async fn why_not(&self, course: &CourseId, person: &Enrollee, error: Error) -> Error {
        let door: Result<Door> = self
            .lms()
            .get(Route::new("/api/enrollment/v1/course/{course}").id(course))
            .operation("enrollments.course")
            .resource(course)
            .send_json()
            .await;
        let Ok(door) = door else { return error };
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|now| i64::try_from(now.as_secs()).ok());
        let passed = |text: &Option<String>| {
            let at = date(text.as_deref()).ok().flatten()?;
            Some(at.as_unix_seconds() <= now?)
        };
        let why = if door.invite_only {
            "the course is by invitation only".to_owned()
        } else if passed(&door.enrollment_start) == Some(false) {
            format!("enrollment begins on {}", door.enrollment_start.unwrap_or_default())
        } else if passed(&door.enrollment_end) == Some(true) {
            format!("enrollment ended on {}", door.enrollment_end.unwrap_or_default())
        } else if error.status() == Some(400) && person.mode.is_none() && person.cohort.is_none() {
            // Nothing that the platform tells forbids it; a full course looks so.
            "neither dates nor an invitation forbid it: the course is full, or the platform keeps its reason"
                .to_owned()
        } else {
            return error;
        };
        Error::new(ErrorKind::PermissionDenied, why)
            .at(Platform::OpenEdx, "enrollments.enroll")
            .on(course)
            .with_source(error)
    }
}

pub(crate) fn enrollment(body: EnrollmentBody) -> Result<Enrollment> {
    let EnrollmentBody { user, is_active, mode, created, course_id, course_details } = body;
    let course = course_id.or_else(|| course_details.map(|course| course.course_id)).ok_or_else(|| {
        Error::new(ErrorKind::Protocol, "an enrollment names no course").at(Platform::OpenEdx, "enrollments")
    })?;
    Ok(Enrollment {
        course: course.into(),
        user: user.into(),
        state: if is_active { EnrollmentState::Active } else { EnrollmentState::Inactive },
        mode,
        since: date(created.as_deref())?,
    })
}
