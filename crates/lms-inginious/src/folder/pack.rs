//! Files on disk: writing them whole, archives in and out.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use lms_core::{Error, Result};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::store::{MAX_FILE, Store};

/// Whether a path means an archive.
pub(super) fn is_zip(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
}

/// Where an archive is put together: beside it, so that an interrupted run can go on.
pub(super) fn partial(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    path.with_file_name(name)
}

/// Writes a file whole or not at all.
pub(super) fn write(root: &Path, inside: &str, bytes: &[u8]) -> Result<()> {
    let path = root.join(inside);
    let io = |e| Error::io(path.display(), e);
    let folder = path.parent().unwrap_or(root);
    fs::create_dir_all(folder).map_err(io)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    let file = file.persist(&path).map_err(|e| io(e.error))?;
    permit(&file, inside).map_err(io)
}

/// Run scripts are executable (reference inginious.md 9.1); temporary files begin as private ones.
#[cfg(unix)]
fn permit(file: &File, inside: &str) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(mode(inside)))
}

#[cfg(not(unix))]
fn permit(_: &File, _: &str) -> std::io::Result<()> {
    Ok(())
}

fn mode(inside: &str) -> u32 {
    let name = inside.rsplit('/').next().unwrap_or(inside);
    if name == "run" || name.starts_with("run.") { 0o755 } else { 0o644 }
}

/// Unpacks an archive into a folder.
pub(super) fn unpack(archive: &Path, root: &Path) -> Result<()> {
    let store = Store::open(archive)?;
    for entry in store.list()? {
        write(root, &entry.path, &store.read(&entry.path, MAX_FILE)?)?;
    }
    Ok(())
}

/// Packs a folder; the archive appears whole.
pub(super) fn pack(root: &Path, archive: &Path) -> Result<()> {
    let io = |e| Error::io(archive.display(), e);
    let store = Store::Directory(root.to_owned());
    let folder = archive.parent().unwrap_or(Path::new("."));
    let file = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
    let broken = |e: zip::result::ZipError| {
        Error::invalid("the archive cannot be written").on(archive.display()).with_source(e)
    };
    let mut zip = ZipWriter::new(file);
    for entry in store.list()? {
        let options = SimpleFileOptions::default().unix_permissions(mode(&entry.path));
        zip.start_file(entry.path.as_str(), options).map_err(broken)?;
        zip.write_all(&store.read(&entry.path, MAX_FILE)?).map_err(io)?;
    }
    let file = zip.finish().map_err(broken)?;
    let file = file.persist(archive).map_err(|e| io(e.error))?;
    permit(&file, "course.zip").map_err(io)
}
