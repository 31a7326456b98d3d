//! How tokens are written down: JSON.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lms_core::Secret;
use serde::{Deserialize, Serialize};

use super::StoredTokens;
use crate::Tokens;

/// Times are milliseconds since 1970, UTC.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    holder: String,
    access: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
    issued_at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<u64>,
}

impl From<&StoredTokens> for Record {
    fn from(stored: &StoredTokens) -> Self {
        let StoredTokens { tokens: Tokens { access, refresh, expires_at }, holder, issued_at } = stored;
        Self {
            holder: holder.clone(),
            access: access.expose().to_owned(),
            refresh: refresh.as_ref().map(|token| token.expose().to_owned()),
            issued_at: millis(*issued_at),
            expires_at: expires_at.map(millis),
        }
    }
}

impl From<Record> for StoredTokens {
    fn from(record: Record) -> Self {
        let Record { holder, access, refresh, issued_at, expires_at } = record;
        let tokens = Tokens {
            access: Secret::new(access),
            refresh: refresh.map(Secret::new),
            expires_at: expires_at.map(time),
        };
        Self { tokens, holder, issued_at: time(issued_at) }
    }
}

fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn time(millis: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(millis)).unwrap_or(UNIX_EPOCH)
}
