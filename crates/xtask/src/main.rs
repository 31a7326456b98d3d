//! Tasks of this workspace. `cargo xtask test` is what a change must pass; `cargo xtask help` lists
//! the rest.

mod clients;
mod real;
mod run;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::run::{cargo, cargo_with};

const HELP: &str =
    "cargo xtask test   everything a change must pass: format, lints for each feature, tests, doc tests,
                   examples, documentation, the demo, the real server and the real grader,
                   and other people's clients
cargo xtask lint   format and lints only
cargo xtask real   the real INGInious server and Open edX's real grader only
cargo xtask fidelity  write docs/fidelity.md: every course between all platforms, counted
cargo xtask clients  other people's clients against the emulators only";

fn main() -> ExitCode {
    let result = match std::env::args().nth(1).as_deref() {
        Some("test") => test(),
        Some("lint") => lint(),
        Some("real") => real::all(),
        Some("clients") => clients::all(),
        Some("fidelity") => fidelity(),
        _ => {
            println!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn test() -> Result<()> {
    let started = Instant::now();
    lint()?;
    ensure_nextest()?;
    cargo(&["nextest", "run", "--workspace", "--all-features", "--no-fail-fast"])?;
    cargo(&["test", "--doc", "--workspace", "--all-features"])?;
    examples()?;
    cargo_with(&["doc", "--workspace", "--no-deps", "--all-features"], &[("RUSTDOCFLAGS", "-D warnings")])?;
    light_features()?;
    cargo(&["run", "--quiet", "-p", "lms-cli", "--", "demo"])?;
    clients::all()?;
    real::all()?;
    println!("xtask: all passed in {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// The demo course and the real courses, where they are there, between all platforms.
fn fidelity() -> Result<()> {
    let test = [
        "test",
        "-p",
        "lms",
        "--all-features",
        "--test",
        "fidelity",
        "--",
        "--test-threads",
        "1",
        "--nocapture",
    ];
    cargo_with(&test, &[("LMS_UPDATE_OUTCOMES", "1")])
}

fn lint() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"])?;
    cargo(&["clippy", "-p", "lms", "--no-default-features", "--", "-D", "warnings"])?;
    for feature in FEATURES {
        let features = ["clippy", "-p", "lms", "--no-default-features", "--features", feature];
        cargo(&[&features[..], &["--all-targets", "--", "-D", "warnings"]].concat())?;
    }
    Ok(())
}

const FEATURES: [&str; 4] = ["stepik", "openedx", "inginious", "migrate"];

/// The same example, compiled with each single platform, against that platform's emulator.
fn examples() -> Result<()> {
    for feature in &FEATURES[..3] {
        let features = ["run", "--quiet", "-p", "lms", "--no-default-features", "--features", feature];
        cargo(&[&features[..], &["--example", "learner"]].concat())?;
    }
    cargo(&["run", "--quiet", "-p", "lms", "--example", "migrate"])
}

/// A platform that is not asked for is not in the dependency tree.
fn light_features() -> Result<()> {
    for feature in &FEATURES[..3] {
        let tree = run::output(
            "cargo",
            &["tree", "-e", "normal", "--no-default-features", "--features", feature, "-p", "lms"],
        )?;
        for other in FEATURES[..3].iter().filter(|other| *other != feature) {
            if tree.contains(&format!("lms-{other}")) {
                bail!("with the feature {feature} alone, lms-{other} is in the dependency tree");
            }
        }
    }
    println!("xtask: each platform alone leaves the others out of the dependency tree");
    Ok(())
}

fn ensure_nextest() -> Result<()> {
    if run::output("cargo", &["nextest", "--version"]).is_ok() {
        return Ok(());
    }
    println!("xtask: cargo-nextest is missing; installing it");
    cargo(&["install", "--locked", "cargo-nextest"])
}
