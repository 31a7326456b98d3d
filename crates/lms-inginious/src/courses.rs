//! Listing and reading courses of a site.

use async_trait::async_trait;
use lms_core::{
    AssetBody, AssetId, Content, CourseId, CourseQuery, CourseSummary, CourseSupport, Courses, Error,
    ErrorKind, Page, Paged, Platform, Result, Support,
};
use lms_http::path_segment;

use crate::Inginious;
use crate::convert::api::read_api_course;
use crate::wire::WireCourse;

impl Inginious {
    pub(crate) async fn wire_course(&self, id: &CourseId) -> Result<WireCourse> {
        let path = format!("/api/v0/courses/{}", path_segment(id.as_str()));
        let found: Vec<WireCourse> =
            self.session().json(|client| client.get(&path).operation("courses.get").resource(id)).await?;
        // A course that is not for this account is an empty list (reference inginious.md 4.1).
        found.into_iter().next().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "there is no such course for this account")
                .at(Platform::Inginious, "courses.get")
                .on(id)
        })
    }

    fn summary(&self, course: WireCourse) -> CourseSummary {
        let base = self.session().client().base_url().as_str().trim_end_matches('/').to_owned();
        CourseSummary {
            url: Some(format!("{base}/course/{}", course.id)),
            id: CourseId::new(course.id),
            title: course.name,
            summary: None,
            language: None,
            enrolled: Some(course.is_registered),
        }
    }
}

#[async_trait]
impl Courses for Inginious {
    fn support(&self) -> CourseSupport {
        CourseSupport {
            list: Support::Native,
            search: Support::Emulated,
            content: Support::Native,
            keys: Support::No,
            assets: Support::Emulated,
        }
    }

    /// Searching is done here, in the titles; `enrolled` means "open to this account" (reference 4.1).
    fn list(&self, query: CourseQuery) -> Result<Paged<CourseSummary>> {
        let CourseQuery { search, enrolled, teaching, from } = query;
        if teaching || from.is_some() {
            return Err(Error::unsupported(Platform::Inginious, "courses.list"));
        }
        let (site, search) = (self.clone(), search.map(|words| words.to_lowercase()));
        Ok(Paged::new(None, move |_| {
            let (site, search) = (site.clone(), search.clone());
            async move {
                let all: Vec<WireCourse> = site
                    .session()
                    .json(|client| client.get("/api/v0/courses").operation("courses.list"))
                    .await?;
                let shown =
                    all.into_iter().filter(|course| !enrolled || course.is_registered).filter(|course| {
                        search.as_ref().is_none_or(|words| course.name.to_lowercase().contains(words))
                    });
                Ok(Page::last(shown.map(|course| site.summary(course)).collect()))
            }
        }))
    }

    async fn get(&self, id: &CourseId) -> Result<CourseSummary> {
        Ok(self.summary(self.wire_course(id).await?))
    }

    async fn content(&self, id: &CourseId) -> Result<Content> {
        let course = self.wire_course(id).await?;
        Ok(read_api_course(&course, &self.wire_tasks(id).await?))
    }

    async fn read_asset(&self, course: &CourseId, asset: &AssetId) -> Result<AssetBody> {
        let hidden = || {
            Error::new(ErrorKind::NotFound, "only files in `public` folders can be read")
                .at(Platform::Inginious, "courses.read_asset")
                .on(asset)
        };
        let (folder, rest) = asset.as_str().split_once("/public/").ok_or_else(hidden)?;
        let rest = rest.split('/').map(path_segment).collect::<Vec<_>>().join("/");
        let path = format!("/course/{}/{}/{rest}", path_segment(course.as_str()), path_segment(folder));
        let response = self
            .session()
            .send(|client| client.get(&path).operation("courses.read_asset").resource(asset).streaming())
            .await?;
        let size = response.header("content-length").and_then(|n| n.parse().ok());
        Ok(AssetBody::from_stream(response.stream(), size))
    }
}
