//! The Stepik emulator, driven over HTTP as a client would.

mod auth;
mod authoring;
mod client;
mod faults;
mod grading;
mod hostile;
mod loading;
mod people;
mod reading;
mod solving;
