//! The files of a course, one by one (reference openedx.md 3.16).

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use lms_core::{CourseId, Cursor, Error, Page, Paged, Platform, Result};
use lms_http::{Method, Part, RequestBuilder, Route, Safety};
use serde::Deserialize;
use serde_json::json;

use crate::OpenEdx;
use crate::keys::CourseKey;
use crate::provider::Way;

/// Which files to list. Default is all, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileQuery {
    /// A part of the name.
    pub search: Option<String>,
    /// A type as Studio groups them: `Images`, `Documents`, `Audio`, `Code`, `OTHER`.
    pub kind: Option<String>,
    /// How many files a page has; 50 where it is `None`.
    pub page_size: Option<u32>,
    /// Where to begin; `None` for the beginning.
    pub from: Option<Cursor>,
}

/// A file of a course.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct StudioFile {
    /// Its key: `asset-v1:…`.
    pub id: String,
    /// Its name, as people read it.
    #[serde(rename = "display_name")]
    pub name: String,
    /// Its media type.
    #[serde(rename = "content_type", default)]
    pub media_type: Option<String>,
    /// How texts of the course link it: `/static/fig.png`.
    #[serde(rename = "portable_url")]
    pub link: String,
    /// Its address on the LMS.
    #[serde(rename = "external_url", default)]
    pub url: Option<String>,
    /// Whether only those who take part may download it.
    #[serde(default)]
    pub locked: bool,
    /// Its size in bytes, where the release says.
    #[serde(rename = "file_size", default)]
    pub size: Option<u64>,
}

#[derive(Deserialize)]
struct Listed {
    assets: Vec<StudioFile>,
    page: u64,
    end: u64,
    #[serde(rename = "totalCount")]
    total: u64,
}

#[derive(Deserialize)]
struct Uploaded {
    asset: StudioFile,
}

impl OpenEdx {
    /// The files of a course. Calls `GET /assets/{course}/` in a session, or
    /// `GET /api/contentstore/v0/file_assets/{course}` with a token, page after page.
    ///
    /// # Errors
    /// `InvalidInput` at once for what is no course key, or a place that no listing gave.
    pub fn course_files(&self, course: &CourseId, query: FileQuery) -> Result<Paged<StudioFile>> {
        const OPERATION: &str = "studio.files";
        CourseKey::parse(course)?;
        let FileQuery { search, kind, page_size, from } = query;
        if let Some(from) = &from {
            let number = from.as_str().parse::<u64>();
            number.map_err(|_| {
                Error::invalid("no place in a list of files").at(Platform::OpenEdx, OPERATION)
            })?;
        }
        let (site, course, size) = (self.clone(), course.clone(), page_size.unwrap_or(50).max(1));
        let given = Arc::new(HashMap::from([("text_search", search), ("asset_type", kind)]));
        Ok(Paged::new(from, move |at| {
            let (site, course, given) = (site.clone(), course.clone(), Arc::clone(&given));
            async move {
                // Counted from 0, unlike all other lists of the platform.
                let page = at.as_ref().map_or("0", Cursor::as_str);
                let request = site.files_request(Method::Get, &course, Safety::Read, OPERATION)?;
                let mut request = request.query("page", page).query("page_size", size);
                for (name, value) in given.iter() {
                    if let Some(value) = value {
                        request = request.query(name, value);
                    }
                }
                let listed: Listed = request.send_json().await?;
                let more = listed.end < listed.total && !listed.assets.is_empty();
                let next = more.then(|| Cursor::new((listed.page + 1).to_string()));
                Ok(Page { items: listed.assets, next, total: Some(listed.total) })
            }
        }))
    }

    /// Stores a file; one of the same name is replaced. Calls `POST` on the addresses of [`Self::course_files`]. The
    /// platform changes what it does not like in a name to `_`: [`StudioFile::link`] is how to link it.
    ///
    /// # Errors
    /// `InvalidInput` above the site's limit (20 MB unless it changed it) and for an empty name.
    pub async fn upload_file(&self, course: &CourseId, name: &str, body: Bytes) -> Result<StudioFile> {
        const OPERATION: &str = "studio.upload_file";
        CourseKey::parse(course)?;
        if name.is_empty() {
            return Err(Error::invalid("a file needs a name").at(Platform::OpenEdx, OPERATION));
        }
        let media_type = mime_guess::from_path(name).first_or_octet_stream();
        let request = self.files_request(Method::Post, course, Safety::Repeatable, OPERATION)?;
        let part = Part::file("file", name, media_type.essence_str(), body);
        Ok(request.multipart(vec![part]).send_json::<Uploaded>().await?.asset)
    }

    /// Deletes a file; text that links it is left as it is. Calls `DELETE /assets/{course}/{file}`, in a session.
    ///
    /// # Errors
    /// `NotFound`; `Config` without the account's name and password.
    pub async fn delete_file(&self, course: &CourseId, file: &str) -> Result<()> {
        let request = self.file_request(Method::Delete, course, file, "studio.delete_file")?;
        request.send().await.map(drop)
    }

    /// Locks a file, so that only those who take part may download it, or opens it. Calls
    /// `PUT /assets/{course}/{file}`, in a session.
    ///
    /// # Errors
    /// As [`Self::delete_file`].
    pub async fn lock_file(&self, course: &CourseId, file: &str, access: FileAccess) -> Result<()> {
        let request = self.file_request(Method::Put, course, file, "studio.lock_file")?;
        request.json(&json!({"locked": access == FileAccess::Enrolled})).send().await.map(drop)
    }

    fn files_request(
        &self,
        method: Method,
        course: &CourseId,
        safety: Safety,
        operation: &'static str,
    ) -> Result<RequestBuilder> {
        let (studio, route) = match self.studio_way(operation)? {
            Way::Session(studio) => (studio, Route::new("/assets/{course}/")),
            Way::Token(studio) => (studio, Route::new("/api/contentstore/v0/file_assets/{course}")),
        };
        let request = studio.request(method, route.id(course), safety);
        Ok(request.accept_json().operation(operation).resource(course))
    }

    fn file_request(
        &self,
        method: Method,
        course: &CourseId,
        file: &str,
        operation: &'static str,
    ) -> Result<RequestBuilder> {
        CourseKey::parse(course)?;
        let route = Route::new("/assets/{course}/{file}").id(course).id(file);
        let request = self.studio_session(operation)?.request(method, route, Safety::Repeatable);
        Ok(request.accept_json().operation(operation).resource(file))
    }
}

/// Who may download a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileAccess {
    /// Everybody who has the address.
    Everybody,
    /// Those who take part in the course.
    Enrolled,
}
