//! Registering in courses, by the web form (reference inginious.md 6.3).

use async_trait::async_trait;
use lms_core::{
    CourseId, EnrollOptions, Enrollment, EnrollmentQuery, EnrollmentState, EnrollmentSupport, Enrollments,
    Error, ErrorKind, Paged, Platform, Result, Subject, Support, UserId,
};
use lms_http::{Method, Safety, path_segment};

use crate::Inginious;

#[async_trait]
impl Enrollments for Inginious {
    fn support(&self) -> EnrollmentSupport {
        EnrollmentSupport {
            list: Support::No,
            enroll_self: Support::Emulated,
            enroll_others: Support::No,
            unenroll_self: Support::Emulated,
            unenroll_others: Support::No,
        }
    }

    fn list(&self, _course: &CourseId, _query: EnrollmentQuery) -> Result<Paged<Enrollment>> {
        Err(Error::unsupported(Platform::Inginious, "enrollments.list"))
    }

    async fn enroll(&self, course: &CourseId, who: &Subject, options: &EnrollOptions) -> Result<Enrollment> {
        const OPERATION: &str = "enrollments.enroll";
        let EnrollOptions { mode, password } = options;
        if *who != Subject::Me || mode.is_some() {
            return Err(Error::unsupported(Platform::Inginious, OPERATION));
        }
        let user = UserId::new(self.session().username()?);
        let path = format!("/register/{}", path_segment(course.as_str()));
        let password = password.as_ref().map_or("", |password| password.expose());
        let page = self
            .session()
            .page(OPERATION, |client| {
                client
                    .request(Method::Post, &path, Safety::Repeatable)
                    .operation(OPERATION)
                    .resource(course)
                    .form(&[("register_password", password)])
                    .expect(&[302])
                    .sensitive()
            })
            .await?;
        // The form says “Invalid password.” whatever the reason, also to those who are in already.
        if !page.is_redirect() && !self.wire_course(course).await.is_ok_and(|course| course.is_registered) {
            let why = "the course refused: wrong password, closed, or the account is not on its list";
            return Err(Error::new(ErrorKind::PermissionDenied, why)
                .at(Platform::Inginious, OPERATION)
                .on(course));
        }
        Ok(Enrollment {
            course: course.clone(),
            user,
            state: EnrollmentState::Active,
            mode: None,
            since: None,
        })
    }

    async fn unenroll(&self, course: &CourseId, who: &Subject) -> Result<()> {
        const OPERATION: &str = "enrollments.unenroll";
        if *who != Subject::Me {
            return Err(Error::unsupported(Platform::Inginious, OPERATION));
        }
        let path = format!("/course/{}", path_segment(course.as_str()));
        let page = self
            .session()
            .page(OPERATION, |client| {
                client
                    .request(Method::Post, &path, Safety::Repeatable)
                    .operation(OPERATION)
                    .resource(course)
                    .form(&[("unregister", "")])
                    .expect(&[302])
            })
            .await?;
        if page.is_redirect() {
            return Ok(());
        }
        let why = "the course does not let its students leave";
        Err(Error::new(ErrorKind::PermissionDenied, why).at(Platform::Inginious, OPERATION).on(course))
    }
}
