//! A thousand reads of a server that takes few: nothing fails, and the client learns the pace.
//!
//! In virtual time: the runtime's clock is paused and jumps to the next timer whenever all tasks wait.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt};
use lms_core::Platform;
use lms_emulator::stepik::StepikEmulator;
use lms_emulator::{Options, Throttle};
use lms_http::testing::TimerClock;
use lms_http::{Client, HttpOptions, Pace, Quota, Rate};
use tokio::time::Instant;

/// What is known of Stepik: a client of its partners keeps to bursts of 10 and about 2 requests a second
/// (reference stepik.md 1.6). Here the server becomes faster later.
fn bucket(says_when: bool) -> Throttle {
    let later = Some((Duration::from_secs(180), 10.0));
    Throttle { burst: 10, per_second: 2.0, later, says_when }
}

struct Passed {
    /// Seconds since the start, and whether it was refused, for each answer of the server.
    answers: Vec<(f64, bool)>,
    failed: usize,
    seconds: f64,
}

async fn storm(throttle: Throttle, reads: usize) -> Passed {
    let emulator = StepikEmulator::start(Options { throttle: Some(throttle), ..Options::default() })
        .await
        .expect("an emulator");
    let options = HttpOptions { clock: Arc::new(TimerClock::new()), ..HttpOptions::default() };
    let base = emulator.url().parse().expect("its address");
    let client = Client::builder(Platform::Stepik, base).options(&options).build().expect("a client");
    let (start, mut answers, mut seen) = (Instant::now(), Vec::new(), 0);
    let mut reading = stream::iter(0..reads)
        .map(|_| client.get("/api/courses").operation("storm").send())
        .buffer_unordered(32);
    let mut failed = 0;
    while let Some(read) = reading.next().await {
        failed += usize::from(read.is_err());
        let log = emulator.log().entries();
        let now = start.elapsed().as_secs_f64();
        answers.extend(log[seen..].iter().map(|entry| (now, entry.status == 429)));
        seen = log.len();
    }
    Passed { answers, failed, seconds: start.elapsed().as_secs_f64() }
}

fn share_refused(answers: &[(f64, bool)], from: f64) -> f64 {
    let later: Vec<bool> = answers.iter().filter(|(at, _)| *at > from).map(|(_, refused)| *refused).collect();
    later.iter().filter(|refused| **refused).count() as f64 / later.len() as f64
}

#[tokio::test(start_paused = true)]
async fn a_thousand_reads_of_a_slow_server_all_succeed_and_few_are_refused() {
    for says_when in [true, false] {
        let passed = storm(bucket(says_when), 1_000).await;
        let share = share_refused(&passed.answers, 60.0);
        println!(
            "Retry-After {says_when}: {} answers in {:.0} s of virtual time, {:.1} % refused after the first minute, {} failed",
            passed.answers.len(),
            passed.seconds,
            share * 100.0,
            passed.failed
        );
        assert_eq!(passed.failed, 0);
        assert!(passed.answers.len() >= 1_000);
        assert!(share <= 0.05, "{share}");
        // The server would have taken 360 in the slow stretch and 640 in 64 s more.
        assert!(passed.seconds < 2.0 * 244.0, "{} s", passed.seconds);
    }
}

#[tokio::test(start_paused = true)]
async fn a_known_quota_is_never_overrun() {
    let emulator = StepikEmulator::start(Options::default()).await.expect("an emulator");
    let quota = Quota { operations: &["enroll"], rate: Rate::per_minute(40) };
    let options = HttpOptions {
        clock: Arc::new(TimerClock::new()),
        pace: Some(Pace { quotas: vec![quota], ..Pace::default() }),
        ..HttpOptions::default()
    };
    let base = emulator.url().parse().expect("its address");
    let client = Client::builder(Platform::Stepik, base).options(&options).build().expect("a client");
    let planned = client.planned("enroll", 200);
    assert_eq!(planned, Duration::from_secs(240));
    let start = Instant::now();
    let all = stream::iter(0..200).map(|_| client.get("/api/courses").operation("enroll").send());
    let done: Vec<_> = all.buffer_unordered(8).collect().await;
    assert!(done.iter().all(Result::is_ok));
    let taken = start.elapsed();
    assert!(taken >= planned && taken < planned + Duration::from_secs(5), "{taken:?}");
    assert!(client.planned("enroll", 1) > Duration::from_secs(50), "the window is full");
    assert_eq!(client.planned("other", 1_000), Duration::ZERO);
}
