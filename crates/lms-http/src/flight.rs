//! One flight for all: whoever waits while somebody else asks gets that answer, a failure included.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use lms_core::{Error, ErrorKind, Platform, Retry};

/// Counts what was asked, so that those who waited can be told from those who came later. The
/// waiting itself is a lock of the owner's.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    done: AtomicU64,
    failure: Mutex<Option<Failure>>,
}

impl Rounds {
    /// To be read before the lock is waited for.
    pub(crate) fn now(&self) -> u64 {
        self.done.load(Ordering::Acquire)
    }

    /// The failure of a round that ended after `then`. To be asked under the lock.
    pub(crate) fn failed_since(&self, then: u64) -> Option<Error> {
        if self.now() == then {
            return None;
        }
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Failure::to_error)
    }

    /// A round has ended. To be called under the lock.
    pub(crate) fn end<T>(&self, result: &Result<T, Error>) {
        let failure = result.as_ref().err().map(Failure::from);
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
        self.done.fetch_add(1, Ordering::Release);
    }
}

/// What of an error can be given to many.
#[derive(Debug)]
struct Failure {
    kind: ErrorKind,
    message: String,
    at: Option<(Platform, &'static str)>,
    resource: Option<String>,
    status: Option<u16>,
    retry: Retry,
}

impl Failure {
    fn to_error(&self) -> Error {
        let mut error = Error::new(self.kind, self.message.clone()).with_retry(self.retry);
        if let Some((platform, operation)) = self.at {
            error = error.at(platform, operation);
        }
        if let Some(resource) = &self.resource {
            error = error.on(resource);
        }
        match self.status {
            Some(status) => error.with_status(status),
            None => error,
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            kind: error.kind(),
            message: error.message().to_owned(),
            at: error.platform().map(|platform| (platform, error.operation())),
            resource: error.resource().map(str::to_owned),
            status: error.status(),
            retry: error.retry(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_for_those_who_waited_and_complete() {
        let rounds = Rounds::default();
        let early = rounds.now();
        assert!(rounds.failed_since(early).is_none(), "nothing was asked");
        let failed = Error::new(ErrorKind::Unauthenticated, "wrong password")
            .at(Platform::OpenEdx, "session.sign_in")
            .on("the account")
            .with_status(400)
            .with_retry(Retry::Now);
        rounds.end::<()>(&Err(failed));
        let shared = rounds.failed_since(early).expect("waited for it");
        assert_eq!(
            format!("{shared:?}"),
            "not signed in: openedx session.sign_in: wrong password (the account) [HTTP 400]"
        );
        assert_eq!(shared.retry(), Retry::Now);
        assert!(rounds.failed_since(rounds.now()).is_none(), "came later");
        rounds.end(&Ok(()));
        assert!(rounds.failed_since(early).is_none(), "the last round went well");
    }
}
