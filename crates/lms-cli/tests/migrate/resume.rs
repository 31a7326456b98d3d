//! A migration is killed at every request, or the request goes wrong, and it is resumed: the result is that of an
//! undisturbed run, and nothing is there twice.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt};
use lms_core::{Course, Platform};
use lms_emulator::{Entry, FaultKind, FaultRule};
use lms_migrate::compare;

use crate::site::{Site, demo, said};

/// What is on a site, so that two can be compared: the course as it reads, and how often each kind of
/// thing was made.
#[derive(Debug)]
pub(crate) struct Outcome {
    made: BTreeMap<String, usize>,
    /// The lines of each file, where the platform keeps files.
    files: BTreeMap<String, Vec<String>>,
}

impl Outcome {
    /// What is not as in `expected`.
    pub(crate) fn differences(&self, expected: &Self) -> Vec<String> {
        let mut found = Vec::new();
        if self.made != expected.made {
            found.push(format!("made {:?}, expected {:?}", self.made, expected.made));
        }
        for name in self.files.keys().chain(expected.files.keys()) {
            match (self.files.get(name), expected.files.get(name)) {
                (Some(there), Some(wanted)) if there != wanted => {
                    let line = there.iter().zip(wanted).position(|(a, b)| a != b).unwrap_or_default();
                    let from = |lines: &[String]| lines.get(line).cloned();
                    found.push(format!(
                        "{name}, line {}: {:?}, expected {:?}",
                        line + 1,
                        from(there),
                        from(wanted)
                    ));
                }
                (Some(_), Some(_)) => {}
                (there, _) => {
                    found.push(format!("{name} is {}", if there.is_some() { "there" } else { "missing" }))
                }
            }
        }
        found.dedup();
        found
    }
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

pub(crate) fn outcome(site: &Site, course: &Course) -> Outcome {
    outcome_of(&site.log().entries(), site, course)
}

fn outcome_of(entries: &[Entry], site: &Site, course: &Course) -> Outcome {
    let files = match site {
        Site::Inginious(site) => site.course_files(course.id.as_str()),
        _ => Vec::new(),
    };
    let lines = |name: &str, bytes: Vec<u8>| {
        let mut lines: Vec<String> = String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect();
        // A mapping in YAML has no order, and one that was read again is written in that of its keys.
        if name == "course.yaml" {
            lines.sort();
        }
        lines
    };
    let files = files.into_iter().map(|(name, bytes)| (name.clone(), lines(&name, bytes))).collect();
    Outcome { made: made(entries), files }
}

/// What happens to a migration.
#[derive(Debug, Clone, Copy)]
enum Disturbance {
    /// It is killed while a request is held.
    Killed,
    /// A request goes wrong.
    GoneWrong,
}

impl Disturbance {
    /// In which ways, at a request like this.
    fn kinds(self, entry: &Entry) -> Vec<FaultKind> {
        // What only reads leaves nothing behind: it is enough to be killed before it.
        let reads = matches!(entry.method.as_str(), "GET" | "PROPFIND");
        let long = Duration::from_secs(60);
        match self {
            Self::Killed if reads => vec![FaultKind::Slow(long)],
            Self::Killed => vec![FaultKind::Slow(long), FaultKind::SlowAfterCommit(long)],
            Self::GoneWrong if reads => vec![FaultKind::DropConnection],
            Self::GoneWrong => vec![
                FaultKind::DropAfterCommit,
                FaultKind::DropConnection,
                FaultKind::Status(500),
                FaultKind::HtmlBadGateway,
            ],
        }
    }

    /// Migrates while it happens at the `n`-th request, and resumes what did not come to its end; `None` where it was
    /// over before.
    async fn at(self, site: &Site, source: &Path, n: u32, kind: FaultKind) -> Option<()> {
        let state = tempfile::tempdir().expect("a folder");
        site.faults().inject(FaultRule { after: n, ..FaultRule::once(kind) });
        let mut before = String::new();
        match self {
            Self::Killed if !site.killed(state.path(), source, &[]).await => return None,
            Self::Killed => {}
            Self::GoneWrong => {
                let first = site.migrate(state.path(), source, &["--no-verify"]).await;
                site.faults().clear();
                if first.status.success() {
                    return Some(());
                }
                before = said(&first);
                assert!(first.status.code() == Some(1) && !before.contains("panicked"), "{before}");
            }
        }
        let resumed = site.migrate(state.path(), source, &["--resume", "--no-verify"]).await;
        assert!(resumed.status.success(), "{before}{}", said(&resumed));
        Some(())
    }
}

/// Migrates, disturbed, and answers what is there then.
async fn disturbed(
    platform: Platform,
    source: &Path,
    n: u32,
    (how, kind): (Disturbance, FaultKind),
) -> Option<(Outcome, Course)> {
    let site = Site::start(platform).await;
    how.at(&site, source, n, kind.clone()).await?;
    let course = site.only_course().await;
    let mut entries = site.log().entries();
    if kind == FaultKind::DropAfterCommit {
        // It was made, though the client was not told.
        entries.iter_mut().filter(|entry| entry.status == 0).for_each(|entry| entry.status = 200);
    }
    Some((outcome_of(&entries, &site, &course), course))
}

/// All of them take minutes of processor time; the figures in docs/migration.md are from such a run.
pub(crate) fn all_kills() -> bool {
    std::env::var_os("LMS_KILLS").is_some_and(|kills| kills == "all")
}

async fn at_every_request(platform: Platform, how: Disturbance) {
    let folder = tempfile::tempdir().expect("a folder");
    let source = demo(folder.path()).await;
    let site = Site::start(platform).await;
    let undisturbed = site.migrate(folder.path(), &source, &["--no-verify"]).await;
    assert!(undisturbed.status.success(), "{}", said(&undisturbed));
    let entries = site.log().entries();
    let course = site.only_course().await;
    let expected = Arc::new((outcome(&site, &course), course));

    let all =
        (0..).zip(&entries).flat_map(|(n, entry)| how.kinds(entry).into_iter().map(move |kind| (n, kind)));
    let all: Vec<_> = all.collect();
    let every = if all_kills() { 1 } else { all.len().div_ceil(20) };
    let all: Vec<_> = all.into_iter().step_by(every).collect();
    let count = all.len();
    let source = Arc::new(source);
    let held = stream::iter(all)
        .map(|(n, kind)| {
            let (source, expected) = (Arc::clone(&source), Arc::clone(&expected));
            async move {
                let when = format!("{platform}, request {n}, {kind:?}");
                let ended = tokio::spawn(async move { disturbed(platform, &source, n, (how, kind)).await });
                let Some((outcome, course)) = ended.await.unwrap_or_else(|e| panic!("{when}: {e}")) else {
                    eprintln!("{when}: over before that");
                    return false;
                };
                assert_eq!(outcome.differences(&expected.0), Vec::<String>::new(), "{when}");
                assert_eq!(compare(&expected.1, &course), vec![], "{when}");
                true
            }
        })
        .buffer_unordered(4)
        .filter(|held| std::future::ready(*held))
        .count()
        .await;
    eprintln!("{platform}: {} requests, disturbed {held} times of {count}", entries.len());
    // How many requests wait for something else differs a little from run to run.
    assert!(held + 6 >= count, "{held} of {count}");
}

macro_rules! at_every_request {
    ($($name:ident: $platform:ident, $how:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            at_every_request(Platform::$platform, Disturbance::$how).await;
        }
    )*};
}

at_every_request! {
    stepik_killed_at_every_request: Stepik, Killed;
    openedx_killed_at_every_request: OpenEdx, Killed;
    inginious_killed_at_every_request: Inginious, Killed;
    stepik_gone_wrong_at_every_request: Stepik, GoneWrong;
    openedx_gone_wrong_at_every_request: OpenEdx, GoneWrong;
    inginious_gone_wrong_at_every_request: Inginious, GoneWrong;
}
