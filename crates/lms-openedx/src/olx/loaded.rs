//! The texts of a course, read and parsed by several threads at once: of the time that a large course takes, more than
//! half is opening its files.

use std::sync::Arc;

use lms_core::Result;

use super::files::{Files, is_block_file, is_inside};
use super::threads;
use super::xml::{Element, Fault, parse};

/// A text, and what it is as XML.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The text; `InvalidInput` where it is no UTF-8.
    pub(crate) text: Result<Arc<str>>,
    /// Its root, where it is an `.xml` that could be read.
    pub(crate) root: Option<Result<Element, Fault>>,
}

impl Loaded {
    fn new(path: &str, text: Result<Arc<str>>) -> Self {
        let root = text.as_ref().ok().filter(|_| path.ends_with(".xml")).map(|text| parse(text));
        Self { text, root }
    }
}

/// The files that blocks may be defined in, until somebody takes them.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// By the file's number.
    loaded: Vec<Option<Loaded>>,
}

impl Texts {
    /// Reads all files of XML and HTML that can belong to blocks of the published course.
    pub(crate) fn load(files: &Files) -> Self {
        let all: Vec<&str> = files.list().collect();
        let loaded = threads::map(all, |path| {
            may_define_blocks(path).then(|| Loaded::new(path, files.listed_text(path)))
        });
        Self { loaded }
    }

    /// A file's text; `None` where there is none. What was taken once is read again.
    pub(crate) fn take(&mut self, files: &Files, path: &str) -> Option<Loaded> {
        let loaded = files.number(path).and_then(|number| self.loaded.get_mut(number)?.take());
        loaded.or_else(|| Some(Loaded::new(path, files.text(path)?)))
    }
}

/// Whether a file may be the root, a block or a body of one; those of unpublished units are not.
fn may_define_blocks(path: &str) -> bool {
    matches!(path, "course.xml" | "library.xml")
        || (is_block_file(path) && is_inside(path) && !path.starts_with("drafts/"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const FILES: usize = 200;

    #[test]
    fn many_files_are_read_by_all_threads_and_a_file_can_be_taken_twice() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("course.xml"), "<course/>").expect("a file");
        for folder in ["problem", "html", "static", "drafts"] {
            fs::create_dir(dir.path().join(folder)).expect("a folder");
        }
        for n in 0..FILES {
            fs::write(dir.path().join(format!("problem/{n}.xml")), format!("<problem n=\"{n}\"/>"))
                .expect("a file");
        }
        fs::write(dir.path().join("html/broken.html"), b"\xff").expect("a file");
        fs::write(dir.path().join("problem/broken.xml"), "<problem>").expect("a file");
        fs::write(dir.path().join("static/page.html"), "x").expect("a file");
        fs::write(dir.path().join("drafts/page.html"), "x").expect("a file");
        let files = Files::find(dir.path()).expect("a course");
        let mut texts = Texts::load(&files);
        assert_eq!(texts.loaded.iter().flatten().count(), FILES + 3);
        for n in (0..FILES).chain([5]) {
            let loaded = texts.take(&files, &format!("problem/{n}.xml")).expect("there");
            let root = loaded.root.expect("XML").expect("well-formed");
            assert_eq!(root.get("n"), Some(n.to_string().as_str()));
        }
        assert!(texts.take(&files, "html/broken.html").expect("there").text.is_err());
        assert!(texts.take(&files, "problem/broken.xml").expect("there").root.expect("XML").is_err());
        assert!(texts.take(&files, "problem/none.xml").is_none());
    }
}
