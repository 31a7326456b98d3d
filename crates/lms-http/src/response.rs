//! An answer that was not an error.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt};
use lms_core::{Error, ErrorKind, Platform, Result};
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use url::Url;

use crate::transport::{Broken, Pieces};
use crate::{Safety, decode, transport};

/// An answer that was not an error: headers, and a body that is held in memory unless the request
/// asked for streaming.
pub struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) url: Url,
    pub(crate) body: Body,
    pub(crate) origin: Origin,
}

/// Which request an answer belongs to, for errors that come later.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) platform: Platform,
    pub(crate) operation: &'static str,
    pub(crate) resource: String,
    pub(crate) sensitive: bool,
    pub(crate) safety: Safety,
}

impl Origin {
    /// Adds what the error does not say yet.
    pub(crate) fn stamp(&self, mut error: Error) -> Error {
        if error.platform().is_none() || error.operation().is_empty() {
            error = error.at(self.platform, self.operation);
        }
        if error.resource().is_none() {
            error = error.on(&self.resource);
        }
        error
    }

    /// As [`Origin::stamp`], for what is wrong with an answer. A [`Safety::Once`] that was answered with
    /// something that cannot be read, or with a redirect that nobody expected, may have been carried out:
    /// called a failure, it would be done again.
    pub(crate) fn unread(&self, error: Error) -> Error {
        let error = self.stamp(error);
        let (Safety::Once, ErrorKind::Protocol, Some(status @ 200..400)) =
            (self.safety, error.kind(), error.status())
        else {
            return error;
        };
        let unknown = Error::new(
            ErrorKind::OutcomeUnknown,
            "the request may have been carried out, and the answer does not say; look before sending it again",
        );
        let unknown = match error.request_id() {
            Some(id) => unknown.with_request_id(id),
            None => unknown,
        };
        self.stamp(unknown.with_status(status).with_source(error))
    }
}

pub(crate) enum Body {
    Whole(Bytes),
    Live(Live),
}

/// A body still on the wire.
pub(crate) struct Live {
    pub(crate) pieces: Pieces,
    pub(crate) between: Duration,
    pub(crate) left: u64,
    pub(crate) max: u64,
}

impl Response {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `Content-Type`, parameters included.
    pub fn content_type(&self) -> Option<&str> {
        self.header("content-type")
    }

    /// Where the answer came from, after redirects.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The whole body.
    ///
    /// # Errors
    /// Only for a streaming request: `Unavailable` or `Timeout` when the answer breaks off,
    /// `Protocol` when it is longer than allowed.
    pub async fn bytes(self) -> Result<Bytes> {
        let mut live = match self.body {
            Body::Whole(bytes) => return Ok(bytes),
            Body::Live(live) => live,
        };
        let mut whole = BytesMut::new();
        while let Some(piece) = live.next().await.map_err(|e| self.origin.stamp(e))? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    /// The body as text; what is not UTF-8 becomes `U+FFFD`.
    ///
    /// # Errors
    /// As [`Response::bytes`].
    pub async fn text(self) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.bytes().await?).into_owned())
    }

    /// The body as JSON, whatever media type it claims: INGInious says `text/json`
    /// (reference inginious.md 2.2).
    ///
    /// # Errors
    /// `Protocol`, with the JSON path, when it does not fit; behind an `OutcomeUnknown` when the request was
    /// [`Safety::Once`]. And as [`Response::bytes`].
    pub async fn json<T: DeserializeOwned>(self) -> Result<T> {
        let (origin, status) = (self.origin.clone(), self.status);
        let body = self.bytes().await?;
        decode::json(&body, origin.sensitive).map_err(|e| origin.unread(e.with_status(status)))
    }

    /// The body piece by piece.
    ///
    /// The stream ends after its first error: `Unavailable` or `Timeout` when the answer breaks off,
    /// `Protocol` when it is longer than allowed.
    pub fn stream(self) -> BoxStream<'static, Result<Bytes>> {
        let origin = self.origin;
        match self.body {
            Body::Whole(bytes) => stream::iter([Ok(bytes)]).boxed(),
            Body::Live(live) => stream::try_unfold(live, move |mut live| {
                let origin = origin.clone();
                async move {
                    let piece = live.next().await.map_err(|e| origin.stamp(e))?;
                    Ok(piece.map(|piece| (piece, live)))
                }
            })
            .boxed(),
        }
    }
}

impl Live {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        let late = || Error::new(ErrorKind::Timeout, "the answer stopped coming");
        let piece = match tokio::time::timeout(self.between, self.pieces.next()).await {
            Ok(Ok(piece)) => piece,
            Ok(Err(Broken::Off(source))) => {
                let error = Error::new(ErrorKind::Unavailable, "the answer broke off");
                return Err(error.with_source(source));
            }
            Ok(Err(Broken::TimedOut)) => return Err(late()),
            Ok(Err(Broken::Refused(error))) => return Err(error),
            Err(_) => {
                self.pieces.timed_out();
                return Err(late());
            }
        };
        let length = piece.as_ref().map_or(0, |piece| piece.len() as u64);
        match self.left.checked_sub(length) {
            Some(left) => self.left = left,
            None => return Err(transport::too_long(self.max)),
        }
        Ok(piece)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Response");
        // Not the address: ids and names of people stand in paths too.
        out.field("status", &self.status).field("operation", &self.origin.operation);
        if let Body::Whole(bytes) = &self.body {
            out.field("bytes", &bytes.len());
        }
        out.finish_non_exhaustive()
    }
}
