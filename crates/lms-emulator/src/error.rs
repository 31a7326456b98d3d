//! Why an emulator could not start.

use std::io;
use std::path::PathBuf;

/// Why an emulator could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmulatorError {
    /// The port could not be opened on loopback.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; choose another port, or 0 for any free one")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file or folder given in [`Options::load`](crate::Options::load) could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file given in [`Options::load`](crate::Options::load) does not hold what the platform would have written.
    #[error("cannot load {}: field `{field}`: {what}", path.display())]
    Load {
        /// The file.
        path: PathBuf,
        /// Where in the file, as a dotted path such as `courses[0].id`; `.` is the whole document.
        field: String,
        /// What is wrong, and what was expected.
        what: String,
    },
}
