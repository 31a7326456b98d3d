//! What a run says while it is under way.

use std::fmt;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Reading the source.
    Read,
    /// Writing files.
    Assets,
    /// Writing sections and lessons.
    Structure,
    /// Writing steps.
    Steps,
    /// Waiting for the target to take it all.
    Finish,
    /// Reading the target back.
    Verify,
    /// A learner answers on the target.
    Trial,
}

impl Stage {
    /// The stage in a word or two.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "reading the source",
            Self::Assets => "writing files",
            Self::Structure => "writing sections and lessons",
            Self::Steps => "writing steps",
            Self::Finish => "finishing",
            Self::Verify => "reading the target back",
            Self::Trial => "answering on the target",
        }
    }
}

/// Told what a run does. Calls come from one task at a time.
pub trait Progress: fmt::Debug + Send + Sync {
    /// A stage begins; `total` things are to be done in it, 0 where that is not known.
    fn begin(&self, stage: Stage, total: usize);
    /// One thing of the stage is done.
    fn step(&self, stage: Stage);
    /// One thing of the stage was done by an earlier run: no measure of how fast this one is.
    fn pass(&self, stage: Stage) {
        self.step(stage);
    }
    /// The stage is over.
    fn end(&self, stage: Stage);
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn begin(&self, _: Stage, _: usize) {}
    fn step(&self, _: Stage) {}
    fn end(&self, _: Stage) {}
}
