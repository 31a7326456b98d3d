//! Registering in a course and leaving it, by the forms of its pages (reference inginious.md 6.3).

use async_trait::async_trait;
use lms_core::{
    CourseId, EnrollOptions, Enrollment, EnrollmentQuery, EnrollmentState, EnrollmentSupport, Enrollments,
    Error, ErrorKind, Paged, Platform, Result, Subject, Support,
};
use lms_http::{Method, Safety, path_segment};

use crate::Inginious;
use crate::page::Page;

const ENROLL: &str = "enrollments.enroll";
const UNENROLL: &str = "enrollments.unenroll";

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

    /// `POST /register/COURSE`; a redirect is a yes. A no looks alike for every cause, so that further
    /// pages are looked at.
    async fn enroll(&self, course: &CourseId, who: &Subject, options: &EnrollOptions) -> Result<Enrollment> {
        let EnrollOptions { mode, password } = options;
        if mode.is_some() {
            return Err(Error::unsupported(Platform::Inginious, "enrollments.enroll with a mode"));
        }
        let user = self.only_me(who, "enrollments.enroll of others")?;
        let path = format!("/register/{}", path_segment(course.as_str()));
        let fields: Vec<(&str, &str)> =
            password.iter().map(|password| ("register_password", password.expose())).collect();
        let answer = self
            .client()
            .request(Method::Post, &path, Safety::Repeatable)
            .operation(ENROLL)
            .resource(format!("course {course}"))
            .form(&fields)
            .expect(&[302])
            .send()
            .await?;
        if answer.status() != 302 {
            let said = alert(&answer.text().await?);
            if !self.registered(ENROLL).await?.contains(course.as_str()) {
                return Err(self.why_not(course, &path, said).await?);
            }
        }
        Ok(Enrollment {
            course: course.clone(),
            user: user.into(),
            state: EnrollmentState::Active,
            mode: None,
            since: None,
        })
    }

    /// `POST /course/COURSE` with `unregister`. What was sent in stays.
    async fn unenroll(&self, course: &CourseId, who: &Subject) -> Result<()> {
        self.only_me(who, "enrollments.unenroll of others")?;
        let answer = self
            .client()
            .request(Method::Post, &format!("/course/{}", path_segment(course.as_str())), Safety::Repeatable)
            .operation(UNENROLL)
            .resource(format!("course {course}"))
            .form(&[("unregister", "")])
            .expect(&[302])
            .send()
            .await?;
        // A course that lets nobody leave shows itself, and nothing happens.
        if answer.status() != 302 && self.registered(UNENROLL).await?.contains(course.as_str()) {
            return Err(Error::new(
                ErrorKind::PermissionDenied,
                "the course does not let its learners leave",
            )
            .at(Platform::Inginious, UNENROLL)
            .on(format!("course {course}")));
        }
        Ok(())
    }
}

impl Inginious {
    /// The account's name, if it is meant.
    fn only_me(&self, who: &Subject, what: &'static str) -> Result<&str> {
        let me = self.username(what)?;
        match who {
            Subject::Me => Ok(me),
            Subject::User(user) if user.as_str() == me => Ok(me),
            Subject::User(_) | Subject::Email(_) => Err(Error::unsupported(Platform::Inginious, what)),
        }
    }

    /// `GET /register/COURSE` shows the form to those who may register, and to nobody else.
    async fn why_not(&self, course: &CourseId, path: &str, said: Option<String>) -> Result<Error> {
        let form = self
            .client()
            .get(path)
            .operation(ENROLL)
            .resource(format!("course {course}"))
            .expect(&[302])
            .send()
            .await?;
        let error = if form.status() == 200 {
            let said = said.unwrap_or_else(|| "the password is wrong".to_owned());
            Error::new(ErrorKind::PermissionDenied, "the course asks for its password")
                .with_field("password", said)
        } else {
            Error::new(ErrorKind::PermissionDenied, "the account may not register in this course")
        };
        Ok(error.at(Platform::Inginious, ENROLL).on(format!("course {course}")))
    }
}

/// What the page complains of.
fn alert(html: &str) -> Option<String> {
    Page::parse(html).alert("danger")
}
