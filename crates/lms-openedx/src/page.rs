//! Dates and listings as the platform writes them.

use lms_core::{Error, ErrorKind, Platform, Result, Timestamp};
use lms_http::Paging;

/// The course list: `next` under `pagination` (reference openedx.md 2). What the account may not see is left
/// out after the pages are cut, so pages are short or empty in the middle.
pub(crate) fn namespaced() -> Paging {
    Paging::namespaced()
}

/// Enrollments and grades: `next` at the top, a cursor in it.
pub(crate) fn cursor() -> Paging {
    Paging::next_link()
}

/// A date as the platform writes it: RFC 3339, leniently.
pub(crate) fn date(text: Option<&str>) -> Result<Option<Timestamp>> {
    text.filter(|t| !t.is_empty())
        .map(|t| {
            t.parse().map_err(|e: Error| {
                Error::new(ErrorKind::Protocol, "a date cannot be read")
                    .at(Platform::OpenEdx, "decode")
                    .on(t)
                    .with_source(e)
            })
        })
        .transpose()
}
