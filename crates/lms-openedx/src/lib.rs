//! Open edX (LMS and Studio) and OLX archives as providers.
//!
//! [`OlxArchive`] reads and writes a course as files: a folder or the `.tar.gz` that Studio imports and
//! exports. What Open edX knows and the neutral model does not is kept in the extras of each node, so
//! that reading and writing an unchanged course loses nothing.

mod archive_provider;
mod convert;
mod olx;

pub use archive_provider::{ArchiveForm, OlxArchive, looks_like_olx};
