//! What a conversion could not carry, said aloud.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{BlockId, Platform};

/// How much is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is lost; said for the record.
    Exact,
    /// Carried in another form; the finding says what differs.
    Approximated,
    /// Not carried.
    Dropped,
    /// It stands in the way of the whole course.
    Blocked,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "exact",
            Self::Approximated => "approximated",
            Self::Dropped => "dropped",
            Self::Blocked => "blocked",
        })
    }
}

/// One thing that is not carried as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How much is lost.
    pub severity: Severity,
    /// Where: titles and positions, or a file and line (`chapter/week1.xml:3`).
    pub path: String,
    /// What: the native name of the block, the field or the file.
    pub what: String,
    /// Why it cannot be carried.
    pub why: String,
    /// What was done instead; `None` where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// The block it is about, by its id in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<BlockId>,
    /// Whether an answer may earn another share of the block's points than in the source. What happens to it is
    /// said in `fallback`. Only such a finding announces that marks differ.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marks: bool,
    /// The platform on which it is carried as it is, where it is lost on others only. A plan for that platform has such
    /// a finding for the record.
    #[serde(skip)]
    pub kept_on: Option<Platform>,
}

impl Finding {
    /// A finding without fallback and without a block.
    pub fn new(
        severity: Severity,
        path: impl Into<String>,
        what: impl Into<String>,
        why: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            path: path.into(),
            what: what.into(),
            why: why.into(),
            fallback: None,
            block: None,
            marks: false,
            kept_on: None,
        }
    }

    /// Says what was done instead.
    #[must_use]
    pub fn with_fallback(mut self, fallback: impl Into<String>) -> Self {
        self.fallback = Some(fallback.into());
        self
    }

    /// Says which block it is about.
    #[must_use]
    pub fn with_block(mut self, block: &BlockId) -> Self {
        self.block = Some(block.clone());
        self
    }

    /// Says that it is lost on other platforms only.
    #[must_use]
    pub fn kept_on(mut self, platform: Platform) -> Self {
        self.kept_on = Some(platform);
        self
    }

    /// As it is for a course that goes to this platform.
    #[must_use]
    pub fn towards(mut self, platform: Platform) -> Self {
        if self.kept_on == Some(platform) {
            (self.severity, self.marks) = (Severity::Exact, false);
        }
        self
    }

    /// Says that an answer may earn another share of the points than in the source.
    #[must_use]
    pub fn changing_marks(mut self) -> Self {
        self.marks = true;
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}: {}", self.severity, self.path, self.what, self.why)?;
        if let Some(fallback) = &self.fallback {
            write!(f, " → {fallback}")?;
        }
        if self.marks {
            f.write_str(" (changes marks)")?;
        }
        Ok(())
    }
}
