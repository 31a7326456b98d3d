//! What is expected, cell by cell: `Read`, `Repeatable`, `Once`, a listing, a token request. How a cell is
//! read is said in the documentation, `docs/faults.md`.

use super::fault::{Fault, Hint};

type Row = (Fault, [&'static str; 5]);

/// The fault is there for one request (of a listing: for its second page).
pub(super) const PASSING: &[Row] = &[
    (Fault::ResetUnread, ["ok ×1", "ok ×1", "OutcomeUnknown ×0 never", "3 pages ok ×3", "ok ×1"]),
    (Fault::ResetAfter, ["ok ×2", "ok ×2", "OutcomeUnknown ×1 never", "3 pages ok ×4", "ok ×2"]),
    (Fault::Throttled(Hint::Seconds), ["ok ×2", "ok ×2", "ok ×2", "3 pages ok ×4", "ok ×2"]),
    (Fault::Throttled(Hint::Date), ["ok ×2", "ok ×2", "ok ×2", "3 pages ok ×4", "ok ×2"]),
    (Fault::Throttled(Hint::None), ["ok ×2", "ok ×2", "ok ×2", "3 pages ok ×4", "ok ×2"]),
    (Fault::Failed, ["ok ×2", "ok ×2", "OutcomeUnknown [500] ×1 never", "3 pages ok ×4", "ok ×2"]),
    (Fault::BadGateway, ["ok ×2", "ok ×2", "OutcomeUnknown [502] ×1 never", "3 pages ok ×4", "ok ×2"]),
    (Fault::Unavailable, ["ok ×2", "ok ×2", "OutcomeUnknown [503] ×1 never", "3 pages ok ×4", "ok ×2"]),
    (
        Fault::TruncatedJson,
        [
            "Protocol [200] ×1 never",
            "Protocol [200] ×1 never",
            "OutcomeUnknown [200] ×1 never",
            "1 page Protocol [200] ×2 never",
            "Protocol [200] ×1 never",
        ],
    ),
    (Fault::BrokenOff, ["ok ×2", "ok ×2", "OutcomeUnknown [200] ×1 never", "3 pages ok ×4", "ok ×2"]),
    (Fault::OtherType, ["ok ×1", "ok ×1", "ok ×1", "3 pages ok ×3", "Protocol [200] ×1 never"]),
    (
        Fault::HtmlPage,
        [
            "Protocol [200] ×1 never",
            "Protocol [200] ×1 never",
            "OutcomeUnknown [200] ×1 never",
            "1 page Protocol [200] ×2 never",
            "Protocol [200] ×1 never",
        ],
    ),
    (Fault::SlowBody, ["ok ×2", "ok ×2", "OutcomeUnknown [200] ×1 never", "3 pages ok ×4", "ok ×2"]),
    (
        Fault::TooLong,
        [
            "Protocol [200] ×1 never",
            "Protocol [200] ×1 never",
            "OutcomeUnknown [200] ×1 never",
            "1 page Protocol [200] ×2 never",
            "Protocol [200] ×1 never",
        ],
    ),
    (
        Fault::GzipBomb,
        [
            "Protocol [200] ×1 never",
            "Protocol [200] ×1 never",
            "OutcomeUnknown [200] ×1 never",
            "1 page Protocol [200] ×2 never",
            "Protocol [200] ×1 never",
        ],
    ),
    (Fault::ExpiredToken, ["ok ×2+1", "ok ×2+1", "ok ×2+1", "3 pages ok ×4+1", "ok ×2"]),
    (
        Fault::ForeignRedirect,
        [
            "ok ×1",
            "Protocol [302] ×1 never",
            "OutcomeUnknown [302] ×1 never",
            "1 page Protocol [200] ×2 never",
            "Protocol [302] ×1 never",
        ],
    ),
];

/// The fault stays.
pub(super) const LASTING: &[Row] = &[
    (
        Fault::Refused,
        [
            "Unavailable ×0 exhausted 5",
            "Unavailable ×0 exhausted 5",
            "Unavailable ×0 exhausted 5",
            "0 pages Unavailable ×0 exhausted 5",
            "Unavailable ×0 exhausted 5",
        ],
    ),
    (
        Fault::NoSuchName,
        [
            "Unavailable ×0 exhausted 5",
            "Unavailable ×0 exhausted 5",
            "Unavailable ×0 exhausted 5",
            "0 pages Unavailable ×0 exhausted 5",
            "Unavailable ×0 exhausted 5",
        ],
    ),
    (
        Fault::NoTls,
        [
            "Unavailable ×0 exhausted 5",
            "Unavailable ×0 exhausted 5",
            "Unavailable ×0 exhausted 5",
            "0 pages Unavailable ×0 exhausted 5",
            "Unavailable ×0 exhausted 5",
        ],
    ),
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
    (
        Fault::Throttled(Hint::Seconds),
        [
            "RateLimited [429] ×5 after 30 s",
            "RateLimited [429] ×5 after 30 s",
            "RateLimited [429] ×5 after 30 s",
            "1 page RateLimited [429] ×6 after 30 s",
            "RateLimited [429] ×5 after 30 s",
        ],
    ),
    (
        Fault::Throttled(Hint::Date),
        [
            "RateLimited [429] ×5 after 30 s",
            "RateLimited [429] ×5 after 30 s",
            "RateLimited [429] ×5 after 30 s",
            "1 page RateLimited [429] ×6 after 30 s",
            "RateLimited [429] ×5 after 30 s",
        ],
    ),
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
    (
        Fault::TruncatedJson,
        [
            "Protocol [200] ×1 never",
            "Protocol [200] ×1 never",
            "OutcomeUnknown [200] ×1 never",
            "1 page Protocol [200] ×2 never",
            "Protocol [200] ×1 never",
        ],
    ),
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
    (Fault::OtherType, ["ok ×1", "ok ×1", "ok ×1", "3 pages ok ×3", "Protocol [200] ×1 never"]),
    (
        Fault::HtmlPage,
        [
            "Protocol [200] ×1 never",
            "Protocol [200] ×1 never",
            "OutcomeUnknown [200] ×1 never",
            "1 page Protocol [200] ×2 never",
            "Protocol [200] ×1 never",
        ],
    ),
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
    (
        Fault::TooLong,
        [
            "Protocol [200] ×1 never",
            "Protocol [200] ×1 never",
            "OutcomeUnknown [200] ×1 never",
            "1 page Protocol [200] ×2 never",
            "Protocol [200] ×1 never",
        ],
    ),
    (
        Fault::GzipBomb,
        [
            "Protocol [200] ×1 never",
            "Protocol [200] ×1 never",
            "OutcomeUnknown [200] ×1 never",
            "1 page Protocol [200] ×2 never",
            "Protocol [200] ×1 never",
        ],
    ),
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
    (
        Fault::ForeignRedirect,
        [
            "ok ×1",
            "Protocol [302] ×1 never",
            "OutcomeUnknown [302] ×1 never",
            "1 page Protocol [200] ×2 never",
            "Protocol [302] ×1 never",
        ],
    ),
    (Fault::ForeignNext, ["–", "–", "–", "1 page Protocol ×1 never", "–"]),
    (Fault::RepeatedCursor, ["–", "–", "–", "2 pages Protocol ×2 never", "–"]),
    (Fault::SamePageForEver, ["–", "–", "–", "1 page Protocol [200] ×2 never", "–"]),
    (Fault::EmptyPagesForEver, ["–", "–", "–", "2 pages Protocol [200] ×3 never", "–"]),
    (Fault::NewPagesForEver, ["–", "–", "–", "6 pages Protocol ×6 never", "–"]),
];
