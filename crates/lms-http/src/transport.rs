//! One attempt on the wire, redirects included. The only module that sends.

use std::error::Error as StdError;
use std::time::Duration;

use bytes::BytesMut;
use lms_core::{Error, ErrorKind};
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::multipart::{Form, Part as WirePart};
use url::Url;

use crate::client::Inner;
use crate::request::{Payload, Request};
use crate::response::{Body, Live};
use crate::{Method, Outgoing, Redirects, Safety, target};

pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) url: Url,
    pub(crate) body: Body,
}

type Source = Box<dyn StdError + Send + Sync>;

pub(crate) enum Failure {
    /// No connection: surely nothing was sent.
    NotSent(Source),
    /// The request may have arrived; the status is known if the answer broke off in its body.
    Lost { status: Option<u16>, source: Source },
    /// No answer in time, although the request may have arrived.
    TimedOut,
    /// Our own refusal to send or to go on; not to be repeated.
    Refused(Error),
}

/// Sends once, within `time`, and reads the answer.
pub(crate) async fn attempt(
    client: &Inner,
    request: &Request,
    outgoing: Option<&Outgoing>,
    time: Duration,
) -> Result<Raw, Failure> {
    match tokio::time::timeout(time, follow(client, request, outgoing)).await {
        Ok(result) => result,
        Err(_) => Err(Failure::TimedOut),
    }
}

async fn follow(client: &Inner, request: &Request, outgoing: Option<&Outgoing>) -> Result<Raw, Failure> {
    let most = match client.redirects {
        // The target of a redirected write cannot be known to mean the same write.
        Redirects::Follow(most)
            if request.safety == Safety::Read && matches!(request.payload, Payload::None) =>
        {
            most
        }
        Redirects::Follow(_) | Redirects::Return => 0,
    };
    let mut url = request.url.clone();
    let mut hops = 0;
    loop {
        let answer = send(client, request, outgoing, &url).await?;
        let location = answer.headers.get(LOCATION).filter(|_| (300..400).contains(&answer.status));
        let (Some(location), true) = (location, most > 0) else {
            return read(client, request, answer, url).await;
        };
        if request.expected.contains(&answer.status) {
            return read(client, request, answer, url).await;
        }
        hops += 1;
        let next = location.to_str().ok().and_then(|location| url.join(location).ok());
        url = match next {
            _ if hops > most => return Err(refused(format!("more than {most} redirects in a row"))),
            Some(next) if !matches!(next.scheme(), "http" | "https") => {
                return Err(refused("redirected to something that is not http or https"));
            }
            Some(next) if url.scheme() == "https" && next.scheme() == "http" => {
                let to = target::origin(&next);
                return Err(refused(format!("redirected from https to plain http, {to}; not followed")));
            }
            Some(next) => next,
            None => return Err(refused("redirected to something that is not a URL")),
        };
    }
}

fn refused(why: impl Into<String>) -> Failure {
    Failure::Refused(Error::new(ErrorKind::Protocol, why))
}

/// An answer whose body has not been read yet.
struct Incoming {
    status: u16,
    headers: HeaderMap,
    wire: reqwest::Response,
}

async fn send(
    client: &Inner,
    request: &Request,
    outgoing: Option<&Outgoing>,
    url: &Url,
) -> Result<Incoming, Failure> {
    let mut wire = client.http.request(method(request.method)?, url.clone());
    if target::same_origin(url, &client.base_url) {
        let mut headers = request.headers.clone();
        if let Some(outgoing) = outgoing {
            for (name, value) in outgoing.headers() {
                headers.insert(name, value.clone());
            }
        }
        wire = wire.headers(headers);
    }
    wire = match &request.payload {
        Payload::None => wire,
        Payload::Whole { body, content_type } => wire.header(CONTENT_TYPE, content_type).body(body.clone()),
        Payload::Multipart(parts) => wire.multipart(form(parts)?),
    };
    client.counters.count(request.safety);
    let mut wire = wire.send().await.map_err(|e| failure(e.without_url()))?;
    Ok(Incoming { status: wire.status().as_u16(), headers: std::mem::take(wire.headers_mut()), wire })
}

fn method(method: Method) -> Result<reqwest::Method, Failure> {
    reqwest::Method::from_bytes(method.name().as_bytes()).map_err(|_| {
        Failure::Refused(
            Error::new(ErrorKind::Config, "not an HTTP method").on(method.name().escape_default()),
        )
    })
}

fn form(parts: &[crate::Part]) -> Result<Form, Failure> {
    let mut form = Form::new();
    for part in parts {
        let mut wire = WirePart::stream_with_length(part.body.clone(), part.body.len() as u64);
        if let Some(filename) = &part.filename {
            wire = wire.file_name(filename.clone());
        }
        if let Some(content_type) = &part.content_type {
            wire = wire.mime_str(content_type).map_err(|_| {
                Failure::Refused(
                    Error::new(ErrorKind::Config, "not a media type").on(content_type.escape_debug()),
                )
            })?;
        }
        form = form.part(part.name.clone(), wire);
    }
    Ok(form)
}

fn failure(error: reqwest::Error) -> Failure {
    if error.is_builder() {
        Failure::Refused(Error::new(ErrorKind::Config, "the request cannot be built").with_source(error))
    } else if error.is_connect() {
        Failure::NotSent(error.into())
    } else if error.is_timeout() {
        Failure::TimedOut
    } else {
        Failure::Lost { status: None, source: error.into() }
    }
}

async fn read(client: &Inner, request: &Request, incoming: Incoming, url: Url) -> Result<Raw, Failure> {
    let Incoming { status, headers, mut wire } = incoming;
    let max = request.max_body.unwrap_or(client.limits.max_body);
    if request.streaming && (200..300).contains(&status) {
        let between = request.per_attempt.unwrap_or(client.limits.per_attempt);
        let live = Live { wire, between, left: max, max };
        return Ok(Raw { status, headers, url, body: Body::Live(live) });
    }
    let mut whole = BytesMut::new();
    loop {
        match wire.chunk().await {
            Ok(None) => break,
            Ok(Some(piece)) if (whole.len() + piece.len()) as u64 <= max => whole.extend_from_slice(&piece),
            // The beginning of an error page says enough.
            Ok(Some(_)) if status >= 400 => break,
            Ok(Some(_)) => return Err(Failure::Refused(too_long(max).with_status(status))),
            // A refusal stands even if its explanation broke off.
            Err(_) if (400..500).contains(&status) => break,
            Err(e) => return Err(Failure::Lost { status: Some(status), source: e.without_url().into() }),
        }
    }
    Ok(Raw { status, headers, url, body: Body::Whole(whole.freeze()) })
}

pub(crate) fn too_long(max: u64) -> Error {
    Error::new(ErrorKind::Protocol, format!("the answer is longer than {max} bytes; the limit can be raised"))
}
