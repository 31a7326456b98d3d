//! Names of files and folders in a bundle.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use lms_core::{Error, Result};

pub(super) const ROOT: &str = "bundle.json";
pub(super) const ASSETS: &str = "assets.json";
pub(super) const ASSET_FOLDER: &str = "assets";
pub(super) const HAND_FOLDER: &str = "files";
pub(super) const SECTIONS: &str = "sections";
/// Line ends are part of texts, so git is told to leave them alone.
pub(super) const ATTRIBUTES: (&str, &str) = (".gitattributes", "* -text\n");

/// Everything at the top that is the bundle's; the rest is its user's.
pub(super) const OWN: [&str; 6] = [ROOT, ASSETS, ASSET_FOLDER, HAND_FOLDER, SECTIONS, ATTRIBUTES.0];

const LONGEST: usize = 60;

/// Names for nodes, made of their ids: an export of the same course gives the same names.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// Names beside these.
    pub(super) fn beside(taken: &[&str]) -> Self {
        Self(taken.iter().map(|name| (*name).to_owned()).collect())
    }

    /// A free name: letters, digits, `-` and `_` only, and no two that differ in case alone, so that
    /// it is good on every file system.
    pub(super) fn of(&mut self, id: &str) -> String {
        let mut name = String::new();
        for c in id.chars() {
            match c {
                c if c.is_ascii_alphanumeric() || c == '_' => name.push(c),
                _ if name.ends_with('-') => {}
                _ => name.push('-'),
            }
        }
        let name = name.trim_matches('-');
        // The end tells more than the beginning: `block-v1-Org-Course-Run-type-vertical-block-welcome`.
        let from = name.len().saturating_sub(LONGEST);
        let name = name.get(from..).unwrap_or(name).trim_start_matches('-');
        let name = if name.is_empty() { "x" } else { name };
        let mut free = name.to_owned();
        let mut n = 1;
        while !self.0.insert(free.to_lowercase()) {
            n += 1;
            free = format!("{name}-{n}");
        }
        free
    }
}

/// Where the bytes of a file lie, by their SHA-256 in hexadecimal.
pub(super) fn asset_path(hash: &str) -> PathBuf {
    let (head, tail) = hash.split_at_checked(2).unwrap_or((hash, ""));
    Path::new(ASSET_FOLDER).join(head).join(tail)
}

/// A path that somebody wrote into a bundle, `/`-separated, if it stays below the folder it is in.
///
/// # Errors
/// `InvalidInput` for `..`, an absolute path, a drive, a back slash.
pub(super) fn inside(path: &str) -> Result<PathBuf> {
    let plain = Path::new(path).components().all(|c| matches!(c, Component::Normal(_)));
    if path.is_empty() || !plain || path.contains(['\\', ':', '\0']) {
        return Err(Error::invalid(format!("the path `{path}` leads out of the bundle")));
    }
    Ok(path.split('/').collect())
}

pub(super) fn parent_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_stable_and_different() {
        let mut names = Names::beside(&["lesson"]);
        assert_eq!(names.of("intro"), "intro");
        assert_eq!(names.of("Intro"), "Intro-2");
        assert_eq!(names.of("lesson"), "lesson-2");
        assert_eq!(names.of("../../etc/passwd"), "etc-passwd");
        assert_eq!(names.of("урок"), "x");
        assert_eq!(names.of("con.txt/"), "con-txt");
        assert!(names.of(&"a".repeat(300)).len() <= LONGEST);
    }

    #[test]
    fn paths_stay_inside() {
        for bad in ["", "..", "a/../b", "/etc/passwd", "a\\b", "C:x", "./a", "a//../b"] {
            assert!(inside(bad).is_err(), "{bad}");
        }
        assert_eq!(inside("a/b.png").expect("inside"), Path::new("a").join("b.png"));
    }
}
