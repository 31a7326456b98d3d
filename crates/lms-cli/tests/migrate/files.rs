//! Files that somebody changed on the target, or put there, between two runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lms::inginious::FolderCourse;
use lms_core::{Asset, AssetBody, AssetLinks, AssetRole, CoursesExt, LmsProvider, LmsProviderExt, Platform};
use lms_migrate::Bundle;
use serde_json::Value;

use crate::site::{Site, lms, said};

const COURSE: &str = r#"<course org="Org" course="Files" url_name="run" display_name="Files">
  <chapter url_name="s" display_name="Section"><sequential url_name="l" display_name="Lesson">
    <vertical url_name="v" display_name="Step"><html url_name="h"><p>See <a href="/static/data.csv">the data</a>.</p></html>
    </vertical><vertical url_name="w" display_name="Last"><html url_name="i"><p>That is all.</p></html></vertical>
  </sequential></chapter></course>"#;

/// Where the course goes.
enum Target {
    Site(Box<Site>, &'static [(&'static str, &'static str)]),
    Bundle,
    Folder,
}

async fn site(platform: Platform, options: &'static [(&'static str, &'static str)]) -> Target {
    Target::Site(Box::new(Site::start(platform).await), options)
}

struct Pair {
    target: Target,
    folder: tempfile::TempDir,
}

impl Pair {
    /// A course with one file, migrated.
    async fn migrated(target: Target) -> Self {
        let pair = Self { target, folder: tempfile::tempdir().expect("a folder") };
        std::fs::create_dir_all(pair.source().join("static")).expect("a folder");
        std::fs::write(pair.source().join("course.xml"), COURSE).expect("a file");
        pair.in_source("data.csv", "one");
        let (code, said, _) = pair.run(&[]).await;
        assert_eq!(code, 0, "{said}");
        pair
    }

    fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("target")
    }

    fn in_source(&self, name: &str, text: &str) {
        std::fs::write(self.source().join("static").join(name), text).expect("a file");
    }

    /// `lms migrate`: the exit code, what it said, and what it did to files.
    async fn run(&self, more: &[&str]) -> (i32, String, Vec<String>) {
        let state = self.folder.path().join("state");
        let (mut command, target) = match &self.target {
            Target::Site(site, options) => {
                let mut command = site.lms(&state);
                for (key, value) in *options {
                    command.env(format!("LMS_{}_{key}", site.platform()).to_uppercase(), value);
                }
                (command, site.target())
            }
            Target::Bundle => (lms(&state), format!("bundle:{}", self.path().display())),
            Target::Folder => (lms(&state), format!("folder:{}", self.path().display())),
        };
        command.arg("migrate").arg(self.source()).arg(target).args(more).arg("--json");
        let output = command.output().await.expect("it runs");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let changes = report["changes"]["changes"].as_array().cloned().unwrap_or_default();
        let changes = changes.iter().filter(|change| change["kind"] == "file");
        let changes = changes.map(|change| {
            let text = |key: &str| change[key].as_str().unwrap_or_default().to_owned();
            format!("{} {}", text("action"), text("path").rsplit('/').next().unwrap_or_default())
        });
        (output.status.code().expect("it was not killed"), said(&output), changes.collect())
    }

    fn provider(&self) -> Arc<dyn LmsProvider> {
        match &self.target {
            Target::Site(site, options) => {
                let more = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
                let all: Vec<_> = site.options().into_iter().chain(more).collect();
                lms::connect(site.platform(), all).expect("a provider")
            }
            Target::Bundle => Arc::new(Bundle::open(self.path()).expect("a bundle")),
            Target::Folder => Arc::new(FolderCourse::open(self.path()).expect("a course folder")),
        }
    }

    /// The target's people put a file there, or another in its place.
    async fn on_target(&self, name: &str, text: &'static str) {
        let provider = self.provider();
        let courses = provider.require_courses().expect("courses");
        let course = courses.first_course().await.expect("a course").id;
        let header = courses.content(&course).await.expect("it can be read").course.header();
        let role = AssetRole::Content;
        let asset = Asset { id: name.into(), name: name.into(), media_type: None, size: None, role };
        let authoring = provider.require_authoring().expect("it can be written");
        authoring.put_asset(&course, &asset, AssetBody::from_bytes(text)).await.expect("stored");
        match &self.target {
            Target::Bundle => authoring.finish(&course, &header, &AssetLinks::new()).await,
            _ => authoring.finish_nodes(&course).await,
        }
        .expect("whole");
    }

    /// What the target has under this name.
    async fn there(&self, name: &str) -> Vec<String> {
        let provider = self.provider();
        let courses = provider.require_courses().expect("courses");
        let course = courses.first_course().await.expect("a course").id;
        let files = courses.content(&course).await.expect("it can be read").course.assets;
        let mut found = Vec::new();
        for file in files.iter().filter(|file| file.name.rsplit('/').next() == Some(name)) {
            let body = courses.read_asset(&course, &file.id).await.expect("a file");
            let bytes = body.into_bytes(1 << 10).await.expect("a small one");
            found.push(String::from_utf8_lossy(&bytes).into_owned());
        }
        found
    }
}

/// Changed on both sides, then new on both sides; each is refused, and then decided.
async fn what_the_target_has_is_not_written_over(target: Target) {
    let pair = Pair::migrated(target).await;
    pair.on_target("data.csv", "theirs").await;
    let (code, said, changes) = pair.run(&[]).await;
    assert_eq!((code, changes), (4, vec![]), "it is kept, and verification says so: {said}");
    assert!(said.contains("file data.csv") || said.contains("/data.csv"), "{said}");
    assert_eq!(pair.there("data.csv").await, ["theirs"]);

    pair.in_source("data.csv", "two");
    let (code, said, _) = pair.run(&[]).await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("data.csv") && said.contains("changed in the source and on the target"), "{said}");
    let dry = pair.run(&["--dry-run"]).await;
    assert_eq!((dry.0, dry.2), (1, vec!["conflict data.csv".to_owned()]), "{}", dry.1);
    assert_eq!(pair.there("data.csv").await, ["theirs"]);
    let (code, said, changes) = pair.run(&["--prefer", "target", "--no-verify"]).await;
    assert_eq!((code, changes.join(", ").as_str()), (0, "keep data.csv"), "{said}");
    assert_eq!(pair.there("data.csv").await, ["theirs"]);
    let (code, said, changes) = pair.run(&["--no-verify"]).await;
    assert_eq!((code, changes), (0, vec![]), "it is settled: {said}");

    pair.on_target("more notes.txt", "theirs").await;
    pair.in_source("more notes.txt", "ours");
    let (code, said, _) = pair.run(&[]).await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("the target has its own of this name"), "{said}");
    assert_eq!(pair.there("more notes.txt").await, ["theirs"]);
    let (code, said, changes) = pair.run(&["--prefer", "source", "--no-verify"]).await;
    assert_eq!((code, changes.join(", ").as_str()), (0, "update more notes.txt"), "{said}");
    assert_eq!(
        (pair.there("more notes.txt").await, pair.there("data.csv").await),
        (vec!["ours".to_owned()], vec!["theirs".to_owned()])
    );

    // Nobody has touched it since.
    pair.in_source("more notes.txt", "ours, improved");
    let (code, said, changes) = pair.run(&["--no-verify"]).await;
    assert_eq!((code, changes.join(", ").as_str()), (0, "update more notes.txt"), "{said}");
    assert_eq!(pair.there("more notes.txt").await, ["ours, improved"]);
    assert!(
        saved(&pair.folder.path().join("state")).iter().any(|text| text == "ours"),
        "it was saved before"
    );
}

/// Tasks are folders, and a folder goes with all that is in it.
async fn a_task_does_not_go_with_the_files_of_others(target: Target) {
    let pair = Pair::migrated(target).await;
    let (before, _) = COURSE.split_once("<vertical url_name=\"w\"").expect("two steps");
    std::fs::write(pair.source().join("course.xml"), format!("{before}</sequential></chapter></course>"))
        .expect("a file");
    pair.on_target("w/public/own.txt", "theirs").await;
    let (code, said, _) = pair.run(&["--delete"]).await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("no longer in the source, and it holds what only the target has"), "{said}");
    let (code, said, _) = pair.run(&["--delete", "--prefer", "source", "--no-verify"]).await;
    assert_eq!((code, pair.there("own.txt").await), (0, vec!["theirs".to_owned()]), "{said}");
}

/// All that lies in the bundles that were kept.
fn saved(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => saved(&path),
            false => vec![String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned()],
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openedx_by_archive() {
    what_the_target_has_is_not_written_over(site(Platform::OpenEdx, &[]).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openedx_block_by_block() {
    let by_block = site(Platform::OpenEdx, &[("write_by", "blocks")]).await;
    what_the_target_has_is_not_written_over(by_block).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inginious() {
    what_the_target_has_is_not_written_over(site(Platform::Inginious, &[]).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bundle() {
    what_the_target_has_is_not_written_over(Target::Bundle).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn folder() {
    what_the_target_has_is_not_written_over(Target::Folder).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_that_are_deleted() {
    a_task_does_not_go_with_the_files_of_others(site(Platform::Inginious, &[]).await).await;
    a_task_does_not_go_with_the_files_of_others(Target::Folder).await;
}

/// What Studio writes anew by itself tells nothing of what people did there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_studio_rewrites_are_no_conflict() {
    let pair = Pair::migrated(site(Platform::OpenEdx, &[]).await).await;
    std::fs::create_dir(pair.source().join("policies")).expect("a folder");
    for text in ["{}", "{\n}"] {
        std::fs::write(pair.source().join("policies/assets.json"), text).expect("a file");
        let (code, said, changes) = pair.run(&[]).await;
        assert_eq!((code, changes.join(", ").as_str()), (0, "update assets.json"), "{said}");
    }
}
