//! How fast a server is asked: requests at once, requests in a time, and what is left after it has
//! said that it is too much.
//!
//! The platform's preset ([`Pace`]) is where it begins. A 429 or 503 makes a lane slower at once, each
//! success a little faster again, up to the preset.

mod lane;
mod learned;
mod window;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use url::Url;

pub(crate) use self::lane::Lane;
use crate::target;

/// So many in so much time. Counted as most servers count: in any stretch of that length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    /// How many; 0 counts as 1.
    pub requests: u32,
    /// In which time.
    pub per: Duration,
}

impl Rate {
    /// So many in a second.
    pub const fn per_second(requests: u32) -> Self {
        Self { requests, per: Duration::from_secs(1) }
    }

    /// So many in a minute.
    pub const fn per_minute(requests: u32) -> Self {
        Self { requests, per: Duration::from_secs(60) }
    }
}

/// A limit of the platform on some of its operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// The operations that share it, by the names that requests are given
    /// ([`crate::RequestBuilder::operation`]).
    pub operations: &'static [&'static str],
    /// How many of them it takes.
    pub rate: Rate,
}

/// How a platform is asked: a preset, from what is known of its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// Requests under way at once, at most; 0 counts as 1.
    pub concurrency: usize,
    /// All requests together; `None` where no limit is known.
    pub rate: Option<Rate>,
    /// Single operations.
    pub quotas: Vec<Quota>,
    /// The longest wait for a turn. A request that would wait longer is not sent: it fails with
    /// `RateLimited` and `Retry::After`.
    pub patience: Duration,
}

impl Default for Pace {
    /// Eight at once, no limits known, ten minutes of patience.
    fn default() -> Self {
        Self { concurrency: 8, rate: None, quotas: Vec::new(), patience: Duration::from_secs(600) }
    }
}

/// What is known of the pace of each origin. Clones share it; clients that share one pace themselves
/// together, as many courses in one run should.
#[derive(Clone, Default)]
pub struct Pacer(Arc<Mutex<HashMap<String, Arc<Lane>>>>);

impl Pacer {
    /// Nothing known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The lane of an origin; the first to ask sets its pace.
    pub(crate) fn lane(&self, url: &Url, pace: &Pace) -> Arc<Lane> {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry(target::origin(url)).or_insert_with(|| Arc::new(Lane::new(pace.clone())));
        Arc::clone(lane)
    }
}

impl fmt::Debug for Pacer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_tuple("Pacer").field(&lanes.keys().collect::<Vec<_>>()).finish()
    }
}
