//! What a site's import would not take of a course that an archive can hold: found before anything is written.

use std::collections::HashMap;

use lms_core::{
    Adapted, AssetId, AssetRole, Block, BlockBody, Course, Extras, Finding, Platform, Result, Severity,
};

use super::Adapter;
use crate::check::{CheckOptions, Harm, check, is_ignored, is_known};
use crate::convert::markup::OUTSIDE;
use crate::olx::files::{Files, is_inside};
use crate::olx::native::CONTAINERS;
use crate::olx::origin::Origin;
use crate::olx::read::{OTHER_POLICIES, ROOT, TAG, path_of};
use crate::olx::write::write;
use crate::olx::xml::{Element, parse};
use crate::options::WriteBy;
use crate::temporary;

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
        let places: HashMap<&AssetId, String> = source.assets.iter().map(|a| (&a.id, a.place())).collect();
        if self.piecewise {
            return self.leave_out_for_requests(&places, course);
        }
        course.assets.retain(|asset| {
            let fate = match asset.id.as_str().strip_prefix(OUTSIDE) {
                Some(path) => fate(path),
                None if asset.role == AssetRole::Content => fate(&path_of(&asset.name)),
                None => Fate::Gone,
            };
            let (severity, what, why) = match fate {
                Fate::Stays => return true,
                Fate::Rewritten => {
                    (Severity::Approximated, "file", "Studio reads it and writes its own on export")
                }
                Fate::Draft => (
                    Severity::Dropped,
                    "file of an unpublished unit",
                    "a migration writes what is published; not sent",
                ),
                Fate::Gone => (Severity::Dropped, "other file", "Studio's import does not read it; not sent"),
            };
            let at = places.get(&asset.id).cloned().unwrap_or_else(|| asset.place());
            let finding = Finding::new(severity, at, what, why);
            self.log.note(if fate == Fate::Rewritten {
                finding.with_fallback("it is sent, and not compared afterwards")
            } else {
                finding
            });
            fate == Fate::Rewritten
        });
    }

    /// Settings of single blocks that are no settings: Studio drops such a block with all that is in it.
    pub(super) fn leave_out_policies(&mut self, course: &mut Course) {
        let all =
            course.extras.get(Platform::OpenEdx, OTHER_POLICIES).and_then(|all| all.as_object()).cloned();
        let Some(mut all) = all else { return };
        let odd: Vec<String> =
            all.iter().filter(|(_, value)| !value.is_object()).map(|(block, _)| block.clone()).collect();
        if odd.is_empty() {
            return;
        }
        odd.iter().for_each(|block| drop(all.shift_remove(block)));
        let why = format!(
            "with what stands there, which is no JSON object, Studio drops the blocks: {}",
            odd.join(", ")
        );
        self.log.note(Finding::new(Severity::Dropped, "course", "entries of policy.json", why));
        course.extras.set(Platform::OpenEdx, OTHER_POLICIES, all);
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
        if let Some(why) = self.not_requested(block) {
            return Some(why);
        }
        let within = origin.files.iter().filter(|(path, _)| path.ends_with(".xml"));
        let within: Vec<Element> = within.filter_map(|(_, text)| parse(text).ok()).collect();
        std::iter::once(&element).chain(&within).find_map(|element| {
            let mut tags = Vec::new();
            block_tags(element, &mut tags);
            tags.into_iter().find_map(lacks)
        })
    }

    /// Settings of a chapter, sequential or vertical that the site can hold.
    pub(super) fn node_extras(&mut self, kind: &str, source: &Extras) -> Extras {
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
        if self.piecewise { self.requested_extras(kind, &kept) } else { kept }
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

/// Says what would be refused; where an archive is uploaded, what the check before it finds: the course is written to a
/// temporary folder for it.
pub(super) fn foresee(adapted: &mut Adapted, site: &CheckOptions, way: WriteBy) {
    let blocked = |place: String, why: &str| Finding::new(Severity::Blocked, place, "course", why);
    if adapted.course.extras.get(Platform::OpenEdx, ROOT).is_some_and(|root| root == "library") {
        let why = "it is a content library, and Studio takes only courses as new courses";
        adapted.findings.push(Finding::new(Severity::Blocked, "library.xml", "library", why));
    } else if way == WriteBy::Archive {
        let found = defects(&adapted.course, site).unwrap_or_else(|error| {
            vec![blocked(error.resource().unwrap_or("course").to_owned(), error.message())]
        });
        adapted.findings.extend(found);
    }
}

fn defects(course: &Course, site: &CheckOptions) -> Result<Vec<Finding>> {
    let folder = temporary::folder()?;
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
    let found = check(&Files::find(folder.path())?, site)?;
    // What is lost although it is not refused is named all the same.
    let found = found.into_iter().filter(|defect| defect.harm >= site.refuse.min(Harm::Lost));
    Ok(found
        .map(|defect| {
            let severity = if defect.harm >= site.refuse { Severity::Blocked } else { Severity::Dropped };
            Finding::new(severity, defect.place(), "course", defect.message)
        })
        .collect())
}
