//! One attempt on the wire, redirects included. The only module that sends.

use std::error::Error as StdError;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use lms_core::{Error, ErrorKind};
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use url::Url;

use crate::cassette::{Cassette, Played, Recording, Take};
use crate::client::Inner;
use crate::part::form;
use crate::request::{Payload, Request};
use crate::response::{Body, Live};
use crate::{Method, Outgoing, Redirects, Safety, target};

pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) url: Url,
    pub(crate) body: Body,
}

pub(crate) type Source = Box<dyn StdError + Send + Sync>;

pub(crate) enum Failure {
    /// No connection: surely nothing was sent.
    NotSent(Source),
    /// The request may have arrived; the status is known if the answer broke off in its body.
    Lost { status: Option<u16>, source: Source },
    /// No answer in time, or none to its end, although the request may have arrived.
    TimedOut { status: Option<u16> },
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
    let mut take = client.cassette.as_ref().map(Cassette::take);
    let begun = AtomicU16::new(0);
    let result = tokio::time::timeout(time, follow(client, request, outgoing, &mut take, &begun)).await;
    let status = Some(begun.into_inner()).filter(|status| *status != 0);
    match result {
        Ok(Err(Failure::TimedOut { status: None })) => Err(Failure::TimedOut { status }),
        Ok(result) => result,
        Err(_) => {
            if let Some(take) = &take {
                take.timed_out();
            }
            Err(Failure::TimedOut { status })
        }
    }
}

/// `begun` is told the status of an answer that has begun, for the case that it does not end.
async fn follow(
    client: &Inner,
    request: &Request,
    outgoing: Option<&Outgoing>,
    take: &mut Option<Take>,
    begun: &AtomicU16,
) -> Result<Raw, Failure> {
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
        let answer = send(client, request, outgoing, take, &url).await?;
        begun.store(answer.status, Ordering::Relaxed);
        let refused = |why| Failure::Refused(Error::new(ErrorKind::Protocol, why).with_status(answer.status));
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
                return Err(refused("redirected to something that is not http or https".to_owned()));
            }
            Some(next) if url.scheme() == "https" && next.scheme() == "http" => {
                let to = target::origin(&next);
                return Err(refused(format!("redirected from https to plain http, {to}; not followed")));
            }
            Some(next) => next,
            None => return Err(refused("redirected to something that is not a URL".to_owned())),
        };
    }
}

/// An answer whose body has not been read yet.
pub(crate) struct Incoming {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Pieces,
}

/// Where the pieces of a body come from.
pub(crate) enum Pieces {
    /// From the wire.
    Wire(reqwest::Response),
    /// From the wire, and into a cassette.
    Recorded(Box<Recording>),
    /// From a cassette.
    Played(Played),
}

/// Why there is no further piece, although the body has not ended.
pub(crate) enum Broken {
    /// The connection broke.
    Off(Source),
    /// It did not come in time.
    TimedOut,
    /// There is none to be had, in the cassette.
    Refused(Error),
}

impl Pieces {
    /// The next piece; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        match self {
            Self::Wire(wire) => wire.chunk().await.map_err(|e| Broken::Off(e.without_url().into())),
            Self::Recorded(recording) => recording.next().await,
            Self::Played(played) => played.next(),
        }
    }

    /// Somebody has waited for the next one too long.
    pub(crate) fn timed_out(&mut self) {
        if let Self::Recorded(recording) = self {
            recording.timed_out();
        }
    }
}

async fn send(
    client: &Inner,
    request: &Request,
    outgoing: Option<&Outgoing>,
    take: &mut Option<Take>,
    url: &Url,
) -> Result<Incoming, Failure> {
    let wire = client.http.client().map_err(|e| {
        let error = Error::new(ErrorKind::Config, "the HTTP client cannot be made");
        Failure::Refused(error.with_source(e))
    })?;
    let mut wire = wire.request(method(request.method)?, url.clone());
    let mut headers = HeaderMap::new();
    if target::same_origin(url, &client.base_url) {
        headers.clone_from(&request.headers);
        if let Some(outgoing) = outgoing {
            for (name, value) in outgoing.headers() {
                headers.insert(name, value.clone());
            }
        }
    }
    if take.is_some() {
        wire = wire.headers(headers.clone());
    } else {
        wire = wire.headers(std::mem::take(&mut headers));
    }
    wire = match &request.payload {
        Payload::None => wire,
        Payload::Whole { body, content_type } => wire.header(CONTENT_TYPE, content_type).body(body.clone()),
        Payload::Multipart(parts) => wire.multipart(form(parts).await.map_err(Failure::Refused)?),
    };
    client.counters.count(request.safety);
    if let Some(take) = take {
        return take.exchange(client, request, &headers, url, wire).await;
    }
    let mut wire = wire.send().await.map_err(failure)?;
    let headers = std::mem::take(wire.headers_mut());
    Ok(Incoming { status: wire.status().as_u16(), headers, body: Pieces::Wire(wire) })
}

fn method(method: Method) -> Result<reqwest::Method, Failure> {
    reqwest::Method::from_bytes(method.name().as_bytes()).map_err(|_| {
        Failure::Refused(
            Error::new(ErrorKind::Config, "not an HTTP method").on(method.name().escape_default()),
        )
    })
}

pub(crate) fn failure(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    if error.is_builder() {
        Failure::Refused(Error::new(ErrorKind::Config, "the request cannot be built").with_source(error))
    } else if error.is_connect() {
        Failure::NotSent(error.into())
    } else if error.is_timeout() {
        Failure::TimedOut { status: None }
    } else {
        Failure::Lost { status: None, source: error.into() }
    }
}

async fn read(client: &Inner, request: &Request, incoming: Incoming, url: Url) -> Result<Raw, Failure> {
    let Incoming { status, headers, body: mut pieces } = incoming;
    let max = request.max_body.unwrap_or(client.limits.max_body);
    if request.streaming && (200..300).contains(&status) {
        let between = request.per_attempt.unwrap_or(client.limits.per_attempt);
        let live = Live { pieces, between, left: max, max };
        return Ok(Raw { status, headers, url, body: Body::Live(live) });
    }
    let mut whole = BytesMut::new();
    loop {
        match pieces.next().await {
            Ok(None) => break,
            Ok(Some(piece)) if (whole.len() + piece.len()) as u64 <= max => whole.extend_from_slice(&piece),
            // The beginning of an error page says enough.
            Ok(Some(piece)) if status >= 400 => {
                let left = usize::try_from(max).unwrap_or(usize::MAX).saturating_sub(whole.len());
                whole.extend_from_slice(piece.get(..left).unwrap_or(&piece));
                break;
            }
            Ok(Some(_)) => return Err(Failure::Refused(too_long(max).with_status(status))),
            Err(Broken::TimedOut) => return Err(Failure::TimedOut { status: Some(status) }),
            Err(Broken::Refused(error)) => return Err(Failure::Refused(error.with_status(status))),
            // A refusal stands even if its explanation broke off.
            Err(Broken::Off(_)) if (400..500).contains(&status) => break,
            Err(Broken::Off(source)) => return Err(Failure::Lost { status: Some(status), source }),
        }
    }
    Ok(Raw { status, headers, url, body: Body::Whole(whole.freeze()) })
}

pub(crate) fn too_long(max: u64) -> Error {
    Error::new(ErrorKind::Protocol, format!("the answer is longer than {max} bytes; the limit can be raised"))
}
