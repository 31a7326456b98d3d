//! Marks.

use async_trait::async_trait;
use lms_core::{
    CourseId, Error, ErrorKind, Grade, GradeQuery, GradeSupport, Grades, Paged, Platform, Result, Support,
};
use lms_http::Route;

use crate::OpenEdx;
use crate::page::cursor;
use crate::wire::GradeBody;

fn route(course: &CourseId) -> Route {
    Route::new("/api/grades/v1/courses/{course}/").id(course)
}

#[async_trait]
impl Grades for OpenEdx {
    fn support(&self) -> GradeSupport {
        GradeSupport { mine: Support::Native, list: Support::Native }
    }

    /// Calls `GET /api/grades/v1/courses/{id}/?username=`: an array of one. It may lag a submission by the
    /// platform's task queue (reference openedx.md 3.9).
    async fn mine(&self, course: &CourseId) -> Result<Grade> {
        self.one_grade(course, &self.username().await?, "grades.mine").await
    }

    /// Calls `GET /api/grades/v1/courses/{id}/`, for staff. Accounts whose grade cannot be computed are
    /// missing from it.
    fn list(&self, course: &CourseId, query: GradeQuery) -> Result<Paged<Grade>> {
        let GradeQuery { from } = query;
        let (site, course) = (self.clone(), course.clone());
        let first = move || {
            let request = site.lms().get(route(&course)).operation("grades.list").resource(&course);
            async move { Ok(request) }
        };
        Ok(cursor().list(from, first).try_map(|body: GradeBody| Ok(grade(body))))
    }
}

impl OpenEdx {
    /// Somebody's mark: an array of one.
    pub(crate) async fn one_grade(
        &self,
        course: &CourseId,
        username: &str,
        operation: &'static str,
    ) -> Result<Grade> {
        let request = self.lms().get(route(course)).query("username", username);
        let grades: Vec<GradeBody> = request.operation(operation).resource(course).send_json().await?;
        let first = grades.into_iter().next().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "the platform has no grade")
                .at(Platform::OpenEdx, operation)
                .on(course)
        })?;
        Ok(grade(first))
    }
}

fn grade(body: GradeBody) -> Grade {
    let GradeBody { username, percent, letter_grade, passed } = body;
    Grade { user: username.into(), share: percent, points: None, letter: letter_grade, passed }
}
