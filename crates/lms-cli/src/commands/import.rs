//! `lms import`: `lms migrate` from a bundle.

use crate::args::Migrate;
use crate::commands::{export, migrate};
use crate::exit::Failure;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lms import algebra stepik: --dry-run\n  lms import algebra olx:algebra.tar.gz\n\n\
                  The same as `lms migrate bundle:PATH TARGET`: SOURCE is a path or bundle:PATH."
)]
pub(crate) struct Import {
    #[command(flatten)]
    migrate: Migrate,
}

pub(crate) async fn run(args: Import, quiet: bool) -> Result<u8, Failure> {
    let source = export::locator(&args.migrate.source)?;
    migrate::run(Migrate { source, ..args.migrate }, quiet).await
}
