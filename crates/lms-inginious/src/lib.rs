//! INGInious and its course folders as providers.

mod accounts;
mod answer;
mod auth;
mod authoring;
mod builder;
mod convert;
mod courses;
mod dav;
mod dialect;
mod enrollments;
mod folder;
mod grades;
mod page;
mod provider;
mod raw;
mod registration;
mod roster;
mod submissions;
mod tasks;
mod view;
mod wire;
mod workshop;

pub use builder::{InginiousBuilder, InginiousKey, SubmitBy};
pub use folder::{FolderCourse, looks_like_folder};
pub use provider::Inginious;
pub use raw::RawRequest;
