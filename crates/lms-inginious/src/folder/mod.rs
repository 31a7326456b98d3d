//! Course folders.
pub(crate) mod yaml;
