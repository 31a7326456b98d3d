//! One origin: who may send now, and what its answers teach.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Pace;
use super::learned::Learned;
use super::window::Window;

#[derive(Debug)]
pub(crate) struct Lane {
    pace: Pace,
    slots: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Nobody sends before this: the server asked one of us to wait.
    closed_until: Option<SystemTime>,
    rate: Option<Window>,
    /// Beside those of the pace, in the same order.
    quotas: Vec<Window>,
    learned: Learned,
    /// Slots that there are now, taken or free.
    slots: usize,
}

/// The right to have one request under way.
#[derive(Debug)]
pub(crate) struct Permit {
    lane: Arc<Lane>,
    slot: Option<OwnedSemaphorePermit>,
}

impl Lane {
    pub(crate) fn new(pace: Pace) -> Self {
        let slots = pace.concurrency.clamp(1, Semaphore::MAX_PERMITS);
        let state = State {
            closed_until: None,
            rate: pace.rate.map(Window::new),
            quotas: pace.quotas.iter().map(|quota| Window::new(quota.rate)).collect(),
            learned: Learned::new(slots),
            slots,
        };
        Self { pace, slots: Arc::new(Semaphore::new(slots)), state: Mutex::new(state) }
    }

    /// How long the operation has to wait for its quotas, whose turn it takes; `Err` with the wait, and no
    /// turn taken, when that is longer than patience.
    pub(crate) fn quota(&self, operation: &str, now: SystemTime) -> Result<Duration, Duration> {
        let mut state = self.state();
        let concerned: Vec<usize> = self.concerning(operation).collect();
        let windows = &mut state.quotas;
        let wait = concerned.iter().filter_map(|n| windows.get(*n)).map(|w| w.wait(now)).max();
        let wait = wait.unwrap_or_default();
        if wait > self.pace.patience {
            return Err(wait);
        }
        for n in concerned {
            if let Some(window) = windows.get_mut(n) {
                window.take(now + wait);
            }
        }
        Ok(wait)
    }

    /// Waits for a slot.
    pub(crate) async fn slot(self: &Arc<Self>) -> Permit {
        // The semaphore is never closed.
        let slot = Arc::clone(&self.slots).acquire_owned().await.ok();
        Permit { lane: Arc::clone(self), slot }
    }

    /// How long to wait for a turn, which is taken.
    pub(crate) fn turn(&self, now: SystemTime) -> Duration {
        let mut state = self.state();
        let learned = state.learned.turn(now);
        let Some(window) = &mut state.rate else { return learned };
        let wait = window.wait(now).max(learned);
        window.take(now + wait);
        wait
    }

    /// How long the server wants to be left alone still; `None` when it does not.
    pub(crate) fn closed(&self, now: SystemTime) -> Option<Duration> {
        let mut state = self.state();
        let left = state.closed_until.and_then(|until| until.duration_since(now).ok());
        let left = left.filter(|left| !left.is_zero());
        if left.is_none() {
            state.closed_until = None;
        }
        left
    }

    /// The server asked for a pause.
    pub(crate) fn close(&self, until: SystemTime) {
        let mut state = self.state();
        state.closed_until = state.closed_until.max(Some(until));
    }

    /// A request was answered as it should be.
    pub(crate) fn succeeded(&self, now: SystemTime) {
        let mut state = self.state();
        state.learned.succeeded(now);
        // Above the platform's own rate there is nothing to learn.
        if let Some(rate) = self.pace.rate {
            state.learned.forget_above(f64::from(rate.requests) / rate.per.as_secs_f64().max(0.001));
        }
        let wanted = state.learned.slots();
        if wanted > state.slots {
            self.slots.add_permits(wanted - state.slots);
            state.slots = wanted;
        }
    }

    /// A request that was sent at `sent` met a server that has too much to do.
    pub(crate) fn overloaded(&self, sent: SystemTime, now: SystemTime) {
        self.state().learned.overloaded(sent, now);
    }

    /// How long so many calls of an operation take at least, by the limits that are known; the server's
    /// own time is not in it.
    pub(crate) fn planned(&self, operation: &str, calls: u64, now: SystemTime) -> Duration {
        if calls == 0 {
            return Duration::ZERO;
        }
        let state = self.state();
        let quotas = self.concerning(operation).filter_map(|n| state.quotas.get(n));
        let windows = quotas.chain(&state.rate).map(|window| window.nth(calls, now)).max();
        windows.unwrap_or_default().max(state.learned.planned(calls))
    }

    fn concerning(&self, operation: &str) -> impl Iterator<Item = usize> {
        let quotas = self.pace.quotas.iter().enumerate();
        quotas.filter(move |(_, quota)| quota.operations.contains(&operation)).map(|(n, _)| n)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    /// Gives the slot back, or takes it out of use where there are more than the server bears.
    fn drop(&mut self) {
        let mut state = self.lane.state();
        if state.slots > state.learned.slots()
            && let Some(slot) = self.slot.take()
        {
            slot.forget();
            state.slots -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::{Quota, Rate};

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;
    const SECOND: Duration = Duration::from_secs(1);

    fn lane(quota: Rate) -> Arc<Lane> {
        let quotas = vec![Quota { operations: &["enroll", "unenroll"], rate: quota }];
        Arc::new(Lane::new(Pace { quotas, concurrency: 4, ..Pace::default() }))
    }

    #[test]
    fn operations_share_a_quota_and_others_do_not_wait() {
        let lane = lane(Rate { requests: 2, per: 60 * SECOND });
        assert_eq!(lane.quota("enroll", NOW), Ok(Duration::ZERO));
        assert_eq!(lane.quota("unenroll", NOW), Ok(Duration::ZERO));
        assert_eq!(lane.quota("enroll", NOW + SECOND), Ok(59 * SECOND));
        assert_eq!(lane.quota("courses.list", NOW), Ok(Duration::ZERO));
        assert_eq!(lane.planned("enroll", 3, NOW + SECOND), 119 * SECOND);
        assert_eq!(lane.planned("courses.list", 1_000, NOW), Duration::ZERO);
    }

    #[test]
    fn a_wait_beyond_patience_takes_no_turn() {
        let lane = lane(Rate { requests: 1, per: 7 * 24 * 3600 * SECOND });
        assert_eq!(lane.quota("enroll", NOW), Ok(Duration::ZERO));
        assert_eq!(lane.quota("enroll", NOW), Err(7 * 24 * 3600 * SECOND));
        assert_eq!(lane.quota("enroll", NOW + 7 * 24 * 3600 * SECOND), Ok(Duration::ZERO));
    }

    #[test]
    fn the_longest_pause_holds_and_then_ends() {
        let lane = lane(Rate::per_second(9));
        assert_eq!(lane.closed(NOW), None);
        lane.close(NOW + 9 * SECOND);
        lane.close(NOW + 4 * SECOND);
        assert_eq!(lane.closed(NOW + SECOND), Some(8 * SECOND));
        assert_eq!(lane.closed(NOW + 9 * SECOND), None);
    }

    #[tokio::test]
    async fn slots_go_when_it_is_too_much_and_come_back_slowly() {
        let lane = lane(Rate::per_second(9));
        let taken = [lane.slot().await, lane.slot().await, lane.slot().await];
        lane.overloaded(NOW, NOW);
        drop(taken);
        assert_eq!(lane.slots.available_permits(), 2);
        for n in 0..100 {
            lane.succeeded(NOW + n * SECOND);
        }
        assert_eq!(lane.slots.available_permits(), 4);
    }
}
