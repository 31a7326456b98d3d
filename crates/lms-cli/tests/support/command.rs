//! The command with a home of its own.

use std::path::Path;
use std::process::{Command, Stdio};

/// `lms` with its configuration and its state in this folder, and nothing on standard input.
pub(crate) fn lms(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lms"));
    command
        .env("HOME", home)
        .env("LMS_CONFIG", home.join("lms.toml"))
        .env("LMS_STATE", home.join("state"))
        .env_remove("LMS_LOG")
        .stdin(Stdio::null());
    command
}
