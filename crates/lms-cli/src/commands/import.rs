//! `lms import`: `lms migrate` from a bundle.

use std::path::PathBuf;

use crate::args::Migrate;
use crate::commands::{export, migrate};
use crate::exit::Failure;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lms import algebra stepik: --dry-run\n  lms import algebra olx:algebra.tar.gz\n\n\
                  The same as `lms migrate bundle:PATH TARGET`."
)]
pub(crate) struct Import {
    /// The folder of the bundle: a path, or `bundle:PATH`.
    bundle: String,
    /// Where to: `REMOTE:` for a new course, `REMOTE:COURSE` to choose its id, `olx:PATH`, `folder:PATH`.
    target: String,
    /// Write nothing; say what would be carried, approximated and dropped.
    #[arg(long)]
    dry_run: bool,
    /// Write over a course that is there.
    #[arg(long)]
    replace: bool,
    /// End with 3 when something was approximated or dropped.
    #[arg(long)]
    strict: bool,
    /// Write the report as one HTML file.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Import, quiet: bool) -> Result<u8, Failure> {
    let Import { bundle, target, dry_run, replace, strict, report, json } = args;
    let source = export::locator(&bundle)?;
    let migration = Migrate { source, target, dry_run, replace, strict, report, json, ..Migrate::default() };
    migrate::run(migration, quiet).await
}
