//! A request in the making.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::time::Duration;

use bytes::Bytes;
use lms_core::{Error, ErrorKind, Result};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::{Client, Part, Response, Route, Safety, credential, send, target};

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// GET.
    Get,
    /// HEAD.
    Head,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
    /// OPTIONS.
    Options,
    /// Any other, such as WebDAV's `"PROPFIND"`.
    Other(&'static str),
}

impl Method {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Other(name) => name,
        }
    }
}

impl Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Payload {
    None,
    Whole { body: Bytes, content_type: HeaderValue },
    Multipart(Vec<Part>),
}

/// All that is needed to send a request, as often as it takes.
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// How the path is called in logs.
    pub(crate) route: Cow<'static, str>,
    pub(crate) safety: Safety,
    pub(crate) operation: &'static str,
    pub(crate) resource: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
    pub(crate) anonymous: bool,
    pub(crate) sensitive: bool,
    pub(crate) streaming: bool,
    pub(crate) expected: Vec<u16>,
    pub(crate) max_body: Option<u64>,
    pub(crate) per_attempt: Option<Duration>,
}

/// A request in the making. Nothing is sent before [`RequestBuilder::send`] is awaited; mistakes in
/// the making are reported there.
#[must_use = "a request does nothing until it is sent"]
pub struct RequestBuilder {
    client: Client,
    request: Result<Request>,
    operation: &'static str,
    resource: Option<String>,
}

impl RequestBuilder {
    pub(crate) fn new(client: Client, method: Method, route: Route, safety: Safety) -> Self {
        let target =
            route.finish().and_then(|(path, route)| Ok((target::resolve(client.base_url(), &path)?, route)));
        let request = target.map(|(url, route)| Request {
            method,
            url,
            route,
            safety,
            operation: "",
            resource: None,
            headers: HeaderMap::new(),
            payload: Payload::None,
            anonymous: false,
            sensitive: false,
            streaming: false,
            expected: Vec::new(),
            max_body: None,
            per_attempt: None,
        });
        Self { client, request, operation: "", resource: None }
    }

    /// Names the operation for errors, logs and observers: `"courses.list"`.
    pub fn operation(mut self, operation: &'static str) -> Self {
        self.operation = operation;
        self
    }

    /// Names the thing concerned for errors: `"course 67"`. Default: method and route.
    pub fn resource(mut self, resource: impl Display) -> Self {
        self.resource = Some(resource.to_string());
        self
    }

    /// Adds `name=value` to the query, escaped. May be called again with the same name.
    pub fn query(self, name: &str, value: impl ToString) -> Self {
        self.change(|request| {
            request.url.query_pairs_mut().append_pair(name, &value.to_string());
            Ok(())
        })
    }

    /// Sets a header. Its value is never logged or shown.
    pub fn header(self, name: &str, value: impl AsRef<str>) -> Self {
        self.change(|request| {
            let (name, value) = credential::header(name, value.as_ref())?;
            request.headers.insert(name, value);
            Ok(())
        })
    }

    /// Says that the answer is wanted as JSON, to an address that shows people a page.
    pub fn accept_json(self) -> Self {
        self.header("Accept", "application/json")
    }

    /// Sends `body` as JSON.
    pub fn json(self, body: &(impl Serialize + ?Sized)) -> Self {
        self.change(|request| {
            let body = serde_json::to_vec(body)
                .map_err(|e| Error::invalid("the request cannot be written as JSON").with_source(e))?;
            let content_type = HeaderValue::from_static("application/json");
            request.payload = Payload::Whole { body: body.into(), content_type };
            Ok(())
        })
    }

    /// Sends the pairs as `application/x-www-form-urlencoded`.
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        self.change(|request| {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            let body = form.extend_pairs(pairs).finish();
            let content_type = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.payload = Payload::Whole { body: body.into(), content_type };
            Ok(())
        })
    }

    /// Sends the parts as `multipart/form-data`.
    pub fn multipart(self, parts: Vec<Part>) -> Self {
        self.change(|request| {
            request.payload = Payload::Multipart(parts);
            Ok(())
        })
    }

    /// Sends `body` as it is.
    pub fn body(self, body: impl Into<Bytes>, content_type: &str) -> Self {
        self.change(|request| {
            let content_type = HeaderValue::from_str(content_type)
                .map_err(|_| Error::new(ErrorKind::Config, "not a media type"))?;
            request.payload = Payload::Whole { body: body.into(), content_type };
            Ok(())
        })
    }

    /// Sends no credential. Cookies are sent if the client keeps them.
    pub fn anonymous(self) -> Self {
        self.change(|request| {
            request.anonymous = true;
            Ok(())
        })
    }

    /// Neither request nor answer is ever logged or quoted in an error. For passwords and tokens.
    pub fn sensitive(self) -> Self {
        self.change(|request| {
            request.sensitive = true;
            Ok(())
        })
    }

    /// Statuses that are no error, whatever the dialect says.
    pub fn expect(self, statuses: &[u16]) -> Self {
        self.change(|request| {
            request.expected.extend_from_slice(statuses);
            Ok(())
        })
    }

    /// Leaves the body of a 2xx answer on the wire, to be read with [`Response::stream`]. The
    /// dialect does not see it, and an answer that breaks off is not fetched again.
    pub fn streaming(self) -> Self {
        self.change(|request| {
            request.streaming = true;
            Ok(())
        })
    }

    /// Another bound on the answer's length, in bytes, than [`crate::Limits::max_body`].
    pub fn max_body(self, bytes: u64) -> Self {
        self.change(|request| {
            request.max_body = Some(bytes);
            Ok(())
        })
    }

    /// Another bound on the time of one attempt than [`crate::Limits::per_attempt`]; if it is longer
    /// than [`crate::Limits::overall`], it replaces that as well. For long uploads and exports.
    pub fn per_attempt(self, time: Duration) -> Self {
        self.change(|request| {
            request.per_attempt = Some(time);
            Ok(())
        })
    }

    /// Sends the request, repeating it as its safety allows.
    ///
    /// # Errors
    /// What the dialect reads in the answer; [`ErrorKind::OutcomeUnknown`] when the answer to a
    /// [`Safety::Once`] request was lost; `Unavailable`, `Timeout` or `RateLimited` when the
    /// patience is at its end; `Protocol`, unsent, for a path on another origin.
    pub async fn send(self) -> Result<Response> {
        let Self { client, request, operation, resource } = self;
        match request {
            Ok(mut request) => {
                (request.operation, request.resource) = (operation, resource);
                send::run(&client, &request).await
            }
            Err(error) => {
                let error = error.at(client.platform(), operation);
                Err(match resource {
                    Some(resource) if error.resource().is_none() => error.on(resource),
                    _ => error,
                })
            }
        }
    }

    /// Sends the request and reads the answer as JSON, whatever media type it claims.
    ///
    /// # Errors
    /// As [`RequestBuilder::send`], and `Protocol` with the JSON path when the answer does not fit.
    pub async fn send_json<T: DeserializeOwned>(self) -> Result<T> {
        self.send().await?.json().await
    }

    /// The client's own address.
    pub(crate) fn base_url(&self) -> &Url {
        self.client.base_url()
    }

    /// The same request for another address, or the error for which it is not sent.
    pub(crate) fn readdress(self, url: Result<Option<Url>>) -> Self {
        self.change(|request| {
            if let Some(url) = url? {
                request.url = url;
            }
            Ok(())
        })
    }

    fn change(mut self, change: impl FnOnce(&mut Request) -> Result<()>) -> Self {
        self.request = self.request.and_then(|mut request| change(&mut request).map(|()| request));
        self
    }
}

impl fmt::Debug for RequestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("RequestBuilder");
        out.field("operation", &self.operation).field("resource", &self.resource);
        match &self.request {
            Ok(request) => {
                let names: Vec<&HeaderName> = request.headers.keys().collect();
                out.field("method", &request.method)
                    .field("route", &request.route)
                    .field("safety", &request.safety)
                    .field("headers", &names);
            }
            Err(error) => {
                out.field("error", error);
            }
        }
        out.finish_non_exhaustive()
    }
}
