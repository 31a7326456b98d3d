//! An instant, in a type of our own so that the date library stays out of public signatures.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// An instant in UTC. Written and read as RFC 3339 (`2025-09-01T00:00:00Z`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The instant this many seconds after 1970-01-01T00:00:00Z; `None` outside years −9999 to 9999.
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        jiff::Timestamp::from_second(seconds).ok().map(Self)
    }

    /// Whole seconds since 1970-01-01T00:00:00Z.
    pub fn as_unix_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// Reads a date and time without zone (`2025-09-01 10:00:00`, `2025-09-01`) as UTC.
    ///
    /// # Errors
    /// `InvalidInput` when it is no date.
    pub fn from_naive(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let date_time = text
            .parse::<jiff::civil::DateTime>()
            .or_else(|_| text.parse::<jiff::civil::Date>().map(Into::into))
            .map_err(|e| Error::invalid("not a date and time").on(text).with_source(e))?;
        date_time
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map(|zoned| Self(zoned.timestamp()))
            .map_err(|e| Error::invalid("not a date and time").on(text).with_source(e))
    }

    /// The instant as a UTC date and time without zone, to the second: `2025-09-01 10:00:00`.
    pub fn to_naive(self) -> String {
        self.0.strftime("%Y-%m-%d %H:%M:%S").to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(s: &str) -> Result<Self, Error> {
        s.trim()
            .parse()
            .map(Self)
            .map_err(|e| Error::invalid("not an RFC 3339 date and time").on(s).with_source(e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_forms_and_writes_them_back() {
        let at: Timestamp = "2025-09-01T12:00:00+02:00".parse().expect("RFC 3339");
        assert_eq!(at.to_string(), "2025-09-01T10:00:00Z");
        assert_eq!(at, Timestamp::from_naive("2025-09-01 10:00:00").expect("naive"));
        assert_eq!(at.to_naive(), "2025-09-01 10:00:00");
        assert!(Timestamp::from_naive("01/09/2025").is_err());
    }
}
