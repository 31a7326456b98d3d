//! `.tar.gz` archives, in memory.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Component, Path};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

/// Files by path with `/` between the parts.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Unpacks an uploaded course. The error is the sentence that a Studio user would be shown.
pub(crate) fn unpack(data: &[u8]) -> Result<Files, String> {
    let mut files = Files::new();
    let mut archive = tar::Archive::new(GzDecoder::new(data));
    for entry in archive.entries().map_err(|error| error.to_string())? {
        let mut entry = entry.map_err(|error| error.to_string())?;
        let path = entry.path().map_err(|error| error.to_string())?.into_owned();
        let kind = entry.header().entry_type();
        // Absolute paths, `..`, links and devices make the whole archive unsafe (reference openedx.md 3.14).
        let name = relative(&path).ok_or_else(|| format!("Unsafe archive member {}", path.display()))?;
        if kind.is_dir() {
            continue;
        }
        if kind.is_symlink() || kind.is_hard_link() {
            let target = entry.link_name().ok().flatten().map(|link| link.into_owned());
            if target.as_deref().is_none_or(|target| relative(target).is_none()) {
                return Err(format!("Unsafe archive member {}", path.display()));
            }
            continue;
        }
        if !kind.is_file() {
            return Err(format!("Unsafe archive member {}", path.display()));
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(|error| error.to_string())?;
        files.insert(name, content);
    }
    Ok(files)
}

/// Packs files below `top`.
pub(crate) fn pack(files: &Files, top: &str) -> std::io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_entry_type(tar::EntryType::Regular);
        builder.append_data(&mut header, format!("{top}/{path}"), content.as_slice())?;
    }
    let mut encoder = builder.into_inner()?;
    encoder.flush()?;
    encoder.finish()
}

/// Reads a folder as an archive would be read.
pub(crate) fn read_folder(folder: &Path) -> Result<Files, String> {
    let mut files = Files::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.map_err(|error| error.to_string())?;
        if !entry.file_type().is_file() {
            continue;
        }
        let name = entry.path().strip_prefix(folder).ok().and_then(relative);
        let Some(name) = name else { continue };
        let content =
            std::fs::read(entry.path()).map_err(|error| format!("{}: {error}", entry.path().display()))?;
        files.insert(name, content);
    }
    Ok(files)
}

/// The files below the folder of the first `course.xml`, or `library.xml`, of a top-down walk (reference openedx.md 3.14).
pub(crate) fn top_folder(files: &Files, name: &str) -> Option<Files> {
    let root = files
        .keys()
        .filter(|path| path.rsplit('/').next() == Some(name))
        .min_by_key(|path| path.matches('/').count())?;
    let prefix = root.strip_suffix(name).unwrap_or_default();
    let below = files
        .iter()
        .filter_map(|(path, content)| Some((path.strip_prefix(prefix)?.to_owned(), content.clone())));
    Some(below.collect())
}

fn relative(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?.to_owned()),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tar_with(name: &str) -> Vec<u8> {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().expect("GNU header").name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(1);
        header.set_cksum();
        let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        builder.append(&header, &b"x"[..]).expect("append");
        builder.into_inner().and_then(GzEncoder::finish).expect("tar")
    }

    #[test]
    fn unsafe_members_are_refused_and_good_ones_come_back() {
        assert!(unpack(&tar_with("../evil")).is_err());
        assert!(unpack(&tar_with("/etc/evil")).is_err());
        assert!(unpack(b"hello").is_err());
        let files = unpack(&tar_with("a/course.xml")).expect("files");
        assert_eq!(
            top_folder(&files, "course.xml").expect("root").keys().collect::<Vec<_>>(),
            ["course.xml"]
        );
        assert_eq!(unpack(&pack(&files, "course").expect("pack")).expect("files").len(), 1);
    }
}
