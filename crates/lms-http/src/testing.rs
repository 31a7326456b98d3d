//! Help for the tests of those who build on this crate.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::{Answer, Clock};

/// A clock that stands still until it is told to move, or until somebody sleeps on it: a sleep
/// moves it forward at once, so nothing waits.
#[derive(Debug)]
pub struct ManualClock(Mutex<(SystemTime, Vec<Duration>)>);

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn new(now: SystemTime) -> Self {
        Self(Mutex::new((now, Vec::new())))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.state().0 += by;
    }

    /// The pauses asked for so far, in order.
    pub fn pauses(&self) -> Vec<Duration> {
        self.state().1.clone()
    }

    fn state(&self) -> MutexGuard<'_, (SystemTime, Vec<Duration>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    /// Starts at 2025-09-01T00:00:00Z.
    fn default() -> Self {
        Self::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_756_684_800))
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        self.state().0
    }

    async fn sleep(&self, pause: Duration) {
        {
            let mut state = self.state();
            state.0 += pause;
            state.1.push(pause);
        }
        tokio::task::yield_now().await;
    }
}

/// A clock that goes with the timer of tokio, so that in a runtime whose time is paused many tasks may
/// sleep at once and all of it takes no time.
#[derive(Debug)]
pub struct TimerClock(tokio::time::Instant);

impl TimerClock {
    /// Starts at 2025-09-01T00:00:00Z.
    pub fn new() -> Self {
        Self(tokio::time::Instant::now())
    }
}

impl Default for TimerClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for TimerClock {
    fn now(&self) -> SystemTime {
        ManualClock::default().now() + self.0.elapsed()
    }

    async fn sleep(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }
}

/// A recorded answer, for testing a [`crate::Dialect`] on its own.
#[derive(Debug, Clone)]
pub struct Recorded {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Recorded {
    /// An answer with this status and body, and no headers.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: HeaderMap::new(), body: body.into() }
    }

    /// Adds a header. One that HTTP does not allow is left out.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            self.headers.append(name, value);
        }
        self
    }

    /// What a dialect is shown when `operation` gets this answer at 2025-09-01T00:00:00Z.
    pub fn answer(&self, operation: &'static str) -> Answer<'_> {
        let now = ManualClock::default().now();
        Answer {
            status: self.status,
            headers: &self.headers,
            body: &self.body,
            operation,
            now,
            sensitive: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dialect, PlainDialect};

    #[test]
    fn a_dialect_can_be_tested_without_a_server() {
        let page = Recorded::new(429, "").header("Retry-After", "Mon, 01 Sep 2025 00:01:00 GMT");
        let answer = page.answer("courses.list");
        assert_eq!(PlainDialect.throttled(&answer), Some(Some(Duration::from_secs(60))));
        assert_eq!(answer.operation(), "courses.list");
        assert_eq!(Recorded::new(503, "").answer("x").retry_after(), None);
    }
}
