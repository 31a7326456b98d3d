//! All submissions of a course, for teachers. The platform gives them by step only, and by course only
//! one's own (reference stepik.md 3.10), so the course is gone through step by step.

use std::collections::HashMap;

use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use lms_core::{CourseId, ErrorKind, Result, Submission, SubmissionState, UserId};

use crate::Stepik;
use crate::objects::{BATCH, number};
use crate::submission_list::Kinds;
use crate::tree::texts;
use crate::wire::Step;

const EXPORT: &str = "submissions.export";

/// Which submissions of each learner and step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Which {
    /// Every one.
    #[default]
    All,
    /// The one with the highest score; of several, the first.
    Best,
    /// The newest.
    Last,
}

/// How to go through a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportOptions {
    /// Which submissions.
    pub which: Which,
    /// How many steps are asked for ahead of the reader; at least 1.
    pub prefetch: usize,
}

impl Default for ExportOptions {
    fn default() -> Self {
        Self { which: Which::All, prefetch: 4 }
    }
}

impl ExportOptions {
    /// Only these of each learner and step.
    pub fn of(which: Which) -> Self {
        Self { which, ..Self::default() }
    }
}

type Found = BoxStream<'static, Result<Submission>>;

impl Stepik {
    /// The submissions of everybody in a course, step by step in the order of the course. Nothing is sent
    /// before the stream is polled. At most [`ExportOptions::prefetch`] steps are under way ahead of the
    /// reader: with [`Which::All`] one page of each is held, else one submission for each learner of each.
    ///
    /// Calls `GET /api/submissions?step=…` for each quiz of the course.
    ///
    /// # Errors
    /// `InvalidInput` at once for an id that is no number; in the stream whatever the platform answers,
    /// after which it ends. Learners get only what is their own.
    pub fn export_submissions(
        &self,
        course: &CourseId,
        options: ExportOptions,
    ) -> Result<BoxStream<'static, Result<Submission>>> {
        let ExportOptions { which, prefetch } = options;
        let course = number(course.as_str(), "course")?;
        let this = self.clone();
        let steps = stream::once(async move { this.tree(EXPORT, course).await.map(|tree| tree.steps()) })
            .map_ok(|steps| {
                let batches: Vec<Vec<u64>> = steps.chunks(BATCH).map(<[u64]>::to_vec).collect();
                stream::iter(batches.into_iter().map(Ok))
            })
            .try_flatten();
        let this = self.clone();
        let quizzes = steps
            .and_then(move |batch| {
                let this = this.clone();
                async move { this.quizzes(&batch).await }
            })
            .map_ok(|quizzes| stream::iter(quizzes.into_iter().map(Ok)))
            .try_flatten();
        let this = self.clone();
        let found = quizzes
            .map_ok(move |(step, kind)| {
                let this = this.clone();
                async move { this.of_step(step, kind, which).await }
            })
            .try_buffered(prefetch.max(1))
            .try_flatten();
        Ok(found.boxed())
    }

    async fn quizzes(&self, steps: &[u64]) -> Result<Vec<(u64, String)>> {
        let steps: Vec<Step> =
            self.many(EXPORT, "steps", &texts(steps), |step: &Step| step.id.to_string()).await?;
        let quizzes = steps.into_iter().filter(Step::is_quiz);
        Ok(quizzes.map(|step| (step.id, step.name().to_owned())).collect())
    }

    /// The submissions of a step: the first page is fetched, the others when they are read.
    async fn of_step(&self, step: u64, kind: String, which: Which) -> Result<Found> {
        let query = vec![("step", step.to_string())];
        let mut pages = self.submission_pages(EXPORT, query, None, Kinds::of([(step, kind)])).pages();
        let first = match pages.next().await {
            None => Vec::new(),
            Some(Ok(page)) => page.items,
            // It was deleted since the course was read (reference stepik.md 3.10).
            Some(Err(e)) if e.kind() == ErrorKind::NotFound => return Ok(stream::empty().boxed()),
            Some(Err(e)) => return Err(e),
        };
        let rest = pages.map_ok(|page| stream::iter(page.items.into_iter().map(Ok))).try_flatten();
        let mut all = stream::iter(first.into_iter().map(Ok)).chain(rest).boxed();
        if which == Which::All {
            return Ok(all);
        }
        let mut picked = Picked::default();
        while let Some(next) = all.try_next().await? {
            picked.offer(which, next);
        }
        Ok(stream::iter(picked.in_order().into_iter().map(Ok)).boxed())
    }
}

/// One submission for each learner; all of those of which it is not known whose they are.
#[derive(Debug, Default)]
struct Picked {
    by_user: HashMap<UserId, Submission>,
    nobodys: Vec<Submission>,
}

impl Picked {
    fn offer(&mut self, which: Which, next: Submission) {
        let Some(user) = next.user.clone() else { return self.nobodys.push(next) };
        match self.by_user.get(&user) {
            Some(held) if !beats(which, &next, held) => {}
            _ => drop(self.by_user.insert(user, next)),
        }
    }

    fn in_order(self) -> Vec<Submission> {
        let mut all: Vec<Submission> = self.by_user.into_values().chain(self.nobodys).collect();
        all.sort_by_key(age);
        all
    }
}

/// Ids grow; pages may come in either order (reference stepik.md 3.10).
fn age(submission: &Submission) -> u64 {
    submission.id.as_str().parse().unwrap_or(u64::MAX)
}

fn beats(which: Which, next: &Submission, held: &Submission) -> bool {
    let score = |of: &Submission| match (of.state, &of.verdict) {
        (SubmissionState::Judged, Some(verdict)) => verdict.score,
        _ => -1.0,
    };
    match which {
        Which::All => true,
        Which::Last => age(next) > age(held),
        Which::Best => match score(next).total_cmp(&score(held)) {
            std::cmp::Ordering::Equal => age(next) < age(held),
            order => order.is_gt(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lms_core::Verdict;

    #[test]
    fn each_learner_keeps_one_and_what_is_nobodys_is_not_lost() {
        let sent = |id: u64, user: Option<&str>, score: Option<f64>| Submission {
            id: id.into(),
            task: 7.into(),
            user: user.map(UserId::from),
            at: None,
            state: if score.is_some() { SubmissionState::Judged } else { SubmissionState::Pending },
            verdict: score.map(|score| Verdict {
                correct: score >= 1.0,
                score,
                feedback: lms_core::Markup::default(),
                parts: Vec::new(),
            }),
            answer: None,
        };
        let all = [
            sent(9, Some("ada"), None),
            sent(3, Some("ada"), Some(0.5)),
            sent(4, Some("ada"), Some(0.5)),
            sent(5, Some("ben"), None),
            sent(6, None, Some(0.0)),
            sent(7, None, Some(1.0)),
        ];
        for (which, ids) in [(Which::Best, ["3", "5", "6", "7"]), (Which::Last, ["5", "6", "7", "9"])] {
            let mut picked = Picked::default();
            all.iter().for_each(|next| picked.offer(which, next.clone()));
            let kept = picked.in_order();
            assert_eq!(kept.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ids, "{which:?}");
        }
    }
}
