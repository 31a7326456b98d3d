//! A library of the newer kind as a folder with a `library.xml`, which is read like any archive.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path};

use lms_core::{CourseId, Error, ErrorKind, Platform, Result};
use lms_http::Route;
use serde::Deserialize;

use crate::keys::LibraryKey;
use crate::olx::xml::{escape_attribute, parse};
use crate::temporary;
use crate::{OlxArchive, OpenEdx};

const OPERATION: &str = "libraries.content";
/// The largest file that the interface takes is 20 MB.
const FILE_BYTES: u64 = 64 << 20;

/// `GET /api/libraries/v2/blocks/{block}/olx/`.
#[derive(Deserialize)]
struct Definition {
    olx: String,
}

/// `GET /api/libraries/v2/blocks/{block}/assets/`.
#[derive(Deserialize)]
struct Files {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    path: String,
    url: String,
}

/// `GET /api/libraries/v2/{library}/`.
#[derive(Deserialize)]
struct About {
    title: String,
}

impl OpenEdx {
    /// The drafts of a library, block by block: one request for the list, and two and the files for each block.
    pub(crate) async fn assembled(&self, library: &CourseId) -> Result<(OlxArchive, tempfile::TempDir)> {
        let key = LibraryKey::parse(library)?;
        let folder = temporary::folder()?;
        let at = folder.path();
        let route = Route::new("/api/libraries/v2/{library}/").id(library);
        let about: About =
            self.studio()?.get(route).operation(OPERATION).resource(library).send_json().await?;
        let mut blocks = String::new();
        let mut taken = BTreeMap::new();
        for block in self.library_blocks(library, None)?.all().await? {
            let name = block.id.as_str().rsplit_once(':').map_or(block.id.as_str(), |(_, name)| name);
            let route = Route::new("/api/libraries/v2/blocks/{block}/olx/").id(&block.id);
            let request = self.studio()?.get(route).operation(OPERATION).resource(&block.id);
            let found: Definition = request.send_json().await?;
            let moved = self.files_of(&block.id, name, at, &mut taken).await?;
            blocks.push_str(&named(&found.olx, name, &moved).map_err(|why| {
                Error::new(ErrorKind::Protocol, why).at(Platform::OpenEdx, OPERATION).on(&block.id)
            })?);
        }
        let (title, org, name) = (&about.title, &key.org, &key.name);
        let attributes = [("display_name", title), ("org", org), ("library", name)]
            .map(|(name, value)| format!(" {name}=\"{}\"", escape_attribute(value)));
        let root = format!("<library url_name=\"library\"{}>\n{blocks}</library>\n", attributes.concat());
        let path = at.join("library.xml");
        fs::write(&path, root).map_err(|e| Error::io(path.display(), e))?;
        Ok((OlxArchive::open(at)?, folder))
    }

    /// Fetches the files of a block. Each block has its own: where two call theirs alike and they differ, the second is
    /// called after its block. Returns what is called differently now.
    async fn files_of(
        &self,
        block: &lms_core::BlockId,
        name: &str,
        at: &Path,
        taken: &mut BTreeMap<String, Vec<u8>>,
    ) -> Result<Vec<(String, String)>> {
        let route = Route::new("/api/libraries/v2/blocks/{block}/assets/").id(block);
        let listed: Files =
            self.studio()?.get(route).operation(OPERATION).resource(block).send_json().await?;
        let mut moved = Vec::new();
        for File { path, url } in listed.files {
            let plain = |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_)));
            let Some(file) = path.strip_prefix("static/").filter(|file| plain(Path::new(file))) else {
                continue;
            };
            let request = self.given(self.studio()?, &url)?.operation(OPERATION).resource(block);
            let body = request.max_body(FILE_BYTES).send().await?.bytes().await?.to_vec();
            let mut free = file.to_owned();
            if taken.get(file).is_some_and(|there| *there != body) {
                free = format!("{name}-{}", file.replace('/', "_"));
                moved.push((file.to_owned(), free.clone()));
            }
            let path = at.join("static").join(&free);
            let io = |e| Error::io(path.display(), e);
            path.parent().map_or(Ok(()), fs::create_dir_all).map_err(io)?;
            fs::write(&path, &body).map_err(io)?;
            taken.insert(free, body);
        }
        Ok(moved)
    }
}

/// The XML of a block with its name in it, and with files under their new names.
fn named(olx: &str, name: &str, moved: &[(String, String)]) -> std::result::Result<String, String> {
    let element = parse(olx).map_err(|fault| fault.what)?;
    let mut text = olx.trim().to_owned();
    if element.get("url_name").is_none() {
        let tag = format!("<{}", element.name);
        let at = text.find(&tag).ok_or("the block does not begin with its tag")? + tag.len();
        text.insert_str(at, &format!(" url_name=\"{}\"", escape_attribute(name)));
    }
    for (from, to) in moved {
        text = text.replace(&format!("/static/{from}"), &format!("/static/{to}"));
    }
    // What stands before the first tag of a document of its own has no place inside another.
    let begins = text.find(&format!("<{}", element.name)).unwrap_or(0);
    Ok(format!("{}\n", &text[begins..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_called_as_the_library_calls_it() {
        let moved = [("a.png".to_owned(), "p1-a.png".to_owned())];
        let olx = "<?xml version=\"1.0\"?>\n<problem weight=\"2\"><img src=\"/static/a.png\"/></problem>";
        let wanted = "<problem url_name=\"p1\" weight=\"2\"><img src=\"/static/p1-a.png\"/></problem>\n";
        assert_eq!(named(olx, "p1", &moved).as_deref(), Ok(wanted));
        let own = "<problem url_name=\"x\"/>";
        assert_eq!(named(own, "p1", &[]).as_deref(), Ok("<problem url_name=\"x\"/>\n"));
        assert!(named("<problem>", "p1", &[]).is_err());
    }
}
