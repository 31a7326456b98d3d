//! The command `lms`: look at courses, move them between platforms, and prove that they grade the
//! same.

mod args;
mod commands;
mod config;
mod exit;
mod locator;
mod open;
mod output;
mod progress;
mod sample;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};
use crate::exit::Failure;

fn main() -> ExitCode {
    let args = Args::parse();
    init_tracing(&args);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("lms: the runtime cannot start: {error}");
            return ExitCode::from(exit::FAILED);
        }
    };
    match runtime.block_on(run(args)) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            failure.print();
            ExitCode::from(failure.code())
        }
    }
}

async fn run(args: Args) -> Result<u8, Failure> {
    let quiet = args.quiet;
    match args.command {
        Command::Demo(demo) => commands::demo::run(demo, quiet).await,
        Command::Inspect(inspect) => commands::inspect::run(inspect).await,
        Command::Courses(courses) => commands::courses::run(courses).await,
        Command::Tree(tree) => commands::tree::run(tree).await,
        Command::Tasks(tasks) => commands::tasks::run(tasks).await,
        Command::Migrate(migrate) => commands::migrate::run(migrate, quiet).await,
        Command::Export(export) => commands::export::run(export, quiet).await,
        Command::Import(import) => commands::import::run(import, quiet).await,
        Command::Verify(verify) => commands::verify::run(verify, quiet).await,
        Command::Emulate(emulate) => commands::emulate::run(emulate).await,
        Command::Capabilities(capabilities) => commands::capabilities::run(&capabilities),
        Command::Completions { shell } => {
            args::print_completions(shell);
            Ok(exit::DONE)
        }
    }
}

fn init_tracing(args: &Args) {
    let level = match args.verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("LMS_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    // A second subscriber cannot be there: this is the only place that sets one.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
