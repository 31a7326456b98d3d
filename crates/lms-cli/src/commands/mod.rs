//! One file a command.

pub(crate) mod batch;
pub(crate) mod capabilities;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod courses;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod emulate;
pub(crate) mod enroll;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod inspect;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod man;
pub(crate) mod migrate;
pub(crate) mod people;
pub(crate) mod remotes;
pub(crate) mod task;
pub(crate) mod tasks;
pub(crate) mod tree;
pub(crate) mod verify;
pub(crate) mod whoami;
