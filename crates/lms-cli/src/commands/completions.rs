//! `lms completions`.

use crate::args;
use crate::exit::{DONE, Failure};
use crate::output;

/// The command's own arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell.
    shell: clap_complete::Shell,
}

pub(crate) fn run(args: &Completions) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::Args::described(), "lms", &mut script);
    output::text(&String::from_utf8_lossy(&script))?;
    Ok(DONE)
}
