//! The Stepik emulator, driven over HTTP as a client would.

mod auth;
mod authoring;
mod changing;
mod client;
mod comments;
mod consent;
mod desk;
mod faults;
mod grading_machine;
mod grading_other;
mod grading_sets;
mod grading_texts;
mod hostile;
mod loading;
mod members;
mod outcomes;
mod people;
mod reading;
mod recorded;
mod scale;
mod searching;
#[path = "../../../../tests/support/shared.rs"]
mod shared;
mod small;
mod solving;
mod switches;
mod switches_solving;
