//! Programs and files that a grader behind a queue marks.

use lms_core::{
    Block, BlockBody, BlockPlace, CodeInteraction, CodeLanguage, Credit, Exercise, FileUploadInteraction,
    Grader, Interaction, Key, Severity,
};

use super::{Adapter, own};
use crate::olx::capa::QUEUE;

impl Adapter {
    /// A field for a program or a file.
    pub(super) fn program(&mut self, place: &BlockPlace<'_>, exercise: &Exercise, queued: bool) -> Block {
        let block = place.block.1;
        let mut made = exercise.clone();
        made.scoring.credit = Credit::AllOrNothing;
        if !queued {
            made.grader = Grader::Native(format!("XQueue {QUEUE}"));
            let why = "Open edX runs no programs itself: a grader behind a queue must do it";
            let fallback = format!(
                "a program field for the queue {QUEUE:?}; its payload holds tests and limits, and that grader gives the marks"
            );
            self.log.change_marks(place, "code: the grader", why, fallback);
            if let Interaction::Code(code) = &exercise.interaction
                && code.languages.len() > 1
            {
                self.note(
                    Severity::Approximated,
                    "a choice of programming languages",
                    "the field takes one",
                    "the first; the payload names all",
                );
            }
            if matches!(exercise.key, Some(Key::Any)) {
                made.key = None;
            }
        }
        self.plain_field(&mut made, queued);
        self.feedback(&mut made);
        let mut copy = Block { extras: own(&block.extras), ..block.clone() };
        copy.body = BlockBody::Exercise(Box::new(made));
        copy
    }

    /// What a program field or a file field says itself; the rest needs the payload, which comes with tests.
    fn plain_field(&mut self, made: &mut Exercise, queued: bool) {
        let has_payload = matches!(made.key, Some(Key::Code { .. }));
        let is_less = match &mut made.interaction {
            Interaction::Code(code) if !has_payload => {
                let first = code.languages.first();
                let field = CodeLanguage {
                    name: first.map(|language| language.name.clone()).unwrap_or_default(),
                    template: first.map(|language| language.template.clone()).unwrap_or_default(),
                    header: String::new(),
                    footer: String::new(),
                    seconds: None,
                    megabytes: None,
                };
                let field = CodeInteraction { languages: vec![field], ..CodeInteraction::default() };
                let is_less = field != *code;
                *code = field;
                is_less
            }
            Interaction::FileUpload(upload) if queued => {
                std::mem::take(upload) != FileUploadInteraction::default()
            }
            _ => false,
        };
        if is_less {
            self.note(
                Severity::Approximated,
                "limits, samples and rules of a field for programs or files",
                "Open edX leaves them to the grader behind the queue",
                "an ordinary field",
            );
        }
    }
}
