//! A native step as a neutral block.

use lms_core::{
    Block, BlockBody, BlockId, Exercise, Extras, Feedback, Foreign, Markup, Platform, Scoring, SourceFormat,
    TaskId, Text, Video,
};
use serde_json::{Value, json};

use super::kinds::{Quiz, pattern};
use super::kinds::{choice, code, formula, free_answer, gap, number, pairs, string, table};
use super::{Losses, Site, view};
use crate::wire::{Object, Step, get};

/// How many tries a learner has before solutions are shown, unless the step says otherwise
/// (reference stepik.md 3.7).
pub(super) const SOLUTIONS_AFTER: u32 = 3;

/// What a quiz is worth where the platform does not say; learners are not told.
const POINTS: f64 = 1.0;

/// Reads a step as its author gets it, under the id `block`. Without `source` (the learner's view) the
/// answers are not there, and for most kinds not the options: such a quiz is a foreign block.
pub(crate) fn read_step(site: &Site, block: &BlockId, step: &Step, losses: &mut Losses) -> Block {
    let native = &step.block;
    let text = site.read(get::text(native, "text"));
    let body = match step.name() {
        "text" | "html" => BlockBody::Text(Text { markup: text }),
        "video" => BlockBody::Video(video(text, native)),
        name => match quiz(site, step, losses) {
            Some(quiz) => {
                let mut read = Block::new(
                    block.clone(),
                    BlockBody::Exercise(Box::new(exercise(site, step, &quiz, text, block))),
                );
                set_extras(&mut read.extras, quiz.kept);
                keep_step(&mut read.extras, step, losses);
                return read;
            }
            None => BlockBody::Foreign(Foreign {
                platform: Platform::Stepik,
                name: name.to_owned(),
                format: SourceFormat::Json,
                source: Value::Object(native.clone()).to_string(),
                readable: text,
                points: step.cost.filter(|_| step.is_quiz()),
            }),
        },
    };
    let mut read = Block::new(block.clone(), body);
    match step.name() {
        "html" => read.extras.set(Platform::Stepik, "name", "html"),
        "video" => {
            if let Some(video) = native.get("video").filter(|video| !video.is_null()) {
                read.extras.set(Platform::Stepik, "video", video.clone());
            }
        }
        _ => {}
    }
    if !step.is_quiz()
        && let Some(cost) = step.cost.filter(|cost| *cost > 0.0)
    {
        read.extras.set(Platform::Stepik, "cost", json!(cost));
    }
    if step.is_quiz() && step.has_submissions_restrictions {
        read.extras.set(Platform::Stepik, "attempts", json!(step.max_submissions_count));
    }
    keep_step(&mut read.extras, step, losses);
    read
}

fn set_extras(extras: &mut Extras, kept: Object) {
    for (key, value) in kept {
        extras.set(Platform::Stepik, key, value);
    }
}

fn keep_step(extras: &mut Extras, step: &Step, losses: &mut Losses) {
    if step.is_solutions_unlocked {
        extras.set(Platform::Stepik, "is_solutions_unlocked", true);
    }
    let tries = step.solutions_unlocked_attempts.map(|tries| tries as u32);
    if let Some(tries) = tries.filter(|tries| *tries != SOLUTIONS_AFTER) {
        extras.set(Platform::Stepik, "solutions_unlocked_attempts", tries);
    }
    if let Some(subtitles) =
        step.block.get("subtitles").filter(|s| s.as_object().is_some_and(|s| !s.is_empty()))
    {
        extras.set(Platform::Stepik, "subtitles", subtitles.clone());
    }
    if let Some(kind) = &step.instruction_type {
        losses.dropped(&format!("{kind} review"), "marks given by other people have no neutral form");
    }
    if step.status == "error" {
        losses.exact(
            "a step with an error",
            "Stepik could not prepare it; learners do not see it as it stands",
        );
    }
}

fn quiz(site: &Site, step: &Step, losses: &mut Losses) -> Option<Quiz> {
    let name = step.name();
    if !matches!(
        name,
        "choice"
            | "string"
            | "number"
            | "math"
            | "matching"
            | "sorting"
            | "fill-blanks"
            | "table"
            | "free-answer"
            | "code"
    ) {
        return None;
    }
    let Some(source) = get::object(&step.block, "source").filter(|source| !source.is_empty()) else {
        losses.dropped(
            &format!("answers and points of a {name} quiz"),
            "Stepik shows them to the authors of the lesson only",
        );
        // Of these kinds the learner's view has all that is asked; options of others come with an attempt.
        return matches!(name, "string" | "number" | "math" | "code")
            .then(|| view(site, step, &Object::new()))
            .flatten()
            .map(|exercise| Quiz::new(exercise.interaction, None));
    };
    let quiz = match name {
        "choice" => choice::read(site, source),
        "string" => string::read(source),
        "number" => number::read(source),
        "math" => formula::read(source),
        "matching" => pairs::read_matching(site, source),
        "sorting" => pairs::read_sorting(site, source),
        "fill-blanks" => gap::read(site, source),
        "table" => table::read(site, source),
        "free-answer" => Some(free_answer::read(source)),
        _ => code::read(source),
    };
    match name {
        "math"
            if get::object(source, "numerical_test").is_some_and(|test| get::flag(test, "integer_only")) =>
        {
            losses.approximated(
                "an expression tried at whole numbers only",
                "the neutral model tries real numbers",
                "kept for Stepik; elsewhere real numbers are tried",
            )
        }
        "string" if get::flag(source, "use_re") && quiz.is_some() => {
            let native = get::text(source, "pattern");
            if !get::flag(source, "match_substring") && !pattern::agree(native) {
                losses
                    .exact("a regular expression", "its first way to match decides, said so in the pattern");
            }
        }
        _ => {}
    }
    quiz
}

fn exercise(site: &Site, step: &Step, quiz: &Quiz, prompt: Markup, block: &BlockId) -> Exercise {
    let attempts = step.max_submissions_count.filter(|_| step.has_submissions_restrictions);
    Exercise {
        task: TaskId::from(block.as_str()),
        prompt,
        interaction: quiz.interaction.clone(),
        key: quiz.key.clone(),
        grader: quiz.grader.clone(),
        scoring: Scoring {
            points: step.cost.unwrap_or(POINTS),
            credit: quiz.credit,
            attempts: attempts.map(|n| n.max(0.0) as u32),
        },
        hints: Vec::new(),
        feedback: Feedback {
            correct: site.read(get::text(&step.block, "feedback_correct")),
            incorrect: site.read(get::text(&step.block, "feedback_wrong")),
            explanation: Markup::default(),
        },
    }
}

/// Addresses by quality, the best first (reference stepik.md 3.17).
fn video(caption: Markup, block: &Object) -> Video {
    let Some(native) = get::object(block, "video") else { return Video { caption, ..Video::default() } };
    let mut urls: Vec<(i64, String)> = get::list(native, "urls")
        .iter()
        .filter_map(Value::as_object)
        .map(|url| {
            let quality = get::number(url, "quality").unwrap_or_default();
            (-(quality as i64), get::text(url, "url").to_owned())
        })
        .filter(|(_, url)| !url.is_empty())
        .collect();
    urls.sort_by_key(|(quality, _)| *quality);
    Video {
        sources: urls.into_iter().map(|(_, url)| url).collect(),
        youtube: None,
        seconds: get::number(native, "duration"),
        poster: Some(get::text(native, "thumbnail")).filter(|p| !p.is_empty()).map(str::to_owned),
        transcripts: Vec::new(),
        caption,
    }
}
