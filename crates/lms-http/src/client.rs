//! The client: one origin, one account.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lms_core::{Platform, Secret};
use url::Url;

use crate::budget::Budget;
use crate::observe::Counters;
use crate::pace::Lane;
use crate::wire::Wire;
use crate::{
    Cassette, ClientBuilder, Clock, CookieJar, Credential, Dialect, Limits, Method, Observer, Redirects,
    RequestBuilder, RetryPolicy, Route, Safety, Stats, target,
};

/// Sends requests to one origin for one account. Cheap to clone; clones share connections,
/// cookies, limits and counters.
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) platform: Platform,
    pub(crate) base_url: Url,
    pub(crate) http: Wire,
    pub(crate) credential: Option<Arc<dyn Credential>>,
    pub(crate) dialect: Arc<dyn Dialect>,
    pub(crate) retry: RetryPolicy,
    pub(crate) limits: Limits,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) cassette: Option<Cassette>,
    pub(crate) cookies: Option<CookieJar>,
    pub(crate) redirects: Redirects,
    pub(crate) lane: Arc<Lane>,
    pub(crate) budget: Budget,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) counters: Counters,
}

impl Client {
    /// Starts a client for `base_url`, which may have a path; `platform` is named in errors.
    pub fn builder(platform: Platform, base_url: Url) -> ClientBuilder {
        ClientBuilder::new(platform, base_url)
    }

    /// The address below which paths are taken.
    pub fn base_url(&self) -> &Url {
        &self.0.base_url
    }

    /// The platform named in errors.
    pub fn platform(&self) -> Platform {
        self.0.platform
    }

    /// A request to a [`Route`] below the base; text without ids will do for one. An absolute URL
    /// ([`Route::given`]) must have the same origin: any other fails with `Protocol` when it is to be sent.
    pub fn request(&self, method: Method, route: impl Into<Route>, safety: Safety) -> RequestBuilder {
        RequestBuilder::new(self.clone(), method, route.into(), safety)
    }

    /// A GET that changes nothing.
    pub fn get(&self, route: impl Into<Route>) -> RequestBuilder {
        self.request(Method::Get, route, Safety::Read)
    }

    /// How long so many calls of an operation take at least, by the limits of the platform that are known
    /// beforehand and by what its answers have taught since. The server's own time is not in it. Sends
    /// nothing.
    pub fn planned(&self, operation: &str, calls: u64) -> Duration {
        self.0.lane.planned(operation, calls, self.0.clock.now())
    }

    /// Requests sent so far, over all clones.
    pub fn stats(&self) -> Stats {
        self.0.counters.stats()
    }

    /// The value of a cookie that would go to the base URL, such as `csrftoken`; `None` if there is
    /// none or cookies are ignored.
    pub fn cookie(&self, name: &str) -> Option<Secret> {
        self.0.cookies.as_ref()?.get(&self.0.base_url, name)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("platform", &self.0.platform)
            .field("origin", &target::origin(&self.0.base_url))
            .field("credential", &self.0.credential)
            .field("dialect", &self.0.dialect)
            .finish_non_exhaustive()
    }
}
