//! Course folders.

pub(crate) mod store;
pub(crate) mod yaml;

#[cfg(test)]
mod tests;
