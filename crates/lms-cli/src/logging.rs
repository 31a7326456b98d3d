//! Messages on stderr, as many as asked for.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::args::Args;
use crate::{output, terminal};

/// What is logged: warnings; with `-v` what is done, with `-vv` every request, with `-vvv` all there is. `LMS_LOG`
/// says it in detail (`lms_http=trace`) and wins.
pub(crate) fn init(args: &Args) {
    // Of the libraries below, what is said at these levels says nothing to a user.
    let filter = match (args.quiet, args.verbose) {
        (true, _) => "error",
        (_, 0) => "warn",
        (_, 1) => "warn,lms=info",
        (_, 2) => "warn,lms=debug",
        // What the reader of HTML says of every letter is hundreds of megabytes for a course.
        _ => "trace,html5ever=warn,selectors=warn",
    };
    let asked = std::env::var("LMS_LOG").ok().filter(|asked| !asked.is_empty());
    let filter = match asked.as_deref().map(EnvFilter::try_new) {
        Some(Ok(asked)) => asked,
        Some(Err(fault)) => {
            output::note(&format!(
                "lms: LMS_LOG is not obeyed: {fault}; say it as in LMS_LOG=lms_http=trace"
            ));
            EnvFilter::new(filter)
        }
        None => EnvFilter::new(filter),
    };
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // It would tell a terminal that was closed that it cannot be written to, and panic at that.
        .log_internal_errors(false)
        .with_ansi(terminal::stderr().has_colours());
    // A second subscriber cannot be there: this is the only place that sets one.
    let _ = if args.log_json {
        lines.json().flatten_event(true).with_span_list(false).try_init()
    } else if std::io::stderr().is_terminal() {
        lines.compact().without_time().try_init()
    } else {
        lines.try_init()
    };
}
