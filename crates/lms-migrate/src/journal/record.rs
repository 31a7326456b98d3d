//! The lines of a journal. Their form is documented in `docs/migration.md`.

use std::fmt;

use lms_core::{AssetId, AssetLink, CourseId};
use serde::{Deserialize, Serialize};

/// The version of the form, in the first line of each run.
pub(crate) const FORMAT: u32 = 1;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Course,
    Section,
    Lesson,
    Step,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Course => "course",
            Self::Section => "section",
            Self::Lesson => "lesson",
            Self::Step => "step",
        })
    }
}

/// What a node is called across runs: its kind and its id in the adapted course, which comes from the
/// source. Where several nodes have one id, the later ones are numbered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) kind: Kind,
    pub(crate) id: String,
}

impl Key {
    pub(crate) fn course() -> Self {
        Self { kind: Kind::Course, id: String::new() }
    }
}

/// A node as it was written: where, and the fingerprint of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) key: Key,
    /// The node it stands in.
    pub(crate) under: Key,
    /// Its place there, from 1.
    pub(crate) position: u32,
    /// What was written, as [`crate::sync::fingerprint`] says.
    pub(crate) written: String,
}

/// A write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "write", rename_all = "snake_case")]
pub(crate) enum Write {
    /// The course is begun.
    Course {
        title: String,
        /// Courses of this title or id that were there before.
        there: Vec<CourseId>,
    },
    Asset {
        asset: AssetId,
        name: String,
    },
    Create {
        #[serde(flatten)]
        node: Node,
        title: String,
    },
    Update {
        #[serde(flatten)]
        node: Node,
        id: String,
    },
    Order {
        under: Key,
    },
    Delete {
        key: Key,
        id: String,
    },
    Finish {
        /// The fingerprint of the header; absent where the header is left as it is.
        header: Option<String>,
    },
}

/// What came of a write.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// The id on the target of what was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    /// For a file: how the target links to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<AssetLink>,
    /// For a file: the SHA-256 of its bytes, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sha256: Option<String>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Record {
    /// A run begins, or goes on.
    Begin {
        format: u32,
        at: String,
        tool: String,
        source: String,
        target: String,
        /// Nothing of what stands above counts any more.
        fresh: bool,
        /// Writes last only once the finish is over.
        staged: bool,
        /// What is there is written over.
        replace: bool,
    },
    /// A write is about to be sent.
    Intent {
        n: u64,
        #[serde(flatten)]
        write: Write,
    },
    /// It was made.
    Done {
        n: u64,
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// It was refused, and has changed nothing.
    Refused { n: u64, why: String },
    /// The node as it was read back from the target after the run.
    Seen {
        #[serde(flatten)]
        node: Node,
        id: String,
        /// The fingerprint of what was read.
        seen: String,
    },
    /// A file stays as the target has its own. The hash is that of the source's, which is settled by that.
    Left { asset: AssetId, link: AssetLink, sha256: String },
    /// The node is no business of later runs: it is gone from both sides.
    Forgotten { key: Key },
    /// The run is over and all of it is on the target.
    End { at: String },
}
