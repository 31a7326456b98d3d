//! A second run: nothing is written where nothing changed, and what changed is written and nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lms::openedx::OlxArchive;
use lms_core::{
    AssetLinks, Block, BlockBody, Course, CoursesExt, LessonId, LmsProviderExt, Markup, Platform, Slot, Step,
    StepId, Text,
};
use serde_json::Value;

use crate::site::{Site, demo, said};

/// A site that the demo course was migrated to, and the archive that it came from.
struct Pair {
    site: Site,
    folder: tempfile::TempDir,
    source: PathBuf,
}

/// What a run wrote: the method and the kind of thing of each request that is no sign-in and no export.
fn writes(site: &Site) -> Vec<String> {
    let entries = site.log().entries();
    let changing = entries.iter().filter(|e| !matches!(e.method.as_str(), "GET" | "HEAD" | "PROPFIND"));
    changing
        .filter(|e| !e.path.starts_with("/oauth2/") && !e.path.starts_with("/export/"))
        .filter(|e| !["login", "signin", "authentication"].iter().any(|word| e.path.contains(word)))
        .map(|e| {
            let mut parts = e.path.trim_matches('/').split('/');
            let kind = match (parts.next(), parts.next(), parts.next_back()) {
                (Some("api"), Some(kind), _) => kind,
                (Some(_course), Some(_), Some(file)) => file,
                (_, last, _) => last.unwrap_or_default(),
            };
            format!("{} {kind}", e.method)
        })
        .collect()
}

impl Pair {
    async fn migrated(platform: Platform) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let source = demo(folder.path()).await;
        let pair = Self { site: Site::start(platform).await, folder, source };
        // A platform that wants titles calls a step without one by its place, which changes with what is put
        // before it.
        pair.edit(async |archive, course| {
            let lesson = Self::lesson(course);
            for (n, step) in (1..).zip(&lesson.steps) {
                let step = Step { title: format!("Named {}", step.id), ..step.clone() };
                let slot = Slot { existing: Some(step.id.clone()), ..Slot::new(n) };
                put(archive, course, &lesson.id, &step, slot).await;
            }
        })
        .await;
        let first = pair.run(&[]).await;
        assert_eq!(first.0, 0, "{}", first.1);
        pair
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// `lms migrate`: the exit code, all that it said, and the report.
    async fn run(&self, more: &[&str]) -> (i32, String, Value) {
        let more: Vec<&str> = more.iter().copied().chain(["--json"]).collect();
        let output = self.site.migrate(&self.state(), &self.source, &more).await;
        let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.code().expect("it was not killed"), said(&output), report)
    }

    /// The second lesson of the first section has steps of its own, none of them the only one.
    fn lesson(course: &Course) -> &lms_core::Lesson {
        &course.sections[0].lessons[1]
    }

    /// Changes the archive.
    async fn edit(&self, edit: impl AsyncFnOnce(&OlxArchive, &Course)) {
        let archive = OlxArchive::open(&self.source).expect("an archive");
        let courses = archive.require_courses().expect("courses");
        let id = courses.first_course().await.expect("a course").id;
        let course = courses.content(&id).await.expect("it can be read").course;
        edit(&archive, &course).await;
        archive.require_authoring().expect("it can be written").finish_nodes(&id).await.expect("packed");
    }

    /// Step ids of the target, by lesson, in order.
    async fn ids(&self) -> Vec<Vec<String>> {
        let course = self.site.only_course().await;
        let lessons = course.sections.iter().flat_map(|section| &section.lessons);
        lessons.map(|lesson| lesson.steps.iter().map(|step| step.id.to_string()).collect()).collect()
    }
}

async fn put(archive: &OlxArchive, course: &Course, lesson: &LessonId, step: &Step, slot: Slot<StepId>) {
    let authoring = archive.require_authoring().expect("it can be written");
    authoring.put_step(&course.id, lesson, step, &slot, &AssetLinks::new()).await.expect("written");
}

fn text_step(id: &str, html: &str) -> Step {
    let mut step = Step::new(id, "Put between");
    let text = Text { markup: Markup::from_html(html) };
    step.blocks.push(Block::new(format!("{id}-text"), BlockBody::Text(text)));
    step
}

/// A new step stands second in the second lesson.
async fn insert(pair: &Pair) {
    pair.edit(async |archive, course| {
        let lesson = Pair::lesson(course);
        let step = text_step("put-between", "<p>Between two others.</p>");
        put(archive, course, &lesson.id, &step, Slot::new(2)).await;
        let mut order: Vec<StepId> = lesson.steps.iter().map(|step| step.id.clone()).collect();
        order.insert(1, "put-between".into());
        let authoring = archive.require_authoring().expect("it can be written");
        authoring.order_steps(&course.id, &lesson.id, &order).await.expect("ordered");
    })
    .await;
}

/// The text of that step is another.
async fn change(pair: &Pair, html: &str) {
    pair.edit(async |archive, course| {
        let lesson = Pair::lesson(course);
        let slot = Slot { existing: Some("put-between".into()), ..Slot::new(2) };
        put(archive, course, &lesson.id, &text_step("put-between", html), slot).await;
    })
    .await;
}

/// It stands first.
async fn shift(pair: &Pair) {
    pair.edit(async |archive, course| {
        let lesson = Pair::lesson(course);
        let mut order: Vec<StepId> = lesson.steps.iter().map(|step| step.id.clone()).collect();
        order.swap(0, 1);
        let authoring = archive.require_authoring().expect("it can be written");
        authoring.order_steps(&course.id, &lesson.id, &order).await.expect("ordered");
    })
    .await;
}

async fn remove(pair: &Pair) {
    pair.edit(async |archive, course| {
        let authoring = archive.require_authoring().expect("it can be written");
        authoring.delete_step(&course.id, &"put-between".into()).await.expect("deleted");
    })
    .await;
}

/// Which writes each change makes, as they are counted on the platform's side.
struct Expected {
    insert: &'static [&'static str],
    change: &'static [&'static str],
    shift: &'static [&'static str],
    remove: &'static [&'static str],
}

async fn exactly_what_changed(platform: Platform, expected: Expected) {
    let pair = Pair::migrated(platform).await;
    let before = pair.ids().await;
    let run = async |more: &[&str], wanted: &[&str], what: &str| {
        pair.site.log().clear();
        let dry = pair.run(&[&["--dry-run"], more].concat()).await;
        assert_eq!(writes(&pair.site), Vec::<String>::new(), "{what}: a dry run writes nothing");
        let (code, said, report) = pair.run(more).await;
        assert_eq!(code, 0, "{what}: {said}");
        let said = said.split("\n}\n").last().unwrap_or_default();
        assert_eq!(dry.2["changes"], report["changes"], "{what}: the dry run tells the truth");
        assert_eq!(dry.2["findings"], report["findings"], "{what}: the dry run tells the truth");
        assert_eq!(writes(&pair.site), wanted, "{what}: {said}");
        assert_eq!(said.contains("as it was before is in"), !wanted.is_empty(), "{what}: {said}");
    };
    run(&[], &[], "a second run").await;

    insert(&pair).await;
    run(&[], expected.insert, "one step inserted").await;
    let with = pair.ids().await;
    let mut without = with.clone();
    let new = without[1].remove(1);
    assert_eq!(without, before, "all other ids are what they were");
    assert!(!before.concat().contains(&new));

    change(&pair, "<p>Between two others, with other words.</p>").await;
    run(&[], expected.change, "one step edited").await;
    assert_eq!(pair.ids().await, with, "an edit keeps all ids");

    shift(&pair).await;
    run(&[], expected.shift, "one step moved").await;
    let mut shifted = with.clone();
    shifted[1].swap(0, 1);
    assert_eq!(pair.ids().await, shifted, "a move keeps all ids");

    remove(&pair).await;
    let course = pair.site.only_course().await;
    pair.site.log().clear();
    let (code, said, _) = pair.run(&["--no-verify"]).await;
    assert_eq!((code, writes(&pair.site).len()), (0, 0), "nothing is deleted unasked: {said}");
    let (code, said, _) = pair.run(&["--delete", "--max-delete", "0"]).await;
    assert_eq!((code, writes(&pair.site).len()), (1, 0), "{said}");
    assert!(said.contains("no more than 0"), "{said}");
    assert_eq!(pair.site.only_course().await, course);
    run(&["--delete", "--max-delete", "1"], expected.remove, "one step deleted").await;
    assert_eq!(pair.ids().await, before, "the others stay");
    run(&["--delete"], &[], "and again").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stepik_gets_exactly_what_changed() {
    exactly_what_changed(
        Platform::Stepik,
        Expected {
            insert: &["POST step-sources"],
            change: &["PUT step-sources"],
            shift: &["PUT step-sources"],
            remove: &["DELETE step-sources"],
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openedx_gets_exactly_what_changed() {
    const IMPORT: &[&str] = &["POST courses"];
    exactly_what_changed(
        Platform::OpenEdx,
        Expected { insert: IMPORT, change: IMPORT, shift: IMPORT, remove: IMPORT },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inginious_gets_exactly_what_changed() {
    exactly_what_changed(
        Platform::Inginious,
        Expected {
            insert: &["MKCOL put-between", "PUT task.yaml", "PUT course.yaml"],
            change: &["PUT task.yaml", "PUT course.yaml"],
            shift: &["PUT course.yaml"],
            remove: &["PUT course.yaml", "DELETE put-between"],
        },
    )
    .await;
}

/// The author of the target edits the step there.
async fn edit_on_target(pair: &Pair, html: &str) {
    let provider = pair.site.provider();
    let course = pair.site.only_course().await;
    let lesson = Pair::lesson(&course);
    let old = &lesson.steps[1];
    let mut step = text_step("theirs", html);
    step.title.clone_from(&old.title);
    let step = Step { id: old.id.clone(), ..step };
    let slot = Slot { existing: Some(old.id.clone()), ..Slot::new(2) };
    let authoring = provider.require_authoring().expect("it can be written");
    authoring.put_step(&course.id, &lesson.id, &step, &slot, &AssetLinks::new()).await.expect("written");
    authoring.finish_nodes(&course.id).await.expect("whole");
}

fn change_of(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let changes = report["changes"]["changes"].as_array().cloned().unwrap_or_default();
    changes.iter().map(|change| (text(&change["action"]), text(&change["kind"]))).collect()
}

async fn what_both_sides_changed_is_refused(platform: Platform) {
    let pair = Pair::migrated(platform).await;
    insert(&pair).await;
    assert_eq!(pair.run(&[]).await.0, 0);

    edit_on_target(&pair, "<p>As the author of the target has it.</p>").await;
    pair.site.log().clear();
    let (_, said, report) = pair.run(&["--no-verify"]).await;
    assert_eq!(change_of(&report), [("keep".into(), "step".into())], "{said}");
    assert_eq!(writes(&pair.site).len(), 0, "what only the target changed is kept: {said}");

    change(&pair, "<p>As the source has it.</p>").await;
    let (code, said, report) = pair.run(&[]).await;
    assert_eq!((code, report, writes(&pair.site).len()), (1, Value::Null, 0), "{said}");
    assert!(said.contains("changed in the source and on the target"), "{said}");
    let (code, _, report) = pair.run(&["--dry-run"]).await;
    assert_eq!((code, change_of(&report)), (1, vec![("conflict".into(), "step".into())]));

    let (code, said, _) = pair.run(&["--prefer", "source"]).await;
    assert_eq!(code, 0, "{said}");
    let course = pair.site.only_course().await;
    let BlockBody::Text(text) = &Pair::lesson(&course).steps[1].blocks[0].body else { panic!("text") };
    assert!(text.markup.html().contains("As the source has it"), "{}", text.markup);
    let backups = backups(&pair.state());
    assert!(
        backups.iter().any(|backup| backup.contains("As the author of the target has it")),
        "{backups:?}"
    );
}

/// All that stands in the bundles that were kept.
fn backups(state: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for migration in std::fs::read_dir(state.join("migrations")).expect("migrations").flatten() {
        let Ok(kept) = std::fs::read_dir(migration.path().join("backups")) else { continue };
        for bundle in kept.flatten() {
            found.push(all_text(&bundle.path()));
        }
    }
    found
}

fn all_text(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() {
            text += &all_text(&entry.path());
        } else {
            text += &String::from_utf8_lossy(&std::fs::read(entry.path()).expect("a file"));
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stepik_conflicts_are_refused() {
    what_both_sides_changed_is_refused(Platform::Stepik).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openedx_conflicts_are_refused() {
    what_both_sides_changed_is_refused(Platform::OpenEdx).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inginious_conflicts_are_refused() {
    what_both_sides_changed_is_refused(Platform::Inginious).await;
}

/// Verification does not fetch again what was just copied.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_file_of_the_source_is_fetched_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, site) = (demo(folder.path()).await, Site::start(Platform::Stepik).await);
    let sent = site.migrate(folder.path(), &source, &["--no-verify"]).await;
    assert!(sent.status.success(), "{}", said(&sent));
    let from = format!("stepik:{}", site.only_course().await.id);
    let mut export = site.lms(folder.path());
    let export = export.args(["export", &from]).arg(folder.path().join("bundle")).output().await;
    let export = export.expect("it runs");
    assert!(export.status.success(), "{}", said(&export));
    assert!(said(&export).contains("read back: 0 differences"), "{}", said(&export));
    let mut fetched: BTreeMap<String, usize> = BTreeMap::new();
    for entry in site.log().entries().iter().filter(|entry| entry.path.starts_with("/media/")) {
        *fetched.entry(entry.path.clone()).or_default() += 1;
    }
    assert!(fetched.len() > 2 && fetched.values().all(|times| *times == 1), "{fetched:?}");
}
