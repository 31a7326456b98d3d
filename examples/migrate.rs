//! Moves a course from Stepik into an OLX archive, says what was lost, and proves that it grades the same.

mod support;

use lms::migrate::{Quiet, Report, apply, plan, verify};
use lms::openedx::{ArchiveForm, OlxArchive};
use lms::{CoursesExt, Error, LmsProviderExt, NewCourse, Severity};

#[tokio::main]
async fn main() -> lms::Result<()> {
    let site = support::site().await;
    let stepik = lms::connect(site.platform, site.author.clone())?;
    let folder = tempfile::tempdir().map_err(|e| Error::io("a temporary folder", e))?;
    let archive = OlxArchive::create(folder.path().join("course.tar.gz"), ArchiveForm::TarGz)?;

    let course = stepik.require_courses()?.first_course().await?;

    let plan = plan(stepik.as_ref(), &course.id, &archive).await?;
    let lost = plan.findings.iter().filter(|finding| finding.severity >= Severity::Dropped).count();
    println!("{lost} things will be lost; nothing has been written yet");

    let written = apply(&plan, stepik.as_ref(), &archive, &NewCourse::default(), &Quiet).await?;
    let verification = verify(&plan, stepik.as_ref(), &archive, &written.course, &Quiet).await?;
    assert!(verification.holds(), "{verification:?}");
    print!("{}", Report::new(&plan).with_written(&written).with_verification(verification).to_text());
    Ok(())
}
