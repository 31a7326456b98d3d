//! A few people, named on the command line.

use lms_core::{Changed, EnrollmentState, Error};
use serde::Serialize;

use super::drive::{Told, reason};
use super::tally::Outcome;
use crate::exit::{DONE, FAILED, Failure};
use crate::html::printable;
use crate::output;

/// What came of a change, in the words of the result file.
pub(crate) fn told(changed: Changed) -> Told {
    let (user, state, already) = match changed {
        Changed::Done { user, state } => (user, state, false),
        Changed::Already { user, state } => (user, state, true),
        Changed::Refused(error) => return Told::Refused(error),
    };
    match (state, already) {
        (EnrollmentState::Pending, _) => {
            Told::Done(Outcome::Pending, "no account yet; takes part once there is one".to_owned())
        }
        (EnrollmentState::Active, true) => Told::Done(Outcome::Already, format!("{user} took part before")),
        (EnrollmentState::Inactive, true) => {
            Told::Done(Outcome::Already, format!("{user} did not take part"))
        }
        (EnrollmentState::Active, false) => Told::Done(Outcome::Enrolled, user.to_string()),
        (EnrollmentState::Inactive, false) => Told::Done(Outcome::Unenrolled, user.to_string()),
    }
}

#[derive(Serialize)]
struct Line<'a> {
    who: &'a str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
}

/// Prints what came of each. One person that is refused is an error; of several, the others are told too.
pub(crate) fn print(who: &[String], all: Vec<Told>, as_json: bool) -> Result<u8, Failure> {
    let mut refused: Option<Error> = None;
    let mut lines = Vec::new();
    for (who, told) in who.iter().zip(all) {
        lines.push(match told {
            Told::Done(outcome, detail) => {
                let detail = if detail == *who { String::new() } else { detail };
                Line { who, outcome: outcome.name(), detail }
            }
            Told::Refused(error) => {
                let detail = reason(&error);
                refused = Some(error);
                Line { who, outcome: Outcome::Refused.name(), detail }
            }
        });
    }
    let only = lines.len() == 1 && !as_json;
    match refused {
        Some(error) if only => Err(error.into()),
        refused => {
            if as_json {
                output::json(&lines)?;
            } else {
                let cells = |line: &Line<'_>| {
                    vec![line.who.to_owned(), line.outcome.to_owned(), printable(&line.detail)]
                };
                output::prose(&output::table(&lines.iter().map(cells).collect::<Vec<_>>()))?;
            }
            Ok(if refused.is_some() { FAILED } else { DONE })
        }
    }
}
