//! What others have put into a course folder or an archive is there, byte for byte, whatever is written into the course.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use lms_core::{
    Asset, AssetBody, AssetId, AssetLinks, AssetRole, Authoring, Block, BlockBody, Course, Courses,
    CoursesExt, ErrorKind, ExistingCourse, Lesson, Markup, NewCourse, Result, Section, Slot, Step, Text,
};
use lms_openedx::OlxArchive;
use proptest::prelude::*;
use walkdir::WalkDir;

/// The course: what Open edX reads of the folder.
const COURSE: [(&str, &str); 9] = [
    ("course.xml", "<course url_name=\"r\" org=\"Org\" course=\"C\"/>"),
    (
        "course/r.xml",
        "<course display_name=\"Course\">\n  <!-- the first one -->\n  <chapter url_name=\"ch\"/>\n</course>\n",
    ),
    ("chapter/ch.xml", "<chapter display_name=\"One\"><sequential url_name=\"s\"/></chapter>"),
    (
        "sequential/s.xml",
        "<sequential display_name=\"S\">\n <!-- units --><vertical url_name=\"v\"/><vertical url_name=\"w\"/>\n</sequential>",
    ),
    ("vertical/v.xml", "<vertical display_name=\"V\">\n\n<!-- a page --><html url_name=\"h\"/></vertical>"),
    ("vertical/w.xml", "<vertical display_name='W'><problem url_name='p'/></vertical>"),
    ("html/h.xml", "<html filename=\"h\"/>"),
    ("html/h.html", "<p>See <img src=\"/static/fig.png\"></p>"),
    (
        "problem/p.xml",
        "<problem display_name=\"P\"><!-- ours --><p>1+1?</p><numericalresponse answer=\"2\"><formulaequationinput/>\
         </numericalresponse></problem>",
    ),
];

/// What is not of the course.
const OTHERS: [(&str, &str); 26] = [
    ("README.md", "# Notes"),
    (".git/HEAD", "ref: refs/heads/main\n"),
    (".git/objects/ab/cd", "\u{1}object"),
    (".gitignore", "*~\n"),
    ("notes/plan.txt", "later"),
    ("chapter/late.xml", "<chapter display_name=\"Theirs\"/>"),
    ("sequential/late.xml", "<sequential display_name=\"Theirs\"/>"),
    ("vertical/late.xml", "<vertical display_name=\"Theirs\"><html url_name=\"late\"/></vertical>"),
    ("vertical/late-2.xml", "<vertical display_name=\"Theirs too\"/>"),
    ("html/late.xml", "<html filename=\"late\" display_name=\"Theirs\"/>"),
    ("html/late.html", "<p>Theirs</p>"),
    ("html/late-text.html", "<p>Theirs</p>"),
    ("problem/late.xml", "<problem display_name=\"Theirs\"/>"),
    ("problem/broken.xml", "<problem"),
    ("video/late.xml", "<video/>"),
    ("static/unlinked.csv", "1;2"),
    ("static/sub/deep.bin", "\u{0}\u{1}"),
    ("about/overview.html~", "old"),
    ("about/effort.html", "5 h"),
    ("info/updates.html", "<p>News</p>"),
    ("info/handouts.html", "<p>Handouts</p>"),
    ("tabs/own.html", "<p>Own page</p>"),
    (
        "drafts/vertical/d.xml",
        "<vertical display_name=\"Draft\" parent_url=\"x\" index_in_children_list=\"0\"/>",
    ),
    ("policies/other/policy.json", "{\"course/other\": {}}"),
    ("policies/other/grading_policy.json", "{ }"),
    ("tags.csv", "a,b\n"),
];

fn lay(dir: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
}

/// A course with all of that, in a folder that holds no other.
fn author(dir: &Path) {
    lay(dir, &COURSE);
    lay(dir, &OTHERS);
    fs::write(dir.join("static/fig.png"), "a picture").expect("a file");
}

/// All that lies in a folder: files with their bytes, links with where they lead, empty folders.
fn all(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = WalkDir::new(dir).min_depth(1).into_iter().map(|entry| entry.expect("readable"));
    entries
        .filter_map(|entry| {
            let path = entry.path().strip_prefix(dir).expect("inside").to_owned();
            let what = match entry.file_type() {
                kind if kind.is_symlink() => {
                    fs::read_link(entry.path()).expect("a link").into_os_string().into_encoded_bytes()
                }
                kind if kind.is_file() => fs::read(entry.path()).expect("a file"),
                _ if fs::read_dir(entry.path()).expect("a folder").next().is_none() => Vec::new(),
                _ => return None,
            };
            Some((path, what))
        })
        .collect()
}

fn unpacked(archive: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = fs::File::open(archive).expect("an archive");
    tar::Archive::new(flate2::read::GzDecoder::new(file)).unpack(dir.path()).expect("unpacked");
    all(dir.path())
}

fn packed(dir: &Path, archive: &Path) {
    let file = fs::File::create(archive).expect("a file");
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(file, flate2::Compression::fast()));
    builder.append_dir_all("", dir).expect("packed");
    builder.into_inner().and_then(flate2::write::GzEncoder::finish).expect("packed");
}

async fn read(archive: &OlxArchive) -> Course {
    let id = archive.first_course().await.expect("a course").id;
    archive.content(&id).await.expect("it can be read").course
}

fn text_step(id: &str, block: &str) -> Step {
    let mut step = Step::new(id, "New");
    let text = Text { markup: Markup::from_html("<p>New</p>") };
    step.blocks.push(Block::new(block, BlockBody::Text(text)));
    step
}

/// Something that is done to the course.
#[derive(Debug, Clone)]
enum Act {
    Section(&'static str),
    Lesson(&'static str),
    Step(&'static str, &'static str),
    /// A block that was read from a course of Open edX, under that name.
    Native(&'static str),
    File(&'static str),
    Edit,
    Delete,
    Header,
}

const NAMES: [&str; 5] = ["late", "late-2", "other", "late-text", "html/late"];

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let name = || prop::sample::select(&NAMES[..]);
    let act = prop_oneof![
        name().prop_map(Act::Section),
        name().prop_map(Act::Lesson),
        (name(), name()).prop_map(|(step, block)| Act::Step(step, block)),
        name().prop_map(Act::Native),
        prop::sample::select(&["new.csv", "sub/new.bin"][..]).prop_map(Act::File),
        Just(Act::Edit),
        Just(Act::Delete),
        Just(Act::Header),
    ];
    prop::collection::vec(act, 1..6)
}

/// A page of a course whose author called it so.
async fn native(name: &str) -> Step {
    let dir = tempfile::tempdir().expect("a folder");
    let name = name.replace('/', "-");
    let unit = format!(
        "<course url_name=\"r\" org=\"O\" course=\"C\"><chapter url_name=\"c\"><sequential url_name=\"s\">\
         <vertical url_name=\"{name}\"><html url_name=\"{name}\"/><problem url_name=\"{name}\"/></vertical></sequential>\
         </chapter></course>"
    );
    let html = format!("<html filename=\"{name}\" display_name=\"Mine\"/>");
    lay(
        dir.path(),
        &[
            ("course.xml", &unit),
            (&format!("html/{name}.xml"), &html),
            (&format!("html/{name}.html"), "<p>Mine</p>"),
            (
                &format!("problem/{name}.xml"),
                "<problem showanswer=\"never\"><numericalresponse answer=\"3\"><formulaequationinput/></numericalresponse>\
                 </problem>",
            ),
        ],
    );
    let course = read(&OlxArchive::open(dir.path()).expect("a course")).await;
    course.sections[0].lessons[0].steps[0].clone()
}

/// Does it, and says what is to stand in the course for each new step.
async fn act(archive: &OlxArchive, course: &Course, acts: &[Act]) -> Result<Vec<(String, usize)>> {
    let (id, lesson, links) = (&course.id, &course.sections[0].lessons[0].id, AssetLinks::new());
    let mut made = Vec::new();
    let mut header = course.header();
    for (n, act) in (1_u32..).zip(acts) {
        let last = 2 + n;
        match act {
            Act::Section(name) => {
                drop(archive.put_section(id, &Section::new(*name, "New"), &Slot::new(last), &links).await?);
            }
            Act::Lesson(name) => {
                let section = &course.sections[0].id;
                drop(archive.put_lesson(id, section, &Lesson::new(*name, "New"), &Slot::new(last)).await?);
            }
            Act::Step(name, block) => {
                // Ids of blocks are unique in what is to be written.
                let step = text_step(
                    name,
                    &format!("{block}{}", if n == 1 { String::new() } else { n.to_string() }),
                );
                let step =
                    archive.adapt(&alone(step)).course.sections.remove(0).lessons.remove(0).steps.remove(0);
                made.push((
                    archive.put_step(id, lesson, &step, &Slot::new(last), &links).await?.to_string(),
                    1,
                ));
            }
            Act::Native(name) => {
                let step = native(name).await;
                made.push((
                    archive.put_step(id, lesson, &step, &Slot::new(last), &links).await?.to_string(),
                    2,
                ));
            }
            Act::File(name) => {
                let asset = Asset {
                    id: AssetId::from(*name),
                    name: (*name).into(),
                    media_type: None,
                    size: None,
                    role: AssetRole::Content,
                };
                archive.put_asset(id, &asset, AssetBody::from_bytes("new")).await?;
            }
            Act::Edit => {
                let step = Step { title: "Edited".into(), ..course.sections[0].lessons[0].steps[0].clone() };
                let slot = Slot { position: 1, existing: Some(step.id.clone()) };
                archive.put_step(id, lesson, &step, &slot, &links).await?;
            }
            Act::Delete => match archive.delete_step(id, &"w".into()).await {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                done => done?,
            },
            Act::Header => header.title = "Another".into(),
        }
    }
    archive.finish(id, &header, &links).await?;
    Ok(made)
}

fn alone(step: Step) -> Course {
    let (mut course, mut section, mut lesson) =
        (Course::new("c", "C"), Section::new("s", "S"), Lesson::new("l", "L"));
    lesson.steps.push(step);
    section.lessons.push(lesson);
    course.sections.push(section);
    course
}

fn is_whole(before: &BTreeMap<PathBuf, Vec<u8>>, after: &BTreeMap<PathBuf, Vec<u8>>, top: &str) {
    let of_course: Vec<PathBuf> = COURSE.iter().map(|(path, _)| Path::new(top).join(path)).collect();
    for (path, bytes) in before.iter().filter(|(path, _)| !of_course.contains(path)) {
        let now = after.get(path).map(|bytes| String::from_utf8_lossy(bytes));
        assert_eq!(now, Some(String::from_utf8_lossy(bytes)), "{}", path.display());
    }
}

async fn in_a_folder(acts: &[Act], top: &str) {
    let dir = tempfile::tempdir().expect("a folder");
    let (path, root) = (dir.path().join("it"), dir.path().join("it").join(top));
    fs::create_dir_all(&root).expect("a folder");
    author(&root);
    fs::create_dir_all(root.join(".git/refs/tags")).expect("a folder");
    fs::write(path.join("beside.txt"), "beside").expect("a file");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../outside", root.join("static/linked.png")).expect("a link");
        std::os::unix::fs::symlink("README.md", root.join("LIESMICH.md")).expect("a link");
    }
    let before = all(&path);
    let archive = OlxArchive::open(&path).expect("a course");
    let course = read(&archive).await;
    let made = act(&archive, &course, acts).await.expect("written");
    is_whole(&before, &all(&path), top);
    is_there(&OlxArchive::open(&path).expect("a course"), &made).await;
    // Once more, with the same provider.
    act(&archive, &read(&archive).await, &[Act::Header, Act::Step("late", "late")]).await.expect("written");
    is_whole(&before, &all(&path), top);
}

/// The new steps stand under the ids that they were given, with what is in them.
async fn is_there(archive: &OlxArchive, made: &[(String, usize)]) {
    let course = read(archive).await;
    for (id, blocks) in made {
        let step = course.steps().find(|step| step.id.as_str() == id).unwrap_or_else(|| panic!("step {id}"));
        assert_eq!(step.blocks.len(), *blocks, "step {id}");
        let text = step.blocks.iter().find_map(|block| match &block.body {
            BlockBody::Text(text) => Some(text.markup.plain()),
            _ => None,
        });
        assert!(matches!(text.as_deref(), Some("New" | "Mine")), "step {id}: {text:?}");
    }
}

async fn in_an_archive(acts: &[Act], top: &str) {
    let dir = tempfile::tempdir().expect("a folder");
    let (from, path) = (dir.path().join("from"), dir.path().join("it.tar.gz"));
    author(&from.join(top));
    fs::write(from.join("beside.txt"), "beside").expect("a file");
    packed(&from, &path);
    let before = unpacked(&path);
    let archive = OlxArchive::open(&path).expect("a course");
    let course = read(&archive).await;
    let made = act(&archive, &course, acts).await.expect("written");
    is_whole(&before, &unpacked(&path), top);
    is_there(&OlxArchive::open(&path).expect("a course"), &made).await;
    act(&archive, &read(&archive).await, &[Act::Header, Act::Step("late", "late")]).await.expect("written");
    is_whole(&before, &unpacked(&path), top);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    #[test]
    fn what_is_not_of_the_course_stays(acts in acts(), top in prop::sample::select(&["", "mine"][..])) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            in_a_folder(&acts, top).await;
            in_an_archive(&acts, top).await;
        });
    }
}

/// A text that says the same is not spelled anew: comments, indents and quotes stay.
#[tokio::test]
async fn files_of_the_course_that_do_not_change_stay_as_they_are_spelled() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("it");
    author(&path);
    let before = all(&path);
    let archive = OlxArchive::open(&path).expect("a course");
    let course = read(&archive).await;
    act(&archive, &course, &[Act::Edit]).await.expect("written");
    let after = all(&path);
    let changed: Vec<&str> = COURSE
        .iter()
        .map(|(path, _)| *path)
        .filter(|path| before[Path::new(path)] != after[Path::new(path)])
        .collect();
    assert_eq!(changed, ["vertical/v.xml"]);
    let new: Vec<_> = after.keys().filter(|path| !before.contains_key(*path)).collect();
    assert_eq!(new, [Path::new("policies/r/grading_policy.json"), Path::new("policies/r/policy.json")]);
}

/// What cannot be given another name is refused, and nothing is changed.
#[tokio::test]
async fn what_lies_in_the_way_is_a_conflict() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("it");
    lay(
        &path,
        &[("course.xml", "<course url_name=\"r\" org=\"O\" course=\"C\"/>"), ("course/r.xml", "<course/>")],
    );
    // Not UTF-8, so that it is no description of the course.
    fs::create_dir(path.join("about")).expect("a folder");
    fs::write(path.join("about/overview.html"), b"\xff").expect("a file");
    let before = all(&path);
    let archive = OlxArchive::open(&path).expect("a course");
    let course = read(&archive).await;
    let header = Course { description: "<p>New</p>".into(), ..course.header() };
    let error = archive.finish(&course.id, &header, &AssetLinks::new()).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("about/overview.html"), "{error}");
    assert_eq!(all(&path), before);
}

/// Replacing a course replaces the course.
#[tokio::test]
async fn another_course_in_its_place_leaves_what_no_course_has() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("it");
    author(&path);
    fs::create_dir_all(path.join(".git/refs/tags")).expect("a folder");
    let before = all(&path);
    let archive = OlxArchive::open(&path).expect("a course");
    let new = NewCourse { existing: ExistingCourse::Replace, ..NewCourse::default() };
    let id = archive.create_course(&Course::new("x", "Another"), &new).await.expect("begun");
    archive.finish(&id, &Course::new("x", "Another"), &AssetLinks::new()).await.expect("written");
    let after = all(&path);
    let kept: Vec<String> = before
        .iter()
        .filter(|(path, bytes)| after.get(*path) == Some(bytes))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert_eq!(
        kept,
        [".git/HEAD", ".git/objects/ab/cd", ".git/refs/tags", ".gitignore", "README.md", "notes/plan.txt"]
    );
}
