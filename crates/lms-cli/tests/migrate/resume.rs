//! Killed at every request of a migration, then resumed: the result is that of an undisturbed run, and
//! nothing is there twice.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lms_core::{Course, Platform};
use lms_emulator::{Entry, FaultKind, FaultRule};
use lms_migrate::compare;

use crate::site::{Site, demo, said};

/// What is on a site, so that two can be compared: the course as it reads, and how often each kind of
/// thing was made.
#[derive(Debug, PartialEq)]
struct Outcome {
    made: BTreeMap<String, usize>,
    files: Vec<(String, Vec<u8>)>,
}

/// Things made and not deleted again, by kind: of these, no more may be there than an undisturbed run makes.
fn made(entries: &[Entry]) -> BTreeMap<String, usize> {
    let mut made = BTreeMap::new();
    for entry in entries.iter().filter(|entry| (200..300).contains(&entry.status)) {
        let mut parts = entry.path.trim_matches('/').split('/');
        let kind = match (entry.method.as_str(), parts.next(), parts.next()) {
            ("POST", Some("api"), Some(kind)) if entry.path.matches('/').count() == 2 => kind,
            ("POST", Some("api"), Some("v1")) => "course run",
            ("POST", Some("mycourses"), _) => "course",
            _ => continue,
        };
        *made.entry(kind.to_owned()).or_default() += 1;
    }
    // Files of the same name are two on Stepik, and the one that no text links is dead weight, no duplicate of
    // anything that is seen: it is held against the course's own list below.
    made.remove("attachments");
    made
}

fn outcome(site: &Site, course: &Course) -> Outcome {
    let files = match site {
        Site::Inginious(site) => site.course_files(course.id.as_str()),
        _ => Vec::new(),
    };
    Outcome { made: made(&site.log().entries()), files }
}

/// Kills the migration while its `n`-th request is held, and resumes it.
async fn killed(platform: Platform, source: &Path, n: u32, kind: FaultKind) -> Option<(Outcome, Course)> {
    let site = Site::start(platform).await;
    let state = tempfile::tempdir().expect("a folder");
    site.faults().inject(FaultRule { after: n, ..FaultRule::once(kind) });
    let mut child = site.begin_migration(state.path(), source);
    let held = loop {
        if site.faults().held() > 0 {
            break true;
        }
        if child.try_wait().expect("it can be asked").is_some() {
            break false;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    };
    child.kill().await.expect("SIGKILL");
    site.faults().clear();
    if !held {
        return None;
    }
    let resumed = site.migrate(state.path(), source, &["--resume"]).await;
    assert!(resumed.status.success(), "{platform}, request {n}: {}", said(&resumed));
    let course = site.only_course().await;
    Some((outcome(&site, &course), course))
}

async fn at_every_request(platform: Platform) {
    let folder = tempfile::tempdir().expect("a folder");
    let source = demo(folder.path()).await;
    let site = Site::start(platform).await;
    let undisturbed = site.migrate(folder.path(), &source, &[]).await;
    assert!(undisturbed.status.success(), "{}", said(&undisturbed));
    let course = site.only_course().await;
    let expected = Arc::new((outcome(&site, &course), course));

    let (source, mut at) = (Arc::new(source), 0);
    let room = Arc::new(tokio::sync::Semaphore::new(6));
    loop {
        let batch: Vec<_> = (at..at + 24)
            .flat_map(|n| {
                let long = Duration::from_secs(60);
                [FaultKind::Slow(long), FaultKind::SlowAfterCommit(long)].map(|kind| (n, kind))
            })
            .map(|(n, kind)| {
                let (source, expected, room) = (Arc::clone(&source), Arc::clone(&expected), Arc::clone(&room));
                tokio::spawn(async move {
                    let _room = room.acquire().await.expect("open");
                    let when = format!("{platform}, request {n}, {kind:?}");
                    let Some((outcome, course)) = killed(platform, &source, n, kind).await else { return false };
                    assert_eq!(outcome, expected.0, "{when}");
                    assert_eq!(compare(&expected.1, &course), vec![], "{when}");
                    true
                })
            })
            .collect();
        at += 24;
        let mut over = false;
        for run in batch {
            over |= !run.await.expect("equal");
        }
        if over {
            break;
        }
    }
    eprintln!("{platform}: killed at each of at least {} requests, before and after it was done", at - 24);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stepik_killed_at_every_request() {
    at_every_request(Platform::Stepik).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openedx_killed_at_every_request() {
    at_every_request(Platform::OpenEdx).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inginious_killed_at_every_request() {
    at_every_request(Platform::Inginious).await;
}
