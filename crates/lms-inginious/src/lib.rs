//! INGInious and its course folders as providers.
//!
//! [`Inginious`] is a site, through its API and its web forms: courses, tasks, answers, marks.
//! [`FolderCourse`] is a course folder or a `.zip` of one: the whole course with answers and run
//! scripts, read and written.
//!
//! # What it does not do
//! It starts no container and runs no script. It reads the structure of a site's course only from
//! files: the API does not tell it (reference inginious.md 4).

mod accounts;
mod auth;
mod builder;
mod convert;
mod courses;
mod dialect;
mod enrollments;
mod folder;
mod grades;
mod provider;
mod registration;
mod submissions;
mod tasks;
mod wire;

pub use builder::{InginiousBuilder, InginiousOption, SubmitBy};
pub use folder::{FolderCourse, looks_like_folder};
pub use provider::Inginious;
