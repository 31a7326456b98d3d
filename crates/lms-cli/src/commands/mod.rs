//! One file a command.

pub(crate) mod capabilities;
pub(crate) mod completions;
pub(crate) mod courses;
pub(crate) mod demo;
pub(crate) mod emulate;
pub(crate) mod enroll;
pub(crate) mod inspect;
pub(crate) mod man;
pub(crate) mod migrate;
pub(crate) mod people;
pub(crate) mod tasks;
pub(crate) mod tree;
pub(crate) mod verify;
