//! A neutral block as a native step.

use lms_core::{
    Block, BlockBody, Exercise, Foreign, Grader, Interaction, Markup, Platform, SourceFormat, Video,
    readable, stub,
};
use serde_json::{Value, json};

use super::kinds::{Written, choice, code, formula, free_answer, gap, number, pairs, string, table};
use super::read::{SOLUTIONS_AFTER, SUBMISSIONS};
use super::verbatim::Verbatim;
use super::{Losses, markup};
use crate::wire::{Object, get, object};

/// A step as it is sent, without its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NativeStep {
    block: Object,
    cost: u64,
    has_submissions_restrictions: bool,
    max_submissions_count: u32,
    is_solutions_unlocked: bool,
    solutions_unlocked_attempts: u32,
}

impl NativeStep {
    /// The object of a `step-sources` write (reference stepik.md 3.8).
    pub(crate) fn payload(&self, lesson: u64, position: u32) -> Value {
        json!({
            "lesson": lesson,
            "position": position,
            "block": self.block,
            "cost": self.cost,
            "has_submissions_restrictions": self.has_submissions_restrictions,
            "max_submissions_count": self.max_submissions_count,
            "is_solutions_unlocked": self.is_solutions_unlocked,
            "solutions_unlocked_attempts": self.solutions_unlocked_attempts,
        })
    }

    pub(super) fn block(&self) -> &Object {
        &self.block
    }

    /// The same with the links of its texts changed.
    pub(crate) fn with_links(mut self, change: &dyn Fn(&str) -> Option<String>) -> Self {
        map_texts(&mut self.block, change);
        self
    }
}

/// Changes the links in every text of a block: any text may be HTML, and only links change.
fn map_texts(of: &mut Object, change: &dyn Fn(&str) -> Option<String>) {
    fn map(value: &mut Value, change: &dyn Fn(&str) -> Option<String>) {
        match value {
            Value::String(text) if text.contains("asset:") => {
                *text = Markup::from_html(std::mem::take(text)).map_links(change).html().to_owned();
            }
            Value::Array(items) => items.iter_mut().for_each(|item| map(item, change)),
            Value::Object(of) => of.values_mut().for_each(|item| map(item, change)),
            _ => {}
        }
    }
    // Programs are no HTML.
    for value in of.iter_mut().filter(|(key, _)| *key != "name").map(|(_, value)| value) {
        map(value, change);
    }
}

/// Writes a block. What Stepik cannot hold becomes a text, and is named in `losses`.
pub(crate) fn write_block(block: &Block, losses: &mut Losses) -> NativeStep {
    let extras: Object =
        block.extras.of(Platform::Stepik).map(|(key, value)| (key.to_owned(), value.clone())).collect();
    let verbatim = Verbatim::of(&extras);
    let titled = |text: &Markup| markup::headed(&block.title, text);
    let (mut native, points, attempts) = match &block.body {
        BlockBody::Text(text) => {
            let name = if get::text(&extras, "name") == "html" { "html" } else { "text" };
            (plain(name, &titled(&text.markup), verbatim), own_cost(&extras), None)
        }
        BlockBody::File(_) => {
            losses.approximated("file", "Stepik has no steps for files", "a text with a link to the file");
            (plain("text", &readable(block), verbatim), 0.0, None)
        }
        BlockBody::Video(video) => match verbatim.video(video) {
            Some(own) => (own_video(own, &titled(&video.caption), verbatim), own_cost(&extras), None),
            None => {
                losses.approximated(
                    "video",
                    "Stepik plays only what is uploaded to it",
                    "a text with links to the video",
                );
                if !video.transcripts.is_empty() {
                    losses.dropped("captions of a video", "there is no video that they could belong to");
                }
                (plain("text", &linked_video(block, video), verbatim), 0.0, None)
            }
        },
        BlockBody::Foreign(foreign) => match own_block(foreign) {
            Ok(own) => (own, foreign.points.unwrap_or_else(|| own_cost(&extras)), None),
            Err(why) => {
                losses.dropped(&format!("{} block of {}", foreign.name, foreign.platform), why);
                (plain("text", &stub(block), verbatim), 0.0, None)
            }
        },
        BlockBody::Exercise(exercise) => match written(exercise, &extras, losses) {
            Ok((name, source)) => {
                let text = titled(&prompt(exercise, losses));
                let native = quiz(&name, source, &text, exercise, verbatim, losses);
                (native, exercise.scoring.points, exercise.scoring.attempts)
            }
            Err(why) => {
                losses.dropped(&format!("{} exercise", exercise.interaction.name()), why);
                (plain("text", &stub(block), verbatim), 0.0, None)
            }
        },
    };
    if !matches!(block.body, BlockBody::Foreign(_)) {
        verbatim.restore(&mut native);
    }
    let own_limit = get::number(&extras, "max_submissions_count").map_or(SUBMISSIONS, |most| most as u32);
    NativeStep {
        block: native,
        cost: whole_points(points, losses),
        has_submissions_restrictions: attempts.is_some()
            || get::flag(&extras, "has_submissions_restrictions"),
        max_submissions_count: attempts.unwrap_or(own_limit),
        is_solutions_unlocked: get::flag(&extras, "is_solutions_unlocked"),
        solutions_unlocked_attempts: get::number(&extras, "solutions_unlocked_attempts")
            .map_or(SOLUTIONS_AFTER, |tries| tries as u32),
    }
}

const ELSEWHERE: &str = "a program of the other platform marks it";

/// The kind and `source`: as they were read, or made from the model.
fn written(
    exercise: &Exercise,
    extras: &Object,
    losses: &mut Losses,
) -> Result<(String, Object), &'static str> {
    match Verbatim::of(extras).quiz(exercise) {
        Some(own) => Ok(own),
        None => made(exercise, extras, losses).map(|(name, source)| (name.to_owned(), source)),
    }
}

fn made(exercise: &Exercise, extras: &Object, losses: &mut Losses) -> Written {
    // Losses of a kind that is given up in the end are not named: the whole exercise is.
    let mut own = Losses::default();
    let written = match (&exercise.interaction, &exercise.grader) {
        (Interaction::ExtendedText(text), _) => free_answer::write(text, exercise, extras, &mut own),
        (Interaction::FileUpload(upload), _) => free_answer::write_upload(upload, exercise, extras, &mut own),
        (_, Grader::Human) => Err("a person marks it, which Stepik has for long texts only"),
        (Interaction::Code(_), Grader::Native(_)) if exercise.key.is_none() => Err(ELSEWHERE),
        (Interaction::Code(code), _) => code::write(code, exercise, extras, &mut own),
        (_, Grader::Native(_)) => Err(ELSEWHERE),
        (Interaction::Choice(choice), _) => choice::write(choice, exercise, extras, &mut own),
        (Interaction::InlineChoice(list), _) => choice::write_inline(list, exercise, extras, &mut own),
        (Interaction::TextEntry(_), _) => string::write(exercise, extras, &mut own),
        (Interaction::Numeric(_), _) => number::write(exercise, extras, &mut own),
        (Interaction::Formula(_), _) => formula::write(exercise, extras, &mut own),
        (Interaction::Match(pairs), _) => pairs::write_matching(pairs, exercise, extras, &mut own),
        (Interaction::Order(order), _) => pairs::write_sorting(order, exercise, extras, &mut own),
        (Interaction::Gap(gap), _) => gap::write(gap, exercise, extras, &mut own),
        (Interaction::Table(table), _) => table::write(table, exercise, extras, &mut own),
        _ => Err("Stepik has no such kind of quiz"),
    };
    if written.is_ok() {
        losses.0.append(&mut own.0);
    }
    written
}

/// What is asked, with the unit that stands behind the box elsewhere.
fn prompt(exercise: &Exercise, losses: &mut Losses) -> Markup {
    let suffix = match &exercise.interaction {
        Interaction::TextEntry(entry) => &entry.suffix,
        Interaction::Numeric(entry) => &entry.suffix,
        Interaction::Formula(entry) => &entry.suffix,
        _ => return exercise.prompt.clone(),
    };
    if suffix.is_empty() {
        return exercise.prompt.clone();
    }
    losses.approximated("text behind the box", "Stepik has no place for it", "it ends the question");
    exercise.prompt.then(&Markup::from_html(format!("<p>… {}</p>", lms_core::escape(suffix))))
}

fn quiz(
    name: &str,
    source: Object,
    text: &Markup,
    exercise: &Exercise,
    verbatim: Verbatim<'_>,
    losses: &mut Losses,
) -> Object {
    let feedback = &exercise.feedback;
    if !exercise.hints.is_empty() {
        losses.dropped("hints", "Stepik has no help on demand");
    }
    if !feedback.explanation.is_empty() {
        // Said after a right answer only, so that it gives nothing away before.
        losses.approximated("explanation", "Stepik shows no worked solution", "said after a right answer");
    }
    let mut block = plain(name, text, verbatim);
    block.insert("source".into(), Value::Object(source));
    let correct = feedback.correct.then(&feedback.explanation);
    block.insert("feedback_correct".into(), verbatim.spelled("feedback_correct", &correct));
    block.insert("feedback_wrong".into(), verbatim.spelled("feedback_wrong", &feedback.incorrect));
    block
}

fn plain(name: &str, text: &Markup, verbatim: Verbatim<'_>) -> Object {
    object(json!({
        "name": name,
        "text": verbatim.spelled("text", text),
        "video": null,
        "options": {},
        "source": {},
        "subtitles": {},
        "feedback_correct": "",
        "feedback_wrong": "",
    }))
}

fn own_video(video: Value, text: &Markup, verbatim: Verbatim<'_>) -> Object {
    let mut block = plain("video", text, verbatim);
    block.insert("video".into(), video);
    block
}

/// Links to a video, none of them to a file that is not there to be fetched.
fn linked_video(block: &Block, video: &Video) -> Markup {
    let bare = Video { transcripts: Vec::new(), ..video.clone() };
    readable(&Block { body: BlockBody::Video(bare), ..block.clone() })
}

/// A native block of Stepik's own, as it was read.
fn own_block(foreign: &Foreign) -> Result<Object, &'static str> {
    if foreign.platform != Platform::Stepik || foreign.format != SourceFormat::Json {
        return Err("Stepik has no such kind of step");
    }
    let Ok(Value::Object(block)) = serde_json::from_str(&foreign.source) else {
        return Err("its source is no JSON object");
    };
    // An author's view has the key even where a quiz has no settings.
    if block.get("source").is_none_or(|source| !source.is_object()) {
        return Err("it was read without the rights of an author, so that its settings are not known");
    }
    let mut own = plain(&foreign.name, &Markup::default(), Verbatim::none());
    own.extend(block);
    Ok(own)
}

fn own_cost(extras: &Object) -> f64 {
    get::number(extras, "cost").unwrap_or_default()
}

fn whole_points(points: f64, losses: &mut Losses) -> u64 {
    let points = if points.is_finite() { points.max(0.0) } else { 0.0 };
    let whole = if points > 0.0 { points.round().max(1.0) } else { 0.0 };
    if whole != points {
        losses.approximated("points", "Stepik counts in whole points", "rounded, to one at least");
    }
    whole as u64
}
