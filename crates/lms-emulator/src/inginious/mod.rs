//! The INGInious emulator.
