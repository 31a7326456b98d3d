//! Reading the target back.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt, TryStreamExt};
use lms_core::{
    Asset, AssetId, AssetRole, Course, CourseId, ErrorKind, LmsProvider, LmsProviderExt, Result, Severity,
    StepLinks,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::bundle::hex;
use crate::compare::{Hashes, compare_with};
use crate::grading::{Counterpart, counterparts};
use crate::links::OwnLinks;
use crate::trial::try_out;
use crate::{
    Difference, Filter, GradedBy, GradingCheck, Outcome, Plan, Progress, Stage, Trial, TrialRun, Written,
    plan_part,
};

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
    /// Exercises by what marked the answers: the target itself, or the reference grader on the keys that the
    /// platforms give.
    pub graded_by: BTreeMap<GradedBy, usize>,
    /// What became of a learner on trial; absent where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial: Option<TrialRun>,
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

/// How a course is verified.
#[derive(Debug, Clone, Copy, Default)]
pub struct VerifyOptions<'a> {
    /// A learner on the target, whose answers the target itself marks, held against what the keys of the source
    /// say. With one, verifying does not only read: it enrolls the learner, and sends answers.
    pub trial: Option<&'a Trial<'a>>,
    /// What was written just before. The files of the source were hashed on their way and are not asked for again.
    pub written: Option<&'a Written>,
}

/// Reads the target back and holds it against the plan: structure and order, texts, points, dates; files by
/// hash; marks of known right and wrong answers. It only reads.
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
    verify_with(plan, (source, target), course, VerifyOptions::default(), progress).await
}

/// The same, with more to go by.
///
/// # Errors
/// What reading gives. What hinders the trial is in [`Verification::trial`] and in each check.
pub async fn verify_with(
    plan: &Plan,
    (source, target): (&dyn LmsProvider, &dyn LmsProvider),
    course: &CourseId,
    options: VerifyOptions<'_>,
    progress: &dyn Progress,
) -> Result<Verification> {
    progress.begin(Stage::Verify, 0);
    let courses = target.require_courses()?;
    let mut read = courses.content(course).await?;
    OwnLinks::of(&read.course, courses).neutral(&mut read.course);
    let nothing = BTreeMap::new();
    let known = options.written.map_or(&nothing, |written| &written.files);
    let wanted = files(source, &plan.content.course.id, &compared_files(plan), known).await?;
    let there = files(target, &read.course.id, &read.course.assets, &nothing).await?;
    let hashes = (wanted.hashes(), there.hashes());
    let expected = with_neutral_links(plan, source, target)?;
    let held_by = Some(plan.target.platform);
    let compared = compare_with(&expected, &read.course, (&hashes.0, &hashes.1), held_by);
    let pairs = counterparts(plan, &compared.blocks);
    let mut checks: Vec<GradingCheck> = pairs.iter().map(Counterpart::check).collect();
    progress.end(Stage::Verify);
    let run = match options.trial {
        Some(trial) => {
            Some(try_out(trial, (target, course), (&pairs, &read.course), &mut checks, progress).await)
        }
        None => None,
    };
    let mut verification = Verification {
        exercises: checks.len(),
        differences: compared.differences,
        assets: wanted.0.len(),
        trial: run,
        ..Verification::default()
    };
    verification.differences.extend(wanted.against(&there));
    for check in &checks {
        if let Some(grader) = check.graded_by {
            *verification.graded_by.entry(grader).or_default() += 1;
        }
        match check.outcome {
            Outcome::Agreed { .. } => verification.agreed += 1,
            Outcome::Announced { .. } => verification.announced += 1,
            Outcome::Disagreed { .. } => verification.disagreed += 1,
            Outcome::Unprobed { .. } => verification.unprobed += 1,
        }
    }
    verification.checks = checks;
    Ok(verification)
}

/// What is expected. Links that the target takes as the source writes them are neutral nowhere in the plan.
fn with_neutral_links<'p>(
    plan: &'p Plan,
    source: &dyn LmsProvider,
    target: &dyn LmsProvider,
) -> Result<Cow<'p, Course>> {
    let mut expected = Cow::Borrowed(&plan.adapted.course);
    if target.require_authoring()?.step_links(plan.source.platform) == StepLinks::Kept {
        OwnLinks::of(&plan.content.course, source.require_courses()?).neutral(expected.to_mut());
    }
    Ok(expected)
}

/// The same for two courses that exist: what would a migration of one, or of the part that `filter` leaves, into the
/// platform of the other give, and is it there?
///
/// # Errors
/// Those of [`crate::plan_part`] and of reading.
pub async fn verify_pair(
    source: (&dyn LmsProvider, &CourseId),
    target: (&dyn LmsProvider, &CourseId),
    filter: &Filter,
    trial: Option<&Trial<'_>>,
    progress: &dyn Progress,
) -> Result<(Plan, Verification)> {
    progress.begin(Stage::Read, 0);
    let plan = plan_part(source.0, source.1, target.0, filter).await;
    progress.end(Stage::Read);
    let plan = plan?;
    let options = VerifyOptions { trial, written: None };
    let verification = verify_with(&plan, (source.0, target.0), target.1, options, progress).await?;
    Ok((plan, verification))
}

/// The files that are to be there as they were: not those that the target is known to write anew.
fn compared_files(plan: &Plan) -> Vec<Asset> {
    plan.adapted.course.assets.iter().filter(|asset| !is_rewritten(plan, asset)).cloned().collect()
}

/// Whether the target writes this file anew by itself, as the plan says.
pub(crate) fn is_rewritten(plan: &Plan, asset: &Asset) -> bool {
    let place = asset.place();
    asset.role == AssetRole::Other
        && plan.adapted.findings.iter().any(|f| f.severity == Severity::Approximated && f.path == place)
}

/// The files of a course that its platform gives: each with its SHA-256.
pub(crate) struct Files(pub(crate) Vec<(Asset, String)>);

impl Files {
    pub(crate) fn hashes(&self) -> Hashes {
        self.0.iter().map(|(asset, hash)| (asset.id.clone(), hash.clone())).collect()
    }

    /// The files of each hash.
    fn by_bytes(&self) -> BTreeMap<&str, Vec<&Asset>> {
        let mut files: BTreeMap<&str, Vec<&Asset>> = BTreeMap::new();
        for (asset, hash) in &self.0 {
            files.entry(hash).or_default().push(asset);
        }
        files
    }

    /// What of these is not there, or not under its name, or seen by others, and what is there beside these. One of the same name with other bytes is one
    /// difference.
    fn against(&self, there: &Files) -> Vec<Difference> {
        let all = |files: &Files| files.0.iter().map(|(_, hash)| hash.clone()).collect::<BTreeSet<_>>();
        let (wanted, found) = (all(self), all(there));
        // What learners do not see is the platform's own affair: run scripts, originals kept beside a stub.
        let is_extra =
            |(asset, hash): &&(Asset, String)| asset.role == AssetRole::Content && !wanted.contains(hash);
        let mut extra: Vec<&(Asset, String)> = there.0.iter().filter(is_extra).collect();
        let mut differences = Vec::new();
        let mut differ = |asset: &Asset, what: &str, expected: String, actual: String| {
            let path = format!("file {}", asset.name);
            differences.push(Difference { path, what: what.into(), expected, actual });
        };
        for (asset, hash) in self.0.iter().filter(|(_, hash)| !found.contains(hash)) {
            let same_name = extra.iter().position(|(other, _)| other.name == asset.name);
            let actual = same_name.map_or("none".into(), |n| format!("SHA-256 {}", extra.remove(n).1));
            differ(asset, "content", format!("SHA-256 {hash}"), actual);
        }
        let (ours, theirs) = (self.by_bytes(), there.by_bytes());
        for (hash, same) in ours {
            let Some(others) = theirs.get(hash) else { continue };
            let seen = |assets: &[&Asset]| assets.iter().any(|asset| asset.role == AssetRole::Content);
            if seen(&same) != seen(others) {
                let say = |assets: &[&Asset]| if seen(assets) { "learners" } else { "staff" };
                same.first().into_iter().for_each(|asset| {
                    differ(asset, "who sees it", say(&same).into(), say(others).into());
                });
            }
            for asset in same.iter().filter(|asset| !others.iter().any(|other| other.name == asset.name)) {
                let names: Vec<&str> = others.iter().map(|other| other.name.as_str()).collect();
                differ(asset, "name", asset.name.clone(), names.join(", "));
            }
        }
        for (asset, hash) in extra {
            differ(asset, "extra", "none".into(), format!("SHA-256 {hash}"));
        }
        differences
    }
}

/// Reads each file whose hash is not known; those that the provider lists and does not give are left out.
pub(crate) async fn files(
    provider: &dyn LmsProvider,
    course: &CourseId,
    assets: &[Asset],
    known: &BTreeMap<AssetId, String>,
) -> Result<Files> {
    let courses = provider.require_courses()?;
    // Collected first: a closure that borrows would keep the whole from being `Send`.
    let hashes: Vec<_> = assets
        .iter()
        .map(|asset| async move {
            if let Some(hash) = known.get(&asset.id) {
                return Ok(Some((asset.clone(), hash.clone())));
            }
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
            Ok(Some((asset.clone(), hex(&hash.finalize()))))
        })
        .collect();
    let hashed: Vec<Option<(Asset, String)>> = stream::iter(hashes).buffered(4).try_collect().await?;
    Ok(Files(hashed.into_iter().flatten().collect()))
}
