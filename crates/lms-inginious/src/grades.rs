//! Marks.

use async_trait::async_trait;
use lms_core::{
    CourseId, Error, Grade, GradeQuery, GradeSupport, Grades, Paged, Platform, Result, Support, UserId,
};

use crate::Inginious;

#[async_trait]
impl Grades for Inginious {
    fn support(&self) -> GradeSupport {
        GradeSupport { mine: Support::Native, list: Support::No }
    }

    /// The weighted mean of all tasks that have started, in whole percent (reference inginious.md 11.3).
    async fn mine(&self, course: &CourseId) -> Result<Grade> {
        let user = UserId::new(self.session().username()?);
        let course = self.wire_course(course).await?;
        let percent = course.grade.unwrap_or(0.0);
        Ok(Grade { user, share: percent / 100.0, points: None, letter: None, passed: None })
    }

    fn list(&self, _course: &CourseId, _query: GradeQuery) -> Result<Paged<Grade>> {
        Err(Error::unsupported(Platform::Inginious, "grades.list"))
    }
}
