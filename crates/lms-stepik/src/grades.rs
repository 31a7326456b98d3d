//! Marks: points over the points that the course has (reference stepik.md 3.12, 3.13).

use std::sync::Arc;

use async_trait::async_trait;
use lms_core::{
    CourseId, Error, ErrorKind, Grade, GradeQuery, GradeSupport, Grades, Page, Paged, Platform, Result,
    Support,
};
use tokio::sync::OnceCell;

use crate::Stepik;
use crate::objects::number;
use crate::page::Guard;
use crate::wire::{CourseGrade, Progress};

impl Stepik {
    /// The account's progress in a course; its `cost` is what the course is worth.
    async fn progress(&self, operation: &'static str, course: u64) -> Result<Progress> {
        // 78 is the type of a course in composite ids (reference stepik.md 2.7).
        let ids = [format!("78-{course}")];
        let found: Vec<Progress> =
            self.many(operation, "progresses", &ids, |p: &Progress| p.id.clone()).await?;
        found.into_iter().next().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "the account has no progress in this course")
                .at(Platform::Stepik, operation)
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
        const OPERATION: &str = "grades.mine";
        let course = number(course.as_str(), "course")?;
        let me = self.my_id(OPERATION).await?;
        let progress = self.progress(OPERATION, course).await?;
        let (score, cost) = (progress.score.unwrap_or_default(), progress.cost.unwrap_or_default());
        Ok(Grade {
            user: me.into(),
            share: share(score, cost),
            points: Some(score),
            letter: None,
            passed: None,
        })
    }

    fn list(&self, course: &CourseId, query: GradeQuery) -> Result<Paged<Grade>> {
        const OPERATION: &str = "grades.list";
        let GradeQuery { from } = query;
        let course = number(course.as_str(), "course")?;
        let this = self.clone();
        let cost = Arc::new(OnceCell::new());
        let guard = Arc::new(Guard::default());
        Ok(Paged::new(from, move |at| {
            let (this, cost, guard) = (this.clone(), cost.clone(), guard.clone());
            async move {
                let cost: &f64 = cost
                    .get_or_try_init(|| async {
                        Ok::<_, Error>(this.progress(OPERATION, course).await?.cost.unwrap_or_default())
                    })
                    .await?;
                let query = [("course", course.to_string())];
                let (rows, next) = this
                    .page_at::<CourseGrade>(OPERATION, "course-grades", &query, at.as_ref(), &guard)
                    .await?;
                let items = rows
                    .into_iter()
                    .filter(|row| !row.is_teacher)
                    .map(|row| {
                        let score = row.score.unwrap_or_default();
                        Grade {
                            user: row.user.into(),
                            share: share(score, *cost),
                            points: Some(score),
                            letter: None,
                            passed: None,
                        }
                    })
                    .collect();
                Ok(Page { items, next, total: None })
            }
        }))
    }
}
