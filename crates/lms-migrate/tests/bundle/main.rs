//! The portable bundle: what is written is read back, edits are taken or named, nothing leads out of it.

mod values;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use lms_core::{
    Asset, AssetBody, AssetLinks, AssetRole, Authoring, Block, BlockBody, Cardinality, ChoiceInteraction,
    ChoiceOption, Course, Courses, ErrorKind, Exercise, ExistingCourse, Interaction, Key, Lesson,
    LmsProvider, NewCourse, Section, Severity, Slot, Step, Text,
};
use lms_migrate::{Bundle, looks_like_bundle};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tempfile::TempDir;

/// Writes a course as a migration does.
async fn write(
    course: &Course,
    bytes: &[Vec<u8>],
    path: &Path,
    existing: ExistingCourse,
) -> lms_core::Result<()> {
    let bundle = Bundle::create(path)?;
    let header = course.header();
    let id = bundle.create_course(&header, &NewCourse { id: None, existing }).await?;
    let mut links = AssetLinks::new();
    for (asset, bytes) in course.assets.iter().zip(bytes) {
        let link = bundle.put_asset(&id, asset, AssetBody::from_bytes(bytes.clone())).await?;
        links.insert(asset.id.clone(), link);
    }
    for (s, section) in (1..).zip(&course.sections) {
        let section_id = bundle.put_section(&id, section, &Slot::new(s), &links).await?;
        for (l, lesson) in (1..).zip(&section.lessons) {
            let lesson_id = bundle.put_lesson(&id, &section_id, lesson, &Slot::new(l)).await?;
            for (t, step) in (1..).zip(&lesson.steps) {
                bundle.put_step(&id, &lesson_id, step, &Slot::new(t), &links).await?;
            }
        }
    }
    bundle.finish(&id, &header, &links).await
}

async fn read(path: &Path, course: &Course) -> lms_core::Result<(Course, Vec<Vec<u8>>)> {
    let bundle = Bundle::open(path)?;
    let content = bundle.content(&course.id).await?;
    assert_eq!(content.findings, [], "nothing is stray");
    let mut bytes = Vec::new();
    for asset in &content.course.assets {
        bytes.push(bundle.read_asset(&course.id, &asset.id).await?.into_bytes(1 << 20).await?.to_vec());
    }
    Ok((content.course, bytes))
}

/// All files below a folder and what is in them.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
                found.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

#[test]
fn whatever_the_model_holds_comes_back() {
    // Strategies for so large a value need more stack than a test thread has.
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(any_course_comes_back);
    thread.expect("a thread").join().expect("it comes back");
}

fn any_course_comes_back() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let folder = TempDir::new().expect("a folder");
    let config = ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() };
    let count = std::cell::Cell::new(0);
    let result = TestRunner::new(config).run(&values::course(), |(course, bytes)| {
        let n = count.replace(count.get() + 1);
        let (one, two) = (folder.path().join(format!("{n}a")), folder.path().join(format!("{n}b")));
        runtime.block_on(async {
            write(&course, &bytes, &one, ExistingCourse::Refuse).await.expect("it is written");
            let (read_course, read_bytes) = read(&one, &course).await.expect("it is read");
            prop_assert_eq!(&read_course, &course);
            prop_assert_eq!(&read_bytes, &bytes);
            write(&read_course, &read_bytes, &two, ExistingCourse::Refuse).await.expect("it is written");
            prop_assert_eq!(files(&one), files(&two));
            Ok(())
        })
    });
    result.unwrap_or_else(|e| panic!("{e}"));
}

fn course() -> Course {
    let choice = Interaction::Choice(ChoiceInteraction {
        cardinality: Cardinality::Single,
        options: ["4", "5"].map(ChoiceOption::new).into(),
        shuffle: false,
        shown: None,
    });
    let exercise =
        Exercise::new("q", "<p>2 + 2?</p>".into(), choice).with_key(Key::Choice { correct: [0].into() });
    let mut intro = Step::new("intro", "Intro");
    let text = "<p>Look:</p>\n<p><img src=\"asset:a.png\"></p>\n";
    intro.blocks.push(Block::new("b1", BlockBody::Text(Text { markup: text.into() })));
    let mut quiz = Step::new("quiz", "Quiz");
    quiz.blocks.push(Block::new("b2", BlockBody::Exercise(Box::new(exercise))));
    let mut lesson = Lesson::new("sums", "Sums");
    lesson.steps = vec![intro, quiz];
    let mut section = Section::new("one", "One");
    section.lessons.push(lesson);
    let mut course = Course::new("c", "Sums");
    course.sections.push(section);
    for id in ["a.png", "unlinked.txt"] {
        let (id, name) = (id.into(), id.into());
        course.assets.push(Asset { id, name, media_type: None, size: None, role: AssetRole::Content });
    }
    course
}

fn bytes() -> Vec<Vec<u8>> {
    vec![b"picture".to_vec(), b"text".to_vec()]
}

/// A bundle to do something to.
async fn bundle() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    write(&course(), &bytes(), &folder.path().join("b"), ExistingCourse::Refuse)
        .await
        .expect("it is written");
    folder
}

const STEP: &str = "b/sections/one/sums/quiz.json";

fn change(folder: &TempDir, file: &str, from: &str, to: &str) {
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).expect("a file");
    assert!(text.contains(from), "{file} holds no {from}: {text}");
    fs::write(&path, text.replace(from, to)).expect("it is written");
}

async fn fails(folder: &TempDir, says: &[&str]) {
    let error = read(&folder.path().join("b"), &course()).await.expect_err("it is refused");
    let said = error.to_string();
    for part in says {
        assert!(said.contains(part), "{said:?} does not say {part:?}");
    }
}

#[tokio::test]
async fn the_folder_is_laid_out_as_documented() {
    let folder = bundle().await;
    let names: Vec<String> = files(&folder.path().join("b")).into_keys().collect();
    let shown: Vec<&str> = names.iter().map(String::as_str).filter(|n| !n.starts_with("assets/")).collect();
    assert_eq!(
        shown,
        [
            ".gitattributes",
            "assets.json",
            "bundle.json",
            "sections/one/section.json",
            "sections/one/sums/intro.1.markup.html",
            "sections/one/sums/intro.json",
            "sections/one/sums/lesson.json",
            "sections/one/sums/quiz.json",
        ]
    );
    assert_eq!(names.iter().filter(|n| n.starts_with("assets/")).count(), 2, "{names:?}");
    assert!(looks_like_bundle(folder.path().join("b")) && !looks_like_bundle(folder.path()));
}

#[tokio::test]
async fn an_edit_by_hand_is_taken() {
    let folder = bundle().await;
    change(&folder, STEP, "\"points\": 1.0", "\"points\": 2");
    change(&folder, "b/sections/one/sums/intro.1.markup.html", "Look", "Behold");
    fs::create_dir(folder.path().join("b/files")).expect("a folder");
    fs::write(folder.path().join("b/files/new.png"), "new").expect("a file");
    let assets = folder.path().join("b/assets.json");
    let text = fs::read_to_string(&assets).expect("a file");
    let entry = "{\"id\": \"new.png\", \"name\": \"new.png\", \"file\": \"new.png\"}";
    fs::write(&assets, text.replacen('[', &format!("[{entry},"), 1)).expect("it is written");
    let (read, bytes) = read(&folder.path().join("b"), &course()).await.expect("it is read");
    let blocks: Vec<_> = read.blocks().map(|place| place.block.1).collect();
    assert_eq!(blocks[1].exercise().map(|e| e.scoring.points), Some(2.0));
    assert!(matches!(&blocks[0].body, BlockBody::Text(text) if text.markup.plain() == "Behold:"));
    assert_eq!((read.assets[0].id.as_str(), bytes[0].as_slice()), ("new.png", b"new".as_slice()));
}

#[tokio::test]
async fn a_mistake_is_named_with_file_line_and_field() {
    for (file, from, to, says) in [
        (
            STEP,
            "\"points\": 1.0",
            "\"ponits\": 1.0",
            [":32", "blocks[0].scoring.ponits", "known here are points, credit"],
        ),
        (
            STEP,
            "\"type\": \"choice\"",
            "\"type\": \"choise\"",
            [":12", "blocks[0].interaction.type", "choise"],
        ),
        (
            STEP,
            "\"task\": \"q\",",
            "\"task\": \"q\", \"hint\": [],",
            [":9", "blocks[0].hint", "unknown field"],
        ),
        (STEP, "\"blocks\": [", "\"blocks\": [,", [":5", "quiz.json", "not JSON"]),
        (STEP, "\"id\": \"b2\"", "\"id\": \"b1\"", ["two blocks", "b1", "Quiz"]),
        ("b/bundle.json", "\"version\": 1", "\"version\": 0", ["bundle.json:3", "version", "must be 1"]),
        ("b/bundle.json", "\"version\": 1", "\"version\": 2", ["version 2", "newer", "bundle.json"]),
        (
            "b/bundle.json",
            "\"one\"",
            "\"two\"",
            ["sections/two/section.json", "names this file", "is not there"],
        ),
        ("b/sections/one/sums/lesson.json", "\"quiz\"", "\"intro\"", ["lesson.json", "steps", "twice"]),
        ("b/assets.json", "\"sha256\"", "\"sha255\"", ["assets.json:6", "[0].sha255", "unknown field"]),
    ] {
        let folder = bundle().await;
        change(&folder, file, from, to);
        fails(&folder, &says).await;
    }
}

#[tokio::test]
async fn nothing_leads_out_of_the_bundle() {
    let text = "b/sections/one/sums/intro.json";
    for (file, from, to, says) in [
        ("b/bundle.json", "\"one\"", "\"../one\"", "must match"),
        ("b/sections/one/sums/lesson.json", "\"quiz\"", "\"../../x\"", "must match"),
        (text, "intro.1.markup.html", "../../../../secret", "leads out"),
        (text, "intro.1.markup.html", "/etc/hostname", "leads out"),
        ("b/assets.json", "\"sha256\": \"", "\"sha256\": \"../", "must match"),
        ("b/assets.json", "\"role\": \"content\"", "\"role\": \"content\", \"file\": \"../x\"", "either"),
    ] {
        let folder = bundle().await;
        fs::write(folder.path().join("secret"), "secret").expect("a file");
        change(&folder, file, from, to);
        fails(&folder, &[says]).await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_out_of_the_bundle_is_not_followed() {
    let folder = bundle().await;
    fs::write(folder.path().join("secret"), "secret").expect("a file");
    let text = folder.path().join("b/sections/one/sums/intro.1.markup.html");
    fs::remove_file(&text).expect("it goes");
    std::os::unix::fs::symlink(folder.path().join("secret"), &text).expect("a link");
    fails(&folder, &["leads out", "intro.1.markup.html"]).await;
}

#[tokio::test]
async fn a_file_whose_bytes_have_changed_is_not_given() {
    let folder = bundle().await;
    let names = files(&folder.path().join("b"));
    let (name, _) = names.iter().find(|(_, bytes)| *bytes == b"picture").expect("the picture");
    fs::write(folder.path().join("b").join(name), "pictura").expect("it is written");
    fails(&folder, &["its bytes are not those", "files/"]).await;
}

#[tokio::test]
async fn what_nothing_refers_to_is_named() {
    let folder = bundle().await;
    change(&folder, "b/sections/one/sums/lesson.json", ",\n    \"quiz\"", "");
    let content =
        Bundle::open(folder.path().join("b")).expect("a bundle").content(&"c".into()).await.expect("read");
    assert_eq!(content.findings.len(), 1, "{:?}", content.findings);
    assert_eq!(content.findings[0].path, "sections/one/sums/quiz.json");
    assert_eq!(content.findings[0].severity, Severity::Dropped);
}

#[tokio::test]
async fn a_run_that_breaks_off_leaves_what_was_there() {
    let folder = bundle().await;
    let path = folder.path().join("b");
    let before = files(&path);
    let mut other = course();
    other.title = "Other".into();
    let error = write(&other, &bytes(), &path, ExistingCourse::Refuse).await.expect_err("it is refused");
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    {
        let bundle = Bundle::create(&path).expect("a place");
        let new = NewCourse { id: None, existing: ExistingCourse::Replace };
        let id = bundle.create_course(&other.header(), &new).await.expect("begun");
        bundle.put_section(&id, &other.sections[0], &Slot::new(1), &AssetLinks::new()).await.expect("put");
    }
    assert_eq!(files(&path), before);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left beside it");

    // Points that are no number cannot be said in JSON; the old bundle stays.
    if let BlockBody::Exercise(exercise) = &mut other.sections[0].lessons[0].steps[1].blocks[0].body {
        exercise.scoring.points = f64::NAN;
    }
    let error = write(&other, &bytes(), &path, ExistingCourse::Replace).await.expect_err("it is refused");
    assert!(error.to_string().contains("Quiz"), "{error}");
    assert_eq!(files(&path), before);
}

#[tokio::test]
async fn replacing_keeps_what_is_not_of_the_bundle() {
    let folder = bundle().await;
    let path = folder.path().join("b");
    fs::create_dir(path.join(".git")).expect("a folder");
    fs::write(path.join(".git/HEAD"), "ref").expect("a file");
    fs::write(path.join("README.md"), "mine").expect("a file");
    fs::write(path.join("sections/one/sums/old.json"), "{}").expect("a file");
    let mut other = course();
    other.title = "Other".into();
    write(&other, &bytes(), &path, ExistingCourse::Replace).await.expect("it is written");
    let now = files(&path);
    assert_eq!(now.get("README.md").map(Vec::as_slice), Some(b"mine".as_slice()));
    assert!(now.contains_key(".git/HEAD") && !now.contains_key("sections/one/sums/old.json"));
    assert_eq!(read(&path, &other).await.expect("it is read").0, other);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left beside it");
}

/// Whatever its user keeps in it, wherever: changing a course changes the course.
#[tokio::test]
async fn changing_keeps_what_no_list_of_the_bundle_names() {
    let folder = bundle().await;
    let path = folder.path().join("b");
    let own = [
        ".git/HEAD",
        "README.md",
        "notes/later.txt",
        "sections/TODO.md",
        "sections/one/sums/put-aside.json",
        "sections/one/sums/put-aside.1.markup.html",
        "sections/draft/section.json",
        "files/not-yet.png",
        "assets/README",
        ".gitattributes",
    ];
    for name in own {
        fs::create_dir_all(path.join(name).parent().expect("a folder")).expect("a folder");
        fs::write(path.join(name), format!("mine: {name}")).expect("a file");
    }
    fs::create_dir_all(path.join(".git/refs/tags")).expect("a folder");
    let before = files(&path);
    let bundle = Bundle::open(&path).expect("a bundle");
    let there = bundle.content(&"c".into()).await.expect("read").course;
    let lesson = &there.sections[0].lessons[0];
    // A step goes, one comes, one is changed, and the course has another title.
    bundle.delete_step(&there.id, &lesson.steps[0].id).await.expect("deleted");
    let mut step = Step::new("new", "New");
    step.blocks.push(Block::new("new-text", BlockBody::Text(Text { markup: "<p>New</p>".into() })));
    bundle.put_step(&there.id, &lesson.id, &step, &Slot::new(1), &AssetLinks::new()).await.expect("put");
    let header = Course { title: "Another".into(), ..there.header() };
    bundle.finish(&there.id, &header, &AssetLinks::new()).await.expect("written");
    let after = files(&path);
    for name in own {
        assert_eq!(after.get(name), before.get(name), "{name}");
    }
    assert!(path.join(".git/refs/tags").is_dir());
    assert!(before.keys().any(|name| !after.contains_key(name)), "the files of the step are gone");

    // What lies in the way of a new step is not written over.
    let bundle = Bundle::open(&path).expect("a bundle");
    let step = Step { id: "put-aside".into(), ..step };
    bundle.put_step(&there.id, &lesson.id, &step, &Slot::new(1), &AssetLinks::new()).await.expect("put");
    let refused = bundle.finish(&there.id, &header, &AssetLinks::new()).await.expect_err("it lies in the way");
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    assert!(refused.to_string().contains("sections/one/sums/put-aside.json"), "{refused}");
    assert_eq!(files(&path), after);
}

#[tokio::test]
async fn a_bundle_is_changed_step_by_step() {
    let folder = bundle().await;
    let path = folder.path().join("b");
    let bundle = Bundle::create(&path).expect("a place");
    let (id, links) = ("c".into(), AssetLinks::new());
    let mut step = Step::new("intro", "Between");
    step.blocks.push(Block::new("b3", BlockBody::Text(Text { markup: "between".into() })));
    let put = bundle.put_step(&id, &"sums".into(), &step, &Slot::new(2), &links).await.expect("put");
    assert_eq!(put.as_str(), "intro-2", "ids are different");
    let mut quiz = course().sections[0].lessons[0].steps[1].clone();
    quiz.title = "Question".into();
    let slot = Slot { position: 3, existing: Some("quiz".into()) };
    assert_eq!(
        bundle.put_step(&id, &"sums".into(), &quiz, &slot, &links).await.expect("put").as_str(),
        "quiz"
    );
    let missing = bundle.put_step(&id, &"nowhere".into(), &quiz, &Slot::new(1), &links).await;
    assert_eq!(missing.expect_err("no such lesson").kind(), ErrorKind::NotFound);
    bundle.finish(&id, &course().header(), &links).await.expect("finished");

    let (read_course, read_bytes) = read(&path, &course()).await.expect("it is read");
    let titles: Vec<&str> = read_course.steps().map(|s| s.title.as_str()).collect();
    assert_eq!(titles, ["Intro", "Between", "Question"]);
    assert_eq!(read_bytes, bytes());

    bundle.delete_step(&id, &"intro".into()).await.expect("deleted");
    assert!(bundle.delete_lesson(&id, &"nowhere".into()).await.is_err());
    bundle.finish(&id, &course().header(), &links).await.expect("finished");
    let titles: Vec<String> =
        read(&path, &course()).await.expect("it is read").0.steps().map(|s| s.title.clone()).collect();
    assert_eq!(titles, ["Between", "Question"]);
}

#[tokio::test]
async fn a_bundle_copies_a_course_as_it_was_read() {
    let folder = bundle().await;
    let from = Bundle::open(folder.path().join("b")).expect("a bundle");
    let copy = folder.path().join("copy");
    let saved = Bundle::save(&from, &"c".into(), &copy).await.expect("it is saved");
    assert_eq!(saved.course, course());
    assert_eq!(read(&copy, &course()).await.expect("it is read"), (course(), bytes()));
    let again = Bundle::save(&from, &"c".into(), &copy).await.expect_err("it is there");
    assert_eq!(again.kind(), ErrorKind::AlreadyExists);
    assert_eq!(from.requests().write, 0);
}

#[tokio::test]
async fn uploads_know_what_they_write_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let bundle = Bundle::create(folder.path().join("bundle")).expect("a place");
    let agree = lms_testkit::uploads_know_what_they_write_over(&bundle, &NewCourse::default()).await;
    agree.expect("they agree");
}
