//! Real courses and recordings. They lie beside the checkout and are no part of the project: a test that
//! finds none says so and counts as skipped.

use std::path::{Path, PathBuf};

/// What is at `path` in the folder that `LMS_SHARED` names, else in `shared` beside the workspace.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let beside = || {
        let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = crate_folder.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
        workspace.unwrap_or(crate_folder).join("../shared")
    };
    let place = std::env::var_os("LMS_SHARED").map_or_else(beside, PathBuf::from).join(path);
    if place.exists() {
        return Some(place);
    }
    eprintln!("skipped: there is nothing at {}; set LMS_SHARED", place.display());
    None
}

/// The folders in `path` of the same place, in the order of their names.
#[allow(dead_code, reason = "the file is part of several tests, and not all of them list folders")]
pub(crate) fn folders(path: &str) -> Vec<PathBuf> {
    let entries = shared(path).and_then(|folder| std::fs::read_dir(folder).ok());
    let mut found: Vec<PathBuf> =
        entries.into_iter().flatten().flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect();
    found.sort();
    found
}
