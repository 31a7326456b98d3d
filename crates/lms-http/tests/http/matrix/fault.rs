//! What may go wrong.

use std::fmt;
use std::io::Write;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use lms_http::Clock;
use lms_http::testing::ManualClock;
use serde_json::json;

use super::secret::{ACCESS, CSRF, EMAIL, NEW_SESSION, PASSWORD};
use super::server::{Act, Answer};

/// The pause that servers ask for.
pub(crate) const ASKED: Duration = Duration::from_secs(30);
/// The longest answer that the clients take.
pub(crate) const MOST: u64 = 32 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Fault {
    Refused,
    NoSuchName,
    NoTls,
    ResetUnread,
    ResetAfter,
    Throttled(Hint),
    Failed,
    BadGateway,
    Unavailable,
    TruncatedJson,
    BrokenOff,
    OtherType,
    HtmlPage,
    SlowBody,
    TooLong,
    GzipBomb,
    ExpiredToken,
    ForeignRedirect,
    ForeignNext,
    RepeatedCursor,
    SamePageForEver,
    EmptyPagesForEver,
    NewPagesForEver,
}

/// What `Retry-After` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Hint {
    Seconds,
    Date,
    None,
}

impl Fault {
    pub(crate) const ALL: [Self; 25] = [
        Self::Refused,
        Self::NoSuchName,
        Self::NoTls,
        Self::ResetUnread,
        Self::ResetAfter,
        Self::Throttled(Hint::Seconds),
        Self::Throttled(Hint::Date),
        Self::Throttled(Hint::None),
        Self::Failed,
        Self::BadGateway,
        Self::Unavailable,
        Self::TruncatedJson,
        Self::BrokenOff,
        Self::OtherType,
        Self::HtmlPage,
        Self::SlowBody,
        Self::TooLong,
        Self::GzipBomb,
        Self::ExpiredToken,
        Self::ForeignRedirect,
        Self::ForeignNext,
        Self::RepeatedCursor,
        Self::SamePageForEver,
        Self::EmptyPagesForEver,
        Self::NewPagesForEver,
    ];

    /// Whether it is about listings alone.
    pub(crate) fn is_of_listings(self) -> bool {
        matches!(
            self,
            Self::ForeignNext
                | Self::RepeatedCursor
                | Self::SamePageForEver
                | Self::EmptyPagesForEver
                | Self::NewPagesForEver
        )
    }

    /// Whether it ends by a limit in real time.
    pub(crate) fn is_timed(self) -> bool {
        self == Self::SlowBody
    }

    /// Whether there is no server to begin with, so that it cannot pass.
    pub(crate) fn is_of_the_address(self) -> bool {
        matches!(self, Self::Refused | Self::NoSuchName | Self::NoTls)
    }

    /// What the server does instead of what is normal. Answers quote what was sent to them, as careless
    /// servers do.
    pub(crate) fn act(self, clock: &Arc<ManualClock>, foreign: &str) -> Act {
        let echo = json!({
            "detail": format!("{EMAIL} may not do this with {ACCESS}"), "email": EMAIL, "password": PASSWORD,
            "csrf_token": CSRF, "access_token": ACCESS, "error": "invalid_grant",
            "error_description": format!("{EMAIL} came with {ACCESS}"),
        });
        let page = format!(
            "<!DOCTYPE html><html><head><title>Sign in</title></head><body>{EMAIL} {ACCESS}</body></html>"
        );
        let good = json!({"id": 7, "email": EMAIL, "results": [], "next": null}).to_string();
        let answer =
            |status| Answer::json(status, &echo).header("set-cookie", format!("sessionid={NEW_SESSION}"));
        Act::Answer(match self {
            Self::ResetUnread => return Act::ResetUnread,
            Self::ResetAfter => return Act::ResetAfter,
            Self::BrokenOff => return Act::BreakOff(answer(200)),
            Self::SlowBody => return Act::Stall(answer(200)),
            Self::NoTls => return Act::Chatter,
            Self::Throttled(Hint::Seconds) => answer(429).header("retry-after", ASKED.as_secs()),
            Self::Throttled(Hint::Date) => answer(429).header("retry-after", http_date(clock.now() + ASKED)),
            Self::Throttled(Hint::None) => answer(429),
            Self::Failed => answer(500),
            Self::BadGateway => Answer::new(502, "text/html", page),
            Self::Unavailable => answer(503),
            Self::TruncatedJson => Answer::json(200, good.trim_end_matches('}')),
            Self::OtherType => return Act::Normal,
            Self::HtmlPage => Answer::new(200, "text/html; charset=utf-8", page),
            Self::TooLong => Answer::json(200, format!("{good}{}", " ".repeat(MOST as usize))),
            Self::GzipBomb => Answer::json(200, "").header("content-encoding", "gzip").with(bomb()),
            Self::ExpiredToken => answer(401),
            Self::ForeignRedirect => answer(302).header("location", format!("{foreign}/elsewhere")),
            Self::Refused
            | Self::NoSuchName
            | Self::ForeignNext
            | Self::RepeatedCursor
            | Self::SamePageForEver
            | Self::EmptyPagesForEver
            | Self::NewPagesForEver => return Act::Normal,
        })
    }
}

impl Answer {
    fn with(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "connection refused",
            Self::NoSuchName => "no such host (DNS)",
            Self::NoTls => "no TLS where https is expected",
            Self::ResetUnread => "reset before the request is read",
            Self::ResetAfter => "reset after the request is carried out",
            Self::Throttled(Hint::Seconds) => "429, `Retry-After` in seconds",
            Self::Throttled(Hint::Date) => "429, `Retry-After` as a date",
            Self::Throttled(Hint::None) => "429 without `Retry-After`",
            Self::Failed => "500",
            Self::BadGateway => "502 with an HTML page",
            Self::Unavailable => "503",
            Self::TruncatedJson => "200, the JSON is cut off",
            Self::BrokenOff => "200, the connection ends within the body",
            Self::OtherType => "200, JSON called `text/html`",
            Self::HtmlPage => "200 with an HTML page",
            Self::SlowBody => "200, the body stops coming",
            Self::TooLong => "200, a body over the limit",
            Self::GzipBomb => "200, a gzip bomb",
            Self::ExpiredToken => "401, the token has expired",
            Self::ForeignRedirect => "302 to another origin",
            Self::ForeignNext => "the next page is at another origin",
            Self::RepeatedCursor => "the cursor repeats",
            Self::SamePageForEver => "`has_next` for ever, the same page",
            Self::EmptyPagesForEver => "`has_next` for ever, empty pages",
            Self::NewPagesForEver => "`has_next` for ever, new pages",
        })
    }
}

/// 8 MiB of zeros in some kilobytes.
fn bomb() -> Vec<u8> {
    static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&vec![b'0'; 8 << 20]).expect("into memory");
        gzip.finish().expect("into memory")
    });
    BOMB.clone()
}

fn http_date(at: SystemTime) -> String {
    httpdate::fmt_http_date(at)
}
