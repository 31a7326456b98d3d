//! What is expected, cell by cell: `Read`, `Repeatable`, `Once`, a listing, a token request. How a cell is
//! read is said in the documentation, `docs/faults.md`.

use super::fault::{Fault, Hint};

type Cells = [&'static str; 5];
type Row = (Fault, Cells);

/// The answer says nothing that can be used, and would not the next time either.
const UNREADABLE: Cells = [
    "Protocol [200] ×1 never",
    "Protocol [200] ×1 never",
    "OutcomeUnknown [200] ×1 never",
    "1 page Protocol [200] ×2 never",
    "Protocol [200] ×1 never",
];
/// No request ever leaves.
const NOT_REACHED: Cells = [
    "Unavailable ×0 exhausted 5",
    "Unavailable ×0 exhausted 5",
    "Unavailable ×0 exhausted 5",
    "0 pages Unavailable ×0 exhausted 5",
    "Unavailable ×0 exhausted 5",
];
/// The server says when to come back.
const THROTTLED: Cells = [
    "RateLimited [429] ×5 after 30 s",
    "RateLimited [429] ×5 after 30 s",
    "RateLimited [429] ×5 after 30 s",
    "1 page RateLimited [429] ×6 after 30 s",
    "RateLimited [429] ×5 after 30 s",
];
/// Only a read without credentials may follow to another origin.
const LED_AWAY: Cells = [
    "ok ×1",
    "Protocol [302] ×1 never",
    "OutcomeUnknown [302] ×1 never",
    "1 page Protocol [200] ×2 never",
    "Protocol [302] ×1 never",
];
/// Once more, and it is done.
const RECOVERED: Cells = ["ok ×2", "ok ×2", "ok ×2", "3 pages ok ×4", "ok ×2"];
/// JSON under another media type is read; a token is not taken from it.
const OTHER_TYPE: Cells = ["ok ×1", "ok ×1", "ok ×1", "3 pages ok ×3", "Protocol [200] ×1 never"];

/// The fault is there for one request (of a listing: for its second page).
pub(super) const PASSING: &[Row] = &[
    (Fault::ResetUnread, ["ok ×1", "ok ×1", "OutcomeUnknown ×0 never", "3 pages ok ×3", "ok ×1"]),
    (Fault::ResetAfter, ["ok ×2", "ok ×2", "OutcomeUnknown ×1 never", "3 pages ok ×4", "ok ×2"]),
    (Fault::Throttled(Hint::Seconds), RECOVERED),
    (Fault::Throttled(Hint::Date), RECOVERED),
    (Fault::Throttled(Hint::None), RECOVERED),
    (Fault::Failed, ["ok ×2", "ok ×2", "OutcomeUnknown [500] ×1 never", "3 pages ok ×4", "ok ×2"]),
    (Fault::BadGateway, ["ok ×2", "ok ×2", "OutcomeUnknown [502] ×1 never", "3 pages ok ×4", "ok ×2"]),
    (Fault::Unavailable, ["ok ×2", "ok ×2", "OutcomeUnknown [503] ×1 never", "3 pages ok ×4", "ok ×2"]),
    (Fault::TruncatedJson, UNREADABLE),
    (Fault::BrokenOff, ["ok ×2", "ok ×2", "OutcomeUnknown [200] ×1 never", "3 pages ok ×4", "ok ×2"]),
    (Fault::OtherType, OTHER_TYPE),
    (Fault::HtmlPage, UNREADABLE),
    (Fault::SlowBody, ["ok ×2", "ok ×2", "OutcomeUnknown [200] ×1 never", "3 pages ok ×4", "ok ×2"]),
    (Fault::TooLong, UNREADABLE),
    (Fault::GzipBomb, UNREADABLE),
    (Fault::ExpiredToken, ["ok ×2+1", "ok ×2+1", "ok ×2+1", "3 pages ok ×4+1", "ok ×2"]),
    (Fault::ForeignRedirect, LED_AWAY),
];

/// The fault stays.
pub(super) const LASTING: &[Row] = &[
    (Fault::Refused, NOT_REACHED),
    (Fault::NoSuchName, NOT_REACHED),
    (Fault::NoTls, NOT_REACHED),
    (
        Fault::ResetUnread,
        [
            "Unavailable ×0 exhausted 5",
            "Unavailable ×0 exhausted 5",
            "OutcomeUnknown ×0 never",
            "1 page Unavailable ×1 exhausted 5",
            "Unavailable ×0 exhausted 5",
        ],
    ),
    (
        Fault::ResetAfter,
        [
            "Unavailable ×5 exhausted 5",
            "Unavailable ×5 exhausted 5",
            "OutcomeUnknown ×1 never",
            "1 page Unavailable ×6 exhausted 5",
            "Unavailable ×5 exhausted 5",
        ],
    ),
    (Fault::Throttled(Hint::Seconds), THROTTLED),
    (Fault::Throttled(Hint::Date), THROTTLED),
    (
        Fault::Throttled(Hint::None),
        [
            "RateLimited [429] ×5 exhausted 5",
            "RateLimited [429] ×5 exhausted 5",
            "RateLimited [429] ×5 exhausted 5",
            "1 page RateLimited [429] ×6 exhausted 5",
            "RateLimited [429] ×5 exhausted 5",
        ],
    ),
    (
        Fault::Failed,
        [
            "Unavailable [500] ×5 exhausted 5",
            "Unavailable [500] ×5 exhausted 5",
            "OutcomeUnknown [500] ×1 never",
            "1 page Unavailable [500] ×6 exhausted 5",
            "Unavailable [500] ×5 exhausted 5",
        ],
    ),
    (
        Fault::BadGateway,
        [
            "Unavailable [502] ×5 exhausted 5",
            "Unavailable [502] ×5 exhausted 5",
            "OutcomeUnknown [502] ×1 never",
            "1 page Unavailable [502] ×6 exhausted 5",
            "Unavailable [502] ×5 exhausted 5",
        ],
    ),
    (
        Fault::Unavailable,
        [
            "Unavailable [503] ×5 exhausted 5",
            "Unavailable [503] ×5 exhausted 5",
            "OutcomeUnknown [503] ×1 never",
            "1 page Unavailable [503] ×6 exhausted 5",
            "Unavailable [503] ×5 exhausted 5",
        ],
    ),
    (Fault::TruncatedJson, UNREADABLE),
    (
        Fault::BrokenOff,
        [
            "Unavailable [200] ×5 exhausted 5",
            "Unavailable [200] ×5 exhausted 5",
            "OutcomeUnknown [200] ×1 never",
            "1 page Unavailable [200] ×6 exhausted 5",
            "Unavailable [200] ×5 exhausted 5",
        ],
    ),
    (Fault::OtherType, OTHER_TYPE),
    (Fault::HtmlPage, UNREADABLE),
    (
        Fault::SlowBody,
        [
            "Timeout [200] ×5 exhausted 5",
            "Timeout [200] ×5 exhausted 5",
            "OutcomeUnknown [200] ×1 never",
            "1 page Timeout [200] ×6 exhausted 5",
            "Timeout [200] ×5 exhausted 5",
        ],
    ),
    (Fault::TooLong, UNREADABLE),
    (Fault::GzipBomb, UNREADABLE),
    (
        Fault::ExpiredToken,
        [
            "Unauthenticated [401] ×2+1 never",
            "Unauthenticated [401] ×2+1 never",
            "Unauthenticated [401] ×2+1 never",
            "1 page Unauthenticated [401] ×3+1 never",
            "Unauthenticated [401] ×2 never",
        ],
    ),
    (Fault::ForeignRedirect, LED_AWAY),
    (Fault::ForeignNext, ["–", "–", "–", "1 page Protocol ×1 never", "–"]),
    (Fault::RepeatedCursor, ["–", "–", "–", "2 pages Protocol ×2 never", "–"]),
    (Fault::SamePageForEver, ["–", "–", "–", "1 page Protocol [200] ×2 never", "–"]),
    (Fault::EmptyPagesForEver, ["–", "–", "–", "2 pages Protocol [200] ×3 never", "–"]),
    (Fault::NewPagesForEver, ["–", "–", "–", "6 pages Protocol ×6 never", "–"]),
];
