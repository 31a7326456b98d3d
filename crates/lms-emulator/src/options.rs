//! What can be chosen when an emulator starts.

use std::fmt;
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
    /// A large synthetic course that the platform holds from the start. Stepik only.
    pub scale: Option<Scale>,
    /// Ordinary accounts that the platform holds from the start, beside its own; they are in no course and nobody
    /// knows their passwords. See [`synthetic_person`].
    pub people: usize,
}

/// User name and address of one of [`Options::people`], counted from 1: `person00001`, `person00001@example.org`.
pub fn synthetic_person(number: usize) -> (String, String) {
    let name = format!("person{number:05}");
    let address = format!("{name}@example.org");
    (name, address)
}

/// The size of a synthetic course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// 15 sections, 100 lessons, 1,000 steps.
    M,
    /// 40 sections, 400 lessons, 5,000 steps.
    L,
    /// 400 sections, 4,000 lessons, 50,000 steps.
    XL,
}

impl Scale {
    /// How many sections the course has.
    pub fn sections(self) -> usize {
        match self {
            Self::M => 15,
            Self::L => 40,
            Self::XL => 400,
        }
    }

    /// How many lessons the course has, in all sections.
    pub fn lessons(self) -> usize {
        match self {
            Self::M => 100,
            Self::L => 400,
            Self::XL => 4_000,
        }
    }

    /// How many steps the course has, in all lessons.
    pub fn steps(self) -> usize {
        match self {
            Self::M => 1_000,
            Self::L => 5_000,
            Self::XL => 50_000,
        }
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::M => "M",
            Self::L => "L",
            Self::XL => "XL",
        })
    }
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
            scale: None,
            people: 0,
        }
    }
}
