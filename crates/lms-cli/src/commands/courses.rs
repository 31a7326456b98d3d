//! `lms courses`.

use futures::{StreamExt, TryStreamExt};
use lms_core::{CourseQuery, CourseSummary, LmsProviderExt};

use crate::args::Courses;
use crate::exit::{DONE, Failure};
use crate::{open, output};

pub(crate) async fn run(args: Courses) -> Result<u8, Failure> {
    let Courses { remote, search, teaching, enrolled, limit, json } = args;
    let provider = open::remote(&remote)?;
    let query = CourseQuery { search, teaching, enrolled, from: None };
    let listing = provider.require_courses()?.list(query)?.items().take(limit.unwrap_or(usize::MAX));
    if json {
        let courses: Vec<CourseSummary> = listing.try_collect().await?;
        output::json(&courses)?;
        return Ok(DONE);
    }
    let mut listing = listing;
    while let Some(course) = listing.next().await {
        let course = course?;
        output::text(&format!("{}\t{}\n", course.id, course.title))?;
    }
    Ok(DONE)
}
