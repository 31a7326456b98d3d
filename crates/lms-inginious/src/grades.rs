//! Marks (reference inginious.md 4.1, 11.3).

use async_trait::async_trait;
use lms_core::{
    CourseId, Error, ErrorKind, Grade, GradeQuery, GradeSupport, Grades, Page, Paged, Platform, Result,
    Support,
};

use crate::Inginious;
use crate::roster::Person;

#[async_trait]
impl Grades for Inginious {
    fn support(&self) -> GradeSupport {
        GradeSupport { mine: Support::Native, list: Support::Emulated }
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

    /// One request, for the staff of the course, who are listed too: the page does not tell them apart.
    fn list(&self, course: &CourseId, query: GradeQuery) -> Result<Paged<Grade>> {
        let GradeQuery { from } = query;
        if from.is_some() {
            return Err(Error::unsupported(Platform::Inginious, "grades.list from a cursor"));
        }
        let (this, course) = (self.clone(), course.clone());
        Ok(Paged::new(None, move |_| {
            let (this, course) = (this.clone(), course.clone());
            async move {
                let people = this.people("grades.list", &course).await?;
                let grade = |person: Person| Grade {
                    user: person.username.into(),
                    share: person.grade / 100.0,
                    points: None,
                    letter: None,
                    passed: None,
                };
                Ok(Page::last(people.into_iter().map(grade).collect()))
            }
        }))
    }
}
