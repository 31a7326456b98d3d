//! A course from the side of its administrators: the page of its tasks, and its files behind it
//! (reference inginious.md 6.8, 7).

use std::sync::Arc;

use futures::stream::{self, StreamExt, TryStreamExt};
use lms_core::{Content, CourseId, Error, ErrorKind, Platform, Result};
use lms_http::{Method, Route, Safety};
use tokio::sync::Mutex;
use url::Url;

use crate::convert::read::read_course;
use crate::convert::script::GRADING_FILE;
use crate::dav::{Access, Dav};
use crate::files::Files;
use crate::folder::store::Store;
use crate::page::Page;
use crate::studio::Studio;
use crate::{Inginious, UploadBy};

/// Files asked for at once.
const AT_ONCE: usize = 4;

/// What the account is in a course.
#[derive(Debug)]
pub(crate) enum Workshop {
    /// No administrator, or there is no such course.
    Shut,
    /// An administrator, on a site without WebDAV.
    WithoutFiles,
    /// An administrator who has the files.
    Open(Files),
}

impl Inginious {
    /// `GET /admin/COURSE/tasks`, which shows the way to the files.
    pub(crate) async fn workshop(&self, operation: &'static str, course: &CourseId) -> Result<Workshop> {
        let page = Route::new("/admin/{course}/tasks").id(course);
        let answer =
            self.client().get(page).operation(operation).resource(format!("course {course}")).send().await;
        let html = match answer {
            Ok(answer) => answer.text().await?,
            Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound) => {
                return Ok(Workshop::Shut);
            }
            Err(error) => return Err(error),
        };
        if self.upload_by() == UploadBy::Pages {
            let studio = Studio::new(self.client().clone(), course);
            return Ok(Workshop::Open(Files::Pages(Arc::new(Mutex::new(studio)))));
        }
        match Page::parse(&html).webdav() {
            Some(access) => Ok(Workshop::Open(Files::Dav(self.dav(operation, course, &access)?))),
            None => Ok(Workshop::WithoutFiles),
        }
    }

    fn dav(&self, operation: &'static str, course: &CourseId, access: &Access) -> Result<Dav> {
        let Access { url, username, key } = access;
        let place = match self.webdav_url() {
            Some(base) => Some(base.clone()),
            // The page shows the address of the course; paths begin with its id again.
            None => url
                .trim_end_matches('/')
                .strip_suffix(&format!("/{course}"))
                .and_then(|base| Url::parse(base).ok()),
        };
        let base = place.ok_or_else(|| {
            Error::new(ErrorKind::Protocol, "the page of the tasks shows an address of WebDAV that is none")
                .at(Platform::Inginious, operation)
                .on(url)
        })?;
        Ok(Dav::new(self.files_client(base, username, key)?, course.as_str()))
    }

    /// `POST /mycourses`: super-administrators only; others are not even told that nothing happened.
    pub(crate) async fn make_course(&self, operation: &'static str, course: &CourseId) -> Result<()> {
        // The site would say no more than that it failed (reference inginious.md 2.1).
        if !course.as_str().chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')) {
            let why = "a course of INGInious is called by letters, digits, and . _ - only";
            return Err(Error::invalid(why)
                .at(Platform::Inginious, operation)
                .on(format!("course {course}")));
        }
        let answer = self
            .client()
            .request(Method::Post, "/mycourses", Safety::Once)
            .operation(operation)
            .resource(format!("course {course}"))
            .form(&[("new_courseid", course.as_str())])
            .send()
            .await?;
        let html = answer.text().await?;
        let (made, said) = {
            let page = Page::parse(&html);
            (page.alert("success").is_some(), page.alert("danger"))
        };
        let refusal = |kind, why: String| {
            Err(Error::new(kind, why).at(Platform::Inginious, operation).on(format!("course {course}")))
        };
        if made {
            return Ok(());
        }
        if !matches!(self.workshop(operation, course).await?, Workshop::Shut) {
            return refusal(ErrorKind::AlreadyExists, "a course of this id is there already".to_owned());
        }
        match said {
            Some(said) => refusal(ErrorKind::InvalidInput, said),
            None => refusal(
                ErrorKind::PermissionDenied,
                "only super-administrators of a site make courses on it".to_owned(),
            ),
        }
    }

    /// The whole course, as its files say.
    pub(crate) async fn content_of_files(
        &self,
        operation: &'static str,
        course: &CourseId,
        files: &Files,
    ) -> Result<Content> {
        let (entries, texts) = match files {
            Files::Pages(studio) => studio.lock().await.read_all(operation).await?,
            Files::Dav(dav) => {
                let listing = dav.list(operation).await?;
                let paths: Vec<String> = listing
                    .files
                    .iter()
                    .map(|entry| entry.path.clone())
                    .filter(|p| is_described(p))
                    .collect();
                let texts = stream::iter(paths)
                    .map(|path| async move {
                        let bytes = dav.read(operation, &path).await?;
                        Ok::<_, Error>((path, bytes))
                    })
                    .buffered(AT_ONCE)
                    .try_collect()
                    .await?;
                (listing.files, texts)
            }
        };
        let store = Store::Memory { entries, texts };
        read_course(&store, course).map_err(|error| error.at(Platform::Inginious, operation))
    }
}

/// Whether a file describes the course or one of its tasks.
pub(crate) fn is_described(path: &str) -> bool {
    path == "course.yaml"
        || path.split_once('/').is_some_and(|(_, name)| name == "task.yaml" || name == GRADING_FILE)
}
