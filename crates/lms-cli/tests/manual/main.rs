//! The manual's examples are transcripts: each command of a page is run against emulators, and what it prints is held
//! against what the page shows. `transcript.rs` says how a page is written.
//!
//! `LMS_MANUAL=overwrite cargo nextest run -p lms-cli --test manual` writes what was printed into the pages.

#![cfg(unix)]

mod coverage;
mod emulators;
mod pattern;
mod transcript;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/manual")
}

/// A test for each page.
macro_rules! pages {
    ($($page:ident)*) => {
        $(#[test]
        fn $page() {
            transcript::check(&folder().join(concat!(stringify!($page), ".md")));
        })*

        const PAGES: &[&str] = &[$(stringify!($page)),*];
    };
}

pages! {
    bundles
    courses
    moving
    people
    remotes
    shell
    signing_in
    trying
    work
}

#[test]
fn every_page_is_run() {
    let pages: BTreeSet<String> = std::fs::read_dir(folder())
        .expect("the manual")
        .flatten()
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".md")?.to_owned()))
        .filter(|name| name != "README")
        .collect();
    assert_eq!(pages, PAGES.iter().map(ToString::to_string).collect(), "name each page in `pages!`");
}
