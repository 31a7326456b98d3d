//! The command line.

use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::completions::Completions;
use crate::commands::config::Config;
use crate::commands::courses::Courses;
use crate::commands::doctor::Doctor;
use crate::commands::enroll::{Enroll, Unenroll};
use crate::commands::grades::Grades;
use crate::commands::login::Login;
use crate::commands::logout::Logout;
use crate::commands::man::Man;
use crate::commands::register::Register;
use crate::commands::remotes::Remotes;
use crate::commands::roster::Roster;
use crate::commands::submissions::Submissions;
use crate::commands::submit::Submit;
use crate::commands::task::ShowTask;
use crate::commands::tasks::Tasks;
use crate::commands::whoami::Whoami;
use crate::terminal::{self, Colour};

/// One vocabulary for learning platforms: look at courses on Stepik, Open edX and INGInious, move them
/// between any two, and prove that they grade the same.
///
/// A course is named by a locator: `REMOTE:COURSE` for a configured platform (`stepik:67`,
/// `openedx:course-v1:Org+Course+Run`, `inginious:tutorial`), or a path: an OLX folder or `.tar.gz`, an INGInious
/// course folder or `.zip`, a portable bundle. `olx:PATH`, `folder:PATH` and `bundle:PATH` say it explicitly and are
/// needed to write a new one.
#[derive(Debug, Parser)]
#[command(
    name = "lms",
    version,
    propagate_version = true,
    after_help = "New here? `lms demo` shows everything and needs no account; `lms config` asks for your platform and \
                  account; `lms help COMMAND` has examples."
)]
pub(crate) struct Args {
    /// More messages on stderr: -v what is done, -vv every request, -vvv all there is.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    pub(crate) verbose: u8,
    /// No progress on stderr, and no message but errors.
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Global options")]
    pub(crate) quiet: bool,
    /// Messages on stderr as JSON, one each line.
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) log_json: bool,
    /// When there are colours; NO_COLOR is obeyed.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        help_heading = "Global options"
    )]
    pub(crate) color: Colour,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The whole story with no account: three emulated platforms, a course moved across all of them, answers judged
    /// on each, everything verified, one HTML report.
    #[command(after_help = "Examples:\n  lms demo --report demo.html")]
    Demo(Demo),
    /// Make, show and change remotes: which platforms there are, and how to sign in to them.
    Config(Config),
    /// List the remotes.
    #[command(after_help = "Examples:\n  lms remotes\n  lms remotes --json")]
    Remotes(Remotes),
    /// Sign in to a remote, and keep what later commands need.
    #[command(after_help = "Examples:\n  lms login stepik\n  lms login work --with browser\n  \
                      lms login uni --with session --keep keyring")]
    Login(Login),
    /// Forget the tokens and secrets that are kept for a remote.
    #[command(after_help = "Examples:\n  lms logout work")]
    Logout(Logout),
    /// Say which account a remote acts as, and where its credentials come from.
    #[command(after_help = "Examples:\n  lms whoami stepik\n  lms whoami stepik --json")]
    Whoami(Whoami),
    /// Examine a remote: is it reachable, do clocks agree, who is signed in, what will not work and why.
    #[command(after_help = "Examples:\n  lms doctor stepik\n  lms doctor openedx --json")]
    Doctor(Doctor),
    /// Count every kind of block, exercise and file of a course, and say what is not understood.
    #[command(after_help = "Examples:\n  lms inspect course.tar.gz\n  lms inspect stepik:67 --json")]
    Inspect(Inspect),
    /// List the courses of a remote.
    #[command(
        after_help = "Examples:\n  lms courses stepik --search algebra --limit 20\n  lms courses openedx --json"
    )]
    Courses(Courses),
    /// Show the structure of a course.
    #[command(after_help = "Examples:\n  lms tree stepik:67\n  lms tree course.tar.gz --json")]
    Tree(Tree),
    /// List the tasks of a course.
    #[command(
        after_help = "Examples:\n  lms tasks stepik:67 --kind choice\n  lms tasks inginious:tutorial --json"
    )]
    Tasks(Tasks),
    /// Show a task as a learner meets it.
    #[command(after_help = "Examples:\n  lms task stepik:67 701\n  lms task course.tar.gz answer --json")]
    Task(ShowTask),
    /// Let people take part in a course: one, several, or all rows of a CSV.
    Enroll(Enroll),
    /// Take people out of a course: one, several, or all rows of a CSV.
    Unenroll(Unenroll),
    /// Who takes part in a course.
    Roster(Roster),
    /// Open accounts: one, or all rows of a CSV.
    Register(Register),
    /// Answer a task and wait for the verdict.
    Submit(Submit),
    /// What was answered, and what came of it.
    Submissions(Submissions),
    /// What was reached in a course.
    Grades(Grades),
    /// Move a course: say what would be lost, write, read back, compare.
    #[command(
        after_help = "Examples:\n  lms migrate course.tar.gz stepik: --dry-run\n  lms migrate stepik:67 olx:out.tar.gz \
                      --report report.html\n  lms migrate inginious-course/ openedx:course-v1:Org+Course+Run"
    )]
    Migrate(Migrate),
    /// Copy a course into a bundle: a folder that reads well in git, is edited by hand, and is imported anywhere.
    Export(crate::commands::export::Export),
    /// Write the course of a bundle to a platform.
    Import(crate::commands::import::Import),
    /// Move many courses: each line of a list is what `lms migrate` is given.
    Batch(crate::commands::batch::Batch),
    /// Compare two courses, grading included. It only reads.
    #[command(after_help = "Examples:\n  lms verify course.tar.gz stepik:67 --report report.html")]
    Verify(Verify),
    /// Run emulators of the three platforms. The first line on stdout is JSON: addresses and credentials.
    #[command(
        after_help = "Examples:\n  lms emulate\n  lms emulate --stepik 8001 --load course.json --latency 50\n  \
                      lms emulate --openedx 0 --fault 429:retry-after=1:times=3\n  lms emulate --stepik 0 --scale L"
    )]
    Emulate(Emulate),
    /// What a remote can do: native, emulated or not.
    #[command(after_help = "Examples:\n  lms capabilities openedx\n  lms capabilities course.tar.gz --json")]
    Capabilities(Capabilities),
    /// Print completions for a shell.
    #[command(
        after_help = "Examples:\n  lms completions bash > ~/.local/share/bash-completion/completions/lms\n  \
                      lms completions zsh > \"${fpath[1]}/_lms\"\n  \
                      lms completions fish > ~/.config/fish/completions/lms.fish\n  \
                      lms completions powershell >> $PROFILE"
    )]
    Completions(Completions),
    /// Write man pages: one for each command.
    #[command(after_help = "Examples:\n  lms man ~/.local/share/man/man1 && man lms-migrate")]
    Man(Man),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// Where the report goes.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// The course.
    pub(crate) locator: String,
    /// One JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Tree {
    /// The course.
    pub(crate) locator: String,
    /// One JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Migrate {
    /// The course to move.
    pub(crate) source: String,
    /// Where to: `REMOTE:` for a new course, `REMOTE:COURSE` to choose its id, `olx:PATH`, `folder:PATH`,
    /// `bundle:PATH`.
    pub(crate) target: String,
    /// Write nothing; say what would be carried, approximated and dropped.
    #[arg(long, conflicts_with = "trial")]
    pub(crate) dry_run: bool,
    /// Write over a course that is there.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Do not read the target back.
    #[arg(long, conflicts_with = "trial")]
    pub(crate) no_verify: bool,
    #[command(flatten)]
    pub(crate) terms: crate::filters::Terms,
    /// Write the report as one HTML file.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// One JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
    // A heading holds for all that is said below it: what has none comes first.
    #[command(flatten)]
    pub(crate) again: crate::commands::migrate_again::Again,
    #[command(flatten)]
    pub(crate) trials: crate::commands::trial::Trials,
    #[command(flatten)]
    pub(crate) part: crate::filters::Filters,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The course as it should be.
    pub(crate) source: String,
    /// The course to hold against it.
    pub(crate) target: String,
    /// Write the report as one HTML file.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// One JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
    // As in `Migrate`.
    #[command(flatten)]
    pub(crate) trials: crate::commands::trial::Trials,
    #[command(flatten)]
    pub(crate) part: crate::filters::Filters,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Emulate {
    /// Emulate Stepik on this port; 0 for a free one.
    #[arg(long, value_name = "PORT")]
    pub(crate) stepik: Option<u16>,
    /// Emulate Open edX, its LMS on this port; 0 for a free one. Studio takes a free one.
    #[arg(long, value_name = "PORT")]
    pub(crate) openedx: Option<u16>,
    /// Emulate INGInious on this port; 0 for a free one.
    #[arg(long, value_name = "PORT")]
    pub(crate) inginious: Option<u16>,
    /// Load a course: a JSON file of Stepik objects, an OLX folder or archive, an INGInious folder or `.zip`. The
    /// platform is told by what is in it.
    #[arg(long, value_name = "FILE")]
    pub(crate) load: Vec<PathBuf>,
    /// Milliseconds that each answer waits.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) latency: u64,
    /// Something that goes wrong: `429:retry-after=1:times=2`, `502:path=/api/steps`, `drop-after-commit`, …
    #[arg(long, value_name = "SPEC")]
    pub(crate) fault: Vec<String>,
    /// Requests per second that each server takes, and how many at once: `2` or `2:10`. More are answered 429.
    #[arg(long, value_name = "RATE[:BURST]")]
    pub(crate) throttle: Option<lms_emulator::Throttle>,
    /// Items on a page of a listing.
    #[arg(long, value_name = "N")]
    pub(crate) page_size: Option<usize>,
    /// Give Stepik a large synthetic course: M (1,000 steps), L (5,000) or XL (50,000).
    #[arg(long, value_name = "SIZE")]
    pub(crate) scale: Option<Scale>,
    /// Give each platform so many accounts more: person00001, person00001@example.org, and so on.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) people: usize,
}

/// The size of a synthetic course.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Scale {
    /// 15 sections, 100 lessons, 1,000 steps.
    #[value(name = "M", alias = "m")]
    M,
    /// 40 sections, 400 lessons, 5,000 steps.
    #[value(name = "L", alias = "l")]
    L,
    /// 400 sections, 4,000 lessons, 50,000 steps.
    #[value(name = "XL", alias = "xl")]
    Xl,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Capabilities {
    /// The remote, or a path.
    pub(crate) remote: String,
    /// One JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Args {
    /// The command line as it is told to people: an end of a migration that is a bundle is called one.
    pub(crate) fn described() -> clap::Command {
        let bundle = |argument: clap::Arg| argument.help("The bundle: its folder, or bundle:PATH");
        // What is changed goes to the end: both are, in their order.
        Self::command()
            .mut_subcommand("export", |export| {
                export.mut_arg("source", |source| source.help("The course to copy")).mut_arg("target", bundle)
            })
            .mut_subcommand("import", |import| {
                import.mut_arg("source", bundle).mut_arg("target", |target| target)
            })
    }

    /// The command line, or the end of the process with help or with what is wrong.
    pub(crate) fn from_command_line() -> Self {
        let colour = match terminal::colour_asked(std::env::args()) {
            Colour::Auto => clap::ColorChoice::Auto,
            Colour::Always => clap::ColorChoice::Always,
            Colour::Never => clap::ColorChoice::Never,
        };
        let matches = Self::described().color(colour).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

#[cfg(test)]
mod tests;
