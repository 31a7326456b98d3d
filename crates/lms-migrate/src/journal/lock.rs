//! Keeping two runs apart. The operating system lets go of a lock when its process ends, however it ends.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use lms_core::{Error, ErrorKind, Result};

use super::now;
use crate::private;

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock(#[allow(dead_code, reason = "it is held, not used")] File);

impl Lock {
    /// Takes the lock; `what` is what it keeps for this run.
    ///
    /// # Errors
    /// `Conflict` where another run holds it, with its process and since when.
    pub(crate) fn take(path: &Path, what: &str) -> Result<Self> {
        let failed = |e| Error::io(path.display(), e);
        let mut file = private::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|e| private::failed(path, e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // What stands in it is for people; without it the lock still holds.
                let _ = file.read_to_string(&mut holder);
                let holder = if holder.trim().is_empty() { "another run" } else { holder.trim() };
                return Err(Error::new(
                    ErrorKind::Conflict,
                    format!("{holder} works on {what}; wait until it ends"),
                )
                .on(path.display()));
            }
            Err(TryLockError::Error(e)) => return Err(failed(e)),
        }
        file.set_len(0).map_err(failed)?;
        writeln!(file, "process {}, since {},", std::process::id(), now()).map_err(failed)?;
        Ok(Self(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_exclude_each_other_and_what_a_crash_left_is_no_obstacle() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        std::fs::write(&path, "process 1, since long ago,\n").expect("what a crash left");
        let held = Lock::take(&path, "the course").expect("nobody holds it");
        let error = Lock::take(&path, "the course").expect_err("held");
        assert_eq!(error.kind(), ErrorKind::Conflict);
        let said = error.to_string();
        assert!(said.contains(&format!("process {}, since 2", std::process::id())), "{said}");
        assert!(said.contains("works on the course"), "{said}");
        drop(held);
        Lock::take(&path, "the course").expect("free again");
    }
}
