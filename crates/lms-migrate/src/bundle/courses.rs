//! Reading.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::stream::{self, StreamExt};
use lms_core::{
    AssetBody, AssetId, Content, CourseId, CourseQuery, CourseSummary, CourseSupport, Courses, Error,
    ErrorKind, Paged, Platform, Result, Support,
};
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use super::authoring::hex;
use super::{Bundle, read};

const PIECE: usize = 1 << 18;

impl Bundle {
    /// What is on the disk. Read anew each time: a bundle is edited by hand.
    pub(super) fn there(&self) -> Result<read::Read> {
        if !self.is_there() {
            return Err(Error::new(ErrorKind::NotFound, "no course is here yet").on(&self.info.location));
        }
        read::read(&self.path)
    }

    fn of(&self, id: &CourseId) -> Result<read::Read> {
        let there = self.there()?;
        if there.content.course.id != *id {
            return Err(read::other_course(id));
        }
        Ok(there)
    }

    fn stored(&self, course: &CourseId, asset: &AssetId) -> Result<read::Stored> {
        let mut known = self.known_files();
        if known.as_ref().is_none_or(|(of, files)| of != course || !files.contains_key(asset)) {
            *known = Some((course.clone(), self.of(course)?.files));
        }
        let stored = known.as_ref().and_then(|(_, files)| files.get(asset)).cloned();
        stored.ok_or_else(|| Error::new(ErrorKind::NotFound, "the bundle has no such file").on(asset))
    }

    fn summary(&self) -> Result<CourseSummary> {
        let course = self.there()?.content.course;
        let (id, title, summary, language) = (course.id, course.title, course.summary, course.language);
        Ok(CourseSummary { id, title, summary, language, url: None, enrolled: None })
    }
}

#[async_trait]
impl Courses for Bundle {
    fn support(&self) -> CourseSupport {
        CourseSupport {
            list: Support::Native,
            search: Support::No,
            content: Support::Native,
            keys: Support::Native,
            assets: Support::Native,
        }
    }

    fn list(&self, query: CourseQuery) -> Result<Paged<CourseSummary>> {
        if query.search.is_some() || query.enrolled || query.teaching {
            return Err(Error::unsupported(Platform::Bundle, "courses.list with a choice"));
        }
        if query.from.is_some() {
            return Err(Error::unsupported(Platform::Bundle, "courses.list from a cursor"));
        }
        let courses = if self.is_there() { vec![self.summary()?] } else { Vec::new() };
        Ok(Paged::ready(courses))
    }

    async fn get(&self, id: &CourseId) -> Result<CourseSummary> {
        self.of(id)?;
        self.summary()
    }

    async fn content(&self, id: &CourseId) -> Result<Content> {
        let there = self.of(id)?;
        *self.known_files() = Some((id.clone(), there.files));
        Ok(there.content)
    }

    async fn read_asset(&self, course: &CourseId, asset: &AssetId) -> Result<AssetBody> {
        let stored = self.stored(course, asset)?;
        let name = stored.path.display().to_string();
        let file = tokio::fs::File::open(&stored.path).await.map_err(|e| Error::io(&name, e))?;
        let size = file.metadata().await.map_err(|e| Error::io(&name, e))?.len();
        let pieces = stream::try_unfold((file, Sha256::new(), stored.hash, name), next_piece);
        Ok(AssetBody::from_stream(pieces.boxed(), Some(size)))
    }
}

type Reading = (tokio::fs::File, Sha256, Option<String>, String);

/// The next piece; at the end the whole is held against its hash.
async fn next_piece((mut file, mut hash, wanted, name): Reading) -> Result<Option<(Bytes, Reading)>> {
    let mut piece = BytesMut::with_capacity(PIECE);
    file.read_buf(&mut piece).await.map_err(|e| Error::io(&name, e))?;
    if !piece.is_empty() {
        hash.update(&piece);
        return Ok(Some((piece.freeze(), (file, hash, wanted, name))));
    }
    match wanted {
        Some(wanted) if hex(&hash.finalize()) != wanted => Err(Error::invalid(
            "its bytes are not those that its name says; to change a file, put the new one below files/ and name it in \
             assets.json by `file` instead of `sha256`",
        )
        .on(name)),
        _ => Ok(None),
    }
}
