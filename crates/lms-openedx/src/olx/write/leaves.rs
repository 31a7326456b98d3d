//! The blocks of a unit → files and tags.

use lms_core::{Block, BlockBody, Error, Exercise, Foreign, Platform, Result, SourceFormat, Text, Video};
use serde_json::Value;

use super::kept::{Around, Kept, before, followers, kept, policy_key};
use super::{Writer, file_of, pointer, url_name};
use crate::convert::markup::to_olx;
use crate::olx::capa;
use crate::olx::origin::Origin;
use crate::olx::xml::{Element, Node, markup, parse};

impl Writer {
    /// Writes the blocks of a unit; gives their tags.
    pub(super) fn blocks(&mut self, blocks: &[Block]) -> Result<Vec<String>> {
        let mut tags = Vec::new();
        let mut rest = blocks;
        while let Some((first, more)) = rest.split_first() {
            let (group, after) = rest.split_at(1 + followers(first, more));
            rest = after;
            let kept = kept(group, &self.around());
            // Two blocks that were one may have become different ones: the second gets files of its own.
            let kept = kept.filter(|kept| group_is_foreign(group) || !self.is_taken(kept));
            match kept {
                Some(kept) => {
                    self.settle(&kept.origin, definition_of(first), &kept.changed);
                    tags.push(self.as_it_was(&kept.origin, &kept.source)?);
                }
                None => {
                    if let Some(origin) = Origin::kept(&first.extras) {
                        let all: Vec<&str> = origin.policy.keys().map(String::as_str).collect();
                        self.settle(&origin, definition_of(first), &all);
                    }
                    tags.extend(self.new_blocks(group)?);
                }
            }
        }
        Ok(tags)
    }

    /// What a block needs to be written as it was.
    fn around(&self) -> Around<'_> {
        Around { statics: &self.statics, policies: &self.policies, inherited: self.inherited }
    }

    /// Whether a file of the block has been written with something else in it, or is somebody's.
    fn is_taken(&self, kept: &Kept) -> bool {
        let own = kept.origin.file.iter().map(|file| (file, &kept.source));
        own.chain(&kept.origin.files).any(|(file, text)| {
            self.taken.contains(file) || self.files.get(file).is_some_and(|there| there != text)
        })
    }

    /// Takes settings of a block out of `policy.json`, where they would win over what its attributes say now.
    fn settle(&mut self, origin: &Origin, source: String, settings: &[&str]) {
        let key = policy_key(origin, &source);
        if let Some(Value::Object(policy)) = self.policies.get_mut(&key) {
            policy.retain(|setting, _| !settings.contains(&setting.as_str()));
            if policy.is_empty() {
                self.policies.remove(&key);
            }
        }
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
            keep_payloads(first, &mut problem);
            // Without a word it would have the tries that it inherits.
            if problem.get("max_attempts").is_none() && self.inherits(first) {
                problem.set("max_attempts", "");
            }
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

    /// Whether a problem would inherit a number of tries.
    fn inherits(&self, first: &Block) -> bool {
        let origin = Origin::kept(&first.extras);
        let own = || origin.and_then(|origin| origin.attempts);
        if self.inherited.known { self.inherited.attempts } else { own() }.is_some()
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
        let mut element = self.video_element(block, video);
        element.set("url_name", &name);
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
        // Alone it would be taken for a pointer to what lies there.
        let mut name = self.name_of(block, &foreign.name);
        while self.taken.contains(&file_of(&element.name, &name, "xml")) {
            name.push_str("-2");
        }
        element.set("url_name", name);
        if !block.title.is_empty() {
            element.set("display_name", &block.title);
        }
        Ok(markup(&element))
    }
}

/// The definition that a block had when it was read.
fn definition_of(block: &Block) -> String {
    match &block.body {
        BlockBody::Foreign(foreign) => foreign.source.clone(),
        _ => Origin::kept(&block.extras).map(|origin| origin.source).unwrap_or_default(),
    }
}

fn group_is_foreign(group: &[Block]) -> bool {
    matches!(group, [block] if matches!(block.body, BlockBody::Foreign(_)))
}

/// The attributes that a block had in OLX and that the model does not know, for one that has changed.
fn keep_settings(block: &Block, element: &mut Element) {
    const KNOWN: [&str; 8] =
        ["url_name", "slug", "name", "filename", "display_name", "max_attempts", "weight", "markdown"];
    let Some(was) = before(block, &element.name) else { return };
    for (key, value) in was.attributes.iter().filter(|(key, _)| !KNOWN.contains(&key.as_str())) {
        if element.get(key).is_none() {
            element.set(key, value.clone());
        }
    }
}

/// What the grader behind a queue was told in words of its own, which the model does not hold: without it a program that
/// has got another text is not marked any more.
fn keep_payloads(first: &Block, problem: &mut Element) {
    let Some(was) = before(first, "problem") else { return };
    let all = was.descendants();
    let old = all.into_iter().filter(|e| e.name == "coderesponse").filter_map(|e| e.first("codeparam"));
    let elements = problem.children.iter_mut().filter_map(Node::element_mut);
    let new = elements.filter(|e| e.name == "coderesponse").filter_map(|e| e.first_mut("codeparam"));
    for (new, old) in new.zip(old) {
        if new.first("grader_payload").is_none_or(|payload| payload.all_text().is_empty()) {
            let shown = new.first("initial_display").cloned();
            new.children = old.children.clone();
            new.children.retain(|node| node.element().is_none_or(|e| e.name != "initial_display"));
            new.children.splice(0..0, shown.map(Node::Element));
        }
    }
}

fn not_adapted(block: &Block) -> Error {
    Error::invalid(format!("Open edX has no {} blocks: adapt the course first", block.body.kind()))
        .on(&block.id)
}
