//! `free-answer`: a long text, files (reference stepik.md 4.10).

use lms_core::{Exercise, ExtendedTextInteraction, FileUploadInteraction, Grader, Interaction, Key, Markup};
use serde_json::{Value, json};

use super::{Quiz, Written, keep, restore};
use crate::convert::Losses;
use crate::wire::{Object, get, object};

fn defaults() -> [(&'static str, Value); 1] {
    [("is_html_enabled", json!(true))]
}

/// Without manual scoring any text that is not empty is right at once.
pub(in crate::convert) fn read(source: &Object) -> Quiz {
    let manual = get::flag(source, "manual_scoring");
    let interaction = ExtendedTextInteraction {
        attachments: get::flag(source, "is_attachments_enabled"),
        rubric: Markup::default(),
    };
    let mut quiz = Quiz::new(Interaction::ExtendedText(interaction), (!manual).then_some(Key::Any));
    if manual {
        quiz.grader = Grader::Human;
    }
    keep(&mut quiz.kept, source, &["is_attachments_enabled", "manual_scoring"], &defaults());
    quiz
}

pub(in crate::convert) fn write(
    text: &ExtendedTextInteraction,
    exercise: &Exercise,
    extras: &Object,
    losses: &mut Losses,
) -> Written {
    if !text.rubric.is_empty() {
        losses.dropped("rubric", "Stepik has no place for it that learners do not see");
    }
    Ok(("free-answer", source(text.attachments, exercise, extras, losses)))
}

/// Stepik has no quiz for files alone.
pub(in crate::convert) fn write_upload(
    upload: &FileUploadInteraction,
    exercise: &Exercise,
    extras: &Object,
    losses: &mut Losses,
) -> Written {
    losses.approximated(
        "file upload",
        "Stepik takes files only beside a long text, and a text alone will do",
        "a long text with files",
    );
    if !upload.extensions.is_empty() || upload.max_bytes.is_some() {
        losses.dropped("kinds and size of files", "Stepik does not limit them");
    }
    Ok(("free-answer", source(true, exercise, extras, losses)))
}

fn source(attachments: bool, exercise: &Exercise, extras: &Object, losses: &mut Losses) -> Object {
    let any = exercise.key == Some(Key::Any);
    if let (false, Grader::Native(program)) = (any, &exercise.grader) {
        losses.changing_marks(
            &format!("marking by {program}"),
            "the program does not run on Stepik",
            "a teacher gives the marks",
        );
    }
    let source = object(json!({"is_attachments_enabled": attachments, "manual_scoring": !any}));
    restore(source, extras, &defaults())
}
