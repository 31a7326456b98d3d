//! How a step was spelled, where writing it anew would spell it otherwise.
//!
//! The same HTML, template or number can be written in several ways, and a `source` may leave out what
//! has a default. Whoever reads a step and writes it back gets the same JSON: what would come out
//! otherwise is kept beside the model, and is written for as long as it says what the model says.
//! After an edit of the model, the model alone is written.
//!
//! Not given back as they came: what the platform fills in itself ([`FILLED`]); links, which are
//! absolute afterwards, or lead to the file as it was uploaded; numbers beyond a double's precision.

use lms_core::{Exercise, Extras, Markup, Platform, Video};
use serde_json::{Value, json};

use super::kinds::Quiz;
use super::{Site, markup, read};
use crate::wire::{Object, get};

/// The key among the extras of a block.
const KEY: &str = "verbatim";

/// What the platform fills in when it answers or prepares a step; `name` is the model's
/// (reference stepik.md 4.1).
const FILLED: [&str; 6] =
    ["name", "options", "subtitle_files", "is_deprecated", "tests_archive", "animation"];

/// Kinds whose `source` holds HTML, and the keys that it stands under (reference stepik.md 4.4–4.12, 4.15).
const WITH_HTML: [&str; 6] = ["choice", "matching", "sorting", "fill-blanks", "table", "random-tasks"];
const HTML: [&str; 8] = ["text", "feedback", "first", "second", "description", "name", "options", "task"];

/// Keeps of `native` what `written`, the block that the model gives, says otherwise.
pub(super) fn keep(extras: &mut Extras, site: &Site, native: &Object, written: &Object) {
    let name = get::text(native, "name");
    let mut kept = Object::new();
    for (key, value) in native.iter().filter(|(key, _)| !FILLED.contains(&key.as_str())) {
        let linked = linked(site, name, key, value);
        if written.get(key) != Some(&linked) {
            kept.insert(key.clone(), linked);
        }
    }
    if !kept.is_empty() {
        kept.insert("name".into(), Value::String(name.to_owned()));
        extras.set(Platform::Stepik, KEY, Value::Object(kept));
    }
}

/// A block as its author wrote it, without what the platform fills in; of a learner's view, everything. Links are
/// the neutral form's, so that its files go where it goes.
pub(super) fn authored(site: &Site, native: &Object) -> Object {
    let name = get::text(native, "name");
    let is_authors = native.get("source").is_some_and(Value::is_object);
    let filled = |key: &str| is_authors && key != "name" && FILLED.contains(&key);
    let kept = native.iter().filter(|(key, _)| !filled(key));
    kept.map(|(key, value)| (key.clone(), linked(site, name, key, value))).collect()
}

/// One key of a block of this kind with the links of the neutral form, where it holds HTML.
fn linked(site: &Site, name: &str, key: &str, value: &Value) -> Value {
    match key {
        "source" if WITH_HTML.contains(&name) => map_links(site, "", value),
        "text" | "feedback_correct" | "feedback_wrong" => map_links(site, "text", value),
        _ => value.clone(),
    }
}

fn map_links(site: &Site, key: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if HTML.contains(&key) => site.read_links(text).html().into(),
        Value::Array(items) => items.iter().map(|item| map_links(site, key, item)).collect(),
        Value::Object(of) => of.iter().map(|(key, item)| (key.clone(), map_links(site, key, item))).collect(),
        other => other.clone(),
    }
}

/// Keeps a text that writing anew would spell otherwise.
pub(super) fn keep_text(extras: &mut Extras, site: &Site, key: &str, native: &str) {
    if markup::write(&site.read(native)) != site.read_links(native).html() {
        extras.set(Platform::Stepik, KEY, json!({key: site.read_links(native).html()}));
    }
}

/// The text as it was spelled, if it still says the same.
pub(super) fn text(extras: &Extras, key: &str, text: &Markup) -> String {
    let own = extras.get(Platform::Stepik, KEY).and_then(|kept| kept.get(key)?.as_str());
    own.filter(|own| Site::linked().read(own) == *text).map_or_else(|| markup::write(text), str::to_owned)
}

/// What was kept of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Verbatim<'a>(Option<&'a Object>);

impl<'a> Verbatim<'a> {
    pub(super) fn of(extras: &'a Object) -> Self {
        Self(get::object(extras, KEY))
    }

    /// Of a block that was not read from the platform.
    pub(super) fn none() -> Self {
        Self(None)
    }

    fn get(self, key: &str) -> Option<&'a Value> {
        self.0?.get(key)
    }

    /// The kind and `source` of a quiz that still says what the exercise does.
    pub(super) fn quiz(self, exercise: &Exercise) -> Option<(String, Object)> {
        let (name, source) = (self.get("name")?.as_str()?, self.get("source")?.as_object()?);
        let quiz = read::quiz(&Site::linked(), name, source)?;
        let Quiz { interaction, key, grader, credit, kept: _ } = &quiz;
        let same = *interaction == exercise.interaction
            && *key == exercise.key
            && *grader == exercise.grader
            && *credit == exercise.scoring.credit;
        same.then(|| (name.to_owned(), source.clone()))
    }

    /// The video, if it still is the one of the model.
    pub(super) fn video(self, video: &Video) -> Option<Value> {
        let own = self.get("video")?;
        (read::video(video.caption.clone(), own.as_object()?) == *video).then(|| own.clone())
    }

    /// A text as it was spelled, if it still says the same; else spelled anew.
    pub(super) fn spelled(self, key: &str, text: &Markup) -> Value {
        let own = self.get(key).filter(|own| Site::linked().read(own.as_str().unwrap_or_default()) == *text);
        own.cloned().unwrap_or_else(|| markup::write(text).into())
    }

    /// Puts back what the model knows nothing of.
    pub(super) fn restore(self, block: &mut Object) {
        // What could not be written as the kind that it was has become a text.
        if self.get("name") != block.get("name") {
            return;
        }
        for (key, own) in self.0.into_iter().flatten() {
            let of_the_model = match key.as_str() {
                "name" | "text" => true,
                "source" | "feedback_correct" | "feedback_wrong" => read::is_quiz(block),
                "video" => get::text(block, "name") == "video",
                _ => false,
            };
            if !of_the_model {
                block.insert(key.clone(), own.clone());
            }
        }
    }
}
