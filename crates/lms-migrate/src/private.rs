//! Files of the user's own: answers and tests lie in what is kept beside a journal, and other accounts of the
//! machine have no business there.
//!
//! On Unix, folders are made with mode 0700 and files with 0600, and no file is written through a symbolic link:
//! in a folder that others may write to, it could lead anywhere. On other systems the user's folder is theirs alone.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind as Io, Write};
use std::path::Path;

use lms_core::{Error, ErrorKind, Result};

/// What is being written, until it takes its name. One run at a time works in a folder: it holds a lock.
const NEW: &str = ".new";

/// Makes a folder, and those it stands in, where there is none; one that is there is closed to others.
///
/// # Errors
/// `Config` where a link or a file has its place; what the system says.
pub(crate) fn folder(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = builder.recursive(true).create(path);
    if let Ok(found) = fs::symlink_metadata(path)
        && !found.is_dir()
    {
        let why = "here is to be a folder of migrations, and no link or file; remove it, or name another folder in \
                   LMS_STATE";
        return Err(Error::new(ErrorKind::Config, why).on(path.display()));
    }
    made.and_then(|()| close(path)).map_err(|e| {
        let why = "the folder for the state of migrations cannot be made; LMS_STATE names another";
        Error::new(ErrorKind::Io, why).on(path.display()).with_source(e)
    })
}

#[cfg(unix)]
fn close(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if fs::metadata(path)?.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn close(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// A temporary folder in `parent`, where what is written into it can take its place at once.
///
/// # Errors
/// `Io` with the parent, when it cannot be made.
pub(crate) fn temporary(parent: &Path, prefix: &str) -> Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.prefix(prefix).tempdir_in(parent).map_err(|e| Error::io(parent.display(), e))
}

/// Options by which a file is made for this user alone, and no link followed.
pub(crate) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    options
}

/// What to say where a file cannot be opened for writing.
pub(crate) fn failed(path: &Path, error: std::io::Error) -> Error {
    if fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
        let why = "this is a symbolic link, and what is written here is for you alone; remove the link";
        return Error::new(ErrorKind::Config, why).on(path.display());
    }
    Error::io(path.display(), error)
}

/// Writes a file of a [`folder`] as a whole, or not at all; one that holds the same already is left alone.
pub(crate) fn replace(folder: &Path, name: &str, text: &str) -> Result<()> {
    let (path, new) = (folder.join(name), folder.join(NEW));
    let is_there = fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
    if is_there && fs::read(&path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    let io = |e| Error::io(path.display(), e);
    match fs::remove_file(&new) {
        Err(e) if e.kind() != Io::NotFound => return Err(io(e)),
        _ => {}
    }
    let mut file: File = options().write(true).create_new(true).open(&new).map_err(io)?;
    file.write_all(text.as_bytes()).and_then(|()| fs::rename(&new, &path)).map_err(io)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    #[test]
    fn folders_and_files_are_the_users_alone() {
        let root = tempfile::tempdir().expect("a folder");
        let (made, old) = (root.path().join("a/b"), root.path().join("old"));
        folder(&made).expect("made");
        assert_eq!((mode(&made), mode(&root.path().join("a"))), (0o700, 0o700));
        fs::create_dir(&old).expect("a folder");
        fs::set_permissions(&old, fs::Permissions::from_mode(0o777)).expect("open to all");
        folder(&old).expect("it is there");
        assert_eq!(mode(&old), 0o700);
        replace(&made, "x", "answers").expect("written");
        assert_eq!(mode(&made.join("x")), 0o600);
        let temporary = temporary(root.path(), ".lms-bundle-").expect("made");
        assert_eq!(mode(temporary.path()), 0o700);
    }

    #[test]
    fn nothing_is_written_through_a_link() {
        let root = tempfile::tempdir().expect("a folder");
        let victim = root.path().join("victim");
        fs::write(&victim, "mine").expect("written");
        let own = root.path().join("own");
        folder(&own).expect("made");
        for name in ["x", NEW] {
            symlink(&victim, own.join(name)).expect("a link");
        }
        replace(&own, "x", "answers").expect("in the place of the link");
        assert!(fs::symlink_metadata(own.join("x")).expect("it is there").is_file());
        symlink(&victim, own.join("journal")).expect("a link");
        let error = options().append(true).create(true).open(own.join("journal")).expect_err("a link");
        assert!(failed(&own.join("journal"), error).to_string().contains("symbolic link"));
        symlink(root.path(), root.path().join("elsewhere")).expect("a link");
        assert!(folder(&root.path().join("elsewhere")).is_err());
        assert_eq!(fs::read_to_string(&victim).expect("there"), "mine");
    }

    #[test]
    fn what_is_the_same_is_left_alone_and_what_a_kill_left_is_made_whole() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("x");
        replace(root.path(), "x", "answers").expect("written");
        // A file that is written again is another one; its time may be the same.
        let before = fs::metadata(&path).expect("there").ino();
        replace(root.path(), "x", "answers").expect("the same");
        assert_eq!(fs::metadata(&path).expect("there").ino(), before);
        fs::write(&path, "answ").expect("half");
        fs::write(root.path().join(NEW), "an").expect("half");
        replace(root.path(), "x", "answers").expect("whole");
        assert_eq!(fs::read_to_string(&path).expect("there"), "answers");
        assert_eq!(fs::read_dir(root.path()).expect("a folder").count(), 1);
    }
}
