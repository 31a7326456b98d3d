//! A native step as a neutral block.

use lms_core::{
    Block, BlockBody, BlockId, Exercise, Feedback, Foreign, Markup, Platform, Scoring, SourceFormat, TaskId,
    Text, Video,
};
use serde_json::{Value, json};

use super::kinds::{Quiz, pattern};
use super::kinds::{choice, code, formula, free_answer, gap, number, pairs, program, string, table};
use super::{Losses, Site, verbatim, view, write_block};
use crate::wire::{Object, Step, get};

/// How many tries a learner has before solutions are shown, unless the step says otherwise
/// (reference stepik.md 3.7).
pub(super) const SOLUTIONS_AFTER: u32 = 3;
/// How many submissions a learner has where they are limited and nothing else is said
/// (reference stepik.md 3.7).
pub(super) const SUBMISSIONS: u32 = 3;

/// The kinds of quiz that have a neutral form.
const QUIZZES: [&str; 12] = [
    "choice",
    "string",
    "number",
    "math",
    "matching",
    "sorting",
    "fill-blanks",
    "table",
    "free-answer",
    "code",
    "sql",
    "dataset",
];

/// What a quiz is worth where the platform does not say; learners are not told.
const POINTS: f64 = 1.0;

/// Reads a step as its author gets it, under the id `block`. Without `source` (the learner's view) the
/// answers are not there, and for most kinds not the options: such a quiz is a foreign block.
pub(crate) fn read_step(site: &Site, block: &BlockId, step: &Step, losses: &mut Losses) -> Block {
    let native = &step.block;
    let text = site.read(get::text(native, "text"));
    let mut kept = Object::new();
    let body = match step.name() {
        "text" | "html" => BlockBody::Text(Text { markup: text }),
        "video" => match get::object(native, "video") {
            Some(own) => BlockBody::Video(video(text, own)),
            None => BlockBody::Video(Video { caption: text, ..Video::default() }),
        },
        name => match quiz_of(site, step, losses) {
            Some(mut quiz) => {
                kept = std::mem::take(&mut quiz.kept);
                BlockBody::Exercise(Box::new(exercise(site, step, quiz, text, block)))
            }
            None => BlockBody::Foreign(Foreign {
                platform: Platform::Stepik,
                name: name.to_owned(),
                format: SourceFormat::Json,
                source: Value::Object(verbatim::authored(site, native)).to_string(),
                readable: statement(site, name, native, text),
                points: step.cost.filter(|_| step.is_quiz()),
            }),
        },
    };
    let mut read = Block::new(block.clone(), body);
    for (key, value) in kept {
        read.extras.set(Platform::Stepik, key, value);
    }
    if step.name() == "html" {
        read.extras.set(Platform::Stepik, "name", "html");
    }
    keep_step(&mut read, step, losses);
    if !matches!(read.body, BlockBody::Foreign(_)) {
        let written = write_block(&read, &mut Losses::default());
        verbatim::keep(&mut read.extras, site, native, written.block());
    }
    read
}

/// What a learner reads of a block that the model has no form for. The task of `random-tasks` stands
/// in its settings, with the names of the numbers that each attempt draws (reference stepik.md 4.15).
fn statement(site: &Site, name: &str, native: &Object, text: Markup) -> Markup {
    match get::object(native, "source") {
        Some(source) if name == "random-tasks" => text.then(&site.read(get::text(source, "task"))),
        _ => text,
    }
}

/// Settings of a step beyond the model, unless they are the usual ones (reference stepik.md 3.7, 3.8).
fn keep_step(block: &mut Block, step: &Step, losses: &mut Losses) {
    let is_exercise = block.exercise().is_some();
    let extras = &mut block.extras;
    if !step.is_quiz()
        && let Some(cost) = step.cost.filter(|cost| *cost > 0.0)
    {
        extras.set(Platform::Stepik, "cost", json!(cost));
    }
    // An exercise says itself how many tries there are.
    if !(is_exercise && step.has_submissions_restrictions) {
        if step.has_submissions_restrictions {
            extras.set(Platform::Stepik, "has_submissions_restrictions", true);
        }
        let most = step.max_submissions_count.map(|most| most as u32);
        if let Some(most) = most.filter(|most| *most != SUBMISSIONS) {
            extras.set(Platform::Stepik, "max_submissions_count", most);
        }
    }
    if step.is_solutions_unlocked {
        extras.set(Platform::Stepik, "is_solutions_unlocked", true);
    }
    let tries = step.solutions_unlocked_attempts.map(|tries| tries as u32);
    if let Some(tries) = tries.filter(|tries| *tries != SOLUTIONS_AFTER) {
        extras.set(Platform::Stepik, "solutions_unlocked_attempts", tries);
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

/// A quiz by the settings of its author; `None` for kinds that the model has no form for.
pub(super) fn quiz(site: &Site, name: &str, source: &Object) -> Option<Quiz> {
    match name {
        "choice" => choice::read(site, source),
        "string" => string::read(source),
        "number" => number::read(source),
        "math" => formula::read(source),
        "matching" => pairs::read_matching(site, source),
        "sorting" => pairs::read_sorting(site, source),
        "fill-blanks" => gap::read(site, source),
        "table" => table::read(site, source),
        "free-answer" => Some(free_answer::read(source)),
        "code" => code::read(source),
        "sql" | "dataset" => program::read(name),
        _ => None,
    }
}

/// Whether a block is a quiz whose settings the model may have a form for.
pub(super) fn is_quiz(block: &Object) -> bool {
    QUIZZES.contains(&get::text(block, "name"))
}

fn quiz_of(site: &Site, step: &Step, losses: &mut Losses) -> Option<Quiz> {
    let name = step.name();
    if !QUIZZES.contains(&name) {
        return None;
    }
    let Some(source) = get::object(&step.block, "source").filter(|source| !source.is_empty()) else {
        losses.dropped(
            &format!("answers and points of a {name} quiz"),
            "Stepik shows them to the authors of the lesson only",
        );
        // Of these kinds the learner's view has all that is asked; options of others come with an attempt.
        return program::read(name).or_else(|| {
            let shown = matches!(name, "string" | "number" | "math" | "code");
            let shown = shown.then(|| view(site, step, &Object::new())).flatten();
            shown.map(|exercise| Quiz::new(exercise.interaction, None))
        });
    };
    let quiz = quiz(site, name, source);
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
        "string" if get::flag(source, "use_re") && quiz.as_ref().is_some_and(|quiz| quiz.key.is_some()) => {
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

/// How many tries a learner has; `None` without limit.
pub(super) fn attempts(step: &Step) -> Option<u32> {
    let most = || step.max_submissions_count.map_or(SUBMISSIONS, |n| n.max(0.0) as u32);
    step.has_submissions_restrictions.then(most)
}

fn exercise(site: &Site, step: &Step, quiz: Quiz, prompt: Markup, block: &BlockId) -> Exercise {
    Exercise {
        task: TaskId::from(block.as_str()),
        prompt,
        interaction: quiz.interaction,
        key: quiz.key,
        grader: quiz.grader,
        scoring: Scoring {
            points: step.cost.unwrap_or(POINTS),
            credit: quiz.credit,
            attempts: attempts(step),
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
pub(super) fn video(caption: Markup, native: &Object) -> Video {
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
