//! A course with 250 MB of files goes through an archive without being held in memory.

use bytes::Bytes;
use futures::{StreamExt, stream};
use lms_core::*;
use lms_openedx::{ArchiveForm, OlxArchive};

const PIECE: usize = 1 << 20;
const PIECES: u64 = 250;
/// What may be held meanwhile, in kB.
const ALLOWED: u64 = 64 << 10;

/// The most memory that this process has held so far, in kB; `None` where the system does not tell.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok())
}

/// A row of numbers that look random, another one for each piece, and zeros: packing is quick, and the whole is
/// no bomb.
fn piece(n: u64) -> Bytes {
    let mut state = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = vec![0_u8; PIECE];
    for chunk in bytes[..PIECE / 16].chunks_mut(8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        chunk.copy_from_slice(&state.to_le_bytes()[..chunk.len()]);
    }
    bytes.into()
}

#[tokio::test]
async fn two_hundred_and_fifty_megabytes_are_streamed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.tar.gz");
    let before = peak();
    let mut course = Course::new("course-v1:Tests+Large+1", "Large");
    course.sections.push(Section::new("section", "Section"));
    let archive = OlxArchive::create(&path, ArchiveForm::TarGz).expect("an archive");
    let id = archive.create_course(&course.header(), &NewCourse::default()).await.expect("begun");
    let asset = Asset {
        id: "film.bin".into(),
        name: "film.bin".into(),
        media_type: None,
        size: Some(PIECES * PIECE as u64),
        role: AssetRole::Content,
    };
    let body = AssetBody::from_stream(stream::iter(0..PIECES).map(|n| Ok(piece(n))).boxed(), asset.size);
    let link = archive.put_asset(&id, &asset, body).await.expect("stored");
    let links = AssetLinks::new();
    archive.put_section(&id, &course.sections[0], &Slot::new(1), &links).await.expect("a section");
    archive.finish(&id, &course.header(), &links).await.expect("packed");
    drop(archive);

    let archive = OlxArchive::open(&path).expect("unpacked");
    assert_eq!(archive.check(&Default::default()).expect("checked"), []);
    let mut bytes = archive.read_asset(&id, &link.id).await.expect("the file").into_stream();
    let (mut n, mut wanted) = (0, Bytes::new());
    while let Some(read) = bytes.next().await {
        let mut read = read.expect("a piece");
        while !read.is_empty() {
            if wanted.is_empty() {
                wanted = piece(n);
                n += 1;
            }
            let same = read.len().min(wanted.len());
            assert!(read.split_to(same) == wanted.split_to(same), "the file is another one at piece {n}");
        }
    }
    assert_eq!((n, wanted.len()), (PIECES, 0), "the file is as long as it was");
    match (before, peak()) {
        (Some(before), Some(after)) => {
            assert!(after - before < ALLOWED, "{before} kB before, {after} kB at most");
            eprintln!("{} kB more at most", after - before);
        }
        _ => eprintln!("skipped: this system does not tell how much memory is held"),
    }
}
