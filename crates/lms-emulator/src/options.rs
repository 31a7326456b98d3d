//! What can be chosen when an emulator starts.

use std::path::PathBuf;
use std::time::Duration;

use crate::fault::FaultRule;
use crate::throttle::Throttle;

/// What can be chosen when an emulator starts. `Options::default()` suits tests: a free port, small pages, no delay
/// beyond the short one that keeps asynchronous work visibly asynchronous.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// Objects per page. Small on purpose, so that a client that forgets to page is found out.
    pub page_size: usize,
    /// Time that every request waits before it is handled.
    pub latency: Duration,
    /// How long the platform's own background work takes: step preparation, grading, course import.
    pub background_delay: Duration,
    /// How long an access token lives. Answers state it in whole seconds, at least 1.
    pub token_lifetime: Duration,
    /// Misbehaviour that is armed from the start; see [`Faults`](crate::Faults) for turning it while running.
    pub faults: Vec<FaultRule>,
    /// How many requests the server takes; `None` for any number.
    pub throttle: Option<Throttle>,
    /// Files or folders whose content the platform holds from the start.
    pub load: Vec<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            page_size: 4,
            latency: Duration::ZERO,
            background_delay: Duration::from_millis(30),
            token_lifetime: Duration::from_secs(36_000),
            faults: Vec::new(),
            throttle: None,
            load: Vec::new(),
        }
    }
}
