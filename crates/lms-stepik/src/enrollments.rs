//! Who takes part: enrollments of one's own, and the group of a course's learners
//! (reference stepik.md 3.11, 3.14).

use async_trait::async_trait;
use futures::stream::BoxStream;
use lms_core::{
    Changed, CourseId, EnrollOptions, Enrollee, Enrollment, EnrollmentQuery, EnrollmentState,
    EnrollmentSupport, Enrollments, Error, Paged, Platform, Result, Subject, Support,
};
use serde_json::{Value, json};

use crate::Stepik;
use crate::groups::{Membership, Role};
use crate::objects::number;

const ENROLL: &str = "enrollments.enroll";
const UNENROLL: &str = "enrollments.unenroll";

fn enrollment(course: u64, member: Membership) -> Enrollment {
    Enrollment {
        course: course.into(),
        user: member.user,
        state: EnrollmentState::Active,
        mode: Some("learner".to_owned()),
        since: member.since,
    }
}

#[async_trait]
impl Enrollments for Stepik {
    fn support(&self) -> EnrollmentSupport {
        EnrollmentSupport {
            list: Support::Emulated,
            enroll_self: Support::Native,
            enroll_others: Support::Emulated,
            unenroll_self: Support::Native,
            unenroll_others: Support::Emulated,
        }
    }

    fn list(&self, course: &CourseId, query: EnrollmentQuery) -> Result<Paged<Enrollment>> {
        let EnrollmentQuery { from } = query;
        let course = number(course.as_str(), "course")?;
        let members = self.members_for("enrollments.list", course, Role::Learner, from)?;
        Ok(members.try_map(move |member| Ok(enrollment(course, member))))
    }

    async fn enroll(&self, course: &CourseId, who: &Subject, options: &EnrollOptions) -> Result<Enrollment> {
        let EnrollOptions { mode, password } = options;
        if mode.as_deref().is_some_and(|mode| mode != "learner") || password.is_some() {
            return Err(Error::unsupported(Platform::Stepik, "enrollments.enroll with a mode or a password"));
        }
        let id = number(course.as_str(), "course")?;
        let member = match who {
            Subject::Me => {
                let me = self.my_id(ENROLL).await?;
                let _: Value =
                    self.create(ENROLL, "enrollments", "enrollment", json!({"course": id})).await?;
                Membership { user: me.into(), since: None }
            }
            other => self.join(ENROLL, id, Role::Learner, other).await?,
        };
        Ok(enrollment(id, member))
    }

    async fn unenroll(&self, course: &CourseId, who: &Subject) -> Result<()> {
        let id = number(course.as_str(), "course")?;
        match who {
            Subject::Me => self.delete(UNENROLL, "enrollments", id).await,
            Subject::User(user) => {
                self.remove_from(UNENROLL, id, Role::Learner, number(user.as_str(), "user")?).await
            }
            Subject::Email(_) => {
                Err(Error::unsupported(Platform::Stepik, "enrollments.unenroll by e-mail address"))
            }
        }
    }
    fn enroll_many<'a>(
        &'a self,
        course: &'a CourseId,
        people: BoxStream<'a, Enrollee>,
    ) -> BoxStream<'a, Result<Changed>> {
        self.add_learners(course, people)
    }

    fn unenroll_many<'a>(
        &'a self,
        course: &'a CourseId,
        people: BoxStream<'a, Subject>,
    ) -> BoxStream<'a, Result<Changed>> {
        self.remove_learners(course, people)
    }
}
