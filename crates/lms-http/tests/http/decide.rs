//! The retry decision: a table, and what holds for any policy.

use std::time::Duration;

use lms_core::ErrorKind::{OutcomeUnknown, RateLimited, Timeout, Unavailable};
use lms_http::Safety::{Once, Read, Repeatable};
use lms_http::{RetryPolicy, Safety, Seen, Verdict, decide};
use proptest::prelude::*;

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn policy() -> RetryPolicy {
    RetryPolicy {
        attempts: 3,
        first: seconds(2),
        ceiling: seconds(8),
        patience: seconds(30),
        ..RetryPolicy::default()
    }
}

fn answer(status: u16) -> Seen {
    Seen::Answer { status, retry_after: None }
}

#[test]
fn the_table() {
    let asked = |status, n| Seen::Answer { status, retry_after: Some(seconds(n)) };
    let throttled = |n: Option<u64>| Seen::Throttled { retry_after: n.map(seconds) };
    // With jitter 1 the pause is whole: 2 s, 4 s, 8 s.
    let (again, take, fail) = (|n| Verdict::Again(seconds(n)), Verdict::Take, Verdict::Fail);
    for (safety, seen, attempt, expected) in [
        (Read, answer(200), 1, take),
        (Once, answer(201), 1, take),
        (Read, answer(301), 1, take),
        (Read, answer(400), 1, take),
        (Read, answer(401), 1, take),
        (Once, answer(404), 1, take),
        // 408 means that the request did not arrive in full, so nothing was done.
        (Read, answer(408), 1, again(2)),
        (Once, answer(408), 1, take),
        (Read, answer(500), 1, again(2)),
        (Repeatable, answer(502), 2, again(4)),
        (Repeatable, answer(503), 3, fail(Unavailable)),
        (Read, answer(504), 1, again(2)),
        (Read, answer(501), 1, take),
        (Repeatable, answer(505), 1, take),
        (Once, answer(500), 1, fail(OutcomeUnknown)),
        (Once, answer(501), 1, fail(OutcomeUnknown)),
        (Once, answer(503), 1, fail(OutcomeUnknown)),
        (Once, asked(503, 1), 1, fail(OutcomeUnknown)),
        // What the server asks for is a least pause, bounded by patience.
        (Read, asked(503, 9), 1, again(9)),
        (Read, asked(503, 1), 1, again(2)),
        (Read, asked(503, 31), 1, fail(Unavailable)),
        (Read, throttled(None), 1, again(2)),
        (Repeatable, throttled(Some(9)), 1, again(9)),
        (Once, throttled(Some(30)), 2, again(30)),
        (Once, throttled(Some(31)), 1, fail(RateLimited)),
        (Once, throttled(Some(1)), 3, fail(RateLimited)),
        (Read, Seen::NotSent, 1, again(2)),
        (Once, Seen::NotSent, 2, again(4)),
        (Once, Seen::NotSent, 3, fail(Unavailable)),
        (Read, Seen::Lost, 1, again(2)),
        (Repeatable, Seen::Lost, 3, fail(Unavailable)),
        (Once, Seen::Lost, 1, fail(OutcomeUnknown)),
        (Read, Seen::TimedOut, 2, again(4)),
        (Repeatable, Seen::TimedOut, 3, fail(Timeout)),
        (Once, Seen::TimedOut, 1, fail(OutcomeUnknown)),
    ] {
        assert_eq!(
            decide(safety, seen, attempt, &policy(), 1.0),
            expected,
            "{safety:?} {seen:?} attempt {attempt}"
        );
    }
}

#[test]
fn a_policy_of_one_attempt_never_repeats() {
    for seen in
        [Seen::NotSent, Seen::Lost, Seen::TimedOut, answer(503), Seen::Throttled { retry_after: None }]
    {
        let verdict = decide(Read, seen, 1, &RetryPolicy::never(), 0.5);
        assert!(matches!(verdict, Verdict::Fail(_)), "{seen:?} gave {verdict:?}");
    }
}

fn safeties() -> impl Strategy<Value = Safety> {
    prop_oneof![Just(Read), Just(Repeatable), Just(Once)]
}

fn sights() -> impl Strategy<Value = Seen> {
    let asked = prop::option::of(any::<Duration>());
    prop_oneof![
        Just(Seen::NotSent),
        Just(Seen::Lost),
        Just(Seen::TimedOut),
        asked.clone().prop_map(|retry_after| Seen::Throttled { retry_after }),
        (any::<u16>(), asked).prop_map(|(status, retry_after)| Seen::Answer { status, retry_after }),
    ]
}

fn policies() -> impl Strategy<Value = RetryPolicy> {
    (any::<u32>(), any::<Duration>(), any::<Duration>(), any::<Duration>()).prop_map(
        |(attempts, first, ceiling, patience)| RetryPolicy {
            attempts,
            first,
            ceiling,
            patience,
            ..RetryPolicy::default()
        },
    )
}

proptest! {
    #[test]
    fn a_pause_lies_between_half_and_all_of_what_has_grown(attempt in 1u32..40, jitter in 0.0..1.0f64) {
        let policy = RetryPolicy { attempts: 100, patience: Duration::MAX, ..policy() };
        let grown = seconds(2).saturating_mul(1 << (attempt - 1).min(16)).min(policy.ceiling);
        let Verdict::Again(wait) = decide(Read, Seen::Lost, attempt, &policy, jitter) else {
            return Err(TestCaseError::fail("not repeated"));
        };
        prop_assert!(wait >= grown / 2 && wait <= grown, "{:?} for {:?}", wait, grown);
    }

    #[test]
    fn nothing_panics_and_no_bound_is_crossed(
        safety in safeties(), seen in sights(), attempt in any::<u32>(), policy in policies(), jitter in any::<f64>(),
    ) {
        if let Verdict::Again(wait) = decide(safety, seen, attempt, &policy, jitter) {
            prop_assert!(attempt < policy.attempts);
            prop_assert!(wait <= policy.patience.max(policy.ceiling));
            if let Seen::Throttled { retry_after: Some(asked) } = seen {
                prop_assert!(wait >= asked);
            }
        }
    }

    #[test]
    fn a_once_is_repeated_only_when_nothing_was_done(
        seen in sights(), attempt in any::<u32>(), policy in policies(), jitter in 0.0..1.0f64,
    ) {
        let verdict = decide(Once, seen, attempt, &policy, jitter);
        if !matches!(seen, Seen::NotSent | Seen::Throttled { .. }) {
            prop_assert!(!matches!(verdict, Verdict::Again(_)));
        }
    }
}
