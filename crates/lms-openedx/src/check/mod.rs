//! What of a course Open edX would refuse, lose or show otherwise than meant, found before it is uploaded.
//!
//! An import that drops half of a course still says that it succeeded, and one that fails does not say why
//! (reference openedx.md 3.14, 5.12). So a course is checked here, with file and line.

mod capa;
mod files;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use lms_core::{Error, ErrorKind, Result};

pub(crate) use files::{is_ignored, size};
pub(crate) use tree::{check, is_known};

/// What a course is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckOptions {
    /// Block types that the site has beside the usual ones ([`CheckOptions::default`] knows none). One that
    /// it has not makes a whole import fail (seen on a real Studio).
    pub block_types: BTreeSet<String>,
    /// The largest archive that Studio's server takes, in bytes. 250 MiB by default, the limit of sites that
    /// Tutor set up.
    pub max_archive: u64,
    /// From which harm on [`lms_core::Authoring::finish`] uploads nothing. [`Harm::Lost`] by default.
    pub refuse: Harm,
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self { block_types: BTreeSet::new(), max_archive: 250 << 20, refuse: Harm::Lost }
    }
}

/// What becomes of a course with a defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Harm {
    /// All of it arrives, but something is not as the author meant it.
    Doubtful,
    /// The import succeeds and something is not there afterwards.
    Lost,
    /// The import fails.
    Refused,
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Doubtful => "doubtful",
            Self::Lost => "lost",
            Self::Refused => "refused",
        })
    }
}

impl FromStr for Harm {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        [Self::Doubtful, Self::Lost, Self::Refused]
            .into_iter()
            .find(|harm| harm.to_string() == name)
            .ok_or_else(|| Error::new(ErrorKind::Config, "neither refused nor lost nor doubtful").on(name))
    }
}

/// What is wrong with a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The root has no `url_name`.
    NoRun,
    /// A tag points to a file that is not there.
    DanglingPointer,
    /// A file is not well-formed XML, or no UTF-8.
    UnparsableXml,
    /// Two blocks of a type have one `url_name`.
    DuplicateUrlName,
    /// A `url_name` that cannot stand in a usage key.
    BadUrlName,
    /// Text, or an element of HTML, where a block must stand.
    BareText,
    /// A block type that Open edX has not unless somebody installed it.
    UnknownBlock,
    /// A block at a level where Studio does not show it.
    OddPlace,
    /// A problem that learners see an error for.
    BrokenProblem,
    /// A link to a file of the course that is not there.
    MissingStatic,
    /// Two files that get one name on import.
    SameStaticName,
    /// A file that the import leaves out by its name.
    IgnoredFile,
    /// Settings that cannot be read.
    BadPolicy,
    /// An archive over the limit of the server.
    TooLarge,
}

/// Something that is wrong with a course, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Defect {
    /// What is wrong.
    pub rule: Rule,
    /// What becomes of it.
    pub harm: Harm,
    /// The file, from the course's root.
    pub file: String,
    /// The line in it, from 1; 0 where it is the file itself.
    pub line: usize,
    /// What is wrong and what to do, for people.
    pub message: String,
}

impl Defect {
    /// `file:line`, or the file alone.
    pub fn place(&self) -> String {
        match self.line {
            0 => self.file.clone(),
            line => format!("{}:{line}", self.file),
        }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.place(), self.message, self.harm)
    }
}

/// The error for a course that is not to be uploaded; `None` where nothing speaks against it.
pub(crate) fn refusal(defects: &[Defect], from: Harm) -> Option<Error> {
    let against: Vec<&Defect> = defects.iter().filter(|defect| defect.harm >= from).collect();
    let first = against.first()?;
    let more = match against.len() - 1 {
        0 => String::new(),
        n => format!(", and {n} more"),
    };
    let error = Error::invalid(format!("the course is not uploaded: {first}{more}")).on(first.place());
    Some(
        against.iter().fold(error, |error, defect| error.with_field(defect.place(), defect.message.as_str())),
    )
}
