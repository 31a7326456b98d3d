//! Blocks that came from OLX: what of them is written as it stood there.

use lms_core::{Block, BlockBody, Platform};
use serde_json::{Map, Value};

use super::text_extra;
use crate::convert::markup::Statics;
use crate::olx::capa::{Context, plain_value};
use crate::olx::inherited::Inherited;
use crate::olx::native::Native;
use crate::olx::origin::Origin;
use crate::olx::read::{PART_OF, overlaid, read_html, read_problem, read_video, title_of};
use crate::olx::xml::{Element, markup, parse};

/// What a block's meaning depends on beside itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around<'a> {
    /// The course's files.
    pub(crate) statics: &'a Statics,
    /// What `policy.json` sets of single blocks.
    pub(crate) policies: &'a Map<String, Value>,
    /// What it inherits in its place.
    pub(crate) inherited: Inherited,
}

/// How blocks are written that stood in OLX.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// How they stood there.
    pub(crate) origin: Origin,
    /// The definition: as it stood, or with some attributes changed.
    pub(crate) source: String,
    /// The attributes that changed.
    pub(crate) changed: Vec<&'static str>,
}

/// An attribute and its new value, or that it goes.
type Change = (&'static str, Option<String>);

/// How many of the blocks behind `first` were one native problem with it, or are to become one.
pub(crate) fn followers(first: &Block, more: &[Block]) -> usize {
    let is_part = |block: &&Block| text_extra(&block.extras, PART_OF) == Some(first.id.as_str());
    let parts = more.iter().take_while(is_part).count();
    let Some(task) = first.exercise().map(|exercise| &exercise.task) else { return parts };
    let together = more.iter().take_while(|block| block.exercise().is_some_and(|e| e.task == *task)).count();
    parts.max(together)
}

/// How the group is written, if its definition says all that the group does, or does so with other settings: title,
/// tries, weight. `None`: it is written anew.
pub(crate) fn kept(group: &[Block], around: &Around<'_>) -> Option<Kept> {
    let first = group.first()?;
    let mut origin = Origin::kept(&first.extras)?;
    let source = match &first.body {
        BlockBody::Foreign(foreign) if foreign.platform == Platform::OpenEdx && group.len() == 1 => {
            foreign.source.clone()
        }
        BlockBody::Foreign(_) => return None,
        _ => std::mem::take(&mut origin.source),
    };
    // Where a part of a course is written without its policy.json, only the attributes count.
    let there = policy(around.policies, &origin, &source);
    if !origin.policy.keys().all(|key| there.is_some_and(|p| p.contains_key(key))) {
        origin.policy.clear();
    }
    let changes = changes(group, &origin, &source, around)?;
    if changes.is_empty() {
        return Some(Kept { origin, source, changed: Vec::new() });
    }
    let kept = with(origin, &source, &changes)?;
    let settled = self::changes(group, &kept.origin, &kept.source, around)?;
    settled.is_empty().then_some(kept)
}

/// The name of a block in `policy.json`: one without a name of its own has that of its definition's title there, as when it
/// was read.
pub(crate) fn policy_key(origin: &Origin, source: &str) -> String {
    if !origin.name.is_empty() {
        return format!("{}/{}", origin.tag, origin.name);
    }
    let element = parse(source).unwrap_or_default();
    format!("{}/{}", origin.tag, Native::name_of(None, &origin.tag, &element))
}

/// What `policy.json` says of a block.
fn policy<'a>(
    policies: &'a Map<String, Value>,
    origin: &Origin,
    source: &str,
) -> Option<&'a Map<String, Value>> {
    policies.get(&policy_key(origin, source))?.as_object()
}

/// The settings that are otherwise in the blocks than in the definition; `None` where more than these is.
fn changes(group: &[Block], origin: &Origin, source: &str, around: &Around<'_>) -> Option<Vec<Change>> {
    let first = group.first()?;
    let is_foreign = matches!(first.body, BlockBody::Foreign(_));
    let element = match definition(origin, source) {
        // One that cannot be read has its title from the tag that refers to it.
        None if is_foreign => parse(origin.reference.as_deref()?).ok()?,
        element => element?,
    };
    let retitled = |was: &str| -> Vec<Change> {
        let title = (!first.title.is_empty()).then(|| first.title.clone());
        if was == first.title { Vec::new() } else { vec![("display_name", title)] }
    };
    match (&first.body, origin.tag.as_str()) {
        (BlockBody::Foreign(foreign), tag) => {
            let mut changes = retitled(title_of(&element));
            let weight = element.get("weight").and_then(|weight| plain_value(weight).parse().ok());
            // An assessment is worth what its rubric says.
            if tag != "openassessment" && weight != foreign.points {
                changes.push(("weight", foreign.points.map(|points| points.to_string())));
            }
            Some(changes)
        }
        (BlockBody::Text(text), "html") => {
            let body = match element.get("filename").filter(|_| element.is_bare()) {
                Some(_) => Some(origin.files.values().next()?.as_str()),
                None => None,
            };
            let (title, was) = read_html(&element, body, around.statics);
            (was == text.markup).then(|| retitled(&title))
        }
        (BlockBody::Video(video), "video") => {
            let (title, was) = read_video(&element, around.statics);
            (was == *video).then(|| retitled(&title))
        }
        (_, "problem") => problem(group, origin, &element, around, retitled),
        _ => None,
    }
}

fn problem(
    group: &[Block],
    origin: &Origin,
    element: &Element,
    around: &Around<'_>,
    retitled: impl Fn(&str) -> Vec<Change>,
) -> Option<Vec<Change>> {
    let first = group.first()?;
    let exercises: Vec<_> = group.iter().filter_map(Block::exercise).collect();
    let here = if around.inherited.known { around.inherited.attempts } else { origin.attempts };
    let context = Context {
        statics: around.statics,
        task: exercises.first().map_or_else(|| first.id.as_str().into(), |e| e.task.clone()),
        attempts: here,
    };
    let (mut blocks, _) = read_problem(element, first.id.as_str(), &context).ok()?;
    let mut changes = retitled(&blocks.first()?.title);
    let was = blocks.iter().find_map(Block::exercise).map(|exercise| exercise.scoring);
    if let (Some(was), Some(is)) = (was, exercises.first().map(|exercise| exercise.scoring)) {
        if was.attempts != is.attempts {
            let said = is.attempts.map_or_else(String::new, |attempts| attempts.to_string());
            changes.push(("max_attempts", Some(said).filter(|_| is.attempts != here)));
        }
        if was.points != is.points {
            changes.push(("weight", Some((is.points * exercises.len() as f64).to_string())));
        }
        for block in &mut blocks {
            if let BlockBody::Exercise(exercise) = &mut block.body {
                (exercise.scoring.attempts, exercise.scoring.points) = (is.attempts, is.points);
            }
        }
    }
    let same = blocks.len() == group.len()
        && blocks.iter().zip(group).all(|(was, is)| was.body == is.body)
        && blocks.iter().zip(group).skip(1).all(|(was, is)| was.title == is.title);
    same.then_some(changes)
}

/// A definition with other settings.
fn with(mut origin: Origin, source: &str, changes: &[Change]) -> Option<Kept> {
    let is_changed = |key: &str| changes.iter().any(|(changed, _)| *changed == key);
    let mut element = parse(source).ok()?;
    element.attributes.retain(|(key, _)| !is_changed(key));
    for (key, value) in changes {
        if let Some(value) = value {
            element.set(key, value.clone());
        }
    }
    if let Some(reference) = &mut origin.reference {
        // What the referring tag says wins over the file.
        let mut tag = parse(reference).ok()?;
        if tag.attributes.iter().any(|(key, _)| is_changed(key)) {
            tag.attributes.retain(|(key, _)| !is_changed(key));
            *reference = markup(&tag);
        }
    }
    origin.policy.retain(|key, _| !is_changed(key));
    if origin.name.is_empty() && is_changed("display_name") {
        // It has its name by its title, and `policy.json` finds it by the old one no more.
        for (key, value) in std::mem::take(&mut origin.policy) {
            element.set(&key, value);
        }
    }
    let end = if origin.file.is_some() { "\n" } else { "" };
    let changed = changes.iter().map(|(key, _)| *key).collect();
    Some(Kept { origin, source: markup(&element) + end, changed })
}

/// A block's definition, with what the referring tag and `policy.json` say.
fn definition(origin: &Origin, source: &str) -> Option<Element> {
    let mut element = parse(source).ok()?;
    if let Some(reference) = &origin.reference {
        let reference = parse(reference).ok()?;
        for (key, value) in reference.attributes.into_iter().filter(|(key, _)| key != "filename") {
            element.set(&key, value);
        }
    }
    Some(overlaid(&element, &origin.policy).into_owned())
}

/// The definition that a block had in OLX.
pub(super) fn before(block: &Block, tag: &str) -> Option<Element> {
    let origin = Origin::kept(&block.extras).filter(|origin| origin.tag == tag)?;
    definition(&origin, &origin.source)
}
