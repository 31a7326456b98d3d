//! Open edX (LMS and Studio) and OLX archives as providers.
//!
//! [`OpenEdx`] is a site. Tokens come from the LMS and open both hosts; reading a whole course and leaving
//! one need the account's name and password too, since the platform takes no token for them.
//!
//! [`OlxArchive`] reads and writes a course as files: a folder or the `.tar.gz` that Studio imports and
//! exports. What Open edX knows and the neutral model does not is kept in the extras of each node, so
//! that reading and writing an unchanged course loses nothing.

mod accounts;
mod archive_provider;
mod auth;
mod authoring;
mod builder;
mod convert;
mod courses;
mod dialect;
mod enrollments;
mod grades;
mod keys;
mod olx;
mod page;
mod problem_page;
mod provider;
mod raw;
#[cfg(test)]
mod recorded;
mod registration;
mod session;
mod submissions;
mod tasks;
mod wire;

pub use archive_provider::{ArchiveForm, OlxArchive, looks_like_olx};
pub use builder::{OpenEdxBuilder, OpenEdxKey};
pub use provider::OpenEdx;
pub use raw::Host;
