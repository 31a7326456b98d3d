//! Conveniences for callers, written once for every provider.

use async_trait::async_trait;
use futures::StreamExt;

use crate::{
    Accounts, Authoring, CourseId, CourseQuery, CourseSummary, Courses, Enrollments, Error, ErrorKind,
    Grades, LmsProvider, Patience, Registration, Result, Submission, Submissions, Support, TaskAnswer,
    TaskRef, Tasks,
};

/// Services as `Result`, so that `?` does.
pub trait LmsProviderExt: LmsProvider {
    /// The course service.
    ///
    /// # Errors
    /// `Unsupported` where the platform has none; so in all of these.
    fn require_courses(&self) -> Result<&dyn Courses> {
        self.courses().ok_or_else(|| Error::unsupported(self.info().platform, "courses"))
    }
    /// The authoring service.
    fn require_authoring(&self) -> Result<&dyn Authoring> {
        self.authoring().ok_or_else(|| Error::unsupported(self.info().platform, "authoring"))
    }
    /// The enrollment service.
    fn require_enrollments(&self) -> Result<&dyn Enrollments> {
        self.enrollments().ok_or_else(|| Error::unsupported(self.info().platform, "enrollments"))
    }
    /// The registration service.
    fn require_registration(&self) -> Result<&dyn Registration> {
        self.registration().ok_or_else(|| Error::unsupported(self.info().platform, "registration"))
    }
    /// The account service.
    fn require_accounts(&self) -> Result<&dyn Accounts> {
        self.accounts().ok_or_else(|| Error::unsupported(self.info().platform, "accounts"))
    }
    /// The task service.
    fn require_tasks(&self) -> Result<&dyn Tasks> {
        self.tasks().ok_or_else(|| Error::unsupported(self.info().platform, "tasks"))
    }
    /// The submission service.
    fn require_submissions(&self) -> Result<&dyn Submissions> {
        self.submissions().ok_or_else(|| Error::unsupported(self.info().platform, "submissions"))
    }
    /// The grade service.
    fn require_grades(&self) -> Result<&dyn Grades> {
        self.grades().ok_or_else(|| Error::unsupported(self.info().platform, "grades"))
    }

    /// Every ability with its name and how it is carried; services that are missing are `No`.
    fn abilities(&self) -> Vec<(&'static str, Support)> {
        let mut rows = Vec::new();
        rows.extend(self.courses().map(|s| s.support()).unwrap_or_default().rows());
        rows.extend(self.authoring().map(|s| s.support()).unwrap_or_default().rows());
        rows.extend(self.enrollments().map(|s| s.support()).unwrap_or_default().rows());
        rows.extend(self.registration().map(|s| s.support()).unwrap_or_default().rows());
        rows.extend(self.accounts().map(|s| s.support()).unwrap_or_default().rows());
        rows.extend(self.tasks().map(|s| s.support()).unwrap_or_default().rows());
        rows.extend(self.submissions().map(|s| s.support()).unwrap_or_default().rows());
        rows.extend(self.grades().map(|s| s.support()).unwrap_or_default().rows());
        rows
    }
}

impl<T: LmsProvider + ?Sized> LmsProviderExt for T {}

/// Finding one course.
#[async_trait]
pub trait CoursesExt: Courses {
    /// The course with this id, or the only one with this title.
    ///
    /// # Errors
    /// `NotFound`; `InvalidInput` where several have the title.
    async fn find_course(&self, id_or_title: &str) -> Result<CourseSummary> {
        match self.get(&CourseId::from(id_or_title)).await {
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) => {}
            other => return other,
        }
        let mut courses = self.list(CourseQuery::new())?.items();
        let mut found: Option<CourseSummary> = None;
        while let Some(course) = courses.next().await {
            let course = course?;
            if course.title == id_or_title {
                if let Some(other) = found {
                    return Err(Error::invalid("several courses have this title; say the id")
                        .on(format!("{}, {}", other.id, course.id)));
                }
                found = Some(course);
            }
        }
        found.ok_or_else(|| Error::new(ErrorKind::NotFound, "no course has this id or title").on(id_or_title))
    }

    /// The first course there is: the only one, in a folder or an archive.
    ///
    /// # Errors
    /// `NotFound` where there is none.
    async fn first_course(&self) -> Result<CourseSummary> {
        let mut courses = self.list(CourseQuery::new())?.items();
        courses.next().await.unwrap_or_else(|| Err(Error::new(ErrorKind::NotFound, "there is no course")))
    }
}

impl<T: Courses + ?Sized> CoursesExt for T {}

/// Answering and waiting in one call.
#[async_trait]
pub trait SubmissionsExt: Submissions {
    /// Sends an answer and waits for the verdict.
    ///
    /// # Errors
    /// Those of [`Submissions::submit`] and [`Submissions::wait`].
    async fn submit_and_wait(
        &self,
        task: &TaskRef,
        answer: &TaskAnswer,
        patience: Patience,
    ) -> Result<Submission> {
        let id = self.submit(task, answer).await?;
        self.wait(task, &id, patience).await
    }
}

impl<T: Submissions + ?Sized> SubmissionsExt for T {}
