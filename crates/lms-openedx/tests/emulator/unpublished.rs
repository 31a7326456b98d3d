//! What others do in Studio: what they have not published, and what they do while a course is being written.

use lms_core::*;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_openedx::*;

use crate::world::{self, course, usage};

async fn read(edx: &OpenEdx) -> Course {
    edx.require_courses().expect("courses").content(&course()).await.expect("the course").course
}

/// The first unit with another answer to its problem.
async fn put_sum(edx: &OpenEdx, answer: &str) -> Result<()> {
    let mut step = read(edx).await.sections[0].lessons[0].steps[0].clone();
    let value = NumberAccept::Value { value: answer.into(), tolerance: Tolerance::none() };
    for block in &mut step.blocks {
        if let BlockBody::Exercise(exercise) = &mut block.body {
            exercise.key = Some(Key::Number { accept: vec![value.clone()] });
        }
    }
    let slot = Slot { position: 1, existing: Some(step.id.clone()) };
    let authoring = edx.require_authoring()?;
    authoring.put_step(&course(), &"hw1".into(), &step, &slot, &AssetLinks::new()).await?;
    authoring.finish_nodes(&course()).await
}

/// The author, by archive and block by block.
fn authors(server: &OpenEdxEmulator) -> [OpenEdx; 2] {
    let [blocks, _] = world::writers(server);
    [world::author(server), blocks]
}

/// What the site holds of the course, drafts included, by file.
async fn exported(edx: &OpenEdx) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.tar.gz");
    edx.export_archive(&course(), &path).await.expect("exported");
    let mut archive =
        tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(path).expect("a file")));
    let mut files = Vec::new();
    for entry in archive.entries().expect("members") {
        let mut entry = entry.expect("a member");
        let name = entry.path().expect("a path").display().to_string();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut entry, &mut text).expect("text");
        files.push((name, text));
    }
    files.sort();
    files
}

fn text_of(files: &[(String, String)], name: &str) -> String {
    files.iter().find(|(file, _)| file == name).map(|(_, text)| text.clone()).unwrap_or_default()
}

async fn unit(edx: &OpenEdx, title: &str) -> BlockId {
    let unit =
        edx.create_block(&usage("sequential", "hw1"), &NewBlock::new("vertical", title)).await.expect("made");
    let page = edx.create_block(&unit, &NewBlock::new("html", "Page")).await.expect("made");
    edx.update_block(&page, &BlockChange::data(format!("<p>{title}</p>"))).await.expect("changed");
    unit
}

#[tokio::test]
async fn what_is_not_published_stays_so() {
    let server = world::start().await;
    let theirs = world::author(&server);
    // Once imported, settings are spelled as they will be.
    imported(&theirs, async |_| ()).await;
    theirs.update_block(&usage("html", "read"), &BlockChange::data("<p>Theirs.</p>")).await.expect("changed");
    unit(&theirs, "Soon").await;
    let [archive, blocks] = authors(&server);
    let before = exported(&theirs).await;
    assert!(text_of(&before, "course/drafts/html/read.html").contains("Theirs"));

    // A unit that is published as a whole would take their text with it.
    let refused = put_sum(&blocks, "17").await.expect_err("there is a draft");
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    assert!(refused.to_string().contains("not published"), "{refused}");
    assert_eq!(exported(&theirs).await, before);

    // In an archive both versions go: only the published one is another then.
    put_sum(&archive, "18").await.expect("written");
    let after = exported(&theirs).await;
    let changed: Vec<&str> =
        after.iter().filter(|file| !before.contains(file)).map(|(name, _)| &**name).collect();
    assert_eq!(changed, ["course/problem/sum.xml"]);
    assert_eq!(after.len(), before.len());
}

#[tokio::test]
async fn what_a_run_that_broke_off_has_left_is_no_obstacle() {
    let server = world::start().await;
    let [_, blocks] = authors(&server);
    // The run came as far as the problem, as one did elsewhere, and did not publish it.
    let elsewhere = world::start().await;
    let [_, whole] = authors(&elsewhere);
    put_sum(&whole, "17").await.expect("written");
    let written = whole.studio_block(&usage("problem", "sum")).await.expect("a block");
    let mut change = BlockChange::data(written.data.expect("a problem"));
    change.metadata = written.metadata;
    blocks.update_block(&usage("problem", "sum"), &change).await.expect("changed");
    put_sum(&blocks, "17").await.expect("it goes on");
    let there = exported(&blocks).await;
    assert!(text_of(&there, "course/problem/sum.xml").contains("answer=\"17\""));
    assert!(there.iter().all(|(name, _)| !name.starts_with("course/drafts/")), "all of it is published");
}

#[tokio::test]
async fn nothing_is_deleted_with_what_is_not_published_in_it() {
    let server = world::start().await;
    let theirs = world::author(&server);
    let soon = unit(&theirs, "Soon").await;
    let before = exported(&theirs).await;
    for edx in authors(&server) {
        let authoring = edx.require_authoring().expect("authoring");
        read(&edx).await;
        let lesson = authoring.delete_lesson(&course(), &"hw1".into()).await.expect_err("a draft is in it");
        let section =
            authoring.delete_section(&course(), &"week1".into()).await.expect_err("a draft is in it");
        assert_eq!((lesson.kind(), section.kind()), (ErrorKind::Conflict, ErrorKind::Conflict));
        assert_eq!(exported(&theirs).await, before);
    }
    theirs.delete_block(&soon).await.expect("deleted");
    theirs.update_block(&usage("html", "read"), &BlockChange::data("<p>Theirs.</p>")).await.expect("changed");
    for edx in authors(&server) {
        let before = exported(&theirs).await;
        read(&edx).await;
        let authoring = edx.require_authoring().expect("authoring");
        let refused = authoring.delete_step(&course(), &"unit1".into()).await.expect_err("it has a draft");
        assert_eq!(refused.kind(), ErrorKind::Conflict);
        assert_eq!(exported(&theirs).await, before);
        authoring.delete_step(&course(), &"unit2".into()).await.expect("that one has none");
        authoring.finish_nodes(&course()).await.expect("deleted");
        let after = exported(&theirs).await;
        assert!(text_of(&after, "course/drafts/html/read.html").contains("Theirs"));
        assert_eq!(text_of(&after, "course/vertical/unit2.xml"), "");
        // Once more, for the other one.
        unit_two(&theirs).await;
    }
}

/// The second unit, as it was before.
async fn unit_two(edx: &OpenEdx) {
    let folder = tempfile::tempdir().expect("a folder");
    let original = OlxArchive::open(world::write(folder.path())).expect("a course");
    let whole = original.content(&course()).await.expect("read").course;
    let step = &whole.sections[0].lessons[0].steps[1];
    imported(edx, async |copy| {
        let slot = Slot::new(2);
        copy.put_step(&course(), &"hw1".into(), step, &slot, &AssetLinks::new()).await.expect("put");
    })
    .await;
}

/// The course, exported, changed and imported by hand.
async fn imported(edx: &OpenEdx, change: impl AsyncFnOnce(&OlxArchive)) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.tar.gz");
    edx.export_archive(&course(), &path).await.expect("exported");
    let copy = OlxArchive::open(&path).expect("a course");
    change(&copy).await;
    copy.finish_nodes(&course()).await.expect("packed");
    let task = edx.start_import(&course(), &path).await.expect("sent");
    edx.finish_import(&task, Patience::default()).await.expect("imported");
}

#[tokio::test]
async fn units_that_were_never_published_keep_their_places() {
    let server = world::start().await;
    let [_, edx] = authors(&server);
    let soon = unit(&edx, "Soon").await;
    let hw1 = usage("sequential", "hw1");
    let (unit1, unit2) = (usage("vertical", "unit1"), usage("vertical", "unit2"));
    let mut change = BlockChange::default();
    change.children = Some(vec![unit1.clone(), soon.clone(), unit2.clone()]);
    edx.update_block(&hw1, &change).await.expect("it stands between");
    let authoring = edx.require_authoring().expect("authoring");
    authoring
        .order_steps(&course(), &"hw1".into(), &["unit2".into(), "unit1".into()])
        .await
        .expect("ordered");
    let ids: Vec<String> = read(&edx).await.steps().map(|step| step.id.to_string()).collect();
    assert_eq!(ids, ["unit2", "unit1"]);
    let draft =
        exported(&edx).await.into_iter().find(|(name, _)| name.starts_with("course/drafts/vertical/"));
    let (_, draft) = draft.expect("it is there");
    assert!(draft.contains("index_in_children_list=\"2\""), "behind the first unit, as before: {draft}");
}

/// Between reading and importing: an import would put back what was read.
#[tokio::test]
async fn what_somebody_does_while_a_course_is_written_is_not_undone() {
    let server = world::start().await;
    let (theirs, ours) = (world::author(&server), world::author(&server));
    let authoring = ours.require_authoring().expect("authoring");
    for n in 0..3 {
        let whole = read(&ours).await;
        let (id, mut step) = (course(), whole.sections[0].lessons[0].steps[0].clone());
        step.title = format!("Adding {n}");
        let slot = Slot { position: 1, existing: Some(step.id.clone()) };
        authoring.put_step(&id, &"hw1".into(), &step, &slot, &AssetLinks::new()).await.expect("staged");
        match n {
            0 => {
                let change = BlockChange::default().with("display_name", "Theirs");
                theirs.update_block(&usage("sequential", "hw1"), &change).await.expect("changed");
            }
            1 => drop(theirs.upload_file(&id, "own.bin", vec![0_u8; 9].into()).await.expect("stored")),
            _ => drop(unit(&theirs, "Soon").await),
        }
        let before = exported_names(&theirs).await;
        let refused = authoring.finish_nodes(&id).await.expect_err("it has changed");
        assert_eq!(refused.kind(), ErrorKind::Conflict, "{n}");
        assert!(refused.to_string().contains("nothing was imported"), "{refused}");
        assert_eq!(exported_names(&theirs).await, before, "{n}");
        // By what is there now it can be decided anew.
        read(&ours).await;
        authoring.put_step(&id, &"hw1".into(), &step, &slot, &AssetLinks::new()).await.expect("staged");
        authoring.finish_nodes(&id).await.expect("imported");
        assert_eq!(exported_names(&theirs).await.len(), before.len(), "{n}");
    }
    let now = read(&ours).await;
    assert_eq!(now.sections[0].lessons[0].title, "Theirs");
    assert!(now.assets.iter().any(|file| file.name == "own.bin"));
    assert!(now.assets.iter().any(|file| file.name.starts_with("drafts/vertical/")));
}

/// Files and how long they are: not all are text.
async fn exported_names(edx: &OpenEdx) -> Vec<(String, u64)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.tar.gz");
    edx.export_archive(&course(), &path).await.expect("exported");
    let mut archive =
        tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(path).expect("a file")));
    let entries = archive.entries().expect("members").map(|entry| entry.expect("a member"));
    entries.map(|entry| (entry.path().expect("a path").display().to_string(), entry.size())).collect()
}
