//! Real courses on a Studio and an LMS over REST, by archive and block by block: each is put there, read back and
//! compared with its plan, which names whatever does not arrive. They are not part of the project; where they are absent
//! the tests say so.

#[path = "support/openedx.rs"]
mod openedx;
#[path = "support/shared.rs"]
mod shared;

use std::path::Path;

use futures::StreamExt;
use lms::migrate::{Outcome, Quiet, apply, plan, verify};
use lms::openedx::OlxArchive;
use lms::{CoursesExt, ErrorKind, LmsProvider, LmsProviderExt, NewCourse, Result};
use openedx::site;
use shared::folders;

/// Courses that do not go there, and what the error says.
const REFUSED: [(&str, &str); 3] = [
    // Wrong on purpose, so that nothing can be read of them.
    ("openedx/cleaner-02", "no course.xml"),
    ("openedx/cleaner-03", "not well-formed XML"),
    // No course.
    ("openedx/demo-library", "it is a content library"),
];

/// Large courses that came out of a Studio, whose re-export is nearly the same.
const SAME: [&str; 4] = ["acm-las-2016", "demo-course", "demo-test-course", "math-percent-fi"];

/// Puts a course there; what is otherwise than the plan says.
async fn moved(path: &Path, site: &dyn LmsProvider) -> Result<Vec<String>> {
    let source = OlxArchive::open(path)?;
    let id = source.require_courses()?.first_course().await?.id;
    let planned = plan(&source, &id, site).await?;
    // Several of them would be given the same id at the same time.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = NewCourse { id: Some(format!("course-v1:Tests+{name}+1").into()), ..NewCourse::default() };
    let written = apply(&planned, &source, site, &new, &Quiet).await?;
    let verification = verify(&planned, &source, site, &written.course, &Quiet).await?;
    let mut wrong: Vec<String> = verification.differences.iter().map(|d| format!("{d:?}")).collect();
    let marks = verification.checks.iter().filter(|c| matches!(c.outcome, Outcome::Disagreed { .. }));
    wrong.extend(marks.map(|c| format!("{c:?}")));
    Ok(wrong)
}

/// What is wrong with the courses of a folder, written in one way.
async fn complaints(folder: &str, write_by: &str) -> Vec<String> {
    let (_server, site) = site(&[
        ("write_by", write_by),
        // The emulator counts no requests.
        ("throttled", "none"),
    ])
    .await;
    let mut courses = folders(&format!("courses/{folder}"));
    courses.retain(|path| folder == "openedx" || !SAME.iter().any(|name| path.ends_with(name)));
    let found = futures::stream::iter(courses).map(async |path| {
        let name = format!("{folder}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        let refusal = REFUSED.iter().find(|(course, _)| *course == name).map(|(_, why)| *why);
        match (moved(&path, site.as_ref()).await, refusal) {
            (Ok(_), Some(_)) => vec![format!("{name}: should be refused")],
            (Ok(wrong), None) => wrong.iter().map(|what| format!("{name}: {what}")).collect(),
            (Err(error), Some(why))
                if error.kind() == ErrorKind::InvalidInput && error.to_string().contains(why) =>
            {
                Vec::new()
            }
            (Err(error), _) => vec![format!("{name}: {error:?}")],
        }
    });
    found.buffer_unordered(4).concat().await
}

async fn arrive(write_by: &str) {
    let mut wrong = complaints("openedx", write_by).await;
    wrong.extend(complaints("studio-exports", write_by).await);
    assert!(wrong.is_empty(), "{write_by}: {}\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_course_arrives_by_archive_as_its_plan_says() {
    arrive("archive").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_course_arrives_block_by_block_as_its_plan_says() {
    arrive("blocks").await;
}
