//! Reading a course folder.

use async_trait::async_trait;
use lms_core::{
    AssetBody, AssetId, Content, Course, CourseId, CourseLink, CourseQuery, CourseSummary, CourseSupport,
    Courses, Error, ErrorKind, Paged, Platform, Result, Support,
};

use super::FolderCourse;
use super::store::{MAX_DESCRIPTION, MAX_FILE, Store};
use super::yaml::{Node, parse};
use crate::convert::read::read_course;
use crate::links;

impl FolderCourse {
    fn known(&self, id: &CourseId) -> Result<()> {
        if *id == self.id {
            return Ok(());
        }
        Err(Error::new(ErrorKind::NotFound, format!("the folder holds the course {}", self.id)).on(id))
    }

    fn summary(&self) -> Result<CourseSummary> {
        let store = Store::open(&self.path)?;
        let title = match store.read("course.yaml", MAX_DESCRIPTION) {
            Ok(bytes) => {
                let node = parse(&String::from_utf8_lossy(&bytes))
                    .map_err(|e| Error::invalid(e.message.clone()).on(format!("course.yaml:{}", e.line)))?;
                node.get("name").and_then(Node::text)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(CourseSummary {
            id: self.id.clone(),
            title: title.unwrap_or_else(|| self.id.to_string()),
            summary: None,
            language: None,
            url: None,
            enrolled: None,
        })
    }
}

#[async_trait]
impl Courses for FolderCourse {
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
        let CourseQuery { search, enrolled, teaching, from } = query;
        if search.is_some() || enrolled || teaching || from.is_some() {
            return Err(Error::unsupported(Platform::Inginious, "courses.list"));
        }
        Ok(Paged::ready(vec![self.summary()?]))
    }

    async fn get(&self, id: &CourseId) -> Result<CourseSummary> {
        self.known(id)?;
        self.summary()
    }

    async fn content(&self, id: &CourseId) -> Result<Content> {
        self.known(id)?;
        read_course(&Store::open(&self.path)?, id)
            .map_err(|error| error.at(Platform::Inginious, "courses.content"))
    }

    async fn read_asset(&self, course: &CourseId, asset: &AssetId) -> Result<AssetBody> {
        self.known(course)?;
        let bytes = Store::open(&self.path)?.read(asset.as_str(), MAX_FILE)?;
        Ok(AssetBody::from_bytes(bytes))
    }

    fn course_link(&self, course: &Course, link: &str) -> Option<CourseLink> {
        links::course_link(None, course, link)
    }
}
