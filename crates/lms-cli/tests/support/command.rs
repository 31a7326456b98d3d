//! The command with a home of its own.

use std::path::Path;
use std::process::{Command, Stdio};

/// `lms` with its configuration, its state and what is temporary in this folder, and nothing on standard input.
pub(crate) fn lms(home: &Path) -> Command {
    let temporary = home.join("tmp");
    std::fs::create_dir_all(&temporary).expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lms"));
    command
        .env("HOME", home)
        .env("TMPDIR", temporary)
        .env("LMS_CONFIG", home.join("lms.toml"))
        .env("LMS_STATE", home.join("state"))
        .env_remove("LMS_LOG")
        .stdin(Stdio::null());
    command
}
