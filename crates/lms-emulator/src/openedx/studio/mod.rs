//! What Studio serves.

pub(crate) mod assets;
pub(crate) mod course_runs;
pub(crate) mod export;
mod fields;
pub(crate) mod import;
pub(crate) mod legacy;
pub(crate) mod libraries;
pub(crate) mod newer_libraries;
pub(crate) mod settings;
pub(crate) mod validation;
pub(crate) mod xblock;
