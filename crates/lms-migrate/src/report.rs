//! What a migration did, for programs and for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use lms_core::{Block, BlockId, Error, Finding, RequestCount, Result, Severity};
use serde::Serialize;

use crate::{Changes, Plan, Verification, Written, html};

/// How the blocks of one kind fared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Carriage {
    /// Carried as they are.
    pub exact: usize,
    /// Carried in another form; a finding says what differs.
    pub approximated: usize,
    /// Not carried; a finding says so.
    pub dropped: usize,
}

impl Carriage {
    /// All of them.
    pub fn total(self) -> usize {
        self.exact + self.approximated + self.dropped
    }
}

/// Where a course is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct End {
    /// The platform.
    pub platform: String,
    /// The site's address or the path.
    pub location: String,
    /// The course; absent for a target that nothing was written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub course: Option<String>,
    /// The title.
    pub title: String,
}

/// What a migration did, or will do.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Where the course came from.
    pub source: End,
    /// Where it went.
    pub target: End,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Blocks read, by kind.
    pub read: BTreeMap<&'static str, usize>,
    /// Blocks carried, exactly or otherwise, by kind.
    pub carried: BTreeMap<&'static str, usize>,
    /// How blocks fared, exercises by their interaction.
    pub kinds: BTreeMap<&'static str, Carriage>,
    /// What is not carried as it is.
    pub findings: Vec<Finding>,
    /// What happens to which node of a course that an earlier run wrote; absent for a first run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// What reading back showed; absent when it was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// Requests sent to both sides.
    pub requests: RequestCount,
    /// How long it took.
    pub seconds: f64,
}

impl Report {
    /// What a plan says, before anything is written.
    pub fn new(plan: &Plan) -> Self {
        let fates = fates(plan);
        let mut report = Self {
            source: End {
                platform: plan.source.platform.to_string(),
                location: plan.source.location.clone(),
                course: Some(plan.content.course.id.to_string()),
                title: plan.content.course.title.clone(),
            },
            target: End {
                platform: plan.target.platform.to_string(),
                location: plan.target.location.clone(),
                course: None,
                title: plan.adapted.course.title.clone(),
            },
            dry_run: true,
            read: BTreeMap::new(),
            carried: BTreeMap::new(),
            kinds: BTreeMap::new(),
            findings: plan.findings.clone(),
            changes: None,
            verification: None,
            requests: RequestCount::default(),
            seconds: 0.0,
        };
        for place in plan.content.course.blocks() {
            let block = place.block.1;
            let fate = fates.get(&block.id).copied().unwrap_or(Severity::Exact);
            *report.read.entry(block.body.kind()).or_default() += 1;
            let row = report.kinds.entry(kind(block)).or_default();
            match fate {
                Severity::Exact => row.exact += 1,
                Severity::Approximated => row.approximated += 1,
                Severity::Dropped | Severity::Blocked => row.dropped += 1,
            }
            if fate < Severity::Dropped {
                *report.carried.entry(block.body.kind()).or_default() += 1;
            }
        }
        report
    }

    /// With what was written.
    #[must_use]
    pub fn with_written(mut self, written: &Written) -> Self {
        self.dry_run = false;
        self.target.course = Some(written.course.to_string());
        self.findings.extend(written.findings.iter().cloned());
        self
    }

    /// With what happens to a course that an earlier run wrote.
    #[must_use]
    pub fn with_changes(mut self, changes: &Changes) -> Self {
        self.changes = Some(changes.clone());
        self
    }

    /// With what reading back showed.
    #[must_use]
    pub fn with_verification(mut self, verification: Verification) -> Self {
        self.verification = Some(verification);
        self
    }

    /// With what it cost.
    #[must_use]
    pub fn with_cost(mut self, requests: RequestCount, seconds: f64) -> Self {
        (self.requests, self.seconds) = (requests, seconds);
        self
    }

    /// Whether something is carried otherwise than as it is.
    pub fn has_losses(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity > Severity::Exact)
    }

    /// The report for a terminal, findings included. Ends with a line feed.
    pub fn to_text(&self) -> String {
        let mut text = self.to_summary();
        for finding in &self.findings {
            let _ = writeln!(text, "  {finding}");
        }
        text
    }

    /// The report for a terminal without the findings. Ends with a line feed.
    pub fn to_summary(&self) -> String {
        let mut text = String::new();
        let done = if self.dry_run { "would go" } else { "went" };
        let target = self.target.course.as_deref().unwrap_or(&self.target.location);
        let _ = writeln!(
            text,
            "“{}” {done} from {} to {} ({target})",
            self.source.title, self.source.platform, self.target.platform
        );
        let _ = writeln!(text, "  {:<16}{:>8}{:>14}{:>9}", "", "exact", "approximated", "dropped");
        for (name, row) in &self.kinds {
            let _ = writeln!(text, "  {name:<16}{:>8}{:>14}{:>9}", row.exact, row.approximated, row.dropped);
        }
        if let Some(changes) = &self.changes {
            let _ = writeln!(text, "  {}", changes.summary());
            for change in &changes.changes {
                let _ = writeln!(text, "    {change}");
            }
        }
        if let Some(v) = &self.verification {
            let _ = writeln!(
                text,
                "  marks: {} of {} exercises agree, {} differ as announced, {} differ, {} could not be tried",
                v.agreed, v.exercises, v.announced, v.disagreed, v.unprobed
            );
            let _ = writeln!(
                text,
                "  read back: {} difference{}, {} file{} compared",
                v.differences.len(),
                plural(v.differences.len()),
                v.assets,
                plural(v.assets)
            );
            for difference in v.differences.iter().take(20) {
                let _ = writeln!(
                    text,
                    "    {}: {}: expected “{}”, found “{}”",
                    difference.path, difference.what, difference.expected, difference.actual
                );
            }
            for check in &v.checks {
                if let crate::Outcome::Disagreed { example } = &check.outcome {
                    let _ = writeln!(text, "    {}: marks differ: {example}", check.path);
                }
            }
        }
        let _ = writeln!(
            text,
            "  {} requests that read, {} that write, {:.1} s",
            self.requests.read, self.requests.write, self.seconds
        );
        text
    }

    /// The report as one HTML file that needs nothing else.
    pub fn to_html(&self) -> String {
        html::page(&format!("Migration of {}", self.source.title), std::slice::from_ref(self), "")
    }

    /// Several reports as one HTML file; `preface` is HTML that stands before them.
    pub fn page(title: &str, reports: &[Report], preface: &str) -> String {
        html::page(title, reports, preface)
    }

    /// Writes the HTML file.
    ///
    /// # Errors
    /// `Io` and its like, with the path.
    pub fn save_html(&self, path: &Path) -> Result<()> {
        std::fs::write(path, self.to_html()).map_err(|e| Error::io(path.display(), e))
    }
}

pub(crate) fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

fn kind(block: &Block) -> &'static str {
    block.exercise().map_or(block.body.kind(), |exercise| exercise.interaction.name())
}

/// How each block fares. A block that stands on the target as what it was is carried, even where a
/// finding says that a part of it is left behind; one that became a mere text of an exercise is not.
fn fates(plan: &Plan) -> BTreeMap<&BlockId, Severity> {
    let kinds: BTreeMap<&BlockId, &str> =
        plan.adapted.course.blocks().map(|place| (&place.block.1.id, place.block.1.body.kind())).collect();
    let source: BTreeMap<&BlockId, &str> =
        plan.content.course.blocks().map(|place| (&place.block.1.id, place.block.1.body.kind())).collect();
    let mut stays: BTreeSet<&BlockId> = BTreeSet::new();
    for carried in &plan.adapted.carried {
        let kind = source.get(&carried.source);
        if carried.target.iter().any(|id| kinds.get(id) == kind) {
            stays.insert(&carried.source);
        }
    }
    let mut fates = BTreeMap::new();
    for finding in &plan.findings {
        if let Some(block) = &finding.block {
            let most = if stays.contains(block) { Severity::Approximated } else { Severity::Blocked };
            let severity = finding.severity.min(most);
            let fate = fates.entry(block).or_insert(severity);
            *fate = (*fate).max(severity);
        }
    }
    fates
}
