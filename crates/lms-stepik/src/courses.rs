//! Reading courses (reference stepik.md 3.3–3.8).

use async_trait::async_trait;
use lms_core::{
    AssetBody, AssetId, Content, Course, CourseId, CourseLink, CourseQuery, CourseSummary, CourseSupport,
    Courses, Error, ErrorKind, Paged, Platform, Result, Support, note_pages,
};

use lms_http::Route;

use crate::Stepik;
use crate::catalog::CourseFilter;
use crate::convert::media_path;
use crate::links;
use crate::native::Found;
use crate::objects::number;
use crate::reader;
use crate::wire::{self, Attachment};

const CONTENT: &str = "courses.content";

#[async_trait]
impl Courses for Stepik {
    fn support(&self) -> CourseSupport {
        CourseSupport {
            list: Support::Native,
            search: Support::Native,
            content: Support::Native,
            keys: Support::Native,
            assets: Support::Native,
        }
    }

    fn list(&self, query: CourseQuery) -> Result<Paged<CourseSummary>> {
        let CourseQuery { search, enrolled, teaching, from } = query;
        match search {
            Some(_) if enrolled || teaching => {
                Err(Error::unsupported(Platform::Stepik, "courses.list by words among one's own"))
            }
            Some(words) => Ok(self.search_courses(words, from)),
            None => {
                let enrolled = enrolled.then_some(true);
                self.courses_page_by_page(CourseFilter { enrolled, from, ..CourseFilter::new() }, teaching)
            }
        }
    }

    async fn get(&self, id: &CourseId) -> Result<CourseSummary> {
        let id = number(id.as_str(), "course")?;
        Ok(self.summary(self.one("courses.get", "courses", id).await?))
    }

    async fn content(&self, id: &CourseId) -> Result<Content> {
        let id = number(id.as_str(), "course")?;
        let tree = self.tree(CONTENT, id).await?;
        let steps = self.steps(CONTENT, &tree).await?;
        let attached: Vec<Attachment> =
            match self.all(CONTENT, "attachments", vec![("course", id.to_string())]).await {
                Ok(attached) => attached,
                // Only those who may edit have the list; links say the rest.
                Err(e) if matches!(e.status(), Some(401 | 403 | 404)) => Vec::new(),
                Err(e) => return Err(e),
            };
        let mut content = reader::read(self, &tree, steps, &attached);
        // A lesson's page keeps its address whatever is put before a step (reference stepik.md 3.6).
        note_pages(&mut content.course, Platform::Stepik, |place| {
            self.base().join(&format!("/lesson/{}/", place.lesson.1.id)).ok().map(Into::into)
        });
        Ok(content)
    }

    async fn read_asset(&self, course: &CourseId, asset: &AssetId) -> Result<AssetBody> {
        const OPERATION: &str = "courses.read_asset";
        let Some(path) = media_path(self.base(), asset.as_str()) else {
            return Err(Error::new(ErrorKind::NotFound, "files of Stepik are below /media/")
                .at(Platform::Stepik, OPERATION)
                .on(asset));
        };
        let resource = format!("course {course}, {path}");
        let answer = self
            .client()
            .get(Route::given(&path))
            .operation(OPERATION)
            .resource(resource)
            .streaming()
            .send()
            .await?;
        let size = answer.header("content-length").and_then(|n| n.parse().ok());
        Ok(AssetBody::from_stream(answer.stream(), size))
    }

    fn course_link(&self, course: &Course, link: &str) -> Option<CourseLink> {
        links::course_link(self.base(), course, link)
    }
}

impl Stepik {
    /// The courses of these ids, in this order, and those that the platform does not give out. Calls
    /// `GET /api/courses?ids[]=…`, a hundred ids in one request.
    ///
    /// # Errors
    /// `InvalidInput` for an id that is no number, before anything is sent.
    pub async fn courses_by_id(&self, ids: &[CourseId]) -> Result<Found<CourseSummary>> {
        let ids: Vec<String> = ids
            .iter()
            .map(|id| number(id.as_str(), "course").map(|id| id.to_string()))
            .collect::<Result<_>>()?;
        let Found { items, missing } =
            self.found("courses.by_id", "courses", &ids, |c: &wire::Course| c.id.to_string()).await?;
        Ok(Found { items: items.into_iter().map(|course| self.summary(course)).collect(), missing })
    }

    /// A course down to its steps, without what is in them: title, dates and order of everything, steps
    /// by their ids. One request for the course and one for each hundred sections, units and lessons.
    ///
    /// # Errors
    /// `NotFound` where there is no such course, or the account may not see it.
    pub async fn outline(&self, id: &CourseId) -> Result<Course> {
        let tree = self.tree("courses.outline", number(id.as_str(), "course")?).await?;
        Ok(reader::outline(self, &tree))
    }

    pub(crate) fn summary(&self, course: wire::Course) -> CourseSummary {
        let own = self.base().join(&format!("/course/{}/", course.id)).ok().map(String::from);
        CourseSummary {
            id: course.id.into(),
            title: course.title,
            summary: Some(course.summary).filter(|s| !s.trim().is_empty()),
            language: Some(course.language).filter(|s| !s.is_empty()),
            url: course.canonical_url.or(own),
            // The id of the enrollment is that of the course (reference stepik.md 3.3).
            enrolled: Some(course.enrollment.is_some()),
        }
    }
}
