//! Open edX as a provider of [`lms_core`]: a site (its LMS and its Studio) and OLX courses in files.
//!
//! [`OpenEdxBuilder`] makes an [`OpenEdx`]; everything else goes through the traits of `lms-core`, and
//! what these do not cover through [`OpenEdx::raw`].
//!
//! [`OpenEdx`] is a site. Tokens come from the LMS and open both hosts; reading a whole course and leaving
//! one need the account's name and password too, since the platform takes no token for them.
//!
//! [`OlxArchive`] reads and writes a course as files: a folder or the `.tar.gz` that Studio imports and
//! exports. What Open edX knows and the neutral model does not is kept in the extras of each node, so
//! that reading and writing an unchanged course loses nothing.
//!
//! # How things map
//! * Section, lesson and step are chapter, sequential and vertical. A problem with several inputs is
//!   several exercises of one task.
//! * A course is read by exporting it from Studio and written by importing an archive into it: no
//!   other interface carries the whole of it. An import replaces the course, so single nodes cannot be
//!   changed in place.
//! * A course without an id of its own becomes `course-v1:ORG+TITLE+1`, or the next number that is free.
//! * A task's id is the last part of the problem's usage key, or the whole key; its parts are called as
//!   the inputs of the form are, without `input_`.
//! * A submission's id is the number of the attempt: the platform keeps the latest answer only.
//!
//! # Sign-in
//! A token opens what the platform's programs use: courses, enrollments, accounts, problems, grades, and
//! imports. Studio's export takes a session alone, so reading a whole course needs the account's name and
//! password; so does leaving a course oneself.
//!
//! # Rights
//! Creating and importing courses, lists of people and of grades are for staff.

mod accounts;
mod archive_provider;
mod auth;
mod authoring;
mod builder;
mod check;
mod convert;
mod courses;
mod dialect;
mod enrollments;
mod grades;
mod keys;
mod olx;
mod options;
mod pace;
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
pub use builder::OpenEdxBuilder;
pub use check::{CheckOptions, Defect, Harm, Rule};
pub use options::OpenEdxKey;
pub use pace::Throttled;
pub use provider::OpenEdx;
pub use raw::Host;
