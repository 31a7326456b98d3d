//! Files: attachments, a course's cover, videos (reference stepik.md 3.15, 3.16, 3.20).

use std::time::Duration;

use bytes::Bytes;
use lms_core::{AssetBody, AssetLink, CourseId, Error, ErrorKind, LessonId, Platform, Result, StepId};
use lms_http::{Method, Part, Route, Safety};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Stepik;
use crate::convert::media_path;
use crate::objects::{number, object_of};
use crate::wire::{Attachment, Envelope};

/// The platform's own limit is said to be about 25 MB (reference stepik.md 3.15).
pub(crate) const LONGEST_ATTACHMENT: u64 = 25_000_000;
/// A file of that length takes its time on a slow line.
const UPLOAD_TIME: Duration = Duration::from_secs(600);

/// What a file belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A course.
    Course(CourseId),
    /// A lesson.
    Lesson(LessonId),
}

impl Owner {
    fn field(&self) -> Result<(&'static str, u64)> {
        Ok(match self {
            Self::Course(id) => ("course", number(id.as_str(), "course")?),
            Self::Lesson(id) => ("lesson", number(id.as_str(), "lesson")?),
        })
    }
}

/// Where a video comes from.
#[derive(Debug)]
pub enum VideoSource {
    /// The platform fetches it from this address.
    Url(String),
    /// It is sent.
    File {
        /// The file's name.
        name: String,
        /// Its bytes.
        body: AssetBody,
    },
}

/// A video that was handed over. Nothing more can be asked of it: how far the platform has got shows in
/// the steps that play it (reference stepik.md 3.16).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UploadedVideo {
    /// Its id.
    pub id: u64,
    /// How far the platform has got: `raw` at first.
    #[serde(default)]
    pub status: String,
    /// The name of the file.
    #[serde(default)]
    pub filename: Option<String>,
}

#[derive(Deserialize)]
struct Created {
    id: u64,
}

impl Stepik {
    /// Attaches a file to a course or a lesson; its address goes into texts. A second file of the same
    /// name is a second file. Calls `POST /api/attachments`.
    ///
    /// # Errors
    /// `InvalidInput` where it is longer than [`crate::StepikBuilder::with_longest_attachment`], before
    /// anything is sent, or where the platform refuses it; what reading the file gives, with its name.
    pub async fn attach(
        &self,
        to: &Owner,
        name: &str,
        media_type: Option<&str>,
        body: AssetBody,
    ) -> Result<AssetLink> {
        self.attach_for("authoring.attach", to, name, media_type, body).await
    }

    pub(crate) async fn attach_for(
        &self,
        operation: &'static str,
        to: &Owner,
        name: &str,
        media_type: Option<&str>,
        body: AssetBody,
    ) -> Result<AssetLink> {
        let (field, id) = to.field()?;
        let bytes = self.read_whole(operation, name, body).await?;
        let media_type = media_type.unwrap_or("application/octet-stream");
        let base_name = name.rsplit('/').next().unwrap_or(name);
        let parts = vec![Part::text(field, id.to_string()), Part::file("file", base_name, media_type, bytes)];
        let request = self
            .client()
            .request(Method::Post, "/api/attachments", Safety::Once)
            .operation(operation)
            .resource(name)
            .per_attempt(UPLOAD_TIME)
            .multipart(parts);
        let mut envelope: Envelope = request.send_json().await?;
        let stored: Attachment =
            envelope.one("attachments").map_err(|e| e.at(Platform::Stepik, operation).on(name))?;
        let path = media_path(self.base(), &stored.file).ok_or_else(|| {
            Error::new(ErrorKind::Protocol, "the attachment has no address below /media/")
                .at(Platform::Stepik, operation)
                .on(format!("{name}, attachment {}", stored.id))
        })?;
        Ok(AssetLink { id: path.as_str().into(), url: path })
    }

    async fn read_whole(&self, operation: &'static str, name: &str, body: AssetBody) -> Result<Bytes> {
        let limit = self.longest_attachment();
        let size = body.size();
        body.into_bytes(limit).await.map_err(|e| {
            let e = if e.kind() == ErrorKind::InvalidInput {
                let size = size.map_or_else(String::new, |size| format!(" of {size} bytes"));
                Error::invalid(format!(
                    "the file{size} is longer than the {limit} bytes that Stepik takes; make it smaller, or \
                     put it elsewhere and link to it"
                ))
            } else {
                e
            };
            e.at(Platform::Stepik, operation).on(name)
        })
    }

    /// Replaces the picture of a course. Calls `PUT /api/course-images/COURSE`.
    ///
    /// # Errors
    /// As [`Stepik::attach`].
    pub async fn set_cover(
        &self,
        course: &CourseId,
        name: &str,
        media_type: Option<&str>,
        body: AssetBody,
    ) -> Result<()> {
        const OPERATION: &str = "authoring.set_cover";
        let course = number(course.as_str(), "course")?;
        let bytes = self.read_whole(OPERATION, name, body).await?;
        let media_type = media_type.unwrap_or("application/octet-stream").to_owned();
        self.put_cover(OPERATION, course, Part::file("cover", name, media_type, bytes)).await
    }

    /// Makes a file that the site has already the cover of a course: covers are sent as files of their
    /// own (reference stepik.md 3.20).
    pub(crate) async fn cover_from(
        &self,
        operation: &'static str,
        course: u64,
        link: &AssetLink,
    ) -> Result<()> {
        let answer = self
            .client()
            .get(Route::given(&link.url))
            .operation(operation)
            .resource(&link.url)
            .send()
            .await?;
        let media_type = answer.content_type().unwrap_or("application/octet-stream").to_owned();
        let name = link.url.rsplit('/').next().unwrap_or("cover").to_owned();
        let part = Part::file("cover", name, media_type, answer.bytes().await?);
        self.put_cover(operation, course, part).await
    }

    async fn put_cover(&self, operation: &'static str, course: u64, part: Part) -> Result<()> {
        let request = self
            .client()
            .request(Method::Put, object_of("course-images", course), Safety::Repeatable)
            .operation(operation)
            .resource(format!("cover of course {course}"))
            .per_attempt(UPLOAD_TIME)
            .multipart(vec![part]);
        request.send().await.map(drop)
    }

    /// Hands a video over, by its address or as a file. The platform converts it later; there is no way
    /// to ask (reference stepik.md 3.16). Calls `POST /api/videos`.
    ///
    /// # Errors
    /// As [`Stepik::attach`]; the limit does not hold for videos, which are read whole all the same.
    pub async fn upload_video(&self, to: &Owner, source: VideoSource) -> Result<UploadedVideo> {
        const OPERATION: &str = "authoring.upload_video";
        let (field, id) = to.field()?;
        let request = self.client().request(Method::Post, "/api/videos", Safety::Once).operation(OPERATION);
        let request = match source {
            VideoSource::Url(url) => {
                request.resource(&url).form(&[("source_url", url.as_str()), (field, id.to_string().as_str())])
            }
            VideoSource::File { name, body } => {
                let bytes = body
                    .into_bytes(u64::MAX)
                    .await
                    .map_err(|e| e.at(Platform::Stepik, OPERATION).on(&name))?;
                let file = Part::file("source", &name, "application/octet-stream", bytes);
                let parts = vec![Part::text(field, id.to_string()), file];
                request.resource(&name).per_attempt(UPLOAD_TIME).multipart(parts)
            }
        };
        let mut envelope: Envelope = request.send_json().await?;
        envelope.one("videos").map_err(|e| e.at(Platform::Stepik, OPERATION))
    }

    /// Writes a new step that plays a video, at this place of a lesson, counted from 1. Calls
    /// `POST /api/step-sources`.
    ///
    /// # Errors
    /// `Conflict` with its name where another course has the lesson too.
    pub async fn add_video_step(
        &self,
        course: &CourseId,
        lesson: &LessonId,
        position: u32,
        video: &UploadedVideo,
    ) -> Result<StepId> {
        const OPERATION: &str = "authoring.add_video_step";
        let course = number(course.as_str(), "course")?;
        let lesson = number(lesson.as_str(), "lesson")?;
        self.require_own_lesson(OPERATION, course, lesson).await?;
        let video = json!({"id": video.id, "status": video.status, "thumbnail": "", "urls": []});
        let block = json!({"name": "video", "text": "", "video": video, "source": {}});
        let payload: Value = json!({"lesson": lesson, "position": position, "block": block, "cost": 0});
        let created: Created = self.create(OPERATION, "step-sources", "stepSource", payload).await?;
        self.step_written(course, Some(lesson), created.id, created.id.to_string());
        Ok(created.id.into())
    }
}
