//! A pause that all requests of a client keep, once the server has asked one of them to wait.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

#[derive(Debug, Default)]
pub(crate) struct Gate(Mutex<Option<SystemTime>>);

impl Gate {
    /// Nobody sends before `until`.
    pub(crate) fn close(&self, until: SystemTime) {
        let mut gate = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *gate = (*gate).max(Some(until));
    }

    /// How long the gate stays closed; `None` when it is open.
    pub(crate) fn wait(&self, now: SystemTime) -> Option<Duration> {
        let mut gate = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = gate.and_then(|until| until.duration_since(now).ok()).filter(|wait| !wait.is_zero());
        if wait.is_none() {
            *gate = None;
        }
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_pause_holds_and_then_ends() {
        let gate = Gate::default();
        let now = SystemTime::UNIX_EPOCH;
        assert_eq!(gate.wait(now), None);
        gate.close(now + Duration::from_secs(9));
        gate.close(now + Duration::from_secs(4));
        assert_eq!(gate.wait(now + Duration::from_secs(1)), Some(Duration::from_secs(8)));
        assert_eq!(gate.wait(now + Duration::from_secs(9)), None);
    }
}
