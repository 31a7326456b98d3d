//! Reading.

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream};
use lms_core::{
    AssetBody, AssetId, Content, Course, CourseId, CourseLink, CourseQuery, CourseSummary, CourseSupport,
    Courses, Error, ErrorKind, Paged, Platform, Result, Support,
};
use tokio::io::AsyncReadExt;

use super::{OlxArchive, Source};
use crate::links;
use crate::olx::files::Files;
use crate::olx::read::{header, path_of, read};

/// Bytes read at a time.
const CHUNK: usize = 64 << 10;

impl OlxArchive {
    fn source(&self) -> Result<Source> {
        let source = self.state().source.clone();
        source.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "no course has been written here yet").on(&self.info.location)
        })
    }

    /// The course that is in it.
    pub(crate) async fn read(&self) -> Result<Content> {
        self.read_by(read).await
    }

    async fn read_by<T: Send + 'static>(&self, how: fn(&Files) -> Result<T>) -> Result<T> {
        let source = self.source()?;
        let location = self.info.location.clone();
        tokio::task::spawn_blocking(move || how(&source.files))
            .await
            .map_err(|e| Error::new(ErrorKind::Io, "reading broke off").on(location).with_source(e))?
            .map_err(|e| e.at(Platform::OpenEdx, "courses.content"))
    }

    fn must_be(&self, asked: &CourseId, is: &CourseId) -> Result<()> {
        if asked == is {
            return Ok(());
        }
        let message = format!("this archive holds the course {is}, no other");
        Err(Error::new(ErrorKind::NotFound, message).at(Platform::OpenEdx, "courses.get").on(asked))
    }
}

fn summary(course: Course) -> CourseSummary {
    CourseSummary {
        id: course.id,
        title: course.title,
        summary: course.summary,
        language: course.language,
        url: None,
        enrolled: None,
    }
}

#[async_trait]
impl Courses for OlxArchive {
    fn support(&self) -> CourseSupport {
        CourseSupport {
            list: Support::Native,
            search: Support::Emulated,
            content: Support::Native,
            keys: Support::Native,
            assets: Support::Native,
        }
    }

    fn list(&self, query: CourseQuery) -> Result<Paged<CourseSummary>> {
        let CourseQuery { search, enrolled, teaching, from } = query;
        if enrolled || teaching || from.is_some() {
            return Err(Error::unsupported(Platform::OpenEdx, "courses.list")
                .on("an archive holds one course and no people"));
        }
        let Ok(source) = self.source() else { return Ok(Paged::ready(Vec::new())) };
        Ok(Paged::new(None, move |_| {
            let (source, search) = (source.clone(), search.clone());
            async move {
                let course = tokio::task::spawn_blocking(move || header(&source.files))
                    .await
                    .map_err(|e| Error::new(ErrorKind::Io, "reading broke off").with_source(e))??;
                let summary = summary(course);
                let words = search.unwrap_or_default().to_lowercase();
                let found = summary.title.to_lowercase().contains(&words);
                Ok(lms_core::Page::last(if found { vec![summary] } else { Vec::new() }))
            }
        }))
    }

    async fn get(&self, id: &CourseId) -> Result<CourseSummary> {
        let course = self.read_by(header).await?;
        self.must_be(id, &course.id)?;
        Ok(summary(course))
    }

    async fn content(&self, id: &CourseId) -> Result<Content> {
        let content = self.read().await?;
        self.must_be(id, &content.course.id)?;
        Ok(content)
    }

    async fn read_asset(&self, _course: &CourseId, asset: &AssetId) -> Result<AssetBody> {
        let source = self.source()?;
        let path = source.files.locate(&path_of(asset.as_str())).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "the course has no such file")
                .at(Platform::OpenEdx, "courses.read_asset")
                .on(asset)
        })?;
        let shown = asset.to_string();
        let file = tokio::fs::File::open(&path).await.map_err(|e| Error::io(&shown, e))?;
        let size = file.metadata().await.ok().map(|m| m.len());
        // The source is kept until the last byte is read: an unpacked archive would go before.
        let pieces = stream::try_unfold((file, source, shown), |(mut file, source, shown)| async move {
            let mut chunk = vec![0; CHUNK];
            let read = file.read(&mut chunk).await.map_err(|e| Error::io(&shown, e))?;
            chunk.truncate(read);
            Ok((read > 0).then(|| (Bytes::from(chunk), (file, source, shown))))
        });
        Ok(AssetBody::from_stream(pieces.boxed(), size))
    }

    fn course_link(&self, course: &Course, link: &str) -> Option<CourseLink> {
        links::course_link(course, link)
    }
}
