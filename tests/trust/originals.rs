//! What a target gets a stand-in for is kept beside the journal: whole, once, under a name that every file system
//! takes, for the user alone; and the finding says where.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lms::inginious::FolderCourse;
use lms::migrate::{Journal, Pair, Quiet, Report, Stop, SyncOptions, Work, plan_content};
use lms::openedx::{ArchiveForm, OlxArchive};
use lms::{
    Block, BlockBody, BlockId, Content, ExistingCourse, LmsProvider, NewCourse, Platform, ProviderInfo,
};
use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;

use crate::stubs::{inginious, openedx, stepik};

const ALL: [Platform; 3] = [Platform::Stepik, Platform::OpenEdx, Platform::Inginious];

/// Names that file systems stumble over.
fn nasty() -> Vec<String> {
    let plain = [
        "Kept",
        "kept",
        "KEPT",
        "../../kept",
        "..",
        "/etc/kept",
        "a/b",
        "a\\b",
        "a-b",
        "con",
        "NUL",
        "lpt1.txt",
        "-rf",
        "end. ",
        "été",
        "a:b*c?",
        " ",
        "🦀",
    ];
    let long = |end: &str| format!("{}{end}", "long".repeat(200));
    plain.map(str::to_owned).into_iter().chain([long("x"), long("y")]).collect()
}

/// A course with each name in it, and the native blocks by their new names.
async fn course(from: Platform) -> (Content, BTreeMap<BlockId, String>) {
    let mut content = match from {
        Platform::Stepik => stepik().await,
        Platform::OpenEdx => openedx().await,
        _ => inginious().await,
    };
    // The files themselves are of no interest here.
    content.course.assets.clear();
    let is_native = |block: &Block| matches!(block.body, BlockBody::Foreign(_));
    let steps = content
        .course
        .sections
        .iter_mut()
        .flat_map(|section| &mut section.lessons)
        .flat_map(|lesson| &mut lesson.steps);
    let with_native = steps.filter(|step| step.blocks.iter().any(is_native));
    let mut names = nasty().into_iter().map(BlockId::new);
    let (mut old, mut sources, mut last) = (BTreeMap::new(), BTreeMap::new(), None);
    for step in with_native {
        let blocks = step.blocks.iter_mut().filter(|block| is_native(block));
        for block in blocks {
            let name = names.next().unwrap_or_else(|| block.id.clone());
            old.insert(std::mem::replace(&mut block.id, name.clone()), name);
            sources.insert(block.id.clone(), source(block));
        }
        last = Some(step);
    }
    // What is left of the names goes to copies of one block.
    let step = last.expect("there are native blocks");
    let model = step.blocks.iter().find(|block| is_native(block)).expect("one of these").clone();
    for name in names {
        step.blocks.push(Block { id: name.clone(), ..model.clone() });
        sources.insert(name, source(&model));
    }
    for finding in &mut content.findings {
        if let Some(new) = finding.block.as_ref().and_then(|block| old.get(block)) {
            finding.block = Some(new.clone());
        }
    }
    (content, sources)
}

fn source(block: &Block) -> String {
    match &block.body {
        BlockBody::Foreign(foreign) => foreign.source.clone(),
        _ => String::new(),
    }
}

/// One migration into a new place, with the journal in `state`.
struct Run {
    source: ProviderInfo,
    content: Content,
    target: Arc<dyn LmsProvider>,
    state: PathBuf,
}

impl Run {
    fn pair(&self) -> Pair {
        Pair::new(&self.source, &self.content.course.id, self.target.info(), None)
    }

    /// Where the report says that the original of each block is.
    fn said(report: &Report) -> BTreeMap<BlockId, String> {
        let told = report.findings.iter().filter_map(|finding| {
            let (_, name) = finding.fallback.as_deref()?.split_once("beside the journal: ")?;
            Some((finding.block.clone()?, name.to_owned()))
        });
        told.collect()
    }

    async fn prepare(&self, journal: &Journal) -> (Work, Report) {
        let target = self.target.as_ref();
        let plan = plan_content(self.content.clone(), &self.source, target).expect("a plan");
        let new = NewCourse { existing: ExistingCourse::Replace, ..NewCourse::default() };
        let options = SyncOptions { new, ..SyncOptions::default() };
        let work = Work::prepare(plan, target, target, journal, options).await.expect("work");
        let report = Report::new(work.plan()).with_originals(work.plan());
        (work, report)
    }

    async fn dry(&self) -> Report {
        let journal = Journal::peek(&self.state, self.pair()).expect("a journal");
        self.prepare(&journal).await.1
    }

    async fn real(&self) -> (Report, PathBuf) {
        let journal = Journal::open(&self.state, self.pair()).expect("a journal");
        let (work, report) = self.prepare(&journal).await;
        let target = self.target.as_ref();
        work.carry_out(target, target, &journal, &Quiet, &Stop::new()).await.expect("written");
        (report, journal.folder().to_owned())
    }
}

/// All files below a folder, and when they were written.
fn files(folder: &Path) -> BTreeMap<String, SystemTime> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let timed = entries.map(|entry| {
        let written = entry.metadata().and_then(|found| found.modified()).expect("a time");
        (entry.file_name().into_string().expect("a plain name"), written)
    });
    timed.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn originals_are_kept_on_all_ways_between_two_platforms() {
    let emulator =
        StepikEmulator::start(Options { background_delay: Duration::from_millis(1), ..Options::default() })
            .await
            .expect("it starts");
    let mut ways = 0;
    for from in ALL {
        let (content, sources) = course(from).await;
        for to in ALL.into_iter().filter(|to| *to != from) {
            let place = tempfile::tempdir().expect("a folder");
            let target: Arc<dyn LmsProvider> = match to {
                Platform::Stepik => {
                    let who = emulator.credentials();
                    let options = [
                        ("url", &who.url),
                        ("client_id", &who.client_id),
                        ("client_secret", &who.client_secret),
                    ];
                    let options = options.map(|(key, value)| (key.to_owned(), value.clone()));
                    lms::connect(to, options).expect("the options are sound")
                }
                Platform::OpenEdx => Arc::new(
                    OlxArchive::create(place.path().join("olx"), ArchiveForm::Folder).expect("a place"),
                ),
                _ => Arc::new(FolderCourse::create(place.path().join("folder")).expect("a place")),
            };
            let source = ProviderInfo { platform: from, location: "there".into() };
            let state = place.path().join("state");
            kept(
                &Run { source, content: content.clone(), target, state },
                &sources,
                &format!("{from} to {to}"),
            )
            .await;
            ways += 1;
        }
    }
    assert_eq!(ways, 6);
}

async fn kept(run: &Run, sources: &BTreeMap<BlockId, String>, way: &str) {
    let foreseen = run.dry().await;
    assert!(!run.state.exists(), "{way}: trying dry writes nothing");
    let (report, journal) = run.real().await;
    assert_eq!(Run::said(&foreseen), Run::said(&report), "{way}");

    let said = Run::said(&report);
    let folder = journal.join("originals");
    for (id, source) in sources {
        let name =
            said.get(id).unwrap_or_else(|| panic!("{way}: {id}: no finding says where the original is"));
        let text = fs::read_to_string(journal.join(name)).unwrap_or_else(|e| panic!("{way}: {name}: {e}"));
        assert_eq!(text, *source, "{way}: {id}");
    }
    let there = files(&folder);
    let told: BTreeSet<String> =
        said.values().map(|name| name.trim_start_matches("originals/").to_owned()).collect();
    assert_eq!(there.keys().cloned().collect::<BTreeSet<_>>(), told, "{way}: nothing else lies there");
    assert_eq!(told.len(), said.len(), "{way}: each has a file of its own");
    let folded: BTreeSet<String> = told.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(folded.len(), told.len(), "{way}: where capitals are not told apart, too");
    for name in &told {
        assert!(is_portable(name), "{way}: {name}");
    }
    #[cfg(unix)]
    for path in there.keys().map(|name| folder.join(name)).chain([folder.clone(), journal.clone()]) {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{way}: others may read {}", path.display());
    }

    // Killed while it wrote: the next run makes it whole. Another one has nothing to write.
    let torn = folder.join(told.first().expect("one"));
    fs::write(&torn, "half of i").expect("written");
    fs::write(folder.join(".new"), "half of i").expect("written");
    let lost = folder.join(told.last().expect("one"));
    fs::remove_file(&lost).expect("removed");
    run.real().await;
    for (id, source) in sources {
        let text = fs::read_to_string(journal.join(&said[id])).unwrap_or_default();
        assert_eq!(text, *source, "{way}: {id} after a kill");
    }
    let mended = files(&folder);
    assert_eq!(mended.keys().collect::<Vec<_>>(), there.keys().collect::<Vec<_>>(), "{way}: no scraps");
    let (again, _) = run.real().await;
    assert_eq!((files(&folder), Run::said(&again)), (mended, said), "{way}: a run more changes nothing");
}

/// Letters, digits and a few signs, none of them first; short; none of the names that Windows keeps for devices.
fn is_portable(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let device = ["con", "prn", "aux", "nul"].contains(&stem.as_str())
        || (stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !device
        && name.len() <= 100
        && name.chars().all(plain)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}
