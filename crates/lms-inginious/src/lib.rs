//! INGInious and its course folders as providers.

mod convert;
mod folder;

pub use folder::{FolderCourse, looks_like_folder};
