//! The Stepik emulator, driven over HTTP as a client would.

mod auth;
mod authoring;
mod client;
mod desk;
mod faults;
mod grading_other;
mod grading_sets;
mod grading_texts;
mod hostile;
mod loading;
mod people;
mod reading;
mod solving;
