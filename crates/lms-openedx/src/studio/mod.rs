//! Studio beyond [`lms_core::Authoring`]: single blocks, files, settings, runs, archives as they are.

pub(crate) mod archives;
pub(crate) mod blocks;
pub(crate) mod files;
pub(crate) mod runs;
pub(crate) mod settings;
pub(crate) mod validation;
