//! Whether an attempt is taken, repeated or given up: one pure function.

use std::time::Duration;

use lms_core::ErrorKind;

/// How safe a request is to repeat. Said by whoever builds it, never guessed from the HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Safety {
    /// Changes nothing.
    Read,
    /// Changes something, and doing it twice leaves the same state as doing it once.
    Repeatable,
    /// Must not happen twice: it creates, submits or sends.
    Once,
}

/// What one attempt brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// The server answered.
    Answer {
        /// The HTTP status.
        status: u16,
        /// What `Retry-After` asked for.
        retry_after: Option<Duration>,
    },
    /// The server refused to work on it for now; nothing was done.
    Throttled {
        /// How long it asked us to wait, if it said so.
        retry_after: Option<Duration>,
    },
    /// No connection: surely nothing was sent.
    NotSent,
    /// The connection broke after the request may have arrived.
    Lost,
    /// No answer in time, although the request may have arrived.
    TimedOut,
}

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The answer stands, whether good or bad; the dialect reads it.
    Take,
    /// Pause this long, then send it again.
    Again(Duration),
    /// Give up with an error of this kind.
    Fail(ErrorKind),
}

/// How often and how patiently a request is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, the first included. 1 means no retry.
    pub attempts: u32,
    /// Pause before the second attempt; it doubles with each further one.
    pub first: Duration,
    /// Longest pause of our own choosing.
    pub ceiling: Duration,
    /// Longest pause that a server may ask for; beyond it the call fails with `Retry::After`.
    pub patience: Duration,
    /// Retries that a client may spend on a server that fails, before successes earn new ones. When none
    /// is left, calls fail at their first failure. Throttled requests cost none: the pace sees to them.
    pub reserve: u32,
    /// What a success earns, in hundredths of a retry, up to the reserve.
    pub earned_percent: u32,
}

impl Default for RetryPolicy {
    /// Five attempts, from half a second up to 20 s; servers may ask for 90 s; twenty retries in reserve,
    /// and one for five successes.
    ///
    /// Ninety, because the limits of Open edX are counted per minute (reference openedx.md 1.6).
    fn default() -> Self {
        Self {
            attempts: 5,
            first: Duration::from_millis(500),
            ceiling: Duration::from_secs(20),
            patience: Duration::from_secs(90),
            reserve: 20,
            earned_percent: 20,
        }
    }
}

impl RetryPolicy {
    /// Every request is sent once.
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }
}

/// Decides what follows `seen`.
///
/// `attempt` counts from 1. `jitter` lies in 0..1 and is the caller's random number: half of each
/// pause is fixed and half is random, so that it neither collapses nor runs in step with others.
///
/// - Throttling and failed connections are repeated for every [`Safety`]: nothing was done.
/// - A lost answer, or a 5xx, of a [`Safety::Once`] request is [`ErrorKind::OutcomeUnknown`].
/// - 408, 500, 502, 503 and 504 are repeated for the other two.
pub fn decide(safety: Safety, seen: Seen, attempt: u32, policy: &RetryPolicy, jitter: f64) -> Verdict {
    let pause = pause(attempt, policy, jitter);
    let again = |least: Option<Duration>, otherwise| match least.unwrap_or_default().max(pause) {
        wait if attempt < policy.attempts && wait <= policy.patience.max(pause) => Verdict::Again(wait),
        _ => Verdict::Fail(otherwise),
    };
    match (seen, safety) {
        (Seen::NotSent, _) => again(None, ErrorKind::Unavailable),
        (Seen::Throttled { retry_after }, _) => again(retry_after, ErrorKind::RateLimited),
        (Seen::Lost | Seen::TimedOut, Safety::Once)
        | (Seen::Answer { status: 500..=599, .. }, Safety::Once) => Verdict::Fail(ErrorKind::OutcomeUnknown),
        (Seen::Lost, _) => again(None, ErrorKind::Unavailable),
        (Seen::TimedOut, _) => again(None, ErrorKind::Timeout),
        (Seen::Answer { status: 408 | 500 | 502..=504, retry_after }, Safety::Read | Safety::Repeatable) => {
            again(retry_after, ErrorKind::Unavailable)
        }
        (Seen::Answer { .. }, _) => Verdict::Take,
    }
}

fn pause(attempt: u32, policy: &RetryPolicy, jitter: f64) -> Duration {
    let doubled = policy.first.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    let grown = doubled.min(policy.ceiling);
    // In thousandths and whole numbers: `Duration::mul_f64` panics near its ends.
    let random = if jitter.is_finite() { (jitter.clamp(0.0, 1.0) * 1000.0) as u32 } else { 0 };
    grown / 2 + grown / 2000 * random
}

/// A number in 0..1. Good enough to spread retries, and for nothing else.
pub(crate) fn jitter() -> f64 {
    use std::hash::{BuildHasher, Hasher};
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    (random >> 11) as f64 / (1u64 << 53) as f64
}
