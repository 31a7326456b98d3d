//! Help for the tests of those who build on this crate.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use crate::Clock;

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
