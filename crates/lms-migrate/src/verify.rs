//! Reading the target back.

use std::collections::BTreeSet;

use futures::stream::{self, StreamExt, TryStreamExt};
use lms_core::{Asset, Content, CourseId, ErrorKind, LmsProvider, LmsProviderExt, Result};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{Difference, GradingCheck, Outcome, Plan, Progress, Stage, check_grading, compare, plan_content};

/// What reading the target back showed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Verification {
    /// Exercises in the source.
    pub exercises: usize,
    /// Exercises whose answers all get the same marks.
    pub agreed: usize,
    /// Exercises some answer to which gets another mark, as a finding of the plan says.
    pub announced: usize,
    /// Exercises some answer to which gets another mark, and nothing said so.
    pub disagreed: usize,
    /// Exercises to which no answer could be tried.
    pub unprobed: usize,
    /// What marked: `reference` is the reference grader on the keys that the platforms give.
    pub grader: &'static str,
    /// What else is not as planned.
    pub differences: Vec<Difference>,
    /// Files compared by hash.
    pub assets: usize,
    /// Each exercise.
    pub checks: Vec<GradingCheck>,
}

impl Verification {
    /// Whether nothing is otherwise than planned.
    pub fn holds(&self) -> bool {
        self.disagreed == 0 && self.differences.is_empty()
    }
}

/// Reads the target back and holds it against the plan: structure, texts, points, dates; files by
/// hash; marks of known right and wrong answers.
///
/// # Errors
/// What reading gives.
pub async fn verify(
    plan: &Plan,
    source: &dyn LmsProvider,
    target: &dyn LmsProvider,
    course: &CourseId,
    progress: &dyn Progress,
) -> Result<Verification> {
    progress.begin(Stage::Verify, 0);
    let read = target.require_courses()?.content(course).await?;
    let mut verification = Verification {
        grader: "reference",
        differences: compare(&plan.adapted.course, &read.course),
        checks: check_grading(plan, &read.course),
        ..Verification::default()
    };
    verification.exercises = verification.checks.len();
    for check in &verification.checks {
        match check.outcome {
            Outcome::Agreed { .. } => verification.agreed += 1,
            Outcome::Announced { .. } => verification.announced += 1,
            Outcome::Disagreed { .. } => verification.disagreed += 1,
            Outcome::Unprobed { .. } => verification.unprobed += 1,
        }
    }
    compare_files(plan, source, target, &read, &mut verification).await?;
    progress.end(Stage::Verify);
    Ok(verification)
}

/// The same for two courses that exist: what would a migration of one into the platform of the other
/// give, and is it there?
///
/// # Errors
/// Those of [`crate::plan`] and of reading.
pub async fn verify_pair(
    source: (&dyn LmsProvider, &CourseId),
    target: (&dyn LmsProvider, &CourseId),
    progress: &dyn Progress,
) -> Result<(Plan, Verification)> {
    progress.begin(Stage::Read, 0);
    let content = source.0.require_courses()?.content(source.1).await?;
    progress.end(Stage::Read);
    let plan = plan_content(content, source.0.info(), target.0)?;
    let verification = verify(&plan, source.0, target.0, target.1, progress).await?;
    Ok((plan, verification))
}

async fn compare_files(
    plan: &Plan,
    source: &dyn LmsProvider,
    target: &dyn LmsProvider,
    read: &Content,
    verification: &mut Verification,
) -> Result<()> {
    let wanted = hashes(source, &plan.content.course.id, &plan.adapted.course.assets).await?;
    if wanted.is_empty() {
        return Ok(());
    }
    let there = hashes(target, &read.course.id, &read.course.assets).await?;
    let there: BTreeSet<[u8; 32]> = there.into_iter().map(|(_, hash)| hash).collect();
    verification.assets = wanted.len();
    for (name, _) in wanted.iter().filter(|(_, hash)| !there.contains(hash)) {
        verification.differences.push(Difference {
            path: format!("file {name}"),
            what: "content".into(),
            expected: "a file with the same bytes".into(),
            actual: "none".into(),
        });
    }
    Ok(())
}

/// The SHA-256 of each file; files that the provider lists and does not give are left out.
async fn hashes(
    provider: &dyn LmsProvider,
    course: &CourseId,
    assets: &[Asset],
) -> Result<Vec<(String, [u8; 32])>> {
    let courses = provider.require_courses()?;
    stream::iter(assets)
        .map(|asset| async move {
            let body = match courses.read_asset(course, &asset.id).await {
                Ok(body) => body,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            let mut pieces = body.into_stream();
            let mut hash = Sha256::new();
            while let Some(piece) = pieces.next().await {
                hash.update(&piece?);
            }
            Ok(Some((asset.name.clone(), hash.finalize().into())))
        })
        .buffered(4)
        .try_filter_map(|hashed| async move { Ok(hashed) })
        .try_collect()
        .await
}
