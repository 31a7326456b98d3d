//! Blocks and texts.

use std::borrow::Cow;

use lms_core::{AssetId, Block, BlockBody, Foreign, Markup, Place, StepId, Video};

use super::{Comparison, excerpt};
use crate::links::map_source;

/// What tells blocks apart, from most to least.
pub(super) fn say(block: &Block) -> Vec<String> {
    let said = match &block.body {
        BlockBody::Text(text) => text.markup.plain(),
        BlockBody::Video(video) => {
            format!(
                "{} {} {}",
                video.sources.join(" "),
                video.youtube.as_deref().unwrap_or(""),
                video.caption.plain()
            )
        }
        BlockBody::File(file) => file.label.clone(),
        BlockBody::Exercise(exercise) => {
            format!("{} {}", exercise.prompt.plain(), super::exercise::options(&exercise.interaction))
        }
        BlockBody::Foreign(foreign) => format!("{} {}", foreign.name, foreign.source),
    };
    let kind = block.body.kind();
    vec![
        format!("{kind} {} {said}", block.title),
        format!("{kind} {}", block.title),
        kind.to_owned(),
        String::new(),
    ]
}

impl<'a> Comparison<'a> {
    pub(super) fn block(&mut self, at: &Place, expected: &'a Block, actual: &'a Block) {
        self.value(at, "title", &expected.title, &actual.title);
        match (&expected.body, &actual.body) {
            (BlockBody::Text(e), BlockBody::Text(a)) => self.markup(at, "text", &e.markup, &a.markup),
            (BlockBody::Video(e), BlockBody::Video(a)) => self.video(at, e, a),
            (BlockBody::File(e), BlockBody::File(a)) => {
                self.value(at, "label", &e.label, &a.label);
                let (e, a) = (self.file(&e.asset, true), self.file(&a.asset, false));
                self.value(at, "file", &e, &a);
            }
            (BlockBody::Exercise(e), BlockBody::Exercise(a)) => self.exercise(at, e, a),
            (BlockBody::Foreign(e), BlockBody::Foreign(a)) => {
                self.value(at, "native block", &e.name, &a.name);
                self.optional(at, "points", e.points.as_ref(), a.points.as_ref());
                self.markup(at, "text of a native block", &e.readable, &a.readable);
                let (e, a) = (self.native_with_places(e, true), self.native_with_places(a, false));
                if e.name == a.name && !e.same_as(&a) {
                    let (e, a) = excerpt(&e.source, &a.source);
                    self.add(at, "native source", e, a);
                }
            }
            (e, a) => self.add(at, "kind", e.kind(), a.kind()),
        }
    }

    fn video(&mut self, at: &Place, e: &Video, a: &Video) {
        let (links_e, links_a) =
            (self.addresses(e.sources.clone(), true), self.addresses(a.sources.clone(), false));
        self.value(at, "video", &links_e.join(" "), &links_a.join(" "));
        let id = |v: &Video| v.youtube.clone().unwrap_or_default();
        self.value(at, "YouTube id", &id(e), &id(a));
        self.optional(at, "still picture", e.poster.as_ref(), a.poster.as_ref());
        self.optional(at, "seconds", e.seconds.as_ref(), a.seconds.as_ref());
        let captions =
            |v: &Video| v.transcripts.iter().map(|t| t.language.as_str()).collect::<Vec<_>>().join(" ");
        self.value(at, "captions", &captions(e), &captions(a));
        for (e, a) in e.transcripts.iter().zip(&a.transcripts) {
            let (e, a) = (self.file(&e.asset, true), self.file(&a.asset, false));
            self.value(at, "caption file", &e, &a);
        }
        self.markup(at, "caption", &e.caption, &a.caption);
    }

    /// Addresses as they are compared: a file of the course by its bytes.
    fn addresses(&self, links: Vec<String>, expected: bool) -> Vec<String> {
        links.into_iter().map(|link| self.leads_to(&link, expected).unwrap_or(link)).collect()
    }

    /// What a link to a file or a step of the course leads to.
    pub(super) fn leads_to(&self, link: &str, expected: bool) -> Option<String> {
        if let Some(step) = StepId::of_link(link) {
            let places = if expected { &self.places.0 } else { &self.places.1 };
            return Some(places.get(&step).map_or("a step that is not there", String::as_str).to_owned());
        }
        let id = link.strip_prefix("asset:")?;
        Some(self.file(&AssetId::from(id.split(['#', '?']).next().unwrap_or(id)), expected))
    }

    /// A native block with what its links lead to in their place: files and steps have other ids on each platform.
    fn native_with_places<'f>(&self, foreign: &'f Foreign, expected: bool) -> Cow<'f, Foreign> {
        match map_source(foreign, &|link| self.leads_to(link, expected)) {
            Some(source) => Cow::Owned(Foreign { source, ..foreign.clone() }),
            None => Cow::Borrowed(foreign),
        }
    }

    /// What a reader reads. What is broken may be a link to one reader and words to another.
    fn words(&self, markup: &Markup, expected: bool) -> String {
        if !["asset:", "step:"].iter().any(|scheme| markup.html().contains(scheme)) {
            return markup.plain();
        }
        markup.map_links(|link| self.leads_to(link, expected)).plain()
    }

    pub(super) fn markup(&mut self, at: &Place, what: &str, expected: &Markup, actual: &Markup) {
        if expected == actual && self.hashes.0.is_empty() {
            return;
        }
        let (e, a) = (self.words(expected, true), self.words(actual, false));
        if e != a {
            let (e, a) = excerpt(&e, &a);
            self.add(at, what, e, a);
        }
        let (e, a) = (self.addresses(expected.links(), true), self.addresses(actual.links(), false));
        self.value(at, &format!("links in {what}"), &e.join(" "), &a.join(" "));
        let (e, a) = (expected.alternatives().join(" | "), actual.alternatives().join(" | "));
        self.value(at, &format!("words for pictures in {what}"), &e, &a);
        let (e, a) = (shapes(expected), shapes(actual));
        self.value(at, &format!("form of {what}"), &e, &a);
        let (e, a) = (lines(expected), lines(actual));
        if e != a {
            let (e, a) = excerpt(&e, &a);
            self.add(at, &format!("lines of code in {what}"), e, a);
        }
    }
}

/// How many there are of what a reader sees as more than words.
fn shapes(markup: &Markup) -> String {
    const SHAPES: [(&str, &[&str]); 14] = [
        ("images", &["<img"]),
        ("tables", &["<table"]),
        ("code blocks", &["<pre"]),
        ("list items", &["<li"]),
        ("frames", &["<iframe"]),
        ("quotations", &["<blockquote"]),
        ("headings", &["<h1", "<h2", "<h3", "<h4", "<h5", "<h6"]),
        ("raised", &["<sup"]),
        ("lowered", &["<sub"]),
        ("struck out", &["<s", "<del", "<strike"]),
        ("bold", &["<b", "<strong"]),
        ("italic", &["<i", "<em"]),
        ("code", &["<code", "<tt"]),
        ("underlined", &["<u", "<ins"]),
    ];
    let html = markup.html().to_ascii_lowercase();
    let is_whole = |(at, tag): &(usize, &str)| {
        let next = html[at + tag.len()..].chars().next();
        next.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '-')
    };
    let count = |tags: &[&str]| -> usize {
        tags.iter().map(|tag| html.match_indices(tag).filter(is_whole).count()).sum()
    };
    let maths = ["inline", "display"].map(|how| {
        let n = html.matches(&format!("class=\"math {how}\"")).count();
        (n > 0).then(|| format!("{n} {how} formulas"))
    });
    let there = SHAPES.iter().map(|(name, tags)| (name, count(tags))).filter(|(_, n)| *n > 0);
    let there = there.map(|(name, n)| format!("{n} {name}"));
    maths.into_iter().flatten().chain(there).collect::<Vec<_>>().join(", ")
}

/// What stands in code blocks, by lines; ends of lines and of the whole say nothing.
fn lines(markup: &Markup) -> String {
    let block = |text: &String| {
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        lines.join("\n").trim_matches('\n').to_owned()
    };
    markup.preformatted().iter().map(block).collect::<Vec<_>>().join("\n")
}
