//! Watching what a client sends.

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::{Method, Safety};

/// Told of every attempt. For progress displays, journals and tests.
pub trait Observer: Debug + Send + Sync {
    /// An attempt ended. Called on the task that sends; should return quickly.
    fn request(&self, event: &RequestEvent);
}

/// One attempt, without anything secret: no query, no header, no body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestEvent {
    /// The HTTP method.
    pub method: Method,
    /// The template of the path ([`crate::Route`]): ids and the query are not in it.
    pub route: String,
    /// The operation that sent it, such as `"courses.list"`.
    pub operation: &'static str,
    /// How safe the request was said to be.
    pub safety: Safety,
    /// The status of the answer; `None` if none came.
    pub status: Option<u16>,
    /// Counted from 1.
    pub attempt: u32,
    /// The pause before the next attempt; `None` when this was the last.
    pub wait: Option<Duration>,
    /// Length of the answer in bytes; 0 for a streamed one.
    pub bytes: u64,
}

/// Requests sent so far: attempts and followed redirects, without those for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Requests of [`Safety::Read`].
    pub read: u64,
    /// All others.
    pub write: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    read: AtomicU64,
    write: AtomicU64,
}

impl Counters {
    pub(crate) fn count(&self, safety: Safety) {
        let counter = match safety {
            Safety::Read => &self.read,
            Safety::Repeatable | Safety::Once => &self.write,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats { read: self.read.load(Ordering::Relaxed), write: self.write.load(Ordering::Relaxed) }
    }
}
