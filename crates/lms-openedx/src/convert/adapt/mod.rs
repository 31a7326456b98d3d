//! What Open edX can hold of a course: the course that reading the target back will give, and what is
//! lost on the way (reference field.md 3).

mod assessment;
mod course;
mod exercise;
mod input;
mod keys;
#[cfg(test)]
mod marks_tests;
mod parts;
mod piecewise;
mod program;
mod settled;
mod site;
#[cfg(test)]
mod site_tests;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use lms_core::{
    AdaptLog, Adapted, AssetId, Block, BlockBody, BlockId, BlockPlace, Course, Exercise, Extras, Finding,
    Markup, Place, Platform, Severity, TaskId, Text, escape, stub,
};
use serde_json::{Map, Value};

use super::markup::{Statics, to_neutral, to_olx};
use super::xhtml::{html_of, problem_content};
use crate::check::CheckOptions;
use crate::olx::inherited::Inherited;
use crate::olx::read::{INPUT, PART_OF};
use crate::olx::write::{Around, followers, kept, policies};
use crate::options::WriteBy;

/// Adapts a course to an archive. A course that came from OLX and has not changed is given back as it is.
pub(crate) fn adapt(source: &Course) -> Adapted {
    carry_over(source, None, false)
}

/// Adapts a course to a site, whose import takes less than an archive holds, and single requests less than an import.
/// What would be refused before or at the upload is named already.
pub(crate) fn adapt_to_site(source: &Course, site: &CheckOptions, way: WriteBy) -> Adapted {
    let mut adapted = carry_over(source, Some(site), way == WriteBy::Blocks);
    site::foresee(&mut adapted, site, way);
    adapted
}

fn carry_over(source: &Course, site: Option<&CheckOptions>, piecewise: bool) -> Adapted {
    let mut adapter = Adapter { site: site.cloned(), piecewise, ..Adapter::new(source) };
    let mut course = adapter.course(source);
    let places: Vec<BlockPlace<'_>> = source.blocks().collect();
    let mut places = places.as_slice();
    let inherited = Inherited::of(source);
    for (section, from) in course.sections.iter_mut().zip(&source.sections) {
        let inherited = inherited.within(&from.extras);
        for (lesson, from) in section.lessons.iter_mut().zip(&from.lessons) {
            let inherited = inherited.within(&from.extras);
            for (step, from) in lesson.steps.iter_mut().zip(&from.steps) {
                adapter.inherited = inherited.within(&from.extras);
                let (here, after) = places.split_at(from.blocks.len().min(places.len()));
                places = after;
                step.blocks = adapter.blocks(&from.blocks, here);
            }
        }
    }
    adapter.log.finish(course)
}

struct Adapter {
    log: AdaptLog,
    /// What the target takes, where it is a site.
    site: Option<CheckOptions>,
    /// The site is written block by block.
    piecewise: bool,
    /// What stands under the names of blocks that go as they are, by type and name.
    defined: HashMap<(String, String), String>,
    statics: Statics,
    /// What learners' files are called on the target, by their ids in the source.
    named: HashMap<AssetId, AssetId>,
    /// What `policy.json` sets of single blocks.
    policies: Map<String, Value>,
    /// What the step under way inherits.
    inherited: Inherited,
    /// Block ids in use, so that a part never takes one.
    ids: HashSet<BlockId>,
    /// Tasks that were written as a problem already.
    tasks: HashSet<TaskId>,
    /// Where what is under way stands in the source, and which block it is.
    here: (String, Option<BlockId>),
    /// What is named already: a text may be looked at twice.
    noted: HashSet<(String, &'static str, &'static str)>,
}

impl Adapter {
    fn new(source: &Course) -> Self {
        Self {
            log: AdaptLog::new(),
            site: None,
            piecewise: false,
            defined: HashMap::new(),
            statics: Statics::of(source),
            named: HashMap::new(),
            policies: policies(source),
            inherited: Inherited::of(source),
            ids: source.blocks().map(|place| place.block.1.id.clone()).collect(),
            tasks: HashSet::new(),
            here: (Place::course().to_string(), None),
            noted: HashSet::new(),
        }
    }

    /// A chapter, sequential or vertical is under way, or the course itself.
    fn at(&mut self, place: &Place) {
        self.here = (place.to_string(), None);
    }

    /// A block is under way.
    fn at_block(&mut self, place: &BlockPlace<'_>) {
        self.here = (place.place().to_string(), Some(place.block.1.id.clone()));
    }

    /// Names something about what is under way, once.
    fn note(&mut self, severity: Severity, what: &'static str, why: &'static str, fallback: &'static str) {
        let (path, block) = &self.here;
        if !self.noted.insert((path.clone(), what, why)) {
            return;
        }
        let mut finding = Finding::new(severity, path.as_str(), what, why);
        finding.fallback = (!fallback.is_empty()).then(|| fallback.to_owned());
        // What loses nothing makes no block another.
        finding.block = block.clone().filter(|_| severity > Severity::Exact);
        self.log.note(finding);
    }

    fn lose(
        &mut self,
        place: &BlockPlace<'_>,
        severity: Severity,
        what: &str,
        why: &str,
        fallback: Option<&str>,
    ) {
        self.log.lose(place, severity, what, why, fallback);
    }

    fn blocks(&mut self, blocks: &[Block], places: &[BlockPlace<'_>]) -> Vec<Block> {
        let mut adapted = Vec::new();
        let (mut rest, mut places) = (blocks, places);
        while let Some((first, more)) = rest.split_first() {
            let count = 1 + followers(first, more);
            let (group, after) = rest.split_at(count);
            let (here, there) = places.split_at(count.min(places.len()));
            (rest, places) = (after, there);
            let around =
                Around { statics: &self.statics, policies: &self.policies, inherited: self.inherited };
            let kept = kept(group, &around);
            if let Some(kept) = kept.filter(|_| group.iter().all(|block| self.not_taken(block).is_none())) {
                for (block, place) in group.iter().zip(here) {
                    self.at_block(place);
                    self.log.carry(&block.id, [block.id.clone()]);
                    let mut block = self.settled(place);
                    if let (BlockBody::Foreign(foreign), false) = (&mut block.body, kept.changed.is_empty()) {
                        foreign.source.clone_from(&kept.source);
                    }
                    adapted.push(self.requested(place, block));
                }
                if let Some(exercise) = group.iter().find_map(Block::exercise) {
                    self.tasks.insert(exercise.task.clone());
                }
                continue;
            }
            let mut exercises = Vec::new();
            for place in here {
                match &place.block.1.body {
                    BlockBody::Exercise(exercise) => exercises.push((*place, exercise.as_ref())),
                    _ => adapted.extend(self.other(place)),
                }
            }
            // Text of the same problem stands behind its exercises.
            let at = adapted.len()
                - here.iter().filter(|p| p.block.1.exercise().is_none()).count().min(adapted.len());
            let made = self.exercises(&exercises);
            let at = at.min(adapted.len());
            adapted.splice(at..at, made);
        }
        adapted
    }

    /// Anything but an exercise.
    fn other(&mut self, place: &BlockPlace<'_>) -> Vec<Block> {
        self.at_block(place);
        let block = place.block.1;
        let mut copy = Block { extras: own(&block.extras), ..block.clone() };
        let mut more = Vec::new();
        match &mut copy.body {
            BlockBody::Text(text) => text.markup = self.plain_markup(&text.markup),
            BlockBody::Video(video) => {
                if video.poster.take().is_some() {
                    self.note(
                        Severity::Dropped,
                        "the still picture of a video",
                        "Open edX takes its own",
                        "",
                    );
                }
                video.seconds = video.seconds.filter(|seconds| *seconds > 0.0);
                video.sources.retain(|source| !source.is_empty());
                let there = video.transcripts.len();
                video.transcripts.retain(|transcript| self.statics.find(transcript.asset.as_str()).is_some());
                if video.transcripts.len() < there {
                    let why = "it is not among the course's files";
                    self.lose(place, Severity::Dropped, "the transcript of a video", why, None);
                }
                let caption = std::mem::take(&mut video.caption);
                if !caption.is_empty() {
                    let body = BlockBody::Text(Text { markup: self.plain_markup(&caption) });
                    more.push(Block::new(self.part_id(&block.id), body));
                }
                let (sources, youtube) = (video.sources.clone(), video.youtube.clone());
                if sources.is_empty() && youtube.is_none() {
                    self.lose(
                        place,
                        Severity::Approximated,
                        "video",
                        "it has no address",
                        Some("an empty video"),
                    );
                }
                video.sources.dedup();
            }
            BlockBody::File(_) => {
                copy.body = BlockBody::Text(Text { markup: self.plain_markup(&link(block)) });
                self.note(
                    Severity::Exact,
                    "a file to download",
                    "Open edX has no file blocks",
                    "a link in a text",
                );
            }
            BlockBody::Foreign(foreign) => {
                let not_taken = self.not_taken(block);
                if foreign.platform == Platform::OpenEdx && not_taken.is_none() {
                    self.log.carry(&block.id, [copy.id.clone()]);
                    return vec![copy];
                }
                let what = format!("{} {}", foreign.platform, foreign.name);
                let why = not_taken.as_deref().unwrap_or("Open edX has nothing like it");
                self.lose(place, Severity::Dropped, &what, why, Some("its text alone"));
                if not_taken.is_some() {
                    copy.extras = Extras::new();
                }
                copy.body = BlockBody::Text(Text { markup: self.plain_markup(&untitled(block)) });
            }
            BlockBody::Exercise(_) => {}
        }
        self.log.carry(&block.id, std::iter::once(copy.id.clone()).chain(more.iter().map(|b| b.id.clone())));
        let mut blocks = vec![copy];
        blocks.extend(more);
        blocks
    }

    /// The block's text in its place, for what cannot be asked.
    fn stub(&mut self, place: &BlockPlace<'_>, why: &str) -> Block {
        let block = place.block.1;
        let what = block.exercise().map_or("exercise", |e| e.interaction.name());
        self.lose(place, Severity::Dropped, what, why, Some("its text alone; it cannot be answered"));
        let markup = self.plain_markup(&untitled(block));
        Block { title: block.title.clone(), ..Block::new(block.id.clone(), BlockBody::Text(Text { markup })) }
    }

    /// `ID~2`, or the next that is free.
    fn part_id(&mut self, id: &BlockId) -> BlockId {
        let mut n = 2;
        loop {
            let part = BlockId::new(format!("{id}~{n}"));
            if self.ids.insert(part.clone()) {
                return part;
            }
            n += 1;
        }
    }

    /// Text as an html block gives it back.
    fn plain_markup(&self, markup: &Markup) -> Markup {
        to_neutral(&to_olx(markup), &self.statics)
    }

    /// Text as a problem gives it back.
    fn problem_markup(&mut self, markup: &Markup) -> Markup {
        if markup.html().is_empty() {
            return Markup::default();
        }
        let olx = to_olx(markup);
        if olx.to_ascii_lowercase().contains("<script") {
            let why = "inside a problem Open edX would run it as Python on the server";
            self.note(Severity::Dropped, "a script in the text of an exercise", why, "");
        }
        to_neutral(html_of(&problem_content(&olx)).trim(), &self.statics)
    }

    /// All texts of an exercise as a problem gives them back.
    fn settle(&mut self, block: &mut Block) {
        let mut all = Vec::new();
        block.map_markup(&mut |markup| all.push(markup.clone()));
        let mut all = all.iter().map(|markup| self.problem_markup(markup)).collect::<Vec<_>>().into_iter();
        block.map_markup(&mut |markup| *markup = all.next().unwrap_or_default());
    }
}

/// Marks an exercise as one that stands in a problem, the way reading it back does.
fn mark_input(extras: &mut Extras, number: usize) {
    extras.set(Platform::OpenEdx, INPUT, format!("{}_1", number + 1));
}

/// Whether an exercise stood in a problem of Open edX before.
fn is_capa(block: &Block) -> bool {
    block.extras.get(Platform::OpenEdx, INPUT).is_some()
}

/// What stands in a block's place, without the title: the block that it stands in has that.
fn untitled(block: &Block) -> Markup {
    stub(&Block { title: String::new(), ..block.clone() })
}

/// Settings of Open edX alone, for what is written anew: that several blocks were one problem is said by their task.
fn own(extras: &Extras) -> Extras {
    let mut kept = Extras::new();
    for (key, value) in extras.of(Platform::OpenEdx).filter(|(key, _)| *key != PART_OF) {
        kept.set(Platform::OpenEdx, key, value.clone());
    }
    kept
}

fn link(block: &Block) -> Markup {
    match &block.body {
        BlockBody::File(file) => Markup::from_html(format!(
            "<p><a href=\"asset:{}\">{}</a></p>",
            escape(file.asset.as_str()),
            escape(&file.label)
        )),
        _ => Markup::default(),
    }
}

/// An exercise under way to Open edX, with the block it comes from.
struct Piece {
    block: Block,
}

impl Piece {
    fn exercise(&mut self) -> Option<&mut Exercise> {
        match &mut self.block.body {
            BlockBody::Exercise(exercise) => Some(exercise),
            _ => None,
        }
    }
}
