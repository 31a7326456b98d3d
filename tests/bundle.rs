//! Real courses and the examples as bundles: whatever a provider reads, a bundle holds, to the byte.

use std::path::{Path, PathBuf};

use futures::stream::{self, StreamExt};
use lms::inginious::FolderCourse;
use lms::migrate::{Bundle, Quiet, apply, plan, verify};
use lms::openedx::OlxArchive;
use lms::{CoursesExt, ErrorKind, LmsProvider, LmsProviderExt, NewCourse, Result};
use tokio::runtime::Handle;

/// Courses that are broken on purpose, so that nothing can be read of them.
const UNREADABLE: [&str; 2] = ["cleaner-02", "cleaner-03"];

/// Folders with courses: the project's own, and those that lie beside it.
fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("LMS_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let shared = shared.join("courses");
    if !shared.is_dir() {
        eprintln!("skipped: there are no real courses at {}", shared.display());
    }
    let mut found = Vec::new();
    for folder in [root.join("examples/courses"), shared.join("openedx"), shared.join("inginious")] {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        found.extend(entries.map(|entry| entry.path()));
    }
    found.sort();
    found
}

fn open(path: &Path) -> Option<Box<dyn LmsProvider>> {
    if lms::openedx::looks_like_olx(path) {
        OlxArchive::open(path).ok().map(|archive| Box::new(archive) as Box<dyn LmsProvider>)
    } else if lms::inginious::looks_like_folder(path) {
        FolderCourse::open(path).ok().map(|folder| Box::new(folder) as Box<dyn LmsProvider>)
    } else {
        None
    }
}

/// Copies a course into a bundle, and that by a migration into a second; says what differs.
async fn there_and_back(source: &dyn LmsProvider, folder: &Path) -> Result<Vec<String>> {
    let id = source.require_courses()?.first_course().await?.id;
    let saved = Bundle::save(source, &id, folder.join("saved")).await?;
    let bundle = Bundle::open(folder.join("saved"))?;
    let back = bundle.require_courses()?.content(&id).await?;
    let mut wrong = Vec::new();
    let mut wanted = saved.course;
    // What a provider lists and does not give has no bytes to keep.
    wanted.assets.retain(|asset| back.course.assets.iter().any(|kept| kept.id == asset.id));
    if back.course != wanted {
        wrong.push("the saved course differs".to_owned());
    }
    for asset in &back.course.assets {
        let given = source.require_courses()?.read_asset(&id, &asset.id).await?.into_bytes(1 << 30).await?;
        let kept = bundle.require_courses()?.read_asset(&id, &asset.id).await?.into_bytes(1 << 30).await?;
        if given != kept {
            wrong.push(format!("the file {} differs", asset.name));
        }
    }
    let second = Bundle::create(folder.join("second"))?;
    let planned = plan(&bundle, &id, &second).await?;
    let written = apply(&planned, &bundle, &second, &NewCourse::default(), &Quiet).await?;
    let verification = verify(&planned, &bundle, &second, &written.course, &Quiet).await?;
    wrong.extend(planned.findings.iter().filter(|f| f.what != "link").map(ToString::to_string));
    wrong.extend(verification.differences.iter().map(|d| format!("{d:?}")));
    wrong.extend(written.findings.iter().map(ToString::to_string));
    if second.require_courses()?.content(&id).await?.course != wanted {
        wrong.push("the migrated course differs".to_owned());
    }
    Ok(wrong)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_course_comes_back_from_a_bundle_as_it_was() {
    let (mut wrong, mut tried) = (Vec::new(), 0);
    let mut outcomes = stream::iter(folders())
        .map(|path| {
            tokio::task::spawn_blocking(move || {
                let source = open(&path)?;
                let folder = tempfile::tempdir().expect("a folder");
                let outcome = Handle::current().block_on(there_and_back(source.as_ref(), folder.path()));
                Some((path, outcome))
            })
        })
        .buffered(4);
    while let Some(outcome) = outcomes.next().await {
        let Some((path, outcome)) = outcome.expect("no panic") else { continue };
        match outcome {
            Ok(differences) => {
                tried += 1;
                wrong.extend(differences.into_iter().map(|said| format!("{}: {said}", path.display())));
            }
            // Courses that are broken on purpose cannot be read at all.
            Err(error) if UNREADABLE.iter().any(|name| path.ends_with(name)) => {
                assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
            }
            Err(error) => wrong.push(format!("{}: {error:?}", path.display())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 0, "the examples are there");
}
