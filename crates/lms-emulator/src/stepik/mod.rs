//! The Stepik emulator.
