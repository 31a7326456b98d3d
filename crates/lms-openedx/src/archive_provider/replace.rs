//! Putting a finished course in the place of the old one. What lies there and is not of the course stays.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lms_core::{Error, ErrorKind, Result};
use walkdir::{DirEntry, WalkDir};

use super::stage::{Stage, Start, make_parent};
use super::{ArchiveForm, OlxArchive, Source, parent_of, read_source};
use crate::olx::archive;
use crate::olx::files::Files;
use crate::temporary;

impl OlxArchive {
    /// Puts the finished folder in the place of the old course.
    pub(super) fn replace(&self, stage: Stage, before: Option<&Source>) -> Result<Source> {
        match self.form {
            ArchiveForm::TarGz => self.replace_archive(stage, before),
            ArchiveForm::Folder => {
                // The course may be the only folder of the one that was named.
                let place = before.map_or(self.path.as_path(), |before| before.files.root());
                replace_folder(stage, &parent_of(&self.path), place)?;
                Ok(Source { files: Files::find(&self.path)?, _unpacked: None })
            }
        }
    }

    fn replace_archive(&self, stage: Stage, before: Option<&Source>) -> Result<Source> {
        let failed = |e| Error::io(self.path.display(), e);
        let parent = parent_of(&self.path);
        let mut file = tempfile::Builder::new().prefix(".olx-").tempfile_in(&parent).map_err(failed)?;
        let unpacked = before.and_then(|before| before._unpacked.as_ref().map(|dir| (before, dir.path())));
        let top = unpacked.and_then(|(before, all)| Some((before.files.root().strip_prefix(all).ok()?, all)));
        match top {
            Some((top, all)) if top != Path::new(archive::TOP) || holds_more(all)? => {
                archive::pack_beside(stage.dir.path(), top, all, file.as_file_mut())?;
            }
            _ => archive::pack(stage.dir.path(), file.as_file_mut())?,
        }
        readable_by_all(file.path(), 0o644)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&self.path).map_err(|e| failed(e.error))?;
        if top.is_some() {
            return read_source(&self.path, self.form);
        }
        let files = Files::find(stage.dir.path())?;
        Ok(Source { files, _unpacked: Some(Arc::new(stage.dir)) })
    }
}

fn holds_more(unpacked: &Path) -> Result<bool> {
    let entries = fs::read_dir(unpacked).map_err(|e| Error::io(unpacked.display(), e))?;
    Ok(entries.count() > 1)
}

fn replace_folder(stage: Stage, beside: &Path, place: &Path) -> Result<()> {
    let failed = |e| Error::io(place.display(), e);
    readable_by_all(stage.dir.path(), 0o755)?;
    let old = temporary::folder_in(beside, ".olx-old-")?;
    let put_aside = old.path().join("course");
    if place.exists() {
        fs::rename(place, &put_aside).map_err(failed)?;
    }
    let new = stage.dir.keep();
    if let Err(error) = fs::rename(&new, place) {
        if put_aside.exists() {
            // The old course goes back; the error names what went wrong.
            fs::rename(&put_aside, place).map_err(failed)?;
        }
        return Err(failed(error));
    }
    Ok(())
}

/// Temporary files are made for their owner alone.
#[cfg(unix)]
fn readable_by_all(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|e| Error::io(path.display(), e))
}

#[cfg(not(unix))]
fn readable_by_all(_path: &Path, _mode: u32) -> Result<()> {
    Ok(())
}

/// Gives the new folder all of the old one that is not of its course: links, `.git`, empty folders; where another course
/// takes its place, also files and folders that no course has. Files are in both folders then, so that nothing is lost
/// however this ends.
pub(super) fn keep_others(before: &Files, new: &Path, start: Start) -> Result<()> {
    let mut others = Others { before, start, folders: HashMap::new() };
    for entry in WalkDir::new(before.root()).min_depth(1).sort_by_file_name() {
        let entry = entry.map_err(|e| Error::io(before.root().display(), e.into()))?;
        let Ok(path) = entry.path().strip_prefix(before.root()) else { continue };
        let to = new.join(path);
        if others.stays(&entry, path, &to)? {
            keep(&entry, &to).map_err(|e| match e.kind() {
                io::ErrorKind::AlreadyExists => Error::new(
                    ErrorKind::Conflict,
                    "something of the folder that is not of its course lies where a part of it is to be written: move it away",
                )
                .on(path.display()),
                _ => Error::io(path.display(), e),
            })?;
        }
    }
    Ok(())
}

struct Others<'a> {
    before: &'a Files,
    start: Start,
    /// Whether folders in the root are of a course.
    folders: HashMap<PathBuf, bool>,
}

impl Others<'_> {
    /// Whether what lies in the old folder is to be in the new one as it is.
    fn stays(&mut self, entry: &DirEntry, path: &Path, to: &Path) -> Result<bool> {
        if entry.file_type().is_dir() {
            let mut inner = fs::read_dir(entry.path()).map_err(|e| Error::io(path.display(), e))?;
            return Ok(inner.next().is_none());
        }
        // Other files of the course are in the new folder already, or were removed.
        let is_read = path.to_str().is_some_and(|path| self.before.number(path).is_some());
        Ok(!is_read || (self.start == Start::Empty && !to.exists() && !self.is_of_a_course(path)))
    }

    fn is_of_a_course(&mut self, path: &Path) -> bool {
        const FILES: [&str; 5] =
            ["course.xml", "library.xml", "grading_policy.json", "policy.json", "tags.csv"];
        const FOLDERS: [&str; 8] =
            ["static", "about", "info", "tabs", "policies", "assets", "drafts", "custom_tags"];
        let top = path.iter().next().unwrap_or_default();
        let is = |names: &[&str]| names.iter().any(|name| top == *name);
        if path.iter().nth(1).is_none() {
            return is(&FILES);
        }
        let root = self.before.root();
        // Folders of blocks are called as their types are, which anybody may have made.
        *self.folders.entry(top.into()).or_insert_with(|| {
            let mut files = WalkDir::new(root.join(top)).into_iter().flatten();
            is(&FOLDERS) || files.any(|file| file.path().extension().is_some_and(|ending| ending == "xml"))
        })
    }
}

/// Puts an entry of the old folder into the new one.
fn keep(entry: &DirEntry, to: &Path) -> io::Result<()> {
    if entry.file_type().is_dir() {
        return fs::create_dir_all(to);
    }
    make_parent(to).map_err(io::Error::other)?;
    if !entry.file_type().is_symlink() {
        return match fs::hard_link(entry.path(), to) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => copy_new(entry.path(), to),
            done => done,
        };
    }
    // What a link led to was read as a file of the course: the link stays where it still says that.
    if let (Ok(there), Ok(written)) = (fs::read(entry.path()), fs::read(to))
        && there == written
    {
        fs::remove_file(to)?;
    }
    link(&fs::read_link(entry.path())?, to)
}

/// For disks without hard links.
fn copy_new(from: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::copy(from, to).map(drop)
}

#[cfg(unix)]
fn link(leads_to: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(leads_to, at)
}

#[cfg(not(unix))]
fn link(_leads_to: &Path, _at: &Path) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this is a link, which cannot be kept here: move it away"))
}
