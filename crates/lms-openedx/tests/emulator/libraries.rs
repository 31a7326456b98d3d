//! Content libraries of both kinds, against the emulated Studio.

use bytes::Bytes;
use futures::StreamExt;
use lms_core::*;
use lms_emulator::Options;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_http::{Method, Part, Safety};
use lms_openedx::*;

use crate::shared::shared;
use crate::world;

const OLDER: &str = "library-v1:Tests+Riddles";
const NEWER: &str = "lib:Tests:Riddles";
const SUM: &str = "<problem display_name=\"A sum\" weight=\"2\"><numericalresponse answer=\"5\"><label>2 + 3?</label>\
                   <formulaequationinput/></numericalresponse></problem>";

/// A library as Studio exports it.
fn write(into: &std::path::Path) -> std::path::PathBuf {
    let dir = into.join("riddles");
    let files = [
        (
            "library.xml",
            "<library url_name=\"library\" xblock-family=\"xblock.v1\" display_name=\"Riddles\" org=\"Tests\" \
             library=\"Riddles\"><problem url_name=\"sum\"/><html url_name=\"read\"/></library>",
        ),
        ("problem/sum.xml", SUM),
        ("html/read.xml", "<html filename=\"read\" display_name=\"Read\"/>"),
        ("html/read.html", "<p>See <img src=\"/static/fig.png\"></p>"),
        ("static/fig.png", "not really a picture"),
    ];
    for (path, text) in files {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    dir
}

async fn start(load: Vec<std::path::PathBuf>) -> OpenEdxEmulator {
    let delay = std::time::Duration::from_millis(1);
    let options = Options { load, page_size: 2, background_delay: delay, ..Options::default() };
    OpenEdxEmulator::start(options).await.expect("an emulator")
}

async fn content(edx: &dyn LmsProvider, id: &str) -> Content {
    edx.require_courses().expect("courses").content(&id.into()).await.expect("content")
}

fn blocks(course: &Course) -> Vec<(String, &'static str)> {
    let kind = |block: &Block| match &block.body {
        BlockBody::Exercise(_) => "exercise",
        BlockBody::Text(_) => "text",
        _ => "other",
    };
    course.blocks().map(|place| (place.block.1.title.clone(), kind(place.block.1))).collect()
}

async fn bytes(body: AssetBody) -> Vec<u8> {
    let pieces = body.into_stream().map(|piece| piece.expect("a piece").to_vec());
    pieces.collect::<Vec<_>>().await.concat()
}

#[tokio::test]
async fn an_older_library_is_listed_read_made_and_filled() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = write(folder.path());
    let server = start(vec![source.clone()]).await;
    let edx = world::author(&server);
    let listed = edx.libraries(LibraryKind::V1, None).expect("a listing").all().await.expect("libraries");
    assert_eq!(
        listed.iter().map(|l| (l.id.as_str(), l.title.as_str())).collect::<Vec<_>>(),
        [(OLDER, "Riddles")]
    );
    let found = edx.library_blocks(&OLDER.into(), None).expect("a listing").all().await.expect("blocks");
    let found: Vec<(&str, &str)> =
        found.iter().map(|block| (block.id.as_str(), block.kind.as_str())).collect();
    let key = "lib-block-v1:Tests+Riddles+type@";
    assert_eq!(
        found,
        [
            (format!("{key}problem+block@sum").as_str(), "problem"),
            (format!("{key}html+block@read").as_str(), "html"),
        ]
    );

    // What is read over the wire is what the files say.
    let here = OlxArchive::open(&source).expect("the files");
    let here = content(&here, OLDER).await;
    let read = content(&edx, OLDER).await;
    assert_eq!(read.course.title, "Riddles");
    assert_eq!(blocks(&read.course), [("A sum".into(), "exercise"), ("Read".into(), "text")]);
    assert_eq!(blocks(&read.course), blocks(&here.course));
    assert_eq!(read.native, here.native);
    let picture = read.course.assets.iter().find(|asset| asset.name.ends_with("fig.png")).expect("a picture");
    let picture = edx.read_asset(&OLDER.into(), &picture.id).await.expect("a file");
    assert_eq!(bytes(picture).await, b"not really a picture");

    // Into another one, as an archive.
    let copy = CourseId::from("library-v1:Tests+Copy");
    edx.create_library(&copy, "A copy").await.expect("made");
    let again = edx.create_library(&copy, "A copy").await.expect_err("it is there");
    assert!(matches!(again.kind(), ErrorKind::AlreadyExists | ErrorKind::InvalidInput), "{again}");
    let archive = folder.path().join("riddles.tar.gz");
    edx.export_archive(&OLDER.into(), &archive).await.expect("exported");
    let task = edx.start_import(&copy, &archive).await.expect("begun");
    edx.finish_import(&task, Patience::default()).await.expect("imported");
    let copied = content(&edx, copy.as_str()).await;
    assert_eq!(blocks(&copied.course), blocks(&read.course));

    // A library is no course, and a token does not open it.
    let courses = edx.catalog(CatalogQuery::default()).expect("a listing").all().await.expect("courses");
    assert_eq!(courses, []);
    let by_token = world::by_token(&server);
    assert_eq!(by_token.libraries(LibraryKind::V1, None).err().map(|e| e.kind()), Some(ErrorKind::Config));
    let refused =
        edx.put_library_block(&OLDER.into(), "problem", "x", SUM).await.expect_err("the older kind");
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    let wrong = edx.library_blocks(&"course-v1:A+B+C".into(), None).err().map(|e| e.kind());
    assert_eq!(wrong, Some(ErrorKind::InvalidInput));
}

#[tokio::test]
async fn a_course_archive_does_not_go_into_a_library() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = start(vec![write(folder.path()), world::write(folder.path())]).await;
    let edx = world::author(&server);
    let archive = folder.path().join("course.tar.gz");
    edx.export_archive(&world::course(), &archive).await.expect("exported");
    let task = edx.start_import(&OLDER.into(), &archive).await.expect("begun");
    let refused = edx.finish_import(&task, Patience::default()).await.expect_err("no library");
    assert!(refused.to_string().contains("library.xml"), "{refused}");
    assert_eq!(blocks(&content(&edx, OLDER).await.course).len(), 2, "it is as it was");
}

#[tokio::test]
async fn a_newer_library_is_made_filled_and_read_by_token() {
    let server = start(Vec::new()).await;
    let edx = world::by_token(&server);
    for name in ["Riddles", "Other", "Third"] {
        let id = CourseId::from(format!("lib:Tests:{name}"));
        edx.create_library(&id, &format!("{name} & more")).await.expect("made");
    }
    let refused = edx.create_library(&NEWER.into(), "Again").await.expect_err("it is there");
    assert!(matches!(refused.kind(), ErrorKind::AlreadyExists | ErrorKind::InvalidInput), "{refused}");
    let listed = edx.libraries(LibraryKind::V2, None).expect("a listing").all().await.expect("libraries");
    let listed: Vec<&str> = listed.iter().map(|library| library.id.as_str()).collect();
    assert_eq!(listed, ["lib:Tests:Other", NEWER, "lib:Tests:Third"], "two pages");

    let page = "<html display_name=\"Read\"><![CDATA[<p>1 &lt; 2 <img src=\"/static/fig.png\"></p>]]></html>";
    let library = CourseId::from(NEWER);
    let sum = edx.put_library_block(&library, "problem", "sum", SUM).await.expect("put");
    assert_eq!(sum.as_str(), "lb:Tests:Riddles:problem:sum");
    edx.put_library_block(&library, "html", "read", page).await.expect("put");
    edx.put_library_block(&library, "html", "other", page).await.expect("put");
    edx.put_library_block(&library, "drag-and-drop-v2", "drag", "<drag-and-drop-v2 data=\"{}\"/>")
        .await
        .expect("put");
    let wrong = edx.put_library_block(&library, "problem", "sum", "<html/>").await.expect_err("no problem");
    assert_eq!(wrong.kind(), ErrorKind::InvalidInput);
    for (block, body) in [("read", "one picture"), ("other", "another picture")] {
        let path = format!("/api/libraries/v2/blocks/lb:Tests:Riddles:html:{block}/assets/static/fig.png");
        let request = edx.raw(Host::Studio, Method::Put, &path, Safety::Repeatable).expect("a request");
        let part = Part::file("content", "fig.png", "image/png", Bytes::from_static(body.as_bytes()));
        request.multipart(vec![part]).send().await.expect("stored");
    }
    edx.publish_library(&library).await.expect("published");

    let found = edx.library_blocks(&library, None).expect("a listing").all().await.expect("blocks");
    let found: Vec<_> = found.iter().map(|b| (b.kind.as_str(), b.title.as_deref())).collect();
    assert_eq!(
        found,
        [
            ("problem", Some("A sum")),
            ("html", Some("Read")),
            ("html", Some("Read")),
            ("drag-and-drop-v2", Some("")),
        ]
    );
    let read = content(&edx, NEWER).await;
    assert_eq!((read.course.id.as_str(), read.course.title.as_str()), (NEWER, "Riddles & more"));
    let kinds: Vec<&str> = blocks(&read.course).into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(kinds, ["exercise", "text", "text", "other"]);
    // Two blocks call different files alike: both are there.
    assert_eq!(read.course.assets.len(), 2);
    let mut pictures = Vec::new();
    for asset in &read.course.assets {
        pictures.push(bytes(edx.read_asset(&library, &asset.id).await.expect("a file")).await);
    }
    pictures.sort();
    assert_eq!(pictures, [b"another picture".to_vec(), b"one picture".to_vec()]);
    let links: Vec<String> = read
        .course
        .blocks()
        .filter_map(|place| match &place.block.1.body {
            BlockBody::Text(text) => Some(format!("{:?}", text.markup)),
            _ => None,
        })
        .collect();
    assert!(links[0].contains("1 &lt; 2") && links[0] != links[1], "{links:?}");

    let stranger = world::outsider(&server);
    let refused = stranger.courses().expect("courses").content(&library).await.expect_err("not theirs");
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
    let none = edx.courses().expect("courses").content(&"lib:Tests:None".into()).await.expect_err("none");
    assert_eq!(none.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_real_library_comes_back_as_it_went_in() {
    let Some(source) = shared("courses/openedx/demo-library") else { return };
    let server = start(vec![source.clone()]).await;
    let edx = world::author(&server);
    let listed = edx.libraries(LibraryKind::V1, None).expect("a listing").all().await.expect("libraries");
    let id = listed[0].id.clone();
    let here = OlxArchive::open(&source).expect("the files");
    let here = content(&here, id.as_str()).await;
    let read = content(&edx, id.as_str()).await;
    assert_eq!((read.course.title, &read.native), (here.course.title.clone(), &here.native));
    let exercises = |course: &Course| -> Vec<(Markup, Option<Key>)> {
        let all = course.blocks().filter_map(|place| place.block.1.exercise());
        all.map(|exercise| (exercise.prompt.clone(), exercise.key.clone())).collect()
    };
    let read = content(&edx, id.as_str()).await.course;
    assert_eq!(exercises(&read), exercises(&here.course));
    assert_eq!(exercises(&read).len(), 6);
}
