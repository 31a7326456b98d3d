//! What a server's answers tell of the pace that it bears: cut at once, grown back slowly.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

/// What is left of the measured pace after a refusal.
const CUT: f64 = 0.7;
/// What each success adds to the rate, in requests per second, or as a share of the rate.
const GROWTH: (f64, f64) = (0.01, 0.005);
/// No slower than one request in five seconds: a server that wants less says so by `Retry-After`.
const SLOWEST: f64 = 0.2;
/// Faster than this, it is no limit.
const FREE: f64 = 200.0;
/// The stretch in which successes are counted to measure the pace.
const MEASURED: Duration = Duration::from_secs(10);
const SECOND: Duration = Duration::from_secs(1);
/// Where to begin when nothing could be measured.
const UNMEASURED: f64 = 2.0;
/// Fewer successes measure nothing: the client had hardly begun.
const ENOUGH: u32 = 8;
/// What each success multiplies a guessed rate by, until a refusal says more. Grown back as slowly as a measured one, a
/// guess that was made at the first request would hold thousands of others up for minutes.
const PROBING: f64 = 1.25;

#[derive(Debug)]
pub(crate) struct Learned {
    /// Requests per second; `None` while no limit was met.
    rate: Option<f64>,
    /// Whether nothing was measured when the rate was set.
    guessed: bool,
    /// When the next request may leave.
    next: Option<SystemTime>,
    /// When the pace was cut last. Refusals of what was sent before tell nothing new.
    cut: Option<SystemTime>,
    /// Whether anything went well since.
    well: bool,
    /// How many successes came of late, by the second in which they came.
    successes: VecDeque<(SystemTime, u32)>,
    slots: f64,
    most: usize,
}

impl Learned {
    pub(crate) fn new(slots: usize) -> Self {
        Self {
            rate: None,
            guessed: false,
            next: None,
            cut: None,
            well: false,
            successes: VecDeque::new(),
            slots: slots as f64,
            most: slots,
        }
    }

    /// How many requests may be under way.
    pub(crate) fn slots(&self) -> usize {
        (self.slots as usize).clamp(1, self.most)
    }

    /// How long to wait for the next turn, which is taken.
    pub(crate) fn turn(&mut self, now: SystemTime) -> Duration {
        let Some(rate) = self.rate else { return Duration::ZERO };
        let at = self.next.map_or(now, |next| next.max(now));
        self.next = Some(at + Duration::from_secs_f64(1.0 / rate));
        at.duration_since(now).unwrap_or_default()
    }

    /// How long so many requests take.
    pub(crate) fn planned(&self, requests: u64) -> Duration {
        let seconds = self.rate.map_or(0.0, |rate| requests as f64 / rate);
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    pub(crate) fn succeeded(&mut self, now: SystemTime) {
        let this_second = |at: &SystemTime| now.duration_since(*at).is_ok_and(|age| age < SECOND);
        match self.successes.back_mut() {
            Some((began, count)) if this_second(began) => *count += 1,
            _ => {
                self.forget_before(now);
                self.successes.push_back((now, 1));
            }
        }
        self.slots = (self.slots + 0.25 / self.slots.max(1.0)).min(self.most as f64);
        self.well = true;
        let grown = |rate: f64| match self.guessed {
            true => rate * PROBING,
            false => rate + GROWTH.0.max(rate * GROWTH.1),
        };
        self.rate = self.rate.map(grown).filter(|rate| *rate < FREE);
    }

    /// A limit of the platform's own holds anyway.
    pub(crate) fn forget_above(&mut self, rate: f64) {
        self.rate = self.rate.filter(|learned| *learned < rate);
    }

    pub(crate) fn overloaded(&mut self, sent: SystemTime, now: SystemTime) {
        if self.cut.is_some_and(|cut| sent <= cut) {
            return;
        }
        self.forget_before(now);
        let measured = self.measured(now);
        // What a guess grew to before it was refused is a measurement.
        self.guessed = measured.is_none() && (self.rate.is_none() || self.guessed && !self.well);
        self.well = false;
        let rate = match (self.rate, measured) {
            (Some(rate), Some(measured)) => rate.min(measured),
            (Some(rate), None) | (None, Some(rate)) => rate,
            (None, None) => UNMEASURED,
        };
        self.rate = Some((rate * CUT).max(SLOWEST));
        self.slots = (self.slots / 2.0).max(1.0);
        (self.cut, self.next) = (Some(now), Some(now));
    }

    /// Successes per second, of late; `None` where they are too few to tell.
    fn measured(&self, now: SystemTime) -> Option<f64> {
        let (first, _) = self.successes.front()?;
        let span = now.duration_since(*first).unwrap_or_default().clamp(SECOND, MEASURED);
        let count: u32 = self.successes.iter().map(|(_, count)| count).sum();
        (count >= ENOUGH).then(|| f64::from(count) / span.as_secs_f64())
    }

    fn forget_before(&mut self, now: SystemTime) {
        let old = |at: SystemTime| now.duration_since(at).is_ok_and(|age| age > MEASURED);
        while self.successes.front().is_some_and(|(at, _)| old(*at)) {
            self.successes.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: SystemTime = SystemTime::UNIX_EPOCH;

    fn at(seconds: f64) -> SystemTime {
        START + Duration::from_secs_f64(seconds)
    }

    #[test]
    fn a_refusal_cuts_to_what_went_through_and_counts_once() {
        let mut learned = Learned::new(8);
        assert_eq!(learned.turn(START), Duration::ZERO);
        for n in 0..40 {
            learned.succeeded(at(f64::from(n) / 8.0));
        }
        learned.overloaded(at(4.9), at(5.0));
        let rate = learned.rate.expect("a limit");
        assert!((5.0..6.0).contains(&rate), "{rate}: eight a second went through");
        learned.overloaded(at(4.95), at(5.1));
        assert_eq!((learned.rate, learned.slots()), (Some(rate), 4), "sent before the cut");
        learned.overloaded(at(5.05), at(5.2));
        assert!(learned.rate < Some(rate) && learned.slots() == 2);
    }

    #[test]
    fn turns_keep_their_distance_and_it_grows_back() {
        let mut learned = Learned::new(8);
        for _ in 0..ENOUGH {
            learned.succeeded(START);
        }
        learned.overloaded(START, START);
        let slow = learned.rate.expect("a limit");
        assert_eq!(learned.turn(START), Duration::ZERO);
        assert!((learned.turn(START).as_secs_f64() - 1.0 / slow).abs() < 0.001);
        let mut successes = 0;
        while learned.rate.is_some() {
            successes += 1;
            learned.succeeded(at(f64::from(successes)));
        }
        assert!((600..2_000).contains(&successes), "{successes}: slowly");
        assert_eq!(learned.slots(), 8);
    }

    #[test]
    fn what_was_guessed_grows_back_quickly_until_a_refusal_says_more() {
        let mut learned = Learned::new(8);
        let mut now = 0.0;
        for _ in 0..3 {
            learned.overloaded(at(now), at(now));
            now += 1.0;
        }
        let mut successes = 0;
        while learned.rate.is_some_and(|rate| rate < 20.0) {
            now += learned.turn(at(now)).as_secs_f64();
            learned.succeeded(at(now));
            successes += 1;
        }
        assert!(successes < 20 && now < 15.0, "{successes} in {now} s");

        learned.overloaded(at(now), at(now));
        let known = learned.rate.expect("a limit");
        learned.succeeded(at(now));
        let grown = learned.rate.expect("a limit") / known;
        assert!(grown < 1.02, "a rate that was refused is known: {grown}");
    }
}
