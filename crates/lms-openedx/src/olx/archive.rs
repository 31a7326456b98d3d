//! `.tar.gz` ↔ folder. An archive comes from strangers: what would write outside the folder, link
//! anywhere or fill the disk is refused.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Component, Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use lms_core::{Error, Result};
use tar::{Archive, Builder, EntryType, Header};
use walkdir::WalkDir;

use super::files::Files;
use super::write::spelling::{same_json, same_xml};

/// More members than any real course has.
const MAX_MEMBERS: usize = 200_000;
/// Bytes unpacked in all.
const MAX_BYTES: u64 = 16 << 30;
/// Unpacked bytes for each packed one, above [`FREE_BYTES`]. Text packs by 20 at most.
const MAX_RATIO: u64 = 100;
/// Bytes that every archive may unpack to.
const FREE_BYTES: u64 = 64 << 20;

/// Unpacks an archive into an empty folder.
///
/// # Errors
/// `InvalidInput` where it is no `.tar.gz` or holds a member that is not safe.
pub(crate) fn unpack(archive: &Path, into: &Path) -> Result<()> {
    let file = File::open(archive).map_err(|e| Error::io(archive.display(), e))?;
    let packed = file.metadata().map_err(|e| Error::io(archive.display(), e))?.len();
    let allowed = packed.saturating_mul(MAX_RATIO).clamp(FREE_BYTES, MAX_BYTES);
    let broken = |e: io::Error| {
        Error::invalid("this is not a whole .tar.gz archive").on(archive.display()).with_source(e)
    };
    let mut tar = Archive::new(GzDecoder::new(BufReader::new(file)));
    let mut left = allowed;
    for (n, entry) in tar.entries().map_err(broken)?.enumerate() {
        let entry = entry.map_err(broken)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let refuse = |why: &str| Error::invalid(format!("the archive is refused: {why}")).on(&name);
        if n >= MAX_MEMBERS {
            return Err(refuse("it has too many members"));
        }
        let kind = entry.header().entry_type();
        if kind == EntryType::XGlobalHeader {
            continue;
        }
        let path =
            safe(&entry.path().map_err(broken)?).ok_or_else(|| refuse("a member would lie outside"))?;
        let to = into.join(&path);
        match kind {
            EntryType::Directory => fs::create_dir_all(&to).map_err(|e| Error::io(&name, e))?,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                if let Some(parent) = to.parent() {
                    fs::create_dir_all(parent).map_err(|e| Error::io(&name, e))?;
                }
                let mut out = File::create(&to).map_err(|e| Error::io(&name, e))?;
                let copied = io::copy(&mut entry.take(left + 1), &mut out).map_err(broken)?;
                left = left
                    .checked_sub(copied)
                    .ok_or_else(|| refuse("it unpacks to far more than it should"))?;
            }
            _ => return Err(refuse("a member is a link or a device")),
        }
    }
    Ok(())
}

/// A member's path, where it stays inside.
fn safe(path: &Path) -> Option<PathBuf> {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => clean.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(clean)
}

/// The top folder of an archive, as Studio calls it.
pub(crate) const TOP: &str = "course";

/// Packs a folder as an archive with one top folder [`TOP`], as Studio does. The same folder gives
/// the same bytes.
pub(crate) fn pack(folder: &Path, out: impl Write) -> Result<()> {
    pack_all(&[(folder, Path::new(TOP))], None, out)
}

/// Packs a folder as the folder `top` of an archive, and beside it what else is in `others`, an archive that was unpacked and
/// had another folder there.
pub(crate) fn pack_beside(folder: &Path, top: &Path, others: &Path, out: impl Write) -> Result<()> {
    pack_all(&[(folder, top), (others, Path::new(""))], Some(&others.join(top)), out)
}

/// Packs folders, each under a path of its own, without what is in `but`.
fn pack_all(folders: &[(&Path, &Path)], but: Option<&Path>, out: impl Write) -> Result<()> {
    let mut builder = Builder::new(GzEncoder::new(BufWriter::new(out), Compression::default()));
    for (folder, top) in folders {
        let walk = WalkDir::new(folder).follow_links(false).sort_by_file_name();
        for entry in walk.into_iter().filter_entry(|entry| Some(entry.path()) != but) {
            let entry = entry.map_err(|e| Error::io(folder.display(), e.into()))?;
            let io_error = |e| Error::io(entry.path().display(), e);
            let Ok(inner) = entry.path().strip_prefix(folder) else { continue };
            if !entry.file_type().is_file() {
                continue;
            }
            let mut file = File::open(entry.path()).map_err(io_error)?;
            let mut header = Header::new_gnu();
            header.set_size(file.metadata().map_err(io_error)?.len());
            header.set_mode(0o644);
            header.set_mtime(0);
            builder.append_data(&mut header, top.join(inner), &mut file).map_err(io_error)?;
        }
    }
    let done = builder.into_inner().and_then(GzEncoder::finish).and_then(|mut out| out.flush());
    done.map_err(|e| Error::io("the archive", e))
}

/// The first file in which two archives of a course differ. Files that Studio makes up for each export are left aside: lists
/// of what else is in it.
///
/// # Errors
/// As [`unpack`].
pub(crate) fn difference(one: &Path, other: &Path) -> Result<Option<String>> {
    const LISTS: [&str; 2] = ["policies/assets.json", "assets/assets.xml"];
    let folder = || tempfile::tempdir().map_err(|e| Error::io("a temporary folder", e));
    let (dir, second) = (folder()?, folder()?);
    unpack(one, dir.path())?;
    unpack(other, second.path())?;
    let (one, other) = (Files::find(dir.path())?, Files::find(second.path())?);
    let names: BTreeSet<&str> = one.list().chain(other.list()).collect();
    for name in names.into_iter().filter(|name| !LISTS.contains(name)) {
        let (Some(one), Some(other)) = (one.locate(name), other.locate(name)) else {
            return Ok(Some(name.to_owned()));
        };
        // Attributes and keys may come in another order.
        let same = match name.rsplit('.').next() {
            Some("json") => same_text(&one, &other, same_json),
            Some("xml") => same_text(&one, &other, same_xml),
            _ => same_bytes(&one, &other),
        };
        if !same.map_err(|e| Error::io(name, e))? {
            return Ok(Some(name.to_owned()));
        }
    }
    Ok(None)
}

fn same_text(one: &Path, other: &Path, same: fn(&str, &str) -> bool) -> io::Result<bool> {
    let (one, other) = (fs::read(one)?, fs::read(other)?);
    Ok(one == other
        || matches!((str::from_utf8(&one), str::from_utf8(&other)), (Ok(one), Ok(other)) if same(one, other)))
}

/// Files may be large: neither is held in memory.
fn same_bytes(one: &Path, other: &Path) -> io::Result<bool> {
    let (one, other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (BufReader::new(one), BufReader::new(other));
    loop {
        let (a, b) = (one.fill_buf()?, other.fill_buf()?);
        let common = a.len().min(b.len());
        if a.get(..common) != b.get(..common) {
            return Ok(false);
        }
        if common == 0 {
            return Ok(a.len() == b.len());
        }
        one.consume(common);
        other.consume(common);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(fill: impl FnOnce(&mut Builder<GzEncoder<File>>)) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("x.tar.gz");
        let mut builder =
            Builder::new(GzEncoder::new(File::create(&path).expect("a file"), Compression::fast()));
        fill(&mut builder);
        builder.into_inner().and_then(GzEncoder::finish).expect("packed");
        (dir, path)
    }

    fn member(builder: &mut Builder<GzEncoder<File>>, kind: EntryType, name: &[u8], content: &[u8]) {
        let mut header = Header::new_gnu();
        // The tar crate refuses such names when writing; a stranger's program does not.
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        if kind.is_symlink() || kind.is_hard_link() {
            header.set_link_name("/etc/passwd").expect("a link name");
        }
        header.set_cksum();
        builder.append(&header, content).expect("appended");
    }

    fn refused(kind: EntryType, name: &[u8]) -> String {
        let (dir, path) = archive(|builder| member(builder, kind, name, b""));
        let into = dir.path().join("deep/out");
        fs::create_dir_all(&into).expect("a folder");
        let error = unpack(&path, &into).expect_err("it is refused");
        assert!(!dir.path().join("deep/evil").exists());
        error.to_string()
    }

    #[test]
    fn members_that_are_not_safe_are_refused() {
        assert!(refused(EntryType::Regular, b"../evil").contains("outside"));
        assert!(refused(EntryType::Regular, b"a/../../evil").contains("outside"));
        assert!(refused(EntryType::Regular, b"/tmp/evil").contains("outside"));
        assert!(refused(EntryType::Symlink, b"link").contains("link"));
        assert!(refused(EntryType::Link, b"link").contains("link"));
        assert!(refused(EntryType::Fifo, b"pipe").contains("device"));
    }

    #[test]
    fn a_bomb_is_refused() {
        let zeros = vec![0; (FREE_BYTES + (8 << 20)) as usize];
        let (dir, path) = archive(|builder| member(builder, EntryType::Regular, b"course/zeros", &zeros));
        let into = dir.path().join("out");
        let error = unpack(&path, &into).expect_err("it is refused");
        assert!(error.to_string().contains("far more"), "{error}");
    }

    #[test]
    fn what_is_no_archive_is_named() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("x.tar.gz");
        fs::write(&path, "no archive").expect("a file");
        assert!(
            unpack(&path, &dir.path().join("out")).expect_err("refused").to_string().contains("x.tar.gz")
        );
    }

    #[test]
    fn packed_folders_unpack_and_are_the_same_each_time() {
        let dir = tempfile::tempdir().expect("a folder");
        let from = dir.path().join("from");
        fs::create_dir_all(from.join("static/ü")).expect("a folder");
        fs::write(from.join("course.xml"), "<course/>").expect("a file");
        fs::write(from.join(format!("static/ü/{}.txt", "long".repeat(40))), "x").expect("a file");
        let (mut first, mut second) = (Vec::new(), Vec::new());
        pack(&from, &mut first).expect("packed");
        pack(&from, &mut second).expect("packed");
        assert_eq!(first, second);
        let path = dir.path().join("x.tar.gz");
        fs::write(&path, first).expect("a file");
        unpack(&path, &dir.path().join("to")).expect("unpacked");
        assert!(dir.path().join(format!("to/course/static/ü/{}.txt", "long".repeat(40))).is_file());
    }
}
