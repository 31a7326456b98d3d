//! Real courses, read from where they lie beside the project: each is moved to Stepik (the emulator) and
//! on into the third format. They are not part of the project; where they are absent the tests say so.

#[path = "support/shared.rs"]
mod shared;

use std::collections::BTreeSet;
use std::sync::Arc;

use lms::inginious::FolderCourse;
use lms::migrate::{Plan, Quiet, Verification, apply, plan, verify};
use lms::openedx::{ArchiveForm, OlxArchive};
use lms::{CourseId, CoursesExt, Error, ErrorKind, LmsProvider, LmsProviderExt, NewCourse, Platform};
use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;
use shared::folders;

/// Courses that are wrong on purpose so that nothing can be read of them.
const UNREADABLE: [&str; 2] = ["cleaner-02", "cleaner-03"];

async fn stepik() -> (StepikEmulator, Arc<dyn LmsProvider>) {
    let server =
        StepikEmulator::start(Options { page_size: 20, ..Options::default() }).await.expect("it starts");
    let who = server.credentials();
    let options = [("url", &who.url), ("client_id", &who.client_id), ("client_secret", &who.client_secret)];
    let options = options.map(|(key, value)| (key.to_owned(), value.clone()));
    let stepik = lms::connect(Platform::Stepik, options).expect("the options are sound");
    (server, stepik)
}

/// Moves a course and checks the books: every block that was read is carried or named.
async fn moved(
    from: &dyn LmsProvider,
    id: &CourseId,
    to: &dyn LmsProvider,
) -> Result<(Plan, CourseId, Verification), Error> {
    let planned = plan(from, id, to).await?;
    let read: BTreeSet<_> = planned.content.course.blocks().map(|p| p.block.1.id.clone()).collect();
    let mut accounted: BTreeSet<_> =
        planned.adapted.carried.iter().filter(|c| !c.target.is_empty()).map(|c| c.source.clone()).collect();
    accounted.extend(planned.findings.iter().filter_map(|f| f.block.clone()));
    let lost: Vec<_> = read.difference(&accounted).collect();
    assert!(lost.is_empty(), "neither carried nor named: {lost:?}");
    let written = apply(&planned, from, to, &NewCourse::default(), &Quiet).await?;
    let verification = verify(&planned, from, to, &written.course, &Quiet).await?;
    Ok((planned, written.course, verification))
}

/// What reading back showed otherwise than planned, for a message.
fn complaints(verification: &Verification) -> Vec<String> {
    let differences = verification.differences.iter().map(|d| format!("{d:?}"));
    let marks = verification
        .checks
        .iter()
        .filter(|c| matches!(c.outcome, lms::migrate::Outcome::Disagreed { .. }))
        .map(|c| format!("{c:?}"));
    differences.chain(marks).take(8).collect()
}

/// Moves a course to Stepik and on to `third`; the complaints of both legs.
async fn both_legs(source: &dyn LmsProvider, third: &dyn LmsProvider) -> Result<Vec<String>, Error> {
    let id = source.require_courses()?.first_course().await?.id;
    let (_server, stepik) = stepik().await;
    let (_, on_stepik, first) = moved(source, &id, stepik.as_ref()).await?;
    let (_, _, second) = moved(stepik.as_ref(), &on_stepik, third).await?;
    Ok(complaints(&first).into_iter().chain(complaints(&second)).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn open_edx_courses_move_to_stepik_and_on_to_inginious() {
    let mut wrong = Vec::new();
    for path in folders("courses/openedx") {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let folder = tempfile::tempdir().expect("a folder");
        let outcome = async {
            let source = OlxArchive::open(&path)?;
            let third = FolderCourse::create(folder.path().join("course"))?;
            both_legs(&source, &third).await
        }
        .await;
        match outcome {
            Ok(complaints) if complaints.is_empty() => {
                if UNREADABLE.contains(&name.as_str()) {
                    wrong.push(format!("{name}: should be refused"));
                }
            }
            Ok(complaints) => wrong.push(format!("{name}:\n  {}", complaints.join("\n  "))),
            Err(error) if UNREADABLE.contains(&name.as_str()) => {
                assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}: {error}");
                assert!(error.to_string().contains("course"), "{name}: {error} names no file");
            }
            Err(error) => wrong.push(format!("{name}: {error:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn inginious_courses_move_to_stepik_and_on_to_open_edx() {
    let mut wrong = Vec::new();
    for path in folders("courses/inginious") {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let folder = tempfile::tempdir().expect("a folder");
        let outcome = async {
            let source = FolderCourse::open(&path)?;
            let third = OlxArchive::create(folder.path().join("course.tar.gz"), ArchiveForm::TarGz)?;
            both_legs(&source, &third).await
        }
        .await;
        match outcome {
            Ok(complaints) if complaints.is_empty() => {}
            Ok(complaints) => wrong.push(format!("{name}:\n  {}", complaints.join("\n  "))),
            Err(error) => wrong.push(format!("{name}: {error:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
