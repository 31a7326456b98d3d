//! What a target gets a stand-in for, kept whole.
//!
//! A platform has no place where only authors can fetch a file: what is attached to a step or uploaded to a course,
//! learners may download (reference stepik.md, openedx.md), and originals hold answers and tests. So they are kept
//! beside the journal.

use std::collections::BTreeMap;

use lms_core::{BlockBody, BlockId, Original, Result, Severity, original};
use sha2::{Digest, Sha256};

use crate::bundle::hex;
use crate::report::{Report, fates};
use crate::sync::Work;
use crate::{Journal, Plan, private};

/// The folder beside the journal.
const FOLDER: &str = "originals";
/// Letters of an id in a file's name.
const LONGEST: usize = 60;

/// The originals of a plan, by block: the name of the file, and what is in it.
fn originals(plan: &Plan) -> BTreeMap<BlockId, (String, String)> {
    let fates = fates(plan);
    let blocks = plan.content.course.blocks().map(|place| place.block.1);
    let stubs = blocks.filter(|block| {
        matches!(block.body, BlockBody::Foreign(_) | BlockBody::Exercise(_))
            && fates.get(&block.id).is_some_and(|fate| *fate >= Severity::Dropped)
    });
    stubs
        .map(|block| {
            let Original { ending, text } = original(block);
            (block.id.clone(), (name(&block.id, ending), text))
        })
        .collect()
}

/// A name that every file system takes, another one for each id: none tells capitals apart (macOS, Windows), and `con`
/// and its like are no names of files on Windows.
fn name(id: &BlockId, ending: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let short: String = id.as_str().chars().map(|c| if plain(c) { c } else { '-' }).take(LONGEST).collect();
    let hash: String = hex(&Sha256::digest(id.as_str())).chars().take(12).collect();
    match short.trim_matches('-') {
        "" => format!("{hash}.{ending}"),
        short => format!("{short}-{hash}.{ending}"),
    }
}

impl Work {
    /// Writes the originals beside the journal, where one is kept.
    pub(crate) fn keep_originals(&self, journal: &Journal) -> Result<()> {
        let originals = originals(self.plan());
        if !journal.is_kept() || originals.is_empty() {
            return Ok(());
        }
        let folder = journal.folder().join(FOLDER);
        private::folder(&folder)?;
        originals.into_values().try_for_each(|(name, text)| private::replace(&folder, &name, &text))
    }
}

impl Report {
    /// Says of each block that learners get a stand-in for where a run with a journal keeps its original.
    #[must_use]
    pub fn with_originals(mut self, plan: &Plan) -> Self {
        let originals = originals(plan);
        for finding in self.findings.iter_mut().filter(|finding| finding.severity >= Severity::Dropped) {
            let Some((name, _)) = finding.block.as_ref().and_then(|block| originals.get(block)) else {
                continue;
            };
            let kept = format!("the original is kept beside the journal: {FOLDER}/{name}");
            finding.fallback = Some(match finding.fallback.take() {
                Some(fallback) => format!("{fallback}; {kept}"),
                None => kept,
            });
        }
        self
    }
}
