//! A migration is killed at every request, or the request goes wrong, and it is resumed: the result is that of an
//! undisturbed run, and nothing is there twice.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;
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
pub(crate) enum Disturbance {
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

    /// Migrates while it happens at the `n`-th request, and resumes what did not come to its end; `false` where it was
    /// over before.
    async fn at(self, site: &Site, run: &Run<'_>, n: u32, kind: FaultKind) -> bool {
        site.faults().inject(FaultRule { after: n, ..FaultRule::once(kind) });
        let mut before = String::new();
        match self {
            Self::Killed if !site.killed(run.state, run.source, run.more).await => return false,
            Self::Killed => {}
            Self::GoneWrong => {
                let first = run.to_its_end(site, &[]).await;
                site.faults().clear();
                if first.status.success() {
                    return true;
                }
                before = said(&first);
                assert!(first.status.code() == Some(1) && !before.contains("panicked"), "{before}");
            }
        }
        let resumed = run.to_its_end(site, &["--resume"]).await;
        assert!(resumed.status.success(), "{before}{}", said(&resumed));
        true
    }
}

/// A run of the command, its result not read back.
struct Run<'a> {
    state: &'a Path,
    source: &'a Path,
    more: &'a [&'a str],
}

impl Run<'_> {
    async fn to_its_end(&self, site: &Site, more: &[&str]) -> Output {
        site.migrate(self.state, self.source, &[self.more, more, &["--no-verify"]].concat()).await
    }
}

/// All of them take minutes of processor time; the figures in docs/migration.md are from such a run.
pub(crate) fn all_kills() -> bool {
    std::env::var_os("LMS_KILLS").is_some_and(|kills| kills == "all")
}

/// What is done at every request: a course is written, or brought up to date.
pub(crate) struct Task {
    pub(crate) platform: Platform,
    /// What `lms.toml` says besides of the target.
    pub(crate) options: &'static str,
    /// What is written before anything is disturbed.
    pub(crate) first: Option<PathBuf>,
    /// What is written then, by the same name.
    pub(crate) then: PathBuf,
    pub(crate) more: &'static [&'static str],
}

impl Task {
    /// A site and a state of its own, up to where `disturb` comes; then what is there.
    async fn carried_out(
        &self,
        disturb: impl AsyncFnOnce(&Site, &Run<'_>) -> bool,
    ) -> Option<(Vec<Entry>, Site, Course)> {
        let site = Site::start(self.platform).await;
        let folder = tempfile::tempdir().expect("a folder");
        let (state, source) = (folder.path().join("state"), folder.path().join("course.tar.gz"));
        let run = Run { state: &state, source: &source, more: self.more };
        std::fs::create_dir(&state).expect("a folder");
        let remote = format!("[remotes.{0}]\nplatform = \"{0}\"\n{1}\n", self.platform, self.options);
        std::fs::write(state.join("lms.toml"), remote).expect("a file");
        if let Some(first) = &self.first {
            std::fs::copy(first, &source).expect("copied");
            let written = run.to_its_end(&site, &[]).await;
            assert!(written.status.success(), "{}", said(&written));
            site.log().clear();
        }
        std::fs::copy(&self.then, &source).expect("copied");
        if !disturb(&site, &run).await {
            return None;
        }
        let entries = site.log().entries();
        let course = site.only_course().await;
        let again = run.to_its_end(&site, &[]).await;
        assert!(said(&again).contains("nothing to do"), "{}", said(&again));
        Some((entries, site, course))
    }

    /// As it is when nothing disturbs it, and what was asked for that.
    async fn undisturbed(&self) -> (Vec<Entry>, (Outcome, Course)) {
        let ended = self.carried_out(async |site, run| {
            let ended = run.to_its_end(site, &[]).await;
            assert!(ended.status.success(), "{}", said(&ended));
            true
        });
        let (entries, site, course) = ended.await.expect("it is carried out");
        let outcome = outcome_of(&entries, &site, &course);
        (entries, (outcome, course))
    }

    async fn disturbed(&self, n: u32, how: Disturbance, kind: FaultKind) -> Option<(Outcome, Course)> {
        let lost = kind == FaultKind::DropAfterCommit;
        let ended = self.carried_out(async |site, run| how.at(site, run, n, kind).await);
        let (mut entries, site, course) = ended.await?;
        if lost {
            // It was made, though the client was not told.
            entries.iter_mut().filter(|entry| entry.status == 0).for_each(|entry| entry.status = 200);
        }
        Some((outcome_of(&entries, &site, &course), course))
    }

    /// At every request, or at `samples` of them.
    pub(crate) async fn at_every_request(self, how: Disturbance, samples: usize) {
        let (entries, expected) = self.undisturbed().await;
        let all = (0..)
            .zip(&entries)
            .flat_map(|(n, entry)| how.kinds(entry).into_iter().map(move |kind| (n, kind)));
        let all: Vec<_> = all.collect();
        let every = if all_kills() { 1 } else { all.len().div_ceil(samples) };
        let all: Vec<_> = all.into_iter().step_by(every).collect();
        let (count, platform) = (all.len(), self.platform);
        let known = Arc::new((self, expected));
        let held = stream::iter(all)
            .map(|(n, kind)| {
                let known = Arc::clone(&known);
                async move {
                    let when = format!("{platform}, request {n}, {kind:?}");
                    let task = Arc::clone(&known);
                    let ended = tokio::spawn(async move { task.0.disturbed(n, how, kind).await });
                    let Some((outcome, course)) = ended.await.unwrap_or_else(|e| panic!("{when}: {e}"))
                    else {
                        eprintln!("{when}: over before that");
                        return false;
                    };
                    let expected = &known.1;
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
}

async fn at_every_request(platform: Platform, how: Disturbance) {
    let folder = tempfile::tempdir().expect("a folder");
    let then = demo(folder.path()).await;
    let task = Task { platform, options: "", first: None, then, more: &[] };
    task.at_every_request(how, 20).await;
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
