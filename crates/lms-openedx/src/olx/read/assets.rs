//! The files of a course: those of `static/`, and all others that no block is made of.

use std::collections::HashSet;

use lms_core::{Asset, AssetRole, Block, BlockBody, BlockId, Course, Finding, Markup, Severity};

use super::super::files::{Files, is_block_file};
use super::super::native::Native;
use super::super::threads;
use super::{Reader, settings};
use crate::convert::markup::OUTSIDE;

/// Where the bytes of a file are, from the course's root.
pub(crate) fn path_of(id: &str) -> String {
    match id.strip_prefix(OUTSIDE) {
        Some(path) => path.to_owned(),
        None => format!("static/{id}"),
    }
}

/// The files that blocks are read from.
pub(super) fn sources(native: &Native) -> HashSet<String> {
    fn gather(native: &Native, found: &mut HashSet<String>) {
        found.extend(native.file.as_deref().map(str::to_owned));
        found.extend(native.body.as_ref().map(|(path, _)| path.clone()));
        native.children.iter().for_each(|child| gather(child, found));
    }
    let mut found = HashSet::new();
    gather(native, &mut found);
    found
}

/// The files of the course that are neither sources of its blocks nor settings.
pub(super) fn list(reader: &mut Reader<'_>, sources: HashSet<String>, run: Option<&str>) -> Vec<Asset> {
    let mut used = sources;
    used.extend(settings::files(reader.files, run.unwrap_or("course")));
    // Settings that could not be read stay files.
    let is_named = |path: &str| {
        let mut rests = reader.findings.iter().filter_map(|finding| finding.path.strip_prefix(path));
        rests.any(|rest| rest.is_empty() || rest.starts_with(':'))
    };
    used.retain(|path| path.ends_with(".xml") || !is_named(path));
    let paths: Vec<&str> = reader.files.list().filter(|path| !used.contains(*path)).collect();
    for path in paths.iter().copied() {
        let (severity, what, why) = if path.starts_with("drafts/") {
            (Severity::Dropped, "file of an unpublished unit", "drafts are no part of the published course")
        } else if is_block_file(path) {
            (Severity::Exact, "file that no block of the course points to", "learners never see it")
        } else {
            continue;
        };
        let finding = Finding::new(severity, path, what, why);
        reader.findings.push(finding.with_fallback("read as a file, for targets that take such files"));
    }
    let files = reader.files;
    threads::map(paths, |path| asset(files, path))
}

fn asset(files: &Files, path: &str) -> Asset {
    let (id, role) = match path.strip_prefix("static/") {
        Some(name) => (name.to_owned(), AssetRole::Content),
        None => (format!("{OUTSIDE}{path}"), AssetRole::Other),
    };
    Asset {
        name: id.strip_prefix(OUTSIDE).unwrap_or(&id).to_owned(),
        media_type: mime_guess::from_path(path).first_raw().map(str::to_owned),
        size: std::fs::metadata(files.root().join(path)).ok().map(|m| m.len()),
        role,
        id: id.into(),
    }
}

/// What a block links to below `/static/` and is not there.
pub(super) struct BrokenLinks {
    block: BlockId,
    links: Vec<String>,
}

impl BrokenLinks {
    /// Those of a block, if any. What the texts of a foreign block link to is the platform's own.
    pub(super) fn of(block: &mut Block) -> Option<Self> {
        if let BlockBody::Foreign(_) = block.body {
            return None;
        }
        let mut links = Vec::new();
        block.map_markup(&mut |markup: &mut Markup| {
            if markup.html().contains("static") {
                links.extend(markup.links().into_iter().filter(|link| link.starts_with("/static/")));
            }
        });
        (!links.is_empty()).then(|| Self { block: block.id.clone(), links })
    }
}

/// Names files that texts link to and that are not there, each once.
pub(super) fn name_broken(reader: &mut Reader<'_>, course: &Course, broken: &[BrokenLinks]) {
    let mut broken = broken.iter().peekable();
    let mut seen = HashSet::new();
    for place in course.blocks() {
        let Some(found) = broken.next_if(|found| found.block == place.block.1.id) else { continue };
        for link in found.links.iter().filter(|link| seen.insert(link.as_str())) {
            let why = "the file is not in the course";
            let finding = Finding::new(Severity::Dropped, place.place().to_string(), link.as_str(), why);
            reader.findings.push(finding.with_block(&found.block));
        }
    }
}
