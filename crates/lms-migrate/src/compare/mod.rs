//! Holding a course that was read back against the one that was to be written.

mod align;
mod block;
mod exercise;

use std::collections::HashMap;

use lms_core::{
    AssetId, Block, BlockId, Course, Extras, GradingPolicy, Lesson, Markup, Place, Platform, Schedule,
    Section, Step, StepId, TaskId, Timestamp,
};
use serde::Serialize;
use serde_json::Value;

use self::align::{Pair, align};
use crate::links::map_json;

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where.
    pub path: String,
    /// Which field; `missing`, `extra` or `order` where it is the whole thing.
    pub what: String,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub actual: String,
}

/// The SHA-256 of files, by their ids.
pub(crate) type Hashes = HashMap<AssetId, String>;

/// What a comparison shows.
#[derive(Debug, Default)]
pub(crate) struct Compared<'a> {
    pub(crate) differences: Vec<Difference>,
    /// For each block that should be there, what is there for it.
    pub(crate) blocks: HashMap<&'a BlockId, &'a Block>,
}

/// Compares structure and order, titles, texts as readers see them with their links and formulas, interactions,
/// points, tries, hints, feedback, dates, language, and the grading policy. Ids and native settings are the
/// platform's own and are not compared; what answers are worth is compared elsewhere.
pub fn compare(expected: &Course, actual: &Course) -> Vec<Difference> {
    compare_with(expected, actual, (&Hashes::new(), &Hashes::new()), None).differences
}

/// The same, with linked files told apart by their bytes, and with what `target`, the platform that `actual` was
/// read from, knows of sections, lessons, steps and blocks beyond the model.
pub(crate) fn compare_with<'a>(
    expected: &'a Course,
    actual: &'a Course,
    hashes: (&'a Hashes, &'a Hashes),
    target: Option<Platform>,
) -> Compared<'a> {
    let places = (places(expected), places(actual));
    let mut comparison = Comparison { found: Compared::default(), hashes, target, places };
    comparison.course(expected, actual);
    comparison.found
}

struct Comparison<'a> {
    found: Compared<'a>,
    hashes: (&'a Hashes, &'a Hashes),
    target: Option<Platform>,
    /// Where each step stands on either side.
    places: (Places, Places),
}

/// The places of steps by their ids: a step has another id on each platform.
type Places = HashMap<StepId, String>;

/// By the titles around them: what was moved is linked as before. Of several with the same titles, which one.
fn places(course: &Course) -> Places {
    let mut places = Places::new();
    let mut alike: HashMap<(&str, &str), usize> = HashMap::new();
    for section in &course.sections {
        for lesson in &section.lessons {
            let nth = alike.entry((&section.title, &lesson.title)).or_default();
            *nth += 1;
            let which = if *nth > 1 { format!(" ({nth})") } else { String::new() };
            let at = format!("{} › {}{which} ›", section.title, lesson.title);
            let steps = (1..).zip(&lesson.steps);
            places.extend(steps.map(|(t, step): (u32, _)| (step.id.clone(), format!("{at} step {t}"))));
        }
    }
    places
}

impl<'a> Comparison<'a> {
    fn add(&mut self, at: &Place, what: &str, expected: impl Into<String>, actual: impl Into<String>) {
        let (expected, actual) = (expected.into(), actual.into());
        self.found.differences.push(Difference { path: at.to_string(), what: what.into(), expected, actual });
    }

    fn value<T: PartialEq + ToString + ?Sized>(&mut self, at: &Place, what: &str, expected: &T, actual: &T) {
        if expected != actual {
            self.add(at, what, expected.to_string(), actual.to_string());
        }
    }

    fn optional<T: PartialEq + ToString>(
        &mut self,
        at: &Place,
        what: &str,
        expected: Option<&T>,
        actual: Option<&T>,
    ) {
        let say = |value: Option<&T>| value.map_or("–".to_owned(), ToString::to_string);
        self.value(at, what, &say(expected), &say(actual));
    }

    /// Values that have no words of their own: flags and enums.
    fn debug<T: PartialEq + std::fmt::Debug>(&mut self, at: &Place, what: &str, expected: T, actual: T) {
        if expected != actual {
            self.add(at, what, format!("{expected:?}"), format!("{actual:?}"));
        }
    }

    fn course(&mut self, e: &'a Course, a: &'a Course) {
        let at = Place::course();
        self.value(&at, "title", &e.title, &a.title);
        self.value(&at, "summary", e.summary.as_deref().unwrap_or(""), a.summary.as_deref().unwrap_or(""));
        self.markup(&at, "description", &e.description, &a.description);
        // Where the course says none, a platform may say its own.
        if e.language.is_some() {
            self.optional(&at, "language", e.language.as_ref(), a.language.as_ref());
        }
        self.debug(&at, "visibility", e.visibility, a.visibility);
        self.schedule(&at, e.schedule, a.schedule);
        let cover =
            (e.cover.as_ref().map(|id| self.file(id, true)), a.cover.as_ref().map(|id| self.file(id, false)));
        self.optional(&at, "cover", cover.0.as_ref(), cover.1.as_ref());
        self.value(&at, "grading policy", &policy(e.grading.as_ref()), &policy(a.grading.as_ref()));
        let (said_e, said_a) = (e.sections.iter().map(say_section), a.sections.iter().map(say_section));
        for pair in align(&said_e.collect::<Vec<_>>(), &said_a.collect::<Vec<_>>()) {
            if let Some((at, e, a)) =
                self.pair(&at, pair, &e.sections, &a.sections, |s| s.title.clone(), "section")
            {
                self.section(&at, e, a);
            }
        }
    }

    fn section(&mut self, at: &Place, e: &'a Section, a: &'a Section) {
        self.settings(at, &e.extras, &a.extras);
        self.value(at, "title", &e.title, &a.title);
        self.markup(at, "description", &e.description, &a.description);
        self.schedule(at, e.schedule, a.schedule);
        let (said_e, said_a) = (e.lessons.iter().map(say_lesson), a.lessons.iter().map(say_lesson));
        for pair in align(&said_e.collect::<Vec<_>>(), &said_a.collect::<Vec<_>>()) {
            if let Some((at, e, a)) =
                self.pair(at, pair, &e.lessons, &a.lessons, |l| l.title.clone(), "lesson")
            {
                self.lesson(&at, e, a);
            }
        }
    }

    fn lesson(&mut self, at: &Place, e: &'a Lesson, a: &'a Lesson) {
        self.value(at, "title", &e.title, &a.title);
        self.schedule(at, e.schedule, a.schedule);
        self.settings(at, &e.extras, &a.extras);
        self.optional(at, "grading category", e.category.as_ref(), a.category.as_ref());
        let (said_e, said_a) = (e.steps.iter().map(say_step), a.steps.iter().map(say_step));
        for pair in align(&said_e.collect::<Vec<_>>(), &said_a.collect::<Vec<_>>()) {
            if let Some((at, e, a)) = self.pair(at, pair, &e.steps, &a.steps, |t| t.title.clone(), "step") {
                self.step(&at, e, a);
            }
        }
    }

    /// What the target's platform knows of a node beyond the model: what was to be there is there. What it adds of its
    /// own accord is its own.
    fn settings(&mut self, at: &Place, expected: &Extras, actual: &Extras) {
        let held = |platform: &Platform| {
            self.target.is_some_and(|target| target == Platform::Bundle || target == *platform)
        };
        for platform in expected.platforms().filter(held).collect::<Vec<_>>() {
            let notes = [Extras::ORIGIN, Extras::PART_OF];
            for (key, e) in expected.settings(platform).filter(|(key, _)| !notes.contains(key)) {
                let a = actual.get(platform, key);
                let (e, a) = (self.with_places(e, true), a.map(|a| self.with_places(a, false)));
                if a.as_ref() != Some(&e) {
                    let (e, a) = excerpt(&e.to_string(), &a.map_or_else(|| "–".into(), |a| a.to_string()));
                    self.add(at, &format!("setting {key}"), e, a);
                }
            }
        }
    }

    /// A setting that holds text, with what its links lead to in their place.
    fn with_places(&self, value: &Value, expected: bool) -> Value {
        let mut placed = value.clone();
        map_json(&mut placed, &|link| self.leads_to(link, expected));
        placed
    }

    fn step(&mut self, at: &Place, e: &'a Step, a: &'a Step) {
        self.settings(at, &e.extras, &a.extras);
        let (together_e, together_a) = (together(e), together(a));
        if together_e.len() == together_a.len() {
            self.debug(at, "answered together", together_e, together_a);
        }
        self.value(at, "title", &e.title, &a.title);
        self.schedule(at, e.schedule, a.schedule);
        let label = |b: &Block| if b.title.is_empty() { b.body.kind().to_owned() } else { b.title.clone() };
        let (said_e, said_a) = (e.blocks.iter().map(block::say), a.blocks.iter().map(block::say));
        for pair in align(&said_e.collect::<Vec<_>>(), &said_a.collect::<Vec<_>>()) {
            if let Some((at, e, a)) = self.pair(at, pair, &e.blocks, &a.blocks, label, "block") {
                self.found.blocks.insert(&e.id, a);
                self.settings(&at, &e.extras, &a.extras);
                self.block(&at, e, a);
            }
        }
    }

    /// What is at both ends of a pair, after what is amiss with the pair itself was said.
    fn pair<T>(
        &mut self,
        at: &Place,
        pair: Pair,
        expected: &'a [T],
        actual: &'a [T],
        label: impl Fn(&T) -> String,
        kind: &str,
    ) -> Option<(Place, &'a T, &'a T)> {
        let place = |n: usize, node: &T| at.child(n + 1, label(node));
        match pair {
            Pair::Both(e, a) => {
                let (node, there) = (expected.get(e)?, actual.get(a)?);
                Some((place(e, node), node, there))
            }
            Pair::Moved(e, a) => {
                let (node, there) = (expected.get(e)?, actual.get(a)?);
                let at = place(e, node);
                self.add(&at, "order", format!("{kind} {}", e + 1), format!("{kind} {}", a + 1));
                Some((at, node, there))
            }
            Pair::Missing(e) => {
                let at = place(e, expected.get(e)?);
                self.add(&at, "missing", format!("a {kind}"), "none");
                None
            }
            Pair::Extra(a) => {
                let at = place(a, actual.get(a)?);
                self.add(&at, "extra", "none", format!("a {kind}"));
                None
            }
        }
    }

    fn schedule(&mut self, at: &Place, expected: Schedule, actual: Schedule) {
        let say = |s: Schedule| {
            let date = |d: Option<Timestamp>| d.map_or("–".to_owned(), |d| d.to_string());
            format!("from {} due {} until {}", date(s.start), date(s.due), date(s.end))
        };
        if expected != actual {
            self.add(at, "dates", say(expected), say(actual));
        }
    }

    /// What tells a file: its bytes where they are known, else that there is one.
    fn file(&self, id: &AssetId, expected: bool) -> String {
        let hashes = if expected { self.hashes.0 } else { self.hashes.1 };
        if self.hashes.0.is_empty() || self.hashes.1.is_empty() {
            return "a file".into();
        }
        hashes.get(id).map_or_else(
            || "a file that is not there".to_owned(),
            |hash| format!("file {}", &hash[..12.min(hash.len())]),
        )
    }
}

/// For each exercise of a step, which native problem it is a part of, counted from 0: those of one are answered and
/// marked together.
fn together(step: &Step) -> Vec<usize> {
    let mut tasks: Vec<&TaskId> = Vec::new();
    let mut numbers = Vec::new();
    for exercise in step.blocks.iter().filter_map(Block::exercise) {
        let known = tasks.iter().position(|task| **task == exercise.task);
        numbers.push(known.unwrap_or(tasks.len()));
        if known.is_none() {
            tasks.push(&exercise.task);
        }
    }
    numbers
}

fn policy(policy: Option<&GradingPolicy>) -> String {
    let Some(policy) = policy else { return "–".into() };
    let categories = policy.categories.iter().map(|c| {
        let label = c.short_label.as_deref().unwrap_or_default();
        format!("{} ({label}) {:.4} of {} less {}", c.name, c.weight, c.count, c.drop)
    });
    let cutoffs = policy.cutoffs.iter().map(|(name, from)| format!("{name} from {from:.4}"));
    categories.chain(cutoffs).collect::<Vec<_>>().join("; ")
}

/// What tells siblings apart, from most to least; the last says nothing, so that what is left over is
/// paired by its neighbours.
fn say_step(step: &Step) -> Vec<String> {
    let all: Vec<String> = step.blocks.iter().flat_map(|b| block::say(b).into_iter().next()).collect();
    let kinds: Vec<&str> = step.blocks.iter().map(|b| b.body.kind()).collect();
    vec![
        format!("{} {}", step.title, all.join(" ")),
        all.join(" "),
        format!("{} {kinds:?}", step.title),
        format!("{kinds:?}"),
        String::new(),
    ]
}

fn say_lesson(lesson: &Lesson) -> Vec<String> {
    let steps: Vec<String> = lesson.steps.iter().flat_map(|s| say_step(s).into_iter().next()).collect();
    vec![
        format!("{} {}", lesson.title, steps.join(" ")),
        lesson.title.clone(),
        steps.join(" "),
        String::new(),
    ]
}

fn say_section(section: &Section) -> Vec<String> {
    let lessons: Vec<String> =
        section.lessons.iter().flat_map(|l| say_lesson(l).into_iter().next()).collect();
    vec![
        format!("{} {}", section.title, lessons.join(" ")),
        section.title.clone(),
        lessons.join(" "),
        String::new(),
    ]
}

fn texts_of<'a>(texts: impl Iterator<Item = &'a Markup>) -> String {
    texts.map(Markup::plain).collect::<Vec<_>>().join(" ")
}

/// Where two texts part, with a little before and after.
fn excerpt(expected: &str, actual: &str) -> (String, String) {
    const BEFORE: usize = 20;
    const LENGTH: usize = 80;
    let same = expected.chars().zip(actual.chars()).take_while(|(e, a)| e == a).count();
    let cut = |text: &str| {
        let from = same.saturating_sub(BEFORE);
        let piece: String = text.chars().skip(from).take(LENGTH).collect();
        let head = if from > 0 { "…" } else { "" };
        let tail = if text.chars().count() > from + LENGTH { "…" } else { "" };
        format!("{head}{piece}{tail}")
    };
    (cut(expected), cut(actual))
}
