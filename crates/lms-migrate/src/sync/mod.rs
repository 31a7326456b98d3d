//! Bringing a course up to date: what changed in the source is written, what changed on the target is
//! kept, what changed on both sides is refused.

mod changes;
mod decide;
mod files;
pub(crate) mod fingerprint;
mod leftover;
mod matching;
mod places;
mod resume;
mod sequence;
#[cfg(test)]
mod tests;
pub(crate) mod tree;
mod work;

pub use changes::{Action, Change, Changes};
pub(crate) use decide::{Fate, Task};
pub(crate) use places::Entry;
pub use work::Work;
pub(crate) use work::{Begin, like};

use lms_core::NewCourse;

/// Whose change counts where the source and the target both changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Winner {
    /// Nobody's: it is a conflict, and nothing is written.
    #[default]
    Nobody,
    /// The source's.
    Source,
    /// The target's.
    Target,
}

/// What to do when an earlier run is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Earlier {
    /// Bring a finished one up to date; refuse where it broke off.
    #[default]
    Update,
    /// The same, and go on where it broke off.
    Resume,
    /// Forget it, and write another course.
    Forget,
}

/// What to do before the first change to a course that is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Backup {
    /// Copy it into a bundle beside the journal.
    #[default]
    Save,
    /// Nothing.
    Skip,
}

/// How a course is written or brought up to date.
#[derive(Debug, Clone, Default)]
pub struct SyncOptions {
    /// The course to begin, where there is none yet.
    pub new: NewCourse,
    /// What to do when an earlier run is found.
    pub earlier: Earlier,
    /// Remove from the target what the source no longer has.
    pub delete: bool,
    /// Refuse to remove more nodes than this, before anything is written.
    pub max_delete: Option<usize>,
    /// Whose change counts where both sides changed.
    pub conflicts: Winner,
    /// What to do before the first change to a course that is there.
    pub backup: Backup,
}
