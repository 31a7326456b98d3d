//! `sql` and `dataset`: a program of the platform marks them (reference stepik.md 4.15).

use lms_core::{CodeInteraction, ExtendedTextInteraction, Interaction};

use super::Quiz;
use super::templates::language;

/// The language that a query is written in.
pub(in crate::convert) const SQL: &str = "sql";

/// How the quiz is answered. Its settings are programs, and stay as they were read.
pub(in crate::convert) fn read(name: &str) -> Option<Quiz> {
    let program = match name {
        "sql" => "the check code of an sql quiz",
        "dataset" => "the check code of a dataset quiz",
        _ => return None,
    };
    interaction(name).map(|interaction| Quiz::marked_by(interaction, program))
}

/// One query; or what a program of the learner's made of the attempt's file.
pub(in crate::convert) fn interaction(name: &str) -> Option<Interaction> {
    match name {
        "sql" => Some(Interaction::Code(CodeInteraction {
            languages: vec![language(SQL)],
            ..CodeInteraction::default()
        })),
        "dataset" => Some(Interaction::ExtendedText(ExtendedTextInteraction::default())),
        _ => None,
    }
}
