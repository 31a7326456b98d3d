//! Content libraries: problems and texts that courses draw from.
//!
//! There are two kinds, and a site may have both. The older ones, `library-v1:ORG+NAME`, are courses without sections:
//! Studio lists and makes them in a session (`cms/djangoapps/contentstore/views/library.py` of edx-platform), and they
//! come and go as archives with a `library.xml` (reference openedx.md 3.14). The newer ones, `lib:ORG:NAME`, have an
//! interface of their own, `/api/libraries/v2/`, which takes tokens and knows no archive
//! (`openedx/core/djangoapps/content_libraries/rest_api` of edx-platform).
//!
//! Not here, since no source at hand names their requests: collections of the newer kind, and changing single blocks of
//! the older one, whose keys (`lib-block-v1:…`) the requests for blocks of a course do not take.

mod read;

use lms_core::{BlockId, CourseId, Cursor, Error, Page, Paged, Platform, Result};
use lms_http::{Method, Paging, Route, Safety};
use serde::Deserialize;
use serde_json::json;

use crate::OpenEdx;
use crate::keys::{LibraryKey, LibraryKind};

/// A content library.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Library {
    /// Its key: `library-v1:ORG+NAME` or `lib:ORG:NAME`. [`lms_core::Courses::content`] reads it under this id.
    pub id: CourseId,
    /// Its title.
    pub title: String,
    /// How many blocks are in it, where the platform says.
    pub blocks: Option<u64>,
}

/// A block of a library.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LibraryBlock {
    /// Its usage key: `lib-block-v1:…` or `lb:…`.
    pub id: BlockId,
    /// Its type: `problem`, `html`, `video`.
    pub kind: String,
    /// Its title, where the list has it.
    pub title: Option<String>,
}

/// A library in the lists of both kinds.
#[derive(Deserialize)]
struct Listed {
    #[serde(alias = "library_key")]
    id: CourseId,
    #[serde(alias = "display_name")]
    title: String,
    num_blocks: Option<u64>,
}

impl From<Listed> for Library {
    fn from(Listed { id, title, num_blocks }: Listed) -> Self {
        Self { id, title, blocks: num_blocks }
    }
}

/// `GET /library/{key}?format=json`.
#[derive(Deserialize)]
struct Older {
    blocks: Vec<BlockId>,
}

/// An item of `GET /api/libraries/v2/{key}/blocks/`.
#[derive(Deserialize)]
struct Newer {
    id: BlockId,
    block_type: String,
    #[serde(default)]
    display_name: Option<String>,
}

impl OpenEdx {
    /// The libraries of a kind that the signed-in account may see. Calls `GET /api/libraries/v2/`, page after page, or
    /// `GET /library/`, which takes a session alone.
    ///
    /// # Errors
    /// `Config` without a Studio, and for the older kind without the account's name and password; `NotFound` on a site
    /// without libraries of this kind; `PermissionDenied`.
    pub fn libraries(&self, kind: LibraryKind, from: Option<Cursor>) -> Result<Paged<Library>> {
        const OPERATION: &str = "libraries.list";
        self.studio()?;
        let site = self.clone();
        if kind == LibraryKind::V2 {
            let first = move || {
                let request = site.studio().map(|studio| studio.get("/api/libraries/v2/"));
                let request = request.map(|request| request.query("pagination", "true").operation(OPERATION));
                async move { request }
            };
            return Ok(Paging::next_link().list(from, first).try_map(|found: Listed| Ok(found.into())));
        }
        if from.is_some() {
            return Err(Error::unsupported(Platform::OpenEdx, "libraries.list from a place"));
        }
        self.studio_session(OPERATION)?;
        Ok(Paged::new(None, move |_| {
            let site = site.clone();
            async move {
                let request = site.studio_session(OPERATION)?.get("/library/").accept_json();
                let found: Vec<Listed> = request.operation(OPERATION).send_json().await?;
                Ok(Page::last(found.into_iter().map(Library::from).collect()))
            }
        }))
    }

    /// The blocks of a library. Calls `GET /api/libraries/v2/{key}/blocks/`, page after page, or
    /// `GET /library/{key}?format=json` in a session.
    ///
    /// # Errors
    /// `InvalidInput` for what is no library's key, unsent; as [`Self::libraries`].
    pub fn library_blocks(&self, library: &CourseId, from: Option<Cursor>) -> Result<Paged<LibraryBlock>> {
        const OPERATION: &str = "libraries.blocks";
        self.studio()?;
        let (site, library) = (self.clone(), library.clone());
        if LibraryKey::parse(&library)?.kind == LibraryKind::V2 {
            let first = move || {
                let route = Route::new("/api/libraries/v2/{library}/blocks/").id(&library);
                let request =
                    site.studio().map(|studio| studio.get(route).operation(OPERATION).resource(&library));
                async move { request }
            };
            let block = |Newer { id, block_type, display_name }: Newer| {
                Ok(LibraryBlock { id, kind: block_type, title: display_name })
            };
            return Ok(Paging::next_link().list(from, first).try_map(block));
        }
        if from.is_some() {
            return Err(Error::unsupported(Platform::OpenEdx, "libraries.blocks from a place"));
        }
        self.studio_session(OPERATION)?;
        Ok(Paged::new(None, move |_| {
            let (site, library) = (site.clone(), library.clone());
            async move {
                let route = Route::new("/library/{library}").id(&library);
                let request =
                    site.studio_session(OPERATION)?.get(route).query("format", "json").accept_json();
                let found: Older = request.operation(OPERATION).resource(&library).send_json().await?;
                let block = |id: BlockId| {
                    let kind =
                        id.as_str().split_once("+type@").and_then(|(_, rest)| rest.split_once("+block@"));
                    LibraryBlock { kind: kind.map_or("", |(kind, _)| kind).to_owned(), id, title: None }
                };
                Ok(Page::last(found.blocks.into_iter().map(block).collect()))
            }
        }))
    }

    /// Makes an empty library of the kind that the key names. Calls `POST /api/libraries/v2/`, or `POST /library/` in a
    /// session. What goes in: [`Self::start_import`] for the older kind, [`Self::put_library_block`] for the newer.
    ///
    /// # Errors
    /// `InvalidInput` for what is no library's key, unsent, and where the site refuses it, because it is there already too;
    /// `PermissionDenied`; `OutcomeUnknown`.
    pub async fn create_library(&self, library: &CourseId, title: &str) -> Result<Library> {
        const OPERATION: &str = "libraries.create";
        let LibraryKey { kind, org, name } = LibraryKey::parse(library)?;
        let request = match kind {
            LibraryKind::V1 => {
                let body = json!({"org": org, "library": name, "display_name": title});
                self.studio_session(OPERATION)?.request(Method::Post, "/library/", Safety::Once).json(&body)
            }
            LibraryKind::V2 => {
                let body = json!({"org": org, "slug": name, "title": title, "description": ""});
                self.studio()?.request(Method::Post, "/api/libraries/v2/", Safety::Once).json(&body)
            }
        };
        request.accept_json().operation(OPERATION).resource(library).send().await?;
        Ok(Library { id: library.clone(), title: title.to_owned(), blocks: Some(0) })
    }

    /// Puts a block into a library of the newer kind, as a draft; one of this type and name is replaced. `olx` is its XML,
    /// as a course has it. Calls `POST /api/libraries/v2/{library}/blocks/`, where it is not there yet, and
    /// `POST /api/libraries/v2/blocks/{block}/olx/`. [`Self::publish_library`] lets courses have it.
    ///
    /// # Errors
    /// `Unsupported` for the older kind, whose blocks come in an archive; `InvalidInput` where the site refuses the XML or
    /// the type.
    pub async fn put_library_block(
        &self,
        library: &CourseId,
        kind: &str,
        name: &str,
        olx: &str,
    ) -> Result<BlockId> {
        const OPERATION: &str = "libraries.put_block";
        let key = LibraryKey::parse(library)?;
        let block = key.block(kind, name).ok_or_else(|| older("libraries.put_block for a library-v1"))?;
        let route = Route::new("/api/libraries/v2/blocks/{block}/olx/").id(&block);
        let there = self.studio()?.get(route.clone()).operation(OPERATION).resource(&block).send().await;
        match there {
            Ok(_) => {}
            Err(error) if error.kind() == lms_core::ErrorKind::NotFound => {
                let blocks = Route::new("/api/libraries/v2/{library}/blocks/").id(library);
                let request = self.studio()?.request(Method::Post, blocks, Safety::Once);
                let body = json!({"block_type": kind, "definition_id": name});
                request.operation(OPERATION).resource(&block).json(&body).send().await?;
            }
            Err(error) => return Err(error),
        }
        let request = self.studio()?.request(Method::Post, route, Safety::Repeatable);
        request.operation(OPERATION).resource(&block).json(&json!({"olx": olx})).send().await?;
        Ok(block)
    }

    /// Publishes all changes of a library of the newer kind. Calls `POST /api/libraries/v2/{library}/commit/`.
    ///
    /// # Errors
    /// `Unsupported` for the older kind, which has no drafts; `NotFound`; `PermissionDenied`.
    pub async fn publish_library(&self, library: &CourseId) -> Result<()> {
        if LibraryKey::parse(library)?.kind == LibraryKind::V1 {
            return Err(older("libraries.publish for a library-v1"));
        }
        let route = Route::new("/api/libraries/v2/{library}/commit/").id(library);
        let request = self.studio()?.request(Method::Post, route, Safety::Repeatable);
        request.operation("libraries.publish").resource(library).send().await.map(drop)
    }
}

fn older(what: &'static str) -> Error {
    Error::unsupported(Platform::OpenEdx, what)
}
