//! Translating between INGInious and the neutral model.

pub(crate) mod adapt;
pub(crate) mod catalogue;
pub(crate) mod comments;
pub(crate) mod read;
pub(crate) mod rst;
pub(crate) mod script;
pub(crate) mod write;
