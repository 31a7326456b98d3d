//! Writing block by block, where [`crate::WriteBy::Blocks`] asks for it: what differs is sent at once, and keys stay, and
//! with them what learners have done (reference openedx.md 3.15).
//!
//! Choices where the reference is silent:
//! * Blocks of a unit are found by type and name; those that are left are taken for one another in their order within
//!   the type, since a block that Studio made has a name of its own. What is left then is made, or deleted.
//! * A setting that the model does not know is left as it stands on the site.
//! * With a token alone the order of units is that of the published course.

mod drafts;
mod order;
mod outline;
mod settings;
mod unit;
mod wanted;

use std::collections::BTreeMap;

use lms_core::{
    Asset, AssetBody, AssetId, AssetLink, AssetLinks, AssetRole, BlockId, CourseId, Error, ErrorKind, Extras,
    Lesson, LessonId, Platform, Result, Section, SectionId, Slot, Step, StepId,
};
use serde_json::{Map, Value};

use crate::OpenEdx;
use crate::keys::CourseKey;
use crate::olx::fields::settings as settings_of;
use crate::olx::native::Native;
use crate::olx::read::{is_implied, title_of};
use crate::studio::blocks::{BlockChange, NewBlock};

pub(crate) use order::Orders;
pub(crate) use settings::HEADER;

const OPERATION: &str = "authoring.update";
/// What Studio takes of one file, unless the site changed it (reference openedx.md 3.16).
pub(crate) const FILE: u64 = 20 << 20;

impl OpenEdx {
    pub(crate) async fn live_asset(
        &self,
        course: &CourseId,
        asset: &Asset,
        body: AssetBody,
    ) -> Result<AssetLink> {
        if asset.role != AssetRole::Content {
            return Err(cannot(&asset.name, "a file of this kind goes in with the whole course only"));
        }
        let file = self.upload_file(course, &asset.name, body.into_bytes(FILE).await?).await?;
        let name = file.link.strip_prefix("/static/").unwrap_or(&asset.name);
        Ok(AssetLink { id: AssetId::from(name), url: file.link.clone() })
    }

    pub(crate) async fn live_section(
        &self,
        course: &CourseId,
        section: &Section,
        slot: &Slot<SectionId>,
        links: &AssetLinks,
    ) -> Result<SectionId> {
        let key = CourseKey::parse(course)?;
        stands_for_itself(&section.extras, &section.id)?;
        let native = wanted::section(&key, section, links).await?;
        let existing = slot.existing.as_ref().map(|id| usage(&key, "chapter", id.as_str()));
        let parent = Self::course_block(course)?;
        let block = self.live_node(&parent, existing, &native, &section.title, slot.position).await?;
        Ok(name_of(&block).into())
    }

    pub(crate) async fn live_lesson(
        &self,
        course: &CourseId,
        section: &SectionId,
        lesson: &Lesson,
        slot: &Slot<LessonId>,
    ) -> Result<LessonId> {
        let key = CourseKey::parse(course)?;
        stands_for_itself(&lesson.extras, &lesson.id)?;
        let native = wanted::lesson(&key, lesson).await?;
        let existing = slot.existing.as_ref().map(|id| usage(&key, "sequential", id.as_str()));
        let parent = usage(&key, "chapter", section.as_str());
        let block = self.live_node(&parent, existing, &native, &lesson.title, slot.position).await?;
        Ok(name_of(&block).into())
    }

    pub(crate) async fn live_step(
        &self,
        course: &CourseId,
        lesson: &LessonId,
        step: &Step,
        slot: &Slot<StepId>,
        links: &AssetLinks,
    ) -> Result<StepId> {
        let key = CourseKey::parse(course)?;
        stands_for_itself(&step.extras, &step.id)?;
        let native = wanted::step(&key, step, links).await?;
        let parent = usage(&key, "sequential", lesson.as_str());
        let unit = match &slot.existing {
            Some(id) => {
                let unit = usage(&key, "vertical", id.as_str());
                let from = self.stands_in(&parent, &unit).await?;
                let mut now = self.unit_now(&unit).await?;
                now.unseen = self.must_hold_no_draft(course, &unit, &native, &now).await?;
                if from != parent {
                    self.bring(&from, &parent, &unit, slot.position).await?;
                    now.unseen = true;
                }
                self.write_unit(&unit, &native, now).await?;
                unit
            }
            None => {
                // What cannot be written is found before the unit is made.
                unit::check_new(&native)?;
                let unit = self.create_block(&parent, &NewBlock::new("vertical", &step.title)).await?;
                self.added(&parent, &unit).await;
                self.write_unit(&unit, &native, unit::Now::made(&step.title)).await?;
                unit
            }
        };
        self.put_in_place(&parent, &unit, slot.position).await?;
        Ok(name_of(&unit).into())
    }

    /// Deletes a section, lesson or step, and forgets its place.
    pub(crate) async fn live_delete(&self, course: &CourseId, kind: &str, id: &str) -> Result<()> {
        let block = usage(&CourseKey::parse(course)?, kind, id);
        self.must_be_published(&block, kind).await?;
        self.delete_block(&block).await?;
        self.inner().orders.lock().await.gone(course, &block);
        Ok(())
    }

    /// Puts the children of a node in an order that names each of them once.
    pub(crate) async fn live_order(
        &self,
        course: &CourseId,
        parent: Option<(&str, &str)>,
        kind: &str,
        order: &[&str],
    ) -> Result<()> {
        let key = CourseKey::parse(course)?;
        let parent = match parent {
            Some((kind, id)) => usage(&key, kind, id),
            None => Self::course_block(course)?,
        };
        self.put_in_visible_order(&parent, order.iter().map(|id| usage(&key, kind, id)).collect()).await
    }

    /// Forgets what was read of a course while it was written.
    pub(crate) async fn live_end(&self, course: &CourseId) {
        self.inner().orders.lock().await.forget(course);
        self.inner().exports.lock().await.remove(course);
    }

    /// A chapter or a sequential: its own settings and its place.
    async fn live_node(
        &self,
        parent: &BlockId,
        existing: Option<BlockId>,
        native: &Native,
        title: &str,
        position: u32,
    ) -> Result<BlockId> {
        let attributes = own_settings(native);
        let block = match existing {
            Some(block) => {
                let from = self.stands_in(parent, &block).await?;
                if from != *parent {
                    self.bring(&from, parent, &block, position).await?;
                }
                let now = self.studio_block(&block).await?;
                let now = now.metadata.iter().map(|(name, value)| (name.clone(), text(value))).collect();
                self.update_block(&block, &node_change(native, &attributes, &now)).await?;
                block
            }
            None => {
                let block = self.create_block(parent, &NewBlock::new(&native.tag, title)).await?;
                self.added(parent, &block).await;
                let now = BTreeMap::from([("display_name".to_owned(), title.to_owned())]);
                self.update_block(&block, &node_change(native, &attributes, &now)).await?;
                block
            }
        };
        self.put_in_place(parent, &block, position).await?;
        Ok(block)
    }
}

/// A sequential's assignment type is set by a key of its own.
fn node_change(
    native: &Native,
    wanted: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
) -> BlockChange {
    let mut change = BlockChange { metadata: difference(&native.tag, wanted, now), ..BlockChange::default() };
    if native.tag == "sequential" {
        let graded = |of: &BTreeMap<String, String>| {
            let counts = of.get("graded").is_some_and(|graded| graded.eq_ignore_ascii_case("true"));
            of.get("format").filter(|_| counts).cloned()
        };
        change.metadata.remove("graded");
        change.metadata.remove("format");
        let (wanted, now) = (graded(wanted), graded(now));
        if wanted != now {
            change.category = Some(wanted.unwrap_or_else(|| "notgraded".into()));
        }
    }
    change
}

/// What a definition sets; attributes that are no settings were named when the course was adapted.
fn own_settings(native: &Native) -> BTreeMap<String, String> {
    let mut element = native.element.clone();
    // Pages and problems of a file may be defined in a tag of another name.
    element.name.clone_from(&native.tag);
    settings_of(&element, title_of(&element))
}

/// Settings that the model has a place for: missing in what is wanted, they go back to their default.
fn is_modelled(kind: &str, name: &str) -> bool {
    match kind {
        "chapter" | "sequential" | "vertical" => matches!(name, "display_name" | "start" | "due"),
        "problem" => matches!(name, "display_name" | "max_attempts" | "weight"),
        "video" => {
            matches!(name, "display_name" | "html5_sources" | "transcripts")
                || name.starts_with("youtube_id_")
        }
        _ => name == "display_name",
    }
}

/// The settings to send so that `now` becomes what is wanted.
fn difference(
    kind: &str,
    wanted: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
) -> Map<String, Value> {
    let changed = wanted
        .iter()
        .filter(|(name, value)| now.get(*name).map_or(*value != "null", |now| !same_value(value, now)));
    let mut sent: Map<String, Value> =
        changed.map(|(name, value)| (name.clone(), typed(name, value))).collect();
    let gone = now.iter().filter(|(name, _)| is_modelled(kind, name) && !wanted.contains_key(*name));
    // A block that was made without a title has an empty one.
    let gone = gone.filter(|(name, value)| *name != "display_name" || !value.is_empty());
    sent.extend(gone.map(|(name, _)| (name.clone(), Value::Null)));
    sent
}

/// Lists and maps as such; everything else as text, which fields of every other type read (reference openedx.md 5.3).
fn typed(name: &str, value: &str) -> Value {
    let words = matches!(name, "display_name" | "markdown" | "format");
    match serde_json::from_str(value) {
        Ok(parsed @ (Value::Array(_) | Value::Object(_))) if !words => parsed,
        Ok(Value::Null) if !words => Value::Null,
        Ok(Value::String(text)) if !words => text.into(),
        _ => value.into(),
    }
}

/// A setting of an answer as an attribute writes it.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `2` and `2.0`, `true` and `True`, a date quoted or not.
fn same_value(a: &str, b: &str) -> bool {
    let (a, b) = (crate::olx::capa::plain_value(a), crate::olx::capa::plain_value(b));
    let number = |text: &str| text.parse::<f64>().ok();
    let json = |text: &str| serde_json::from_str::<Value>(text).ok();
    let flag = |text: &str| matches!(text.to_ascii_lowercase().as_str(), "true" | "false");
    a == b
        || (flag(a) && a.eq_ignore_ascii_case(b))
        || number(a).is_some_and(|x| number(b) == Some(x))
        || json(a).is_some_and(|x| json(b) == Some(x))
}

/// A node's id is the last part of its usage key, or the whole.
fn usage(key: &CourseKey, kind: &str, id: &str) -> BlockId {
    if id.starts_with("block-v1:") { id.into() } else { key.usage(kind, id).into() }
}

fn name_of(block: &BlockId) -> &str {
    block.as_str().rsplit_once("+block@").map_or(block.as_str(), |(_, name)| name)
}

/// A level that the course does not have cannot be written on its own.
fn stands_for_itself(extras: &Extras, id: impl std::fmt::Display) -> Result<()> {
    if is_implied(extras) {
        return Err(cannot(id, "this level is not in the course: its blocks stand one higher"));
    }
    Ok(())
}

fn cannot(on: impl std::fmt::Display, why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unsupported, why).at(Platform::OpenEdx, OPERATION).on(on)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(list: &[(&str, &str)]) -> BTreeMap<String, String> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn only_what_differs_is_sent() {
        let wanted = settings(&[("display_name", "[1]"), ("weight", "2"), ("html5_sources", "[\"a\"]")]);
        assert_eq!(difference("problem", &wanted, &wanted), Map::new());
        let now = settings(&[
            ("display_name", "x"),
            ("weight", "2.0"),
            ("max_attempts", "3"),
            ("showanswer", "never"),
        ]);
        let sent = difference("problem", &wanted, &now);
        let expected =
            serde_json::json!({"display_name": "[1]", "html5_sources": ["a"], "max_attempts": null});
        assert_eq!(Value::Object(sent), expected);
        assert!(same_value("\"2025-01-01T00:00:00Z\"", "2025-01-01T00:00:00Z") && same_value("True", "true"));
        assert!(!same_value("a", "b"));
    }
}
