//! So many in any stretch of a length: when is there room for the next?

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use super::Rate;

/// The last turns that were given, as many as the rate allows in one stretch. Exact where servers count
/// in a sliding window, as Django REST framework does (reference openedx.md 1.6); a leaky bucket would
/// let nearly twice as many through in the first stretch.
#[derive(Debug)]
pub(crate) struct Window {
    rate: Rate,
    turns: VecDeque<SystemTime>,
}

impl Window {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, turns: VecDeque::new() }
    }

    /// How long the next turn is away.
    pub(crate) fn wait(&self, now: SystemTime) -> Duration {
        self.nth(1, now)
    }

    /// Takes the next turn.
    pub(crate) fn take(&mut self, now: SystemTime) {
        let at = now + self.wait(now);
        if self.turns.len() >= self.size() {
            self.turns.pop_front();
        }
        self.turns.push_back(at);
    }

    /// How long the nth turn from now is away, if only these are taken. `n` counts from 1.
    pub(crate) fn nth(&self, n: u64, now: SystemTime) -> Duration {
        let size = self.size();
        let room = (size - self.turns.len().min(size)) as u64;
        let Some(behind) = n.checked_sub(room + 1) else { return Duration::ZERO };
        // Each turn that is given comes free again a stretch later, in the same order. Those that are
        // given to the first `room` are taken now.
        let place = usize::try_from(behind % size as u64).unwrap_or(0);
        let further = u32::try_from(behind / size as u64).unwrap_or(u32::MAX);
        let given = self.turns.get(place).copied().unwrap_or(now);
        let first = (given + self.rate.per).max(now);
        let free = first.checked_add(self.rate.per.saturating_mul(further));
        free.map_or(Duration::MAX, |free| free.duration_since(now).unwrap_or_default())
    }

    fn size(&self) -> usize {
        self.rate.requests.max(1) as usize
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: SystemTime = SystemTime::UNIX_EPOCH;

    #[test]
    fn a_full_window_opens_as_its_turns_grow_old() {
        let seconds = Duration::from_secs;
        let mut window = Window::new(Rate { requests: 2, per: seconds(60) });
        window.take(START);
        window.take(START + seconds(10));
        assert_eq!(window.wait(START + seconds(20)), seconds(40));
        window.take(START + seconds(20));
        assert_eq!(window.wait(START + seconds(60)), seconds(10));
        assert_eq!(window.wait(START + seconds(500)), Duration::ZERO);
    }

    #[test]
    fn a_long_row_is_reckoned_without_taking_it() {
        let window = Window::new(Rate::per_minute(40));
        assert_eq!(window.nth(40, START), Duration::ZERO);
        assert_eq!(window.nth(41, START), Duration::from_secs(60));
        assert_eq!(window.nth(10_000, START), Duration::from_secs(60 * 249));
    }

    proptest! {
        /// No stretch holds more than the rate, whenever turns are asked for; and what is reckoned
        /// beforehand is what comes.
        #[test]
        fn no_stretch_is_overfull(gaps in prop::collection::vec(0u64..30, 1..60), requests in 1u32..6) {
            let rate = Rate { requests, per: Duration::from_secs(20) };
            let mut window = Window::new(rate);
            let (mut now, mut given) = (START, Vec::new());
            for gap in gaps {
                now += Duration::from_secs(gap);
                given.push(now + window.wait(now));
                window.take(now);
            }
            for pair in given.windows(requests as usize + 1) {
                prop_assert!(pair[requests as usize].duration_since(pair[0]).expect("in order") >= rate.per);
            }
            let tenth = window.nth(10, now);
            for _ in 0..9 {
                window.take(now);
            }
            prop_assert_eq!(window.wait(now), tenth);
        }
    }
}
