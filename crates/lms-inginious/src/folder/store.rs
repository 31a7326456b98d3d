//! The files of a course, in a folder or in an archive.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use lms_core::{Error, ErrorKind, Result};
use walkdir::WalkDir;
use zip::ZipArchive;

/// Bytes a description (`task.yaml`, `grading.json`) may have.
pub(crate) const MAX_DESCRIPTION: u64 = 32 << 20;
/// Bytes any other file may have.
pub(crate) const MAX_FILE: u64 = 1 << 30;

/// Where the files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Store {
    /// In a folder.
    Directory(PathBuf),
    /// In a `.zip`, below `prefix` (empty, or ending with `/`).
    Zip { path: PathBuf, prefix: String },
    /// On a server: the list of files, and those of them that describe the course.
    Memory { entries: Vec<Entry>, texts: BTreeMap<String, Bytes> },
}

/// A file of the course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// From the course folder on, `/`-separated.
    pub(crate) path: String,
    /// In bytes.
    pub(crate) size: u64,
}

impl Store {
    /// Looks where the course begins. Reads the list of names, no file.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let kind = fs::metadata(path).map_err(|e| Error::io(path.display(), e))?;
        if kind.is_dir() {
            return Ok(Self::Directory(path.to_owned()));
        }
        let archive = open_zip(path)?;
        let prefix = prefix_of(&names(&archive)).unwrap_or_default();
        Ok(Self::Zip { path: path.to_owned(), prefix })
    }

    /// All files, by path. Version control and left-overs of uploads are not part of a course.
    pub(crate) fn list(&self) -> Result<Vec<Entry>> {
        let mut entries = match self {
            Self::Directory(root) => list_directory(root)?,
            Self::Memory { entries, .. } => entries.clone(),
            Self::Zip { path, prefix } => {
                let mut archive = open_zip(path)?;
                let mut entries = Vec::new();
                for n in 0..archive.len() {
                    let file = archive.by_index_raw(n).map_err(|e| broken_zip(path, e))?;
                    let Ok(name) = file.name() else { continue };
                    let name = name.replace('\\', "/");
                    if !is_safe(name.trim_end_matches('/')) {
                        return Err(Error::invalid(
                            "a name in the archive leads out of it; nothing was read",
                        )
                        .on(format!("{}: {name}", path.display())));
                    }
                    let Some(inside) = name.strip_prefix(prefix.as_str()) else { continue };
                    if file.is_file() && is_safe(inside) {
                        entries.push(Entry { path: inside.to_owned(), size: file.size() });
                    }
                }
                entries
            }
        };
        entries.retain(|entry| is_part(&entry.path));
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        entries.dedup_by(|a, b| a.path == b.path);
        Ok(entries)
    }

    /// The bytes of a file.
    pub(crate) fn read(&self, inside: &str, limit: u64) -> Result<Vec<u8>> {
        if !is_safe(inside) {
            return Err(Error::new(ErrorKind::NotFound, "the course has no such file").on(inside));
        }
        let mut bytes = Vec::new();
        match self {
            Self::Memory { texts, .. } => match texts.get(inside) {
                Some(text) => bytes.extend_from_slice(text),
                None => return Err(Error::new(ErrorKind::NotFound, "the course has no such file").on(inside)),
            },
            Self::Directory(root) => {
                let path = root.join(inside);
                let file = File::open(&path).map_err(|e| Error::io(path.display(), e))?;
                file.take(limit + 1).read_to_end(&mut bytes).map_err(|e| Error::io(path.display(), e))?;
            }
            Self::Zip { path, prefix } => {
                let mut archive = open_zip(path)?;
                let file = archive.by_name(&format!("{prefix}{inside}")).map_err(|e| {
                    Error::new(ErrorKind::NotFound, "the archive has no such file").on(inside).with_source(e)
                })?;
                file.take(limit + 1).read_to_end(&mut bytes).map_err(|e| Error::io(inside, e))?;
            }
        }
        if bytes.len() as u64 > limit {
            return Err(Error::invalid(format!("the file is longer than {limit} bytes")).on(inside));
        }
        Ok(bytes)
    }
}

fn list_directory(root: &Path) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let walk = WalkDir::new(root).into_iter().filter_entry(|e| e.file_name() != ".git");
    for entry in walk {
        let entry = entry.map_err(|e| {
            let path = e.path().unwrap_or(root).display().to_string();
            Error::new(ErrorKind::Io, "the folder cannot be read").on(path).with_source(e)
        })?;
        if !entry.file_type().is_file() {
            continue;
        }
        let Ok(inside) = entry.path().strip_prefix(root) else { continue };
        // A name that is not Unicode can be neither linked nor written again.
        let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
        let Some(parts) = parts else { continue };
        let size = entry.metadata().map(|m| m.len()).unwrap_or_default();
        entries.push(Entry { path: parts.join("/"), size });
    }
    Ok(entries)
}

fn open_zip(path: &Path) -> Result<ZipArchive<File>> {
    let file = File::open(path).map_err(|e| Error::io(path.display(), e))?;
    ZipArchive::new(file).map_err(|e| broken_zip(path, e))
}

/// The names in an archive; those that are no text cannot be part of a course.
fn names(archive: &ZipArchive<File>) -> Vec<String> {
    archive.file_names().filter_map(|name| name.ok()).map(|name| name.into_owned()).collect()
}

fn broken_zip(path: &Path, source: zip::result::ZipError) -> Error {
    Error::invalid("not a course folder, and not a readable .zip either")
        .on(path.display())
        .with_source(source)
}

/// Where the course begins in an archive: beside `course.yaml`, or above the folders with a `task.yaml`.
fn prefix_of(names: &[String]) -> Option<String> {
    let depth = |name: &str| name.matches('/').count();
    let course = names
        .iter()
        .filter_map(|name| name.strip_suffix("course.yaml"))
        .filter(|prefix| prefix.is_empty() || prefix.ends_with('/'))
        .min_by_key(|prefix| depth(prefix));
    if let Some(prefix) = course {
        return Some(prefix.to_owned());
    }
    let task = names
        .iter()
        .filter_map(|name| name.strip_suffix("/task.yaml"))
        .map(|folder| folder.rfind('/').map_or("", |at| &folder[..=at]))
        .min_by_key(|prefix| depth(prefix))?;
    Some(task.to_owned())
}

/// Whether a path stays below the folder it is joined to.
pub(crate) fn is_safe(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', '\0'])
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

fn is_part(path: &str) -> bool {
    !path.split('/').any(|part| part == ".git" || part == "__MACOSX")
        && !path.ends_with(".webdav_tmp")
        && !path.ends_with(".webdav_backup")
}

/// Whether there is a course: `course.yaml`, or a folder with a `task.yaml`.
pub(crate) fn holds_course(path: &Path) -> bool {
    let Ok(kind) = fs::metadata(path) else { return false };
    if kind.is_file() {
        return open_zip(path).is_ok_and(|archive| prefix_of(&names(&archive)).is_some());
    }
    if path.join("course.yaml").is_file() {
        return true;
    }
    let Ok(entries) = fs::read_dir(path) else { return false };
    entries.filter_map(|e| e.ok()).any(|entry| entry.path().join("task.yaml").is_file())
}
