//! What a site takes block by block, by single requests: less than an archive holds (reference openedx.md 3.15). Said
//! before anything is sent.

use std::collections::{BTreeSet, HashMap};

use lms_core::{
    Asset, AssetId, AssetRole, Block, BlockBody, BlockPlace, Course, Extras, Finding, Platform, Severity,
};
use serde_json::Value;

use super::Adapter;
use crate::convert::markup::OUTSIDE;
use crate::live::{FILE, HEADER};
use crate::olx::fields::{has, is_writing};
use crate::olx::native::CONTAINERS;
use crate::olx::origin::Origin;
use crate::olx::read::{ATTRIBUTES, IMPLIED, OTHER_POLICIES, POLICY, SETTINGS, TAG, URL_NAME, is_implied};
use crate::olx::xml::{Element, Node, markup, parse};

const BY_ARCHIVE: &str = "write_by = archive carries it";

impl Adapter {
    /// Leaves out the files that no single request takes, and names them.
    pub(super) fn leave_out_for_requests(&mut self, places: &HashMap<&AssetId, String>, course: &mut Course) {
        course.assets.retain(|asset: &Asset| {
            let (what, why) = if asset.role != AssetRole::Content || asset.id.as_str().starts_with(OUTSIDE) {
                ("page or other file outside static/", "it goes in with the whole course only")
            } else if asset.size.is_some_and(|size| size > FILE) {
                ("file over 20 MiB", "Studio takes none by a request")
            } else {
                return true;
            };
            let at = places.get(&asset.id).cloned().unwrap_or_else(|| asset.place());
            let finding = Finding::new(Severity::Dropped, at, what, why);
            self.log.note(finding.with_fallback(BY_ARCHIVE));
            false
        });
    }

    /// Settings of the course that only an archive says.
    pub(super) fn course_settings(&mut self, course: &mut Course) {
        let mut names = BTreeSet::new();
        for key in [ATTRIBUTES, POLICY] {
            let settings = course.extras.get(Platform::OpenEdx, key).and_then(Value::as_object);
            let settings = settings.into_iter().flatten().map(|(name, _)| name.as_str());
            names.extend(
                settings.filter(|name| !HEADER.contains(name) && !is_writing(name)).map(str::to_owned),
            );
        }
        let tags = course.extras.get(Platform::OpenEdx, SETTINGS).and_then(Value::as_array);
        let tags = tags.into_iter().flatten().filter_map(Value::as_str).filter_map(|tag| parse(tag).ok());
        // A wiki gets its name from the course.
        names.extend(tags.map(|tag| tag.name).filter(|tag| tag != "wiki"));
        let others = course.extras.get(Platform::OpenEdx, OTHER_POLICIES).and_then(Value::as_object);
        names.extend(others.into_iter().flatten().map(|(block, _)| format!("policy.json of {block}")));
        if !names.is_empty() {
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            let why = format!("block by block they stay as they are on the site: {names}");
            let finding = Finding::new(Severity::Dropped, "course", "settings of the course", why);
            self.log.note(finding.with_fallback(BY_ARCHIVE));
        }
        let mut kept = Extras::new();
        for (key, value) in course.extras.of(Platform::OpenEdx) {
            if ![ATTRIBUTES, POLICY, SETTINGS, OTHER_POLICIES].contains(&key) {
                kept.set(Platform::OpenEdx, key, value.clone());
            }
        }
        course.extras = kept;
    }

    /// Settings of a chapter, sequential or vertical that a request can write.
    pub(super) fn requested_extras(&mut self, kind: &str, extras: &Extras) -> Extras {
        let mut kept = Extras::new();
        if is_implied(extras) {
            let why = "block by block each block stands in a unit, a unit in a sequential, that in a chapter";
            let what = "blocks that stand one level higher";
            self.note(Severity::Approximated, what, why, "the level that they lack is made");
        }
        for (key, value) in extras.of(Platform::OpenEdx) {
            match value.as_object().filter(|_| key == ATTRIBUTES) {
                Some(attributes) => {
                    let mut attributes = attributes.clone();
                    let odd: Vec<String> =
                        attributes.keys().filter(|name| !has(kind, name)).cloned().collect();
                    odd.iter().for_each(|name| drop(attributes.shift_remove(name)));
                    if !odd.is_empty() {
                        let what = "an attribute that no setting of a chapter, sequential or vertical is";
                        self.note(Severity::Dropped, what, "Open edX makes nothing of it", BY_ARCHIVE);
                    }
                    // What counts for a mark is no setting but the lesson's category.
                    if kind == "sequential" && attributes.shift_remove("format").is_some() {
                        let why = "the request that says it makes the lesson count";
                        self.note(
                            Severity::Dropped,
                            "the label of a lesson that does not count",
                            why,
                            BY_ARCHIVE,
                        );
                    }
                    if !attributes.is_empty() {
                        kept.set(Platform::OpenEdx, key, attributes);
                    }
                }
                // The site names what it makes.
                None if [IMPLIED, TAG, URL_NAME].contains(&key) => {}
                None => kept.set(Platform::OpenEdx, key, value.clone()),
            }
        }
        kept
    }

    /// Why no request can write a block; `None` where one can.
    pub(super) fn not_requested(&self, block: &Block) -> Option<String> {
        let BlockBody::Foreign(foreign) = &block.body else { return None };
        let element = parse(&foreign.source).ok().filter(|_| self.piecewise)?;
        let is_pointer = element.is_bare() && element.attributes.iter().all(|(key, _)| is_writing(key));
        let filed = CONTAINERS.contains(&foreign.name.as_str()) || foreign.name == "problem";
        if is_pointer && filed && Origin::kept(&block.extras).is_some_and(|o| o.reference.is_none()) {
            return Some("its file is not there, and Open edX drops it".into());
        }
        let blank = element.children.iter().all(|node| node.text().is_some_and(|t| t.trim().is_empty()));
        (foreign.name != "problem" && !blank).then(|| {
            format!("the content of a {} goes in with the whole course only: {BY_ARCHIVE}", foreign.name)
        })
    }

    /// A block as requests write it: attributes that are no settings are left out, and tries that the course as a whole
    /// sets are said at the block.
    pub(super) fn requested(&mut self, place: &BlockPlace<'_>, mut block: Block) -> Block {
        let Some(mut origin) = Origin::kept(&block.extras).filter(|_| self.piecewise) else { return block };
        origin.attempts = None;
        let source = match &block.body {
            BlockBody::Foreign(foreign) => foreign.source.as_str(),
            _ => origin.source.as_str(),
        };
        if let Ok(mut element) = parse(source) {
            let odd = odd(&element);
            if !odd.is_empty() {
                let what = format!("{}: {}", element.name, odd.join(", "));
                let why = "Open edX has no such setting, and a request that names one fails";
                self.lose(place, Severity::Dropped, &what, why, Some(BY_ARCHIVE));
            }
            let placing = |key: &str| matches!(key, "parent_url" | "index_in_children_list");
            element.attributes.retain(|(key, _)| !odd.contains(key) && !placing(key));
            self.settle_nulls(&mut element);
            if let BlockBody::Foreign(foreign) = &mut block.body
                && parse(&foreign.source).is_ok_and(|was| was != element)
            {
                foreign.source = markup(&element);
            }
            if let BlockBody::Video(video) = &mut block.body
                && video.seconds.take().is_some()
            {
                let why = "no request says it";
                self.note(Severity::Exact, "the length of a video", why, "Open edX finds it out itself");
                let is_length = |node: &Node| node.element().is_some_and(|e| e.name == "video_asset");
                element.children.retain(|node| !is_length(node));
                origin.source = markup(&element);
            }
        }
        origin.keep(&mut block.extras);
        block
    }

    /// A request with a null puts a setting back to its default, so that none is there afterwards; any number of tries
    /// where fewer would be inherited is an empty text.
    fn settle_nulls(&self, element: &mut Element) {
        let inherits = self.inherited.attempts.is_some();
        element.attributes.retain_mut(|(key, value)| match value.trim() {
            "null" if key == "max_attempts" && inherits => {
                value.clear();
                true
            }
            "null" => false,
            _ => true,
        });
    }
}

/// Attributes of a block that are no settings of its type; `youtube` is read all the same.
fn odd(element: &Element) -> Vec<String> {
    let kind = element.name.as_str();
    let names = element.attributes.iter().map(|(key, _)| key);
    names
        .filter(|key| !(has(kind, key) || is_writing(key) || kind == "video" && *key == "youtube"))
        .cloned()
        .collect()
}
