//! `lms courses`.

use std::io::IsTerminal;

use futures::{StreamExt, TryStreamExt};
use lms_core::{CourseQuery, CourseSummary, LmsProviderExt};

use super::sheet::{Cells, FormArgs, show};
use crate::exit::{DONE, Failure};
use crate::html::printable;
use crate::{open, output};

/// The command's own arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Courses {
    /// The remote, or a path.
    remote: String,
    /// Only courses in which these words occur.
    #[arg(long)]
    search: Option<String>,
    /// Only courses the account teaches or may edit.
    #[arg(long)]
    teaching: bool,
    /// Only courses the account is enrolled in.
    #[arg(long)]
    enrolled: bool,
    /// Only courses in this language, such as `en`.
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// No more than this many.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
    /// One JSON document on each line, while they come in.
    #[arg(long, conflicts_with = "json")]
    jsonl: bool,
}

impl Cells for CourseSummary {
    const COLUMNS: &'static [&'static str] = &["course", "title"];

    fn cells(&self) -> Vec<String> {
        vec![self.id.to_string(), self.title.clone()]
    }
}

pub(crate) async fn run(args: Courses) -> Result<u8, Failure> {
    let Courses { remote, search, teaching, enrolled, language, limit, json, jsonl } = args;
    let provider = open::remote(&remote)?;
    let query = CourseQuery { search, teaching, enrolled, from: None };
    let wanted = |course: &CourseSummary| {
        language.as_ref().is_none_or(|wanted| course.language.as_ref().is_some_and(|tag| speaks(tag, wanted)))
    };
    let mut listing = provider
        .require_courses()?
        .list(query)?
        .items()
        .try_filter(|course| std::future::ready(wanted(course)))
        .take(limit.unwrap_or(usize::MAX))
        .boxed();
    if json {
        output::json(&listing.try_collect::<Vec<CourseSummary>>().await?)?;
        return Ok(DONE);
    }
    if !jsonl && std::io::stdout().is_terminal() {
        show(FormArgs::default(), listing).await?;
        return Ok(DONE);
    }
    while let Some(course) = listing.try_next().await? {
        if jsonl {
            output::json_line(&course)?;
        } else {
            output::text(&format!("{}\t{}\n", course.id, printable(&course.title)))?;
        }
    }
    Ok(DONE)
}

/// Whether a language tag is the one asked for, or a kind of it: `pt-BR` is `pt`.
fn speaks(tag: &str, wanted: &str) -> bool {
    let (tag, wanted) = (tag.to_ascii_lowercase(), wanted.to_ascii_lowercase());
    tag == wanted || tag.strip_prefix(&wanted).is_some_and(|rest| rest.starts_with(['-', '_']))
}
