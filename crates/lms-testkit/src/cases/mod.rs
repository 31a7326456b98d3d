//! The cases, by service.

mod accounts;
mod courses;
mod submissions;

use lms_core::{Error, ErrorKind, Result, Support};

use crate::Case;

/// All cases.
pub const CASES: &[Case] = &[
    Case {
        name: "courses/list/walks_every_page",
        claimed: |p| p.courses().is_some_and(|c| c.support().list != Support::No),
        holds: |w| Box::pin(courses::list_walks_every_page(w)),
        refuses: None,
    },
    Case {
        name: "courses/list/outlives_throttling_and_lost_connections",
        claimed: |p| p.courses().is_some_and(|c| c.support().list != Support::No),
        holds: |w| Box::pin(courses::list_outlives_faults(w)),
        refuses: None,
    },
    Case {
        name: "courses/list/search",
        claimed: |p| p.courses().is_some_and(|c| c.support().search != Support::No),
        holds: |w| Box::pin(courses::search_is_taken(w)),
        refuses: Some(|w| Box::pin(courses::search_is_refused_unsent(w))),
    },
    Case {
        name: "courses/get/unknown_is_not_found",
        claimed: |p| p.courses().is_some(),
        holds: |w| Box::pin(courses::unknown_is_not_found(w)),
        refuses: None,
    },
    Case {
        name: "courses/content/has_the_question",
        claimed: |p| p.courses().is_some_and(|c| c.support().content != Support::No),
        holds: |w| Box::pin(courses::content_has_the_question(w)),
        refuses: None,
    },
    Case {
        name: "accounts/me",
        claimed: |p| p.accounts().is_some(),
        holds: |w| Box::pin(accounts::me_is_somebody(w)),
        refuses: None,
    },
    Case {
        name: "accounts/a_wrong_secret_is_refused",
        claimed: |_| true,
        holds: |w| Box::pin(accounts::wrong_secret_is_refused(w)),
        refuses: None,
    },
    Case {
        name: "enrollments/enrolling_twice_is_no_error",
        claimed: |p| p.enrollments().is_some_and(|e| e.support().enroll_self != Support::No),
        holds: |w| Box::pin(accounts::enrolling_twice(w)),
        refuses: None,
    },
    Case {
        name: "submissions/right_and_wrong_answers_are_told_apart",
        claimed: |p| p.submissions().is_some_and(|s| s.support().submit != Support::No),
        holds: |w| Box::pin(submissions::right_and_wrong(w)),
        refuses: None,
    },
    Case {
        name: "submissions/a_misfit_is_refused_before_it_is_sent",
        claimed: |p| p.submissions().is_some_and(|s| s.support().submit != Support::No),
        holds: |w| Box::pin(submissions::misfit_is_refused(w)),
        refuses: None,
    },
];

/// A check that failed, as an error with a message.
pub(crate) fn ensure(holds: bool, message: impl Into<String>) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::new(ErrorKind::Conflict, message)) }
}

/// The error that a call must give.
pub(crate) fn refused<T>(result: Result<T>, kinds: &[ErrorKind], what: &str) -> Result<()> {
    match result {
        Ok(_) => Err(Error::new(ErrorKind::Conflict, format!("{what} was not refused"))),
        Err(error) if kinds.contains(&error.kind()) => Ok(()),
        Err(error) => {
            let message = format!("{what} was refused as {}, not as one of {kinds:?}", error.kind().name());
            Err(Error::new(ErrorKind::Conflict, message).with_source(error))
        }
    }
}
