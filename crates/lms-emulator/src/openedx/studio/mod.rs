//! What Studio serves.

pub(crate) mod assets;
pub(crate) mod course_runs;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod legacy;
pub(crate) mod validation;
