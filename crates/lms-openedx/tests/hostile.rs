//! Archives from strangers: each danger is refused, and the error says which it was.

use std::fs::File;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use lms_core::*;
use lms_openedx::*;
use tar::{Builder, EntryType, Header};

type Tar = Builder<GzEncoder<File>>;

const COURSE: &str = "<course url_name=\"r\" org=\"O\" course=\"C\" display_name=\"A course\"><chapter url_name=\"c\">\
                      <sequential url_name=\"s\"><vertical url_name=\"v\"><problem url_name=\"p\"/></vertical>\
                      </sequential></chapter></course>";

fn add(tar: &mut Tar, kind: EntryType, name: &str, content: &[u8]) {
    let mut header = Header::new_gnu();
    // The writer refuses such names; a stranger's does not.
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    if matches!(kind, EntryType::Symlink | EntryType::Link) {
        header.set_link_name("../../outside").expect("a link name");
    }
    header.set_cksum();
    tar.append(&header, content).expect("appended");
}

/// A course, and what `more` adds to it.
fn archive(folder: &Path, more: impl FnOnce(&mut Tar)) -> PathBuf {
    let path = folder.join("course.tar.gz");
    let mut tar = Builder::new(GzEncoder::new(File::create(&path).expect("a file"), Compression::fast()));
    add(&mut tar, EntryType::Regular, "course/course.xml", COURSE.as_bytes());
    more(&mut tar);
    tar.into_inner().and_then(GzEncoder::finish).expect("packed");
    path
}

#[test]
fn what_an_archive_must_not_hold_is_refused_with_its_member() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = [
        (EntryType::Regular, "../evil", "outside"),
        (EntryType::Regular, "course/static/../../../evil", "outside"),
        (EntryType::Regular, "/tmp/lms-evil", "outside"),
        (EntryType::Directory, "../evil", "outside"),
        (EntryType::Symlink, "course/static/link", "a link or a device"),
        (EntryType::Link, "course/static/link", "a link or a device"),
        (EntryType::Char, "course/static/zero", "a link or a device"),
        (EntryType::Fifo, "course/static/pipe", "a link or a device"),
    ];
    for (kind, name, why) in cases {
        let path = archive(folder.path(), |tar| add(tar, kind, name, b""));
        let error = OlxArchive::open(&path).expect_err(name);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}: {error}");
        assert!(error.to_string().contains(why) && error.to_string().contains(name), "{error}");
    }
    let left: Vec<PathBuf> =
        std::fs::read_dir(folder.path()).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    assert_eq!(left, [folder.path().join("course.tar.gz")], "nothing is unpacked beside it");
    assert!(!Path::new("/tmp/lms-evil").exists());
}

#[test]
fn a_bomb_is_stopped_before_it_fills_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let zeros = vec![0; 40 << 20];
    let path = archive(folder.path(), |tar| {
        for n in 0..3 {
            add(tar, EntryType::Regular, &format!("course/static/{n}"), &zeros);
        }
    });
    assert!(path.metadata().expect("a file").len() < 2 << 20, "it is small");
    let error = OlxArchive::open(&path).expect_err("a bomb");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("far more than it should"), "{error}");
}

#[tokio::test]
async fn entities_of_a_file_are_neither_expanded_nor_fetched() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("secret"), "hunter2").expect("a file");
    let nine: String =
        (1..9).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let outside = format!("<!ENTITY l8 SYSTEM \"file://{}\">", folder.path().join("secret").display());
    for declared in [format!("<!ENTITY l0 \"ha\">{nine}"), outside] {
        let text = format!("<!DOCTYPE problem [{declared}]><problem><p>&l8;</p></problem>");
        let path = archive(folder.path(), |tar| {
            add(tar, EntryType::Regular, "course/problem/p.xml", text.as_bytes());
        });
        let archive = OlxArchive::open(&path).expect("there is a course");
        let defects = archive.check(&CheckOptions::default()).expect("checked");
        let defect = defects.iter().find(|defect| defect.file == "problem/p.xml");
        let defect = defect.unwrap_or_else(|| panic!("{defects:?}"));
        assert!(format!("{defect:?}").contains("&l8;"), "{defect:?}");
        let course = archive.require_courses().expect("courses").first_course().await.expect("one").id;
        let read = archive.courses().expect("courses").content(&course).await.expect("content");
        let all = format!("{read:?}");
        assert!(!all.contains("hunter2") && !all.contains("hahaha"), "{all}");
        assert!(read.findings.iter().any(|finding| finding.path.contains("problem/p.xml")), "it is named");
    }
}
