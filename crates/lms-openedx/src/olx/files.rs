//! The files of one course, by path from its root.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lms_core::{Error, Result};

/// A course folder.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    root: PathBuf,
    /// Regular files that no link leads to, sorted, `.git` aside, as they were when this was made: a look at each of them would take
    /// longer than to read it.
    known: Arc<[String]>,
}

impl Files {
    /// The folder that holds `course.xml` or `library.xml`: `path` itself, or the only folder in it.
    ///
    /// # Errors
    /// `InvalidInput` where neither is there.
    pub(crate) fn find(path: &Path) -> Result<Self> {
        let holds = |dir: &Path| ["course.xml", "library.xml"].iter().any(|name| dir.join(name).is_file());
        if holds(path) {
            return Ok(Self::below(path.to_owned()));
        }
        let entries = fs::read_dir(path).map_err(|e| Error::io(path.display(), e))?;
        let mut folders = entries.filter_map(|entry| entry.ok().map(|e| e.path())).filter(|p| holds(p));
        match (folders.next(), folders.next()) {
            (Some(root), None) => Ok(Self::below(root)),
            _ => Err(Error::invalid("no course.xml or library.xml here: this is not an OLX course")
                .on(path.display())),
        }
    }

    /// Where the course lies.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a regular file is there.
    pub(crate) fn has(&self, path: &str) -> bool {
        is_inside(path) && (self.number(path).is_some() || self.locate(path).is_some())
    }

    /// The place of a file; `None` where there is none, or where the path or a link leads outside.
    pub(crate) fn locate(&self, path: &str) -> Option<PathBuf> {
        let full = is_inside(path).then(|| self.root.join(path))?;
        if self.number(path).is_some() {
            return Some(full);
        }
        if !full.is_file() {
            return None;
        }
        let (full, root) = (full.canonicalize().ok()?, self.root.canonicalize().ok()?);
        full.starts_with(root).then_some(full)
    }

    /// A file's text; `None` where there is none.
    ///
    /// # Errors
    /// `InvalidInput` where it is no UTF-8, and what reading gives.
    pub(crate) fn text(&self, path: &str) -> Option<Result<Arc<str>>> {
        Some(read(path, &self.locate(path)?))
    }

    /// The text of a file that is in [`list`](Self::list).
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub(crate) fn listed_text(&self, path: &str) -> Result<Arc<str>> {
        read(path, &self.root.join(path))
    }

    /// All regular files, sorted. Links are left out.
    pub(crate) fn list(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(String::as_str)
    }

    /// Where a file stands in [`list`](Self::list).
    pub(crate) fn number(&self, path: &str) -> Option<usize> {
        self.known.binary_search_by(|known| known.as_str().cmp(path)).ok()
    }

    fn below(root: PathBuf) -> Self {
        let mut known = Vec::new();
        // Folders that are still to be listed, with what their files' paths begin with.
        let mut folders = vec![(root.clone(), String::new())];
        while let Some((folder, prefix)) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let (Ok(kind), name) = (entry.file_type(), entry.file_name()) else { continue };
                let Some(name) = name.to_str() else { continue };
                if kind.is_dir() {
                    // What a version control system keeps of a folder is no part of what is in it.
                    if prefix.is_empty() && name == ".git" {
                        continue;
                    }
                    folders.push((entry.path(), format!("{prefix}{name}/")));
                } else if kind.is_file() {
                    known.push([&prefix, name].concat());
                }
            }
        }
        known.sort_unstable();
        Self { known: known.into(), root }
    }
}

thread_local! {
    /// Most files are small: to ask for the size of each and to allocate twice would take a tenth of the time in which a
    /// course is read.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER_SIZE]);
}

const BUFFER_SIZE: usize = 64 << 10;

fn read(path: &str, full: &Path) -> Result<Arc<str>> {
    BUFFER.with_borrow_mut(|buffer| {
        let length = fill(buffer, full).map_err(|e| Error::io(path, e))?;
        let text = str::from_utf8(buffer.get(..length).unwrap_or_default()).map(Arc::from);
        // What one large file took is given back.
        buffer.truncate(BUFFER_SIZE);
        buffer.shrink_to_fit();
        text.map_err(|_| Error::invalid("the file is not UTF-8 text").on(path))
    })
}

/// Reads a whole file to the beginning of a buffer, which grows as it must, and tells its length.
fn fill(buffer: &mut Vec<u8>, path: &Path) -> io::Result<usize> {
    let mut file = File::open(path)?;
    let mut length = 0;
    loop {
        if length == buffer.len() {
            buffer.resize(2 * length, 0);
        }
        match file.read(buffer.get_mut(length..).unwrap_or_default()) {
            Ok(0) => return Ok(length),
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether a file is of the kind that blocks and their bodies are in, by its path.
pub(crate) fn is_block_file(path: &str) -> bool {
    const APART: [&str; 7] = ["static", "about", "info", "tabs", "policies", "assets", "custom_tags"];
    path.split_once('/').is_some_and(|(top, _)| !APART.contains(&top))
        && (path.ends_with(".xml") || path.ends_with(".html"))
}

/// Whether a `/`-separated path stays inside the folder it starts from.
pub(crate) fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.bytes().any(|byte| matches!(byte, b'\\' | b'\0'))
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_outside_are_refused() {
        for path in ["../x", "a/../../x", "/etc/passwd", "a//b", "", ".", "a\\b"] {
            assert!(!is_inside(path), "{path}");
        }
        assert!(is_inside("static/a b.png"));
    }

    #[test]
    fn files_of_any_size_are_read_one_after_another() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("course.xml"), "<course/>").expect("a file");
        let files = Files::find(dir.path()).expect("a course");
        for length in [200_000, 3, 64 << 10, 0, 5] {
            let text = "x".repeat(length);
            fs::write(dir.path().join("page.html"), &text).expect("a file");
            assert_eq!(*files.text("page.html").expect("there").expect("read"), *text);
        }
        assert!(files.text("none.html").is_none());
        assert!(files.listed_text("none.html").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_outside_is_no_file() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path().join("course");
        fs::create_dir(&root).expect("a folder");
        fs::write(root.join("course.xml"), "<course/>").expect("a file");
        fs::write(dir.path().join("secret"), "x").expect("a file");
        std::os::unix::fs::symlink(dir.path().join("secret"), root.join("link")).expect("a link");
        let files = Files::find(dir.path()).expect("a course");
        assert!(files.has("course.xml"));
        assert!(!files.has("link"));
        assert!(files.list().eq(["course.xml"]));
    }
}
