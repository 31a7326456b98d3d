//! `lms man`.

use std::path::PathBuf;

use lms_core::Error;

use crate::args;
use crate::exit::{DONE, Failure};
use crate::output;

/// The command's own arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// The folder, such as `~/.local/share/man/man1`; it is made if it is not there.
    folder: PathBuf,
}

pub(crate) fn run(args: &Man) -> Result<u8, Failure> {
    let folder = crate::places::home(&args.folder);
    std::fs::create_dir_all(&folder).map_err(|e| Error::io(folder.display(), e))?;
    let mut command = args::Args::described();
    command.build();
    let written = write(&command, &folder).map_err(|e| Error::io(folder.display(), e))?;
    output::text(&format!("{written} pages in {}\n", folder.display()))?;
    Ok(DONE)
}

/// A page for the command and for each below it, `lms-config-add.1` and so on.
fn write(command: &clap::Command, folder: &std::path::Path) -> std::io::Result<usize> {
    let mut written = 1;
    clap_mangen::Man::new(command.clone()).generate_to(folder)?;
    for below in command.get_subcommands().filter(|below| below.get_name() != "help" && !below.is_hide_set())
    {
        written += write(below, folder)?;
    }
    Ok(written)
}
