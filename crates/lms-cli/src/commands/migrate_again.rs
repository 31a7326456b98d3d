//! What `lms migrate` does when it is not the first run.

use lms_core::NewCourse;
use lms_migrate::{Backup, Earlier, SyncOptions, Winner};

/// What makes a part of a course of it.
const PART: [&str; 6] =
    ["sections", "without_sections", "lessons", "without_lessons", "kinds", "without_kinds"];

/// Later runs.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Later runs")]
pub(crate) struct Again {
    /// Go on where an earlier run broke off. Nothing is written twice.
    #[arg(long)]
    resume: bool,
    /// Write another course, whatever earlier runs wrote.
    #[arg(long, conflicts_with = "resume")]
    new: bool,
    /// Remove from the target what the source no longer has. Not together with a part of the course: the rest of it
    /// would count as gone.
    #[arg(long, conflicts_with_all = PART)]
    delete: bool,
    /// Refuse to remove more than this many sections, lessons and steps.
    #[arg(long, value_name = "N", requires = "delete")]
    max_delete: Option<usize>,
    /// Whose change counts where the source and the target both changed; else that is refused.
    #[arg(long, value_name = "SIDE", value_enum)]
    prefer: Option<Side>,
    /// Do not save the target before it is changed.
    #[arg(long)]
    no_backup: bool,
}

/// A side of a migration.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Side {
    Source,
    Target,
}

impl Again {
    /// Goes on where an earlier run broke off, too. `false` where another course is wanted.
    pub(crate) fn resume_all(&mut self) -> bool {
        self.resume = !self.new;
        self.resume
    }

    /// As the library takes it. A dry run says what going on would do.
    pub(crate) fn options(&self, new: NewCourse, dry_run: bool) -> SyncOptions {
        SyncOptions {
            new,
            earlier: match () {
                () if self.new => Earlier::Forget,
                () if self.resume || dry_run => Earlier::Resume,
                () => Earlier::Update,
            },
            delete: self.delete,
            max_delete: self.max_delete,
            conflicts: match self.prefer {
                None => Winner::Nobody,
                Some(Side::Source) => Winner::Source,
                Some(Side::Target) => Winner::Target,
            },
            backup: if self.no_backup { Backup::Skip } else { Backup::Save },
        }
    }
}
