//! Marks (reference inginious.md 4.1, 11.3).

use async_trait::async_trait;
use lms_core::{
    CourseId, Error, ErrorKind, Grade, GradeQuery, GradeSupport, Grades, Paged, Platform, Result, Support,
};

use crate::Inginious;

#[async_trait]
impl Grades for Inginious {
    fn support(&self) -> GradeSupport {
        GradeSupport { mine: Support::Native, list: Support::No }
    }

    /// The course's `grade`: whole percent, the weighted mean of its tasks.
    async fn mine(&self, course: &CourseId) -> Result<Grade> {
        const OPERATION: &str = "grades.mine";
        let user = self.username(OPERATION)?;
        let found = self.course(OPERATION, course).await?;
        let percent = found.grade.ok_or_else(|| {
            Error::new(ErrorKind::NotEnrolled, "the course is not open to the account")
                .at(Platform::Inginious, OPERATION)
                .on(format!("course {course}"))
        })?;
        Ok(Grade { user: user.into(), share: percent / 100.0, points: None, letter: None, passed: None })
    }

    fn list(&self, _course: &CourseId, _query: GradeQuery) -> Result<Paged<Grade>> {
        Err(Error::unsupported(Platform::Inginious, "grades.list"))
    }
}
