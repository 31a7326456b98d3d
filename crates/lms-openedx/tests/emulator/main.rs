//! The provider against the Open edX emulator.

mod catalog;
mod instructor;
mod libraries;
mod marks;
mod people;
mod rest;
#[path = "../../../../tests/support/shared.rs"]
mod shared;
mod sign_in;
mod studio;
mod sync;
mod unpublished;
mod world;
