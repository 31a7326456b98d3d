//! The record of what was asked.

use std::sync::{Arc, Mutex, PoisonError};

/// One request that a server received. Holds neither headers nor bodies, so no secret can leak through it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// HTTP method in capitals.
    pub method: String,
    /// Path with its leading slash, as the client wrote it (still percent-encoded).
    pub path: String,
    /// Query without the question mark; empty when there is none.
    pub query: String,
    /// Status that was answered; 0 when the connection was dropped by a fault instead.
    pub status: u16,
}

impl Entry {
    fn is_read(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "PROPFIND")
    }

    /// Token requests are POSTs that change no course; counting them as writes would make an idle second run look busy.
    fn is_token_request(&self) -> bool {
        self.path.starts_with("/oauth2/")
    }
}

/// Every request that a server received, in order of completion. Clones share the same record.
#[derive(Debug, Clone, Default)]
pub struct RequestLog(Arc<Mutex<Vec<Entry>>>);

impl RequestLog {
    /// A copy of all entries so far.
    pub fn entries(&self) -> Vec<Entry> {
        self.with(|entries| entries.clone())
    }

    /// How many requests only read (GET, HEAD, OPTIONS, PROPFIND), OAuth requests left out.
    pub fn reads(&self) -> usize {
        self.with(|entries| entries.iter().filter(|e| e.is_read() && !e.is_token_request()).count())
    }

    /// How many requests could change something (all other methods), OAuth requests left out.
    pub fn writes(&self) -> usize {
        self.with(|entries| entries.iter().filter(|e| !e.is_read() && !e.is_token_request()).count())
    }

    /// Forgets all entries.
    pub fn clear(&self) {
        self.with(Vec::clear);
    }

    /// How many requests had this method and a path that starts with `path_prefix`.
    pub fn count(&self, method: &str, path_prefix: &str) -> usize {
        self.with(|entries| {
            entries.iter().filter(|e| e.method == method && e.path.starts_with(path_prefix)).count()
        })
    }

    pub(crate) fn record(&self, entry: Entry) {
        self.with(|entries| entries.push(entry));
    }

    fn with<T>(&self, use_entries: impl FnOnce(&mut Vec<Entry>) -> T) -> T {
        use_entries(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
