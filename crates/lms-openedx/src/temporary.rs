//! Temporary folders, for their owner alone: what lies in them are courses with their answers, and other accounts of
//! the machine have no business there. `tempfile` makes files so, but folders as the umask says.

use std::path::Path;

use lms_core::{Error, Result};
use tempfile::{Builder, TempDir};

/// A folder among the system's temporary ones.
///
/// # Errors
/// `Io`, when it cannot be made.
pub(crate) fn folder() -> Result<TempDir> {
    private().tempdir().map_err(|e| Error::io("a temporary folder", e))
}

/// A folder in `parent`, where what is written into it can take its place at once.
///
/// # Errors
/// `Io` with the parent, when it cannot be made.
pub(crate) fn folder_in(parent: &Path, prefix: &str) -> Result<TempDir> {
    private().prefix(prefix).tempdir_in(parent).map_err(|e| Error::io(parent.display(), e))
}

fn private<'a>() -> Builder<'a, 'a> {
    let mut builder = Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn no_other_account_sees_into_them() {
        let root = folder().expect("a folder");
        let inside = folder_in(root.path(), ".olx-").expect("a folder");
        for made in [&root, &inside] {
            let mode = std::fs::metadata(made.path()).expect("it is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{}", made.path().display());
        }
    }
}
