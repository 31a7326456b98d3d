//! Open edX (LMS and Studio) and OLX archives as providers.

mod accounts;
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
mod stand_in;
mod submissions;
mod tasks;
mod wire;

pub use builder::{OpenEdxBuilder, OpenEdxKey};
pub use provider::OpenEdx;
pub use raw::Host;
pub use stand_in::OlxArchive;
