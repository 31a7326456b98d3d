//! A course as it was read, and as a target can hold it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt};
use serde::{Deserialize, Serialize};

use crate::{AssetId, BlockId, Course, Error, ErrorKind, Finding, Result};

/// How many native things of each name can be reached in a course.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NativeCounts {
    /// OLX tags, Stepik block names; for INGInious `task`.
    pub blocks: BTreeMap<String, usize>,
    /// Capa responses, Stepik quiz names, INGInious problem types.
    pub exercises: BTreeMap<String, usize>,
}

impl NativeCounts {
    /// One more block of this name.
    pub fn block(&mut self, name: &str) {
        *self.blocks.entry(name.to_owned()).or_default() += 1;
    }

    /// One more exercise of this name.
    pub fn exercise(&mut self, name: &str) {
        *self.exercises.entry(name.to_owned()).or_default() += 1;
    }
}

/// A course as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// The course in the neutral model.
    pub course: Course,
    /// What of the native course is not in it, and what could not be read.
    pub findings: Vec<Finding>,
    /// What the native course holds, by the platform's own names.
    pub native: NativeCounts,
}

/// Which blocks of a target hold a block of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// The block in the source.
    pub source: BlockId,
    /// The blocks in the adapted course; several where it was split, one shared where merged.
    pub target: Vec<BlockId>,
}

/// A course as a target can hold it. Every block of the source is in `carried` or is named by a
/// finding, or both.
#[derive(Debug, Clone, PartialEq)]
pub struct Adapted {
    /// What reading the target back will give, ids aside.
    pub course: Course,
    /// What differs from the source.
    pub findings: Vec<Finding>,
    /// Where each block went.
    pub carried: Vec<Carried>,
}

/// How the target links to a file it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetLink {
    /// The file's id on the target.
    pub id: AssetId,
    /// The address to write into markup.
    pub url: String,
}

/// How the target links to each file, by the file's id in the source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AssetLinks(HashMap<AssetId, AssetLink>);

impl AssetLinks {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps how the target links to a file.
    pub fn insert(&mut self, source: AssetId, link: AssetLink) {
        self.0.insert(source, link);
    }

    /// How the target links to a file.
    pub fn get(&self, source: &AssetId) -> Option<&AssetLink> {
        self.0.get(source)
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&AssetId, &AssetLink)> {
        self.0.iter()
    }

    /// `asset:ID` to the target's address; `None` for every other address and for unknown files.
    pub fn resolve(&self, link: &str) -> Option<String> {
        let id = AssetId::from(link.strip_prefix("asset:")?);
        self.0.get(&id).map(|link| link.url.clone())
    }
}

/// The bytes of a file, as they come.
pub struct AssetBody {
    stream: BoxStream<'static, Result<Bytes>>,
    size: Option<u64>,
}

impl fmt::Debug for AssetBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssetBody").field("size", &self.size).finish_non_exhaustive()
    }
}

impl AssetBody {
    /// Bytes that come in pieces; `size` where it is known beforehand.
    pub fn from_stream(stream: BoxStream<'static, Result<Bytes>>, size: Option<u64>) -> Self {
        Self { stream, size }
    }

    /// Bytes that are there.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let size = Some(bytes.len() as u64);
        Self { stream: stream::iter([Ok(bytes)]).boxed(), size }
    }

    /// The size, where it is known beforehand.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// The pieces.
    pub fn into_stream(self) -> BoxStream<'static, Result<Bytes>> {
        self.stream
    }

    /// All of it in memory.
    ///
    /// # Errors
    /// What reading gives; `InvalidInput` when it is longer than `limit` bytes.
    pub async fn into_bytes(mut self, limit: u64) -> Result<Bytes> {
        let too_long =
            || Error::new(ErrorKind::InvalidInput, format!("the file is longer than {limit} bytes"));
        if self.size.is_some_and(|size| size > limit) {
            return Err(too_long());
        }
        let mut all = BytesMut::new();
        while let Some(piece) = self.stream.next().await {
            all.extend_from_slice(&piece?);
            if all.len() as u64 > limit {
                return Err(too_long());
            }
        }
        Ok(all.freeze())
    }
}
