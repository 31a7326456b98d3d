//! The command `lms`: look at courses, move them between platforms, and prove that they grade the
//! same.

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod args;
mod ask;
mod commands;
mod config;
mod connect;
mod exit;
mod filters;
mod html;
mod interrupt;
mod locator;
mod logging;
mod open;
mod output;
mod places;
mod progress;
mod sample;
mod stores;
mod terminal;

use std::process::ExitCode;

use lms_core::{Error, ErrorKind};

use crate::args::{Args, Command};
use crate::exit::Failure;

fn main() -> ExitCode {
    terminal::set_colour(terminal::colour_asked(std::env::args()));
    let args = Args::from_command_line();
    logging::init(&args);
    let ended = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            let ended = runtime.block_on(interrupt::watch(run(args)));
            connect::close();
            // A question that waits for an answer on the terminal must not keep us.
            runtime.shutdown_background();
            ended
        }
        Err(error) => Err(Error::new(ErrorKind::Io, "the runtime cannot start").with_source(error).into()),
    };
    ended.map_or_else(
        |failure| {
            failure.print();
            ExitCode::from(failure.code())
        },
        ExitCode::from,
    )
}

async fn run(args: Args) -> Result<u8, Failure> {
    let quiet = args.quiet;
    match args.command {
        Command::Demo(demo) => commands::demo::run(demo, quiet).await,
        Command::Config(config) => commands::config::run(config).await,
        Command::Remotes(remotes) => commands::remotes::run(&remotes),
        Command::Login(login) => commands::login::run(login).await,
        Command::Logout(logout) => commands::logout::run(logout).await,
        Command::Whoami(whoami) => commands::whoami::run(whoami).await,
        Command::Doctor(doctor) => commands::doctor::run(doctor).await,
        Command::Inspect(inspect) => commands::inspect::run(inspect).await,
        Command::Courses(courses) => commands::courses::run(courses).await,
        Command::Tree(tree) => commands::tree::run(tree).await,
        Command::Tasks(tasks) => commands::tasks::run(tasks, quiet).await,
        Command::Task(task) => commands::task::run(task).await,
        Command::Enroll(enroll) => commands::enroll::enroll(enroll, quiet).await,
        Command::Unenroll(unenroll) => commands::enroll::unenroll(unenroll, quiet).await,
        Command::Roster(roster) => commands::roster::run(roster).await,
        Command::Register(register) => commands::register::run(register, quiet).await,
        Command::Submit(submit) => commands::submit::run(submit, quiet).await,
        Command::Submissions(submissions) => commands::submissions::run(submissions).await,
        Command::Grades(grades) => commands::grades::run(grades).await,
        Command::Migrate(migrate) => commands::migrate::run(migrate, quiet).await,
        Command::Batch(batch) => commands::batch::run(batch, quiet).await,
        Command::Export(export) => commands::export::run(export, quiet).await,
        Command::Import(import) => commands::import::run(import, quiet).await,
        Command::Verify(verify) => commands::verify::run(verify, quiet).await,
        Command::Emulate(emulate) => commands::emulate::run(emulate).await,
        Command::Capabilities(capabilities) => commands::capabilities::run(&capabilities),
        Command::Completions(completions) => commands::completions::run(&completions),
        Command::Man(man) => commands::man::run(&man),
    }
}
