//! Course folders in memory: path to bytes (reference inginious.md 9.1).

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};
use std::path::Path;

use bytes::Bytes;
use jiff::Timestamp;

use crate::EmulatorError;

/// A folder tree. Paths are relative, with `/` between the parts and none at the ends; "" is the root.
#[derive(Debug, Clone, Default)]
pub(crate) struct Folder {
    files: BTreeMap<String, File>,
    dirs: BTreeSet<String>,
}

#[derive(Debug, Clone)]
struct File {
    bytes: Bytes,
    modified: Timestamp,
}

impl Folder {
    pub(crate) fn file(&self, path: &str) -> Option<&Bytes> {
        self.files.get(path).map(|file| &file.bytes)
    }

    /// When a file was last written.
    pub(crate) fn modified(&self, path: &str) -> Option<Timestamp> {
        self.files.get(path).map(|file| file.modified)
    }

    pub(crate) fn text(&self, path: &str) -> Option<String> {
        self.file(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    pub(crate) fn is_dir(&self, path: &str) -> bool {
        path.is_empty() || self.dirs.contains(path)
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.is_dir(path) || self.files.contains_key(path)
    }

    /// Writes a file and creates the folders above it.
    pub(crate) fn put(&mut self, path: &str, bytes: Bytes) {
        self.make_dir(parent(path));
        self.files.insert(path.to_owned(), File { bytes, modified: Timestamp::now() });
    }

    pub(crate) fn make_dir(&mut self, path: &str) {
        let mut path = path;
        while !path.is_empty() && self.dirs.insert(path.to_owned()) {
            path = parent(path);
        }
    }

    /// Removes a file, or a folder with all that is in it.
    pub(crate) fn remove(&mut self, path: &str) {
        let inside = format!("{path}/");
        self.files.retain(|name, _| name != path && !name.starts_with(&inside));
        self.dirs.retain(|name| name != path && !name.starts_with(&inside));
    }

    /// Copies a file, or a folder with all that is in it.
    pub(crate) fn copy(&mut self, from: &str, to: &str) {
        let inside = format!("{from}/");
        let moved = |name: &String| name.strip_prefix(&inside).map(|rest| format!("{to}/{rest}"));
        let files: Vec<(String, Bytes)> =
            self.files.iter().filter_map(|(name, file)| Some((moved(name)?, file.bytes.clone()))).collect();
        let dirs: Vec<String> = self.dirs.iter().filter_map(moved).collect();
        if self.is_dir(from) {
            self.make_dir(to);
        }
        if let Some(bytes) = self.file(from).cloned() {
            self.put(to, bytes);
        }
        dirs.iter().for_each(|dir| self.make_dir(dir));
        files.into_iter().for_each(|(name, bytes)| self.put(&name, bytes));
    }

    /// Names directly inside a folder: sub-folders, then files.
    pub(crate) fn children(&self, path: &str) -> (Vec<String>, Vec<String>) {
        let inside = |name: &&String| parent(name) == path;
        (
            self.dirs.iter().filter(inside).cloned().collect(),
            self.files.keys().filter(inside).cloned().collect(),
        )
    }

    /// All files whose path starts with `prefix`, the prefix taken off.
    pub(crate) fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Bytes)> {
        self.files.iter().filter_map(move |(name, file)| Some((name.strip_prefix(prefix)?, &file.bytes)))
    }

    /// Reads a course folder, or a `.zip` of one, from disk. Returns the course id, which is the name of the folder,
    /// and the files.
    ///
    /// # Errors
    /// The path cannot be read, is no archive, or holds no `course.yaml`.
    pub(crate) fn read(path: &Path) -> Result<(String, Self), EmulatorError> {
        let folder = if path.is_dir() { read_folder(path)? } else { read_zip(path)? };
        let stem = if path.is_dir() { path.file_name() } else { path.file_stem() };
        let name = stem.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let (id, folder) = folder.unwrap_single(name);
        let refuse = |field: &str, what: String| EmulatorError::Load {
            path: path.to_owned(),
            field: field.to_owned(),
            what,
        };
        if folder.file("course.yaml").is_none() {
            let what = "is missing; a course folder has it at its root".to_owned();
            return Err(refuse("course.yaml", what));
        }
        if !valid_id(&id) {
            return Err(refuse(
                ".",
                format!("`{id}` is not a course id; use letters, digits, `.`, `_` and `-`"),
            ));
        }
        Ok((id, folder))
    }

    /// An archive often holds one folder, which is the course.
    fn unwrap_single(self, name: String) -> (String, Self) {
        if self.files.contains_key("course.yaml") {
            return (name, self);
        }
        let Some(top) = self.files.keys().find_map(|path| path.strip_suffix("/course.yaml")) else {
            return (name, self);
        };
        let (top, prefix) = (top.to_owned(), format!("{top}/"));
        let mut folder = Self::default();
        for (path, bytes) in self.under(&prefix) {
            folder.put(path, bytes.clone());
        }
        (top.rsplit('/').next().unwrap_or(&top).to_owned(), folder)
    }
}

/// The folder that holds this path; "" at the root.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// Ids of courses, tasks and problems (reference inginious.md 9.1).
pub(crate) fn valid_id(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

fn read_folder(root: &Path) -> Result<Folder, EmulatorError> {
    let mut folder = Folder::default();
    for entry in
        walkdir::WalkDir::new(root).min_depth(1).into_iter().filter_entry(|e| e.file_name() != ".git")
    {
        let entry = entry.map_err(|error| EmulatorError::Read {
            path: root.to_owned(),
            source: error.into_io_error().unwrap_or_else(|| std::io::Error::other("a link runs in a circle")),
        })?;
        let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let name: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        let name = name.join("/");
        if entry.file_type().is_dir() {
            folder.make_dir(&name);
        } else if entry.path().is_file() {
            let bytes = std::fs::read(entry.path())
                .map_err(|source| EmulatorError::Read { path: entry.path().to_owned(), source })?;
            folder.put(&name, bytes.into());
        }
    }
    Ok(folder)
}

fn read_zip(path: &Path) -> Result<Folder, EmulatorError> {
    let unreadable = |source: std::io::Error| EmulatorError::Read { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| EmulatorError::Load {
        path: path.to_owned(),
        field: ".".to_owned(),
        what: format!("neither a folder nor a zip archive ({error})"),
    })?;
    let mut folder = Folder::default();
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).map_err(|error| unreadable(std::io::Error::other(error)))?;
        let Some(name) = member.enclosed_name() else { continue };
        let name: Vec<_> = name.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        let name = name.join("/");
        if member.is_dir() {
            folder.make_dir(&name);
        } else {
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).map_err(unreadable)?;
            folder.put(&name, bytes.into());
        }
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_follow_their_files() {
        let mut folder = Folder::default();
        folder.put("t1/public/a.svg", Bytes::from_static(b"x"));
        assert!(folder.is_dir("t1") && folder.is_dir("t1/public") && !folder.exists("t1/public/b"));
        folder.copy("t1", "t2");
        assert_eq!(folder.children(""), (vec!["t1".to_owned(), "t2".to_owned()], vec![]));
        folder.remove("t1");
        assert!(!folder.exists("t1/public") && folder.file("t2/public/a.svg").is_some());
    }

    #[test]
    fn a_zip_may_wrap_the_course_in_one_folder() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("download.zip");
        let mut writer = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        for (name, text) in [("algebra/course.yaml", "name: A"), ("algebra/t/task.yaml", "problems: {}")] {
            writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut writer, text.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        let (id, folder) = Folder::read(&path).unwrap();
        assert_eq!((id.as_str(), folder.text("t/task.yaml").as_deref()), ("algebra", Some("problems: {}")));
        let error = Folder::read(dir.path()).unwrap_err().to_string();
        assert!(error.contains("course.yaml"), "{error}");
    }
}
