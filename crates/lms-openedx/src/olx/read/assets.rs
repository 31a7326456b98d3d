//! The files of a course: those of `static/`, and all others that no block is made of.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use lms_core::{Asset, AssetRole, BlockBody, Course, Finding, Markup, Severity};

use super::super::files::is_block_file;
use super::super::native::Native;
use super::{Reader, settings};
use crate::convert::markup::{OUTSIDE, map_block};

/// Where the bytes of a file are, from the course's root.
pub(crate) fn path_of(id: &str) -> String {
    match id.strip_prefix(OUTSIDE) {
        Some(path) => path.to_owned(),
        None => format!("static/{id}"),
    }
}

pub(super) fn list(reader: &mut Reader<'_>, native: &Native) -> Vec<Asset> {
    let mut used: BTreeSet<Cow<'_, str>> = native.texts(true).into_keys().map(Cow::Borrowed).collect();
    let run = native.name.as_deref().unwrap_or("course");
    used.extend(settings::files(run).into_iter().map(Cow::Owned));
    used.extend(["course.xml", "library.xml", "grading_policy.json"].map(Cow::Borrowed));
    // Settings that could not be read stay files.
    used.retain(|path| {
        !reader.findings.iter().any(|f| f.path == *path || f.path.starts_with(&format!("{path}:")))
            || path.ends_with(".xml")
    });
    let (mut drafts, mut unreachable) = (Vec::new(), Vec::new());
    let mut assets = Vec::new();
    for path in reader.files.list().filter(|path| !used.contains(*path)) {
        let (id, role) = match path.strip_prefix("static/") {
            Some(name) => (name.to_owned(), AssetRole::Content),
            None => (format!("{OUTSIDE}{path}"), AssetRole::Other),
        };
        if path.starts_with("drafts/") {
            drafts.push(path);
        } else if role == AssetRole::Other && is_block_file(path) {
            unreachable.push(path);
        }
        assets.push(Asset {
            name: id.strip_prefix(OUTSIDE).unwrap_or(&id).to_owned(),
            media_type: mime_guess::from_path(path).first_raw().map(str::to_owned),
            size: std::fs::metadata(reader.files.root().join(path)).ok().map(|m| m.len()),
            role,
            id: id.into(),
        });
    }
    if let Some(first) = drafts.first() {
        let what = format!("{} files of unpublished units", drafts.len());
        let finding =
            Finding::new(Severity::Dropped, *first, what, "drafts are no part of the published course");
        reader.findings.push(finding.with_fallback("read as files, for targets that take such files"));
    }
    if let Some(first) = unreachable.first() {
        let what = format!("{} files that no block of the course points to", unreachable.len());
        let finding = Finding::new(Severity::Exact, *first, what, "learners never see them");
        reader.findings.push(finding.with_fallback("read as files, for targets that take such files"));
    }
    assets
}

/// Names files that texts link to and that are not there.
pub(super) fn check_links(reader: &mut Reader<'_>, course: &Course) {
    let mut seen: HashSet<String> = HashSet::new();
    let mut found = Vec::new();
    for place in course.blocks() {
        if let BlockBody::Foreign(_) = place.block.1.body {
            continue;
        }
        let mut block = place.block.1.clone();
        map_block(&mut block, &mut |markup: &mut Markup| {
            if !markup.html().contains("static") {
                return;
            }
            for link in markup.links() {
                if link.starts_with("/static/") && seen.insert(link.clone()) {
                    let finding = Finding::new(
                        Severity::Dropped,
                        place.place().to_string(),
                        link,
                        "the file is not in the course",
                    );
                    found.push(finding.with_block(&place.block.1.id));
                }
            }
        });
    }
    reader.findings.extend(found);
}
