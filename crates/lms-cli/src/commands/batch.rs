//! `lms batch`: many courses, each by itself.

use std::path::PathBuf;

use clap::Parser;
use lms_core::RequestCount;
use lms_migrate::Report;
use serde::Serialize;

use crate::args::Migrate;
use crate::commands::migrate;
use crate::exit::{DONE, FAILED, Failure};
use crate::output;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lms batch autumn.list --dry-run\n  lms batch autumn.list --json > outcomes.json\n  \
                  lms batch autumn.list --resume   after it was cut off\n\n\
                  A list has one migration a line, with what `lms migrate` takes; # begins a comment:\n\n  \
                  stepik:67 olx:67.tar.gz\n  autumn.tar.gz stepik: --exclude-section 'Week 1*'  # held back\n\n\
                  One that fails does not stop the others. The code is that of the worst: 1 where one failed, else 4, \
                  else 3, else 0."
)]
pub(crate) struct Batch {
    /// The list; - for standard input.
    list: PathBuf,
    /// Write nothing; say of each what would be carried, approximated and dropped.
    #[arg(long)]
    dry_run: bool,
    /// Go on with each course where an earlier run broke off; bring those up to date that are done.
    #[arg(long)]
    resume: bool,
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
}

/// A line of the list.
#[derive(Debug, Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct Line {
    #[command(flatten)]
    migrate: Migrate,
}

/// How one of them ended.
#[derive(Debug, Serialize)]
struct Ended {
    source: String,
    target: String,
    code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Report>,
}

/// All of them.
#[derive(Debug, Serialize)]
struct Summary {
    courses: Vec<Ended>,
    done: usize,
    failed: usize,
    requests: RequestCount,
}

pub(crate) async fn run(args: Batch, quiet: bool) -> Result<u8, Failure> {
    let text = if args.list.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin()).map_err(|e| lms_core::Error::io("standard input", e))?
    } else {
        std::fs::read_to_string(&args.list).map_err(|e| lms_core::Error::io(args.list.display(), e))?
    };
    // All lines are read before the first course is moved: a mistake in the last one costs nothing.
    let mut courses = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let at = |why: String| Failure::Usage(format!("{}:{number}: {why}", args.list.display()));
        let words = words(line).map_err(at)?;
        if words.is_empty() {
            continue;
        }
        let mut migrate = Line::try_parse_from(&words).map_err(|e| at(first_line(&e)))?.migrate;
        if migrate.json {
            return Err(at("--json is said once, for the whole list".into()));
        }
        if args.resume && !migrate.again.resume_all() {
            return Err(at("--new and --resume exclude each other".into()));
        }
        migrate.dry_run |= args.dry_run;
        courses.push(migrate);
    }
    if courses.is_empty() {
        return Err(Failure::Usage(format!(
            "{} names no course; each line is what `lms migrate` is given: stepik:67 olx:67.tar.gz",
            args.list.display()
        )));
    }
    let count = courses.len();
    let mut summary =
        Summary { courses: Vec::new(), done: 0, failed: 0, requests: RequestCount { read: 0, write: 0 } };
    for (n, migrate) in (1..).zip(courses) {
        let (source, target, file) = (migrate.source.clone(), migrate.target.clone(), migrate.report.clone());
        if !quiet {
            output::note(&format!("lms: {n} of {count}: {source} → {target}"));
        }
        let migrated = migrate::one(migrate, quiet).await;
        let ended =
            match migrated.and_then(|of| of.refusal.map_or(Ok((of.report, of.code)), |e| Err(e.into()))) {
                Ok((report, code)) => {
                    if let Some(file) = &file {
                        report.save_html(file)?;
                    }
                    Ended { source, target, code, error: None, report: Some(report) }
                }
                Err(Failure::Interrupted(hint)) => return Err(interrupted(&summary, count, hint)),
                Err(Failure::PipeClosed) => return Err(Failure::PipeClosed),
                Err(failure) => {
                    failure.print();
                    let error = match &failure {
                        Failure::Usage(message) => message.clone(),
                        Failure::Failed(error) | Failure::Advised(error, _) => error.to_string(),
                        Failure::Interrupted(_) | Failure::PipeClosed => String::new(),
                    };
                    Ended { source, target, code: failure.code(), error: Some(error), report: None }
                }
            };
        if let Some(report) = &ended.report {
            summary.requests.read += report.requests.read;
            summary.requests.write += report.requests.write;
        }
        if ended.error.is_some() {
            summary.failed += 1
        } else {
            summary.done += 1
        }
        summary.courses.push(ended);
    }
    if args.json {
        output::json(&summary)?
    } else {
        output::prose(&to_text(&summary))?
    }
    Ok(worst(&summary))
}

/// How far the list came, before what is said of the course that was under way.
fn interrupted(summary: &Summary, count: usize, hint: Option<String>) -> Failure {
    let (done, failed) = (summary.done, summary.failed);
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    let hint = hint.map_or(String::new(), |hint| format!("\n  {hint}"));
    Failure::Interrupted(Some(format!("{done} of {count} courses are done{failed}.{hint}")))
}

/// What is wrong, without the usage and the hints of a command that has another name.
fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let said: Vec<&str> = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    said.join(" ").trim_start_matches("error:").trim().to_owned()
}

fn worst(summary: &Summary) -> u8 {
    if summary.failed > 0 {
        return FAILED;
    }
    summary.courses.iter().map(|ended| ended.code).max().unwrap_or(DONE)
}

fn to_text(summary: &Summary) -> String {
    let mut rows =
        vec![["source", "target", "read", "as it is", "otherwise", "dropped", ""].map(String::from).to_vec()];
    for ended in &summary.courses {
        let mut row = vec![ended.source.clone(), ended.target.clone()];
        match &ended.report {
            Some(report) => {
                let all = report.carriage();
                let counts = [all.total(), all.exact, all.approximated, all.dropped];
                row.extend(counts.map(|n| n.to_string()));
                row.push(if ended.code == DONE { "done".into() } else { format!("code {}", ended.code) });
            }
            None => {
                row.extend([const { String::new() }; 4]);
                row.push(format!("failed: {}", ended.error.as_deref().unwrap_or_default()));
            }
        }
        rows.push(row);
    }
    format!("{}{} done, {} failed\n", output::table(&rows), summary.done, summary.failed)
}

/// The words of a line: white space parts them, quotes hold them together, `#` begins a comment.
pub(crate) fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = line.chars();
    while let Some(c) = letters.next() {
        match c {
            '#' if word.is_none() => break,
            c if c.is_whitespace() => words.extend(word.take()),
            quote @ ('\'' | '"') => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next() {
                        Some(c) if c == quote => break,
                        Some(c) => word.push(c),
                        None => return Err(format!("a {quote} is not closed")),
                    }
                }
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_as_a_shell_does() {
        let split = |line: &str| words(line).expect("a line");
        assert_eq!(split("  a  b\t# c"), ["a", "b"]);
        assert_eq!(split("stepik:67 'a b'\"c\" x#y"), ["stepik:67", "a bc", "x#y"]);
        assert_eq!(split("a ''"), ["a", ""]);
        assert!(split("# all").is_empty() && split("").is_empty());
        assert!(words("a 'b").is_err());
    }
}
