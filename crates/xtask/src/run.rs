//! Running other programs.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map(PathBuf::from).unwrap_or(here)
}

/// Runs cargo in the workspace, its output shown.
pub(crate) fn cargo(args: &[&str]) -> Result<()> {
    cargo_with(args, &[])
}

/// The same with more environment.
pub(crate) fn cargo_with(args: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    let mut command = Command::new("cargo");
    // Half-built pieces kept for the next edit would take as much disk as the build itself.
    command.args(args).env("CARGO_INCREMENTAL", "0").envs(environment.iter().copied());
    shown(command)
}

/// Runs a program in the workspace, its output shown.
pub(crate) fn shown(mut command: Command) -> Result<()> {
    let line = line(&command);
    println!("xtask: {line}");
    let started = Instant::now();
    let status = command.current_dir(root()).status().with_context(|| format!("{line} cannot be run"))?;
    if !status.success() {
        bail!("{line} failed ({status})");
    }
    println!("xtask: done in {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// What a program prints.
pub(crate) fn output(program: &str, args: &[&str]) -> Result<String> {
    let mut command = Command::new(program);
    command.args(args).current_dir(root()).stderr(Stdio::null());
    let line = line(&command);
    let output = command.output().with_context(|| format!("{line} cannot be run"))?;
    if !output.status.success() {
        bail!("{line} failed ({})", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
