//! Registering in a course and leaving it, by the forms of its pages (reference inginious.md 6.3, 6.8).

use async_trait::async_trait;
use futures::stream::BoxStream;
use lms_core::{
    Changed, CourseId, EnrollOptions, Enrollee, Enrollment, EnrollmentQuery, EnrollmentState,
    EnrollmentSupport, Enrollments, Error, ErrorKind, Page as Listed, Paged, Platform, Result, Subject,
    Support, UserId,
};
use lms_http::{Method, Route, Safety};

use crate::Inginious;
use crate::page::Page;

const ENROLL: &str = "enrollments.enroll";
const UNENROLL: &str = "enrollments.unenroll";

#[async_trait]
impl Enrollments for Inginious {
    fn support(&self) -> EnrollmentSupport {
        EnrollmentSupport {
            list: Support::Emulated,
            enroll_self: Support::Emulated,
            enroll_others: Support::Emulated,
            unenroll_self: Support::Emulated,
            unenroll_others: Support::Emulated,
        }
    }

    /// Two requests, for the staff of the course, who are listed too: [`Enrollment::mode`] says `student`, `tutor` or
    /// `administrator`; where a tutor asks, who is not told more, `student` or `staff`.
    fn list(&self, course: &CourseId, query: EnrollmentQuery) -> Result<Paged<Enrollment>> {
        let EnrollmentQuery { from } = query;
        if from.is_some() {
            return Err(Error::unsupported(Platform::Inginious, "enrollments.list from a cursor"));
        }
        let (this, course) = (self.clone(), course.clone());
        Ok(Paged::new(None, move |_| {
            let (this, course) = (this.clone(), course.clone());
            async move {
                let people = this.roles("enrollments.list", &course).await?;
                let listed = people.into_iter().map(|(name, role)| Enrollment {
                    mode: Some(role.name().to_owned()),
                    ..active(&course, name)
                });
                Ok(Listed::last(listed.collect()))
            }
        }))
    }

    /// `POST /register/COURSE`; a redirect is a yes. A no looks alike for every cause, so that further
    /// pages are looked at.
    ///
    /// Others are registered by the staff of the course, whatever its doors say: `POST
    /// /admin/COURSE/students`, and the list again, since the page does not say what came of it.
    async fn enroll(&self, course: &CourseId, who: &Subject, options: &EnrollOptions) -> Result<Enrollment> {
        let EnrollOptions { mode, password } = options;
        if mode.is_some() {
            return Err(Error::unsupported(Platform::Inginious, "enrollments.enroll with a mode"));
        }
        if let Some(other) = self.other(who, "enrollments.enroll by e-mail address")? {
            if password.is_some() {
                return Err(Error::unsupported(
                    Platform::Inginious,
                    "enrollments.enroll of others with a password",
                ));
            }
            return self.enroll_other(course, other).await;
        }
        let me = self.username(ENROLL)?;
        let form = Route::new("/register/{course}").id(course);
        let fields: Vec<(&str, &str)> =
            password.iter().map(|password| ("register_password", password.expose())).collect();
        let answer = self
            .client()
            .request(Method::Post, form.clone(), Safety::Repeatable)
            .operation(ENROLL)
            .resource(format!("course {course}"))
            .form(&fields)
            .expect(&[302])
            .send()
            .await?;
        if answer.status() != 302 {
            let said = alert(&answer.text().await?);
            if !self.registered(ENROLL).await?.contains(course.as_str()) {
                return Err(self.why_not(course, form, said).await?);
            }
        }
        Ok(active(course, me))
    }

    /// `POST /course/COURSE` with `unregister`. What was sent in stays.
    async fn unenroll(&self, course: &CourseId, who: &Subject) -> Result<()> {
        if let Some(other) = self.other(who, "enrollments.unenroll by e-mail address")? {
            let form = [("remove_student", ""), ("type", "single"), ("username", other.as_str())];
            return self.change_people(UNENROLL, course, &form).await;
        }
        let answer = self
            .client()
            .request(Method::Post, Route::new("/course/{course}").id(course), Safety::Repeatable)
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

    fn enroll_many<'a>(
        &'a self,
        course: &'a CourseId,
        people: BoxStream<'a, Enrollee>,
    ) -> BoxStream<'a, Result<Changed>> {
        self.register_students(course, people)
    }

    fn unenroll_many<'a>(
        &'a self,
        course: &'a CourseId,
        people: BoxStream<'a, Subject>,
    ) -> BoxStream<'a, Result<Changed>> {
        self.remove_students(course, people)
    }
}

impl Inginious {
    /// Who is meant, if not the account itself. The platform knows people by user name only.
    pub(crate) fn other<'s>(&self, who: &'s Subject, what: &'static str) -> Result<Option<&'s UserId>> {
        match who {
            Subject::Me => Ok(None),
            Subject::User(user) => {
                Ok(Some(user).filter(|user| self.username(what).ok() != Some(user.as_str())))
            }
            Subject::Email(_) => Err(Error::unsupported(Platform::Inginious, what)),
        }
    }

    async fn enroll_other(&self, course: &CourseId, user: &UserId) -> Result<Enrollment> {
        self.change_people(ENROLL, course, &[("register_student", ""), ("username", user.as_str())]).await?;
        let people = self.people(ENROLL, course).await?;
        if people.iter().all(|person| person.username != user.as_str()) {
            return Err(Error::new(ErrorKind::NotFound, "the site has no such account")
                .at(Platform::Inginious, ENROLL)
                .on(format!("account {user}")));
        }
        Ok(active(course, user.as_str()))
    }

    /// `GET /register/COURSE` shows the form to those who may register, and to nobody else.
    async fn why_not(&self, course: &CourseId, form: Route, said: Option<String>) -> Result<Error> {
        let form = self
            .client()
            .get(form)
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

fn active(course: &CourseId, user: impl Into<UserId>) -> Enrollment {
    Enrollment {
        course: course.clone(),
        user: user.into(),
        state: EnrollmentState::Active,
        mode: None,
        since: None,
    }
}

/// What the page complains of.
fn alert(html: &str) -> Option<String> {
    Page::parse(html).alert("danger")
}
