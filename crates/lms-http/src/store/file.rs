//! Tokens in a file that only its owner may read.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind as IoKind, Read, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use lms_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use super::record::Record;
use super::{StoredTokens, TokenStore};

const VERSION: u32 = 1;
/// No honest token file comes near it.
const MAX_BYTES: u64 = 16 << 20;

/// All tokens in one JSON file. Beside it lies an empty `….lock`, by which processes take turns.
///
/// On Unix the file is readable and writable by its owner alone (mode 0600) from its creation on, and a
/// file that others may read, or that belongs to somebody else, is refused. It is replaced as a
/// whole, by a new file that takes its name, so that a crash leaves the old or the new tokens and
/// never half of them. On other systems who may read it is up to the folder: choose one that is the
/// user's own, as those for application data are.
#[derive(Debug, Clone)]
pub struct FileStore {
    path: PathBuf,
}

impl FileStore {
    /// A store in the file at `path`. File and folder are made when something is saved.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where the tokens are.
    pub fn path(&self) -> &Path {
        &self.path
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let path = self.path.clone();
        let task = tokio::task::spawn_blocking(move || {
            // A link stays a link: what it leads to is what is checked and replaced.
            work(&fs::canonicalize(&path).unwrap_or(path))
        });
        task.await.unwrap_or_else(|e| {
            Err(Error::new(ErrorKind::Io, "the token file could not be used").with_source(e))
        })
    }
}

#[async_trait]
impl TokenStore for FileStore {
    async fn load(&self, name: &str) -> Result<Option<StoredTokens>> {
        let name = name.to_owned();
        self.blocking(move |path| Ok(read(path)?.tokens.remove(&name).map(StoredTokens::from))).await
    }

    async fn save(&self, name: &str, tokens: &StoredTokens) -> Result<()> {
        let (name, tokens) = (name.to_owned(), tokens.clone());
        self.blocking(move |path| {
            let _turn = turn(path)?;
            let mut content = read(path)?;
            let old = content.tokens.remove(&name).map(StoredTokens::from);
            if old.is_some_and(|old| tokens.outdated_by(&old)) {
                return Ok(());
            }
            content.tokens.insert(name, Record::from(&tokens));
            replace(path, &content)
        })
        .await
    }

    async fn forget(&self, name: &str) -> Result<()> {
        let name = name.to_owned();
        self.blocking(move |path| {
            if !path.exists() {
                return Ok(());
            }
            let _turn = turn(path)?;
            let mut content = read(path)?;
            match content.tokens.remove(&name) {
                Some(_) => replace(path, &content),
                None => Ok(()),
            }
        })
        .await
    }
}

#[derive(Serialize, Deserialize)]
struct Content {
    version: u32,
    tokens: BTreeMap<String, Record>,
}

fn read(path: &Path) -> Result<Content> {
    let file = match File::open(path) {
        Err(e) if e.kind() == IoKind::NotFound => {
            return Ok(Content { version: VERSION, tokens: BTreeMap::new() });
        }
        file => file.map_err(|e| Error::io(path.display(), e))?,
    };
    // Of the open file, not of the name, which may lead to another file by now.
    let metadata = file.metadata().map_err(|e| Error::io(path.display(), e))?;
    if !metadata.is_file() {
        return Err(refuse(path, "the place of the token file is taken by something else; choose another"));
    }
    private(path, &metadata)?;
    let mut text = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut text).map_err(|e| Error::io(path.display(), e))?;
    // What serde would say may quote a token.
    match serde_json::from_slice::<Content>(&text) {
        Ok(content) if content.version == VERSION => Ok(content),
        Ok(_) => Err(refuse(path, "the token file is of another version of this program; choose another")),
        Err(_) => {
            Err(refuse(path, "this is not a token file, or it is damaged; remove it and sign in again"))
        }
    }
}

#[cfg(unix)]
fn private(path: &Path, metadata: &fs::Metadata) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        let why =
            "the token file belongs to another user and is not trusted; choose another, or become its owner";
        return Err(refuse(path, why));
    }
    if metadata.mode() & 0o077 != 0 {
        let why = format!(
            "others than its owner may use the token file; if nobody has read it, run `chmod 600 {}`, otherwise remove it and sign in again",
            path.display()
        );
        return Err(refuse(path, why));
    }
    Ok(())
}

#[cfg(not(unix))]
fn private(_path: &Path, _metadata: &fs::Metadata) -> Result<()> {
    Ok(())
}

fn refuse(path: &Path, why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, why).on(path.display())
}

/// A new file for this user alone.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Waits until no other process changes the file. Ends with the value.
fn turn(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder).map_err(|e| Error::io(folder.display(), e))?;
    }
    let path = beside(path, ".lock");
    let lock = options().create(true).truncate(false).write(true).open(&path);
    let lock = lock.map_err(|e| Error::io(path.display(), e))?;
    match lock.lock() {
        // A file system without locks: the file is still replaced as a whole.
        Err(e) if e.kind() == IoKind::Unsupported => Ok(lock),
        Err(e) => Err(Error::io(path.display(), e)),
        Ok(()) => Ok(lock),
    }
}

/// Writes beside the file, then gives the new one its name.
fn replace(path: &Path, content: &Content) -> Result<()> {
    let text = serde_json::to_vec_pretty(content)
        .map_err(|e| Error::new(ErrorKind::Io, "the tokens cannot be written as JSON").with_source(e))?;
    let new = beside(path, ".new");
    let io = |e| Error::io(new.display(), e);
    // Left by a process that died here; nobody else is at work, for it is our turn.
    match fs::remove_file(&new) {
        Err(e) if e.kind() != IoKind::NotFound => return Err(io(e)),
        _ => {}
    }
    let mut file = options().create_new(true).write(true).open(&new).map_err(io)?;
    let written = file.write_all(&text).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&new, path));
    if let Err(e) = written {
        // No half of a secret is left behind.
        let _ = fs::remove_file(&new);
        return Err(io(e));
    }
    sync_folder(path)
}

/// The new name is on the disk only when the folder is.
#[cfg(unix)]
fn sync_folder(path: &Path) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| Error::io(folder.display(), e))
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> Result<()> {
    Ok(())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(suffix);
    path.with_file_name(name)
}
