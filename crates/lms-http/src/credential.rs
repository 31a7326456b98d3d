//! How a request proves who sends it.

use std::fmt::{self, Debug};

use async_trait::async_trait;
use lms_core::{Error, ErrorKind, Result, Secret};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::Method;

/// Gives requests their credentials. Asked again for each attempt.
#[async_trait]
pub trait Credential: Debug + Send + Sync {
    /// Sets what the request needs, getting a token or a session first if there is none. Must not
    /// send through the client that it serves, whose turns may all be taken by those who wait for
    /// this credential; a client of its own may share the cookies ([`crate::Cookies::Shared`]).
    ///
    /// # Errors
    /// Why there are no credentials; the request is then not sent.
    async fn apply(&self, request: &mut Outgoing) -> Result<()>;

    /// The server did not accept the credentials of `sent` (status 401, or an answer that the
    /// dialect reads as [`ErrorKind::Unauthenticated`]). Invalidates what was used, unless it has
    /// been replaced since ([`Outgoing::mark`] tells), and says whether sending once more, with
    /// other credentials, is worth it.
    async fn rejected(&self, sent: &Outgoing) -> bool;
}

/// A request about to leave for the client's own origin, as far as a credential may see and
/// change it.
pub struct Outgoing {
    method: Method,
    url: Url,
    headers: HeaderMap,
    mark: u64,
}

impl Outgoing {
    pub(crate) fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), mark: 0 }
    }

    /// The HTTP method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Where it goes.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Sets a header, replacing one of that name that the caller may have given.
    ///
    /// # Errors
    /// `Config` when name or value cannot stand in a header; the value is not quoted.
    pub fn set_header(&mut self, name: &str, value: &Secret) -> Result<()> {
        let (name, value) = header(name, value.expose())?;
        self.headers.insert(name, value);
        Ok(())
    }

    /// Leaves a number that comes back in [`Credential::rejected`]: the generation of a token.
    pub fn set_mark(&mut self, mark: u64) {
        self.mark = mark;
    }

    /// The number left by [`Outgoing::set_mark`]; 0 if none was.
    pub fn mark(&self) -> u64 {
        self.mark
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, url, headers, mark } = self;
        f.debug_struct("Outgoing")
            .field("method", method)
            .field("path", &url.path())
            .field("headers", &headers.keys().collect::<Vec<_>>())
            .field("mark", mark)
            .finish()
    }
}

/// A header that prints no value.
pub(crate) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let header: HeaderName = name
        .parse()
        .map_err(|_| Error::new(ErrorKind::Config, "not a header name").on(name.escape_default()))?;
    let mut value = HeaderValue::from_bytes(value.as_bytes())
        .map_err(|_| Error::new(ErrorKind::Config, "the value cannot stand in a header").on(&header))?;
    value.set_sensitive(true);
    Ok((header, value))
}

/// A token that somebody else obtained, sent as `Authorization: SCHEME TOKEN`.
///
/// It is sent as it is, for as long as it is held: whether and when it ends, as a JWT does, is known
/// to whoever obtained it. The platform's 401 is then the answer; nothing is renewed or replayed.
/// Tokens that renew themselves come from [`crate::OAuth`].
#[derive(Debug, Clone)]
pub struct StaticToken {
    scheme: String,
    token: Secret,
}

impl StaticToken {
    /// A token sent under `scheme`: `Bearer`, `JWT`, `Token`, …. Open edX takes a JWT under `JWT` and
    /// an opaque token under `Bearer`, and refuses each under the other's name (reference openedx.md 1.3).
    pub fn new(scheme: impl Into<String>, token: impl Into<Secret>) -> Self {
        Self { scheme: scheme.into(), token: token.into() }
    }

    /// A token sent as `Bearer`.
    pub fn bearer(token: impl Into<Secret>) -> Self {
        Self::new("Bearer", token)
    }
}

#[async_trait]
impl Credential for StaticToken {
    async fn apply(&self, request: &mut Outgoing) -> Result<()> {
        set_authorization(request, &self.scheme, &self.token)
    }

    async fn rejected(&self, _sent: &Outgoing) -> bool {
        false
    }
}

pub(crate) fn set_authorization(request: &mut Outgoing, scheme: &str, token: &Secret) -> Result<()> {
    request.set_header(AUTHORIZATION.as_str(), &Secret::new(format!("{scheme} {}", token.expose())))
}
