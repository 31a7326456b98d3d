//! What somebody has done in Studio and not published: readers of the published course do not see it, and it is neither
//! published nor written over nor deleted along the way.

use std::collections::BTreeMap;

use lms_core::{BlockId, CourseId, Error, ErrorKind, Platform, Result};

use super::outline::{Node, outline};
use super::unit::{Leaf, Now, whole};
use super::{OPERATION, difference, own_settings, same_value};
use crate::OpenEdx;
use crate::keys::Usage;
use crate::olx::native::Native;
use crate::provider::Way;

impl Node {
    /// A unit that learners do not see as it is.
    fn draft(&self) -> Option<&BlockId> {
        let is_draft = self.published == Some(false) || self.has_changes == Some(true);
        if self.category == "vertical" && is_draft {
            return Some(&self.id);
        }
        self.child_info.iter().flat_map(|info| &info.children).find_map(Self::draft)
    }
}

impl OpenEdx {
    /// A unit whose draft holds somebody's work is not written. What a run that broke off has left in it is what is to be
    /// written, and no obstacle: the answer says whether there is such a draft.
    pub(super) async fn must_hold_no_draft(
        &self,
        course: &CourseId,
        unit: &BlockId,
        wanted: &Native,
        now: &Now,
    ) -> Result<bool> {
        if self.studio_block(unit).await?.has_changes != Some(true) {
            return Ok(false);
        }
        let read = self.inner().exports.lock().await.get(course).cloned();
        let export = match read {
            Some(export) => export,
            None => self.export(course).await?,
        };
        let root = Native::read(&export.archive.here()?.files)?;
        let name = Usage::parse(unit.as_str())?.name;
        match published(&root, &name) {
            Some(published) if !is_anothers(now, published, wanted) => Ok(true),
            // A unit that was moved and not published yet is in no export.
            None if is_as_wanted(now, wanted) => Ok(true),
            _ => Err(held(unit, unit)),
        }
    }

    /// What holds work that is not published is not deleted.
    pub(super) async fn must_be_published(&self, block: &BlockId, kind: &str) -> Result<()> {
        let node = match self.studio_way(OPERATION)? {
            Way::Session(studio) if kind != "vertical" => outline(studio, block, block).await,
            _ => self.studio_block(block).await.map(|found| Node {
                id: found.id,
                category: found.kind,
                published: found.published,
                has_changes: found.has_changes,
                child_info: None,
            }),
        };
        match node {
            Ok(node) => node.draft().map_or(Ok(()), |draft| Err(held(block, draft))),
            // It is gone already.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn held(block: &BlockId, draft: &BlockId) -> Error {
    let why = format!("{draft} holds what is not published: publish that in Studio, or discard it there");
    Error::new(ErrorKind::Conflict, why).at(Platform::OpenEdx, OPERATION).on(block)
}

fn published<'a>(node: &'a Native, unit: &str) -> Option<&'a Native> {
    if node.tag == "vertical" && node.name.as_deref() == Some(unit) {
        return Some(node);
    }
    node.children.iter().find_map(|child| published(child, unit))
}

/// Whether a draft says what is to be written, and no more.
fn is_as_wanted(now: &Now, wanted: &Native) -> bool {
    let to_be: Vec<Leaf> = whole(wanted).map(Leaf::wanted).collect();
    let written = |(leaf, other): (&Leaf, &Leaf)| leaf.kind == other.kind && unchanged(other, leaf);
    now.blocks.len() == to_be.len()
        && now.blocks.iter().zip(&to_be).all(written)
        && difference("vertical", &own_settings(wanted), &now.settings).is_empty()
}

/// Whether a draft says anything that is neither what learners see nor what is to be written.
fn is_anothers(now: &Now, published: &Native, wanted: &Native) -> bool {
    let before: Vec<Leaf> = whole(published).map(as_exported).collect();
    let to_be: Vec<Leaf> = whole(wanted).map(Leaf::wanted).collect();
    let is = |leaf: &Leaf, other: &Leaf| leaf.kind == other.kind && leaf.name == other.name;
    let explained = |leaf: &Leaf| {
        let was = before.iter().find(|other| is(leaf, other));
        let written = |other: &Leaf| {
            let begun = was.is_none() && leaf.is_blank() && other.kind == leaf.kind;
            begun || (leaf.kind == other.kind && unchanged(other, leaf))
        };
        was.is_some_and(|was| unchanged(was, leaf) && same_settings(&was.settings, &leaf.settings))
            || to_be.iter().any(written)
    };
    let deleted = before.iter().filter(|was| !now.blocks.iter().any(|leaf| is(leaf, was)));
    let mut missed = deleted.filter(|was| to_be.iter().any(|other| is(other, was)));
    let titled = |native: &Native| difference("vertical", &own_settings(native), &now.settings).is_empty();
    missed.next().is_some() || !now.blocks.iter().all(explained) || !(titled(wanted) || titled(published))
}

/// A block as the file of an export has it.
fn as_exported(native: &Native) -> Leaf {
    let name = native.name.as_deref().unwrap_or_default();
    let settings = native.element.attributes.iter().cloned().collect();
    Leaf::of(&native.tag, name, &native.element, settings, native.body.as_ref().map(|(_, text)| &**text))
}

fn unchanged(wanted: &Leaf, now: &Leaf) -> bool {
    wanted
        .change(Some(now))
        .is_ok_and(|change| change.data.is_none() && change.metadata.keys().all(|key| is_name(key)))
}

fn same_settings(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> bool {
    let holds = |one: &BTreeMap<String, String>, other: &BTreeMap<String, String>| {
        one.iter()
            .all(|(key, value)| is_name(key) || other.get(key).is_some_and(|other| same_value(value, other)))
    };
    holds(one, other) && holds(other, one)
}

/// Attributes that say where a block is, not what it is.
fn is_name(attribute: &str) -> bool {
    matches!(attribute, "url_name" | "filename" | "xblock-family" | "slug")
}
