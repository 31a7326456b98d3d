//! Listing and reading courses.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use lms_core::{
    AssetBody, AssetId, Block, Content, Course, CourseId, CourseLink, CourseQuery, CourseSummary,
    CourseSupport, Courses, Error, ErrorKind, Page, Paged, Platform, Result, Support, note_pages, unescape,
};
use lms_http::{Client, Method, RequestBuilder, Route, Safety};
use tokio::io::AsyncWriteExt;
use url::Url;

use crate::keys::is_newer_library;
use crate::links;
use crate::olx::origin::Origin;
use crate::page::namespaced;
use crate::provider::{Export, STUDIO, Staged};
use crate::temporary;
use crate::wire::{CourseBody, EnrollmentBody, ExportState};
use crate::{OlxArchive, OpenEdx};

/// An export that is still under way after this is given up.
const EXPORT_PATIENCE: Duration = Duration::from_secs(600);
const EXPORT_BYTES: u64 = 4 << 30;

#[async_trait]
impl Courses for OpenEdx {
    fn support(&self) -> CourseSupport {
        let whole = if self.inner().sessions.is_some() && self.studio().is_ok() {
            Support::Native
        } else {
            Support::No
        };
        CourseSupport {
            list: Support::Native,
            search: Support::Native,
            content: whole,
            keys: whole,
            assets: whole,
        }
    }

    /// Calls `GET /api/courses/v1/courses/` with the account's name, since without it the platform shows
    /// the anonymous catalogue even to staff (reference openedx.md 3.1); with `enrolled`,
    /// `GET /api/enrollment/v1/enrollment`; with `teaching`, the courses that the account has staff rights in, which for
    /// global staff are all. Where the site heeds no `search`, the words are looked for here.
    fn list(&self, query: CourseQuery) -> Result<Paged<CourseSummary>> {
        let CourseQuery { search, enrolled, teaching, from } = query;
        if enrolled {
            if search.is_some() || from.is_some() || teaching {
                return Err(Error::unsupported(
                    Platform::OpenEdx,
                    "courses.list with `enrolled`, and with `search`, `teaching` or from a place",
                ));
            }
            return Ok(self.list_enrolled());
        }
        let (site, words) = (self.clone(), search.clone());
        let first = move || {
            let (site, search) = (site.clone(), search.clone());
            async move {
                let mut request = site
                    .lms()
                    .get("/api/courses/v1/courses/")
                    .operation("courses.list")
                    .query("username", site.username().await?)
                    .query("page_size", 100);
                if teaching {
                    request = request.query("permissions", "staff");
                }
                if let Some(words) = search {
                    request = request.query("search_term", words);
                }
                Ok(request)
            }
        };
        let listing = namespaced().list(from, first).try_map(|body: CourseBody| Ok(summary(body)));
        Ok(match words {
            Some(words) => self.searched(listing, &words),
            None => listing,
        })
    }

    /// Calls `GET /api/courses/v1/courses/{id}`.
    async fn get(&self, id: &CourseId) -> Result<CourseSummary> {
        let body: CourseBody = self
            .lms()
            .get(Route::new("/api/courses/v1/courses/{course}").id(id))
            .query("username", self.username().await?)
            .operation("courses.get")
            .resource(id)
            .send_json()
            .await?;
        Ok(summary(body))
    }

    /// Exports the course from Studio and reads the archive: no interface gives a token's holder the
    /// whole course with its keys, so it needs a session (reference openedx.md 3.14). Calls
    /// `POST /export/{id}`, `GET /export_status/{id}`, and the address that it names. A content library is read like a
    /// course with one lesson: `library-v1:ORG+NAME` in the same way, `lib:ORG:NAME` block by block through
    /// `/api/libraries/v2/`, which takes tokens.
    async fn content(&self, id: &CourseId) -> Result<Content> {
        let export = self.export(id).await?;
        let mut content = export.archive.read().await?;
        content.course.id = id.clone();
        note_pages(&mut content.course, Platform::OpenEdx, |place| self.page_of(id, place.block.1));
        Ok(content)
    }

    /// Reads the file from the export.
    async fn read_asset(&self, course: &CourseId, asset: &AssetId) -> Result<AssetBody> {
        let kept = self.inner().exports.lock().await.get(course).cloned();
        let export = match kept {
            Some(export) => export,
            None => self.export(course).await?,
        };
        // The archive holds one course, whatever name it goes by, and is not read anew for each of its files.
        export.archive.read_asset(course, asset).await
    }

    fn course_link(&self, course: &Course, link: &str) -> Option<CourseLink> {
        links::course_link(course, link)
    }
}

impl OpenEdx {
    /// Where people see a block: `jump_to` with its key (reference openedx.md 3.2).
    fn page_of(&self, course: &CourseId, block: &Block) -> Option<String> {
        let origin = Origin::kept(&block.extras).filter(|origin| !origin.name.is_empty())?;
        let run = course.as_str().strip_prefix("course-v1:")?;
        let key = format!("block-v1:{run}+type@{}+block@{}", origin.tag, origin.name);
        let page = self.lms().base_url().join(&format!("/courses/{course}/jump_to/{key}")).ok()?;
        Some(page.into())
    }

    fn list_enrolled(&self) -> Paged<CourseSummary> {
        let site = self.clone();
        Paged::new(None, move |_| {
            let site = site.clone();
            async move {
                // A bare array, active enrollments only (reference openedx.md 3.4).
                let enrollments: Vec<EnrollmentBody> = site
                    .lms()
                    .get("/api/enrollment/v1/enrollment")
                    .operation("courses.enrolled")
                    .send_json()
                    .await?;
                let courses =
                    enrollments.into_iter().filter_map(|e| e.course_details).map(|course| CourseSummary {
                        title: course.course_name.unwrap_or_else(|| course.course_id.clone()),
                        id: course.course_id.into(),
                        summary: None,
                        language: None,
                        url: None,
                        enrolled: Some(true),
                    });
                Ok(Page::last(courses.collect()))
            }
        })
    }

    pub(crate) async fn export(&self, id: &CourseId) -> Result<Arc<Export>> {
        let (archive, folder) =
            if is_newer_library(id) { self.assembled(id).await? } else { self.exported(id).await? };
        let export = Arc::new(Export { archive, folder });
        self.inner().exports.lock().await.insert(id.clone(), Arc::clone(&export));
        Ok(export)
    }

    /// The archive as Studio gives it, in a folder of its own: `course.tar.gz`.
    pub(crate) async fn exported(&self, id: &CourseId) -> Result<(OlxArchive, tempfile::TempDir)> {
        let folder = temporary::folder()?;
        let path = folder.path().join(Staged::FILE);
        self.export_to(id, &path).await?;
        Ok((OlxArchive::open(&path)?, folder))
    }

    /// Has Studio make an archive, and downloads it.
    pub(crate) async fn export_to(&self, id: &CourseId, path: &Path) -> Result<()> {
        const OPERATION: &str = "courses.content";
        let studio = self.studio_session(OPERATION)?;
        studio
            .request(Method::Post, Route::new("/export/{course}").id(id), Safety::Repeatable)
            .operation(OPERATION)
            .resource(id)
            .send()
            .await?;
        let mut polling = STUDIO.begin(EXPORT_PATIENCE);
        let output = loop {
            let state: ExportState = studio
                .get(Route::new("/export_status/{course}").id(id))
                .operation(OPERATION)
                .resource(id)
                .send_json()
                .await?;
            match (state.status, state.output) {
                (3, Some(output)) => break output,
                (status, _) if status < 0 => {
                    let why = state.error.map(|e| e.to_string()).unwrap_or_default();
                    return Err(Error::new(
                        ErrorKind::Unavailable,
                        format!("Studio could not export the course: {why}"),
                    )
                    .at(Platform::OpenEdx, OPERATION)
                    .on(id));
                }
                _ if polling.pause().await => {}
                _ => {
                    return Err(Error::new(
                        ErrorKind::Timeout,
                        "Studio has not finished the export in ten minutes",
                    )
                    .at(Platform::OpenEdx, OPERATION)
                    .on(id));
                }
            }
        };
        self.download(id, &output, path).await
    }

    /// A request to an address that Studio named: its own, or a signed one of an object store that must get no credential.
    pub(crate) fn given(&self, studio: &Client, address: &str) -> Result<RequestBuilder> {
        match Url::parse(address) {
            // The signature in the address is a secret.
            Ok(url) if url.origin() != studio.base_url().origin() => {
                let elsewhere =
                    Client::builder(Platform::OpenEdx, url.clone()).options(&self.inner().elsewhere);
                Ok(elsewhere.build()?.get(Route::given(url.as_str())).sensitive())
            }
            _ => Ok(studio.get(Route::given(address))),
        }
    }

    async fn download(&self, id: &CourseId, output: &str, path: &Path) -> Result<()> {
        let request = self.given(self.studio_session("courses.content")?, output)?;
        let request = request.operation("courses.content").resource(id);
        let response = request.max_body(EXPORT_BYTES).streaming().send().await?;
        let io = |e| Error::io(path.display(), e);
        let mut file = tokio::fs::File::create(path).await.map_err(io)?;
        let mut pieces = response.stream();
        while let Some(piece) = pieces.next().await {
            file.write_all(&piece?).await.map_err(io)?;
        }
        file.flush().await.map_err(io)
    }
}

fn summary(body: CourseBody) -> CourseSummary {
    let CourseBody { id, name, short_description, is_enrolled } = body;
    CourseSummary {
        id: id.into(),
        title: unescape(&name),
        summary: short_description.filter(|text| !text.is_empty()),
        language: None,
        url: None,
        enrolled: is_enrolled,
    }
}
