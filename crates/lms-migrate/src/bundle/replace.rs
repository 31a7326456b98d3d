//! Putting a finished bundle in the place of the old one. What lies there and is not of the bundle stays.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use lms_core::{Error, ErrorKind, Platform, Result};
use walkdir::{DirEntry, WalkDir};

use super::Bundle;
use super::layout::{self, ATTRIBUTES, OWN};
use super::stage::{Stage, make_parent};
use crate::private;

impl Bundle {
    /// Puts the finished folder in the place of the old one.
    pub(super) fn replace(&self, stage: Stage) -> Result<()> {
        let failed = |e| Error::io(self.path.display(), e);
        let parent = layout::parent_of(&self.path);
        let was_there = self.path.exists();
        if was_there {
            keep_others(&self.path, stage.dir.path(), stage.used.as_ref())?;
        }
        readable_by_all(stage.dir.path(), 0o755)?;
        let old = private::temporary(&parent, ".lms-bundle-old-")?;
        let put_aside = old.path().join("bundle");
        if was_there {
            fs::rename(&self.path, &put_aside).map_err(failed)?;
        }
        let new = stage.dir.keep();
        if let Err(error) = fs::rename(&new, &self.path) {
            if was_there {
                // The old bundle goes back; the error names what went wrong.
                fs::rename(&put_aside, &self.path).map_err(failed)?;
            }
            return Err(failed(error));
        }
        Ok(())
    }
}

/// Gives the new folder all of the old one that is not of the bundle: what lies beside it (`.git`, a README), and, where
/// the bundle was read and changed, what lies in its folders and is in none of its lists. Files are in both folders then,
/// so that nothing is lost however this ends.
fn keep_others(old: &Path, new: &Path, used: Option<&BTreeSet<PathBuf>>) -> Result<()> {
    for entry in WalkDir::new(old).min_depth(1).sort_by_file_name() {
        let entry = entry.map_err(|e| Error::io(old.display(), e.into()))?;
        let Ok(path) = entry.path().strip_prefix(old) else { continue };
        if stays(&entry, path, used)? {
            keep(&entry, &new.join(path)).map_err(|e| match e.kind() {
                io::ErrorKind::AlreadyExists => Error::new(
                    ErrorKind::Conflict,
                    "a file that no list of the bundle names lies where a part of the course is to be written: move it away",
                )
                .at(Platform::Bundle, "authoring.finish")
                .on(path.display()),
                _ => Error::io(path.display(), e),
            })?;
        }
    }
    Ok(())
}

/// Whether what lies in the old folder is to be in the new one as it is.
fn stays(entry: &DirEntry, path: &Path, used: Option<&BTreeSet<PathBuf>>) -> Result<bool> {
    if entry.file_type().is_dir() {
        let mut inner = fs::read_dir(entry.path()).map_err(|e| Error::io(path.display(), e))?;
        return Ok(inner.next().is_none());
    }
    let top = path.iter().next().unwrap_or_default();
    if top == ATTRIBUTES.0 {
        // One that its user has added to.
        return Ok(fs::read(entry.path()).is_ok_and(|text| text != ATTRIBUTES.1.as_bytes()));
    }
    let beside = !OWN.iter().any(|own| top == *own) && !is_text_of_the_root(&top.to_string_lossy());
    let in_no_list = || {
        // A link may be a file of the bundle, or a folder that some lie in.
        used.is_some_and(|used| !used.iter().any(|file| file.starts_with(path)))
    };
    Ok(beside || in_no_list())
}

/// A long text of `bundle.json`: `bundle.course.description.html`.
fn is_text_of_the_root(name: &str) -> bool {
    name.starts_with("bundle.course.")
}

/// Puts an entry of the old folder into the new one.
fn keep(entry: &DirEntry, to: &Path) -> io::Result<()> {
    if entry.file_type().is_dir() {
        return fs::create_dir_all(to);
    }
    if entry.file_name() == ATTRIBUTES.0 && entry.depth() == 1 && to.exists() {
        fs::remove_file(to)?;
    }
    make_parent(to).map_err(io::Error::other)?;
    if entry.file_type().is_symlink() {
        return link(&fs::read_link(entry.path())?, to);
    }
    match fs::hard_link(entry.path(), to) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            if fs::read(entry.path())? == fs::read(to)? { Ok(()) } else { Err(e) }
        }
        // For disks without hard links.
        Err(_) => fs::copy(entry.path(), to).map(drop),
        Ok(()) => Ok(()),
    }
}

#[cfg(unix)]
fn link(leads_to: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(leads_to, at)
}

#[cfg(not(unix))]
fn link(_leads_to: &Path, _at: &Path) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this is a link, which cannot be kept here: move it away"))
}

/// Temporary files and folders are made for their owner alone.
#[cfg(unix)]
pub(super) fn readable_by_all(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|e| Error::io(path.display(), e))
}

#[cfg(not(unix))]
pub(super) fn readable_by_all(_path: &Path, _mode: u32) -> Result<()> {
    Ok(())
}
