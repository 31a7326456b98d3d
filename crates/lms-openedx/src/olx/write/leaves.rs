//! The blocks of a unit → files and tags.

use lms_core::{
    AssetId, Block, BlockBody, Error, Exercise, Foreign, Platform, Result, SourceFormat, Text, Video,
};
use serde_json::Value;

use super::{Writer, pointer, text_extra, url_name};
use crate::convert::markup::{Statics, address, to_olx};
use crate::olx::capa::{self, Context};
use crate::olx::origin::Origin;
use crate::olx::read::{PART_OF, read_html, read_problem, read_video};
use crate::olx::xml::{Element, markup, parse};

impl Writer {
    /// Writes the blocks of a unit; gives their tags.
    pub(super) fn blocks(&mut self, blocks: &[Block]) -> Result<Vec<String>> {
        let mut tags = Vec::new();
        let mut rest = blocks;
        while let Some((first, more)) = rest.split_first() {
            let (group, after) = rest.split_at(1 + followers(first, more));
            rest = after;
            match unchanged(group, &self.statics) {
                Some(origin) => {
                    let tag = self.as_it_was(&origin, source_of(first, &origin))?;
                    tags.push(tag);
                }
                None => tags.extend(self.new_blocks(group)?),
            }
        }
        Ok(tags)
    }

    fn new_blocks(&mut self, group: &[Block]) -> Result<Vec<String>> {
        let mut tags = Vec::new();
        let exercises: Vec<&Exercise> = group.iter().filter_map(Block::exercise).collect();
        if let (Some(first), false) = (group.first(), exercises.is_empty()) {
            let mut problem = capa::write(&exercises).map_err(|e| e.on(&first.id))?;
            if !first.title.is_empty() {
                problem.set("display_name", &first.title);
            }
            keep_settings(first, &mut problem);
            let name =
                self.put_named("problem", &self.name_of(first, "problem"), "xml", markup(&problem) + "\n");
            tags.push(pointer("problem", &name));
        }
        for block in group {
            match &block.body {
                BlockBody::Exercise(_) => {}
                BlockBody::Text(text) => tags.push(self.html(block, text)),
                BlockBody::Video(video) => tags.push(self.video(block, video)),
                BlockBody::Foreign(foreign) => tags.push(self.own(block, foreign)?),
                BlockBody::File(_) => return Err(not_adapted(block)),
            }
        }
        Ok(tags)
    }

    fn html(&mut self, block: &Block, text: &Text) -> String {
        let body = self.put_named("html", &self.name_of(block, "html"), "html", to_olx(&text.markup));
        let mut element = Element::new("html").with("filename", &body);
        if !block.title.is_empty() {
            element.set("display_name", &block.title);
        }
        keep_settings(block, &mut element);
        let name = self.put_named("html", &body, "xml", markup(&element) + "\n");
        pointer("html", &name)
    }

    fn video(&mut self, block: &Block, video: &Video) -> String {
        let name = self.name_of(block, "video");
        let mut element = Element::new("video").with("url_name", &name);
        if !block.title.is_empty() {
            element.set("display_name", &block.title);
        }
        if let Some(id) = &video.youtube {
            element.set("youtube", format!("1.00:{id}"));
            element.set("youtube_id_1_0", id);
        }
        let sources: Vec<String> = video
            .sources
            .iter()
            .map(|source| match source.strip_prefix("asset:") {
                Some(id) => address(&AssetId::from(id)),
                None => source.clone(),
            })
            .collect();
        if !sources.is_empty() {
            element.set("html5_sources", Value::from(sources.clone()).to_string());
        }
        if !video.transcripts.is_empty() {
            let map: serde_json::Map<String, Value> = video
                .transcripts
                .iter()
                .map(|t| (t.language.clone(), Value::from(t.asset.as_str())))
                .collect();
            element.set("transcripts", Value::Object(map).to_string());
        }
        for source in &sources {
            element = element.child(Element::new("source").with("src", source));
        }
        for transcript in &video.transcripts {
            let child = Element::new("transcript").with("language", &transcript.language);
            element = element.child(child.with("src", transcript.asset.as_str()));
        }
        if let Some(seconds) = video.seconds {
            let asset =
                Element::new("video_asset").with("client_video_id", "").with("duration", seconds.to_string());
            element = element.child(asset);
        }
        let name = self.put_named("video", &name, "xml", markup(&element) + "\n");
        pointer("video", &name)
    }

    /// The name that a block had, or one made of its whole id, so that it stays the same whatever is put
    /// before it. A name counts within its type on Open edX; one that a section, a lesson or a step has is
    /// avoided all the same (reference openedx.md 5.2).
    fn name_of(&self, block: &Block, tag: &str) -> String {
        if let Some(origin) = Origin::kept(&block.extras).filter(|origin| !origin.name.is_empty()) {
            return origin.name;
        }
        let id = block.id.as_str();
        let name = url_name(id.strip_prefix(tag).and_then(|rest| rest.strip_prefix('/')).unwrap_or(id));
        if self.containers.contains(&name) { format!("{name}-{tag}") } else { name }
    }

    /// A block of Open edX that was made here, not read: it stands in its parent.
    fn own(&self, block: &Block, foreign: &Foreign) -> Result<String> {
        if foreign.platform != Platform::OpenEdx || foreign.format != SourceFormat::Xml {
            return Err(not_adapted(block));
        }
        let mut element = parse(&foreign.source).map_err(|fault| {
            Error::invalid(format!("the block's source is not XML: {}", fault.what)).on(&block.id)
        })?;
        element.set("url_name", self.name_of(block, &foreign.name));
        if !block.title.is_empty() {
            element.set("display_name", &block.title);
        }
        Ok(markup(&element))
    }
}

/// How many of the blocks behind `first` were one native problem with it, or are to become one.
pub(crate) fn followers(first: &Block, more: &[Block]) -> usize {
    let is_part = |block: &&Block| text_extra(&block.extras, PART_OF) == Some(first.id.as_str());
    let parts = more.iter().take_while(is_part).count();
    let Some(task) = first.exercise().map(|exercise| &exercise.task) else { return parts };
    let together = more.iter().take_while(|block| block.exercise().is_some_and(|e| e.task == *task)).count();
    parts.max(together)
}

/// How the group stood in OLX, if it says the same as it did there.
pub(crate) fn unchanged(group: &[Block], statics: &Statics) -> Option<Origin> {
    let first = group.first()?;
    let origin = Origin::kept(&first.extras)?;
    if let BlockBody::Foreign(foreign) = &first.body {
        return (foreign.platform == Platform::OpenEdx && group.len() == 1).then_some(origin);
    }
    let element = definition(&origin)?;
    let same = match (&first.body, origin.tag.as_str()) {
        (BlockBody::Text(text), "html") => {
            let body = match element.get("filename").filter(|_| element.is_bare()) {
                Some(_) => Some(origin.files.values().next()?.as_str()),
                None => None,
            };
            read_html(&element, body, statics) == (first.title.clone(), text.markup.clone())
        }
        (BlockBody::Video(video), "video") => {
            read_video(&element, statics) == (first.title.clone(), video.clone())
        }
        (_, "problem") => {
            let exercise = group.iter().find_map(Block::exercise);
            let context = Context {
                statics,
                task: exercise.map_or_else(|| first.id.as_str().into(), |e| e.task.clone()),
                attempts: exercise.and_then(|e| e.scoring.attempts),
            };
            let (blocks, _) = read_problem(&element, first.id.as_str(), &context)?;
            blocks.len() == group.len()
                && blocks.iter().zip(group).all(|(was, is)| (&was.title, &was.body) == (&is.title, &is.body))
        }
        _ => false,
    };
    same.then_some(origin)
}

/// A block's definition, with what the referring tag and `policy.json` say.
fn definition(origin: &Origin) -> Option<Element> {
    let mut element = parse(&origin.source).ok()?;
    if let Some(reference) = &origin.reference {
        let reference = parse(reference).ok()?;
        for (key, value) in reference.attributes.into_iter().filter(|(key, _)| key != "filename") {
            element.set(&key, value);
        }
    }
    for (key, value) in &origin.policy {
        element.set(key, value);
    }
    Some(element)
}

fn source_of<'a>(first: &'a Block, origin: &'a Origin) -> &'a str {
    match &first.body {
        BlockBody::Foreign(foreign) => &foreign.source,
        _ => &origin.source,
    }
}

/// The attributes that a block had in OLX and that the model does not know, for one that has changed.
fn keep_settings(block: &Block, element: &mut Element) {
    const KNOWN: [&str; 7] =
        ["url_name", "slug", "filename", "display_name", "max_attempts", "weight", "markdown"];
    let Some(was) =
        Origin::kept(&block.extras).filter(|o| o.tag == element.name).and_then(|o| definition(&o))
    else {
        return;
    };
    for (key, value) in was.attributes.iter().filter(|(key, _)| !KNOWN.contains(&key.as_str())) {
        if element.get(key).is_none() {
            element.set(key, value.clone());
        }
    }
}

fn not_adapted(block: &Block) -> Error {
    Error::invalid(format!("Open edX has no {} blocks: adapt the course first", block.body.kind()))
        .on(&block.id)
}
