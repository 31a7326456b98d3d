//! What a migration did, for programs and for people.

mod altered;
mod findings;
mod pictures;
mod text;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use lms_core::{AssetId, Block, CourseId, Error, Finding, LmsProvider, RequestCount, Result, Severity};
use serde::Serialize;

use crate::filter::is_left_out;
use crate::{Changes, Plan, Verification, Written, html};

pub(crate) use altered::{Altered, fates};
pub(crate) use pictures::Pictures;
pub(crate) use text::{graders, marks, percent, requests, trial};

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
    /// What the HTML shows side by side.
    #[serde(skip)]
    pub(crate) altered: Vec<Altered>,
    /// The sections of the source, with their positions.
    #[serde(skip)]
    pub(crate) sections: Vec<String>,
    /// The pictures in it.
    #[serde(skip)]
    pub(crate) pictures: Pictures,
    /// The files of the source, and their sizes where they are known.
    #[serde(skip)]
    sizes: HashMap<AssetId, Option<u64>>,
}

impl Report {
    /// What a plan says, before anything is written.
    pub fn new(plan: &Plan) -> Self {
        let fates = altered::fates(plan);
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
            altered: altered::altered(plan, &fates),
            sections: (1..)
                .zip(&plan.content.course.sections)
                .map(|(n, section)| altered::section_name(n, section))
                .collect(),
            pictures: Pictures::default(),
            sizes: plan.content.course.assets.iter().map(|a| (a.id.clone(), a.size)).collect(),
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

    /// With the course that was there already and is held against the plan.
    #[must_use]
    pub fn compared_with(mut self, course: &CourseId) -> Self {
        self.target.course = Some(course.to_string());
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

    /// What the filter left out, in words; `None` where it left out nothing.
    pub(crate) fn left_out(&self) -> Option<String> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in self.findings.iter().filter(|finding| is_left_out(finding)) {
            *counts.entry(finding.what.as_str()).or_default() += 1;
        }
        let said: Vec<String> = counts.iter().map(|(what, n)| format!("{n} {what}{}", plural(*n))).collect();
        (!said.is_empty()).then(|| said.join(", "))
    }

    /// How all blocks fared together.
    pub fn carriage(&self) -> Carriage {
        self.kinds.values().fold(Carriage::default(), |all, row| Carriage {
            exact: all.exact + row.exact,
            approximated: all.approximated + row.approximated,
            dropped: all.dropped + row.dropped,
        })
    }

    /// With the pictures that stand in altered items, as far as they fit into the HTML file: each up to
    /// 64 KiB, all up to 2 MiB. Others are shown by their names, and so is one that cannot be read.
    ///
    /// # Errors
    /// `Unsupported` where the source reads no courses.
    pub async fn with_pictures(mut self, source: &dyn LmsProvider) -> Result<Self> {
        if let Some(course) = self.source.course.clone() {
            let course = CourseId::from(course);
            self.pictures = Pictures::read(&self.altered, source, &course, &self.sizes).await?;
        }
        Ok(self)
    }

    /// The report for a terminal, with the findings: those that change marks first, then the worst. Of many that
    /// say the same, three are shown and the others counted; all of them are in the JSON and in the HTML.
    /// Ends with a line feed.
    pub fn to_text(&self) -> String {
        let mut text = self.to_summary();
        findings::write(&self.findings, &mut text);
        text
    }

    /// The report for a terminal without the findings. Ends with a line feed.
    pub fn to_summary(&self) -> String {
        text::summary(self)
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
