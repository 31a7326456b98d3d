//! Parts of a multipart form, in memory or on disk.

use std::fmt;
use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use futures::stream;
use lms_core::{Error, ErrorKind};
use reqwest::multipart::{Form, Part as WirePart};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

/// Bytes that are read from a file at once.
const PIECE: usize = 64 << 10;

/// One part of a multipart form. A retry sends it in full.
#[derive(Clone)]
pub struct Part {
    /// The form field.
    pub name: String,
    /// The file's name, for a file.
    pub filename: Option<String>,
    /// The media type; none is sent if `None`.
    pub content_type: Option<String>,
    /// The content.
    pub body: PartBody,
}

/// What a part holds.
#[derive(Clone)]
pub enum PartBody {
    /// Bytes in memory.
    Bytes(Bytes),
    /// A file on disk. It is read while it is sent, from its beginning for each attempt, and never held whole.
    File(PathBuf),
}

impl Part {
    /// A plain form field.
    pub fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        let body = PartBody::Bytes(Bytes::from(value.into()));
        Self { name: name.into(), filename: None, content_type: None, body }
    }

    /// A file whose bytes are in memory.
    pub fn file(
        name: impl Into<String>,
        filename: impl Into<String>,
        content_type: impl Into<String>,
        body: impl Into<Bytes>,
    ) -> Self {
        Self::with_body(name.into(), filename.into(), content_type.into(), PartBody::Bytes(body.into()))
    }

    /// A file that lies at `path`. It must not change before the answer is there.
    pub fn file_at(
        name: impl Into<String>,
        filename: impl Into<String>,
        content_type: impl Into<String>,
        path: impl Into<PathBuf>,
    ) -> Self {
        Self::with_body(name.into(), filename.into(), content_type.into(), PartBody::File(path.into()))
    }

    fn with_body(name: String, filename: String, content_type: String, body: PartBody) -> Self {
        Self { name, filename: Some(filename), content_type: Some(content_type), body }
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, filename, content_type, body } = self;
        f.debug_struct("Part")
            .field("name", name)
            .field("filename", filename)
            .field("content_type", content_type)
            .field("body", body)
            .finish()
    }
}

/// Says how much it is or where, never what.
impl fmt::Debug for PartBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl PartBody {
    /// All of it, for a cassette.
    pub(crate) fn read(&self) -> io::Result<Bytes> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.clone()),
            Self::File(path) => std::fs::read(path).map(Bytes::from),
        }
    }

    async fn wire(&self) -> Result<WirePart, Error> {
        let path = match self {
            Self::Bytes(bytes) => {
                return Ok(WirePart::stream_with_length(bytes.clone(), bytes.len() as u64));
            }
            Self::File(path) => path,
        };
        let failed = |e| Error::io(path.display(), e);
        let file = File::open(path).await.map_err(failed)?;
        let length = file.metadata().await.map_err(failed)?.len();
        Ok(WirePart::stream_with_length(reqwest::Body::wrap_stream(pieces(file)), length))
    }
}

fn pieces(file: File) -> impl futures::Stream<Item = io::Result<Bytes>> {
    stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE];
        let n = file.read(&mut piece).await?;
        piece.truncate(n);
        Ok((n > 0).then(|| (Bytes::from(piece), file)))
    })
}

/// The form of one attempt.
pub(crate) async fn form(parts: &[Part]) -> Result<Form, Error> {
    let mut form = Form::new();
    for part in parts {
        let mut wire = part.body.wire().await?;
        if let Some(filename) = &part.filename {
            wire = wire.file_name(filename.clone());
        }
        if let Some(content_type) = &part.content_type {
            wire = wire.mime_str(content_type).map_err(|_| {
                Error::new(ErrorKind::Config, "not a media type").on(content_type.escape_debug())
            })?;
        }
        form = form.part(part.name.clone(), wire);
    }
    Ok(form)
}
