//! What a site's import would not take of a course that an archive can hold: found before anything is written.

use lms_core::{
    Adapted, Asset, AssetRole, Block, BlockBody, Course, Extras, Finding, Platform, Result, Severity,
};

use super::Adapter;
use crate::check::{CheckOptions, check, is_ignored, is_known};
use crate::convert::markup::OUTSIDE;
use crate::olx::files::{Files, is_inside};
use crate::olx::native::CONTAINERS;
use crate::olx::origin::Origin;
use crate::olx::read::{ROOT, TAG, path_of};
use crate::olx::write::write;
use crate::olx::xml::{Element, parse};

/// What becomes of a file in an import and the export after it. Seen on a real Studio, whose exports have no other
/// files outside `static/`; drafts come back under the new course's addresses, with the blocks in other files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is there again.
    Stays,
    /// Studio reads it and writes its own.
    Rewritten,
    /// It is a part of a unit that was never published.
    Draft,
    /// No importer reads it.
    Gone,
}

fn fate(path: &str) -> Fate {
    let last = path.rsplit('/').next().unwrap_or(path);
    match path.split('/').collect::<Vec<_>>().as_slice() {
        _ if is_ignored(last) => Fate::Gone,
        ["static", ..] => Fate::Stays,
        ["policies", "assets.json"] | ["info", "updates.items.json"] => Fate::Rewritten,
        ["about" | "info" | "tabs", page] if page.ends_with(".html") => Fate::Stays,
        ["drafts", ..] => Fate::Draft,
        _ => Fate::Gone,
    }
}

impl Adapter {
    /// Leaves out the files that would not arrive, and names them.
    pub(super) fn leave_out_files(&mut self, source: &Course, course: &mut Course) {
        if self.site.is_none() {
            return;
        }
        let (mut drafts, mut gone) = (Vec::new(), Vec::new());
        let named = |asset: &Asset| {
            source.assets.iter().find(|a| a.id == asset.id).map_or(&asset.name, |a| &a.name).clone()
        };
        course.assets.retain(|asset| {
            let fate = match asset.id.as_str().strip_prefix(OUTSIDE) {
                Some(path) => fate(path),
                None if asset.role == AssetRole::Content => fate(&path_of(&asset.name)),
                None => Fate::Gone,
            };
            match fate {
                Fate::Stays => return true,
                Fate::Rewritten => {
                    let finding = Finding::new(
                        Severity::Approximated,
                        format!("file {}", asset.name),
                        "file",
                        "Studio reads it and writes its own on export",
                    );
                    self.log.note(finding.with_fallback("it is sent, and not compared afterwards"));
                    return true;
                }
                Fate::Draft => drafts.push(named(asset)),
                Fate::Gone => gone.push(named(asset)),
            }
            false
        });
        let groups = [
            (drafts, "files of unpublished units", "a migration writes what is published; not sent"),
            (gone, "other files", "Studio's import does not read them; not sent"),
        ];
        for (names, what, why) in groups.into_iter().filter(|(names, ..)| !names.is_empty()) {
            let what = format!("{} {what}", names.len());
            let why = format!("{why}: {}", names.join(", "));
            self.log.note(Finding::new(Severity::Dropped, "course", what, why));
        }
    }

    /// Why a block that Open edX wrote cannot go into this site; `None` where it can.
    pub(super) fn not_taken(&self, block: &Block) -> Option<String> {
        let site = self.site.as_ref()?;
        let BlockBody::Foreign(foreign) = &block.body else { return None };
        if foreign.platform != Platform::OpenEdx {
            return None;
        }
        let origin = Origin::kept(&block.extras).unwrap_or_default();
        let lacks = |tag: &str| {
            (!is_known(tag, site)).then(|| {
                format!(
                    "<{tag}> is no usual block type, and one that the site has not makes the whole import fail: name \
                     it in block_types if the site has it"
                )
            })
        };
        if let Some(why) = lacks(&foreign.name) {
            return Some(why);
        }
        // What can be read of these two is never a foreign block.
        if matches!(foreign.name.as_str(), "html" | "video") {
            return Some("its file is not there or cannot be read, and Open edX drops it".into());
        }
        let Ok(element) = parse(&foreign.source) else {
            return Some("it is not well-formed XML, and Open edX drops it".into());
        };
        let within = origin.files.iter().filter(|(path, _)| path.ends_with(".xml"));
        let within: Vec<Element> = within.filter_map(|(_, text)| parse(text).ok()).collect();
        std::iter::once(&element).chain(&within).find_map(|element| {
            let mut tags = Vec::new();
            block_tags(element, &mut tags);
            tags.into_iter().find_map(lacks)
        })
    }

    /// Settings of a chapter, sequential or vertical that the site can hold.
    pub(super) fn node_extras(&mut self, source: &Extras) -> Extras {
        let extras = super::own(source);
        let Some(site) = &self.site else { return extras };
        let tag = source.get(Platform::OpenEdx, TAG).and_then(|tag| tag.as_str());
        let strange = tag.is_some_and(|tag| !is_known(tag, site));
        let mut kept = Extras::new();
        for (key, value) in extras.of(Platform::OpenEdx) {
            if !(key == TAG && strange || key == Origin::KEY) {
                kept.set(Platform::OpenEdx, key, value.clone());
            }
        }
        if strange {
            let why = "a level of a type that the site has not makes the whole import fail";
            self.note(
                Severity::Approximated,
                "a level of an unusual type",
                why,
                "a chapter, sequential or vertical",
            );
        }
        kept
    }
}

/// The types of the blocks in a container.
fn block_tags<'a>(element: &'a Element, tags: &mut Vec<&'a str>) {
    if !CONTAINERS.contains(&element.name.as_str()) {
        return;
    }
    for child in element.elements().filter(|child| !(element.name == "conditional" && child.name == "show")) {
        tags.push(&child.name);
        block_tags(child, tags);
    }
}

/// Says what the check before the upload will refuse: the course is written to a temporary folder for it.
pub(super) fn foresee(adapted: &mut Adapted, site: &CheckOptions) {
    let found = defects(&adapted.course, site).unwrap_or_else(|error| {
        let place = error.resource().unwrap_or("course").to_owned();
        vec![Finding::new(Severity::Blocked, place, "course", error.message())]
    });
    adapted.findings.extend(found);
}

fn defects(course: &Course, site: &CheckOptions) -> Result<Vec<Finding>> {
    if course.extras.get(Platform::OpenEdx, ROOT).is_some_and(|root| root == "library") {
        let why = "it is a content library, and Studio takes only courses as new courses";
        return Ok(vec![Finding::new(Severity::Blocked, "library.xml", "library", why)]);
    }
    let folder = tempfile::tempdir().map_err(|e| lms_core::Error::io("a temporary folder", e))?;
    write(course, folder.path())?;
    // The check asks for names only.
    for asset in course.assets.iter().filter(|asset| asset.role == AssetRole::Content) {
        let path = path_of(&asset.name);
        let full = folder.path().join(&path);
        if is_inside(&path) && !full.exists() {
            let made = full.parent().map_or(Ok(()), std::fs::create_dir_all);
            made.and_then(|()| std::fs::write(&full, ""))
                .map_err(|e| lms_core::Error::io(full.display(), e))?;
        }
    }
    let against = check(&Files::find(folder.path())?, site)?;
    let against = against.into_iter().filter(|defect| defect.harm >= site.refuse);
    Ok(against
        .map(|defect| Finding::new(Severity::Blocked, defect.place(), "course", defect.message))
        .collect())
}
