//! Changing who takes part, many people in one run.

use futures::stream::{self, BoxStream, StreamExt};

use crate::{EnrollOptions, Enrollment, EnrollmentState, Error, ErrorKind, Result, Subject, UserId};

/// Somebody who is to take part.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Enrollee {
    /// Who.
    pub who: Subject,
    /// The platform's mode: `audit`, `honor`. `None` for its default.
    pub mode: Option<String>,
    /// The group of learners that the person joins, where the platform has such. `None` for none.
    pub cohort: Option<String>,
}

impl Enrollee {
    /// Somebody, in the platform's default mode and in no cohort.
    pub fn new(who: Subject) -> Self {
        Self { who, mode: None, cohort: None }
    }

    /// As [`crate::Enrollments::enroll`] takes it.
    ///
    /// # Errors
    /// `Unsupported` for a cohort, which it cannot take.
    pub fn options(&self) -> Result<EnrollOptions> {
        match &self.cohort {
            Some(_) => Err(Error::new(ErrorKind::Unsupported, "the platform takes no cohort here")),
            None => Ok(EnrollOptions { mode: self.mode.clone(), password: None }),
        }
    }
}

/// What came of one of many. The others go on.
#[derive(Debug)]
pub enum Changed {
    /// It was done now.
    Done {
        /// Who, as the platform names the account; what was given where it does not say.
        user: UserId,
        /// How the person stands in the course.
        state: EnrollmentState,
    },
    /// It stood so before. Only where the platform tells; else it counts as done.
    Already {
        /// Who.
        user: UserId,
        /// How the person stands in the course.
        state: EnrollmentState,
    },
    /// It was not done, for a reason that is this person's.
    Refused(Error),
}

impl Changed {
    /// What an enrollment of one person amounts to among many: done, refused, or an error that would meet
    /// the next person too.
    ///
    /// # Errors
    /// The error where it is not about the person: the site cannot be reached, nobody is signed in, ….
    pub fn of(enrollment: Result<Enrollment>) -> Result<Self> {
        match enrollment {
            Ok(Enrollment { user, state, .. }) => Ok(Self::Done { user, state }),
            Err(error) => Self::refused(error),
        }
    }

    /// A refusal, if the error is about one person.
    ///
    /// # Errors
    /// The error where it is not.
    pub fn refused(error: Error) -> Result<Self> {
        match error.kind() {
            ErrorKind::NotFound
            | ErrorKind::AlreadyExists
            | ErrorKind::Conflict
            | ErrorKind::InvalidInput
            | ErrorKind::PermissionDenied
            | ErrorKind::NotEnrolled
            | ErrorKind::Unsupported => Ok(Self::Refused(error)),
            _ => Err(error),
        }
    }

    /// The results up to and with the first that is an error for all, for implementors of
    /// [`crate::Enrollments::enroll_many`].
    pub fn until_error<'a>(results: BoxStream<'a, Result<Self>>) -> BoxStream<'a, Result<Self>> {
        let next = |results: Option<BoxStream<'a, Result<Self>>>| async move {
            let mut results = results?;
            let next = results.next().await?;
            let rest = next.is_ok().then_some(results);
            Some((next, rest))
        };
        stream::unfold(Some(results), next).boxed()
    }
}

/// How many people go into one call, for [`crate::LmsProvider::planned`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    /// The name of the operation: `"enrollments.enroll"`.
    pub operation: &'static str,
    /// People in one call, at least 1.
    pub people: u64,
}

impl Batch {
    /// Everybody alone.
    pub const fn one_by_one(operation: &'static str) -> Self {
        Self { operation, people: 1 }
    }

    /// How many calls so many people take.
    pub fn calls(self, people: u64) -> u64 {
        people.div_ceil(self.people.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_account_is_one_persons_and_a_missing_server_is_everybodys() {
        for (kind, ones) in [
            (ErrorKind::NotFound, true),
            (ErrorKind::PermissionDenied, true),
            (ErrorKind::Unsupported, true),
            (ErrorKind::Unavailable, false),
            (ErrorKind::Unauthenticated, false),
            (ErrorKind::OutcomeUnknown, false),
            (ErrorKind::RateLimited, false),
        ] {
            assert_eq!(Changed::refused(Error::new(kind, "x")).is_ok(), ones, "{kind:?}");
        }
    }

    #[test]
    fn calls_are_counted_up() {
        let batch = Batch { operation: "enrollments.bulk", people: 100 };
        assert_eq!([0, 1, 100, 101].map(|people| batch.calls(people)), [0, 1, 1, 2]);
        assert_eq!(Batch::one_by_one("enrollments.enroll").calls(7), 7);
    }

    #[test]
    fn nothing_comes_after_an_error_for_all() {
        let refused = || Ok(Changed::Refused(Error::invalid("x")));
        let down = || Err(Error::new(ErrorKind::Unavailable, "down"));
        let all =
            Changed::until_error(stream::iter([refused(), down(), refused()]).boxed()).collect::<Vec<_>>();
        let all = futures::executor::block_on(all);
        assert_eq!(all.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false]);
    }
}
