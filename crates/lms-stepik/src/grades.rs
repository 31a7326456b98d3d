//! Marks: points over the points that the course has (reference stepik.md 3.12, 3.13).

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use lms_core::{
    CourseId, Cursor, Error, ErrorKind, Grade, GradeQuery, GradeSupport, Grades, Page, Paged, Platform,
    Result, StepId, Support, Timestamp, UserId,
};
use tokio::sync::OnceCell;

use crate::Stepik;
use crate::catalog::Direction;
use crate::objects::number;
use crate::progress::{Progress, ProgressOf};
use crate::wire::CourseGrade;

/// What rows of the grade book are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GradeOrder {
    /// The points.
    Score,
    /// The age of the row.
    Id,
}

/// Which rows of the grade book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GradeBookQuery {
    /// Of this user.
    pub user: Option<UserId>,
    /// `true`: of teachers only; `false`: of learners only.
    pub teachers: Option<bool>,
    /// Of learners of this class.
    pub class: Option<u64>,
    /// Of users whom these words find.
    pub search: Option<String>,
    /// The fields to sort by, the first one first.
    pub order: Vec<(GradeOrder, Direction)>,
    /// Where to begin; `None` for the beginning.
    pub from: Option<Cursor>,
}

/// What somebody has reached in a step. Only steps that were tried or scored have one.
#[derive(Debug, Clone, PartialEq)]
pub struct StepGrade {
    /// Whether it is passed.
    pub passed: bool,
    /// Points, not a share.
    pub points: f64,
    /// Submissions in all.
    pub submissions: u64,
    /// Which of them was the first right one; `None` also where it was scored by hand.
    pub first_success: Option<u64>,
}

/// A row of the grade book.
#[derive(Debug, Clone, PartialEq)]
pub struct GradeBookRow {
    /// Whose.
    pub user: UserId,
    /// Points in all.
    pub points: f64,
    /// By step.
    pub steps: BTreeMap<StepId, StepGrade>,
    /// Whether the user teaches the course.
    pub teacher: bool,
    /// The place among all, where the platform counts it.
    pub rank: Option<u64>,
    /// Since when the user takes part.
    pub joined: Option<Timestamp>,
    /// When the user was last there.
    pub last_viewed: Option<Timestamp>,
    /// The address of the certificate, where there is one.
    pub certificate_url: Option<String>,
}

impl From<CourseGrade> for GradeBookRow {
    fn from(native: CourseGrade) -> Self {
        let count = |n: Option<f64>| n.filter(|n| *n >= 0.0).map(|n| n as u64);
        let date = |at: Option<String>| at.and_then(|at| at.parse().ok());
        let steps = native.results.into_values().map(|result| {
            let grade = StepGrade {
                passed: result.is_passed,
                points: result.score.unwrap_or_default(),
                submissions: count(result.total_submissions).unwrap_or_default(),
                first_success: count(result.first_success),
            };
            (result.step_id.into(), grade)
        });
        Self {
            user: native.user.into(),
            points: native.score.unwrap_or_default(),
            steps: steps.collect(),
            teacher: native.is_teacher,
            rank: count(native.rank),
            joined: date(native.date_joined),
            last_viewed: date(native.last_viewed),
            certificate_url: native.certificate_url.filter(|url| !url.is_empty()),
        }
    }
}

impl Stepik {
    /// The grade book of a course: points by learner and step. Calls `GET /api/course-grades`. Learners see
    /// their own row.
    ///
    /// # Errors
    /// `InvalidInput` at once for an id that is no number.
    pub fn grade_book(&self, course: &CourseId, query: GradeBookQuery) -> Result<Paged<GradeBookRow>> {
        let GradeBookQuery { user, teachers, class, search, order, from } = query;
        let mut filters = vec![("course", number(course.as_str(), "course")?.to_string())];
        if let Some(user) = user {
            filters.push(("user", number(user.as_str(), "user")?.to_string()));
        }
        filters.extend(teachers.map(|teachers| ("is_teacher", teachers.to_string())));
        filters.extend(class.map(|class| ("klass", class.to_string())));
        filters.extend(search.map(|words| ("search", words)));
        let order: Vec<String> = order
            .into_iter()
            .map(|(field, direction)| {
                let field = match field {
                    GradeOrder::Score => "score",
                    GradeOrder::Id => "id",
                };
                let minus = if direction == Direction::Descending { "-" } else { "" };
                format!("{minus}{field}")
            })
            .collect();
        if !order.is_empty() {
            filters.push(("order", order.join(",")));
        }
        let rows = self.listing("grades.book", "course-grades", filters, from);
        Ok(rows.try_map(|row: CourseGrade| Ok(row.into())))
    }

    /// The account's progress in a course; its `cost` is what the course is worth.
    async fn course_progress(&self, course: &CourseId) -> Result<Progress> {
        let found = self.progresses(&[ProgressOf::Course(course.clone())]).await?;
        found.items.into_iter().next().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "the account has no progress in this course")
                .at(Platform::Stepik, "grades.mine")
                .on(format!("course {course}"))
        })
    }
}

fn share(score: f64, cost: f64) -> f64 {
    if cost > 0.0 { score / cost } else { 0.0 }
}

#[async_trait]
impl Grades for Stepik {
    fn support(&self) -> GradeSupport {
        GradeSupport { mine: Support::Native, list: Support::Native }
    }

    async fn mine(&self, course: &CourseId) -> Result<Grade> {
        let me = self.my_id("grades.mine").await?;
        let Progress { score, cost, .. } = self.course_progress(course).await?;
        Ok(Grade {
            user: me.into(),
            share: share(score, cost),
            points: Some(score),
            letter: None,
            passed: None,
        })
    }

    fn list(&self, course: &CourseId, query: GradeQuery) -> Result<Paged<Grade>> {
        let GradeQuery { from } = query;
        let filter = vec![("course", number(course.as_str(), "course")?.to_string())];
        let (this, course) = (self.clone(), course.clone());
        let cost = Arc::new(OnceCell::new());
        let rows = self.listing("grades.list", "course-grades", filter, from);
        Ok(rows.try_map_pages(move |page: Page<CourseGrade>| {
            let (this, course, cost) = (this.clone(), course.clone(), cost.clone());
            async move {
                let cost: &f64 = cost
                    .get_or_try_init(|| async { Ok::<_, Error>(this.course_progress(&course).await?.cost) })
                    .await?;
                let learners = page.items.into_iter().filter(|row| !row.is_teacher);
                let items = learners.map(|row| {
                    let score = row.score.unwrap_or_default();
                    Grade {
                        user: row.user.into(),
                        share: share(score, *cost),
                        points: Some(score),
                        letter: None,
                        passed: None,
                    }
                });
                Ok(Page { items: items.collect(), next: page.next, total: None })
            }
        }))
    }
}
